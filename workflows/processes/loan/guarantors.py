"""D2: how many guarantors a loan needs, and whether each of those named may stand surety (S001-53, S001-54)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.messages import N_, Message
from workflows import organisation
from workflows.organisation import person_hash
from workflows.posts import POST_NAMES
from workflows.processes.loan import register, wording
from workflows.processes.loan.application import guarantor_papers, loan_end, papers
from workflows.processes.loan.decisions import Refusal, explained, ruled

if TYPE_CHECKING:
    from datetime import date

    from engine.decisions import Decision, RuleHit
    from engine.process_type import Answers, CaseView, Problems
    from workflows.processes.loan.application import Application

#: the posts whose signature every loan carries, in order (S001-49)
SIGNING_POSTS = ("VILLAGE_CHAIR", "TOWN_CHAIR")
#: kinds as typed → the kind and pay status the table asks for (G11)
_TABLE_KIND = {
    "FISCAL_RETIRED": ("FISCAL_PAYROLL", "RETIRED"),
    "FISCAL_CONTRACT": ("FISCAL_PAYROLL", "CONTRACT"),
    "FISCAL_PAYROLL": ("FISCAL_PAYROLL", "ON_POST"),
}
_NONE, _OTHERS = N_("没有上传"), N_("是更换之前那位担保人的材料")
_TOO_SHORT = "loan_guarantor.deposit_too_short"
#: the field of a guarantor at which a code is shown
_FIELD = {
    "KIND": "kind",
    "NOT_PERSON": "party",
    "SELF": "idcard",
    "SPOUSE": "relation",
    "DUP": "idcard",
    "SIGNER": "idcard",
    "OVERLOAD": "idcard",
    "PROOF": "proof",
}


@dataclass(frozen=True)
class Suretyship:
    """What D2 said: the decisions, problems by field path, and how many guarantors are needed and valid."""

    decisions: tuple[Decision, ...]
    problems: Problems
    needed: int | None
    present: int

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        """The problems as sentences."""
        return tuple(
            Refusal(str(m.params.get("code", "GUARANTORS")), m) for found in self.problems.values() for m in found
        )


@dataclass(frozen=True)
class _Surety:
    """One guarantor with what is known about her: `earlier` is how often she stands in slots before this one."""

    person: Answers
    known: str | None
    earlier: int
    signer: str | None
    active: int
    proof: bool
    uploaded: bool
    end: date | None

    @property
    def natural(self) -> bool:
        """A human being, not a unit."""
        return self.person.get("party") != "UNIT"

    @property
    def too_short(self) -> bool:
        """The deposit can be drawn before the loan is due."""
        maturity = self.person.get("depositMaturity")
        return bool(maturity and self.end and maturity < self.end)

    def facts(self, subject: Application) -> dict[str, Any]:
        """The inputs of the table."""
        typed = self.person.get("kind")
        kind, status = _TABLE_KIND.get(typed or "", (typed, None))
        return {
            "kind": kind if self.natural else None,
            "payroll_status": status,
            "is_person": self.natural,
            "is_applicant": self.known is not None and self.known == subject.subject_hash,
            "is_spouse": self.person.get("relation") == "SPOUSE",
            "is_duplicate": self.earlier > 0,
            "is_signer": self.signer is not None and not subject.values.get("countySigns"),
            "active_guarantees": self.active,
            "proof_ok": self.proof,
            "matures_before_loan": self.too_short,
        }

    def texts(self, subject: Application, hit: RuleHit) -> tuple[Any, Any]:
        """(value seen, limit) in the sentence of a rule that was hit."""
        if hit.rule_id == _TOO_SHORT and self.end:
            return self.person["depositMaturity"].isoformat(), self.end.isoformat()
        change = Message(N_("更换担保人，或勾选由上一级签字并写明理由"))
        texts: Mapping[str, tuple[Any, Any]] = {
            "KIND": (wording.label(wording.GUARANTOR_KIND, self.person.get("kind")), _allowed_kinds(subject)),
            "NOT_PERSON": (wording.label(wording.PARTY, "UNIT"), wording.label(wording.PARTY, "NATURAL")),
            "SELF": (Message(N_("申请人本人")), Message(N_("由他人担保"))),
            "SPOUSE": (wording.label(wording.RELATION, "SPOUSE"), Message(N_("由配偶以外的人担保"))),
            "DUP": (self.earlier + 1, Message(N_("每位担保人各不相同"))),
            "SIGNER": (Message(POST_NAMES[self.signer or SIGNING_POSTS[0]]), change),
            "OVERLOAD": (self.active, subject.policy.parameters.integer("maxActive")),
            "PROOF": (Message(_OTHERS if self.uploaded else _NONE), Message(N_("上传复印件"))),
        }
        return texts[str(hit.outputs["code"])]


def sureties(view: CaseView, subject: Application, *, start: date | None = None) -> Suretyship:
    """D2 for the guarantors who have not been released; `start` is the earliest day the loan can begin (today)."""
    end = loan_end(start or view.today, subject.term_months) if subject.term_months else None
    decisions: list[Decision] = []
    problems: Problems = {}
    known: list[str] = []
    standing = not_released(view, subject)
    hashes = {found for person in standing if (found := _known(view, person))}
    active = register.active_guarantees(view.connection, sorted(hashes), view.case.id)
    for person in standing:
        surety = _surety(view, subject, person, known, active, end)
        decision = _decide(view, subject, "loan_guarantor", surety.facts(subject))
        decisions.append(decision)
        for hit in decision.hits:
            code = str(hit.outputs["code"])
            name = "depositMaturity" if hit.rule_id == _TOO_SHORT else _FIELD[code]
            told = explained(hit, subject.policy, *surety.texts(subject, hit), code=code)
            problems.setdefault(f"guarantors.{person['slot']}.{name}", []).append(told)
        known.append(surety.known or f"slot {person['slot']}")
    present = len(set(known))
    needed = None
    if subject.amount is not None:
        counting = _decide(view, subject, "loan_guarantors_needed", {"amount": subject.amount})
        decisions.insert(0, counting)
        needed = int(counting.outputs["needed"])
        if present < needed:
            problems["guarantors"] = [_too_few(subject, counting.hits[0], present)]
    return Suretyship(tuple(decisions), problems, needed, present)


def not_released(view: CaseView, subject: Application) -> list[Answers]:
    """The guarantors named in the application, without those who left in writing (L31)."""
    released = register.released(view.connection, view.case.id)
    named = subject.values.get("guarantors") or ()
    return [g for g in named if (g["slot"], _known(view, g)) not in released] if released else list(named)


def known_guarantors(view: CaseView, subject: Application) -> list[str]:
    """The guarantors named in the application by keyed hash."""
    hashes = (_known(view, person) for person in subject.values.get("guarantors") or ())
    return [known for known in hashes if known]


def _known(view: CaseView, person: Answers) -> str | None:
    return person_hash(view.vault, person["idcard"]) if person.get("idcard") else None


def _surety(
    view: CaseView,
    subject: Application,
    person: Answers,
    before: list[str],
    active: Mapping[str, int],
    end: date | None,
) -> _Surety:
    known = _known(view, person)
    return _Surety(
        person=person,
        known=known,
        earlier=before.count(known) if known else 0,
        signer=signer_post(view, subject, known),
        active=active.get(known or "", 0),
        proof=bool(guarantor_papers(view, person["slot"], known, "proof")),
        uploaded=bool(papers(view).get(f"guarantors.{person['slot']}.proof")),
        end=end,
    )


def _decide(view: CaseView, subject: Application, table: str, facts: dict[str, Any]) -> Decision:
    policy = subject.policy
    known = view.tables(subject.applied_on)
    return known[table].decide(facts, parameters=policy.parameters.inputs, policy_version=policy.version)


def signer_post(view: CaseView, subject: Application, known: str | None) -> str | None:
    """The post, village or township, of which a person is the holder who would sign this loan (D3.3)."""
    if known is None:
        return None
    for post in SIGNING_POSTS:
        place = organisation.unit_for_post(view.connection, post, subject.unit.id)
        holders = organisation.holders(view.connection, post, place.id, view.today) if place else ()
        if any(holder.id_hash == known for holder in holders):
            return post
    return None


def _allowed_kinds(subject: Application) -> Message:
    policy = subject.policy.parameters
    kinds = [k for k in policy.items("allowedKinds") if k not in ("FISCAL_RETIRED", "FISCAL_CONTRACT")]
    kinds += ["FISCAL_RETIRED"] if policy.flag("allowRetired") else []
    kinds += ["FISCAL_CONTRACT"] if policy.flag("allowContract") else []
    return wording.listed(wording.GUARANTOR_KIND, kinds)


def _too_few(subject: Application, hit: RuleHit, present: int) -> Message:
    limit = f"{subject.policy.parameters.decimal('oneGuarantorMax'):,}"
    rule = Message(hit.annotations["message"], {"seen": f"{subject.amount:,}", "limit": limit})
    said = Message(N_("{rule}，现有 {present} 名"), {"rule": rule, "present": present})
    return ruled(said, hit.clause, subject.policy, code="COUNT")
