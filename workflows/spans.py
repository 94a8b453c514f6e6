"""The stretches of the calendar that figures are counted for: a month, a quarter or a year (Asia/Shanghai civil dates)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

_NAMED: Final = re.compile(r"([12][0-9]{3})(?:-(?:(0[1-9]|1[0-2])|Q([1-4])))?", re.ASCII)
_MONTH, _QUARTER, _YEAR = 1, 3, 12


@dataclass(frozen=True)
class Span:
    """So many months from a first day on: 1, 3 or 12."""

    first: date
    months: int

    @classmethod
    def named(cls, text: str) -> Span:
        """Read "2026-07", "2026-Q3" or "2026"; ValueError for anything else."""
        found = _NAMED.fullmatch(text)
        if found is None:
            raise ValueError(text)
        year, month, quarter = found.groups()
        if quarter:
            return cls(date(int(year), int(quarter) * _QUARTER - 2, 1), _QUARTER)
        return cls(date(int(year), int(month or 1), 1), _MONTH if month else _YEAR)

    def __str__(self) -> str:
        if self.months == _YEAR:
            return f"{self.first.year}"
        if self.months == _QUARTER:
            return f"{self.first.year}-Q{self.first.month // _QUARTER + 1}"
        return f"{self.first:%Y-%m}"

    @property
    def last(self) -> date:
        """Its last day."""
        return self._moved(self.months) - timedelta(days=1)

    @property
    def before(self) -> Span:
        """The one of the same length that ended the day before."""
        return Span(self._moved(-self.months), self.months)

    @property
    def is_quarter(self) -> bool:
        """Whether it is three months long."""
        return self.months == _QUARTER

    def holds(self, day: date | None) -> bool:
        """Whether a day lies in it; no day lies in none."""
        return day is not None and self.first <= day <= self.last

    def _moved(self, months: int) -> date:
        years, month = divmod(self.first.month - 1 + months, 12)
        return date(self.first.year + years, month + 1, 1)
