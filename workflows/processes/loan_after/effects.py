"""What a submitted form, or an automatic step of the drawing, does to the loan book and the loan register."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine.guarding import shown_to
from workflows import organisation
from workflows.posts import UnitKind
from workflows.processes.loan import register as loan_register
from workflows.processes.loan.register import cents
from workflows.processes.loan_after import policy, register, schedule
from workflows.processes.loan_after.examination import occasion_of

if TYPE_CHECKING:
    from engine.process_type import Answers, CaseView


def submitted(view: CaseView, form: str, values: Answers) -> None:
    """Effects of a form, before the drawing moves on."""
    effect = _FORMS.get(form)
    if effect is not None:
        effect(view, values)


def _visited(view: CaseView, values: Answers) -> None:
    row = {"visited_on": values["visitedOn"], "occasion": occasion_of(view), "jobs_now": values["jobsNow"]}
    register.add(view, register.loan_visit, **row, by_id=view.actor.id)


def _reminded(view: CaseView, values: Answers) -> None:
    row = {"letter": "L-10", "receiver": "HER", "method": values["method"], "delivered_on": values["deliveredOn"]}
    register.add(view, register.letter_delivery, **row, by_id=view.actor.id)


def _guarantors_told(view: CaseView, values: Answers) -> None:
    for item in values["notices"]:
        if item["method"] == "NOT_SENT":
            continue
        row = {"letter": "L-10G", "receiver": str(item["slot"]), "method": item["method"]}
        row["delivered_on"] = item["deliveredOn"]
        register.add(view, register.letter_delivery, **row, by_id=view.actor.id)


def _repaid(view: CaseView, values: Answers) -> None:
    """Book a payment: the balance falls by the principal; how late it came is kept with it."""
    line = register.standing(view)
    principal = cents(values["principal"])
    left = line.balance_cents - principal
    register.add(
        view,
        register.loan_repayment,
        paid_on=values["paidOn"],
        principal_cents=principal,
        interest_cents=cents(values["interest"] or Decimal(0)),
        balance_cents=left,
        overdue_days=schedule.overdue_days(line.due_on, values["paidOn"]),
        at=view.now,
        by_id=view.actor.id,
    )
    register.set_columns(view, balance_cents=left)


def perform(view: CaseView, operation: str) -> Mapping[str, Any]:
    """An automatic step; returns the routing facts it gives."""
    return _OPERATIONS[operation](view)


def _open(view: CaseView) -> Mapping[str, Any]:
    """Enter the loan book, or, after an extension, find the line there; gives `past_due` and `may_extend`."""
    line = register.line(view.connection, view.case.id)
    if line is None:
        _enter(view)
        line = register.standing(view)
    months = policy.policy_of(view).parameters.integer("extensionMonths")
    return {"past_due": view.today > line.due_on, "may_extend": line.extended_on is None and months > 0}


def _enter(view: CaseView) -> None:
    paid = view.form("disburse") or {}
    disbursed_on, due_on = date.fromisoformat(paid["disbursedOn"]), date.fromisoformat(paid["dueOn"])
    amount = cents(Decimal(paid["amount"]))
    county = organisation.county_of(view.connection, view.case.unit_id)
    rules = policy.in_force(view.connection, county.id, disbursed_on)
    register.enter(
        view,
        guarantee_months=rules.parameters.integer("guaranteeMonths"),
        county_id=county.id,
        unit_id=view.case.unit_id,
        policy_id=rules.id or None,
        disbursed_on=disbursed_on,
        disbursed_cents=amount,
        rate=Decimal(paid["rate"]),
        first_due_on=due_on,
        due_on=due_on,
        balance_cents=amount,
        state="running",
        band=schedule.CURRENT,
        guarantors_agreed=False,
        subsidy_until=due_on,
    )


def _booked(view: CaseView) -> Mapping[str, Any]:
    """After each payment: whether anything is left to pay."""
    line = register.standing(view)
    if line.balance_cents > 0:
        return {"settled_now": False}
    paid = register.repayments(view.connection, view.case.id)[-1].paid_on
    register.set_columns(view, state="settled", ended_on=paid)
    loan_register.move(view, "settled")
    _tell(view, "loan_after.settled")
    return {"settled_now": True}


def _extended(view: CaseView) -> Mapping[str, Any]:
    """A new due date, once; bands begin anew from it, the subsidised term stays what it was (B5)."""
    asked = view.form("extension") or {}
    new_due = date.fromisoformat(asked["newDueOn"])
    register.set_columns(
        view,
        due_on=new_due,
        extended_on=view.today,
        guarantors_agreed=bool(asked.get("guarantorsAgree")),
        band=schedule.CURRENT,
        claimable_since=None,
    )
    loan_register.move(view, "disbursed", due_on=new_due)
    _tell(view, "loan_after.extended")
    return {}


def _defaulted(view: CaseView) -> Mapping[str, Any]:
    decided = view.form("default_decision") or {}
    ended, amount = date.fromisoformat(decided["compensatedOn"]), cents(Decimal(decided["compensation"]))
    register.set_columns(view, state="defaulted", ended_on=ended, compensation_cents=amount)
    loan_register.move(view, "defaulted")
    _tell(view, "loan_after.defaulted")
    return {}


def _tell(view: CaseView, kind: str) -> None:
    """The chair of the village (or township) and the credit union."""
    place = organisation.unit(view.connection, view.case.unit_id)
    view.notify("VILLAGE_CHAIR" if place.kind is UnitKind.VILLAGE else "TOWN_CHAIR", place.id, kind)
    for unit_id in shown_to(view.connection, view.case.id, view.now):
        view.notify("CREDIT_OFFICER", unit_id, kind)


_FORMS: Mapping[str, Callable[[Any, Any], None]] = {
    "visit": _visited,
    "remind": _reminded,
    "repayment": _repaid,
    "tell_guarantors": _guarantors_told,
}
_OPERATIONS: Mapping[str, Callable[[Any], Mapping[str, Any]]] = {
    "loan_after.open": _open,
    "loan_after.repaid": _booked,
    "loan_after.extended": _extended,
    "loan_after.defaulted": _defaulted,
}
