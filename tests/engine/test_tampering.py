"""Whatever is done to the stored log behind the engine's back is found: column by column, row by row, table by table."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Table, delete, insert, select, update

from engine import audit
from engine.columns import Instant
from engine.model import case_file, history, number_series, read_log
from engine.model_audit import anchor, anchor_head, audit_log
from engine.model_versions import version_log
from tests.engine.anchored import of_case, without_keys
from tests.engine.test_forgery import remove_case

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.engine.anchored import Told

#: what the log is kept in
LOG = (history, version_log, audit_log, anchor, anchor_head, read_log, number_series)


def other(value: Any, column: Any) -> Any:
    """A value of the same kind that is not this one."""
    if isinstance(column.type, Instant):
        return value + timedelta(microseconds=1)
    if isinstance(value, bytes):
        return value[:-8] + b"AAAAAAA="
    if isinstance(value, dict | list):
        return [*value, 1] if isinstance(value, list) else {**value, "x": 1}
    if isinstance(value, int):
        return value + 1000
    if value is None:
        return {int: 7, bytes: b"x"}.get(column.type.python_type, "x")
    return ("1" if value[:1] == "0" else "0") + value[1:] if len(value) == 64 else value + "x"


def edits(connection: Connection) -> Iterator[tuple[str, Any]]:
    """Every column of every row that an anchor covers, each changed by itself. An id is its row's name only in a log of rows."""
    for table in LOG:
        names = [c for c in table.c if c.name != "id" or table is read_log]
        key = list(table.primary_key.columns)
        for row in connection.execute(select(table).order_by(*key)).mappings().all()[:1]:
            here = [column == row[column.name] for column in key]
            for column in names:
                changed = {column.name: other(row[column.name], column)}
                if table is read_log and column.name == "id":
                    changed = {"id": 99}
                yield f"{table.name}.{column.name} {dict(changed)}", update(table).where(*here).values(changed)


def test_any_column_of_the_log_changed_by_itself_is_found(told: Told) -> None:
    assert told.found() == []
    with told.house.runtime.reading() as connection:
        listed = list(edits(connection))
        if connection.dialect.name != "sqlite":  # the same code, at three times the cost: a third of them will do
            listed = listed[::3]
    assert len(listed) > 15
    unseen = [name for name, edit in listed if not told.found(without_keys, lambda c, e=edit: c.execute(e))]
    assert unseen == []


def test_what_cannot_even_be_read_is_a_finding_and_no_crash(told: Told) -> None:
    for table, row in [(version_log, {"content": {}}), (audit_log, {"content": 7}), (anchor, {"others": [[{}]]})]:
        assert told.found(lambda c, t=table, r=row: c.execute(update(t).values(r))), table.name
    if told.house.runtime.database.is_sqlite:  # which keeps whatever is put into a column
        for column in ("at", "kind", "content_sealed", "mac", "hash", "previous", "seq"):
            broken = f"UPDATE history SET {column} = 'x' WHERE case_id = 1 AND seq = 2"
            (found, *_) = told.found(lambda c, sql=broken: c.exec_driver_sql(sql))
            assert found.startswith("1 "), column


def swap(connection: Connection) -> None:
    for old, new in ((2, 900), (3, 2), (900, 3)):
        connection.execute(update(history).where(of_case(old)).values(seq=new))


def renumber(connection: Connection) -> None:
    connection.execute(delete(history).where(of_case(2)))
    for seq in range(3, 12):
        connection.execute(update(history).where(of_case(seq)).values(seq=seq - 1))


def copy(connection: Connection) -> None:
    row = dict(connection.execute(select(history).where(of_case(2))).mappings().one())
    last = connection.execute(select(case_file.c.last_seq).where(case_file.c.id == 1)).scalar_one()
    connection.execute(insert(history), {**row, "id": 999, "seq": last + 1})


def cut(connection: Connection) -> None:
    """The newest entry gone, and the head set back without the key."""
    head = connection.execute(select(case_file).where(case_file.c.id == 1)).one()
    connection.execute(delete(history).where(of_case(head.last_seq)))
    before = connection.execute(select(history.c.hash).where(of_case(head.last_seq - 1))).scalar_one()
    connection.execute(
        update(case_file).where(case_file.c.id == 1).values(last_seq=head.last_seq - 1, last_hash=before)
    )


def sql(*statements: Any) -> Callable[[Connection], None]:
    def act(connection: Connection) -> None:
        without_keys(connection)
        for statement in statements:
            connection.execute(statement)

    return act


