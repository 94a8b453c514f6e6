"""The register of mediations: one line each, the mediators named in it, and what was agreed, item by item."""

from __future__ import annotations

from dataclasses import dataclass
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
    Row,
    String,
    Table,
    UniqueConstraint,
    bindparam,
    insert,
    select,
    update,
)

from engine.columns import Id, metadata

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.process_type import CaseView

mediation_register = Table(
    "mediation_register",
    metadata,
    Column("case_id", Id, ForeignKey("case_file.id"), primary_key=True, autoincrement=False),
    Column("county_id", Id, ForeignKey("unit.id"), nullable=False),
    Column("unit_id", Id, ForeignKey("unit.id"), nullable=False),
    #: the version of scope "mediation" in force when it was opened; NULL: the defaults
    Column("policy_id", Id, ForeignKey("policy.id")),
    Column("opened_on", Date, nullable=False),
    #: ALLOWED, LIMITED, FORBIDDEN by D5 as last asked, with the code of the reason
    Column("gate", String(12), nullable=False),
    Column("gate_code", String(16), nullable=False),
    #: both have agreed to mediate
    Column("begun_on", Date),
    Column("mediator_id", Id),
    Column("sessions", Integer, nullable=False, default=0),
    Column("limited", Boolean, nullable=False, default=False),
    #: why it is being ended (`wording.ENDING`), "" while nothing speaks against it
    Column("ending", String(16), nullable=False, default=""),
    #: the end event, NULL while it runs
    Column("outcome", String(16)),
    Column("ended_on", Date),
    #: the other remedies were told to her (P-10)
    Column("path_told", Boolean, nullable=False, default=False),
    Column("oral", Boolean, nullable=False, default=False),
    Column("effective_on", Date),
    Column("confirm_until", Date),
    #: PENDING, then as `mediation_after` records it; "" before there is an agreement
    Column("confirmation", String(16), nullable=False, default=""),
    Column("confirm_asked_on", Date),
    Index("ix_mediation_register_county", "county_id", "opened_on"),
)

mediation_mediator = Table(
    "mediation_mediator",
    metadata,
    Column("id", Id, primary_key=True),
    Column("case_id", Id, ForeignKey("case_file.id"), nullable=False),
    Column("account_id", Id, nullable=False),
    Column("unit_id", Id, nullable=False),
    Column("named_on", Date, nullable=False),
    #: NONE, or whose rejection it was: HER, OTHER; LEFT for one who was replaced
    Column("rejected_by", String(8), nullable=False),
    Index("ix_mediation_mediator_case", "case_id", "id"),
)

mediation_item = Table(
    "mediation_item",
    metadata,
    Column("id", Id, primary_key=True),
    Column("case_id", Id, ForeignKey("case_file.id"), nullable=False),
    Column("slot", Integer, nullable=False),
    Column("due_on", Date),
    Column("amount_cents", BigInteger),
    #: OPEN, DONE, PART, BROKEN
    Column("state", String(8), nullable=False, default="OPEN"),
    Column("checked_on", Date),
    UniqueConstraint("case_id", "slot"),
)

_LINE = select(mediation_register).where(mediation_register.c.case_id == bindparam("b_case"))
_ADD = {table.name: insert(table) for table in (mediation_register, mediation_mediator, mediation_item)}
_SET = update(mediation_register).where(mediation_register.c.case_id == bindparam("b_case"))
_MEDIATORS = (
    select(mediation_mediator)
    .where(mediation_mediator.c.case_id == bindparam("b_case"))
    .order_by(mediation_mediator.c.id)
)
_REPLACED = (
    update(mediation_mediator)
    .where(mediation_mediator.c.case_id == bindparam("b_case"), mediation_mediator.c.rejected_by == "NONE")
    .values(rejected_by="LEFT")
)
_ITEMS = (
    select(mediation_item)
    .where(mediation_item.c.case_id == bindparam("b_case"))
    .order_by(mediation_item.c.due_on, mediation_item.c.slot)
)
_CHECKED = (
    update(mediation_item)
    .where(mediation_item.c.case_id == bindparam("b_case"), mediation_item.c.slot == bindparam("b_slot"))
    .values(state=bindparam("b_state"), checked_on=bindparam("b_on"))
)


@dataclass(frozen=True)
class Result:
    """What became of a mediation: the end event (None while it runs), since when the agreement counts, whether she was told.

    `path_told`: the other remedies were told to her; a mediation that failed counts as handled only then.
    """

    outcome: str | None
    effective_on: date | None
    path_told: bool

    @property
    def counts_as_handled(self) -> bool:
        """Whether the dispute may be counted as handled: agreed, or told where else to go (S004-24, G9)."""
        return self.outcome == "agreed" or (self.outcome is not None and self.path_told)


def line(connection: Connection, case_id: int) -> Row[Any] | None:
    """The line of a mediation; None when there is none."""
    return connection.execute(_LINE, {"b_case": case_id}).one_or_none()


def standing(view: CaseView) -> Row[Any]:
    """The line of the mediation of this case."""
    return view.connection.execute(_LINE, {"b_case": view.case.id}).one()


def result(connection: Connection, case_id: int) -> Result | None:
    """What became of a mediation, for the case it was opened from; None for a case that is none."""
    row = line(connection, case_id)
    return None if row is None else Result(row.outcome, row.effective_on, row.path_told)


def mediators(connection: Connection, case_id: int) -> list[Row[Any]]:
    """Everybody ever named, the first first."""
    return list(connection.execute(_MEDIATORS, {"b_case": case_id}))


def mediator(connection: Connection, case_id: int) -> Row[Any] | None:
    """Who mediates now."""
    return next((row for row in mediators(connection, case_id) if row.rejected_by == "NONE"), None)


def items(connection: Connection, case_id: int) -> list[Row[Any]]:
    """What was agreed, the earliest due day first."""
    return list(connection.execute(_ITEMS, {"b_case": case_id}))


def enter(view: CaseView, table: Table, **row: Any) -> None:
    """A new line of one of the tables."""
    view.change(_ADD[table.name], {"case_id": view.case.id, **row})
    view.register_changed(register=table.name, **_told(row))


def set_columns(view: CaseView, **columns: Any) -> None:
    """How the mediation stands now."""
    view.change(_SET, {"b_case": view.case.id, **columns})
    view.register_changed(register="mediation_register", **_told(columns))


def replace_mediator(view: CaseView) -> None:
    """Whoever mediated does no longer."""
    view.change(_REPLACED, {"b_case": view.case.id})
    view.register_changed(register="mediation_mediator", rejected_by="LEFT")


def check_item(view: CaseView, slot: int, state: str, on: date) -> None:
    """What was found about one item."""
    view.change(_CHECKED, {"b_case": view.case.id, "b_slot": slot, "b_state": state, "b_on": on})
    view.register_changed(register="mediation_item", slot=slot, state=state, checked_on=on.isoformat())


def _told(columns: Mapping[str, Any]) -> dict[str, Any]:
    """For the history: JSON data."""
    return {
        k: v.isoformat() if isinstance(v, date) else v if isinstance(v, bool | int) else str(v)
        for k, v in columns.items()
        if v is not None
    }
