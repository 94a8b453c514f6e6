"""What a petition's form opens with: defaults that harm nobody, and the explained sentences a person needs first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from engine.clock import SHANGHAI
from engine.messages import N_, Message
from engine.process_type import Prepared
from workflows import organisation
from workflows.posts import UnitKind
from workflows.processes.petition import (
    calls,
    children,
    closing,
    decisions,
    forwarding,
    open_work,
    rating,
    register,
    repeats,
    withdrawal,
    wording,
)
from workflows.processes.petition.overdue import conclude_by
from workflows.processes.petition.policy import policy_of

if TYPE_CHECKING:
    from engine.process_type import CaseView

_LEVEL: Final = {
    UnitKind.VILLAGE: "VILLAGE", UnitKind.TOWN: "TOWN", UnitKind.COUNTY: "COUNTY",
    UnitKind.CITY: "ABOVE", UnitKind.PROVINCE: "ABOVE",
}  # fmt: skip


def prepare(view: CaseView, form: str) -> Prepared:
    """The start of a form; what was answered before comes back when a step comes round again."""
    maker = _FORMS.get(form)
    return Prepared(view.form(form) or {}) if maker is None else maker(view)


def _register(view: CaseView) -> Prepared:
    """Today, one woman, at this desk: what is asked of safety has no default but her own word."""
    if view.form("register"):
        return Prepared(view.form("register") or {})
    if view.form("called"):
        return Prepared(view.form("called") or {}, [Message(_CALLED if calls.call_of(view) else _SWEPT)])
    here = organisation.unit(view.connection, view.case.unit_id)
    by_phone = any(post.code == "HOTLINE_AGENT" for post in view.actor.posts)
    initial = {
        "channel": "HOTLINE" if by_phone else "VISIT",
        "receivedOn": view.today.isoformat(),
        "receivedTime": f"{view.now.astimezone(SHANGHAI):%H:%M}",
        "sex": "F",
        "people": 1,
        "matterKind": "OWN",
        "place": here.id,
        "requestedLevel": _LEVEL[here.kind],
        "urgency": "NORMAL",
    }
    return Prepared(initial)


_SWEPT = N_("排查中发现的，记下的内容都已带过来；先问她怎样联系才安全、她要什么，再提交")
_CALLED = N_("12338 来电时录入的内容都已带过来，核对后提交即可，不必再问她一遍；首问人是接听的坐席")


def _triage(view: CaseView) -> Prepared:
    """D3 with its reasons, and the flags."""
    days = policy_of(view).period("pet.assigned.report").amount
    proposed = {"reportBackOn": (view.today + timedelta(days=days)).isoformat(), **decisions.proposed(view)}
    return Prepared(proposed, [decisions.told(decisions.route(view)), *_flags(view)])


def _flags(view: CaseView) -> list[Message]:
    line = register.standing(view)
    asked = (
        (line.collective, wording.ruled(_COLLECTIVE, "S001-4", people=line.people)),
        (line.major, wording.ruled(_MAJOR, "条例25")),
        (line.repeat_count >= 1, wording.ruled(_REPEAT, "S001-4", count=line.repeat_count)),
        (line.level_skipping, wording.ruled(_SKIPPED, "条例20")),
        (line.assigned_by, wording.ruled(_ASSIGNED, "条例22", on=line.report_back_on)),
    )
    return [said for flag, said in asked if flag]


_COLLECTIVE = N_("群体信访：{people} 人，考虑召开联席会议")
_MAJOR = N_("重大事项：及时报告")
_REPEAT = N_("重复信访：同一事项已来过 {count} 次，考虑召开联席会议")
_ASSIGNED = N_("交办：请于 {on} 前报告结果")
_SKIPPED = N_("越级：不在窗口拒绝，登记安抚后转到有权处理的一级，并告知本人")


def _escalate_up(view: CaseView) -> Prepared:
    notes = [decisions.told(decisions.route(view)), *_flags(view)]
    if register.standing(view).category == "LAND":
        notes.append(wording.ruled(_LAND, "妇保法56、妇保法75"))
    return Prepared({}, notes)


_LAND = N_("妇女的土地承包和集体成员权益受法律保护，村规民约不得侵害；受侵害的，乡镇人民政府责令改正")


def _receive(view: CaseView) -> Prepared:
    last = forwarding.objection_until(view).isoformat()
    told = view.form("triage") or {}
    notes = [wording.ruled(N_("认为不属于本单位的，最晚 {limit} 提出异议并写明理由"), "条例23", limit=last)]
    if told.get("instruction"):
        notes.append(Message(N_("转送要求：{text}"), {"text": told["instruction"]}))
    if told.get("reportBackOn"):
        notes.append(Message(N_("交办：请于 {on} 前报告结果"), {"on": told["reportBackOn"]}))
    return Prepared({"received": "AGREE"}, notes)


def _report(view: CaseView) -> Prepared:
    line = register.standing(view)
    note = wording.ruled(_ASSIGNED, "条例22", on=line.report_back_on)
    return Prepared({"reportedOn": view.today.isoformat(), **(view.form("report") or {})}, [note])


def _objected(view: CaseView) -> Prepared:
    told = view.form("receive") or {}
    return Prepared({}, [Message(N_("对方的异议：{text}"), {"text": told.get("reason") or ""})])


def _dispute(view: CaseView) -> Prepared:
    said = view.form("objection_reply") or {}
    return Prepared(
        {}, [*_objected(view).notes, Message(N_("转送单位的理由：{text}"), {"text": said.get("reason") or ""})]
    )


def _accept(view: CaseView) -> Prepared:
    line = register.standing(view)
    how = "NO_CONTACT" if line.anonymous else "IN_PERSON"
    on = None if line.anonymous else view.today.isoformat()
    return Prepared({"acceptedOn": view.today.isoformat(), "noticeOn": on, "noticeHow": how})


def _guide(view: CaseView) -> Prepared:
    led, why = repeats.led(view)
    line, kind = register.standing(view), {"COURT": "COURT", "LOAN_AID": "SCOPE"}.get(register.standing(view).route)
    initial = {
        "bodyKind": kind,
        "forwarded": kind is None,
        "noticeHow": "NO_CONTACT" if line.anonymous else "IN_PERSON",
    }
    if not line.anonymous:
        initial["noticeOn"] = view.today.isoformat()
    known = {k: v for k, v in initial.items() if v is not None} | led
    return Prepared(known, why or [decisions.told(decisions.route(view))])


def _today(*names: str) -> Callable[[CaseView], Prepared]:
    def prepared(view: CaseView) -> Prepared:
        return Prepared(dict.fromkeys(names, view.today.isoformat()))

    return prepared


def _plan(view: CaseView) -> Prepared:
    stored = {k: v for k, v in (view.form("plan") or {}).items() if k not in _CHOSEN_ANEW}
    return Prepared(stored, _flags(view))


_CHOSEN_ANEW: Final = frozenset(
    ("dangerSeen", "dangerFacts", "investigate", "legal", "counsel", "letter", "mediate", "conference", "aid")
)


def _decide(view: CaseView) -> Prepared:
    by = conclude_by(view.connection, view.case.id)
    notes = [wording.ruled(N_("办结的最后一天是 {limit}"), "条例34", limit=by.isoformat())] if by else []
    steps = open_work.names(view)
    if steps:
        notes.append(Message(N_("还没有完成的工作：{steps}"), {"steps": "、".join(steps)}))
    return Prepared({}, notes)


def _waiting(form: str) -> Callable[[CaseView], Prepared]:
    def prepared(view: CaseView) -> Prepared:
        return Prepared({}, children.told(view, form))

    return prepared


def _answer(view: CaseView) -> Prepared:
    line = register.standing(view)
    initial: dict[str, Any] = {"askedBy": "NO_CONTACT" if line.anonymous else "OTHER_STAFF"}
    if line.rated is not None:
        initial = {"askedBy": "HERSELF", "satisfaction": line.rated, "hasAnswer": line.rated_answered}
    return Prepared({**initial, "askedOn": view.today.isoformat()}, rating.told(view))


def _track(view: CaseView) -> Prepared:
    """Where it is now."""
    line = register.standing(view)
    place = organisation.unit(view.connection, line.unit_id)
    text = N_("现在由{unit}办理：{state}")
    return Prepared({}, [Message(text, {"unit": place.name, "state": Message(wording.STATE[line.state])})])


def _close(view: CaseView) -> Prepared:
    line = register.standing(view)
    notes = closing.missing(view)
    if line.overdue:
        notes.append(wording.ruled(N_("本件超过办结期限，永久计入超期"), "条例34"))
    return Prepared({}, notes)


def _followup(view: CaseView) -> Prepared:
    first = withdrawal.not_before(view).isoformat()
    return Prepared(
        {}, [wording.ruled(N_("{limit} 起按安全方式单独随访；她要继续办理的，随时登记"), "P2", limit=first)]
    )


_FORMS: Mapping[str, Callable[[Any], Prepared]] = {
    "register": _register,
    "match": repeats.told,
    "triage": _triage,
    "escalate_up": _escalate_up,
    "receive": _receive,
    "objection_reply": _objected,
    "dispute": _dispute,
    "accept": _accept,
    "guide": _guide,
    "handle_now": _today("answeredOn"),
    "body_answer": _today("answeredOn"),
    "urge": _today("sentOn"),
    "report": _report,
    "investigate": _today("doneOn"),
    "legal": _today("doneOn"),
    "counsel": _today("doneOn"),
    "letter_body": _today("sentOn"),
    "aid": _today("appliedOn"),
    "plan": _plan,
    "decide": _decide,
    "deliver": _today("deliveredOn"),
    "mediation_result": _waiting("mediation_result"),
    "conference_result": _waiting("conference_result"),
    "answer": _answer,
    "track": _track,
    "close": _close,
    "withdraw_check": _today("askedOn"),
    "followup": _followup,
}
