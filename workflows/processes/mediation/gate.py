"""The gate (D5): whether a dispute may be mediated, asked before a case is opened, as it begins, and before every session.

No post can override what it says. What it reads can become worse at any time; a danger band becomes lower only by an assessment
of another trained scorer that the head of the rights department has approved (`standing`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from engine.clock import Calendar, Unit
from engine.messages import Message
from workflows import organisation, training
from workflows.processes.mediation import decisions, wording
from workflows.processes.mediation.policy import in_force

if TYPE_CHECKING:
    from engine.decisions import Decision
    from engine.process_type import CaseView

FORBIDDEN, LIMITED, ALLOWED = "FORBIDDEN", "LIMITED", "ALLOWED"
#: the code of FORBIDDEN where the danger must be scored anew first
RESCORE: Final = "RESCORE"
_RANK: Final = {"STANDARD": 0, "MEDIUM": 1, "HIGH": 2}
_INJURY: Final = {"NONE": 0, "SLIGHT": 1, "MINOR": 2}
#: questions that must be answered yes or no before anybody mediates; the second list only where there was violence
ALWAYS: Final = ("pastViolence", "caseOpen", "orderActive")
OF_VIOLENCE: Final = ("protectedVictim", "sexualViolence", "weapon", "strangulation")


@dataclass(frozen=True)
class Gate:
    """What D5 says, why, and how it came to say so."""

    result: str
    reasons: tuple[Message, ...]
    code: str
    decision: Decision

    @property
    def forbidden(self) -> bool:
        """Whether nobody may mediate."""
        return self.result == FORBIDDEN


@dataclass(frozen=True)
class Assessment:
    """A danger assessment (D4): band, day, who scored it, and who approved that it takes the place of an earlier one."""

    band: str
    scored_on: date
    scorer: int
    approved_by: int | None = None


def gate(view: CaseView, facts: Mapping[str, Any], consent: str = "NOT_ASKED") -> Gate:
    """Ask D5. `facts`: answers to the questions of `forms_gate.GateQuestions`, typed or as JSON; what is missing is unanswered.

    `consent`: NOT_ASKED, GIVEN, REFUSED, NOT_ALONE. Another kind of case asks the tables that came with the software; the
    mediation itself asks those in force, so that what it says when it begins is what counts.
    """
    rules = in_force(view.connection, view.case.unit_id, view.today)
    known = view.tables(view.today)
    table = (known if decisions.GATE in known else decisions.tables())[decisions.GATE]
    asked = _inputs(view, facts, consent, rules.parameters.integer("warningMonths"))
    decision = table.decide(asked, parameters=rules.parameters.inputs, policy_version=rules.version)
    (hit,) = decision.hits
    shown = {"seen": asked["band_age"], "limit": _limit(hit.rule_id, rules.parameters.inputs)}
    code = str(hit.outputs["code"])
    reason = wording.ruled(Message(hit.annotations["message"], shown), hit.clause, code=code)
    return Gate(str(hit.outputs["result"]), (reason,), code, decision)


def _limit(rule: str, limits: Mapping[str, Any]) -> Any:
    return limits["warningMonths"] if rule.endswith("warning_broken") else limits["riskFreshDays"]


def _inputs(view: CaseView, facts: Mapping[str, Any], consent: str, months: int) -> dict[str, Any]:
    violence = facts.get("pastViolence")
    asked = ALWAYS + (OF_VIOLENCE if violence is not False else ())
    unanswered = any(facts.get(name) is None for name in asked)
    unanswered = unanswered or (violence is not False and facts.get("injury") not in _INJURY)
    counts = standing(assessments(facts), may_replace(view))
    broken = _day(facts.get("warningBrokenOn"))
    within = broken is not None and Calendar().last_day(broken, months, Unit.MONTH) >= view.today
    return {
        "unanswered": unanswered,
        "band": counts.band if counts else None,
        "band_age": (view.today - counts.scored_on).days if counts else None,
        "protected_victim": bool(facts.get("protectedVictim")),
        "sexual_violence": bool(facts.get("sexualViolence")),
        "weapon": bool(facts.get("weapon")),
        "strangulation": bool(facts.get("strangulation")),
        "injury": facts.get("injury") or "NONE",
        "case_open": bool(facts.get("caseOpen")),
        "order_active": bool(facts.get("orderActive")),
        "warning_broken": within,
        "consent": consent,
        "violence": violence is not False,
    }


def assessments(facts: Mapping[str, Any]) -> list[Assessment]:
    """The danger assessments of a form, in the order of their days."""
    found = [
        Assessment(item["band"], day, int(item["scorer"]), item.get("approvedBy"))
        for item in facts.get("assessments") or ()
        if item.get("band") in _RANK and (day := _day(item.get("scoredOn"))) is not None and item.get("scorer")
    ]
    return sorted(found, key=lambda each: each.scored_on)


def standing(known: Sequence[Assessment], may_replace: Callable[[Assessment, Assessment], bool]) -> Assessment | None:
    """The assessment that counts: the latest; but one no worse than before only where `may_replace(earlier, later)`."""
    counts: Assessment | None = None
    for each in known:
        if counts is None or _RANK[each.band] > _RANK[counts.band] or may_replace(counts, each):
            counts = each
    return counts


def may_replace(view: CaseView) -> Callable[[Assessment, Assessment], bool]:
    """The same band anew: by who was trained that day. A lower one: by another scorer, approved by a head who is neither."""

    def allowed(earlier: Assessment, later: Assessment) -> bool:
        if _RANK[earlier.band] == _RANK[later.band]:
            return training.may_score_risk(view.connection, later.scorer, later.scored_on)
        approver = later.approved_by
        if approver is None or later.scorer == earlier.scorer or approver in (earlier.scorer, later.scorer):
            return False
        place = organisation.unit_for_post(view.connection, "RIGHTS_HEAD", view.case.unit_id)
        heads = organisation.holders(view.connection, "RIGHTS_HEAD", place.id, view.today) if place else ()
        trained = training.may_score_risk(view.connection, later.scorer, later.scored_on)
        return trained and any(head.account_id == approver for head in heads)

    return allowed


def merged(earlier: Mapping[str, Any], later: Mapping[str, Any]) -> dict[str, Any]:
    """What is known after something more was asked: the worse answer of the two counts, and every assessment."""
    found = dict(earlier)
    for name in (*ALWAYS, *OF_VIOLENCE):
        both = (earlier.get(name), later.get(name))
        found[name] = True if True in both else False if False in both else None
    found["injury"] = max((earlier.get("injury"), later.get("injury")), key=lambda code: _INJURY.get(code or "", -1))
    broken = [day for each in (earlier, later) if (day := _day(each.get("warningBrokenOn"))) is not None]
    found["warningBrokenOn"] = max(broken, default=None)
    found["assessments"] = [*(earlier.get("assessments") or ()), *(later.get("assessments") or ())]
    return found


def surely_forbidden(facts: Mapping[str, Any]) -> bool:
    """Whether her answers alone forbid it, so that the other party need not be asked, and hears of nothing."""
    said = any(facts.get(name) for name in ("caseOpen", "orderActive", *OF_VIOLENCE))
    known = assessments(facts)
    return said or facts.get("injury") == "MINOR" or (bool(known) and known[-1].band == "HIGH")


def lasting(view: CaseView, known: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What speaks against a mediation for good, out of several forms: what was a yes, and the band that counts.

    An order or a case of the police may be over by the next time: they are asked anew.
    """
    facts: dict[str, Any] = {}
    for each in known:
        facts = merged(facts, each)
    found: dict[str, Any] = {name: True for name in ("pastViolence", *OF_VIOLENCE) if facts.get(name)}
    if _INJURY.get(facts.get("injury") or "", 0):
        found["injury"] = facts["injury"]
    if (broken := _day(facts.get("warningBrokenOn"))) is not None:
        found["warningBrokenOn"] = broken.isoformat()
    counts = standing(assessments(facts), may_replace(view))
    if counts is not None:
        scored = {"band": counts.band, "scoredOn": counts.scored_on.isoformat(), "scorer": counts.scorer}
        found["assessments"] = [{"slot": 1, **scored, "approvedBy": counts.approved_by}]
    return found


def _day(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) and value else value or None
