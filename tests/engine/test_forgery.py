"""A forger who can write every table and recompute every plain digest, but has no key file, is found out all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import delete, insert, select, update

from engine import audit
from engine.commands.cases import start_case
from engine.commands.papers import add_paper, remove_paper
from engine.model import case_file, case_share, definition, history, instance, read_log
from engine.model import number_series as series
from engine.model_filed import document, form_version
from tests.engine.acting import read, written
from tests.engine.test_audit import faults, tamper
from tests.engine.test_documents import picture
from tests.engine.toy import READER, TOY, WRITER, ToyHouse

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

Rows = list[dict[str, Any]]


@pytest.fixture
def told(house: ToyHouse) -> ToyHouse:
    """Three cases: two finished with a paper each, one waiting for its reader."""
    for _ in range(2):
        task_id = written(house)
        house.act(add_paper, READER, task_id=task_id, field="photo", name="a.png", content=picture())
        read(house, task_id)
    written(house)
    return house


def rewrite(house: ToyHouse, case_id: int, forge: Callable[[Rows], Rows]) -> None:
    """Let the forger change the entries of a case, then recompute numbering, links, hashes and the head as she reads them here."""
    with house.runtime.database.engine.connect() as connection:
        wanted = select(history).where(history.c.case_id == case_id).order_by(history.c.seq)
        rows = forge([dict(row) for row in connection.execute(wanted).mappings()])
        connection.execute(delete(history).where(history.c.case_id == case_id))
        previous = ""
        for seq, row in enumerate(rows, 1):
            row.update(seq=seq, previous=previous)
            row["hash"] = previous = audit.entry_hash(row)
            connection.execute(insert(history), {k: v for k, v in row.items() if k != "id"})
        head = {"last_seq": len(rows), "last_hash": previous}
        connection.execute(update(case_file).where(case_file.c.id == case_id).values(head))
        connection.commit()


def another_actor(rows: Rows) -> Rows:
    rows[2]["actor_id"] = 99
    return rows


def another_time(rows: Rows) -> Rows:
    rows[2]["at"] = rows[1]["at"].replace(year=2025)
    return rows


def without_one(rows: Rows) -> Rows:
    return rows[:2] + rows[3:]


def one_twice(rows: Rows) -> Rows:
    return [*rows[:3], dict(rows[2]), *rows[3:]]


def swapped_contents(rows: Rows) -> Rows:
    for name in ("content_sealed", "content_digest"):
        rows[1][name], rows[2][name] = rows[2][name], rows[1][name]
    return rows


@pytest.mark.parametrize("forge", [another_actor, another_time, without_one, one_twice, swapped_contents])
def test_a_chain_recomputed_by_somebody_without_the_key_is_found_out(
    told: ToyHouse, forge: Callable[[Rows], Rows]
) -> None:
    rewrite(told, 1, forge)
    assert {case_id for case_id, _ in faults(told)} == {1}


def test_a_rewriting_that_changes_nothing_is_no_forgery(told: ToyHouse) -> None:
    rewrite(told, 1, lambda rows: rows)
    assert faults(told) == []


def test_a_tail_cut_off_with_its_head_set_back_is_found_out(told: ToyHouse) -> None:
    rewrite(told, 3, lambda rows: rows[:-1])
    assert {case_id for case_id, _ in faults(told)} == {3}


def test_a_history_wiped_out_as_if_nothing_had_happened_is_found_out(told: ToyHouse) -> None:
    rewrite(told, 3, lambda _: [])
    assert 3 in {case_id for case_id, _ in faults(told)}


def test_the_history_of_one_case_given_to_another_is_found_out(told: ToyHouse) -> None:
    def taken_over(rows: Rows) -> Rows:
        with told.runtime.reading() as connection:
            other = connection.execute(select(history).where(history.c.case_id == 2).order_by(history.c.seq)).mappings()
            return [{**dict(row), "case_id": 1} for row in other]

    rewrite(told, 1, taken_over)
    assert 1 in {case_id for case_id, _ in faults(told)}


def remove_case(connection: Connection, case_id: int) -> None:
    """Every row of a case, in every table that names it."""
    for table in reversed(case_file.metadata.sorted_tables):
        if "case_id" in table.c:
            connection.execute(delete(table).where(table.c.case_id == case_id))
    connection.execute(delete(case_file).where(case_file.c.id == case_id))


@pytest.mark.parametrize("case_id", [1, 2, 3], ids=["first", "middle", "newest"])
def test_a_case_removed_with_all_its_rows_is_missed_by_its_number(told: ToyHouse, case_id: int) -> None:
    with told.runtime.database.engine.connect() as connection:
        remove_case(connection, case_id)
        connection.commit()
    assert f"T1-2026-WJ-000{case_id}" in " ".join(said(told))


def said(house: ToyHouse) -> list[str]:
    with house.runtime.reading() as connection:
        return [str(fault.why) for fault in audit.verify(connection, house.runtime.vault).faults]


def test_the_newest_case_is_missed_even_when_its_number_is_given_back(told: ToyHouse) -> None:
    with told.runtime.database.engine.connect() as connection:
        remove_case(connection, 3)
        connection.execute(update(series).values(last=series.c.last - 1))
        connection.commit()
    assert said(told)


@pytest.mark.parametrize("with_counters", [False, True])
def test_all_cases_of_a_series_removed_with_the_series_are_missed(told: ToyHouse, with_counters: bool) -> None:
    with told.runtime.database.engine.connect() as connection:
        for case_id in (1, 2):
            remove_case(connection, case_id)
        own = series.c.series.startswith("T1-")
        connection.execute(delete(series) if with_counters else delete(series).where(own))
        connection.commit()
    assert said(told)


def test_a_case_that_was_read_but_is_gone_is_named(told: ToyHouse) -> None:
    tamper(told, insert(read_log).values(at=told.clock.now(), actor_id=2, case_id=77, what="case"))
    assert (77, None) in faults(told)


CHANGES = {
    "a form moved to another": update(form_version).where(form_version.c.form == "read", form_version.c.case_id == 1).values(form="x"),
    "a form renumbered": update(form_version).where(form_version.c.form == "read", form_version.c.case_id == 1).values(number=9),
    "a form given to another author": update(form_version).where(form_version.c.case_id == 1).values(by_id=99),
    "a paper moved to another field": update(document).where(document.c.case_id == 1).values(field="other"),
    "a paper hidden": update(document).where(document.c.case_id == 1).values(removed_at=select(document.c.at).limit(1).scalar_subquery()),
    "another outcome": update(case_file).where(case_file.c.id == 1).values(outcome="withdrawn"),
    "a case opened again": update(case_file).where(case_file.c.id == 1).values(state="open"),
    "another number": update(case_file).where(case_file.c.id == 1).values(number="T1-2026-WJ-0009"),
    "another kind": update(case_file).where(case_file.c.id == 1).values(kind="petition"),
    "shown to another unit": insert(case_share).values(case_id=1, unit_id=66, since=select(document.c.at).limit(1).scalar_subquery()),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_the_history_says_of_forms_papers_and_the_case_must_be_so(told: ToyHouse, change: Any) -> None:
    tamper(told, change)
    assert 1 in {case_id for case_id, _ in faults(told)}


def test_a_paper_taken_off_by_its_owner_is_no_forgery(house: ToyHouse) -> None:
    opened = house.act(start_case, WRITER, kind="toy")
    added = house.act(add_paper, WRITER, task_id=opened["task_id"], field="photo", name="a.png", content=picture())
    house.act(remove_paper, WRITER, task_id=opened["task_id"], paper_id=added["paper_id"])
    assert faults(house) == []


def test_a_drawing_changed_behind_its_running_cases_is_found_out_in_each(told: ToyHouse) -> None:
    other = TOY.replace(b"opinion == 'RETURN'", b"opinion == 'OK'")
    tamper(told, update(definition).values(bpmn=other))
    assert {case_id for case_id, _ in faults(told)} == {0, 1, 2, 3}  # 0: the record of versions


def test_a_case_moved_to_another_drawing_is_found_out(told: ToyHouse) -> None:
    other = TOY.replace("审核".encode(), "再审".encode())
    with told.runtime.database.engine.connect() as connection:
        row = dict(connection.execute(select(definition)).mappings().one())
        connection.execute(insert(definition), {**row, "id": 2, "version": 2, "digest": "0" * 64, "bpmn": other})
        connection.execute(update(instance).where(instance.c.case_id == 2).values(definition_id=2))
        connection.commit()
    assert {case_id for case_id, _ in faults(told)} == {0, 2}  # 0: the record of versions
