"""Interest subsidy: what a loan earns in a stretch of days by our register, and how a claim of the bank compares (B5).

Interest runs on the balance of each day from the day of disbursement to the day before the due date (算头不算尾); a payment
lowers the balance from its own day on. Days of an extension and overdue days earn none. Amount, rate and months are capped
by policy. All sums are exact; the only rounding is the last one, half up to a cent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

from workflows.parameters import Parameters
from workflows.processes.loan.application import loan_end

_PERCENT = Decimal(100)


@dataclass(frozen=True)
class Terms:
    """A loan as it was paid out; `due_on` is the first due date, before any extension. `rate` and `share` are per cent."""

    disbursed_on: date
    due_on: date
    disbursed_cents: int
    rate: Decimal
    #: how much of the interest the treasury bears (贴息比例)
    share: Decimal = _PERCENT


@dataclass(frozen=True)
class Stretch:
    """Days with one balance: `cents` is the principal that counts, after the cap."""

    first: date
    #: the day after the last
    end: date
    cents: int

    @property
    def days(self) -> int:
        """Number of days."""
        return (self.end - self.first).days

    @property
    def balance_days(self) -> int:
        """Cents times days."""
        return self.cents * self.days


@dataclass(frozen=True)
class Claimable:
    """What may be claimed for a loan in a period: its stretches, and the sum in cents."""

    stretches: tuple[Stretch, ...]
    cents: int

    @property
    def days(self) -> int:
        """Days that count."""
        return sum(each.days for each in self.stretches)

    @property
    def balance_days(self) -> int:
        """Cents times days."""
        return sum(each.balance_days for each in self.stretches)


def claimable(
    terms: Terms, payments: Iterable[tuple[date, int]], first: date, last: date, policy: Parameters
) -> Claimable:
    """What the loan earns from `first` to `last`, both included; `payments` are (day, principal in cents).

    None on days before the loan was paid out, from the first due date on, and after the longest subsidised term.
    """
    begin = max(first, terms.disbursed_on)
    longest = loan_end(terms.disbursed_on, policy.integer("subsidyMaxMonths"))
    end = min(last + timedelta(days=1), terms.due_on, longest)
    if begin >= end:
        return Claimable((), 0)
    paid = sorted(payments)
    marks = sorted({begin, end, *(day for day, _ in paid if begin < day < end)})
    cap = int(policy.decimal("subsidyMaxAmount") * 100)
    found = []
    for start, stop in pairwise(marks):
        left = terms.disbursed_cents - sum(cents for day, cents in paid if day <= start)
        if left > 0:
            found.append(Stretch(start, stop, min(left, cap)))
    rate = min(terms.rate, policy.decimal("subsidyMaxRate"))
    sums = Decimal(sum(each.balance_days for each in found))
    exact = sums * rate / _PERCENT * terms.share / _PERCENT / policy.integer("interestYearDays")
    return Claimable(tuple(found), int(exact.quantize(Decimal(1), ROUND_HALF_UP)))


def quarter(name: str) -> tuple[date, date]:
    """First and last day of a quarter written "2026Q3"; ValueError for anything else."""
    year, mark, number = name.partition("Q")
    if not (mark and year.isascii() and year.isdigit() and len(year) == 4 and number in ("1", "2", "3", "4")):
        raise ValueError(name)
    first = date(int(year), 3 * int(number) - 2, 1)
    return first, loan_end(first, 3) - timedelta(days=1)


@dataclass(frozen=True)
class Claim:
    """One line of the bank's list: the case number of the loan and what it claims, in cents. `line` counts from 1."""

    line: int
    number: str
    cents: int


@dataclass(frozen=True)
class Difference:
    """A line that is not what the register says. `why`: UNKNOWN, TWICE, TOO_MUCH, TOO_LITTLE, or MISSING (line 0)."""

    line: int
    number: str
    why: str
    claimed_cents: int
    register_cents: int


def compare(claims: Sequence[Claim], register: Mapping[str, int]) -> list[Difference]:
    """The bank's list against ours (case number → cents), line by line; loans it does not claim follow as MISSING."""
    found: list[Difference] = []
    seen: set[str] = set()
    for claim in claims:
        ours = register.get(claim.number)
        why = (
            "UNKNOWN"
            if ours is None
            else "TWICE"
            if claim.number in seen
            else "TOO_MUCH"
            if claim.cents > ours
            else "TOO_LITTLE"
            if claim.cents < ours
            else ""
        )
        seen.add(claim.number)
        if why:
            found.append(Difference(claim.line, claim.number, why, claim.cents, ours or 0))
    missing = (number for number, cents in register.items() if cents and number not in seen)
    return [*found, *(Difference(0, number, "MISSING", 0, register[number]) for number in sorted(missing))]
