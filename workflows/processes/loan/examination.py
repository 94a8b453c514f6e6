"""Rules of the loan's forms that need the case: what `ProcessType.examine` refuses, each with its clause.

Every function answers problems by field path and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine import turns
from engine.clock import civil_date
from engine.commands import filed
from engine.messages import N_, Message
from workflows.form import SchemaForm, papers_missing
from workflows.processes.loan import completeness, register
from workflows.processes.loan.application import (
    Application,
    application,
    hukou_unit,
    loan_end,
    standing_application,
)
from workflows.processes.loan.decisions import eligibility, ruled
from workflows.processes.loan.guarantors import known_guarantors, not_released, sureties
from workflows.processes.loan_after import village
from workflows.safe_contact import refused

if TYPE_CHECKING:
    from datetime import date

    from engine.process_type import Answers, CaseView, Problems

#: dates of what has already happened, by form
_PAST = {
    "apply": ("birthDate",),
    "village_review": ("projectVisitedOn",),
    "town_review": ("siteVisitedOn",),
    "credit": ("receivedOn", "decidedOn"),
    "stamp": ("stampedOn",),
    "disburse": ("disbursedOn",),
    "ask_disbursement": ("contactedOn",),
    "confirm_lapse": ("contactedOn",),
    "confirm_refusal": ("deliveredOn",),
}


def examine(view: CaseView, form: SchemaForm, values: Answers) -> Problems:
    """Every problem of a submitted form that needs the case, and every required paper that was not uploaded."""
    problems = papers_missing(form, values, view.papers(form.key))
    for name in _PAST.get(form.key, ()):
        if values.get(name) and values[name] > view.today:
            text = N_("{seen} 还没有到，这里只能填今天（{today}）或以前的日期")
            problems[name] = [Message(text, {"seen": values[name].isoformat(), "today": view.today.isoformat()})]
    rules = _RULES.get(form.key)
    for path, found in (rules(view, values) if rules else {}).items():
        if path.endswith(".proof"):
            problems.pop(path, None)  # D2 says the same with its clause
        problems.setdefault(path, []).extend(found)
    return problems


def _apply(view: CaseView, values: Answers) -> Problems:
    subject = application(view, values)
    turns.take(view.connection, known_guarantors(view, subject))  # so that none misses another (D2 OVERLOAD)
    problems = dict(sureties(view, subject).problems)
    problems |= _term(subject, values.get("termMonths"))
    if values.get("hukou") and hukou_unit(view, values) is None:
        problems["hukou"] = [Message(N_("所选单位不存在，请从名单中重新选择"))]
    return problems


def _term(subject: Application, months: int | None) -> Problems:
    longest = subject.policy.parameters.integer("maxTerm")
    if months is None or months <= longest:
        return {}
    rule = Message(N_("期限 {seen} 个月，政策最长 {limit} 个月"), {"seen": months, "limit": longest})
    return {"termMonths": [ruled(rule, "S001-51", subject.policy, code="TERM_RANGE")]}


def _against(view: CaseView, subject: Application) -> list[Message]:
    """What D1 and D2 hold against an application now."""
    found = [refusal.message for refusal in eligibility(view, subject).refusals]
    return found + [refusal.message for refusal in sureties(view, subject).refusals]


def _village_review(view: CaseView, values: Answers) -> Problems:
    if values["opinion"] != "RECOMMEND":
        return {}
    found = _against(view, standing_application(view))
    return {"opinion": found} if found else {}


def _town_review(view: CaseView, values: Answers) -> Problems:
    """The township comes after the village (S001-49), visits above the policy's amount (P), and cannot waive D1 or D2."""
    if values["opinion"] != "RECOMMEND":
        return {}
    subject = application(view)
    problems: Problems = {}
    if found := _against(view, standing_application(view)):
        problems["opinion"] = found
    if "village_review" not in completeness.signed_since_the_application(view):
        text = N_("村级还没有在现在的申请表上签字，请先退回村级")
        problems.setdefault("opinion", []).append(ruled(Message(text), "S001-49", subject.policy, code="NO_VILLAGE"))
    limit = subject.policy.parameters.decimal("siteVisitAbove")
    if subject.amount is not None and subject.amount > limit and values["siteVisited"] is False:
        rule = Message(N_("贷款金额 {seen} 元，超过 {limit} 元的须实地抽查"), _money(subject.amount, limit))
        problems["siteVisited"] = [ruled(rule, "S001-48", subject.policy, code="SITE_VISIT")]
    return problems


