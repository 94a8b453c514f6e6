"""Glue to bpmn/loan.dmn: D1 (who may have the loan) and D2 (who may stand surety), each answer with its sentence.

The tables hold the rules, the policy the numbers; here the facts are gathered and every rule that was hit becomes a sentence
with the value seen, the limit, the clause and the policy version (ui.md rule 4).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import bpmn
from engine.decisions import Decision, DecisionTable, RuleHit, load_tables
from engine.messages import N_, Message
from workflows.loan_policy import POLICY_A
from workflows.processes.loan import register, wording
from workflows.processes.loan.application import Application, papers
from workflows.table_fit import unfit_tables

if TYPE_CHECKING:
    from engine.process_type import CaseView
    from workflows.policy import Policy

Texts = tuple[Any, Any]


@dataclass(frozen=True)
class Refusal:
    """One rule that speaks against the loan: its code (D1), and the sentence people read."""

    code: str
    message: Message


@dataclass(frozen=True)
class Eligibility:
    """What D1 said; eligible when it found nothing."""

    decision: Decision
    refusals: tuple[Refusal, ...]

    @property
    def eligible(self) -> bool:
        """True when no rule speaks against the loan."""
        return not self.refusals


@cache
def shipped() -> bytes:
    """The decision tables that come with the software."""
    return resources.files(bpmn).joinpath("loan.dmn").read_bytes()


@cache
def tables() -> Mapping[str, DecisionTable]:
    """The shipped tables, read: what any later version is measured by."""
    return load_tables(shipped())


def unfit(proposed: Mapping[str, DecisionTable]) -> Sequence[Message]:
    """Why proposed tables could not be worked with here."""
    return unfit_tables(proposed, tables(), frozenset(POLICY_A))


def eligibility(view: CaseView, subject: Application) -> Eligibility:
    """D1 for one application, as things stand now; age and policy are those of the application date (L13, L35)."""
    policy = subject.policy
    facts = _facts(view, subject)
    decision = view.tables(subject.applied_on)["loan_eligibility"].decide(
        facts, parameters=policy.parameters.inputs, policy_version=policy.version
    )
    seen = {**facts, "values": subject.values, "evidence": _evidence(view, subject)}
    refusals = [_refusal(hit, policy, *_TEXTS[hit.outputs["code"]](seen, policy)) for hit in decision.hits]
    return Eligibility(decision, tuple(refusals))


def _facts(view: CaseView, subject: Application) -> dict[str, Any]:
    values, policy, case_id = subject.values, subject.policy.parameters, view.case.id
    known = subject.subject_hash
    declared = (values.get("priorLoanCount") or 1) if values.get("priorLoanDeclared") else 0
    elsewhere = bool(known and register.open_elsewhere(view.connection, known, case_id))
    consumed = register.times_consumed(view.connection, known, case_id) if known else 0
    return {
        "sex": values.get("sex"),
        "age": subject.age,
        "unemployed": values.get("unemployed"),
        "has_evidence": _evidence(view, subject),
        # a loan she declares may be one of those registered here: the larger number, never the sum
        "prior_disbursed": max(consumed, declared),
        "open_application": elsewhere,
        "amount": subject.amount,
        "in_area": subject.in_county or not policy.flag("areaRequired"),
        "project_excluded": values.get("project") in policy.items("excludedProjects"),
    }


def _evidence(view: CaseView, subject: Application) -> bool:
    accepted = subject.values.get("evidenceKind") in subject.policy.parameters.items("evidenceKinds")
    return accepted and bool(papers(view).get("unemploymentEvidence"))


def _refusal(hit: RuleHit, policy: Policy, seen: Any, limit: Any) -> Refusal:
    code = str(hit.outputs["code"])
    return Refusal(code, explained(hit, policy, seen, limit, code=code))


def explained(hit: RuleHit, policy: Policy, seen: Any, limit: Any, *, code: str) -> Message:
    """The sentence of a rule that was hit: value, limit, clause, policy version. `code` rides along for machines."""
    rule = Message(hit.annotations["message"], {"seen": seen, "limit": limit})
    return ruled(rule, hit.clause, policy, code=code)


def ruled(rule: Message, clause: str, policy: Policy, *, code: str = "") -> Message:
    """A sentence with the clause and the policy version it rests on."""
    text = N_("{rule} —— 依据：{source}，{policy}")
    return Message(text, {"rule": rule, "source": wording.source(clause), "policy": policy.label, "code": code})


def span(low: Any, high: Any) -> str:
    """Limits as people write them: "18–50", "20,000.00–80,000.00"."""
    return f"{low:,}–{high:,}"


def _evidence_texts(seen: Mapping[str, Any], policy: Policy) -> Texts:
    kind = seen["values"].get("evidenceKind")
    given = wording.label(wording.EVIDENCE, kind) if kind else Message(N_("没有提供"))
    return given, wording.listed(wording.EVIDENCE, policy.parameters.items("evidenceKinds"))


def _project_texts(seen: Mapping[str, Any], policy: Policy) -> Texts:
    excluded = wording.listed(wording.PROJECT, policy.parameters.items("excludedProjects"))
    outside = Message(N_("不属于{excluded}"), {"excluded": excluded})
    return wording.label(wording.PROJECT, seen["values"].get("project")), outside


#: code of D1 → (value seen, limit) in its sentence
_TEXTS: Mapping[str, Callable[[Mapping[str, Any], Policy], Texts]] = {
    "NOT_FEMALE": lambda seen, _: (wording.label(wording.SEX, seen["sex"]), Message(N_("女"))),
    "AGE_RANGE": lambda seen, p: (
        seen["age"],
        span(p.parameters.integer("minAge"), p.parameters.integer("maxAge")),
    ),
    "EMPLOYED": lambda _, __: (Message(N_("已就业")), Message(N_("未就业"))),
    "NO_EVIDENCE": _evidence_texts,
    "ALREADY_ENJOYED": lambda seen, p: (seen["prior_disbursed"], p.parameters.integer("maxTimes")),
    "DUPLICATE_OPEN": lambda _, __: (Message(N_("另有一件尚未办结")), Message(N_("同一时间只能有一件"))),
    "AMOUNT_RANGE": lambda seen, p: (
        f"{seen['amount']:,}",
        span(p.parameters.decimal("minAmount"), p.parameters.decimal("maxAmount")),
    ),
    "NOT_IN_AREA": lambda _, __: (Message(N_("不在本县")), Message(N_("在本县"))),
    "PROJECT_EXCLUDED": _project_texts,
}
