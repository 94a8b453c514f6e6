"""The monthly figures of the loans (L-08, S001-47), computed from registers and history for any month, never typed.

A figure belongs to a month, a unit and a code. A month is fixed by storing its figures as a version; when a late correction
changes one of them, the next version is stored beside it, and the earlier one stays readable.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, Row, bindparam, func, insert, select

from engine.access import SYSTEM
from engine.clock import SHANGHAI
from engine.messages import N_
from engine.model import case_file, task
from engine.unit_of_work import unit_of_work
from workflows.countable import uncounted
from workflows.policy import policy_by_id
from workflows.processes.loan.application import loan_end
from workflows.processes.loan.register import loan_register
from workflows.processes.loan_after import policy as after_policy
from workflows.processes.loan_after.register import loan_book, loan_repayment, loan_statistic
from workflows.processes.loan_after.subsidy import Terms, claimable

if TYPE_CHECKING:
    from engine.runtime import Runtime

#: code → its name on L-08; codes of refusals are "REFUSED." and a code of the loan register
CODES: Final[Mapping[str, str]] = {
    "APPLIED": N_("申请笔数"),
    "VILLAGE_SIGNED": N_("村级签字推荐笔数"),
    "TOWN_SIGNED": N_("乡镇签字推荐笔数"),
    "REFUSED": N_("未通过笔数"),
    "APPROVED": N_("核准盖章笔数"),
    "DISBURSED": N_("放款笔数和金额"),
    "OUTSTANDING": N_("月末余额"),
    "SUBSIDY": N_("当月贴息"),
    "OVERDUE": N_("月末逾期"),
    "JOBS": N_("带动就业人数"),
}
REFUSED: Final = "REFUSED."
_ENDED_WITHOUT_LOAN: Final = ("refused", "refusedByCredit", "lapsed", "withdrawn")


@dataclass(frozen=True)
class Figure:
    """A number of cases (or persons) and a sum in cents."""

    number: int = 0
    cents: int = 0

    def __add__(self, other: Figure) -> Figure:
        return Figure(self.number + other.number, self.cents + other.cents)


#: (unit id, code) → figure; units are those the loans belong to, the lowest level there is
Figures = Mapping[tuple[int, str], Figure]
NOTHING: Final = Figure()


@dataclass(frozen=True)
class Month:
    """A calendar month of the Shanghai calendar."""

    first: date

    @classmethod
    def named(cls, text: str) -> Month:
        """Read "2026-07"; ValueError for anything else."""
        if len(text) != 7 or text[4] != "-":
            raise ValueError(text)
        return cls(date.fromisoformat(f"{text}-01"))

    def __str__(self) -> str:
        return f"{self.first:%Y-%m}"

    @property
    def last(self) -> date:
        """Its last day."""
        return loan_end(self.first, 1) - timedelta(days=1)

    @property
    def instants(self) -> tuple[datetime, datetime]:
        """The first instant of the month, and the first one after it."""
        start = datetime.combine(self.first, datetime.min.time(), SHANGHAI)
        return start, datetime.combine(self.last + timedelta(days=1), datetime.min.time(), SHANGHAI)


_COUNTY = loan_register.c.county_id == bindparam("b_county")
_LINES = select(loan_register, case_file.c.ended_at).join(case_file, case_file.c.id == loan_register.c.case_id)
_LINES = _LINES.where(_COUNTY)
_BOOK = select(loan_book).where(loan_book.c.county_id == bindparam("b_county"))
_PAID = (
    select(loan_repayment.c.case_id, loan_repayment.c.paid_on, loan_repayment.c.principal_cents)
    .join(loan_book, loan_book.c.case_id == loan_repayment.c.case_id)
    .where(loan_book.c.county_id == bindparam("b_county"))
)
_NEXT = task.alias("following")
#: a signature that recommends is one after which the next level got the matter
_SIGNED = (
    select(loan_register.c.case_id, loan_register.c.unit_id, func.max(task.c.closed_at).label("at"))
    .join(task, task.c.case_id == loan_register.c.case_id)
    .join(_NEXT, _NEXT.c.previous_id == task.c.id)
    .where(
        _COUNTY,
        task.c.kind == "loan",
        task.c.element == bindparam("b_step"),
        _NEXT.c.element == bindparam("b_next"),
        task.c.closed_at >= bindparam("b_from"),
        task.c.closed_at < bindparam("b_to"),
    )
    .group_by(loan_register.c.case_id, loan_register.c.unit_id)
)
_SIGNATURES: Final = (
    ("VILLAGE_SIGNED", "T_VillageReview", "T_TownReview"),
    ("TOWN_SIGNED", "T_TownReview", "T_Credit"),
)


@dataclass(frozen=True)
class Counted:
    """One case that counts under a code: what the list behind a number shows."""

    case_id: int
    unit_id: int
    code: str
    number: int = 1
    cents: int = 0


def counted(connection: Connection, county_id: int, month: Month, left_out: Collection[int]) -> Iterator[Counted]:
    """Every case of a county that counts in a month, once for each code it counts under, without those left out."""
    return (each for each in _every(connection, county_id, month) if each.case_id not in left_out)


def _every(connection: Connection, county_id: int, month: Month) -> Iterator[Counted]:
    for line in connection.execute(_LINES, {"b_county": county_id}):
        yield from _of_line(line, month)
    start, end = month.instants
    for code, step, following in _SIGNATURES:
        asked = {"b_county": county_id, "b_step": step, "b_next": following, "b_from": start, "b_to": end}
        for row in connection.execute(_SIGNED, asked):
            yield Counted(row.case_id, row.unit_id, code)
    yield from _of_book(connection, county_id, month)


def _of_line(line: Row[Any], month: Month) -> Iterator[Counted]:
    """What the loan register says happened in the month."""
    known = (line.case_id, line.unit_id)
    if _within(line.applied_on, month):
        yield Counted(*known, "APPLIED")
    if _within(line.stamped_on, month):
        yield Counted(*known, "APPROVED")
    if _within(line.disbursed_on, month):
        yield Counted(*known, "DISBURSED", 1, line.disbursed_cents)
        if line.jobs_created:
            yield Counted(*known, "JOBS", line.jobs_created)
    start, end = month.instants
    if line.state in _ENDED_WITHOUT_LOAN and line.ended_at is not None and start <= line.ended_at < end:
        yield Counted(*known, "REFUSED")
        for code in sorted(set(line.refusal_codes.split()) or {line.state.upper()}):
            yield Counted(*known, f"{REFUSED}{code}")


def _of_book(connection: Connection, county_id: int, month: Month) -> Iterator[Counted]:
    """What is owed and late at the end of the month, and what the month earns of subsidy."""
    paid: dict[int, list[tuple[date, int]]] = defaultdict(list)
    for row in connection.execute(_PAID, {"b_county": county_id}):
        paid[row.case_id].append((row.paid_on, row.principal_cents))
    shares = {
        line.case_id: policy_by_id(connection, line.policy_id).parameters.decimal("subsidyRate")
        for line in connection.execute(_LINES, {"b_county": county_id})
    }
    for book in connection.execute(_BOOK, {"b_county": county_id}):
        known, payments = (book.case_id, book.unit_id), paid[book.case_id]
        left = balance(book, payments, month.last)
        if left:
            yield Counted(*known, "OUTSTANDING", 1, left)
            if due_as_of(book, month.last) < month.last:
                yield Counted(*known, "OVERDUE", 1, left)
        terms = Terms(book.disbursed_on, book.first_due_on, book.disbursed_cents, book.rate, shares[book.case_id])
        rules = after_policy.by_id(connection, book.policy_id).parameters
        earned = claimable(terms, payments, month.first, month.last, rules)
        if earned.cents:
            yield Counted(*known, "SUBSIDY", 1, earned.cents)


def balance(book: Row[Any], payments: list[tuple[date, int]], on: date) -> int:
    """Principal owed at the end of a day, in cents; nothing before the loan was paid out and after 代偿."""
    if book.disbursed_on > on or (book.state == "defaulted" and book.ended_on <= on):
        return 0
    return int(book.disbursed_cents - sum(cents for day, cents in payments if day <= on))


def due_as_of(book: Row[Any], on: date) -> date:
    """The due date that counted on a day: an extension counts from the day it was approved."""
    extended = book.extended_on is not None and book.extended_on <= on
    due: date = book.due_on if extended else book.first_due_on
    return due


def _within(day: date | None, month: Month) -> bool:
    return day is not None and month.first <= day <= month.last


def figures(connection: Connection, county_id: int, month: Month, left_out: Collection[int]) -> Figures:
    """The figures of a month as registers and history tell them now; figures that are nought, and `uncounted`, are left out."""
    found: dict[tuple[int, str], Figure] = defaultdict(Figure)
    for each in counted(connection, county_id, month, left_out):
        found[each.unit_id, each.code] += Figure(each.number, each.cents)
    return dict(found)


_ADD = insert(loan_statistic)
_OF_MONTH = (loan_statistic.c.county_id == bindparam("b_county"), loan_statistic.c.month == bindparam("b_month"))
_NEWEST = select(func.max(loan_statistic.c.version)).where(*_OF_MONTH)
_STORED = select(loan_statistic).where(*_OF_MONTH, loan_statistic.c.version == bindparam("b_version"))


def newest_version(connection: Connection, county_id: int, month: Month) -> int:
    """The number of the newest stored version of a month; 0 when it was never fixed."""
    return int(connection.execute(_NEWEST, {"b_county": county_id, "b_month": str(month)}).scalar() or 0)


def stored(connection: Connection, county_id: int, month: Month, version: int) -> Figures:
    """The figures of a stored version; empty for a month without figures."""
    rows = connection.execute(_STORED, {"b_county": county_id, "b_month": str(month), "b_version": version})
    return {(row.unit_id, row.code): Figure(row.number, row.cents) for row in rows if row.code}


def fix(runtime: Runtime, county_id: int, month: Month) -> tuple[int, bool]:
    """Store the figures of a month that is over: (version, whether it is a new one). The same figures are stored once.

    ValueError for a month that is not over.
    """
    with unit_of_work(runtime, SYSTEM) as work:
        connection, now = work.connection, work.now
        if now < month.instants[1]:
            raise ValueError(str(month))
        left_out = uncounted(connection, runtime.rules, SYSTEM)
        version, seen = newest_version(connection, county_id, month), figures(connection, county_id, month, left_out)
        if version and stored(connection, county_id, month, version) == seen:
            return version, False
        head = {"county_id": county_id, "month": str(month), "version": version + 1, "at": now}
        # a line of its own says that the version exists, should a month have no figures at all
        rows = [{**head, "unit_id": county_id, "code": "", "number": 0, "cents": 0}]
        rows += [
            {**head, "unit_id": unit, "code": code, "number": each.number, "cents": each.cents}
            for (unit, code), each in sorted(seen.items())
        ]
        connection.execute(_ADD, rows)
        return version + 1, True
