"""What is a case of its own: a mediation, a joint conference. The petition waits for its end and notes what it came to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from engine.messages import N_, Message
from engine.process_type import Start
from workflows import organisation
from workflows.processes.joint_conference.forms import REFERRED as CONFERENCE
from workflows.processes.mediation import opening as mediation
from workflows.processes.mediation import register as mediation_register
from workflows.processes.petition import register, wording
from workflows.processes.petition.forms_register import minor

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Row

    from engine.process_type import CaseView, Linked, Problems

#: kind of the case → how it is linked to the petition
_RELATION: Final = {"mediation": "mediation", "joint_conference": "conference"}
#: form that waits → kind of the case it waits for
WAITED_FOR: Final = {"mediation_result": "mediation", "conference_result": "joint_conference"}


def open_mediation(view: CaseView) -> Mapping[str, Any]:
    """Open the mediation with what it needs to know; whether it may begin at all is decided there (D5).

    A petition that tells of violence says so, and of a minor who suffers it; that it tells of none answers nothing: she is
    asked alone.
    """
    if unfinished(view, "mediation") is None:
        typed = view.form("register") or {}
        told = {name: typed.get(name) for name in ("name", "idcard", "phone", "address")}
        told |= {"otherName": typed.get("accused"), "pastViolence": True if typed.get("violence") else None}
        if typed.get("violence") and (typed.get("minorAtRisk") or minor(typed)):
            told["protectedVictim"] = True
        told["subject"] = "\n".join(typed[name] for name in ("matter", "claim") if typed.get(name))
        mediation.open_mediation(view, told, register.standing(view).county_id)
    return {}


def open_conference(view: CaseView) -> Mapping[str, Any]:
    """Open the joint conference (S001-4): what kind of matter it is and why, no name and nothing of what she told."""
    if unfinished(view, "joint_conference") is None:
        line = register.standing(view)
        place = organisation.unit(view.connection, organisation.home_of(view.connection, view.case.unit_id))
        category = wording.label(wording.CATEGORY, line.category)
        flags = [str(text) for flag, text in _reasons(line) if flag]
        answers = CONFERENCE.dump(
            {
                "type": "PETITION",
                "sourceNumber": view.case.number,
                "subject": f"{category}信访事项",
                "question": "、".join([*flags, f"{line.people} 人"]) + "：研究处理办法和各单位分工",
            }
        )
        where = Start(place.id, place.path, place.code)
        view.open_case("joint_conference", where, relation="conference", form=CONFERENCE.key, answers=answers)
    return {}


def _reasons(line: Row[Any]) -> tuple[tuple[bool, str], ...]:
    return (line.collective, "群体信访"), (line.major, "重大事项"), (line.repeat_count > 0, "重复信访")


def unfinished(view: CaseView, kind: str) -> Linked | None:
    """The case of that kind opened from this one that still runs."""
    return next((each for each in view.linked(_RELATION[kind]) if each.later and each.state == "open"), None)


def waiting(view: CaseView, form: str) -> Problems:
    """Why the result cannot be noted yet."""
    running = unfinished(view, WAITED_FOR[form])
    if running is None or (running.kind == "mediation" and came_to(view)):
        return {}
    text = N_("{number} 还没有结束：结束以后才能登记结果")
    first = {"mediation_result": "result", "conference_result": "heldOn"}[form]
    return {first: [wording.ruled(text, "P2", number=running.number)]}


def called_off(view: CaseView) -> bool:
    """Whether the last conference was never held."""
    last = [each for each in view.linked("conference") if each.later][-1:]
    return bool(last) and last[0].outcome == "calledOff"


def came_to(view: CaseView) -> str:
    """The outcome of the last mediation, "" while there is none; what was agreed is still being performed afterwards."""
    children = [each for each in view.linked("mediation") if each.later]
    found = mediation_register.result(view.connection, children[-1].case_id) if children else None
    return found.outcome or "" if found is not None else ""


def told(view: CaseView, form: str) -> list[Message]:
    """How the case stands for which the petition waits."""
    found = [each for each in view.linked(_RELATION[WAITED_FOR[form]]) if each.later]
    return [Message(_ENDED if each.outcome else _RUNS, {"number": each.number}) for each in found]


_RUNS = N_("{number} 正在办理，还没有结束")
_ENDED = N_("{number} 已经结束，请登记结果")
