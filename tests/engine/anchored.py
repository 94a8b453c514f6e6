"""A house whose log is anchored, for tests that tamper with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Table, select

from engine import audit
from engine.anchoring import make_anchor
from engine.commands.papers import add_paper
from engine.commands.reading import log_read
from engine.model import case_file, history
from tests.engine.acting import read, written
from tests.engine.test_documents import picture
from tests.engine.toy import READER

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.anchors import Anchor
    from tests.engine.toy import ToyHouse


@dataclass
class Told:
    """A house with a log, and the anchor somebody keeps outside."""

    house: ToyHouse
    kept: Anchor
    older: dict[Table, list[dict[str, Any]]]

    def found(self, *tampering: Callable[[Connection], object], kept: Anchor | None = None) -> list[str]:
        """What verification finds after a tampering, which is then undone."""
        with self.house.runtime.database.engine.connect() as connection:
            for act in tampering:
                act(connection)
            outcome = audit.verify(connection, self.house.runtime.vault, deep=True, kept=kept)
            connection.rollback()
        return [f"{fault.case_id} {fault.why}" for fault in outcome.faults]


def rows_of(connection: Connection) -> dict[Table, list[dict[str, Any]]]:
    return {t: [dict(r) for r in connection.execute(select(t)).mappings()] for t in case_file.metadata.sorted_tables}


def keep_a_log(house: ToyHouse) -> Told:
    """Two finished cases, read by somebody; an older copy of everything; then an anchor, another day, one more case, an anchor."""
    task_id = written(house)
    house.act(add_paper, READER, task_id=task_id, field="photo", name="a.png", content=picture())
    house.act(log_read, READER, case_id=1, what="case")
    make_anchor(house.runtime)
    with house.runtime.reading() as connection:
        older = rows_of(connection)
    read(house, task_id)
    written(house)
    house.act(log_read, READER, case_id=1, what="paper 1")
    house.clock.at += timedelta(days=1)
    kept = make_anchor(house.runtime)
    written(house)
    make_anchor(house.runtime)
    house.act(log_read, READER, case_id=2, what="case")
    written(house)
    return Told(house, kept, older)


def without_keys(connection: Connection) -> None:
    """Let foreign keys be broken: whoever tampers with a database can do that too."""
    sqlite = connection.dialect.name == "sqlite"
    connection.exec_driver_sql(
        "PRAGMA defer_foreign_keys=ON" if sqlite else "SET LOCAL session_replication_role = replica"
    )


def of_case(seq: int) -> Any:
    return (history.c.case_id == 1) & (history.c.seq == seq)
