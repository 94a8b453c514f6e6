"""The loan book after disbursement: balance and due date of each loan, its repayments, bands, visits and letters.

Money is in whole cents. Lines are only added, except the one line of each loan that says how it stands now.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    Row,
    String,
    Table,
    UniqueConstraint,
    bindparam,
    insert,
    select,
    update,
)

from engine.columns import Id, Instant, metadata

if TYPE_CHECKING:
    from engine.process_type import CaseView

loan_book = Table(
    "loan_book",
    metadata,
    Column("case_id", Id, ForeignKey("case_file.id"), primary_key=True, autoincrement=False),
    Column("county_id", Id, ForeignKey("unit.id"), nullable=False),
    Column("unit_id", Id, ForeignKey("unit.id"), nullable=False, index=True),
    #: the version of scope "loan_after" that was in force when the money was paid out; NULL: the defaults
    Column("policy_id", Id, ForeignKey("policy.id")),
    Column("disbursed_on", Date, nullable=False),
    Column("disbursed_cents", BigInteger, nullable=False),
    #: per cent a year, as in the contract
    Column("rate", Numeric(8, 4), nullable=False),
    #: the due date of the contract, and the one that counts now
    Column("first_due_on", Date, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("balance_cents", BigInteger, nullable=False),
    #: running, settled, defaulted
    Column("state", String(12), nullable=False, default="running"),
    #: CURRENT or a band of D9
    Column("band", String(12), nullable=False, default="CURRENT"),
    Column("extended_on", Date),
    #: the guarantors have agreed in writing to stand for the extended loan (民法典 695)
    Column("guarantors_agreed", Boolean, nullable=False, default=False),
    #: from this day the bank may claim 代偿; and from which day no subsidy is paid any more
    Column("claimable_since", Date),
    Column("subsidy_until", Date, nullable=False),
    Column("ended_on", Date),
    Column("compensation_cents", BigInteger),
    Index("ix_loan_book_due", "county_id", "state", "due_on"),
)

loan_repayment = Table(
    "loan_repayment",
    metadata,
    Column("id", Id, primary_key=True),
    Column("case_id", Id, ForeignKey("case_file.id"), nullable=False),
    Column("paid_on", Date, nullable=False),
    Column("principal_cents", BigInteger, nullable=False),
    Column("interest_cents", BigInteger, nullable=False),
    Column("balance_cents", BigInteger, nullable=False),
    #: how late it came, against the due date that counted then
    Column("overdue_days", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("by_id", Id, nullable=False),
    Index("ix_loan_repayment_case", "case_id", "paid_on", "id"),
)

loan_band = Table(
    "loan_band",
    metadata,
    Column("id", Id, primary_key=True),
    Column("case_id", Id, ForeignKey("case_file.id"), nullable=False),
    #: against which due date; an extension starts the bands anew
    Column("due_on", Date, nullable=False),
    Column("band", String(12), nullable=False),
    Column("since", Date, nullable=False),
    UniqueConstraint("case_id", "due_on", "band"),
)

loan_visit = Table(
    "loan_visit",
    metadata,
    Column("id", Id, primary_key=True),
    Column("case_id", Id, ForeignKey("case_file.id"), nullable=False),
    Column("visited_on", Date, nullable=False),
    #: REGULAR or OVERDUE
    Column("occasion", String(12), nullable=False),
    Column("jobs_now", Integer, nullable=False),
    Column("by_id", Id, nullable=False),
    Index("ix_loan_visit_case", "case_id", "visited_on"),
)

letter_delivery = Table(
    "letter_delivery",
    metadata,
    Column("id", Id, primary_key=True),
    Column("case_id", Id, ForeignKey("case_file.id"), nullable=False, index=True),
    Column("letter", String(12), nullable=False),
    #: HER, or the guarantor's slot
    Column("receiver", String(12), nullable=False),
    Column("method", String(16), nullable=False),
    Column("delivered_on", Date, nullable=False),
    Column("by_id", Id, nullable=False),
)

#: the figures of L-08 as they were fixed; a line without a code says that the version exists
loan_statistic = Table(
    "loan_statistic",
    metadata,
    Column("id", Id, primary_key=True),
    Column("county_id", Id, ForeignKey("unit.id"), nullable=False),
    #: "2026-07"
    Column("month", String(7), nullable=False),
    Column("version", Integer, nullable=False),
    Column("unit_id", Id, ForeignKey("unit.id"), nullable=False),
    Column("code", String(40), nullable=False),
    Column("number", Integer, nullable=False),
    Column("cents", BigInteger, nullable=False),
    Column("at", Instant, nullable=False),
    UniqueConstraint("county_id", "month", "version", "unit_id", "code"),
)

_LINE = select(loan_book).where(loan_book.c.case_id == bindparam("b_case"))
_ADD = insert(loan_book)
_SET = update(loan_book).where(loan_book.c.case_id == bindparam("b_case"))
_REPAYMENTS = (
    select(loan_repayment).where(loan_repayment.c.case_id == bindparam("b_case")).order_by(loan_repayment.c.id)
)
_BANDS = select(loan_band).where(loan_band.c.case_id == bindparam("b_case")).order_by(loan_band.c.since, loan_band.c.id)
_LAST_VISIT = (
    select(loan_visit.c.visited_on)
    .where(loan_visit.c.case_id == bindparam("b_case"), loan_visit.c.occasion == "REGULAR")
    .order_by(loan_visit.c.visited_on.desc())
    .limit(1)
)
_ADD_ROW = {table.name: insert(table) for table in (loan_repayment, loan_band, loan_visit, letter_delivery)}


def line(connection: Connection, case_id: int) -> Row[Any] | None:
    """How a loan stands; None before it was paid out."""
    return connection.execute(_LINE, {"b_case": case_id}).one_or_none()


def standing(view: CaseView) -> Row[Any]:
    """The line of a case that has one."""
    return view.connection.execute(_LINE, {"b_case": view.case.id}).one()


def repayments(connection: Connection, case_id: int) -> list[Row[Any]]:
    """What was repaid, in the order it was recorded."""
    return list(connection.execute(_REPAYMENTS, {"b_case": case_id}))


def bands(connection: Connection, case_id: int) -> list[Row[Any]]:
    """Every band a loan was ever in, the earliest first; kept for good."""
    return list(connection.execute(_BANDS, {"b_case": case_id}))


def last_visit(connection: Connection, case_id: int) -> date | None:
    """The day of the last regular visit."""
    found: date | None = connection.execute(_LAST_VISIT, {"b_case": case_id}).scalar()
    return found


def enter(view: CaseView, *, guarantee_months: int, **columns: Any) -> None:
    """The line of a loan that was just paid out; the history keeps what the letters to guarantors must say."""
    view.change(_ADD, {"case_id": view.case.id, **columns})
    view.register_changed(register="loan_book", guarantee_months=guarantee_months, **_told(columns))


def set_columns(view: CaseView, **columns: Any) -> None:
    """How the loan stands now."""
    view.change(_SET, {"b_case": view.case.id, **columns})
    view.register_changed(register="loan_book", **_told(columns))


def add(view: CaseView, table: Table, **row: Any) -> None:
    """A line of one of the other tables."""
    view.change(_ADD_ROW[table.name], {"case_id": view.case.id, **row})
    view.register_changed(register=table.name, **_told(row))


def _told(columns: dict[str, Any]) -> dict[str, Any]:
    """For the history: JSON data; who and when stand there anyway."""
    kept = {k: v for k, v in columns.items() if k not in ("by_id", "at")}
    return {
        k: v.isoformat() if isinstance(v, date) else v if isinstance(v, bool | int) else str(v)
        for k, v in kept.items()
        if v is not None
    }
