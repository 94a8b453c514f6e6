"""The organisation for reading: whom and what somebody may see of it, who serves where, and what waits for her in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, or_, select

from engine.access import Actor
from engine.errors import NotFound
from engine.messages import N_, Message
from workflows import declarations, handover, model
from workflows.chart import Unit, chart
from workflows.model_organisation import appointment
from workflows.posts import EXTERNAL, FEDERATIONS, UnitKind

#: a work unit with so many women has a women's committee (S002-22)
COMMITTEE_FROM: Final = 30

_held = model.post_holding.c
_TERMS = (
    select(model.post_holding, model.account.c.name, model.account.c.login, model.account.c.active)
    .join(model.account, model.account.c.id == _held.account_id)
    .order_by(_held.since.desc(), _held.id.desc())
)
_AT = _TERMS.where(or_(_held.unit_id == bindparam("b_unit"), _held.desk_id == bindparam("b_unit")))
_OF = _TERMS.where(_held.account_id == bindparam("b_account"))
_ACCOUNTS = select(
    model.account.c.id, model.account.c.login, model.account.c.name, model.account.c.active, model.account.c.id_hash
).order_by(model.account.c.name, model.account.c.id)
_WOMEN = select(model.unit.c.id, model.unit.c.women, model.unit.c.counted_on)
_WAITING = select(appointment).where(appointment.c.state == "proposed").order_by(appointment.c.id)


def visible_units(connection: Connection, actor: Actor) -> list[Unit]:
    """The part of the tree she may look at, in the order of the tree: her county, and what lies below her own posts."""
    units = chart(connection).units
    tops = set()
    for post in actor.posts:
        line = [units[int(part)] for part in post.path.split(".") if part and int(part) in units]
        county = next((unit for unit in line if unit.kind is UnitKind.COUNTY), None)
        tops.add(county.path if county is not None else post.path)
    seen = [unit for unit in units.values() if unit.path.startswith(tuple(tops))] if tops else []
    return in_order(seen)


def in_order(seen: Iterable[Unit]) -> list[Unit]:
    """Units as a tree is read: each before those below it, sisters by kind (the line of federations first) and code."""
    among = list(seen)
    children: dict[int | None, list[Unit]] = {}
    known = {unit.id for unit in among}
    for unit in among:
        children.setdefault(unit.parent_id if unit.parent_id in known else None, []).append(unit)
    found: list[Unit] = []

    def walk(parent: int | None) -> None:
        for unit in sorted(children.get(parent, ()), key=_rank):
            found.append(unit)
            walk(unit.id)

    walk(None)
    return found


def _rank(unit: Unit) -> tuple[bool, bool, int, str]:
    kinds = list(UnitKind)
    return (unit.closed_on is not None, unit.kind not in FEDERATIONS, kinds.index(unit.kind), unit.code)


def seen_unit(connection: Connection, actor: Actor, unit_id: int) -> Unit:
    """A unit she may look at; NotFound."""
    for unit in visible_units(connection, actor):
        if unit.id == unit_id:
            return unit
    raise NotFound(what=Message(N_("机构 {id}"), {"id": unit_id}))


def terms_at(connection: Connection, unit_id: int) -> Sequence[Row[Any]]:
    """Every term in a unit, or at a desk that it is, the latest first, with name, login and whether the account is in use."""
    return connection.execute(_AT, {"b_unit": unit_id}).all()


def terms_of(connection: Connection, account_id: int) -> Sequence[Row[Any]]:
    """Every term of a person, the latest first."""
    return connection.execute(_OF, {"b_account": account_id}).all()


def serving(connection: Connection, on: date) -> dict[int, list[tuple[str, int, str]]]:
    """Unit id → (post, account id, name) of those who serve there on a day."""
    known = chart(connection)
    found: dict[int, list[tuple[str, int, str]]] = {}
    for (post, unit_id), terms in known.terms.items():
        for term in terms:
            person = known.people[term.account_id]
            if person.active and term.covers(on):
                found.setdefault(unit_id, []).append((post, term.account_id, person.name))
    return found


def people(connection: Connection, actor: Actor) -> list[Any]:
    """Accounts she may look at, by name: who serves or has served in her part of the tree, and who never served anywhere."""
    seen = {unit.id for unit in visible_units(connection, actor)}
    places: dict[int, set[int]] = {}
    for (_, unit_id), terms in chart(connection).terms.items():
        for term in terms:
            places.setdefault(term.account_id, set()).add(unit_id)
    rows = connection.execute(_ACCOUNTS).all()
    return [row for row in rows if not places.get(row.id) or places[row.id] & seen]


@dataclass(frozen=True)
class Workplace:
    """One line of the check list: a unit, its women, its committee, and whether it must have one and has none."""

    unit: Unit
    women: int | None
    counted_on: date | None
    committee: Unit | None

    @property
    def lacks(self) -> bool:
        """Thirty women or more, and no women's committee (S002-22)."""
        return self.committee is None and self.women is not None and self.women >= COMMITTEE_FROM


def workplaces(connection: Connection, actor: Actor) -> list[Workplace]:
    """Work units and external bodies in her part of the tree: those that lack a committee first, then those not counted."""
    units = visible_units(connection, actor)
    counted = {row.id: row for row in connection.execute(_WOMEN)}
    standing = [unit for unit in units if unit.closed_on is None]
    committees = {unit.parent_id: unit for unit in standing if unit.kind is UnitKind.COMMITTEE}
    lines = [
        Workplace(unit, counted[unit.id].women, counted[unit.id].counted_on, committees.get(unit.id))
        for unit in standing
        if unit.kind is UnitKind.WORKPLACE or unit.kind in EXTERNAL
    ]
    return sorted(lines, key=lambda line: (not line.lacks, line.women is not None, line.unit.code))


def proposals(connection: Connection, actor: Actor) -> list[Row[Any]]:
    """Appointments that wait for a second person, in her part of the tree."""
    seen = {unit.id for unit in visible_units(connection, actor)}
    return [row for row in connection.execute(_WAITING).all() if row.unit_id in seen]


@dataclass(frozen=True)
class Reminder:
    """What somebody should do: "declare", "approve", "handover", "secret", "unled"; how many; whether it is late."""

    kind: str
    count: int
    late: bool


def reminders(connection: Connection, actor: Actor, on: date, *, approves: bool) -> list[Reminder]:
    """What waits for her: her yearly declaration, appointments to approve, handovers she has part in and that are not done."""
    found = []
    if actor.posts and declarations.is_due(connection, actor.id, on):
        found.append(Reminder("declare", 1, declarations.last_declared(connection, actor.id) is not None))
    waiting = (
        [r for r in proposals(connection, actor) if actor.id not in (r.proposed_by, r.account_id)] if approves else []
    )
    if waiting:
        found.append(Reminder("approve", len(waiting), late=False))
    open_ones = [row for row in handover.concerning(connection, actor) if row.state != "done"]
    if open_ones:
        found.append(Reminder("handover", len(open_ones), any(row.due_on < on for row in open_ones)))
    return found
