"""What a form opens with: how the loan stands, what the person must know before she acts, and values to start from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from engine.messages import N_, Message
from engine.process_type import Prepared
from workflows.processes.loan.register import guarantees
from workflows.processes.loan_after import register, schedule, wording
from workflows.processes.loan_after.examination import guarantee_ends, occasion_of, yuan
from workflows.safe_contact import in_person

if TYPE_CHECKING:
    from engine.process_type import CaseView


def prepare(view: CaseView, form: str) -> Prepared:
    """The start of a form; how the loan stands is told on every one of them."""
    if register.line(view.connection, view.case.id) is None:
        return Prepared()
    maker = _FORMS.get(form)
    initial, notes = maker(view) if maker is not None else ({}, [])
    return Prepared(initial, [*notes, *standing_notes(view)])


def standing_notes(view: CaseView) -> list[Message]:
    """Balance, due date, band, and the extension if there was one."""
    line = register.standing(view)
    late = schedule.overdue_days(line.due_on, view.today)
    shown = {"balance": yuan(line.balance_cents), "due": line.due_on.isoformat()}
    notes = [Message(N_("尚欠本金 {balance} 元，到期日 {due}"), shown)]
    if late and line.state == "running":
        named = {"days": late, "band": Message(wording.BANDS[line.band])}
        notes.append(Message(N_("已逾期 {days} 天，等级：{band}（依据：逾期分级表 D9）"), named))
    if line.extended_on is not None:
        was = {"day": line.extended_on.isoformat(), "due": line.first_due_on.isoformat()}
        notes.append(Message(N_("{day} 批准展期，原到期日 {due}；展期内不贴息"), was))
    return notes


def _visit(view: CaseView) -> tuple[dict[str, Any], list[Message]]:
    return {"occasion": occasion_of(view)}, []


def _remind(view: CaseView) -> tuple[dict[str, Any], list[Message]]:
    refusal = in_person(view)
    if refusal is None:
        return {}, [Message(N_("请打印 L-10 催收通知，当面交给她本人；不要交给家人转交，不要寄到家里"))]
    return {"method": "NOT_SENT"}, [refusal]


def _extension(_view: CaseView) -> tuple[dict[str, Any], list[Message]]:
    return {}, [Message(N_("借款人没有申请展期的，这一步不用办理；贷款结清后自动取消"))]


def _decide_extension(view: CaseView) -> tuple[dict[str, Any], list[Message]]:
    asked = view.form("extension") or {}
    shown = {"new": asked.get("newDueOn") or "—", "reason": asked.get("reason") or "—"}
    return {}, [Message(N_("申请展期至 {new}，信用社已同意。理由：{reason}"), shown)]


def _guarantors(view: CaseView) -> tuple[dict[str, Any], list[Message]]:
    applied = {item["slot"]: item for item in (view.form("apply") or {}).get("guarantors") or ()}
    active = [row.slot for row in guarantees(view.connection, view.case.id) if row.state == "active"]
    notices = [{"slot": slot, "name": applied.get(slot, {}).get("name")} for slot in active]
    ends = guarantee_ends(register.standing(view), view)
    text = N_("保证期间到 {day} 为止，请在此之前书面通知每一名担保人（依据：《民法典》第692条）；先打印 L-10G")
    return {"notices": notices}, [Message(text, {"day": ends.isoformat()})]


def _default(view: CaseView) -> tuple[dict[str, Any], list[Message]]:
    line = register.standing(view)
    text = N_("自 {since} 起银行可以申请代偿；自到期日（{due}）起不贴息。是否按违约处理由您决定")
    since = line.claimable_since.isoformat() if line.claimable_since else "—"
    return {}, [Message(text, {"since": since, "due": line.due_on.isoformat()})]


_FORMS: Mapping[str, Callable[[Any], tuple[dict[str, Any], list[Message]]]] = {
    "visit": _visit,
    "remind": _remind,
    "extension": _extension,
    "extension_decision": _decide_extension,
    "tell_guarantors": _guarantors,
    "default_decision": _default,
}
