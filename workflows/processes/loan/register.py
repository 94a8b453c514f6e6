"""The loan register, its guarantees and the seal register: what outlives a case and counts across all counties.

A woman's right is consumed when a loan is disbursed and at no other moment (S001-50, G4); one application at a time is open
for her in the whole installation (D1.5). People stand here as keyed hashes only; money is in whole cents, exact on every
database.
"""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Date,
    ForeignKey,
    Index,
    Integer,
    Row,
    Select,
    String,
    Table,
    UniqueConstraint,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from engine.columns import Id, Instant, metadata

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

    from engine.process_type import CaseView

#: states in which an application occupies the one place a woman has
OPEN = ("open", "stamped")
#: states in which her right has been used (G4: repaid still counts)
CONSUMED = ("disbursed", "settled", "defaulted")

loan_register = Table(
    "loan_register",
    metadata,
    Column("case_id", Id, ForeignKey("case_file.id"), primary_key=True, autoincrement=False),
    Column("subject_hash", String(64), nullable=False, index=True),
    Column("county_id", Id, ForeignKey("unit.id"), nullable=False),
    Column("unit_id", Id, ForeignKey("unit.id"), nullable=False),
    Column("applied_on", Date, nullable=False),
    #: when the newest version of the application was submitted
    Column("submitted_at", Instant, nullable=False),
    Column("policy_id", Id, ForeignKey("policy.id"), nullable=False),
    #: open, duplicate, stamped, disbursed, withdrawn, lapsed, refused, refusedByCredit (later: settled, defaulted)
    Column("state", String(16), nullable=False),
    #: subject_hash while the application holds her one place, else NULL: the database itself refuses a second one
    Column("holds_hash", String(64), unique=True),
    Column("requested_cents", BigInteger, nullable=False),
    Column("approved_cents", BigInteger),
    Column("disbursed_cents", BigInteger),
    #: codes of D1 or the step that refused, separated by blanks; what statistics group by (S001-47)
    Column("refusal_codes", String(200), nullable=False, default=""),
    Column("prior_declared", Integer, nullable=False, default=0),
    Column("jobs_created", Integer, nullable=False, default=0),
    Column("stamped_on", Date),
    Column("disbursed_on", Date),
    Column("due_on", Date),
    Index("ix_loan_register_statistics", "county_id", "state", "applied_on"),
)

guarantee = Table(
    "guarantee",
    metadata,
    Column("case_id", Id, ForeignKey("case_file.id"), primary_key=True, autoincrement=False),
    Column("slot", Integer, primary_key=True, autoincrement=False),
    Column("guarantor_hash", String(64), nullable=False, index=True),
    Column("kind", String(24), nullable=False),
    #: when this person took the slot from another: papers uploaded before are the other's and do not count; NULL at first
    Column("papers_after", Instant),
    #: active, or released (in writing, L31)
    Column("state", String(16), nullable=False, default="active"),
)

seal_register = Table(
    "seal_register",
    metadata,
    Column("id", Id, primary_key=True),
    Column("county_id", Id, ForeignKey("unit.id"), nullable=False),
    Column("number", String(40), nullable=False),
    Column("case_id", Id, ForeignKey("case_file.id"), nullable=False, index=True),
    Column("copies", Integer, nullable=False),
    Column("stamped_on", Date, nullable=False),
    Column("keeper_id", Id, nullable=False),
    Column("approver_id", Id, nullable=False),
    Column("at", Instant, nullable=False),
    UniqueConstraint("county_id", "number"),
)

