"""Who gets a task: the post of its lane, or the first level above it that has somebody free of conflict (代办, D3.5).

A process type says which posts may act in each lane (`chains`) and who may not take a step (`obstacle`); the rest is the same for
every kind of case.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from engine.messages import N_
from engine.process_type import Candidates
from workflows import organisation
from workflows.screening import explained, screen

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from engine.messages import Message
    from engine.process_type import CaseView
    from workflows.organisation import Holder


#: why somebody acts in place of a post (代办, D3.5), by code
ACTING_REASONS: Final[Mapping[str, str]] = {
    "CONFLICT": N_("回避"),
    "PARTY": N_("本岗位人员是当事人，须回避"),
    "VACANT": N_("岗位空缺"),
    "SUPERVISION": N_("上级督办"),
}


def conflict(view: CaseView, account_id: int, source: Message) -> Message | None:
    """Why a person is too close to a case (D3.2), None when she is not; `source` is the clause as people know it."""
    hits = screen(view.connection, view.case.id, view.today).hits(account_id)
    return explained(hits[0], source) if hits else None


def superiors(view: CaseView, posts: Sequence[str]) -> list[tuple[str, int]]:
    """(post, unit id) where posts are held for a case; those that do not exist there are left out."""
    places = [(post, organisation.unit_for_post(view.connection, post, view.case.unit_id)) for post in posts]
    return [(post, place.id) for post, place in places if place is not None]


@dataclass(frozen=True)
class Chains:
    """The lanes of a drawing. `chains`: lane → the posts that may act in it, the drawing's own first.

    `outside`: posts of other bodies, who are never asked for an opinion within the house.
    """

    chains: Mapping[str, Sequence[str]]
    obstacle: Callable[[CaseView, int, str], Message | None]
    outside: Collection[str] = ()

    def candidates(self, view: CaseView, element: str, lane: str, passed: str | None = None) -> Candidates:
        """The post and unit for a task that opens at `element` in `lane`.

        A level is passed over when nobody holds it (VACANT), when all who do are barred (CONFLICT, PARTY), or, for the lane's
        own post, for the reason given as `passed`.
        """
        chain = self.chains[lane]
        return self.pick(view, element, chain[1:] if passed else chain, wanted=lane, reason=passed)

    def pick(
        self,
        view: CaseView,
        element: str,
        posts: Sequence[str],
        *,
        wanted: str,
        unit_id: int | None = None,
        reason: str | None = None,
    ) -> Candidates:
        """The first of these posts that has somebody free for a step, seen from a unit (the case's own when none is given).

        `wanted` is the post whose step it is, `reason` why it was passed over before anybody was asked.
        """
        found = places(view, posts, unit_id)
        barred: list[dict[str, Any]] = []
        for place, holders in found:
            if self.free(view, element, place.post, place.unit_id):
                return _given(wanted, place, reason, barred)
            close = _too_close(view, place, holders)
            barred += close
            reason = reason or _why_passed(close, holders)
        # nobody at any level: the task waits at the highest one, and its clock tells the superiors
        last = found[-1][0] if found else Candidates(wanted, view.case.unit_id if unit_id is None else unit_id)
        return _given(wanted, last, reason, barred)

    def colleagues(self, view: CaseView) -> list[Candidates]:
        """The federation's own people about this case, who may be asked for an opinion: by post, from the village up."""
        posts = dict.fromkeys(post for chain in self.chains.values() for post in chain if post not in self.outside)
        found: dict[int, Candidates] = {}
        for place, holders in places(view, list(posts)):
            for holder in holders:
                found.setdefault(holder.account_id, Candidates(place.post, place.unit_id, account_id=holder.account_id))
        return list(found.values())

    def free(self, view: CaseView, element: str, post: str, unit_id: int) -> frozenset[int]:
        """The accounts that hold a post in a unit today and are not barred from this step."""
        held = organisation.holders(view.connection, post, unit_id, view.today)
        here = (h.account_id for h in held if not view.excludes(h.account_id))
        return frozenset(each for each in here if self.obstacle(view, each, element) is None)


def places(
    view: CaseView, posts: Sequence[str], unit_id: int | None = None
) -> list[tuple[Candidates, tuple[Holder, ...]]]:
    """Post and unit with the holders of today, for the posts that exist, seen from a unit or the case's own."""
    seen_from = view.case.unit_id if unit_id is None else unit_id
    found = []
    for post in posts:
        place = organisation.unit_for_post(view.connection, post, seen_from)
        if place is not None:
            holders = organisation.holders(view.connection, post, place.id, view.today)
            found.append((Candidates(post, place.id), holders))
    return found


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


def _given(lane: str, place: Candidates, reason: str | None, barred: Sequence[Mapping[str, Any]] = ()) -> Candidates:
    if place.post == lane:
        return place
    return Candidates(place.post, place.unit_id, lane, reason or "VACANT", barred=tuple(barred))
