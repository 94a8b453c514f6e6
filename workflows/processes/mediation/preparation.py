"""What a form of a mediation opens with: values to start from, and what the person must know before she answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from engine.messages import N_, Message
from engine.process_type import Prepared
from workflows.processes.mediation import knowing, register, state, wording
from workflows.processes.mediation.forms_gate import QUESTIONS
from workflows.safe_contact import in_person

if TYPE_CHECKING:
    from engine.process_type import CaseView

Start = tuple[dict[str, Any], list[Message]]


def prepare(view: CaseView, form: str) -> Prepared:
    """The start of a form; what the gate says is told on every one of them."""
    if register.line(view.connection, view.case.id) is None:
        return Prepared()
    maker = _FORMS.get(form)
    initial, notes = maker(view) if maker is not None else ({}, [])
    told = [knowing.reached(view)] if form in knowing.OWN else []
    return Prepared(initial, [*notes, *told, *state.ask_gate(view).reasons])


def _consent_her(view: CaseView) -> Start:
    told = state.parties(view)
    named = {"partyName": told["name"], "partyIdcard": told["idcard"], "otherParty": told["otherName"]}
    text = Message(N_("对方不在场时单独问她；下面关于暴力的问题也只单独问她"))
    return {**_questions(view), **named}, [text]


def _questions(view: CaseView) -> dict[str, Any]:
    """What was answered before, every assessment once; it is asked anew each time."""
    known = state.known(view)
    found: dict[str, Any] = {name: known.get(name) for name in QUESTIONS}
    broken = known.get("warningBrokenOn")
    once = {(a["band"], a["scoredOn"], a["scorer"]): a for a in known.get("assessments") or ()}
    found["warningBrokenOn"] = broken.isoformat() if isinstance(broken, date) else broken
    found["assessments"] = [{**each, "slot": place} for place, each in enumerate(once.values(), 1)]
    return found


def _check(view: CaseView) -> Start:
    return _questions(view), [Message(N_("每次调解前都要单独问她；有变化的，按现在的情况填写"))]


def _session(view: CaseView) -> Start:
    limited = register.standing(view).limited
    wanted = (view.form("consent_her") or {}).get("mode")
    return {"sessionMode": "SEPARATE" if limited else wanted, "sessionTopic": state.parties(view)["topic"]}, []


def _agreement(view: CaseView) -> Start:
    return {"agreedOn": view.today.isoformat(), **(view.form("agreement") or {})}, []


def _signed(view: CaseView) -> Start:
    agreed = view.form("agreement") or {}
    if not state.by_hand(agreed, state.parties(view)["topic"]):
        return {"copies": 3}, []
    text = Message(N_("涉及婚姻、收养、继承：打印 P-09，由双方和调解员亲笔签名、盖章后上传扫描件"))
    return {"copies": 3, "signWay": "HAND"}, [wording.ruled(text, "ESL3", code="BY_HAND")]


def _ended(view: CaseView) -> Start:
    """Why it ends is known; the other remedies are proposed, a person words and tells them."""
    violence = state.violence_seen(view) or bool(state.known(view).get("pastViolence"))
    found: dict[str, Any] = {"ending": state.ending(view), "suit": True, "legalAid": True}
    refusal = in_person(view)
    notes = [] if refusal is None else [refusal]
    return {**found, "police": violence, "order": violence}, notes


_FORMS: Mapping[str, Callable[[Any], Start]] = {
    "consent_her": _consent_her,
    "check": _check,
    "session": _session,
    "agreement": _agreement,
    "agreement_signed": _signed,
    "mediation_ended": _ended,
}
