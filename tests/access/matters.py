"""Matters of the rights department: a petition (C2), and the protection case (C3) that began in another one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine.commands.cases import start_case
from engine.commands.papers import add_paper
from engine.model import case_file
from tests.workflows.processes.loan.examples import PNG
from tests.workflows.processes.petition import examples

if TYPE_CHECKING:
    from tests.workflows.processes.loan.house import LoanHouse


def petition(house: LoanHouse, **told: Any) -> int:
    """Taken in by v1chair about a matter of her village, with a letter; it waits for her to say which way it goes."""
    opened = house.act(start_case, "v1chair", kind="petition")
    house.act(add_paper, "v1chair", task_id=opened["task_id"], field="evidence", name="a.png", content=PNG)
    today = house.clock.at.date().isoformat()
    house.submit(opened["case_id"], "v1chair", examples.register(house.unit("V1"), today, **told))
    return int(opened["case_id"])


def protection(house: LoanHouse) -> int:
    """What v1chair's tick on a petition has opened; she is of its team, and nobody is in charge yet."""
    petition(house, idcard=None, name="白杨", phone="13900000012", violence=True)
    opened = select(case_file.c.id).where(case_file.c.kind == "dv_case")
    return int(house.row(opened).id)
