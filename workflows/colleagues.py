"""Who in the house may be turned to about a case: its readers, found through their posts; nobody else is ever named."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from engine.access import AccessRules, Actor, Permission, Post, UrgeLimits
from engine.errors import NotFound
from workflows import policy
from workflows.chart import chart
from workflows.inbox_policy import INBOX_DEFAULTS
from workflows.organisation import actor_of, county_of
from workflows.posts import POST_KINDS

if TYPE_CHECKING:
    from sqlalchemy import Connection

#: a sign that names somebody: not one inside an address
_AT = re.compile(r"(?<![A-Za-z0-9._-])[@＠]")
#: at most so many colleagues are ever listed at once
MOST = 20


@dataclass(frozen=True)
class Colleague:
    """Somebody who may be turned to: her name, and one post through which she may read the case."""

    id: int
    name: str
    post: str
    unit_id: int


def person(connection: Connection, account_id: int, on: date) -> Actor | None:
    """A member of staff with the posts she holds on a day; None without such an account, or without a post."""
    try:
        found = actor_of(connection, account_id, on)
    except NotFound:
        return None
    return found if found.posts else None


def post(connection: Connection, code: str, unit_id: int) -> Post | None:
    """A post in a unit, held or not; None when no such post exists there."""
    place = chart(connection).units.get(unit_id)
    return Post(code, place.id, place.path) if place is not None and place.kind in POST_KINDS.get(code, ()) else None


def urge_limits(connection: Connection, unit_id: int, on: date) -> UrgeLimits:
    """By the county's policy of scope "inbox" in force that day; without one, INBOX_DEFAULTS."""
    try:
        known = policy.policy_on(connection, county_of(connection, unit_id).id, "inbox", on).parameters
        hours, times = known.integer("urgeHours"), known.integer("urgePerDay")
    except NotFound:
        hours, times = INBOX_DEFAULTS["urgeHours"], INBOX_DEFAULTS["urgePerDay"]
    return UrgeLimits(timedelta(hours=hours), times)


def readers(
    connection: Connection,
    rules: AccessRules,
    subject: Any,
    on: date,
    *,
    permission: Permission = Permission.READ_CASE,
    named: str = "",
    limit: int = MOST,
) -> list[Colleague]:
    """Those who have a permission on a case today, by name, `limit` at most; with `named`, whose name contains it."""
    found: dict[int, Colleague] = {}
    for colleague in _permitted(connection, rules, subject, on, permission):
        if named in colleague.name:
            found.setdefault(colleague.id, colleague)
    return sorted(found.values(), key=lambda c: (c.name, c.id))[:limit]


def posts_reading(
    connection: Connection, rules: AccessRules, subject: Any, permission: Permission = Permission.READ_CASE
) -> list[Post]:
    """The posts, held today or not, whose holders have a permission on a case, those of the nearest units first."""
    known = chart(connection)
    places = [
        Post(code, u.id, u.path) for code, kinds in POST_KINDS.items() for kind in kinds for u in known.of_kind[kind]
    ]
    may = [place for place in places if rules.permits(Actor(-1, "", (place,)), permission, subject)]
    return sorted(may, key=lambda place: (-len(place.path), place.unit_id))


def mentioned(text: str, among: Iterable[Colleague], ticked: Collection[int]) -> tuple[set[int], list[str]]:
    """Who is meant by “@姓名” in a text: account ids, and the places where nobody, or more than one, can be meant.

    An address like a@b is no mention. Of several with one name those count that were ticked in the list beside it.
    """
    by_name: dict[str, set[int]] = {}
    for colleague in among:
        by_name.setdefault(colleague.name, set()).add(colleague.id)
    found, unclear = set(ticked), []
    for at in _AT.finditer(text):
        rest = text[at.end() :]
        name = max((n for n in by_name if rest.startswith(n)), key=len, default="")
        meant = by_name.get(name, set())
        if len(meant) == 1:
            found |= meant
        elif not meant & set(ticked):
            unclear.append(at.group() + (name or rest[:4].split("\n")[0]))
    return found, unclear


def _permitted(
    connection: Connection, rules: AccessRules, subject: Any, on: date, permission: Permission
) -> Iterator[Colleague]:
    known = chart(connection)
    for place in posts_reading(connection, rules, subject, permission):
        for term in known.terms.get((place.code, place.unit_id), ()):
            who = known.people[term.account_id]
            if (
                who.active
                and term.covers(on)
                and not _barred(connection, rules, subject, term.account_id, on, permission)
            ):
                yield Colleague(term.account_id, who.name, place.code, place.unit_id)
    for each in subject.guard.members:
        actor = person(connection, each.account_id, on)
        if actor is not None and rules.permits(actor, permission, subject):
            yield Colleague(actor.id, actor.name, actor.posts[0].code, actor.posts[0].unit_id)


def _barred(
    connection: Connection, rules: AccessRules, subject: Any, account_id: int, on: date, permission: Permission
) -> bool:
    """Whether a holder of a post that has the permission has it not herself: she is kept from the case."""
    if not subject.guard.excluded:
        return False
    actor = person(connection, account_id, on)
    return actor is None or not rules.permits(actor, permission, subject)


def deputies(connection: Connection, rules: AccessRules, absent: Actor, on: date) -> list[Colleague]:
    """Those who may act for a person, in her own unit or above it, by name; MOST at most."""
    known = chart(connection)
    above = {int(part) for place in absent.posts for part in place.path.split(".") if part}
    found: dict[int, Colleague] = {}
    for (code, unit_id), terms in known.terms.items():
        if unit_id not in above:
            continue
        for term in terms:
            who = person(connection, term.account_id, on) if term.covers(on) and term.account_id != absent.id else None
            if who is not None and rules.deputy_refused(absent, who) is None:
                found.setdefault(who.id, Colleague(who.id, who.name, code, unit_id))
    return sorted(found.values(), key=lambda c: (c.name, c.id))[:MOST]


def eligible(connection: Connection, rules: AccessRules, subject: Any, county_path: str, on: date) -> list[Colleague]:
    """Those of a county who could be in the team of a case, by name: each once, with the first post she holds."""
    known = chart(connection)
    found: dict[int, Colleague] = {}
    for (code, unit_id), terms in known.terms.items():
        if not known.units[unit_id].path.startswith(county_path):
            continue
        for term in terms:
            if term.account_id in found or not term.covers(on) or not known.people[term.account_id].active:
                continue
            who = person(connection, term.account_id, on)
            if who is not None and rules.eligible(who, subject):
                found[who.id] = Colleague(who.id, who.name, code, unit_id)
    return sorted(found.values(), key=lambda c: (c.name, c.id))
