"""The organisation at a glance: units, terms of office and staff, read once and kept until they change.

`workflows.organisation` asks and changes; this is what its questions are answered from. A county has a few hundred units and
people, and every step of every case asks about a dozen of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import select

from engine.reference import Kept
from workflows import model
from workflows.posts import UnitKind

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True)
class Unit:
    """A unit; `path` holds its own id behind those of its ancestors (".1.3.7.")."""

    id: int
    parent_id: int | None
    kind: UnitKind
    name: str
    code: str
    path: str
    #: the last day on which it exists; None while no end is set
    closed_on: date | None = None

    @property
    def ancestor_ids(self) -> tuple[int, ...]:
        """The ids of the units above, the nearest first."""
        return tuple(int(part) for part in reversed(self.path.split(".")[1:-2]))


@dataclass(frozen=True)
class Term:
    """A post held in a unit by an account, from `since` to `until`, both days included; None: no end is set."""

    account_id: int
    since: date
    until: date | None

    def covers(self, day: date) -> bool:
        """Whether the post is held on a day (O01: the last day is still served)."""
        return self.since <= day and (self.until is None or day <= self.until)


@dataclass(frozen=True)
class Person:
    """A member of staff; `id_hash` is the keyed hash of her ID number, where it is known."""

    name: str
    id_hash: str | None
    active: bool


@dataclass(frozen=True)
class Chart:
    """The whole organisation as of one transaction. Units of a kind stand in the order of their codes."""

    units: Mapping[int, Unit]
    of_kind: Mapping[UnitKind, tuple[Unit, ...]]
    terms: Mapping[tuple[str, int], tuple[Term, ...]]
    people: Mapping[int, Person]


_UNITS = select(model.unit).order_by(model.unit.c.code)
_held = model.post_holding.c
_TERMS = select(_held.post, _held.unit_id, _held.account_id, _held.since, _held.until).order_by(
    _held.account_id, _held.id
)
_STAFF = select(model.account.c.id, model.account.c.name, model.account.c.id_hash, model.account.c.active)


def _drawn(connection: Connection) -> Chart:
    units = [
        Unit(r.id, r.parent_id, UnitKind(r.kind), r.name, r.code, r.path, r.closed_on)
        for r in connection.execute(_UNITS)
    ]
    terms: defaultdict[tuple[str, int], list[Term]] = defaultdict(list)
    for row in connection.execute(_TERMS):
        terms[row.post, row.unit_id].append(Term(row.account_id, row.since, row.until))
    return Chart(
        units={unit.id: unit for unit in units},
        of_kind={kind: tuple(unit for unit in units if unit.kind is kind) for kind in UnitKind},
        terms={place: tuple(held) for place, held in terms.items()},
        people={row.id: Person(row.name, row.id_hash, row.active) for row in connection.execute(_STAFF)},
    )


_chart = Kept(_drawn)


def chart(connection: Connection) -> Chart:
    """The organisation as of this transaction."""
    return _chart.of(connection)
