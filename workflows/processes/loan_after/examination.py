"""Rules of each form that need the loan itself: dates, balances, the once-only extension, the guarantee period, safe contact."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from engine.messages import N_, Message
from workflows.form import papers_missing
from workflows.people import money_text
from workflows.processes.loan.application import loan_end
from workflows.processes.loan.register import cents, guarantees
from workflows.processes.loan_after import register, schedule
from workflows.processes.loan_after.forms import FORMS
from workflows.processes.loan_after.policy import policy_of
from workflows.safe_contact import refused, refused_to

if TYPE_CHECKING:
    from decimal import Decimal

    from sqlalchemy import Row

    from engine.process_type import Answers, CaseView, Problems

#: steps whose visit is a visit to somebody overdue
_OVERDUE_VISIT = "T_TownVisit"


def examine(view: CaseView, form: str, values: Answers) -> Problems:
    """Everything that is wrong with the answers, by field path."""
    problems = papers_missing(FORMS[form], values, view.papers(form))
    rule = _RULES.get(form)
    if rule is not None:
        for path, found in rule(view, values, register.standing(view)).items():
            problems.setdefault(path, []).extend(found)
    return problems


def occasion_of(view: CaseView) -> str:
    """Which kind of visit the open task asks for."""
    task = getattr(view, "task", None)
    return "OVERDUE" if task is not None and task.element == _OVERDUE_VISIT else "REGULAR"


def guarantee_ends(line: Row[Any], view: CaseView) -> date:
    """The last day of the guarantee: from the first due date, unless the guarantors agreed to the extension (民法典 692、695)."""
    return schedule.guarantee_end(
        line.due_on if line.guarantors_agreed else line.first_due_on, policy_of(view).parameters
    )


def _dated(view: CaseView, day: date | None, line: Row[Any], name: str) -> Problems:
    """A day on which something happened: not before the money was paid out, not in the future."""
    if day is None:
        return {}
    if day > view.today:
        text = N_("填写的是 {seen}，不能晚于今天（{today}）")
        return {name: [Message(text, {"seen": day.isoformat(), "today": view.today.isoformat()})]}
    if day < line.disbursed_on:
        text = N_("填写的是 {seen}，不能早于放款日期（{first}）")
        return {name: [Message(text, {"seen": day.isoformat(), "first": line.disbursed_on.isoformat()})]}
    return {}


def _visit(view: CaseView, values: Answers, line: Row[Any]) -> Problems:
    problems = _dated(view, values["visitedOn"], line, "visitedOn")
    if values["occasion"] not in (None, occasion_of(view)):
        problems["occasion"] = [Message(N_("这一步办理的是另一类走访，请按任务名称选择"))]
    return problems


def _remind(view: CaseView, values: Answers, line: Row[Any]) -> Problems:
    problems = _dated(view, values["deliveredOn"], line, "deliveredOn")
    why = refused(view, "remind", "method", values["method"])
    if why is not None:
        problems["method"] = [why]
    return problems


def _repayment(view: CaseView, values: Answers, line: Row[Any]) -> Problems:
    problems = _dated(view, values["paidOn"], line, "paidOn")
    paid, principal = values["paidOn"], values["principal"]
    last = max((row.paid_on for row in register.repayments(view.connection, view.case.id)), default=None)
    if paid is not None and last is not None and paid < last:
        text = N_("填写的是 {seen}，上一笔还款登记在 {last}；请按先后顺序登记")
        problems["paidOn"] = [Message(text, {"seen": paid.isoformat(), "last": last.isoformat()})]
    if principal is not None and cents(principal) > line.balance_cents:
        text = N_("填写的是 {seen} 元，尚欠本金只有 {balance} 元；多还的部分请退还后再登记")
        problems["principal"] = [Message(text, {"seen": money_text(principal), "balance": yuan(line.balance_cents)})]
    return problems


def _extension(view: CaseView, values: Answers, line: Row[Any]) -> Problems:
    problems = _dated(view, values["askedOn"], line, "askedOn")
    asked = values["newDueOn"]
    if line.extended_on is not None:
        text = N_("这笔贷款已在 {day} 展期过一次，不能再展期")
        problems["newDueOn"] = [Message(text, {"day": line.extended_on.isoformat()})]
    elif asked is not None:
        problems |= _new_due(view, asked, line)
    return problems


def _new_due(view: CaseView, asked: date, line: Row[Any]) -> Problems:
    months = policy_of(view).parameters.integer("extensionMonths")
    latest = loan_end(line.due_on, months)
    if line.due_on < asked <= latest:
        return {}
    text = N_("填写的是 {seen}；展期只能到原到期日（{due}）之后、{latest} 以前（最长 {months} 个月）")
    shown = {"seen": asked.isoformat(), "due": line.due_on.isoformat(), "latest": latest.isoformat(), "months": months}
    return {"newDueOn": [Message(text, shown)]}


def _plan(view: CaseView, values: Answers, line: Row[Any]) -> Problems:
    return _dated(view, values["metOn"], line, "metOn")


def _guarantors(view: CaseView, values: Answers, line: Row[Any]) -> Problems:
    """Every guarantor who still stands surety, each in time or with the reason why not."""
    problems: Problems = {}
    active = {
        row.slot: row.guarantor_hash for row in guarantees(view.connection, view.case.id) if row.state == "active"
    }
    wanted = active.keys()
    notices = {item["slot"]: item for item in values["notices"] or ()}
    for slot in sorted(wanted - notices.keys()):
        problems[f"notices.{slot}.method"] = [Message(N_("还没有登记第 {slot} 名担保人的书面通知"), {"slot": slot})]
    ends, late = guarantee_ends(line, view), False
    for slot, item in notices.items():
        for path, found in _dated(view, item["deliveredOn"], line, f"notices.{slot}.deliveredOn").items():
            problems.setdefault(path, []).extend(found)
        late = late or (item["deliveredOn"] is not None and item["deliveredOn"] > ends)
        if slot in active:
            why = refused_to(view, active[slot], "tell_guarantors", "notices.method", item["method"])
            if why is not None:
                problems.setdefault(f"notices.{slot}.method", []).append(why)
    if late and not values["lateReason"]:
        text = N_("保证期间到 {day} 为止（依据：《民法典》第692条）；之后才送达的，请写明原因，并请信用社核对担保责任")
        problems["lateReason"] = [Message(text, {"day": ends.isoformat()})]
    return problems


def _default(view: CaseView, values: Answers, line: Row[Any]) -> Problems:
    problems = _dated(view, values["compensatedOn"], line, "compensatedOn")
    amount = values["compensation"]
    if amount is not None and cents(amount) > line.balance_cents:
        text = N_("填写的是 {seen} 元，尚欠本金只有 {balance} 元")
        problems["compensation"] = [Message(text, {"seen": money_text(amount), "balance": yuan(line.balance_cents)})]
    if line.claimable_since is None and values["decision"] == "DEFAULT":
        problems["decision"] = [Message(N_("逾期还不满规定的天数，不能按违约处理"))]
    return problems


def yuan(amount: int) -> str:
    """Whole cents as people write them: 80,000.00."""
    return f"{_decimal(amount):,.2f}"


def _decimal(amount: int) -> Decimal:
    return schedule.CENT * amount


_RULES: Mapping[str, Callable[[Any, Any, Any], Problems]] = {
    "visit": _visit,
    "remind": _remind,
    "repayment": _repayment,
    "extension": _extension,
    "joint_plan": _plan,
    "tell_guarantors": _guarantors,
    "default_decision": _default,
}
