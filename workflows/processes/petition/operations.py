"""The automatic steps of the petition's drawing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from engine.commands.context import CaseContext
from workflows.complaints import lift_above
from workflows.processes.dv_case.opening import confide, open_protection
from workflows.processes.petition import calls, children, closing, matching, moves, register, repeats, withdrawal
from workflows.processes.petition.decisions import harmed
from workflows.processes.petition.effects import flagged
from workflows.processes.petition.safety import BLOCK_FIELDS

if TYPE_CHECKING:
    from engine.process_type import CaseView

#: what a protection case is told of the petition: the signs, who she is and how she is safely reached; nothing else
_SIGNS: Final = ("violence", "minorInvolved", "minorAtRisk", "urgency", "matter", "name", "age", "anonymous")
PROTECTED: Final = (*_SIGNS, *BLOCK_FIELDS)


def perform(view: CaseView, operation: str) -> Mapping[str, Any]:
    """An automatic step; returns the routing facts it gives."""
    return _OPERATIONS[operation](view)


def _protect(view: CaseView) -> Mapping[str, Any]:
    """Before anything else: a complaint about staff goes one level up (条例 30), and a C3 case is opened where there is harm.

    In this order: whoever is accused is kept from the protection as well, and gets no notice of either.
    """
    typed = view.form("register") or {}
    staff = typed.get("accusedStaff")
    if staff:
        assert isinstance(view, CaseContext)  # noqa: S101 - the drawing moves within a command alone
        view.write_description()
        lift_above(view.work, view.case.id, account_id=int(staff), reason=str(typed["matter"])[:200])
        view.case = view.work.fresh(view.case.id)
        register.set_columns(view, unit_id=view.case.unit_id)
    if harmed(typed):
        confide(view)
    if harmed(typed) and not calls.is_protected(view):
        known = {name: typed.get(name) for name in PROTECTED}
        open_protection(view, known, joins=not view.excludes(view.actor.id))
    flagged(view)
    return {}


def _find_same(view: CaseView) -> Mapping[str, Any]:
    """Whether somebody has to look. New violence is never a repeat of what was told before (P09)."""
    typed = view.form("register") or {}
    if harmed(typed):
        return {"same_found": False}
    found = matching.found(view)
    return {"same_found": bool(found.shown or found.hidden)}


def _move_up(view: CaseView) -> Mapping[str, Any]:
    moves.up(view)
    return {}


def _take_back(view: CaseView) -> Mapping[str, Any]:
    moves.back(view)
    return {}


def _assigned(view: CaseView) -> Mapping[str, Any]:
    return {"assigned": register.standing(view).assigned_by is not None}


_OPERATIONS: Mapping[str, Callable[[Any], Mapping[str, Any]]] = {
    "petition.protect": _protect,
    "petition.find_same": _find_same,
    "petition.join": repeats.join,
    "petition.move_up": _move_up,
    "petition.take_back": _take_back,
    "petition.open_mediation": children.open_mediation,
    "petition.open_conference": children.open_conference,
    "petition.withdrawal": withdrawal.judge,
    "petition.assigned": _assigned,
    "petition.close": closing.close,
}
