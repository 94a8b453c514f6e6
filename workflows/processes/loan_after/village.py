"""How the loans of a village stand: while too many of them are in default, new ones need the county's own word (P1 step 13)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import case, func, or_, select
from sqlalchemy.sql import bindparam

from engine.messages import N_, Message
from workflows.processes.loan_after import policy
from workflows.processes.loan_after.register import loan_book

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import Connection

_BAD = or_(loan_book.c.state == "defaulted", (loan_book.c.state == "running") & (loan_book.c.band == "DEFAULT"))
_COUNT = select(func.count().label("loans"), func.coalesce(func.sum(case((_BAD, 1), else_=0)), 0).label("bad")).where(
    loan_book.c.unit_id == bindparam("b_unit")
)


@dataclass(frozen=True)
class Standing:
    """The loans ever paid out in a village, those in default or compensated among them, and the limit of the county (%)."""

    loans: int
    bad: int
    limit: Decimal

    @property
    def above(self) -> bool:
        """Whether the default rate exceeds the limit; exactly the limit does not."""
        return Decimal(self.bad * 100) > self.limit * self.loans

    @property
    def message(self) -> Message:
        """The rate with its numbers, the limit, and what follows."""
        rate = f"{Decimal(self.bad * 100) / self.loans:.2f}" if self.loans else "0.00"
        text = N_("本村贷款 {loans} 笔，违约 {bad} 笔，违约率 {rate}%，超过 {limit}%：新的推荐须由县妇联专门研究同意")
        return Message(text, {"loans": self.loans, "bad": self.bad, "rate": rate, "limit": self.limit})


def standing(connection: Connection, unit_id: int, county_id: int, on: date) -> Standing:
    """How a village stands by the rules of a day."""
    row = connection.execute(_COUNT, {"b_unit": unit_id}).one()
    limit = policy.in_force(connection, county_id, on).parameters.decimal("villageDefaultRate")
    return Standing(int(row.loans), int(row.bad), limit)
