"""Who gets a task of a petition: by the unit that has the item now, past whoever is too close (D3.5), the first asked for hers.

A confidential item is handled by the head of the rights department, whose function it is (decision 26). Nobody who handled an
item asks how satisfied she is (S003-6).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, select

from engine.access import CONFIDENTIAL
from engine.model_filed import form_version
from engine.process_type import Candidates
from workflows import chains, organisation
from workflows.posts import FEDERATION_POSTS, POST_KINDS, UnitKind
from workflows.processes.petition import register, wording

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.messages import Message
    from engine.process_type import CaseView
    from workflows.chart import Unit

#: kind of unit → the posts that handle petitions there, the first one whose business they are
HANDLERS: Final = {
    UnitKind.VILLAGE: ("VILLAGE_CHAIR",),
    UnitKind.TOWN: ("TOWN_CHAIR",),
    UnitKind.COUNTY: ("RIGHTS_WORKER", "RIGHTS_HEAD"),
    UnitKind.CITY: ("UPPER_CHAIR",),
    UnitKind.PROVINCE: ("UPPER_CHAIR",),
}
#: who takes what comes from elsewhere: at the county its head deals it out
RECEIVERS: Final = {**HANDLERS, UnitKind.COUNTY: ("RIGHTS_HEAD",)}
#: when nobody at a level may: the levels above
_ABOVE: Final = ("TOWN_CHAIR", "RIGHTS_HEAD", "COUNTY_CHAIR", "UPPER_CHAIR")
#: who asks how satisfied she is, when the first who was asked handled it herself
_ASKERS: Final = ("RIGHTS_WORKER", "RIGHTS_HEAD", "TOWN_CHAIR", "COUNTY_CHAIR", "UPPER_CHAIR")
_CLOSERS: Final = ("RIGHTS_HEAD", "COUNTY_CHAIR", "UPPER_CHAIR")
_DECIDERS: Final = ("COUNTY_CHAIR", "UPPER_CHAIR")
#: who works on a confidential item
_SEALED: Final = ("RIGHTS_HEAD", "UPPER_CHAIR", "COUNTY_CHAIR")
_ACT: Final = wording.source("条例28")
#: steps of the first who was asked
_HERS: Final = frozenset(("T_Register", "T_Match"))
_RECEIVING: Final = frozenset(("T_Triage", "T_Receive"))
#: forms whose submission makes somebody the handler
HANDLING: Final = ("handle_now", "plan", "decide", "guide")
_FILED: Final = (
    select(form_version.c.by_id)
    .distinct()
    .where(
        form_version.c.case_id == bindparam("b_case"),
        form_version.c.form.in_((*HANDLING, "accept", "investigate", "deliver")),
    )
)


def candidates(view: CaseView, element: str) -> Candidates:
    """The post and unit for a task that opens at `element`."""
    if element == "T_Track":
        return _first_asked(view)
    if element == "T_Answer":
        return _asker(view)
    if element in _HERS and not _kept_from_her(view):
        mine = _mine(view)
        if mine is not None:
            return mine
    if element == "T_ObjectionReply":
        line = register.standing(view)
        return _of(view, element, _posts_at(view, line.sender_id, RECEIVERS), line.sender_id)
    posts = _posts(view, element)
    return _of(view, element, posts, view.case.unit_id)


def _posts(view: CaseView, element: str) -> tuple[str, ...]:
    if element == "T_Close":
        return _CLOSERS
    if element == "T_Dispute":
        return _deciders(view)
    if element in _RECEIVING:
        mine = _mine(view)
        if (
            mine is not None
            and mine.unit_id == view.case.unit_id
            and mine.post in _posts_at(view, mine.unit_id, HANDLERS)
        ):
            return (mine.post, *_ABOVE)
        return _posts_at(view, view.case.unit_id, RECEIVERS)
    handler = _handler(view)
    posts = _posts_at(view, view.case.unit_id, HANDLERS)
    return (handler, *posts) if handler in posts else posts


def _posts_at(view: CaseView, unit_id: int, table: dict[UnitKind, tuple[str, ...]]) -> tuple[str, ...]:
    """The posts of a unit's level, then those above it."""
    own = table.get(organisation.unit(view.connection, unit_id).kind, ())
    return (*own, *(post for post in _ABOVE if post not in own))


def _mine(view: CaseView) -> Candidates | None:
    """The post of whoever took the item in, while she is the one who acts or was asked first.

    An item that began as a call is registered where it was handed over, not by whoever answered.
    """
    line = register.entry(view.connection, view.case.id)
    if line is not None and line.call_id is None:
        return Candidates(line.first_post, line.first_unit_id)
    place = next((post for post in view.actor.posts if post.code in TAKING), None)
    return None if place is None else Candidates(place.code, place.unit_id)


TAKING: Final = (
    "HOTLINE_AGENT", "VILLAGE_CHAIR", "TOWN_CHAIR", "RIGHTS_WORKER", "RIGHTS_HEAD", "COUNTY_CHAIR", "UPPER_CHAIR",
)  # fmt: skip


def taking_post(view: CaseView) -> Candidates:
    """As which post somebody takes an item in, of those she holds."""
    place = next(post for code in TAKING for post in view.actor.posts if post.code == code)
    return Candidates(place.code, place.unit_id)


def _first_asked(view: CaseView) -> Candidates:
    """She who was asked first; the head of the rights department when the item is kept from her."""
    line = register.standing(view)
    if view.case.confidentiality in CONFIDENTIAL or _kept_from_her(view):
        return _of(view, "T_Track", _CLOSERS, view.case.unit_id)
    # when she has left: whoever came after her, or the level above while nobody has
    return _hers(view) or _of(view, "T_Track", (line.first_post, *_ABOVE), line.first_unit_id)


