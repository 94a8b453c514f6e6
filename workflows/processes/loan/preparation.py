"""What a form opens with: values to start from, and the explained sentences a person needs before she answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine.messages import N_, Message
from engine.process_type import Prepared
from workflows.processes.loan import completeness, register, wording
from workflows.processes.loan.application import Application, application, standing_application
from workflows.processes.loan.decisions import eligibility
from workflows.processes.loan.guarantors import sureties
from workflows.processes.loan_after import village

if TYPE_CHECKING:
    from engine.process_type import CaseView

#: who may have sent the application back, the latest step first, with the field that says so
_RETURNS = (
    ("final_check", "decision"),
    ("credit", "decision"),
    ("town_review", "opinion"),
    ("village_review", "opinion"),
)
_RETURNED_BY = {
    "village_review": N_("村级退回：{reason}"),
    "town_review": N_("乡镇退回：{reason}"),
    "credit": N_("信用社退回：{reason}"),
    "final_check": N_("县妇联退回：{reason}"),
}
#: form → the steps whose return it answers
_ANSWERS = {
    "apply": ("village_review", "town_review"),
    "village_review": ("town_review",),
    "town_review": ("credit", "final_check"),
}


def prepare(view: CaseView, form: str) -> Prepared:
    """The start of a form; nothing when the form needs nothing from the case."""
    maker = _FORMS.get(form)
    if maker is None or view.form("apply") is None:
        return Prepared()
    return maker(view)


def _returned(view: CaseView, form: str) -> list[Message]:
    """Why the matter came back, in the words of the step that sent it."""
    told = []
    for earlier, name in _RETURNS:
        stored = view.form(earlier) or {}
        if earlier in _ANSWERS[form] and stored.get(name) == "RETURN":
            told.append(Message(_RETURNED_BY[earlier], {"reason": stored.get("reason") or ""}))
    return told


def _against(view: CaseView, subject: Application) -> list[Message]:
    """What D1 and D2 say now, with the loans she has had before (L36)."""
    first = eligibility(view, subject)
    found = [refusal.message for refusal in first.refusals]
    times = first.decision.inputs["prior_disbursed"]
    if times and first.eligible:
        limit = subject.policy.parameters.integer("maxTimes")
        found.append(Message(N_("以前已享受过 {times} 次，政策最多 {limit} 次"), {"times": times, "limit": limit}))
    return found + [refusal.message for refusal in sureties(view, subject).refusals]


def _apply(view: CaseView) -> Prepared:
    return Prepared(view.form("apply") or {}, _returned(view, "apply"))


def _review(form: str) -> Callable[[CaseView], Prepared]:
    def prepared(view: CaseView) -> Prepared:
        subject = standing_application(view)
        notes = [*_returned(view, form), *_against(view, subject), _guarantor_note(view, subject)]
        notes += [*_earlier(view, subject), *_village(view, subject)]
        return Prepared(_again(view, form), notes)

    return prepared


def _again(view: CaseView, form: str) -> dict[str, Any]:
    """What was answered before, when a step comes round again; opinion and declaration are given anew each time."""
    stored = view.form(form) or {}
    return {name: value for name, value in stored.items() if name not in _ANEW}


_ANEW = frozenset(("opinion", "decision", "reason", "conflictDeclared", "villageRiskApproved"))


def _guarantor_note(view: CaseView, subject: Application) -> Message:
    found = sureties(view, subject)
    amount = f"{subject.amount:,}" if subject.amount is not None else ""
    texts = {"amount": amount, "needed": found.needed, "present": found.present}
    return Message(N_("贷款 {amount} 元，需要担保人 {needed} 名，现有 {present} 名"), texts)


def _earlier(view: CaseView, subject: Application) -> list[Message]:
    """The loans she has had, in whatever county (S001-50, L36); they count against the policy's number of times (G4)."""
    if subject.subject_hash is None:
        return []
    text = N_("以前享受过：{on} 发放 {amount} 元，{due} 到期")
    return [
        Message(
            text, {"on": row.disbursed_on, "amount": f"{Decimal(row.disbursed_cents) / 100:,.2f}", "due": row.due_on}
        )
        for row in register.earlier_loans(view.connection, subject.subject_hash, view.case.id)
    ]


