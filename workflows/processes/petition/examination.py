"""Rules of the petition's forms that need the case: each refusal names its clause, and nothing that was typed is lost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, time
from typing import TYPE_CHECKING, Any, Final

from engine.clock import Unit
from engine.messages import N_, Message
from workflows import safe_contact
from workflows.calendar_days import calendar_of
from workflows.processes.petition import (
    children,
    closing,
    open_work,
    reception,
    register,
    repeats,
    routing,
    safety,
    withdrawal,
)
from workflows.processes.petition.decisions import proposed
from workflows.processes.petition.policy import policy_of
from workflows.processes.petition.wording import ruled

if TYPE_CHECKING:
    from engine.process_type import Answers, CaseView, Problems

#: days that tell what has happened: none lies in the future, none before the item was received
_PAST: Final = {
    "register": ("receivedOn",),
    "accept": ("acceptedOn", "noticeOn"),
    "guide": ("noticeOn",),
    "handle_now": ("answeredOn",),
    "body_answer": ("answeredOn",),
    "urge": ("sentOn",),
    "report": ("reportedOn",),
    "plan": ("interviewedOn",),
    "investigate": ("doneOn",),
    "legal": ("doneOn",),
    "counsel": ("doneOn",),
    "letter_body": ("sentOn",),
    "letter_answer": ("answeredOn",),
    "mediation_result": ("endedOn",),
    "conference_result": ("heldOn",),
    "aid": ("appliedOn",),
    "deliver": ("deliveredOn",),
    "answer": ("askedOn",),
    "withdraw_check": ("askedOn",),
    "followup": ("followedOn",),
}
_TOLD: Final = ("IN_PERSON", "PHONE")


def examine(view: CaseView, form: str, values: Answers) -> Problems:
    """Every problem by path; half-typed values are None and wait."""
    problems = _days(view, form, values)
    rule = _RULES.get(form)
    for path, found in (rule(view, values) if rule else {}).items():
        problems.setdefault(path, []).extend(found)
    return problems


def _days(view: CaseView, form: str, values: Answers) -> Problems:
    line = register.entry(view.connection, view.case.id)
    problems: Problems = {}
    for name in _PAST.get(form, ()):
        day = values[name]
        if day is None:
            continue
        if day > view.today:
            text = N_("填写的是 {seen}，不能晚于今天 {limit}")
            problems[name] = [ruled(text, "P2", seen=day.isoformat(), limit=view.today.isoformat())]
        elif line is not None and form != "register" and day < line.received_on:
            text = N_("填写的是 {seen}，不能早于收到日期 {limit}")
            problems[name] = [ruled(text, "P2", seen=day.isoformat(), limit=line.received_on.isoformat())]
    return problems


def _register(view: CaseView, values: Answers) -> Problems:
    problems = {**safety.problems(values, view.case.number), **reception.problems(view, values)}
    if values["receivedTime"] and not _is_time(values["receivedTime"]):
        problems["receivedTime"] = [Message(N_("时间写作 09:30"))]
    if values["accusedStaff"] and not routing.is_staff(view, values["accusedStaff"]):
        problems["accusedStaff"] = [Message(N_("请从所列工作人员中选择"))]
    if values["place"] is not None and not routing.is_place(view, values["place"]):
        problems["place"] = [Message(N_("请从所列地点中选择"))]
    if values["category"] == "STAFF" and not values["accusedStaff"] and not values["accused"]:
        problems["accused"] = [ruled(N_("反映工作人员的，请写明是谁"), "条例30")]
    return problems


def _is_time(typed: str) -> bool:
    try:
        time.fromisoformat(typed)
    except ValueError:
        return False
    return len(typed) == 5


def _triage(view: CaseView, values: Answers) -> Problems:
    problems: Problems = {}
    target = values["targetUnit"]
    if target is not None and (target == view.case.unit_id or not routing.is_federation(view, target)):
        problems["targetUnit"] = [ruled(N_("请选择本单位以外的一个妇联组织"), "P2")]
    if values["reportBackOn"] is not None and values["reportBackOn"] <= view.today:
        problems["reportBackOn"] = [Message(N_("报告结果的日期须晚于今天"))]
    meant = proposed(view)
    if values["way"] and _differs(values, meant) and not values["deviationReason"]:
        problems["deviationReason"] = [ruled(N_("与系统建议不同的，须写明理由"), "P2")]
    return problems


def _differs(values: Answers, meant: Mapping[str, Any]) -> bool:
    """Settling it at once is always allowed; forwarding and assigning are the same way of passing on."""
    passing = ("FORWARD", "ASSIGN")
    way = values["way"]
    if way == "HANDLE_NOW":
        return False
    if way in passing and meant["way"] in passing:
        return values["targetUnit"] not in (None, meant["targetUnit"])
    return bool(way != meant["way"])


def objection_until(view: CaseView) -> date:
    """The last day on which a forwarded item may be objected to (条例 23)."""
    period, line = policy_of(view).period("pet.objection"), register.standing(view)
    calendar = calendar_of(view.connection)
    assert period.unit is not Unit.HOUR  # noqa: S101 - the law's unit, held by `period_rules`
    return calendar.last_day(line.arrived_on, period.amount, period.unit)


def _receive(view: CaseView, values: Answers) -> Problems:
    last = objection_until(view)
    if values["received"] == "OBJECT" and view.today > last:
        text = N_("异议须在收到之日起 5 个工作日内提出，最后一天是 {limit}，已经过了：请接收办理")
        return {"received": [ruled(text, "条例23", limit=last.isoformat())]}
    return {}


def _dispute(view: CaseView, values: Answers) -> Problems:
    if values["unit"] is not None and not routing.is_federation(view, values["unit"]):
        return {"unit": [ruled(N_("请选择一个妇联组织"), "条例24")]}
    return {}


def _notice(view: CaseView, form: str, values: Answers) -> Problems:
    """She is told unless she cannot be reached (条例 23); what went out must have been allowed to (D4)."""
    how = values["noticeHow"]
    if how is None:
        return {}
    why = safe_contact.refused(view, form, "noticeHow", how)
    if why is not None:
        return {"noticeHow": [why]}
    line = register.standing(view)
    if how in _TOLD and values["noticeOn"] is None:
        return {"noticeOn": [ruled(N_("告知了的，请填写告知日期"), "条例23")]}
    if how == "NO_CONTACT" and not line.anonymous and line.phone_hash is not None:
        return {
            "noticeHow": [ruled(N_("登记了姓名和电话的，应当告知；不能安全告知的选“按安全联系规定未送”"), "条例23")]
        }
    return {}


def _accept(view: CaseView, values: Answers) -> Problems:
    return _notice(view, "accept", values)


def _guide(view: CaseView, values: Answers) -> Problems:
    problems = _notice(view, "guide", values) | repeats.misled(view, values)
    if values["bodyKind"] in ("COURT", "PROCURATORATE") and values["legalAidOffered"] is False:
        problems["legalAidOffered"] = [ruled(N_("引导到法院、检察院的，须同时提供法律援助信息"), "妇保法72")]
    return problems


def _decide(view: CaseView, values: Answers) -> Problems:
    """The work is done first; what mediation came to agrees with what was noted of it."""
    outcome = values["outcome"]
    if outcome in ("WITHDRAWN", None):
        return {}
    if view.form("plan") is None:
        return {"outcome": [ruled(N_("还没有办理计划（谈话、事实、依据），先填办理计划"), "条例31")]}
    open_steps = open_work.names(view)
    if open_steps:
        text = N_("还有安排的工作没有完成：{steps}")
        return {"outcome": [ruled(text, "条例31", steps="、".join(open_steps))]}
    came_to = (view.form("mediation_result") or {}).get("result")
    if outcome == "SETTLED" and came_to != "AGREED":
        return {"outcome": [ruled(N_("没有登记达成协议的调解结果"), "条例33")]}
    if outcome == "NOT_AGREED" and came_to not in ("NOT_AGREED", "STOPPED"):
        return {"outcome": [ruled(N_("没有登记未达成协议的调解结果"), "条例33")]}
    return {}


def _mediated(view: CaseView, values: Answers) -> Problems:
    problems = children.waiting(view, "mediation_result")
    outcome = children.came_to(view)
    if not problems and values["result"] and outcome and (values["result"] == "AGREED") is not (outcome == "agreed"):
        problems["result"] = [ruled(N_("与调解事项的结果不一致，请核对"), "条例33")]
    if not problems and values["result"] in ("NOT_AGREED", "STOPPED") and not values["onwardTold"]:
        problems["onwardTold"] = [ruled(N_("没有达成协议的，须告知其他解决途径（P-10）"), "S004-24")]
    return problems


def _conferred(view: CaseView, values: Answers) -> Problems:  # noqa: ARG001 - what counts is the other case
    return children.waiting(view, "conference_result")


def _letter(view: CaseView, values: Answers) -> Problems:  # noqa: ARG001 - two days of the form itself
    sent, by = values["sentOn"], values["answerBy"]
    if sent is not None and by is not None and by <= sent:
        return {"answerBy": [Message(N_("请求答复的日期须晚于发出日期"))]}
    return {}


def _deliver(view: CaseView, values: Answers) -> Problems:
    problems: Problems = {}
    line = register.standing(view)
    if values["way"] is not None:
        why = safe_contact.refused(view, "deliver", "way", values["way"])
        if why is not None:
            problems["way"] = [why]
    if values["deliveredOn"] is not None and line.concluded_on and values["deliveredOn"] < line.concluded_on:
        text = N_("送达日期 {seen} 早于处理意见的日期 {limit}")
        seen = {"seen": values["deliveredOn"].isoformat(), "limit": line.concluded_on.isoformat()}
        problems["deliveredOn"] = [ruled(text, "条例35", **seen)]
    if values["receiptKind"] == "SIGNED" and not view.papers("deliver").get("receipt"):
        problems["receipt"] = [ruled(N_("请上传送达回证；没有的写明理由"), "条例35")]
    return problems


def _answer(view: CaseView, values: Answers) -> Problems:  # noqa: ARG001 - what counts is her word
    """Her answer comes first; the handler never asks how satisfied she is (`routing.obstacle`)."""
    if values["hasAnswer"] is False:
        return {"hasAnswer": [ruled(N_("她还没有得到答复：请承办人先答复，再回访"), "S004-24")]}
    return {}


def _track(view: CaseView, values: Answers) -> Problems:  # noqa: ARG001 - what counts is the register
    if register.standing(view).answered_on is None:
        return {"confirmed": [ruled(N_("还没有最终答复：首问人须跟踪到她得到答复为止"), "S002-10")]}
    return {}


def _close(view: CaseView, values: Answers) -> Problems:  # noqa: ARG001 - what counts is the case
    found = closing.missing(view)
    return {"confirmed": found} if found else {}


def _followed(view: CaseView, values: Answers) -> Problems:
    first = withdrawal.not_before(view)
    if values["result"] == "CONFIRMED" and values["followedOn"] is not None and values["followedOn"] < first:
        text = N_("随访不早于 {limit}：撤回要等 30 日后再次单独确认；她要继续办理的，随时可以恢复")
        return {"followedOn": [ruled(text, "P2", limit=first.isoformat())]}
    return {}


_RULES: Mapping[str, Callable[[Any, Any], Any]] = {
    "register": _register,
    "match": repeats.problems,
    "triage": _triage,
    "receive": _receive,
    "dispute": _dispute,
    "accept": _accept,
    "guide": _guide,
    "decide": _decide,
    "mediation_result": _mediated,
    "conference_result": _conferred,
    "letter_body": _letter,
    "deliver": _deliver,
    "answer": _answer,
    "track": _track,
    "close": _close,
    "followup": _followed,
}
