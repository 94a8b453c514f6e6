"""What a scenario asks a case: where it stands, what was decided and by which rule, who was told, what the registers hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import select

from engine.audit import verify
from engine.clock import due_day
from engine.model import notice, task, timer
from engine.queries import opening
from engine.queries.case_page import case_page
from engine.queries.task_page import task_page
from tests.workflows.processes.loan.house import LoanHouse, codes
from workflows import model
from workflows.processes.loan.register import guarantee, loan_register, times_consumed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.process_type import Problems
    from engine.queries.case_page import CasePage


class Told(NamedTuple):
    """A notice: post, code of its unit, kind."""

    post: str
    unit: str
    kind: str


class Place(NamedTuple):
    """Who has a task: post, code of the unit, and in whose place and why (代办)."""

    post: str
    unit: str
    acting_for: str | None = None
    reason: str | None = None


class Reading(LoanHouse):
    """The county as its readers see it."""

    def where(self, case_id: int) -> str:
        """The steps the case waits at, joined by "+", or the end it has come to."""
        return "+".join(sorted(self.at(case_id))) or str(self.case(case_id).outcome)

    def place(self, case_id: int, element: str | None = None) -> Place:
        row = self.open_task(case_id, element)
        return Place(row.post, self.code(row.unit_id), row.acting_for, row.acting_reason)

    def code(self, unit_id: int) -> str:
        return str(self.row(select(model.unit.c.code).where(model.unit.c.id == unit_id)).code)

    def due(self, case_id: int, element: str | None = None) -> str:
        """The last day on which the open task is in time."""
        return due_day(self.open_task(case_id, element).due_at).isoformat()

    def clock_of(self, case_id: int, element: str) -> str:
        """The last day before the armed timer at an element fires."""
        armed = select(timer.c.due_at).where(
            timer.c.case_id == case_id,
            timer.c.attached_to == element,
            timer.c.state == "armed",
            timer.c.level == "broken",
        )
        return due_day(self.row(armed).due_at).isoformat()

    def entries(self, case_id: int, kind: str = "") -> list[dict[str, Any]]:
        """What the history says, of one kind or of all, with the kind and the actor beside it."""
        with self.runtime.reading() as connection:
            rows = opening.entries(connection, self.runtime.vault, case_id)
        found = [{"kind": r.kind, "actor": r.actor_id, "element": r.element, "post": r.post, **r.content} for r in rows]
        return [entry for entry in found if kind in ("", entry["kind"])]

    def decisions(self, case_id: int, table: str = "loan_eligibility") -> list[dict[str, Any]]:
        """Every decision of a table, the oldest first."""
        return [entry for entry in self.entries(case_id, "decision.made") if entry["table"] == table]

    def refusals(self, case_id: int) -> list[str]:
        """The codes of the newest D1 decision; empty means eligible."""
        return list(self.decisions(case_id)[-1]["outputs"]["code"])

    def passed(self, case_id: int) -> list[str]:
        """The user tasks that were opened, in order, each once."""
        opened = [row["element"] for entry in self.entries(case_id) for row in entry.get("opened", ())]
        return list(dict.fromkeys(opened))

    def notices(self, case_id: int) -> list[Told]:
        wanted = select(notice.c.post, notice.c.unit_id, notice.c.kind).where(notice.c.case_id == case_id)
        with self.runtime.reading() as connection:
            rows = connection.execute(wanted.order_by(notice.c.id)).all()
        return [Told(row.post, self.code(row.unit_id) if row.unit_id else "", row.kind) for row in rows]

    def line(self, case_id: int) -> Any:
        """The loan register's line."""
        return self.row(select(loan_register).where(loan_register.c.case_id == case_id))

    def consumed(self, case_id: int) -> int:
        """How many loans the woman of a case has had, this one included."""
        with self.runtime.reading() as connection:
            return times_consumed(connection, self.line(case_id).subject_hash, 0)

    def guarantees(self, case_id: int) -> dict[int, str]:
        """Slot → state of the guarantees."""
        with self.runtime.reading() as connection:
            rows = connection.execute(
                select(guarantee).where(guarantee.c.case_id == case_id).order_by(guarantee.c.slot)
            )
            return {row.slot: row.state for row in rows}

    def page(self, case_id: int, login: str = "countychair") -> CasePage:
        with self.runtime.reading() as connection:
            return case_page(self.runtime, connection, self.actor(login), case_id)

    def stored(self, case_id: int, form: str) -> dict[str, Any] | None:
        """The newest answers of a form; None when it was never submitted."""
        with self.runtime.reading() as connection:
            version = opening.newest(opening.forms(connection, self.runtime.vault, case_id)).get(form)
        return None if version is None else dict(version.answers)

    def versions(self, case_id: int, form: str) -> list[dict[str, Any]]:
        """Every version of a form, the oldest first."""
        with self.runtime.reading() as connection:
            return [dict(v.answers) for v in opening.forms(connection, self.runtime.vault, case_id) if v.form == form]

    def notes(self, case_id: int, login: str, element: str | None = None) -> Sequence[str]:
        """The sentences above the open form."""
        with self.runtime.reading() as connection:
            page = task_page(self.runtime, connection, self.actor(login), self.open_task(case_id, element).id)
        return [str(message) for message in page.notes]

    def proposed(self, case_id: int, login: str, element: str | None = None) -> dict[str, Any]:
        """What the open form starts with."""
        with self.runtime.reading() as connection:
            page = task_page(self.runtime, connection, self.actor(login), self.open_task(case_id, element).id)
        return dict(page.answers)

    def opened(self, case_id: int, element: str) -> int:
        """How often a step was opened."""
        wanted = select(task.c.id).where(task.c.case_id == case_id, task.c.element == element)
        with self.runtime.reading() as connection:
            return len(connection.execute(wanted).all())

    def is_genuine(self) -> bool:
        """Nothing in any history was edited, removed or inserted."""
        with self.runtime.reading() as connection:
            return verify(connection, self.runtime.vault).genuine


def told(problems: Problems) -> str:
    """Every sentence of refused answers, one a line."""
    return "\n".join(str(message) for found in problems.values() for message in found)


def code_at(problems: Problems, path: str) -> set[str]:
    """The codes at a path, which is the only one with problems."""
    assert set(problems) == {path}
    return codes(problems)
