"""Rules of each form that need the case: days, the mediator's ties, the limits where there was violence, forbidden clauses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from engine.messages import N_, Message
from workflows.form import papers_missing
from workflows.processes.mediation import decisions, register, standing, state, wording
from workflows.processes.mediation.forms import FORMS
from workflows.processes.mediation.gate import (
    ALWAYS,
    FORBIDDEN,
    OF_VIOLENCE,
    RESCORE,
    Gate,
    assessments,
    gate,
    merged,
)
from workflows.processes.mediation.reading import clause_texts
from workflows.processes.mediation.routing import listed_mediators
from workflows.safe_contact import refused, refused_to
from workflows.screening import explained, screen

if TYPE_CHECKING:
    from datetime import date

    from engine.process_type import Answers, CaseView, Problems

#: days on which something happened, none of them in the future
_DAYS = (
    "askedOn", "otherAskedOn", "toldOn", "checkedOn", "heldOn", "policeOn", "stoppedOn", "stopPoliceOn", "toldHerOn",
    "toldOtherOn", "agreedOn", "herSignedOn", "otherSignedOn", "mediatorSignedOn", "sealedOn", "warningBrokenOn",
    "newPoliceOn",
)  # fmt: skip
#: what stopped the talk may be told at any time, whatever the gate says
_STOPPING = ("GATE", "STOP_HER", "STOP_OTHER", "NOT_AGREED")


def examine(view: CaseView, form: str, values: Answers) -> Problems:
    """Everything that is wrong with the answers, by field path."""
    problems = papers_missing(FORMS[form], values, view.papers(form))
    for name in _DAYS:
        day = values.get(name)
        if day is not None and day > view.today:
            text = N_("填写的是 {seen}，不能晚于今天（{today}）")
            problems[name] = [Message(text, {"seen": day.isoformat(), "today": view.today.isoformat()})]
    rule = _RULES.get(form)
    for found in (standing.problems(view, form, values), rule(view, values) if rule else {}):
        for path, said in found.items():
            problems.setdefault(path, []).extend(said)
    return problems


def _consent_her(view: CaseView, values: Answers) -> Problems:
    if not values.get("willing"):
        return {}
    problems = _milder(view, values)
    if values.get("consentForm") != "WRITTEN":
        return problems
    if not values.get("consentText"):
        problems["consentText"] = [Message(N_("她愿意调解的，请把这段话读给她听，再勾选"))]
    if not view.papers("consent_her").get("signedConsent"):
        text = Message(N_("请上传“{label}”"), {"label": Message(N_("她签名的书面同意"))})
        problems["signedConsent"] = [wording.ruled(text, "RML17", code="NO_PAPER")]
    return problems


def _appoint(view: CaseView, values: Answers) -> Problems:
    account = values.get("mediator")
    if account is None:
        return {}
    if account not in {each.account_id for each in listed_mediators(view)}:
        return {"mediator": [Message(N_("请从所列调解员中选择一名"))]}
    hits = screen(view.connection, view.case.id, view.today).hits(account)
    if hits:
        return {"mediator": [explained(hits[0], wording.source("RML19"))]}
    if view.excludes(account):
        return {"mediator": [Message(N_("这名调解员不能办理此件，请另选一名"))]}
    before = register.mediators(view.connection, view.case.id)
    if any(row.account_id == account and row.rejected_by != "NONE" for row in before):
        text = Message(N_("一方没有接受这名调解员，或者已经更换，请另选一名"))
        return {"mediator": [wording.ruled(text, "RML23", code="REJECTED")]}
    return {}


def _milder(view: CaseView, values: Answers) -> Problems:
    """What was known against a mediation stays known: it can become worse, and a band falls by the rule of the gate alone."""
    before = state.known(view)
    problems: Problems = {
        name: [Message(N_("以前登记的是“是”，不能改回“否”"))]
        for name in (*ALWAYS, *OF_VIOLENCE)
        if before.get(name) and values.get(name) is False
    }
    given = {(a.band, a.scored_on, a.scorer) for a in assessments(values)}
    if not given.issuperset((a.band, a.scored_on, a.scorer) for a in assessments(before)):
        problems["assessments"] = [Message(N_("以前的危险评估不能删去，请把新的评估加在后面"))]
    problems |= standing.of_assessments(
        view, values, {(a.band, a.scored_on, a.scorer, a.approved_by) for a in assessments(before)}
    )
    ahead = gate(view, merged(before, values), "GIVEN")
    if ahead.code == RESCORE:  # a new score first, and then this form: that it is missing ends nothing
        problems.setdefault("assessments", []).extend(ahead.reasons)
    return problems


def _session(view: CaseView, values: Answers) -> Problems:
    problems: Problems = {}
    found = state.ask_gate(view)
    if found.result == FORBIDDEN and not values.get("violence") and values.get("result") not in _STOPPING:
        problems["result"] = list(found.reasons)
    if found.result == "LIMITED":
        problems |= _limits(values)
    if values.get("result") == "NEXT" and (values.get("nextOn") or view.today) < view.today:
        problems["nextOn"] = [Message(N_("下次的日期不能早于今天"))]
    return problems


def _limits(values: Answers) -> Problems:
    """Where there was violence (D5): separate rooms, four topics, and her support person if she wants one."""
    problems: Problems = {}
    if values.get("sessionMode") == "TOGETHER":
        text = Message(N_("有过暴力的，必须分室进行"))
        problems["sessionMode"] = [wording.ruled(text, "D5", code="SEPARATE")]
    if values.get("sessionTopic") not in (None, *wording.LIMITED_TOPICS):
        problems["sessionTopic"] = [_only_four()]
    if values.get("support") == "ABSENT" and values.get("result") not in (None, *_STOPPING, "NEXT"):
        text = Message(N_("她要的支持的人不在场时，不能达成协议，请另约时间"))
        problems["support"] = [wording.ruled(text, "D5", code="SUPPORT")]
    return problems


def _only_four() -> Message:
    text = Message(N_("有过暴力的，只能谈财产、扶养费、子女抚养探望和债务"))
    return wording.ruled(text, "D5", code="TOPIC")


def _agreement(view: CaseView, values: Answers) -> Problems:
    problems: Problems = {}
    found = state.ask_gate(view)
    if _forbidden(found):
        problems["way"] = list(found.reasons)
    items = values.get("items") or []
    if register.standing(view).limited:
        for item in items:
            if item.get("topic") not in (None, *wording.LIMITED_TOPICS):
                problems[f"items.{item['slot']}.topic"] = [_only_four()]
    if values.get("way") == "ORAL" and state.by_hand(values, state.parties(view)["topic"]):
        text = Message(N_("涉及婚姻、收养、继承的，须制作书面协议，打印后亲笔签名"))
        problems["way"] = [wording.ruled(text, "ESL3", code="BY_HAND")]
    for item in items:
        due, agreed = item.get("dueOn"), values.get("agreedOn")
        if due is not None and agreed is not None and due < agreed:
            shown = {"seen": due.isoformat(), "first": agreed.isoformat()}
            problems[f"items.{item['slot']}.dueOn"] = [
                Message(N_("填写的是 {seen}，不能早于达成协议的日期（{first}）"), shown)
            ]
    for path, written in clause_texts(values):
        for clause in decisions.forbidden(view.tables(view.today), written)[0]:
            problems.setdefault(path, []).append(clause.message)
    return problems


def _forbidden(found: Gate) -> bool:
    """Whether nothing may be agreed any more; a score that has grown old since the session asks for none before the signing."""
    return found.forbidden and found.code != RESCORE


def _signed(view: CaseView, values: Answers) -> Problems:
    agreed = view.form("agreement") or {}
    problems: Problems = {}
    found = state.ask_gate(view)
    if _forbidden(found):
        problems["signWay"] = list(found.reasons)
    elif values.get("signWay") == "ELECTRONIC" and state.by_hand(agreed, state.parties(view)["topic"]):
        text = Message(N_("涉及婚姻、收养、继承的，不能用电子签名，须打印后亲笔签名并上传扫描件"))
        problems["signWay"] = [wording.ruled(text, "ESL3", code="BY_HAND")]
    first = agreed.get("agreedOn")
    for name in ("herSignedOn", "otherSignedOn", "mediatorSignedOn", "sealedOn"):
        day: date | None = values.get(name)
        if day is not None and first and day.isoformat() < first:
            text2 = N_("填写的是 {seen}，不能早于达成协议的日期（{first}）")
            problems[name] = [Message(text2, {"seen": day.isoformat(), "first": first})]
    return problems


def _ended(view: CaseView, values: Answers) -> Problems:
    expected = state.ending(view)
    problems: Problems = {}
    if values.get("ending") not in (None, expected):
        shown = {"right": Message(dict(wording.ENDING)[expected])}
        problems["ending"] = [Message(N_("按本件的登记，终止的原因是“{right}”"), shown)]
    if state.violence_seen(view) or state.known(view).get("pastViolence"):
        for name in ("police", "order"):
            if not values.get(name):
                text = Message(N_("有过暴力或者威胁的，须告知可以报警、可以申请人身安全保护令"))
                problems[name] = [wording.ruled(text, "DVL23", code="PROTECTION_TOLD")]
    if (refusal := refused(view, "mediation_ended", "toldHer", values.get("toldHer"))) is not None:
        problems["toldHer"] = [refusal]
    for person in state.other_hashes(view):
        if (refusal := refused_to(view, person, "mediation_ended", "toldOther", values.get("toldOther"))) is not None:
            problems["toldOther"] = [refusal]
    return problems


_RULES: Mapping[str, Callable[[Any, Any], Problems]] = {
    "consent_her": _consent_her,
    "appoint_mediator": _appoint,
    "check": _milder,
    "session": _session,
    "agreement": _agreement,
    "agreement_signed": _signed,
    "mediation_ended": _ended,
}
