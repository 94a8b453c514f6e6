"""The register of petitions: one line an item, from which statistics, the log book, matching and every indicator are counted.

People stand here as keyed hashes only. What is overdue once stays overdue (`overdue`), whatever is extended afterwards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Date,
    ForeignKey,
    Index,
    Integer,
    Row,
    String,
    Table,
    bindparam,
    insert,
    select,
    update,
)

from engine.columns import Id, Instant, metadata

if TYPE_CHECKING:
    from engine.process_type import CaseView

petition_register = Table(
    "petition_register",
    metadata,
    Column("case_id", Id, ForeignKey("case_file.id"), primary_key=True, autoincrement=False),
    #: the county, or what stands above it when the item was taken in there
    Column("county_id", Id, ForeignKey("unit.id"), nullable=False),
    #: who has it now
    Column("unit_id", Id, ForeignKey("unit.id"), nullable=False),
    Column("place_id", Id, ForeignKey("unit.id"), nullable=False),
    Column("policy_id", Id, nullable=False, default=0),
    Column("received_on", Date, nullable=False),
    Column("received_at", Instant, nullable=False),
    #: when it came to the unit that has it now: its notice counts from here (条例 23)
    Column("arrived_on", Date, nullable=False),
    Column("channel", String(16), nullable=False),
    Column("category", String(16), nullable=False),
    Column("people", Integer, nullable=False, default=1),
    Column("collective", Boolean, nullable=False, default=False),
    Column("major", Boolean, nullable=False, default=False),
    Column("repeat_of", Id, ForeignKey("case_file.id")),
    Column("repeat_count", Integer, nullable=False, default=0),
    Column("level_skipping", Boolean, nullable=False, default=False),
    Column("anonymous", Boolean, nullable=False, default=False),
    #: the account of whoever was asked first, her post and unit: hers to track to the end (S002-10)
    Column("first_asked", Id, nullable=False),
    Column("first_post", String(24), nullable=False),
    Column("first_unit_id", Id, ForeignKey("unit.id"), nullable=False),
    Column("subject_hash", String(64), index=True),
    Column("phone_hash", String(64), index=True),
    #: keyed hash of her name as it is compared (`matching.name_of`); NULL for who did not say it
    Column("name_hash", String(64), index=True),
    #: what D3 proposed, and what was decided (`wording.WAY`)
    Column("route", String(16), nullable=False, default=""),
    Column("way", String(16), nullable=False, default=""),
    #: who forwarded it, while it may still come back
    Column("sender_id", Id, ForeignKey("unit.id")),
    #: of what was assigned (交办): until when its result is reported, and to whom
    Column("report_back_on", Date),
    Column("assigned_by", Id),
    #: registered, accepted, guided, concluded, joined, withdrawn, transferred
    Column("state", String(16), nullable=False, default="registered"),
    Column("accepted_on", Date),
    Column("notice_on", Date),
    #: ON_SPOT, LATER, NO_CONTACT, NOT_SENT
    Column("notice_kind", String(16)),
    Column("concluded_on", Date),
    Column("handler_id", Id),
    Column("outcome", String(16)),
    Column("delivered_on", Date),
    Column("answered_on", Date),
    Column("satisfaction", String(16)),
    #: what she said herself by the code of her slip, when, and whether she has her answer (`rating`)
    Column("rated", String(16)),
    Column("rated_on", Date),
    Column("rated_answered", Boolean),
    #: the last day in time: of the notice at first, of the conclusion once it is accepted (extensions included)
    Column("due_on", Date),
    Column("extended_until", Date),
    Column("overdue", Boolean, nullable=False, default=False),
    Column("closed_on", Date),
    #: keyed hash of the code on her slip, NULL without one (`progress`)
    Column("progress_hash", String(64)),
    Column("reception_day_id", Id),
    Column("call_id", Id),
    Index("ix_petition_register_statistics", "county_id", "received_on"),
    Index("ix_petition_register_open", "state", "accepted_on"),
)

_ENTRY = select(petition_register).where(petition_register.c.case_id == bindparam("b_case"))
_ADD = insert(petition_register)
_CHANGE = update(petition_register).where(petition_register.c.case_id == bindparam("b_case"))


def entry(connection: Connection, case_id: int) -> Row[Any] | None:
    """The line of a case; None until it has been registered."""
    return connection.execute(_ENTRY, {"b_case": case_id}).one_or_none()


def standing(view: CaseView) -> Row[Any]:
    """The line of a case that has been registered."""
    row = entry(view.connection, view.case.id)
    assert row is not None  # noqa: S101 - written by T_Register, the first step
    return row


def enter(view: CaseView, line: dict[str, Any]) -> None:
    """Write the line of a case, or correct it."""
    if entry(view.connection, view.case.id) is None:
        view.change(_ADD, {"case_id": view.case.id, **line})
    else:
        view.change(_CHANGE, {"b_case": view.case.id, **line})
    told = ("channel", "category", "people", "collective", "major", "level_skipping", "anonymous", "unit_id")
    view.register_changed(register="petition_register", **{name: line[name] for name in told})


def set_columns(view: CaseView, **columns: Any) -> None:
    """Set columns of a case's line and say so in the history."""
    view.change(_CHANGE, {"b_case": view.case.id, **columns})
    told = {k: v.isoformat() if hasattr(v, "isoformat") else v for k, v in columns.items()}
    view.register_changed(register="petition_register", **told)
