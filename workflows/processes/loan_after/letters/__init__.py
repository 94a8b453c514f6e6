"""The time after a loan on paper: L-09, L-10 and the letter to the guarantors, as parts of the loan's own dossier."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.dossier.book import Part, Sheet
from engine.events import Kind
from engine.messages import N_, Message
from workflows.processes.loan.application import loan_end
from workflows.processes.loan_after import wording

if TYPE_CHECKING:
    from engine.dossier.record import CaseRecord

#: 民法典 692
_BY_LAW = 6
FOLDER = Path(__file__).parent
SHEETS = (
    Sheet("L-09", N_("贷后走访记录"), "L-09.html", "visit", every=True),
    Sheet("L-10", N_("贷款到期提醒（催收通知）"), "L-10.html", "remind", every=True, ahead=True, addressed="her"),
    Sheet("L-10G", N_("致担保人的催收通知"), "L-10G.html", "tell_guarantors", ahead=True, addressed="others"),
)
#: after L-07 (processes.md §1): visits, letters, proof of settlement
ORDER = (
    Part("L-09", papers=(("visit", "photos"),)),
    Part("L-10", papers=(("remind", "receipt"),)),
    Part("L-10G", papers=(("tell_guarantors", "receipts"),)),
    Part(title="还款和结清凭证", papers=(("repayment", "proof"),)),
)


def figures(record: CaseRecord) -> Mapping[str, Any]:
    """What the letters say of the loan, from the forms of the record alone: amounts, dates, guarantors who still stand.

    Money as "80000.00", days as ISO text; nothing before the money was paid out.
    """
    paid = record.newest("disburse")
    if paid is None:
        return {}
    disbursed = Decimal(paid.answers["amount"])
    repaid = sum((Decimal(v.answers["principal"]) for v in record.forms if v.key == "repayment"), Decimal(0))
    decided, asked = record.newest("extension_decision"), record.newest("extension")
    extended = decided is not None and asked is not None and decided.answers.get("decision") == "APPROVE"
    due = asked.answers["newDueOn"] if extended and asked is not None else paid.answers["dueOn"]
    agreed = extended and asked is not None and asked.answers.get("guarantorsAgree")
    ends = loan_end(date.fromisoformat(due if agreed else paid.answers["dueOn"]), _guarantee_months(record))
    return {
        "disbursed": str(disbursed),
        "disbursed_on": paid.answers["disbursedOn"],
        "balance": str(disbursed - repaid),
        "due_on": due,
        "extended": extended,
        "guarantee_ends": ends.isoformat(),
        "guarantors": _standing(record),
    }


def _guarantee_months(record: CaseRecord) -> int:
    """As it stood in the county's rules when the loan book was opened; the law's six months before that."""
    told = (entry.content.get("guarantee_months") for entry in record.entries)
    return next((int(months) for months in told if months is not None), _BY_LAW)


def _standing(record: CaseRecord) -> list[Mapping[str, Any]]:
    """The guarantors of the application without the one who was released in writing (L31)."""
    applied, less = record.newest("apply"), record.newest("accept_less")
    released = str((less.answers.get("released") if less else None) or "")
    named = (applied.answers.get("guarantors") if applied else None) or []
    return [g for g in named if str(g["slot"]) != released]


def tell(kind: str, content: Mapping[str, Any]) -> list[Message]:
    """Lines for an entry of the time after a loan; none for every other entry."""
    if kind == Kind.DECISION_MADE and content.get("table") == "overdue_band":
        return list(_band(content))
    if kind == Kind.OPERATION_PERFORMED and content.get("operation") in wording.OPERATIONS:
        return [Message(wording.OPERATIONS[content["operation"]])]
    if kind == Kind.REGISTER_CHANGED and content.get("register") in wording.REGISTERS:
        return list(_registered(content))
    return []


def _band(content: Mapping[str, Any]) -> Iterator[Message]:
    days = (content.get("inputs") or {}).get("overdue_days")
    band = (content.get("outputs") or {}).get("band", "")
    named = {
        "days": days,
        "band": Message(wording.BANDS.get(band, "—")),
        "policy": content.get("policy_version") or "—",
    }
    yield Message(N_("逾期 {days} 天，等级：{band}（依据：逾期分级表 D9；{policy}）"), named)


def _registered(content: Mapping[str, Any]) -> Iterator[Message]:
    register = Message(wording.REGISTERS[content["register"]])
    for name, text in _COLUMNS.items():
        if name in content:
            value: Any = content[name]
            if name.endswith("_cents"):
                value = f"{Decimal(value) / 100:,.2f}"
            elif name in ("band", "state"):
                known = {**wording.BANDS, **wording.STATES}
                value = Message(known.get(str(value), "—"))
            yield Message(N_("{register}：{line}"), {"register": register, "line": Message(text, {"value": value})})


_COLUMNS = {
    "disbursed_cents": N_("放款 {value} 元"),
    "paid_on": N_("还款日期 {value}"),
    "principal_cents": N_("归还本金 {value} 元"),
    "interest_cents": N_("支付利息 {value} 元"),
    "balance_cents": N_("尚欠本金 {value} 元"),
    "overdue_days": N_("逾期 {value} 天"),
    "due_on": N_("到期日 {value}"),
    "band": N_("等级 {value}"),
    "since": N_("自 {value} 起"),
    "claimable_since": N_("{value} 起可以申请代偿"),
    "state": N_("状态 {value}"),
    "compensation_cents": N_("代偿 {value} 元"),
    "visited_on": N_("走访日期 {value}"),
    "delivered_on": N_("送达登记日期 {value}"),
}
