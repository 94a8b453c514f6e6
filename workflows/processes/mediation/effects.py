"""What a submitted form, or an automatic step of the drawing, does to the registers of a mediation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from engine.disclosing import last_day
from engine.errors import Forbidden, NotNow
from engine.messages import N_, Message
from workflows import organisation, people
from workflows.organisation import person_hash
from workflows.parents import tell_parents
from workflows.processes.mediation import register, routing, state, wording
from workflows.processes.mediation.gate import RESCORE
from workflows.processes.mediation.policy import policy_of
from workflows.processes.mediation.protecting import open_for_her, protect
from workflows.screening import enter_parties, marks_of

if TYPE_CHECKING:
    from engine.process_type import Answers, CaseView
    from workflows.screening import Marks

RELATION: Final = "mediation"
#: what her written consent lets the mediators know, and for how long it counts: the mediation and the time in which it is kept
PURPOSE: Final = "MEDIATION"
SHARED: Final = ("IDENTITY", "FACTS")
CONSENT_YEARS: Final = 1
#: what speaks against a mediation only until somebody has asked her, or scored the danger anew
_ASKED_FIRST: Final = ("UNANSWERED", RESCORE)
_STOPPED: Final[Mapping[str, str]] = {
    "STOP_HER": "STOP_HER",
    "STOP_OTHER": "STOP_OTHER",
    "GATE": "GATE",
    "NOT_AGREED": "NOT_AGREED",
}


def submitted(view: CaseView, form: str, values: Answers) -> None:
    """Effects of a form, before the drawing moves on."""
    effect = _FORMS.get(form)
    if effect is not None:
        effect(view, values)


def decide(view: CaseView) -> Mapping[str, Any]:
    """D5 as the drawing asks for it; what it says is written down, and why a mediation that must end ends."""
    found = state.ask_gate(view)
    view.decided(found.decision)
    if state.violence_seen(view):  # told by her before a session: it is over at once, whatever else the gate says
        register.set_columns(view, gate="FORBIDDEN", gate_code="VIOLENCE", ending="VIOLENCE")
        protect(view)
        return {"gate": "FORBIDDEN"}
    if not found.forbidden and view.form("consent_other") is None:  # nobody mediates with one who was not asked
        raise NotNow(why=Message(N_("还没有征求对方的意愿，不能开始调解")))
    columns: dict[str, Any] = {"gate": found.result, "gate_code": found.code, "limited": found.result == "LIMITED"}
    if found.forbidden:
        columns["ending"] = "GATE" if found.code != "REFUSAL" else state.why_refused(view)
    elif register.standing(view).begun_on is None:
        columns["begun_on"] = view.today
    register.set_columns(view, **columns)
    return {"gate": found.result}


def perform(view: CaseView, operation: str) -> Mapping[str, Any]:
    """An automatic step; returns the routing facts it gives."""
    return _OPERATIONS[operation](view)


def _open(view: CaseView) -> Mapping[str, Any]:
    """Enter the register and the parties. Forbidden with the reason when nobody may mediate this: nothing is opened then."""
    found = state.ask_gate(view)
    if found.forbidden and found.code not in _ASKED_FIRST:
        raise Forbidden(why=found.reasons[0])
    view.decided(found.decision)
    rules, county = policy_of(view), organisation.county_of(view.connection, view.case.unit_id)
    columns: dict[str, Any] = {"county_id": county.id, "unit_id": view.case.unit_id, "policy_id": rules.id or None}
    columns |= {"opened_on": view.today, "gate": found.result, "gate_code": found.code}
    register.enter(view, register.mediation_register, **columns, limited=found.result == "LIMITED")
    view.describe(applied_on=view.today, policy_id=rules.id or None)
    _enter_parties(view)
    return {}


def _enter_parties(view: CaseView) -> None:
    """Who both are, for whoever may be close to one of them, and for the lists."""
    told = state.parties(view)
    enter_parties(view, [("APPLICANT", 0, _marks(view, told, "")), ("RESPONDENT", 0, _marks(view, told, "other"))])
    name, idcard = told["name"], told["idcard"]
    view.describe(
        subject=people.mask_name(name) if name else None,
        subject_hash=person_hash(view.vault, idcard) if idcard else None,
    )


def _marks(view: CaseView, told: Mapping[str, Any], prefix: str) -> Marks:
    def given(name: str) -> str:
        return str(told.get(f"{prefix}{name.capitalize()}" if prefix else name) or "")

    known = {name: given(name) for name in ("idcard", "phone", "address", "name")}
    return marks_of(view.vault, view.connection, **known)


def _asked(view: CaseView, values: Answers) -> None:
    """Who they are is known by now. Violence of which the case it was opened from knew nothing is looked at by itself."""
    if not values["willing"]:
        return
    _enter_parties(view)
    if values["pastViolence"] and not state.referred(view).get("pastViolence"):
        open_for_her(view, str(wording.TOLD_ALONE))


def _appointed(view: CaseView, values: Answers) -> None:
    """The mediator who was accepted takes the case over; one who was not is remembered."""
    place = next(h.unit_id for h in routing.listed_mediators(view) if h.account_id == values["mediator"])
    rejected = values["rejectedBy"]
    if register.mediator(view.connection, view.case.id) is not None:
        register.replace_mediator(view)
    row = {"account_id": values["mediator"], "unit_id": place, "named_on": view.today, "rejected_by": rejected}
    register.enter(view, register.mediation_mediator, **row)
    if rejected == "NONE":
        register.set_columns(view, mediator_id=values["mediator"])
        until = last_day(view.today, CONSENT_YEARS)
        view.consents(f"unit:{place}", PURPOSE, SHARED, until, wording.CONSENT_TEXT)
        view.share(place, body="MEDIATION", purpose=PURPOSE, kinds=SHARED)


def _session(view: CaseView) -> Mapping[str, Any]:
    held = view.form("session") or {}
    sessions = register.standing(view).sessions + 1
    if held.get("violence"):
        register.set_columns(view, sessions=sessions, ending="VIOLENCE")
        protect(view)
        return {"session_result": "VIOLENCE"}
    result = str(held.get("result"))
    if result == "CHANGE":
        register.replace_mediator(view)
    register.set_columns(view, sessions=sessions, ending=_STOPPED.get(result, ""))
    return {"session_result": result}


def _stopped(view: CaseView) -> Mapping[str, Any]:
    reason = str((view.form("stop") or {})["reason"])
    register.set_columns(view, ending=reason)
    if reason == "VIOLENCE":
        protect(view)
    return {}


def _effective(view: CaseView) -> Mapping[str, Any]:
    """The agreement counts: from the last signature or seal, or since it was made orally."""
    agreed, since = view.form("agreement") or {}, state.effective_on(view)
    columns: dict[str, Any] = {"effective_on": since, "oral": agreed.get("way") == "ORAL", "ending": ""}
    register.set_columns(view, **columns, outcome="agreed", ended_on=view.today)
    for item in agreed.get("items") or ():
        amount = item.get("amount")
        cents = int(Decimal(amount) * 100) if amount else None
        due = state.day_of(item.get("dueOn"))
        register.enter(view, register.mediation_item, slot=item["slot"], due_on=due, amount_cents=cents, state="OPEN")
    tell_parents(view, RELATION, "mediation.result", "mediation.linked")
    return {}


def _ended(view: CaseView) -> Mapping[str, Any]:
    told = view.form("mediation_ended") or {}
    outcome = wording.ENDS[str(told["ending"])]
    reached = told.get("toldHer") != "NOT_SENT"
    register.set_columns(view, outcome=outcome, ended_on=view.today, path_told=reached, ending=str(told["ending"]))
    tell_parents(view, RELATION, "mediation.result", "mediation.linked")
    return {"ended_as": outcome}


_FORMS: Mapping[str, Callable[[Any, Any], None]] = {"consent_her": _asked, "appoint_mediator": _appointed}
_OPERATIONS: Mapping[str, Callable[[Any], Mapping[str, Any]]] = {
    "mediation.open": _open,
    "mediation.session": _session,
    "mediation.stopped": _stopped,
    "mediation.effective": _effective,
    "mediation.ended": _ended,
}
