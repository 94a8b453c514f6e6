"""Who gets a task that opens: the post of its lane, or the first level above that has somebody free of conflict (代办, D3.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.process_type import Candidates
from workflows import organisation
from workflows.processes.loan import completeness, conflicts
from workflows.processes.loan.conflicts import TYPING
from workflows.processes.loan.guarantors import SIGNING_POSTS
from workflows.screening import screen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.process_type import CaseView
    from workflows.organisation import Holder

#: lane → the posts that may act in it, the drawing's own first
CHAINS = {
    "VILLAGE_CHAIR": ("VILLAGE_CHAIR", "TOWN_CHAIR", "LOAN_HEAD", "COUNTY_CHAIR"),
    "TOWN_CHAIR": ("TOWN_CHAIR", "LOAN_HEAD", "COUNTY_CHAIR"),
    "LOAN_WORKER": ("LOAN_WORKER", "LOAN_HEAD", "COUNTY_CHAIR"),
    "LOAN_HEAD": ("LOAN_HEAD", "COUNTY_CHAIR"),
    "SEAL_KEEPER": ("SEAL_KEEPER", "COUNTY_CHAIR"),
    "CREDIT_OFFICER": ("CREDIT_OFFICER",),
}
#: who types for the applicant: the village, or the township for a woman without village unit
_TYPISTS = ("VILLAGE_CHAIR", "TOWN_CHAIR", "LOAN_HEAD")


def candidates(view: CaseView, element: str, lane: str) -> Candidates:
    """The post and unit for a task that opens at `element` in `lane`.

    A level is passed over when nobody holds it (VACANT), when all who do are barred (CONFLICT), or when a guarantor holds
    it and the case says that the level above signs (COUNTY_SIGNS, L25).
    """
    if element in TYPING:
        return _typist(view, element)
    chain = CHAINS[lane]
    reason = "COUNTY_SIGNS" if _guarantor_signs(view, lane) else None
    places = _places(view, chain[1:] if reason else chain)
    barred: list[dict[str, Any]] = []
    for place, holders in places:
        if free(view, element, place.post, place.unit_id):
            return _given(lane, place, reason, barred)
        close = _too_close(view, place, holders)
        barred += close
        reason = reason or _why_passed(close, holders)
    # nobody at any level: the task waits at the highest one, and its clock tells the superiors
    last = places[-1][0] if places else Candidates(lane, view.case.unit_id)
    return _given(lane, last, reason, barred)


def _too_close(view: CaseView, place: Candidates, holders: Sequence[Holder]) -> list[dict[str, Any]]:
    """What the history says of those who hold a post and are too close: who, and by what."""
    against = screen(view.connection, view.case.id, view.today)
    hits = {holder.account_id: against.hits(holder.account_id) for holder in holders}
    return [{"account": i, "post": place.post, **found[0].told()} for i, found in hits.items() if found]


def _why_passed(close: Sequence[Mapping[str, Any]], holders: Sequence[Holder]) -> str:
    """Why a level is passed over: a holder is party herself (D3.5), all are barred, or nobody holds it."""
    if any(each["relation"] == "SELF" and each["by"] == "idcard" for each in close):
        return "PARTY"
    return "CONFLICT" if holders else "VACANT"


def colleagues(view: CaseView) -> list[Candidates]:
    """The federation's own people about this case, who may be asked for an opinion: by post, from the village up."""
    posts = dict.fromkeys(post for chain in CHAINS.values() for post in chain if post != "CREDIT_OFFICER")
    found: dict[int, Candidates] = {}
    for place, holders in _places(view, list(posts)):
        for holder in holders:
            found.setdefault(holder.account_id, Candidates(place.post, place.unit_id, account_id=holder.account_id))
    return list(found.values())


def free(view: CaseView, element: str, post: str, unit_id: int) -> frozenset[int]:
    """The accounts that hold a post in a unit today and are not barred from this step."""
    held = organisation.holders(view.connection, post, unit_id, view.today)
    here = (h.account_id for h in held if not view.excludes(h.account_id))
    return frozenset(each for each in here if conflicts.obstacle(view, each, element) is None)


def _given(lane: str, place: Candidates, reason: str | None, barred: Sequence[Mapping[str, Any]] = ()) -> Candidates:
    if place.post == lane:
        return place
    return Candidates(place.post, place.unit_id, lane, reason or "VACANT", barred=tuple(barred))


def _places(view: CaseView, posts: Sequence[str]) -> list[tuple[Candidates, tuple[Holder, ...]]]:
    """Post and unit with the holders of today, for the posts that exist for this case."""
    found = []
    for post in posts:
        place = organisation.unit_for_post(view.connection, post, view.case.unit_id)
        if place is not None:
            holders = organisation.holders(view.connection, post, place.id, view.today)
            found.append((Candidates(post, place.id), holders))
    return found


def _typist(view: CaseView, element: str) -> Candidates:
    if element == "T_Supplement":
        owner = owner_of(view)
        if owner in ("TOWN_CHAIR", "CREDIT_OFFICER"):
            place = organisation.unit_for_post(view.connection, owner, view.case.unit_id)
            if place is not None:
                return Candidates(owner, place.id)
    places = _places(view, _TYPISTS)
    held = [place for place, _ in places if free(view, element, place.post, place.unit_id)]
    return held[0] if held else places[0][0]


def owner_of(view: CaseView) -> str:
    """The post that owns the first thing missing; "" when nothing is."""
    missing = completeness.gaps(view)
    return missing[0].owner if missing else ""


def _guarantor_signs(view: CaseView, lane: str) -> bool:
    """True when the case says “the level above signs” and a guarantor holds this lane's post."""
    if lane not in SIGNING_POSTS or not (view.form("apply") or {}).get("countySigns"):
        return False
    sureties = screen(view.connection, view.case.id, view.today).idcards("GUARANTOR")
    place = organisation.unit_for_post(view.connection, lane, view.case.unit_id)
    holders = organisation.holders(view.connection, lane, place.id, view.today) if place else ()
    return any(h.id_hash in sureties for h in holders)