def _credit(view: CaseView, values: Answers) -> Problems:
    """L-05 stays within the application: AGREE is the amount asked for, AGREE_LESS strictly less.

    Less than the policy's minimum would be no loan of this programme (S001-51) and fail the final check, so it is refused
    here, where it can still be changed. Of a half-typed form, what is there is examined.
    """
    if values["decision"] not in ("AGREE", "AGREE_LESS"):
        return {}
    subject = application(view)
    months = values["termMonths"]
    problems = _term(subject, months)
    if values["approvedAmount"] is not None:
        problems |= _approved(view, subject, values["decision"], values["approvedAmount"])
    if values["receivedOn"] is not None and values["receivedOn"] < subject.applied_on:
        text = N_("收到材料不能早于申请日期 {applied}")
        problems["receivedOn"] = [Message(text, {"applied": subject.applied_on.isoformat()})]
    return problems if months is None else problems | _deposits_end_early(view, subject, months)


def _approved(view: CaseView, subject: Application, decision: str, given: Decimal) -> Problems:
    asked = subject.amount or Decimal(0)
    low = subject.policy.parameters.decimal("minAmount")
    rule = None
    if decision == "AGREE" and given != asked:
        rule = Message(N_("批准 {seen} 元，“同意”时应等于申请的 {limit} 元"), _money(given, asked))
    elif decision == "AGREE_LESS" and given >= asked:
        rule = Message(N_("批准 {seen} 元，“减少金额”时应少于申请的 {limit} 元"), _money(given, asked))
    elif given < low:
        rule = Message(N_("批准 {seen} 元，政策最低为 {limit} 元"), _money(given, low))
    if rule is not None:
        return {"approvedAmount": [ruled(rule, "S001-51", subject.policy, code="APPROVED_AMOUNT")]}
    too_few = sureties(view, replace(subject, amount=given)).problems.get("guarantors")
    return {"approvedAmount": too_few} if too_few else {}  # somebody was released for a smaller amount before


def _deposits_end_early(view: CaseView, subject: Application, months: int) -> Problems:
    end = loan_end(view.today, months)
    early = [d for d in _deposits(view, subject) if d < end]
    if not early:
        return {}
    texts = {"seen": min(early).isoformat(), "limit": end.isoformat()}
    rule = Message(N_("定期存单的到期日为 {seen}，不得早于贷款到期日 {limit}"), texts)
    return {"termMonths": [ruled(rule, "S001-53", subject.policy, code="PROOF")]}


def _deposits(view: CaseView, subject: Application) -> list[date]:
    """Maturity of the deposits that secure the loan, released guarantors left out."""
    return [g["depositMaturity"] for g in not_released(view, subject) if g.get("depositMaturity")]


def _accept_less(view: CaseView, values: Answers) -> Problems:
    """A guarantor may leave only while enough remain for the smaller amount (S001-54, L31)."""
    if not values.get("released"):
        return {}
    subject = application(view, approved=True)
    standing = [g["slot"] for g in not_released(view, subject)]
    slot = int(values["released"])
    if slot not in standing:
        return {"released": [Message(N_("没有第 {slot} 位担保人"), {"slot": slot})]}
    needed = sureties(view, subject).needed or 1
    if len(standing) - 1 < needed:
        rule = Message(N_("解除后只剩 {seen} 名担保人，需要 {limit} 名"), {"seen": len(standing) - 1, "limit": needed})
        return {"released": [ruled(rule, "S001-54", subject.policy, code="COUNT")]}
    return {}


def _supplement(view: CaseView, values: Answers) -> Problems:  # noqa: ARG001 - what counts is uploaded, not typed
    """What a paper can close must be closed before it goes on; all that is missing is told at once."""
    return {gap.path: [gap.message] for gap in completeness.gaps(view) if gap.path}


def _final_check(view: CaseView, values: Answers) -> Problems:
    """Nobody approves the seal against D1, D2 or an incomplete dossier (S001-55); age counts on the application date."""
    if values["decision"] != "APPROVE":
        return {}
    subject = application(view, approved=True)
    found = _against(view, subject) + [gap.message for gap in completeness.gaps(view)]
    problems: Problems = {"decision": found} if found else {}
    standing = village.standing(view.connection, subject.unit.id, subject.county.id, view.today)
    if standing.above and not values["villageRiskApproved"]:
        problems["villageRiskApproved"] = [standing.message]
    return problems


