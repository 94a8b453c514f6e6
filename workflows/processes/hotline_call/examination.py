"""Rules of the call's forms that need the case: those of the petition's register form, and who may be given the call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.clock import SHANGHAI
from engine.messages import N_
from workflows.processes.hotline_call.effects import called_at
from workflows.processes.petition import examination, routing
from workflows.processes.petition.wording import ruled

if TYPE_CHECKING:
    from engine.process_type import Answers, CaseView, Problems


def examine(view: CaseView, form: str, values: Answers) -> Problems:
    """Every problem by path; half-typed values are None and wait."""
    problems = _call(view, values) if form == "call" else {}
    target = values["toUnit"]
    if target is not None and not routing.is_federation(view, target):
        problems["toUnit"] = [ruled(N_("请选择所列的一个妇联组织"), "P2")]
    if form == "take_over" and target is not None and target == view.case.unit_id:
        problems["toUnit"] = [ruled(N_("请选择本单位以外的一个妇联组织"), "P2")]
    return problems


def _call(view: CaseView, values: Answers) -> Problems:
    asked = {**values, "channel": "HOTLINE", "receptionDay": None}
    problems = examination.examine(view, "register", asked)
    on = values["receivedOn"]
    if on is not None and not problems.keys() & {"receivedOn", "receivedTime"} and called_at(view, values) > view.now:
        text = N_("来电时间 {seen} 晚于现在 {limit}")
        told = {"seen": values["receivedTime"] or "", "limit": f"{view.now.astimezone(SHANGHAI):%H:%M}"}
        problems["receivedTime"] = [ruled(text, "P2", **told)]
    if values["accusedStaff"] and values["result"] not in (None, "HAND_OVER"):
        text = N_("反映工作人员的，须移交：由上一级妇联办理，不能在电话里答复了事")
        problems["result"] = [ruled(text, "条例30")]
    return problems
