"""What is a case of its own: a mediation, a joint conference. The petition waits for its end and notes what it came to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from engine.messages import N_, Message
from engine.process_type import Start
from workflows import organisation
from workflows.processes.mediation import opening as mediation
from workflows.processes.petition import register, wording

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.process_type import CaseView, Linked, Problems

#: what a joint conference is told (P8)
_TO_CONFERENCE: Final = ("category", "matter", "claim", "people")
#: form that waits → kind of the case it waits for
WAITED_FOR: Final = {"mediation_result": "mediation", "conference_result": "joint_conference"}


def open_mediation(view: CaseView) -> Mapping[str, Any]:
    """Open the mediation with what it needs to know; whether it may begin at all is decided there (D5).

    A petition that tells of violence says so; that it tells of none answers nothing: she is asked alone.
    """
    if unfinished(view, "mediation") is None:
        typed = view.form("register") or {}
        told = {name: typed.get(name) for name in ("name", "idcard", "phone", "address")}
        told |= {"otherName": typed.get("accused"), "pastViolence": True if typed.get("violence") else None}
        told["subject"] = "\n".join(typed[name] for name in ("matter", "claim") if typed.get(name))
        mediation.open_mediation(view, told, register.standing(view).county_id)
    return {}


def open_conference(view: CaseView) -> Mapping[str, Any]:
    """Open the joint conference."""
    return _open(view, "joint_conference", _TO_CONFERENCE)


def _open(view: CaseView, kind: str, told: tuple[str, ...]) -> Mapping[str, Any]:
    if unfinished(view, kind) is None:
        typed, line = view.form("register") or {}, register.standing(view)
        place = organisation.unit(view.connection, line.county_id)
        answers = {name: typed.get(name) for name in told}
        answers |= {"collective": line.collective, "major": line.major, "repeatCount": line.repeat_count}
        where = Start(place.id, place.path, place.code)
        view.open_case(kind, where, relation=kind, form="referred", answers=answers)
    return {}


def unfinished(view: CaseView, kind: str) -> Linked | None:
    """The case of that kind opened from this one that still runs."""
    return next((each for each in view.linked(kind) if each.later and each.state == "open"), None)


def waiting(view: CaseView, form: str) -> Problems:
    """Why the result cannot be noted yet."""
    running = unfinished(view, WAITED_FOR[form])
    if running is None:
        return {}
    text = N_("{number} 还没有结束：结束以后才能登记结果")
    first = {"mediation_result": "result", "conference_result": "heldOn"}[form]
    return {first: [wording.ruled(text, "P2", number=running.number)]}


def told(view: CaseView, form: str) -> list[Message]:
    """How the case stands for which the petition waits."""
    found = [each for each in view.linked(WAITED_FOR[form]) if each.later]
    return [Message(_ENDED if each.outcome else _RUNS, {"number": each.number}) for each in found]


_RUNS = N_("{number} 正在办理，还没有结束")
_ENDED = N_("{number} 已经结束，请登记结果")
