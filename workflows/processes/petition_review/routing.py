"""Who works on a review: the unit that decided, the federation above it, and the one above that (条例 35, 36)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from engine.messages import N_
from engine.process_type import Candidates
from workflows import chains, organisation
from workflows.posts import UnitKind
from workflows.processes.petition import wording
from workflows.processes.petition.routing import handlers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.messages import Message
    from engine.process_type import CaseView
    from workflows.chart import Unit

#: kind of unit → who answers for petitions there
HEADS: Final = {
    UnitKind.VILLAGE: "VILLAGE_CHAIR",
    UnitKind.TOWN: "TOWN_CHAIR",
    UnitKind.COUNTY: "RIGHTS_HEAD",
    UnitKind.CITY: "UPPER_CHAIR",
    UnitKind.PROVINCE: "UPPER_CHAIR",
}
#: kind of unit → who works there on what was decided, and in whose absence
_OWN: Final = {
    UnitKind.VILLAGE: ("VILLAGE_CHAIR", "TOWN_CHAIR", "RIGHTS_HEAD"),
    UnitKind.TOWN: ("TOWN_CHAIR", "RIGHTS_HEAD", "COUNTY_CHAIR"),
    UnitKind.COUNTY: ("RIGHTS_WORKER", "RIGHTS_HEAD", "COUNTY_CHAIR"),
    UnitKind.CITY: ("UPPER_CHAIR",),
    UnitKind.PROVINCE: ("UPPER_CHAIR",),
}
#: lane → how many levels above the unit that decided
_LEVELS: Final = {"UPPER_CHAIR": 1, "TOP_CHAIR": 2}
#: forms whose signature means that somebody decided about this item before
_DECIDED: Final = ("decide", "review")
#: a confidential item is reviewed by whoever the law gives it to
_BY_LAW: Final = N_("由上一级妇联复查、复核（《信访工作条例》第三十五条、第三十六条）")
_TWICE: Final = N_("您参加过这件事项前面的处理，复查、复核须由别人办理")


def above(view: CaseView, levels: int) -> Unit | None:
    """The federation so many levels above the unit that decided; None when it is not in this installation."""
    found = [unit for unit in organisation.ancestors(view.connection, view.case.unit_id) if unit.kind in HEADS]
    return found[levels - 1] if len(found) >= levels else None


def candidates(view: CaseView, element: str, lane: str) -> Candidates:
    """The unit that decided for its own steps, the higher one's head for review and recheck."""
    levels = _LEVELS.get(lane)
    if levels is None:
        own = _OWN[organisation.unit(view.connection, view.case.unit_id).kind]
        return chains.Chains({own[0]: own}, obstacle).candidates(view, element, own[0])
    higher = above(view, levels)
    if higher is None:  # the drawing leads here only when there is one; a merger may have taken it away meanwhile
        return Candidates("RIGHTS_HEAD", view.case.unit_id)
    head = HEADS[higher.kind]
    posts = (head, *(post for post in (*_OWN[higher.kind], "UPPER_CHAIR") if post not in (head, "RIGHTS_WORKER")))
    found = chains.Chains({head: posts}, obstacle).pick(view, element, posts, wanted=head, unit_id=higher.id)
    return replace(found, let_in=_BY_LAW)


def obstacle(view: CaseView, account_id: int, element: str) -> Message | None:
    """Conflict of interest (条例 28); whoever worked on it or decided before does not review it."""
    if element in ("T_Review", "T_Recheck", "T_Hearing"):
        by = view.signers()
        before = {by.get(form) for form in _DECIDED if not (form == "review" and element == "T_Review")}
        if account_id in before | handlers(view):
            return wording.ruled(_TWICE, "条例28")
    return chains.conflict(view, account_id, wording.source("条例28"))


def superiors(view: CaseView, posts: Sequence[str]) -> list[tuple[str, int]]:
    """(post, unit id); HIGHER_UNIT is the head of the federation above the one that decided."""
    found = chains.superiors(view, [post for post in posts if post != "HIGHER_UNIT"])
    higher = above(view, 1) if "HIGHER_UNIT" in posts else None
    if higher is not None:
        found.append((HEADS[higher.kind], higher.id))
    return found
