"""Every item has an outcome and every matter an answer (S004-24): what is still missing, and what closing writes down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.errors import NotNow
from engine.messages import N_
from workflows.processes.petition import children, moves, register, withdrawal, wording

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.messages import Message
    from engine.process_type import CaseView

_NO_OUTCOME = N_("没有办理结果，不能结案")
_NO_ANSWER = N_("没有答复本人，不能结案；匿名或无法联系的，须在回访中写明理由")
_NO_REPORT = N_("交办的事项还没有报告结果（{on} 前），不能结案")
_RUNNING = N_("由本件开出的调解或者联席会议还没有结束，不能结案：先让它结束（调解用“停止调解”）")
_FOLLOW_UP = N_("要求撤回而怀疑受压力，或涉及暴力、未成年人的，随访之后才能结案")


def close(view: CaseView) -> Mapping[str, Any]:
    """Write the end into the register, tell the first who was asked; returns the end the drawing leads to.

    NotNow when something is missing: whatever way has led here, no item ends without outcome and answer.
    """
    lacking = missing(view)
    if lacking:
        raise NotNow(why=lacking[0])
    line = register.standing(view)
    ending = _ending(line)
    register.set_columns(view, state=ending, closed_on=view.today)
    view.notify(line.first_post, line.first_unit_id, "petition.answered")
    if line.assigned_by is not None and view.form("report") is None:
        moves.tell(view, line.assigned_by, "petition.reported")
    return {"ending": ending}


def _ending(line: Any) -> str:
    if line.outcome == "WITHDRAWN":
        return "withdrawn"
    if line.outcome == "MOVED":
        return "transferred"
    return "guided" if line.state == "guided" else "concluded"


def outcome_of(view: CaseView) -> str:
    """The outcome of the item, "" while there is none."""
    return register.standing(view).outcome or ""


def answered(view: CaseView) -> bool:
    """Whether she has her answer, or somebody wrote down why she cannot have one."""
    line, asked = register.standing(view), view.form("answer") or {}
    if line.outcome == "WITHDRAWN":
        return view.form("withdraw_check") is not None
    return bool(asked.get("hasAnswer") or asked.get("noContactReason"))


def _running(view: CaseView) -> bool:
    """Whether a mediation or a conference that began in this item has not come to its end."""
    return any(children.unfinished(view, kind) is not None for kind in children.WAITED_FOR.values())


def missing(view: CaseView) -> list[Message]:
    """Why the item cannot be closed, each with its clause."""
    found = []
    if not outcome_of(view):
        found.append(wording.ruled(_NO_OUTCOME, "S004-24"))
    if not answered(view):
        found.append(wording.ruled(_NO_ANSWER, "S004-24"))
    line = register.standing(view)
    if line.assigned_by is not None and line.accepted_on is not None and view.form("report") is None:
        found.append(wording.ruled(_NO_REPORT, "条例22", on=line.report_back_on))
    if _running(view):
        found.append(wording.ruled(_RUNNING, "P2"))
    if withdrawal.owed(view):
        found.append(wording.ruled(_FOLLOW_UP, "P2"))
    return found
