"""What a submitted form, or an automatic step of the drawing, does to the case row and the registers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine.disclosing import last_day
from engine.errors import NotFound
from engine.guarding import shown_to
from engine.messages import N_, Message
from workflows import organisation, people
from workflows.organisation import person_hash
from workflows.posts import UnitKind
from workflows.processes.loan import register, routing
from workflows.processes.loan.application import application
from workflows.screening import enter_parties, marks_of

if TYPE_CHECKING:
    from engine.process_type import Answers, CaseView
    from workflows.screening import Marks

#: what the consent on the application is about, and for how many years it counts: the longest term, an extension, the settling
LOAN_DATA = ("IDENTITY", "CONTACT", "FINANCE")
CONSENT_YEARS = 5
#: form → code in the register while this form's refusal is what stands against the loan
_REFUSED_BY = {"village_review": "VILLAGE_REFUSED", "town_review": "TOWN_REFUSED", "final_check": "COUNTY_REFUSED"}


def submitted(view: CaseView, form: str, values: Answers) -> None:
    """Effects of a form, before the drawing moves on."""
    if form in _REFUSED_BY:
        _opinion(view, form, values.get("opinion") or values["decision"])
    effect = _FORMS.get(form)
    if effect is not None:
        effect(view, values)


def _applied(view: CaseView, values: Answers) -> None:
    """Enter the register. The application date, and with it the policy, is that of the first submission (G3, L35)."""
    subject = application(view, values)
    subject_hash = person_hash(view.vault, values["idcard"])
    declared = (values["priorLoanCount"] or 1) if values["priorLoanDeclared"] else 0
    line = {
        "subject_hash": subject_hash,
        "county_id": subject.county.id,
        "unit_id": subject.unit.id,
        "applied_on": subject.applied_on,
        "policy_id": subject.policy.id,
        "requested_cents": register.cents(values["amount"]),
        "approved_cents": None,
        "refusal_codes": "",
        "prior_declared": declared,
        "jobs_created": values["jobsCreated"] or 0,
    }
    sureties = [
        {"slot": g["slot"], "guarantor_hash": person_hash(view.vault, g["idcard"]), "kind": g["kind"]}
        for g in values["guarantors"]
    ]
    register.enter(view, line, sureties)
    enter_parties(view, _parties(view, values, subject.unit.name))
    view.describe(
        subject=people.mask_name(values["name"]),
        subject_hash=subject_hash,
        applied_on=subject.applied_on,
        policy_id=subject.policy.id,
        unit_id=subject.unit.id,
        path=subject.unit.path,
    )
    view.findable(searchable(values))
    credit_union = organisation.unit_for_post(view.connection, "CREDIT_OFFICER", subject.unit.id)
    if credit_union is not None:
        _consented(view, credit_union.id)


def _parties(view: CaseView, values: Answers, village: str) -> list[tuple[str, int, Marks]]:
    """The applicant with her home and household, and the guarantors with their places of work (D3.2)."""
    lives = values["residence"] or values["hukouElsewhere"] or ""
    own = {
        "name": values["name"],
        "idcard": values["idcard"],
        "phone": values["phone"],
        "address": lives,
        "village": village,
    }
    found = [("APPLICANT", 0, marks_of(view.vault, view.connection, household=values["householdNo"] or "", **own))]
    for each in values["guarantors"]:
        known = {name: each[name] or "" for name in ("idcard", "phone", "employer")}
        found.append(("GUARANTOR", each["slot"], marks_of(view.vault, view.connection, **known)))
    return found


def searchable(answers: Mapping[str, Any]) -> Mapping[str, str]:
    """What a loan is found by: the applicant's name, and the words of project and purpose (of values or stored answers)."""
    words = "\n".join(str(answers.get(name) or "") for name in ("projectName", "purpose"))
    return {"name": str(answers.get("name") or ""), "words": words}


def _opinion(view: CaseView, form: str, opinion: str) -> None:
    """Remember for L-07 and the statistics who refuses; a recommendation clears what stood against the loan before."""
    register.refused_because(view, _REFUSED_BY[form] if opinion == "REFUSE" else "")
    if form == "town_review" and opinion == "RECOMMEND":
        register.take_place(view)


def _credit(view: CaseView, values: Answers) -> None:
    approved = values["approvedAmount"]
    register.set_columns(view, approved_cents=register.cents(approved) if approved is not None else None)


def _accept_less(view: CaseView, values: Answers) -> None:
    if not values["accepts"]:
        register.move(view, "withdrawn")
        _tell_credit(view, "loan.withdrawn")
    elif values["released"]:
        register.release(view, int(values["released"]))


def _stamp(view: CaseView, values: Answers) -> None:
    subject = application(view)
    line = {
        "county_id": subject.county.id,
        "number": values["sealRegisterNo"],
        "copies": values["copies"],
        "stamped_on": values["stampedOn"],
        "keeper_id": view.actor.id,
        "approver_id": view.signers().get("final_check", 0),
    }
    register.enter_seal(view, line)
    register.move(view, "stamped", stamped_on=values["stampedOn"])