def _kept_from_her(view: CaseView) -> bool:
    """Whether the item is kept from the first who was asked."""
    line = register.entry(view.connection, view.case.id)
    return line is not None and view.excludes(line.first_asked)


def _deciders(view: CaseView) -> tuple[str, ...]:
    """The common superior of who sent it and who objects (条例 24): of two in the county its chair, else the federation above."""
    sender, here = register.standing(view).sender_id, view.case.unit_id
    homes = {organisation.home_of(view.connection, unit_id) for unit_id in (sender, here)}
    return _DECIDERS if len(homes) == 1 else _DECIDERS[1:]


def _asker(view: CaseView) -> Candidates:
    """The first who was asked, or the nearest post with somebody who did not handle the item.

    Of a confidential item somebody of its team, the first asked before all; else whoever is let in for it (decision 52).
    """
    line, sealed = register.standing(view), view.case.confidentiality in CONFIDENTIAL
    hers = _hers(view) if not sealed or view.admits(line.first_asked) else None
    if hers is not None and obstacle(view, line.first_asked, "T_Answer") is None:
        return hers
    found = _of(view, "T_Answer", _ASKERS, view.case.unit_id)
    return found if sealed else Candidates(found.post, found.unit_id, barred=found.barred)


def _hers(view: CaseView) -> Candidates | None:
    """The first who was asked, while the item is not kept from her and she serves where she was asked."""
    line = register.standing(view)
    held = organisation.holders(view.connection, line.first_post, line.first_unit_id, view.today)
    if view.excludes(line.first_asked) or all(each.account_id != line.first_asked for each in held):
        return None
    return Candidates(line.first_post, line.first_unit_id, account_id=line.first_asked)


def _of(view: CaseView, element: str, posts: Sequence[str], unit_id: int) -> Candidates:
    """The first post of these that has somebody free; of a confidential item one of its team, else the head's.

    A complaint about staff is the head's whoever wrote it down.
    """
    wanted = posts[0]
    if view.case.confidentiality not in CONFIDENTIAL:
        return CHAINS.pick(view, element, posts, wanted=wanted, unit_id=unit_id)
    complaint = (view.form("register") or {}).get("accusedStaff")
    for place, _ in () if complaint else chains.places(view, posts, unit_id):
        if any(view.admits(each) for each in CHAINS.free(view, element, place.post, place.unit_id)):
            return place if place.post == wanted else Candidates(place.post, place.unit_id, wanted, "CONFIDENTIAL")
    reason = "CONFIDENTIAL" if wanted != _SEALED[0] else None
    return CHAINS.pick(view, element, _SEALED, wanted=wanted, unit_id=unit_id, reason=reason)


def handlers(view: CaseView) -> frozenset[int]:
    """The accounts that handled the item: whoever filed one of its working forms, and not the last one alone."""
    return frozenset(view.connection.execute(_FILED, {"b_case": view.case.id}).scalars())


def _handler(view: CaseView) -> str:
    """The post in which the item was accepted, so that the same desk goes on; "" before."""
    line = register.entry(view.connection, view.case.id)
    return line.first_post if line is not None and line.first_unit_id == view.case.unit_id else ""


def obstacle(view: CaseView, account_id: int, element: str) -> Message | None:
    """Why a person may not take a step; whoever took the item in goes on typing what she was told."""
    if element in _HERS or element == "T_Track":
        return None if account_id == view.case.created_by else chains.conflict(view, account_id, _ACT)
    if element == "T_Answer" and account_id in handlers(view):
        return wording.HANDLER_MAY_NOT_ASK
    return chains.conflict(view, account_id, _ACT)


CHAINS: Final = chains.Chains({str(kind): posts for kind, posts in HANDLERS.items()}, obstacle)


def superiors(view: CaseView, posts: Sequence[str]) -> list[tuple[str, int]]:
    """(post, unit id) where posts are held for a case; HIGHER_UNIT is the federation above the county."""
    return chains.superiors(view, ["UPPER_CHAIR" if post == "HIGHER_UNIT" else post for post in posts])


def is_federation(view: CaseView, unit_id: int) -> bool:
    """Whether an id is a unit of the federation that handles petitions."""
    return any(unit.id == unit_id for unit in federations(view))


def federations(view: CaseView) -> list[Unit]:
    """The federations an item may go to: those of the county, the county itself, and those above it."""
    here = organisation.unit(view.connection, view.case.unit_id)
    line = (here, *organisation.ancestors(view.connection, here.id))
    top = next((unit for unit in line if unit.kind is UnitKind.COUNTY), here)
    found = {unit.id: unit for unit in (*line, top) if unit.kind in HANDLERS}
    found |= {u.id: u for kind in HANDLERS for u in organisation.below(view.connection, top.id, kind)}
    return sorted(found.values(), key=lambda unit: (_RANK[unit.kind], unit.code))


_RANK: Final = {kind: place for place, kind in enumerate(reversed(HANDLERS))}


def is_place(view: CaseView, unit_id: int) -> bool:
    """Whether an id names a place a matter may lie in."""
    return is_federation(view, unit_id)


def staff(view: CaseView) -> list[tuple[int, str]]:
    """(account id, name and post) of the federation's staff a complaint may be about: those of this county and below."""
    found: dict[int, str] = {}
    for unit in federations(view):
        for post in (each for each in FEDERATION_POSTS if unit.kind in POST_KINDS[each]):
            for holder in organisation.holders(view.connection, post, unit.id, view.today):
                found.setdefault(holder.account_id, f"{holder.name}（{unit.name}）")
    return list(found.items())


def is_staff(view: CaseView, account_id: int) -> bool:
    """Whether an id is one of them."""
    return any(known == account_id for known, _ in staff(view))