_ENTRY = select(loan_register).where(loan_register.c.case_id == bindparam("b_case"))
_ADD = insert(loan_register)
_CHANGE = update(loan_register).where(loan_register.c.case_id == bindparam("b_case"))
_OTHERS = (loan_register.c.subject_hash == bindparam("b_hash"), loan_register.c.case_id != bindparam("b_case"))
_EARLIER = (
    select(
        loan_register.c.case_id, loan_register.c.disbursed_on, loan_register.c.disbursed_cents, loan_register.c.due_on
    )
    .where(*_OTHERS, loan_register.c.state.in_(CONSUMED))
    .order_by(loan_register.c.disbursed_on, loan_register.c.case_id)
)
#: what counts for or against her elsewhere, open and consumed in one question: no loan slips from the one into the other
_ELSEWHERE = (
    select(loan_register.c.case_id, loan_register.c.unit_id, loan_register.c.state)
    .where(*_OTHERS, loan_register.c.state.in_((*OPEN, *CONSUMED)))
    .order_by(loan_register.c.case_id)
)
_GUARANTEES = select(guarantee).where(guarantee.c.case_id == bindparam("b_case")).order_by(guarantee.c.slot)
_ADD_GUARANTEES = insert(guarantee)
_DROP_GUARANTEES = delete(guarantee).where(guarantee.c.case_id == bindparam("b_case"))
_RELEASE = (
    update(guarantee)
    .where(guarantee.c.case_id == bindparam("b_case"), guarantee.c.slot == bindparam("b_slot"))
    .values(state="released")
)
_ADD_SEAL = insert(seal_register)
_SEAL = select(seal_register.c.id).where(
    seal_register.c.county_id == bindparam("b_county"), seal_register.c.number == bindparam("b_number")
)


@cache
def _active(count: int) -> Select[str, int]:
    """The question for so many guarantors at once."""
    asked = [guarantee.c.guarantor_hash == bindparam(f"b_hash{place}") for place in range(count)]
    return (
        select(guarantee.c.guarantor_hash, func.count())
        .join(loan_register, loan_register.c.case_id == guarantee.c.case_id)
        .where(
            or_(*asked),
            guarantee.c.case_id != bindparam("b_case"),
            guarantee.c.state == "active",
            loan_register.c.state.in_((*OPEN, "disbursed", "defaulted")),
        )
        .group_by(guarantee.c.guarantor_hash)
    )


def cents(amount: Decimal) -> int:
    """Yuan with two places as whole cents."""
    return int(amount * 100)


def entry(connection: Connection, case_id: int) -> Row[Any] | None:
    """The register's line for a case; None until the application has been submitted once."""
    return connection.execute(_ENTRY, {"b_case": case_id}).one_or_none()


def times_consumed(connection: Connection, subject_hash: str, case_id: int) -> int:
    """How many loans were disbursed to a woman in all counties of the installation, this case left out (G4)."""
    rows = connection.execute(_ELSEWHERE, {"b_hash": subject_hash, "b_case": case_id})
    return sum(row.state in CONSUMED for row in rows)


def earlier_loans(connection: Connection, subject_hash: str, case_id: int) -> list[Row[Any]]:
    """The loans `times_consumed` counts, the oldest first, as (case_id, disbursed_on, disbursed_cents, due_on)."""
    return list(connection.execute(_EARLIER, {"b_hash": subject_hash, "b_case": case_id}))


def open_elsewhere(connection: Connection, subject_hash: str, case_id: int) -> list[tuple[int, int]]:
    """(case id, unit id) of her other open applications, the oldest first."""
    rows = connection.execute(_ELSEWHERE, {"b_hash": subject_hash, "b_case": case_id})
    return [(row.case_id, row.unit_id) for row in rows if row.state in OPEN]


def active_guarantees(connection: Connection, guarantor_hashes: Collection[str], case_id: int) -> Mapping[str, int]:
    """Guarantor → loans she stands surety for now, open ones included, this case left out (D2 OVERLOAD); none: absent."""
    if not guarantor_hashes:
        return {}
    hashes = {f"b_hash{place}": known for place, known in enumerate(guarantor_hashes)}
    rows = connection.execute(_active(len(hashes)), {"b_case": case_id, **hashes})
    return {row[0]: int(row[1]) for row in rows}


def guarantees(connection: Connection, case_id: int) -> list[Row[Any]]:
    """The guarantors of a case by slot, released ones included."""
    return list(connection.execute(_GUARANTEES, {"b_case": case_id}))


def released(connection: Connection, case_id: int) -> set[tuple[int, str]]:
    """(slot, keyed hash) of the guarantors who left in writing; somebody else in their slot is not released."""
    return {(row.slot, row.guarantor_hash) for row in guarantees(connection, case_id) if row.state == "released"}


