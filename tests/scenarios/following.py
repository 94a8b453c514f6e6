"""The short verbs of the scenarios after the money was paid out: repay, visit, extend; and what the loan book says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine.commands.papers import add_paper
from tests.scenarios.reading import Reading
from tests.workflows.processes.loan import examples
from workflows.processes.loan_after import register as after
from workflows.processes.loan_after.register import loan_book

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from tests.scenarios.county import County


class Following(Reading):
    """What a county does with a loan that was paid out."""

    def lent(self: County, due: date | str, disbursed: date | str = "2026-06-15", **changes: Any) -> int:
        """A loan of 50 000.00 (unless `changes` of the application say otherwise) paid out that day and due on another."""
        case_id = self.until(self.apply(**changes), "T_Disburse")
        self.on(disbursed)
        self.disburse(case_id, dueOn=str(due))
        return case_id

    def repay(self: County, case_id: int, principal: str, login: str = "credit", **changes: Any) -> Mapping[str, Any]:
        """The credit union books a payment of today."""
        said = {"paidOn": self.today, "principal": principal}
        return self.submit(case_id, login, {**said, **changes}, "T_Repay")

    def visit(self: County, case_id: int, login: str = "v1chair", element: str = "T_Visit", **changes: Any) -> None:
        """A visit of today; an overdue one by the township."""
        occasion = "OVERDUE" if element == "T_TownVisit" else "REGULAR"
        said = {"occasion": occasion, "visitedOn": self.today, "met": True, "project": "GOOD", "jobsNow": "2"}
        said |= {"outlook": "ON_TIME", "note": "养殖正常，按期归还没有问题"}
        self.submit(case_id, login, {**said, **changes}, element)

    def extend(self: County, case_id: int, until: date | str, decision: str = "APPROVE", **changes: Any) -> None:
        """The borrower asks, the credit union agrees, the head of the department decides."""
        said = {"askedOn": self.today, "newDueOn": str(until), "reason": "货款下月才到账", "creditAgrees": True}
        self.submit(case_id, "credit", {**said, "guarantorsAgree": False, **changes}, "T_Extension")
        refused = {} if decision == "APPROVE" else {"reason": "项目已停办"}
        self.submit(case_id, "loanhead", {"decision": decision, **refused}, "T_ApproveExtension")

    def attach_to(self, case_id: int, login: str, element: str, field: str) -> None:
        """A paper for a field of one of several open steps."""
        row = self.open_task(case_id, element)
        self.act(add_paper, login, task_id=row.id, field=field, name="书面同意.png", content=examples.PNG)

    def book(self, case_id: int) -> Any:
        """The loan book's line."""
        return self.row(select(loan_book).where(loan_book.c.case_id == case_id))

    def bands(self, case_id: int) -> list[tuple[str, str]]:
        """(band, its first day), in order."""
        with self.runtime.reading() as connection:
            return [(row.band, row.since.isoformat()) for row in after.bands(connection, case_id)]
