"""What tests read back from a loan: its register line, the page that opens, the notices left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine.model import notice
from engine.queries.task_page import task_page
from tests.workflows.processes.loan.house import codes
from workflows.processes.loan.register import loan_register

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.process_type import Problems
    from tests.workflows.processes.loan.house import LoanHouse


def line(house: LoanHouse, case_id: int) -> Any:
    return house.row(select(loan_register).where(loan_register.c.case_id == case_id))


def notes(house: LoanHouse, case_id: int, login: str) -> tuple[dict[str, Any], Sequence[str]]:
    """What the open form starts with, and the sentences above it."""
    with house.runtime.reading() as connection:
        page = task_page(house.runtime, connection, house.actor(login), house.open_task(case_id).id)
    return dict(page.answers), [str(m) for m in page.notes]


def kinds(house: LoanHouse, case_id: int) -> list[tuple[str, str]]:
    """(post, kind) of the notices left for a case."""
    with house.runtime.reading() as connection:
        rows = connection.execute(select(notice).where(notice.c.case_id == case_id).order_by(notice.c.id))
        return [(row.post, row.kind) for row in rows]


def code_at(problems: Problems, path: str) -> set[str]:
    assert set(problems) == {path}
    return codes(problems)
