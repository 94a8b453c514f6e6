"""The loan's own history entries in words: decisions, operations, registers. Read on the case page and in the dossier."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from engine.dossier import facts
from engine.events import Kind
from engine.messages import N_, Message
from workflows.processes.loan import wording

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.dossier.record import CaseRecord

DECISIONS = {
    "loan_eligibility": N_("贷款申请条件"),
    "loan_guarantors_needed": N_("需要几名担保人"),
    "loan_guarantor": N_("担保人条件"),
}
#: codes of the guarantor table (D2); those of D1 stand in `wording.REFUSAL_CODES`
GUARANTOR_CODES = {
    "KIND": N_("担保人类别不符"),
    "NOT_PERSON": N_("担保人不是自然人"),
    "SELF": N_("担保人是申请人本人"),
    "SPOUSE": N_("担保人是申请人的配偶"),
    "DUP": N_("同一人重复担保"),
    "SIGNER": N_("担保人是本笔贷款的签字人"),
    "OVERLOAD": N_("担保人同时担保过多"),
    "PROOF": N_("担保人的证明不齐或到期太早"),
}
OPERATIONS = {
    "loan.check_once": N_("查重：在本系统所有县查是否已享受过"),
    "loan.send_to_credit": N_("送信用社审批"),
    "loan.tell_credit_refusal": N_("告知信用社不同意"),
    "loan.forms_complete": N_("检查表册、签字是否齐全"),
    "loan.release": N_("盖章后送信用社放款"),
    "loan.disbursed": N_("登记放款，占用享受次数"),
}
REGISTERS = {
    "loan_register": N_("贷款登记簿"),
    "guarantee": N_("担保登记"),
    "seal_register": N_("用印登记簿"),
    "parties": N_("当事人信息（用于核对回避）"),
}
STATES = {
    "open": N_("在办"),
    "duplicate": N_("重复申请"),
    "stamped": N_("已盖章"),
    "disbursed": N_("已放款"),
    "withdrawn": N_("已撤回"),
    "lapsed": N_("逾期终止"),
    "refused": N_("不予推荐"),
    "refusedByCredit": N_("信用社不同意"),
    "released": N_("已解除"),
}


def tell(kind: str, content: Mapping[str, Any]) -> Sequence[Message]:
    """Lines for an entry only the loan understands; none for every other kind."""
    teller = _TELLERS.get(kind)
    return list(teller(content)) if teller else ()


def _decided(content: Mapping[str, Any]) -> Iterator[Message]:
    table = str(content.get("table", ""))
    names = {"table": _named(DECISIONS, table), "policy": content.get("policy_version") or "—"}
    yield Message(N_("{table}（{policy}）"), names)
    hits = content.get("hits") or []
    if table == "loan_guarantors_needed":
        for hit in hits:
            needed = "、".join(str(value) for value in (hit.get("outputs") or {}).values())
            yield Message(N_("需要 {needed} 名担保人——依据：{source}"), {"needed": needed, "source": _source_line(hit)})
        return
    if not hits:
        yield Message(N_("没有不符合的条件"))
    for hit in hits:
        code = str((hit.get("outputs") or {}).get("code", ""))
        reason = _named({**wording.REFUSAL_CODES, **GUARANTOR_CODES}, code)
        yield Message(N_("不符合：{reason}——依据：{source}"), {"reason": reason, "source": _source_line(hit)})


def _performed(content: Mapping[str, Any]) -> Iterator[Message]:
    yield _named(OPERATIONS, str(content.get("operation", "")))


def _registered(content: Mapping[str, Any]) -> Iterator[Message]:
    register = _named(REGISTERS, str(content.get("register", "")))
    state = content.get("state")
    if state:
        yield Message(N_("{register}：{state}"), {"register": register, "state": _named(STATES, str(state))})
    else:
        yield register
    if content.get("number"):
        told = {name: content.get(name) for name in ("number", "copies")}
        day = facts.day(content.get("stamped_on"))
        yield Message(N_("登记号 {number}，{copies} 份，{day}"), {**told, "day": day})


_TELLERS: Mapping[str, Callable[[Mapping[str, Any]], Iterator[Message]]] = {
    Kind.DECISION_MADE: _decided,
    Kind.OPERATION_PERFORMED: _performed,
    Kind.REGISTER_CHANGED: _registered,
}


def _named(names: Mapping[str, str], code: str) -> Message:
    """The name of a code; a code nobody knows stands as it is, its braces doubled."""
    return Message(names.get(code) or code.replace("{", "{{").replace("}", "}}"))


def _source_line(hit: Mapping[str, Any]) -> str:
    return "；".join(sources(str(hit.get("clause", ""))))


def sources(clauses: str) -> list[str]:
    """Where clause ids ("S001-52、G3") come from, each document once; an id nobody knows stands as it is."""
    known = [wording.source(each) for each in clauses.replace(",", "、").split("、") if each]
    return list(dict.fromkeys(str(source.params.get("title", source)) for source in known))


def clauses(record: CaseRecord) -> Sequence[str]:
    """The sources of the rules hit by the last eligibility decision, each once; none when it hit no rule."""
    for entry in reversed(record.entries):
        if entry.kind == Kind.DECISION_MADE and entry.content.get("table") == "loan_eligibility":
            hits = entry.content.get("hits") or []
            return list(dict.fromkeys(s for hit in hits for s in sources(str(hit.get("clause", "")))))
    return ()


_WHO_REFUSED = (
    ("village_review", "opinion", N_("村妇联不予推荐：{reason}")),
    ("town_review", "opinion", N_("乡镇妇联不予推荐：{reason}")),
    ("final_check", "decision", N_("县妇联不予推荐：{reason}")),
)


def refusals(record: CaseRecord) -> Sequence[str]:
    """Why the loan is refused, as recorded: each rule hit by the last decision, and the reason of each who refused."""
    told = [_rule_said(hit, content) for content in _last_decisions(record) for hit in content.get("hits") or []]
    for form, field, text in _WHO_REFUSED:
        version = record.newest(form)
        if version is not None and version.answers.get(field) == "REFUSE":
            told.append(str(Message(text, {"reason": version.answers.get("reason") or "—"})))
    return list(dict.fromkeys(told))


def _last_decisions(record: CaseRecord) -> list[Mapping[str, Any]]:
    """The last answer of D1 and the answers of D2 that came with it."""
    found: list[Mapping[str, Any]] = []
    for entry in record.entries:
        if entry.kind == Kind.DECISION_MADE and entry.content.get("table") == "loan_eligibility":
            found = [entry.content]
        elif entry.kind == Kind.DECISION_MADE and entry.content.get("table") == "loan_guarantor":
            found.append(entry.content)
    return found


def _rule_said(hit: Mapping[str, Any], content: Mapping[str, Any]) -> str:
    """The table's sentence where it speaks of figures, the name of the refusal otherwise; then its sources."""
    code = str((hit.get("outputs") or {}).get("code", ""))
    inputs, limits = content.get("inputs") or {}, content.get("parameters") or {}
    sentence = str(_named({**wording.REFUSAL_CODES, **GUARANTOR_CODES}, code))
    template = (hit.get("annotations") or {}).get("message")
    if template and code in _FIGURES:
        fact, least, most = _FIGURES[code]
        shown = [_figure(inputs.get(fact)), _figure(limits.get(least)), _figure(limits.get(most))]
        limit = shown[2] if least == most else f"{shown[1]}–{shown[2]}"
        sentence = str(Message(template, {"seen": shown[0], "limit": limit})) if all(shown) else sentence
    return f"{sentence}（依据：{_source_line(hit)}）"


#: code → the fact it looked at, the lowest and the highest value allowed
_FIGURES = {
    "AGE_RANGE": ("age", "minAge", "maxAge"),
    "AMOUNT_RANGE": ("amount", "minAmount", "maxAmount"),
    "ALREADY_ENJOYED": ("prior_disbursed", "maxTimes", "maxTimes"),
    "OVERLOAD": ("active_guarantees", "maxActive", "maxActive"),
}


def _figure(value: Any) -> str:
    """A whole number as it is, money with its thousands separated; "" when it was not recorded."""
    return facts.amount(value) if isinstance(value, str) and "." in value else "" if value is None else str(value)
