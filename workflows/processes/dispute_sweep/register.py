"""The register of sweeps: one line a village and quarter. Numbers alone; families stand in the sealed form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Date,
    ForeignKey,
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
    from engine.process_type import CaseView

dispute_sweep = Table(
    "dispute_sweep",
    metadata,
    Column("case_id", Id, ForeignKey("case_file.id"), primary_key=True, autoincrement=False),
    Column("county_id", Id, ForeignKey("unit.id"), nullable=False),
    #: the village
    Column("unit_id", Id, ForeignKey("unit.id"), nullable=False),
    #: "2026-Q2"
    Column("quarter", String(7), nullable=False),
    Column("reported_on", Date),
    Column("reported_by", Id),
    Column("none_found", Boolean, nullable=False, default=False),
    Column("case_families", Integer, nullable=False, default=0),
    Column("conflict_families", Integer, nullable=False, default=0),
    Column("petition_families", Integer, nullable=False, default=0),
    Column("settled", Integer, nullable=False, default=0),
    #: how many became petitions
    Column("opened", Integer, nullable=False, default=0),
    UniqueConstraint("unit_id", "quarter", name="uq_dispute_sweep_unit_id"),
)

_ENTRY = select(dispute_sweep).where(dispute_sweep.c.case_id == bindparam("b_case"))
_ADD = insert(dispute_sweep)
_CHANGE = update(dispute_sweep).where(dispute_sweep.c.case_id == bindparam("b_case"))


def standing(connection: Connection, case_id: int) -> Row[Any]:
    """The line of a sweep: written before its first step begins."""
    return connection.execute(_ENTRY, {"b_case": case_id}).one()


def enter(view: CaseView, *, county_id: int, quarter: str) -> None:
    """Write the line of a village and quarter; the caller records the beginning of the case."""
    line = {"case_id": view.case.id, "county_id": county_id, "unit_id": view.case.unit_id, "quarter": quarter}
    view.change(_ADD, line)


def report(view: CaseView, columns: dict[str, Any]) -> None:
    """Write what was found; the history says that it was reported, and no number of it."""
    view.change(_CHANGE, {"b_case": view.case.id, **columns})
    view.register_changed(register="dispute_sweep", reported_on=columns["reported_on"].isoformat())
