"""Supervision in the federation: who stands above whom (domain.md D1), how long they may leave it, and what weighs most."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from engine.errors import NotFound
from engine.messages import N_, Message
from engine.supervision import WAITING
from workflows import organisation
from workflows.climbing import CLIMBING
from workflows.policy import policy_on
from workflows.posts import POST_KIND, UnitKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Row

    from engine.clock import Period
    from engine.process_type import CaseView, ProcessType
    from engine.supervision import Rung

#: post → the post above it, in the same unit or the nearest one above
ABOVE: Final[Mapping[str, str]] = {
    "VILLAGE_CHAIR": "TOWN_CHAIR",
    "TOWN_CHAIR": "COUNTY_CHAIR",
    "CREDIT_OFFICER": "LOAN_HEAD",
    "LOAN_WORKER": "LOAN_HEAD",
    "LOAN_HEAD": "COUNTY_CHAIR",
    "SEAL_KEEPER": "COUNTY_CHAIR",
    "RIGHTS_WORKER": "RIGHTS_HEAD",
    "RIGHTS_HEAD": "COUNTY_CHAIR",
}
#: first words of period keys in the order of what is at stake (processes.md §0.3): safety, complaints, relief, money
GRAVITY: Final = (
    ("dv", "pso", "warning"),
    ("pet", "hotline", "lab", "med", "conf"),
    ("aid", "reg", "visit"),
    ("loan",),
)
#: periods of the law itself, not of the house (processes.md §0.3, column “source”)
LAWFUL: Final = ("pet.register", "pet.notice", "pet.objection", "pet.conclude", "pet.extend", "pet.review", "pet.recheck",
                 "dv.mandatoryReport", "pso.court", "med.judicialConfirm", "lab.mediation", "lab.limitation")  # fmt: skip
_CLASSES: Final = ("C4", "C3", "C2", "C1", "C0")


class FederationSupervision:
    """The engine's `Supervision`, answered from the chart of posts and the policy of the county."""

    def chain(self, view: CaseView, process: ProcessType, period: Period) -> Sequence[Rung]:
        """The posts the period names, then the post above each, until nobody stands above."""
        chain: list[Rung] = []
        known: set[str] = set()
        rung = tuple(dict.fromkeys(process.superiors(view, period.escalates_to)))
        while rung:
            chain.append(rung)
            known.update(post for post, _ in rung)
            above = dict.fromkeys(ABOVE[post] for post, _ in rung if post in ABOVE)
            rung = tuple(process.superiors(view, [post for post in above if post not in known]))
        return chain

    def patience(self, view: CaseView, period: Period, level: str) -> Period:
        """By the county's policy in force today; the default where the county has not decided."""
        key = f"climb.danger.{level}" if gravity(period.key) == 0 else f"climb.{level}"
        return _policy_period(view, key)

    def waiting(self, view: CaseView, post: str) -> Period:
        """By the county's policy; told are the posts above the holder's, or those of the policy where none is above."""
        period = _policy_period(view, WAITING)
        return replace(period, escalates_to=(ABOVE[post],)) if post in ABOVE else period

    def stand_in(self, post: str, other: str) -> Message | None:
        """What another organisation decides (the credit union) no post of the federation decides in its place."""
        if POST_KIND.get(post) is UnitKind.CREDIT_UNION and POST_KIND.get(other) is not UnitKind.CREDIT_UNION:
            return Message(N_("此环节由信用社独立决定，妇联只能督办，不能代为办理"))
        return None

    def risk(self, case: Row[Any], period: Period) -> int:
        """Law before house rule, then what is at stake, then the class of the case: one number, the gravest is 0."""
        by_class = _CLASSES.index(case.confidentiality) if case.confidentiality in _CLASSES else len(_CLASSES)
        return 100 * (not lawful(period.key)) + 10 * gravity(period.key) + by_class


def _policy_period(view: CaseView, key: str) -> Period:
    """By the county's policy in force today; the default where the county has not decided."""
    county = organisation.county_of(view.connection, view.case.unit_id)
    try:
        return policy_on(view.connection, county.id, "supervision", view.today).period(key)
    except NotFound:
        return CLIMBING[key]


def gravity(key: str) -> int:
    """What is at stake in a period, by the first word of its key: 0 a person's safety."""
    first = key.partition(".")[0]
    return next((place for place, words in enumerate(GRAVITY) if first in words), len(GRAVITY))


def lawful(key: str) -> bool:
    """Whether a period is the law's own."""
    return any(key == name or key.startswith(f"{name}.") for name in LAWFUL)
