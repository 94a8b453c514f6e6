"""Figures counted from the register, never typed: each is a number of lines over a number of lines (S004-24)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from workflows.processes.petition.register import petition_register

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import Connection

_line = petition_register.c
_DUE = (
    select(_line.case_id, (_line.outcome.is_not(None) & _line.answered_on.is_not(None)).label("handled"))
    .where(
        _line.county_id == bindparam("b_county"),
        _line.due_on >= bindparam("b_start"),
        _line.due_on <= bindparam("b_end"),
        _line.state != "joined",
    )
    .order_by(_line.case_id)
)


@dataclass(frozen=True)
class Rate:
    """Items that count over items asked about; the ids behind both."""

    counted: tuple[int, ...]
    of: tuple[int, ...]

    @property
    def percent(self) -> Decimal | None:
        """With two places, cut and not rounded up: 100.00 is said of nothing but all; None when there was nothing."""
        if not self.of:
            return None
        return Decimal(len(self.counted) * 10000 // len(self.of)) / 100


def handled(connection: Connection, county_id: int, start: date, end: date) -> Rate:
    """Items with an outcome and an answer, of those whose last day lies in the period, both days included (S004-24)."""
    rows = connection.execute(_DUE, {"b_county": county_id, "b_start": start, "b_end": end}).all()
    return Rate(tuple(row.case_id for row in rows if row.handled), tuple(row.case_id for row in rows))
