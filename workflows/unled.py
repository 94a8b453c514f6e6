"""Confidential cases that nobody can reach any more, because whoever could put somebody in charge of them has gone (D2, D6).

A C4 case is its team's alone: when its manager has left office, or is kept from it, nobody is left to appoint another. So is a C3
case in a place without a head of the rights department. Whoever answers for the unit is told how many there are, each by a handle
that says nothing of it, and nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import BindParameter, Connection, Row, bindparam, exists, not_, or_, select

from engine.access import CONFIDENTIAL, Permission
from engine.commands.loading import CaseSubject, subject_of
from engine.guard import Role
from engine.model import case_file
from engine.model_teams import case_exclusion, case_member
from workflows import colleagues, organisation
from workflows.chart import chart
from workflows.conditions import KEPT_FROM_CASES
from workflows.screening import screen

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

    from engine.access import AccessRules, Actor
    from engine.fields import Vault
    from workflows.colleagues import Colleague

#: posts whose holders may be put in charge: trained for such cases, or answering for the unit
SUCCESSORS: Final = ("RIGHTS_WORKER", "RIGHTS_HEAD", "COUNTY_CHAIR", "UPPER_CHAIR")
#: so many are looked at
MOST: Final = 200

_SERVING: BindParameter[Any] = bindparam("b_serving", expanding=True)
_LED = exists().where(
    case_member.c.case_id == case_file.c.id,
    case_member.c.role == str(Role.MANAGER),
    case_member.c.documents.is_(None),
    case_member.c.ended_at.is_(None),
    or_(case_member.c.until.is_(None), case_member.c.until > bindparam("b_now", type_=case_member.c.until.type)),
    case_member.c.account_id.in_(_SERVING),
)
_KEPT_FROM = exists().where(case_exclusion.c.case_id == case_file.c.id, case_exclusion.c.ended_at.is_(None))
#: what may be without anybody; the rules are asked about each
_SUSPECTS = (
    select(case_file)
    .where(
        case_file.c.state == "open",
        case_file.c.confidentiality.in_(CONFIDENTIAL),
        or_(not_(_LED), _KEPT_FROM),
    )
    .order_by(case_file.c.id)
    .limit(MOST)
)


def unled(connection: Connection, rules: AccessRules, actor: Actor, on: date, now: datetime) -> list[Row[Any]]:
    """The open cases without anybody who could lead them, as far as she answers for them and is not kept from them."""
    mine = _SUSPECTS.where(rules.cases_with(Permission.FIND_UNLED, actor))
    asked = {"b_serving": sorted(_serving(connection, on)), "b_now": now}
    found = connection.execute(mine, asked).all()
    return [row for row in found if not _led(connection, rules, subject_of(connection, row), on)]


def handle_of(vault: Vault, case_id: int) -> str:
    """What a case is called before anybody may know which it is."""
    return _short(vault.lookup("unled", f"case:{case_id}"))


def by_handle(vault: Vault, rows: list[Row[Any]], handle: str) -> Row[Any] | None:
    """The case among these that a handle means, also one made before the keys were changed."""
    wanted = handle.strip().upper()
    return next((r for r in rows if wanted in {_short(t) for t in vault.lookups("unled", f"case:{r.id}")}), None)


def home_path(connection: Connection, unit_id: int) -> str:
    """The path of the county of a unit, or the unit's own where it stands above the counties."""
    units = chart(connection).units
    return units[organisation.home_of(connection, unit_id)].path


def successors(connection: Connection, path: str, on: date) -> list[Colleague]:
    """Who could be named at all in a place: whoever holds one of SUCCESSORS there or above, by name. Of no case in particular."""
    known = chart(connection)
    found: dict[int, Colleague] = {}
    for (code, unit_id), terms in known.terms.items():
        place = known.units[unit_id].path
        if code not in SUCCESSORS or not (place.startswith(path) or path.startswith(place)):
            continue
        for term in terms:
            who = known.people[term.account_id]
            if who.active and term.covers(on):
                found.setdefault(term.account_id, colleagues.Colleague(term.account_id, who.name, code, unit_id))
    return sorted(found.values(), key=lambda each: (each.name, each.id))


def suits(connection: Connection, rules: AccessRules, subject: CaseSubject, account_id: int, on: date) -> bool:
    """Whether somebody may be put in charge of a case: in office there, not kept from it, too close to nobody in it (D3)."""
    path = home_path(connection, subject.unit_id)
    person = colleagues.person(connection, account_id, on)
    return (
        person is not None
        and any(each.id == account_id for each in successors(connection, path, on))
        and rules.eligible(person, subject)
        and not screen(connection, subject.id, on).hits(account_id)
    )


def _led(connection: Connection, rules: AccessRules, subject: CaseSubject, on: date) -> bool:
    """Whether anybody may put somebody in charge: of the team, or by a post above the case."""
    people = (colleagues.person(connection, each, on) for each in _perhaps(connection, subject, on))
    return any(each is not None and rules.permits(each, Permission.MANAGE_TEAM, subject) for each in people)


def _perhaps(connection: Connection, subject: CaseSubject, on: date) -> Iterator[int]:
    yield from (member.account_id for member in subject.guard.members)
    above = {int(part) for part in subject.path.split(".") if part}
    for (_, unit_id), terms in chart(connection).terms.items():
        if unit_id in above:
            yield from (term.account_id for term in terms if term.covers(on))


def _serving(connection: Connection, on: date) -> set[int]:
    """Everybody who works on cases today."""
    known = chart(connection)
    return {
        term.account_id
        for (code, _), terms in known.terms.items()
        if code not in KEPT_FROM_CASES
        for term in terms
        if term.covers(on) and known.people[term.account_id].active
    }


def _short(token: str) -> str:
    return f"{token[:4]}-{token[4:8]}".upper()