def _stamp(view: CaseView, values: Answers) -> Problems:
    """Last step: after every signature, under a register number of its own (S001-55). A half-typed form waits."""
    if None in (values["copies"], values["stampedOn"], values["sealRegisterNo"]):
        return {}
    subject = application(view, approved=True)
    problems: Problems = {}
    if register.seal_number_taken(view.connection, subject.county.id, values["sealRegisterNo"]):
        rule = Message(N_("用印登记号 {seen} 已经用过"), {"seen": values["sealRegisterNo"]})
        problems["sealRegisterNo"] = [ruled(rule, "SEAL1999", subject.policy, code="SEAL_NUMBER")]
    allowed = (view.form("final_check") or {}).get("sealCopies")
    if allowed is not None and values["copies"] > allowed:
        rule = Message(N_("盖章 {seen} 份，核准 {limit} 份"), {"seen": values["copies"], "limit": allowed})
        problems["copies"] = [ruled(rule, "SEAL1999", subject.policy, code="SEAL_COPIES")]
    last = _last_signature(view)
    if last is not None and last > values["stampedOn"]:
        texts = {"seen": values["stampedOn"].isoformat(), "limit": last.isoformat()}
        rule = Message(N_("盖章日期 {seen} 早于最后签字的日期 {limit}，盖章必须在所有签字之后"), texts)
        problems["stampedOn"] = [ruled(rule, "S001-55", subject.policy, code="STAMP_BEFORE_SIGNATURE")]
    return problems


def _last_signature(view: CaseView) -> date | None:
    rows = filed.signatures(view.connection, view.case.id)
    return max((civil_date(row.signed_at) for row in rows), default=None)


def _disburse(view: CaseView, values: Answers) -> Problems:
    """What is paid out is what was approved, after the stamp. A half-typed form waits."""
    if None in (values["amount"], values["disbursedOn"], values["dueOn"]):
        return {}
    subject = application(view, approved=True)
    line = register.entry(view.connection, view.case.id)
    problems: Problems = {}
    if subject.amount is not None and values["amount"] != subject.amount:
        rule = Message(N_("放款 {seen} 元，应等于批准的 {limit} 元"), _money(values["amount"], subject.amount))
        problems["amount"] = [ruled(rule, "S001-51", subject.policy, code="DISBURSED_AMOUNT")]
    if line is not None and line.stamped_on and values["disbursedOn"] < line.stamped_on:
        texts = {"seen": values["disbursedOn"].isoformat(), "limit": line.stamped_on.isoformat()}
        rule = Message(N_("放款日期 {seen} 早于盖章日期 {limit}"), texts)
        problems["disbursedOn"] = [ruled(rule, "S001-55", subject.policy, code="BEFORE_STAMP")]
    return problems | _due(view, subject, values)


def _due(view: CaseView, subject: Application, values: Answers) -> Problems:
    """The loan is due within the approved term, while the deposits still secure it."""
    last = loan_end(values["disbursedOn"], subject.term_months) if subject.term_months else values["dueOn"]
    if values["dueOn"] > last:
        texts = {"seen": values["dueOn"].isoformat(), "months": subject.term_months, "limit": last.isoformat()}
        rule = Message(N_("到期日期 {seen} 超过批准的期限 {months} 个月，最晚为 {limit}"), texts)
        return {"dueOn": [ruled(rule, "S001-51", subject.policy, code="TERM_RANGE")]}
    early = [d for d in _deposits(view, subject) if d < values["dueOn"]]
    if early:
        texts = {"seen": min(early).isoformat(), "limit": values["dueOn"].isoformat()}
        rule = Message(N_("定期存单的到期日为 {seen}，不得早于贷款到期日 {limit}"), texts)
        return {"dueOn": [ruled(rule, "S001-53", subject.policy, code="PROOF")]}
    return {}


def _money(seen: Decimal, limit: Decimal) -> dict[str, Any]:
    return {"seen": f"{seen:,}", "limit": f"{limit:,}"}


def _refusal(view: CaseView, values: Answers) -> Problems:
    """How she was told, by the gate (D4): never by a letter to her home."""
    why = refused(view, "confirm_refusal", "deliveredHow", values["deliveredHow"])
    return {} if why is None else {"deliveredHow": [why]}


_RULES: Mapping[str, Callable[[Any, Any], Any]] = {
    "apply": _apply,
    "confirm_refusal": _refusal,
    "village_review": _village_review,
    "town_review": _town_review,
    "credit": _credit,
    "accept_less": _accept_less,
    "supplement": _supplement,
    "final_check": _final_check,
    "stamp": _stamp,
    "disburse": _disburse,
}