def _village(view: CaseView, subject: Application) -> list[Message]:
    """A warning while too many loans of her village are in default (P1 step 13)."""
    standing = village.standing(view.connection, subject.unit.id, subject.county.id, view.today)
    return [standing.message] if standing.above else []


def _credit(view: CaseView) -> Prepared:
    stored = view.form("apply") or {}
    terms = {"approvedAmount": stored.get("amount"), "termMonths": stored.get("termMonths")}
    initial = {**_again(view, "credit"), **terms}
    return Prepared(initial, [_guarantor_note(view, application(view))])


def _accept_less(view: CaseView) -> Prepared:
    """L31: the smaller amount may need fewer guarantors; all stay unless released in writing."""
    subject = application(view, approved=True)
    texts = {"asked": application(view).amount, "given": subject.amount}
    text = N_("申请 {asked:,} 元，信用社批准 {given:,} 元。不接受的，本次申请按撤回处理，不占用享受次数")
    return Prepared({}, [Message(text, texts), _guarantor_note(view, subject)])


def _supplement(view: CaseView) -> Prepared:
    return Prepared({}, [gap.message for gap in completeness.gaps(view)])


def _final_check(view: CaseView) -> Prepared:
    """Both ages (L13), the amounts, what D1 and D2 say now."""
    subject = application(view, approved=True)
    ages = {"applied": subject.applied_on.isoformat(), "then": subject.age, "now": subject.age_on(view.today)}
    text = N_("申请之日（{applied}）{then} 周岁，今天 {now} 周岁；是否符合条件以申请之日为准")
    notes = [Message(text, ages), _guarantor_note(view, subject), *_against(view, subject)]
    notes += [*_earlier(view, subject), *_village(view, subject)]
    missing = [gap.message for gap in completeness.gaps(view)]
    return Prepared({"sealCopies": 2, **_again(view, "final_check")}, [*notes, *missing])


def _stamp(view: CaseView) -> Prepared:
    copies = (view.form("final_check") or {}).get("sealCopies")
    return Prepared({"copies": copies, "stampedOn": view.today.isoformat()})


def _disburse(view: CaseView) -> Prepared:
    decided = view.form("credit") or {}
    return Prepared({"amount": decided.get("approvedAmount"), "rate": decided.get("rate")})


def _confirm_refusal(view: CaseView) -> Prepared:
    """The reasons are proposed, a person words and confirms them (个人信息保护法 24)."""
    line = register.entry(view.connection, view.case.id)
    codes = line.refusal_codes.split() if line else []
    reasons = [Message(_REASON_OF[c], {"reason": _reason(view, c)}) for c in codes if c in _REASON_OF]
    reasons += _against(view, application(view))
    text = "\n".join(f"{i}. {reason}" for i, reason in enumerate(reasons, 1))
    return Prepared({"reasons": text, "complaintPath": wording.COMPLAINT_PATH}, reasons)


_REASON_OF = {
    "VILLAGE_REFUSED": N_("村妇联不予推荐：{reason}"),
    "TOWN_REFUSED": N_("乡镇妇联不予推荐：{reason}"),
    "COUNTY_REFUSED": N_("县妇联不予推荐：{reason}"),
}
_REASON_IN = {"VILLAGE_REFUSED": "village_review", "TOWN_REFUSED": "town_review", "COUNTY_REFUSED": "final_check"}


def _reason(view: CaseView, code: str) -> str:
    return str((view.form(_REASON_IN[code]) or {}).get("reason") or "")


def _confirm_lapse(view: CaseView) -> Prepared:
    return Prepared({}, _returned(view, "apply"))


_FORMS: Mapping[str, Callable[[Any], Prepared]] = {
    "apply": _apply,
    "village_review": _review("village_review"),
    "town_review": _review("town_review"),
    "credit": _credit,
    "accept_less": _accept_less,
    "supplement": _supplement,
    "final_check": _final_check,
    "stamp": _stamp,
    "disburse": _disburse,
    "confirm_refusal": _confirm_refusal,
    "confirm_lapse": _confirm_lapse,
}
