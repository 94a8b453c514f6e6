"""Who has reported the sweep of a quarter and who has not; what was found, to village and township alone; the county its sums.

Decision 49: the county's desks see how many villages have reported, and sums with small cells kept back once the last
day of reporting is over or every village has reported, so that no report can be read off yesterday's sum.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, select

from engine.access import Permission
from engine.model import case_file, task
from workflows import organisation
from workflows.calendar_days import calendar_of
from workflows.chart import chart
from workflows.policy import sla_period
from workflows.posts import UnitKind
from workflows.processes.dispute_sweep.register import dispute_sweep
from workflows.rules import RULES
from workflows.small_cells import marks

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy import Connection, Row

    from engine.access import Actor
    from engine.runtime import Runtime
    from workflows.chart import Unit
    from workflows.spans import Span

#: the figures of a line, in their order
FIGURES: Final = ("case_families", "conflict_families", "petition_families", "settled", "opened")
_line = dispute_sweep.c
_LINES = (
    select(dispute_sweep, task.c.id.label("task_id"), task.c.due_at)
    .join(case_file, case_file.c.id == _line.case_id)
    .join(task, (task.c.case_id == case_file.c.id) & (task.c.state == "open"), isouter=True)
    .where(_line.quarter == bindparam("b_quarter"))
)
_SUMS = select(dispute_sweep).where(_line.quarter == bindparam("b_quarter"), _line.county_id == bindparam("b_county"))


@dataclass(frozen=True)
class Village:
    """One village: not set, waiting or reported; its figures once it has."""

    unit: Unit
    town: str
    case_id: int
    #: "waiting", "nothing", "found"
    state: str
    due_at: datetime | None
    reported_on: date | None
    figures: Sequence[int]


@dataclass(frozen=True)
class Town:
    """One township for the county: how many of its villages have reported; `told`: figures, or what stands in their place."""

    name: str
    villages: int
    reported: int
    told: Sequence[str]


@dataclass(frozen=True)
class County:
    """The county's sums; `is_over`: whether they are told yet; `unset`: for how many villages nothing was set."""

    unit: Unit
    towns: Sequence[Town]
    total: Sequence[str]
    is_over: bool
    unset: int


def villages(runtime: Runtime, connection: Connection, actor: Actor, span: Span) -> list[Village]:
    """The villages of hers, in the order of their codes, with what they found; those for which nothing was set are left out."""
    chosen = _LINES.where(runtime.rules.visible_cases(actor)).order_by(_line.unit_id)
    known = chart(connection)
    return [_village(row, known.units) for row in connection.execute(chosen, {"b_quarter": str(span)})]


def _village(row: Row[Any], units: Mapping[int, Unit]) -> Village:
    unit = units[row.unit_id]
    town = next((units[above].name for above in unit.ancestor_ids if units[above].kind is UnitKind.TOWN), "")
    state = "waiting" if row.reported_on is None else "nothing" if row.none_found else "found"
    figures = [getattr(row, name) for name in FIGURES]
    return Village(unit, town, row.case_id, state, row.due_at, row.reported_on, figures)


def counties(connection: Connection, actor: Actor, span: Span, today: date) -> list[County]:
    """The sums of the counties in which she holds a post that sees sums."""
    posts = {condition.post for clause in RULES[Permission.SUM_SWEEPS] for condition in clause}
    units = dict.fromkeys(post.unit_id for post in actor.posts if post.code in posts)
    found = (organisation.unit(connection, unit_id) for unit_id in units)
    return [_county(connection, unit, span, today) for unit in found if unit.kind is UnitKind.COUNTY]


def _county(connection: Connection, county: Unit, span: Span, today: date) -> County:
    rows = connection.execute(_SUMS, {"b_quarter": str(span), "b_county": county.id}).all()
    paths = chart(connection).units
    towns = organisation.below(connection, county.id, UnitKind.TOWN)
    inside = {town.id: [row for row in rows if paths[row.unit_id].path.startswith(town.path)] for town in towns}
    inside = {town_id: found for town_id, found in inside.items() if found}
    is_over = today > last_day(connection, county.id, span) or all(row.reported_on for row in rows)
    columns = [_told([sum(getattr(row, name) for row in found) for found in inside.values()]) for name in FIGURES]
    lines = [
        Town(paths[town_id].name, len(found), sum(row.reported_on is not None for row in found),
             [told[at] for told, _ in columns] if is_over else [])
        for at, (town_id, found) in enumerate(inside.items())
    ]  # fmt: skip
    unset = len(organisation.below(connection, county.id, UnitKind.VILLAGE)) - len(rows)
    return County(county, lines, [total for _, total in columns] if is_over else [], is_over, unset)


def _told(numbers: Sequence[int]) -> tuple[list[str], str]:
    """What is told of one figure for each township, and for the county."""
    kept_back, total = marks(numbers)
    return [mark or str(number) for mark, number in zip(kept_back, numbers, strict=True)], total or str(sum(numbers))


def last_day(connection: Connection, county_id: int, span: Span) -> date:
    """The last day on which a report of a quarter is in time."""
    period = sla_period(connection, county_id, "sweep.report", span.last)
    return calendar_of(connection).last_day(span.last, period.amount, period.unit)
