"""Whom an item must not reach: units kept from it, and what she says at the desk of his ties (D3.1, 条例 30)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, select

from engine.model_teams import case_exclusion
from workflows import organisation
from workflows.posts import UnitKind

if TYPE_CHECKING:
    from engine.process_type import CaseView

_KEPT_OUT: Final = select(case_exclusion.c.id).where(
    case_exclusion.c.case_id == bindparam("b_case"),
    case_exclusion.c.ended_at.is_(None),
    case_exclusion.c.token.in_(bindparam("b_tokens", expanding=True)),
)


def tied(view: CaseView) -> bool:
    """Whether he, or somebody close to him, works in one of the offices it would pass through."""
    return (view.form("register") or {}).get("ties") == "YES"


def kept_out(view: CaseView, unit_id: int) -> bool:
    """Whether a unit, or one above it, is kept from the item: never to the unit of whoever is complained about (条例 30)."""
    if not view.case.guarded:
        return False
    units = (unit_id, *(unit.id for unit in organisation.ancestors(view.connection, unit_id)))
    tokens = [token for each in units for token in view.vault.lookups("exclusion", f"unit:{each}")]
    return view.connection.execute(_KEPT_OUT, {"b_case": view.case.id, "b_tokens": tokens}).first() is not None


def passed_over(view: CaseView, unit_id: int) -> bool:
    """Whether the item must not go to a unit: it is kept out, or it is a village where he has ties."""
    village = organisation.unit(view.connection, unit_id).kind is UnitKind.VILLAGE
    return (village and tied(view)) or kept_out(view, unit_id)