def _asked(view: CaseView, values: Answers) -> None:
    if values["result"] == "WITHDRAWN":
        withdrawn(view)


def _lapse(view: CaseView, values: Answers) -> None:
    if values["decision"] == "LAPSE":
        register.move(view, "lapsed")


def _refusal(view: CaseView, values: Answers) -> None:
    if not values["applicantObjects"]:
        register.move(view, "refused")
        _tell_credit(view, "loan.refused")


def terminated(view: CaseView) -> None:
    """The federation ends the matter: her place is free, the credit union told."""
    register.move(view, "lapsed")
    _tell_credit(view, "loan.terminated")


def withdrawn(view: CaseView) -> None:
    """The applicant no longer wants the loan: her place is free, her right untouched (G4), the credit union told (L42)."""
    register.move(view, "withdrawn")
    _tell_credit(view, "loan.withdrawn")


def perform(view: CaseView, operation: str) -> Mapping[str, Any]:
    """An automatic step; returns the routing facts it gives."""
    return _OPERATIONS[operation](view)


def _check_once(view: CaseView) -> Mapping[str, Any]:
    """S001-50 over all counties of the installation: what is found is judged by D1; both chairs hear of a duplicate (L19)."""
    line = register.entry(view.connection, view.case.id)
    if line is not None and line.state == "duplicate":
        for other, unit_id in register.open_elsewhere(view.connection, line.subject_hash, view.case.id):
            _tell_chair(view, line.unit_id, "loan.duplicate")
            _tell_chair(view, unit_id, "loan.duplicate", case=other)
    return {}


def _send_to_credit(view: CaseView) -> Mapping[str, Any]:
    place = organisation.unit_for_post(view.connection, "CREDIT_OFFICER", view.case.unit_id)
    if place is None:
        raise NotFound(what=Message(N_("本县的经办信用社")))
    _consented(view, place.id, again=False)  # what she has taken back since she applied stays taken back
    view.share(place.id, body="CREDIT_UNION", purpose="LOAN", kinds=LOAN_DATA)
    view.notify("CREDIT_OFFICER", place.id, "loan.dossier")
    return {}


def _consented(view: CaseView, credit_union: int, *, again: bool = True) -> None:
    """The separate consent on the application (L-01) as a consent of its own: this credit union, this loan, these kinds."""
    if (view.form("apply") or {}).get("consentCredit"):
        until = last_day(view.today, CONSENT_YEARS)
        view.consents(f"unit:{credit_union}", "LOAN", LOAN_DATA, until, "L-01", again=again)


def _tell_credit_refusal(view: CaseView) -> Mapping[str, Any]:
    """The reason stands in L-05; the chair tells the applicant. Her right is not consumed (L17)."""
    register.move(view, "refusedByCredit", refusal_codes="CREDIT_REFUSED")
    _tell_chair(view, view.case.unit_id, "loan.credit_refused")
    return {}


def _forms_complete(view: CaseView) -> Mapping[str, Any]:
    owner = routing.owner_of(view)
    return {"forms_complete": not owner, "forms_owner": owner}


def _release(view: CaseView) -> Mapping[str, Any]:
    _tell_credit(view, "loan.stamped")
    return {}


def _disbursed(view: CaseView) -> Mapping[str, Any]:
    """Here, and only here, the right is consumed (G4); the line is the row that L-08 counts (S001-47)."""
    paid = view.form("disburse") or {}
    register.move(
        view,
        "disbursed",
        disbursed_cents=register.cents(Decimal(paid["amount"])),
        disbursed_on=date.fromisoformat(paid["disbursedOn"]),
        due_on=date.fromisoformat(paid["dueOn"]),
    )
    _tell_chair(view, view.case.unit_id, "loan.disbursed")
    return {}


def _tell_chair(view: CaseView, unit_id: int, kind: str, **content: Any) -> None:
    """Tell the chair of a village, or of the township where there is no village unit."""
    place = organisation.unit(view.connection, unit_id)
    post = "VILLAGE_CHAIR" if place.kind is UnitKind.VILLAGE else "TOWN_CHAIR"
    view.notify(post, unit_id, kind, **content)


def _tell_credit(view: CaseView, kind: str) -> None:
    """Tell the credit union, if it has the dossier."""
    for unit_id in shown_to(view.connection, view.case.id, view.now):
        view.notify("CREDIT_OFFICER", unit_id, kind)


_FORMS: Mapping[str, Callable[[Any, Any], None]] = {
    "apply": _applied,
    "credit": _credit,
    "accept_less": _accept_less,
    "stamp": _stamp,
    "ask_disbursement": _asked,
    "confirm_lapse": _lapse,
    "confirm_refusal": _refusal,
}
_OPERATIONS: Mapping[str, Callable[[Any], Mapping[str, Any]]] = {
    "loan.check_once": _check_once,
    "loan.send_to_credit": _send_to_credit,
    "loan.tell_credit_refusal": _tell_credit_refusal,
    "loan.forms_complete": _forms_complete,
    "loan.release": _release,
    "loan.disbursed": _disbursed,
}