def papers_after(connection: Connection, case_id: int, slot: int, guarantor_hash: str | None) -> datetime | None:
    """Since when the papers of a slot belong to this person; None when nobody stood there before her."""
    line = entry(connection, case_id)
    if line is None:
        return None
    row = next((r for r in guarantees(connection, case_id) if r.slot == slot), None)
    same = row is not None and row.guarantor_hash == guarantor_hash
    since: datetime | None = row.papers_after if row is not None and same else line.submitted_at
    return since


def seal_number_taken(connection: Connection, county_id: int, number: str) -> bool:
    """Whether a number of the county's seal register has been used."""
    return connection.execute(_SEAL, {"b_county": county_id, "b_number": number}).first() is not None


def enter(view: CaseView, line: dict[str, Any], sureties: Iterable[dict[str, Any]]) -> None:
    """Write or correct the line of a case and its guarantors; `line` as the table's columns, `state` and `holds_hash` aside.

    The application takes the woman's one place when nobody holds it; otherwise it waits as `duplicate` and D1 refuses it.
    """
    case_id = view.case.id
    free = not open_elsewhere(view.connection, line["subject_hash"], case_id)
    gone = released(view.connection, case_id)
    rows = [
        {
            "case_id": case_id,
            "state": "released" if (s["slot"], s["guarantor_hash"]) in gone else "active",
            "papers_after": papers_after(view.connection, case_id, s["slot"], s["guarantor_hash"]),
            **s,
        }
        for s in sureties
    ]
    written = {
        **line,
        "submitted_at": view.now,
        "state": "open" if free else "duplicate",
        "holds_hash": line["subject_hash"] if free else None,
    }
    if entry(view.connection, case_id) is None:
        view.change(_ADD, {"case_id": case_id, **written})
    else:
        view.change(_CHANGE, {"b_case": case_id, **written})
        view.change(_DROP_GUARANTEES, {"b_case": case_id})
    if rows:
        view.change(_ADD_GUARANTEES, rows)
    view.register_changed(register="loan_register", state=written["state"], guarantors=len(rows))


def take_place(view: CaseView) -> None:
    """A duplicate whose elder has ended takes the woman's place; nothing happens when it already holds it."""
    line = entry(view.connection, view.case.id)
    if line is None or line.state != "duplicate":
        return
    if not open_elsewhere(view.connection, line.subject_hash, view.case.id):
        move(view, "open", holds_hash=line.subject_hash)


def move(view: CaseView, state: str, **columns: Any) -> None:
    """Move a case's line to another state; outside OPEN it gives the woman's place free."""
    values = {"state": state, **columns}
    if state not in OPEN:
        values["holds_hash"] = None
    if view.change(_CHANGE, {"b_case": view.case.id, **values}).rowcount:
        told = {k: v.isoformat() if hasattr(v, "isoformat") else v for k, v in columns.items() if k != "holds_hash"}
        view.register_changed(register="loan_register", state=state, **told)


def set_columns(view: CaseView, **columns: Any) -> None:
    """Set columns of a case's line, its state untouched."""
    view.change(_CHANGE, {"b_case": view.case.id, **columns})
    view.register_changed(register="loan_register", **columns)


def refused_because(view: CaseView, codes: str) -> None:
    """Remember what stands against the loan ("" when nothing does any more); silent when nothing changes."""
    line = entry(view.connection, view.case.id)
    if line is not None and line.refusal_codes != codes:
        set_columns(view, refusal_codes=codes)


def release(view: CaseView, slot: int) -> None:
    """A guarantor leaves in writing (L31)."""
    view.change(_RELEASE, {"b_case": view.case.id, "b_slot": slot})
    view.register_changed(register="guarantee", slot=slot, state="released")


def enter_seal(view: CaseView, line: dict[str, Any]) -> None:
    """Write a line of the seal register (国务院印章规定)."""
    view.change(_ADD_SEAL, {"case_id": view.case.id, "at": view.now, **line})
    told = {"number": line["number"], "copies": line["copies"], "stamped_on": line["stamped_on"].isoformat()}
    view.register_changed(register="seal_register", **told)
