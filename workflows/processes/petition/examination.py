"""Rules of the petition's forms that need the case: each refusal names its clause, and nothing that was typed is lost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import time
from typing import TYPE_CHECKING, Any, Final

from engine.clock import SHANGHAI
from engine.messages import N_, Message
from workflows import safe_contact
from workflows.processes.petition import (
    answering,
    children,
    forwarding,
    open_work,
    reception,
    register,
    repeats,
    routing,
    safety,
)
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
#: what a plan may arrange
WORKS: Final = ("investigate", "mediate", "legal", "counsel", "letter", "conference", "aid")


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
    elif values["receivedTime"] and values["receivedOn"] == view.today and values["receivedTime"] > _now(view):
        text = N_("填写的是 {seen}，不能晚于现在（{limit}）")
        problems["receivedTime"] = [Message(text, {"seen": values["receivedTime"], "limit": _now(view)})]
    if values["accusedStaff"] and not routing.is_staff(view, values["accusedStaff"]):
        problems["accusedStaff"] = [Message(N_("请从所列工作人员中选择"))]
    if values["place"] is not None and not routing.is_place(view, values["place"]):
        problems["place"] = [Message(N_("请从所列地点中选择"))]
    if values["category"] == "STAFF" and not values["accusedStaff"] and not values["accused"]:
        problems["accused"] = [ruled(N_("反映工作人员的，请写明是谁"), "条例30")]
    elif values["category"] == "STAFF" and not values["accusedStaff"] and (name := _named(view, values["accused"])):
        text = N_(
            "{name}是本系统的工作人员：请在“被反映的工作人员”里选出，由上一级办理；同名的另一人请写明单位和职务并去掉姓名"
        )
        problems["accusedStaff"] = [ruled(text, "条例30", name=name)]
    return problems


def _named(view: CaseView, typed: str) -> str:
    """The member of staff whose name stands in a text, "" for nobody."""
    names = (said.partition("（")[0] for _, said in routing.staff(view))
    return next((name for name in names if len(name) > 1 and name in typed), "")


def _now(view: CaseView) -> str:
    return f"{view.now.astimezone(SHANGHAI):%H:%M}"


def _is_time(typed: str) -> bool:
    try:
        time.fromisoformat(typed)
    except ValueError:
        return False
    return len(typed) == 5


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
    known = line.phone_hash is not None or (view.form("register") or {}).get("address")
    if how == "NO_CONTACT" and not line.anonymous and known:
        return {
            "noticeHow": [
                ruled(N_("登记了姓名和电话或者住址的，应当告知；不能安全告知的选“按安全联系规定未送”"), "条例23")
            ]
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


def _plan(view: CaseView, values: Answers) -> Problems:
    """What was decided is not worked on any more: an end of the plan alone is noted."""
    chosen = [name for name in WORKS if values[name]]
    if register.standing(view).concluded_on is None or not chosen or open_work.deciding(view):
        return {}
    return {chosen[0]: [ruled(N_("已经出具处理意见，不再安排新的工作"), "条例32")]}


def _mediated(view: CaseView, values: Answers) -> Problems:
    problems = children.waiting(view, "mediation_result")
    outcome = children.came_to(view)
    if not problems and values["result"] and outcome and (values["result"] == "AGREED") is not (outcome == "agreed"):
        problems["result"] = [ruled(N_("与调解事项的结果不一致，请核对"), "条例33")]
    if not problems and values["result"] in ("NOT_AGREED", "STOPPED") and not values["onwardTold"]:
        problems["onwardTold"] = [ruled(N_("没有达成协议的，须告知其他解决途径（P-10）"), "S004-24")]
    return problems


def _conferred(view: CaseView, values: Answers) -> Problems:
    """It is over, and the day on which it was held is that of one that was held."""
    problems = children.waiting(view, "conference_result")
    called_off = children.called_off(view)
    if problems or called_off is (values["heldOn"] is None):
        return problems
    said = N_("联席会议已经取消，没有会议日期") if called_off else N_("请填写会议日期")
    return {"heldOn": [ruled(said, "P2")]}


def _letter(view: CaseView, values: Answers) -> Problems:  # noqa: ARG001 - two days of the form itself
    sent, by = values["sentOn"], values["answerBy"]
    if sent is not None and by is not None and by <= sent:
        return {"answerBy": [Message(N_("请求答复的日期须晚于发出日期"))]}
    return {}


_RULES: Mapping[str, Callable[[Any, Any], Any]] = {
    "register": _register,
    "match": repeats.problems,
    "triage": forwarding.triage,
    "escalate_up": forwarding.escalate_up,
    "receive": forwarding.receive,
    "dispute": forwarding.dispute,
    "accept": _accept,
    "guide": _guide,
    "decide": _decide,
    "mediation_result": _mediated,
    "conference_result": _conferred,
    "letter_body": _letter,
    "plan": _plan,
    "deliver": answering.deliver,
    "answer": answering.answer,
    "track": answering.track,
    "close": answering.close,
    "followup": answering.followed,
}
