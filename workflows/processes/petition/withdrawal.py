"""When an item may be withdrawn (processes.md §2): asked alone, of her own will; where there is danger only after thirty days."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from workflows.processes.dv_case.opening import RELATION
from workflows.processes.petition import register
from workflows.processes.petition.decisions import harmed
from workflows.processes.petition.overdue import as_it_stands
from workflows.processes.petition.policy import policy_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.process_type import CaseView


def judge(view: CaseView) -> Mapping[str, Any]:
    """Whether it may be closed as withdrawn now; the register says so when it may."""
    allowed = wants(view) and not pressed(view) and (not endangered(view) or confirmed(view))
    if allowed:
        clock = as_it_stands(view.connection, register.standing(view), view.now)
        ended = {"state": "withdrawn", "outcome": "WITHDRAWN", "concluded_on": view.today, "answered_on": view.today}
        register.set_columns(view, **ended, **clock)
    return {"withdraw_ok": allowed}


def wants(view: CaseView) -> bool:
    """Whether she, asked alone, still wants it."""
    return bool((view.form("withdraw_check") or {}).get("stillWants"))


def pressed(view: CaseView) -> bool:
    """Whether whoever asked her last suspects that she was pressed: then it is no wish of hers, however often she was asked."""
    return bool((view.form("withdraw_check") or {}).get("pressed"))


def endangered(view: CaseView) -> bool:
    """Violence, a minor, or a suspicion that she was pressed: then nothing is closed at once (P18)."""
    typed = view.form("register") or {}
    later = any(each.later for each in view.linked(RELATION))
    return harmed(typed) or bool(typed.get("minorInvolved")) or later or pressed(view)


def confirmed(view: CaseView) -> bool:
    """Whether she was followed up after the waiting time, alone, and wants it still."""
    return (view.form("followup") or {}).get("result") == "CONFIRMED"


def not_before(view: CaseView) -> date:
    """The first day on which her wish may be confirmed: the waiting time after she was asked alone."""
    asked = date.fromisoformat((view.form("withdraw_check") or {})["askedOn"])
    return asked + timedelta(days=policy_of(view).period("pet.withdraw.wait").amount)


def owed(view: CaseView) -> bool:
    """Whether a follow-up is due that nobody has made."""
    return view.form("withdraw_check") is not None and endangered(view) and view.form("followup") is None
