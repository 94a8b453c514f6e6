"""The register of calls: one line a call, for the list of the telephone desk and its figures. Nobody is named here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
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

#: how a petition is linked to the call it came from
RELATION: Final = "call"

hotline_register = Table(
    "hotline_register",
    metadata,
    Column("case_id", Id, ForeignKey("case_file.id"), primary_key=True, autoincrement=False),
    #: the unit of the telephone desk
    Column("unit_id", Id, ForeignKey("unit.id"), nullable=False),
    #: who answered, as which post: hers to follow to the end (S002-10)
    Column("agent_id", Id, nullable=False),
    Column("agent_post", String(24), nullable=False),
    #: the clock of the hand-over counts from here
    Column("called_at", Instant, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("caller", String(16), nullable=False),
    Column("category", String(16), nullable=False),
    #: violence, or a minor harmed or at risk: protection came first
    Column("harm", Boolean, nullable=False, default=False),
    Column("result", String(16), nullable=False),
    #: the unit that is to take it, NULL when nobody has to
    Column("to_unit_id", Id, ForeignKey("unit.id")),
    Column("passed_on", Integer, nullable=False, default=0),
    Column("taken_at", Instant),
    Column("taken_by", Id),
    Index("ix_hotline_register_called_at", "called_at"),
)

_ENTRY = select(hotline_register).where(hotline_register.c.case_id == bindparam("b_case"))
_ADD = insert(hotline_register)
_CHANGE = update(hotline_register).where(hotline_register.c.case_id == bindparam("b_case"))


def entry(connection: Connection, case_id: int) -> Row[Any] | None:
    """The line of a call; None until its record has been submitted."""
    return connection.execute(_ENTRY, {"b_case": case_id}).one_or_none()


def enter(view: CaseView, line: dict[str, Any]) -> None:
    """Write the line of a call, or correct it."""
    if entry(view.connection, view.case.id) is None:
        view.change(_ADD, {"case_id": view.case.id, **line})
    else:
        view.change(_CHANGE, {"b_case": view.case.id, **line})
    told = ("caller", "category", "result", "to_unit_id")
    view.register_changed(register="hotline_register", **{name: line[name] for name in told})


def set_columns(view: CaseView, **columns: Any) -> None:
    """Set columns of a call's line and say so in the history."""
    view.change(_CHANGE, {"b_case": view.case.id, **columns})
    told = {k: v.isoformat() if hasattr(v, "isoformat") else v for k, v in columns.items()}
    view.register_changed(register="hotline_register", **told)
