"""A mediation on paper: the agreement (P-09), that it is over (P-10), the order of its dossier, and its words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.dossier.book import Book, Part, Sheet
from engine.events import Kind
from engine.messages import N_, Message
from workflows.form_words import FormWords
from workflows.processes.mediation import state, wording
from workflows.processes.mediation.forms import FORMS
from workflows.processes.mediation_after import wording as after
from workflows.processes.mediation_after.forms import FORMS as AFTER_FORMS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.dossier.record import CaseRecord

WORDS = FormWords({**FORMS, **AFTER_FORMS})
_OPERATIONS = {**wording.OPERATIONS, **after.OPERATIONS}


def figures(record: CaseRecord) -> Mapping[str, Any]:
    """What the papers say besides their forms: both parties, since when the agreement counts, whether it is signed by hand."""
    handed, her, agreed = (record.newest(key) for key in ("referred", "consent_her", "agreement"))
    parties = state.parties_of(handed.answers if handed else {}, her.answers if her else {})
    if agreed is None:
        return {"parties": parties}
    signed, answers = record.newest("agreement_signed"), agreed.answers
    days = [signed.answers[name] for name in _SIGNATURES] if signed else []
    since = answers.get("agreedOn") if answers.get("way") == "ORAL" else max(days, default=None)
    return {"parties": parties, "effective_on": since, "by_hand": state.by_hand(answers, parties["topic"])}


_SIGNATURES = ("herSignedOn", "otherSignedOn", "mediatorSignedOn", "sealedOn")


def tell(kind: str, content: Mapping[str, Any]) -> Sequence[Message]:
    """Lines for a history entry of a mediation."""
    if kind == Kind.OPERATION_PERFORMED and content.get("operation") in _OPERATIONS:
        return [Message(_OPERATIONS[content["operation"]])]
    if kind == Kind.DECISION_MADE and content.get("table") == "mediation_gate":
        (hit,) = content["hits"]
        shown = {"seen": (content.get("inputs") or {}).get("band_age"), "limit": _limit(content, hit["rule"])}
        rule = Message(hit["annotations"]["message"], shown)
        return [wording.ruled(rule, hit["clause"], code=hit["outputs"]["code"])]
    if kind == Kind.REGISTER_CHANGED and content.get("register") in wording.REGISTERS:
        return list(_registered(content))
    return []


def _limit(content: Mapping[str, Any], rule: str) -> Any:
    limits = content.get("parameters") or {}
    return limits.get("warningMonths" if rule.endswith("warning_broken") else "riskFreshDays")


def _registered(content: Mapping[str, Any]) -> Sequence[Message]:
    register = Message(wording.REGISTERS[content["register"]])
    found = []
    for name, (text, names) in _COLUMNS.items():
        if content.get(name) not in (None, ""):
            value = content[name]
            shown = Message(names[value]) if value in names else value
            line = Message(text, {"value": shown})
            found.append(Message(N_("{register}：{line}"), {"register": register, "line": line}))
    return found


_NO_NAMES: Mapping[Any, str] = {}
_COLUMNS: Mapping[str, tuple[str, Mapping[Any, str]]] = {
    "ending": (N_("终止的原因：{value}"), dict(wording.ENDING)),
    "outcome": (N_("结果：{value}"), wording.OUTCOMES),
    "effective_on": (N_("协议自 {value} 生效"), _NO_NAMES),
    "confirm_until": (N_("可以申请司法确认到 {value}"), _NO_NAMES),
    "confirmation": (N_("司法确认：{value}"), after.CONFIRMATION),
    "due_on": (N_("履行期限 {value}"), _NO_NAMES),
    "checked_on": (N_("核对日期 {value}"), _NO_NAMES),
}

SHEETS = (
    Sheet("P-09", N_("调解协议书"), "P-09.html", "agreement", also=("agreement_signed",)),
    Sheet("P-10", N_("终止调解告知书"), "P-10.html", "mediation_ended", ahead=True, addressed="her"),
    Sheet("P-10O", N_("终止调解告知书（对方）"), "P-10.html", "mediation_ended", ahead=True, addressed="others"),
)

BOOK = Book(
    kind="mediation",
    title="调解",
    folder=Path(__file__).parent,
    sheets={sheet.code: sheet for sheet in SHEETS},
    order=(
        Part(title="书面同意", papers=(("consent_her", "signedConsent"), ("consent_other", "otherConsent"))),
        Part("P-09", papers=(("agreement_signed", "signedScan"),)),
        Part("P-10"),
        Part("P-10O"),
        Part(title="司法确认和履行凭证", papers=(("court_result", "courtPaper"), ("perform", "proof"))),
    ),
    ledgers=frozenset(("check", "session", "perform")),
    retention="10 年，自办结之日起算；涉及家庭暴力的 30 年",
    applicant=("consent_her", "partyName"),
    wording=WORDS.wording(
        tell=tell,
        figures=figures,
        texts={"rights": wording.RIGHTS_TEXT, "lines": "\n".join(["＿" * 24] * 3)},
    ),
)
