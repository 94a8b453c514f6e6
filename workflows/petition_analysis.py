"""信访研判 for reading (S002-15): the figures of a unit in a month, quarter or year, by unit, category and channel; hot spots.

Whoever may open the cases of a unit sees its figures as they are. Whoever sees figures alone (D1) sees those of the county, and
of its townships a quarter that is over, small cells kept back (D2): from a quarter beside its months, or from yesterday's figure
beside today's, a small one could be reckoned. For the same reason she is shown no category of a township, and so no hot spot.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from engine.errors import Forbidden, InvalidAnswers
from engine.messages import N_, Message
from workflows import organisation
from workflows.countable import Behind, listed, uncounted
from workflows.posts import ANALYSTS, FIGURES_ALONE, UnitKind
from workflows.processes.petition.indicators import CATEGORY, CODES, WHOLE, Rate, counted
from workflows.small_cells import KEPT_BACK, LEAST, betraying, marks
from workflows.spans import Span

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import Connection

    from engine.access import Actor
    from engine.runtime import Runtime
    from workflows.chart import Unit
    from workflows.processes.petition.indicators import Counted

#: the units that stand below one in the table
_BELOW: Final = {UnitKind.COUNTY: UnitKind.TOWN, UnitKind.TOWN: UnitKind.VILLAGE}
#: places with much of one category that are named
_HOTTEST: Final = 10


@dataclass(frozen=True)
class Line:
    """The figures of one unit and those below it; `own`: of the unit itself alone."""

    unit: Unit
    figures: Mapping[str, int]
    own: bool = False
    #: code → what is printed in place of a figure that is kept back
    kept_back: Mapping[str, str] = field(default_factory=dict)

    def number(self, code: str) -> int:
        """A figure; nought when there is none."""
        return self.figures.get(code, 0)

    def mark(self, code: str) -> str:
        """What is printed in place of a figure; "" for the figure itself."""
        return self.kept_back.get(code, "")

    def rate(self, code: str) -> str:
        """A part over its whole, "93.75%"; kept back when one of them is."""
        whole = WHOLE[code]
        if self.mark(code) or self.mark(whole):
            return KEPT_BACK
        return str(Rate(self.number(code), self.number(whole)))


@dataclass(frozen=True)
class Hot:
    """A place from which five or more of one category came; `before`: how many in the stretch before."""

    place: Unit
    category: str
    number: int
    before: int


@dataclass(frozen=True)
class Analysis:
    """One stretch of one unit: the units below in order, itself for what hangs on none of them, the total, the one before."""

    span: Span
    top: Unit
    lines: Sequence[Line]
    total: Line
    before: Line
    hot: Sequence[Hot]
    #: figures alone are shown: no case opens
    alone: bool
    #: the stretch is not over
    running: bool

    @property
    def keeps_back(self) -> bool:
        """Whether a figure is kept back."""
        return any(mark for line in self.lines for mark in line.kept_back.values())


def span_of(text: str) -> Span:
    """A stretch as typed; InvalidAnswers with what was seen and what is allowed."""
    try:
        return Span.named(text)
    except ValueError:
        allowed = N_("期间写作“2026-07”（月）、“2026-Q3”（季）或“2026”（年），见到“{seen}”")
        raise InvalidAnswers({"span": [Message(allowed, {"seen": text[:20]})]}) from None


def opens(actor: Actor, path: str) -> bool:
    """Whether a post of hers opens what the figures of a unit count."""
    return path.startswith(tuple(post.path for post in actor.posts if post.code in ANALYSTS))


def top_of(connection: Connection, actor: Actor, wanted: int) -> Unit:
    """The unit whose figures are shown: hers, the highest first, or one below a unit whose cases she may open.

    Forbidden for any other; whoever sees figures alone sees those of her own unit.
    """
    hers = [post for post in actor.posts if post.code in (*ANALYSTS, *FIGURES_ALONE)]
    if not hers:
        raise Forbidden(why=Message(N_("您的岗位没有查看信访研判的权限")))
    own = organisation.unit(connection, min(hers, key=lambda post: post.path.count(".")).unit_id)
    if not wanted or wanted == own.id:
        return own
    below = organisation.unit(connection, wanted)
    if not opens(actor, below.path):
        raise Forbidden(why=Message(N_("只能查看本单位及下级单位的统计")))
    return below


def analysis(runtime: Runtime, connection: Connection, actor: Actor, top: Unit, span: Span, today: date) -> Analysis:
    """The figures as the register tells them now; a case of a confidential class is in none of them."""
    paths = _paths(connection, organisation.home_of(connection, top.id))
    now, before = (_counted(runtime, connection, actor, top, each, today) for each in (span, span.before))
    made = Analysis(
        span,
        top,
        _lines(connection, top, now, paths),
        Line(top, Counter(each.code for each in now)),
        Line(top, Counter(each.code for each in before)),
        _hot(connection, top, now, before, paths),
        alone=not opens(actor, top.path),
        running=today <= span.last,
    )
    return without_small_cells(made) if made.alone else made


def within(
    runtime: Runtime, connection: Connection, actor: Actor, top: Unit, span: Span, today: date
) -> list[tuple[int, str, int, int]]:
    """What the figures count, item by item: case, code, the unit in whose line it stands (`top`: its own), where it lies."""
    paths, units = _paths(connection, organisation.home_of(connection, top.id)), _below(connection, top)

    def line(unit_id: int) -> int:
        return next((unit.id for unit in units if _in(paths, unit_id, unit)), top.id)

    found = _counted(runtime, connection, actor, top, span, today)
    return [(each.case_id, each.code, line(each.unit_id), line(each.place_id)) for each in found]


def _counted(
    runtime: Runtime, connection: Connection, actor: Actor, top: Unit, span: Span, today: date
) -> list[Counted]:
    left_out, county = uncounted(connection, runtime.rules, actor), organisation.home_of(connection, top.id)
    paths = _paths(connection, county)
    return [each for each in counted(connection, county, span, today, left_out) if _in(paths, each.unit_id, top)]


def _paths(connection: Connection, county_id: int) -> Mapping[int, str]:
    county = organisation.unit(connection, county_id)
    return {unit.id: unit.path for unit in (county, *organisation.below(connection, county_id, closed=True))}


def _in(paths: Mapping[int, str], unit_id: int, top: Unit) -> bool:
    return paths.get(unit_id, "").startswith(top.path)


def _below(connection: Connection, top: Unit) -> list[Unit]:
    kind = _BELOW.get(top.kind)
    return [] if kind is None else list(organisation.below(connection, top.id, kind, closed=True))


def _lines(connection: Connection, top: Unit, found: Sequence[Counted], paths: Mapping[int, str]) -> list[Line]:
    """Each item counts in exactly one line, so that the lines add up to the total."""
    units = _below(connection, top)
    inside: dict[int, Counter[str]] = {unit.id: Counter() for unit in (*units, top)}
    for each in found:
        at = next((unit for unit in units if _in(paths, each.unit_id, unit)), top)
        inside[at.id][each.code] += 1
    lines = [Line(unit, inside[unit.id]) for unit in units if inside[unit.id] or unit.closed_on is None]
    return [*lines, Line(top, inside[top.id], own=True)] if inside[top.id] else lines


def _hot(
    connection: Connection, top: Unit, now: Sequence[Counted], before: Sequence[Counted], paths: Mapping[int, str]
) -> list[Hot]:
    """Where five or more of one category came from, most first: by where the matter lies, not by who has it."""
    units = {unit.id: unit for unit in (*_below(connection, top), top)}

    def by_place(found: Sequence[Counted]) -> Counter[tuple[int, str]]:
        at = ((next((u for u in units.values() if _in(paths, c.place_id, u)), top).id, c.code) for c in found)
        return Counter((unit_id, code) for unit_id, code in at if code.startswith(CATEGORY))

    ours, theirs = by_place(now), by_place(before)
    much = [
        Hot(units[at], code.removeprefix(CATEGORY), number, theirs[at, code])
        for (at, code), number in ours.items()
        if number >= LEAST
    ]
    return sorted(much, key=lambda hot: (-hot.number, hot.before, hot.place.code, hot.category))[:_HOTTEST]


def without_small_cells(made: Analysis) -> Analysis:
    """The same for whoever sees figures alone: nothing from which a single case of a township could be learnt."""
    if len(made.lines) < 2 or not made.span.is_quarter or made.running:
        return replace(made, lines=(), hot=())
    kept_back: list[dict[str, str]] = [{} for _ in made.lines]
    for code in CODES:
        numbers = [line.number(code) for line in made.lines]
        hidden: set[int] = set()
        if code in WHOLE:
            hidden = betraying(numbers, [line.number(WHOLE[code]) for line in made.lines])
        for kept, mark in zip(kept_back, marks(numbers, hidden)[0], strict=True):
            kept[code] = mark
    lines = [replace(line, kept_back=kept) for line, kept in zip(made.lines, kept_back, strict=True)]
    return replace(made, lines=lines, hot=())


def behind(
    runtime: Runtime, connection: Connection, actor: Actor, top: Unit, span: Span, today: date, asked: Asked
) -> Behind:
    """The list that a number opens: of the cases it counts those she may read."""
    left_out, county = uncounted(connection, runtime.rules, actor), organisation.home_of(connection, top.id)
    paths = _paths(connection, county)
    ids = {
        each.case_id
        for each in counted(connection, county, span, today, left_out)
        if each.code == asked.code and _in(paths, each.unit_id, top) and _asked_for(connection, top, paths, each, asked)
    }
    return listed(runtime.rules, connection, actor, ids)


@dataclass(frozen=True)
class Asked:
    """What a number counts: a code; `own`: of the unit itself alone; `place_id`: of what lies in a unit."""

    code: str
    own: bool = False
    place_id: int = 0


def _asked_for(connection: Connection, top: Unit, paths: Mapping[int, str], each: Counted, asked: Asked) -> bool:
    if asked.own and any(_in(paths, each.unit_id, unit) for unit in _below(connection, top)):
        return False
    if not asked.place_id:
        return True
    place = organisation.unit(connection, asked.place_id)
    if place.id == top.id:  # the hot spot of the unit itself holds what lies in none of those below
        return not any(_in(paths, each.place_id, unit) for unit in _below(connection, top))
    return _in(paths, each.place_id, place)
