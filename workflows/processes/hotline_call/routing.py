"""Who answers, and who takes a call over: the unit that is responsible, or the levels above when nobody there may."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from engine.access import CONFIDENTIAL
from engine.process_type import Candidates
from workflows import chains, organisation
from workflows.posts import ANSWERING_POSTS, UnitKind
from workflows.processes.petition import wording

if TYPE_CHECKING:
    from engine.access import Post
    from engine.messages import Message
    from engine.process_type import CaseView

#: kind of unit → who takes a call over there, the levels above when she may not
_TAKING: Final = {
    UnitKind.VILLAGE: ("VILLAGE_CHAIR", "TOWN_CHAIR", "RIGHTS_HEAD", "COUNTY_CHAIR"),
    UnitKind.TOWN: ("TOWN_CHAIR", "RIGHTS_HEAD", "COUNTY_CHAIR"),
    UnitKind.COUNTY: ("RIGHTS_WORKER", "RIGHTS_HEAD", "COUNTY_CHAIR"),
    UnitKind.CITY: ("UPPER_CHAIR",),
    UnitKind.PROVINCE: ("UPPER_CHAIR",),
}
#: who takes over what is confidential
_SEALED: Final = ("RIGHTS_HEAD", "UPPER_CHAIR", "COUNTY_CHAIR")


def desk(posts: tuple[Post, ...]) -> Post | None:
    """The first post somebody holds in which she answers the telephone."""
    return next((post for code in ANSWERING_POSTS for post in posts if post.code == code), None)


def candidates(view: CaseView, element: str) -> Candidates:
    """Whoever answered writes the record; the responsible unit takes over."""
    if element == "T_Call":
        hers = desk(view.actor.posts)
        if hers is not None:
            return Candidates(hers.code, hers.unit_id, account_id=view.actor.id)
        return CHAINS.pick(view, element, ("HOTLINE_AGENT", "RIGHTS_HEAD"), wanted="HOTLINE_AGENT")
    posts = _TAKING[organisation.unit(view.connection, view.case.unit_id).kind]
    if view.case.confidentiality in CONFIDENTIAL:
        return CHAINS.pick(view, element, _SEALED, wanted=posts[0], reason="CONFIDENTIAL")
    return CHAINS.pick(view, element, posts, wanted=posts[0])


def receiver(view: CaseView, unit_id: int) -> tuple[str, int]:
    """The post that takes calls over in a unit, and the unit."""
    return _TAKING[organisation.unit(view.connection, unit_id).kind][0], unit_id


def obstacle(view: CaseView, account_id: int, element: str) -> Message | None:
    """Conflict of interest (条例 28); whoever answered the telephone writes down what she heard."""
    if element == "T_Call" and account_id == view.case.created_by:
        return None
    return chains.conflict(view, account_id, wording.source("条例28"))


CHAINS: Final = chains.Chains({"RIGHTS_WORKER": _TAKING[UnitKind.COUNTY]}, obstacle)