TAMPERINGS: dict[str, Callable[[Connection], object]] = {
    "an entry deleted": sql(delete(history).where(of_case(2))),
    "two entries swapped": swap,
    "entries renumbered over a gap": renumber,
    "an entry copied to the end": copy,
    "the end cut off": cut,
    "a case removed": lambda c: (without_keys(c), remove_case(c, 2)),
    "a head replaced without the key": sql(update(case_file).where(case_file.c.id == 1).values(last_mac="0" * 64)),
    "the newest anchor removed": sql(
        delete(anchor_head).where(anchor_head.c.anchor_seq == 3), delete(anchor).where(anchor.c.seq == 3)
    ),
    "all anchors removed": sql(delete(anchor_head), delete(anchor)),
    "the heads of an anchor removed": sql(delete(anchor_head).where(anchor_head.c.anchor_seq == 3)),
    "a read forgotten": sql(delete(read_log).where(read_log.c.id == 1)),
    "all reads forgotten": sql(delete(read_log)),
    "a read invented": sql(
        insert(read_log).from_select(
            ["id", "at", "actor_id", "case_id", "what"],
            select(read_log.c.id - 1, read_log.c.at, read_log.c.actor_id, read_log.c.case_id, read_log.c.what).where(
                read_log.c.id == 1
            ),
        )
    ),
    "an audit act forgotten": sql(delete(audit_log).where(audit_log.c.seq == 1)),
    "the record of versions emptied": sql(delete(version_log)),
    "the counters emptied": sql(delete(number_series)),
}


def test_each_kind_of_tampering_is_found(told: Told) -> None:
    assert [kind for kind, act in TAMPERINGS.items() if not told.found(act)] == []


def put_back(told: Told, *tables: Table) -> Callable[[Connection], None]:
    """An older copy of some tables, keyed hashes and all."""

    def act(connection: Connection) -> None:
        without_keys(connection)
        for table in reversed(tables):
            connection.execute(delete(table))
        for table in tables:
            if told.older[table]:
                connection.execute(insert(table), told.older[table])

    return act


def test_an_older_copy_of_any_one_table_of_the_log_is_found(told: Told) -> None:
    for table in (history, audit_log, anchor, anchor_head, read_log, number_series, case_file):
        assert told.found(put_back(told, table)), table.name


def test_an_older_copy_of_everything_is_found_only_by_an_anchor_kept_outside(told: Told) -> None:
    everything = put_back(told, *case_file.metadata.sorted_tables)
    assert told.found(everything) == []
    (why,) = told.found(everything, kept=told.kept)
    assert "比所持的第 2 号审计锚旧" in why


def test_an_older_copy_of_one_whole_case_is_found_by_the_anchors(told: Told) -> None:
    def act(connection: Connection) -> None:
        without_keys(connection)
        for table in case_file.metadata.sorted_tables:
            if "case_id" in table.c and table is not anchor_head and table is not read_log:
                connection.execute(delete(table).where(table.c.case_id == 1))
                rows = [row for row in told.older[table] if row["case_id"] == 1]
                if rows:
                    connection.execute(insert(table), rows)
        connection.execute(delete(case_file).where(case_file.c.id == 1))
        connection.execute(insert(case_file), [row for row in told.older[case_file] if row["id"] == 1])

    assert any("记录被截去" in why for why in told.found(act))


def test_who_has_the_key_and_writes_history_anew_is_found_by_an_anchor_kept_outside(told: Told) -> None:
    vault = told.house.runtime.vault

    def act(connection: Connection) -> None:
        """Another author for the second entry, everything after it computed anew, the anchors thrown away and made again."""
        previous = ""
        for row in connection.execute(select(history).where(history.c.case_id == 1).order_by(history.c.seq)).mappings():
            new = {**row, "previous": previous}
            if row["seq"] == 2:
                new["element"] = "T_Other"
            new["hash"] = previous = audit.entry_hash(new)
            new["mac"] = audit.entry_mac(vault, previous)
            connection.execute(update(history).where(history.c.id == row["id"]).values(new))
        head = {"last_hash": previous, "last_mac": audit.head_mac(vault, 1, row["seq"], previous)}
        connection.execute(update(case_file).where(case_file.c.id == 1).values(head))
        connection.execute(delete(anchor_head))
        connection.execute(delete(anchor))
        connection.execute(delete(audit_log))
        connection.execute(delete(number_series).where(number_series.c.series == "*audit"))

    assert told.found(act) == []
    assert told.found(act, kept=told.kept)
