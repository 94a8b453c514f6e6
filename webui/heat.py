"""The heat map of the 督办 page: step × unit × age, laid out for one SVG and for the table that says the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from engine.queries.escalations import AGES

if TYPE_CHECKING:
    from engine.queries.escalations import Heat

#: px of the picture
LABEL, WIDE, HIGH, HEAD, GAP = 172, 92, 60, 44, 4
#: bands from the youngest to the oldest
BANDS: Final = tuple(AGES)


@dataclass(frozen=True)
class Column:
    """A unit right below the reader's own; `only`: her own unit itself."""

    unit_id: int
    only: bool
    x: int


@dataclass(frozen=True)
class Strip:
    """A part of the bar in a cell: one age band."""

    band: str
    x: float
    width: float


@dataclass(frozen=True)
class Cell:
    """What waits at one step in one unit: how many in all and of each age, and the oldest age there is."""

    column: Column
    total: int
    ages: Mapping[str, int]
    oldest: str
    strips: tuple[Strip, ...]


@dataclass(frozen=True)
class Line:
    """A step of a process with its cells, those with nothing in them left out."""

    kind: str
    element: str
    y: int
    total: int
    ages: Mapping[str, int]
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Map:
    """The whole picture. `total`: everything in it."""

    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    width: int
    height: int
    total: int


def heat_map(found: Sequence[Heat], top: str) -> Map:
    """Fold counts by unit into the units right below `top` (a unit's path); empty rows and columns are left out."""
    counts: dict[tuple[str, str], dict[tuple[int, bool], dict[str, int]]] = {}
    for heat in found:
        ages = counts.setdefault((heat.kind, heat.element), {}).setdefault(_below(heat, top), {})
        ages[heat.age] = ages.get(heat.age, 0) + heat.count
    # her own unit itself stands first, the others by id
    units = sorted({unit for row in counts.values() for unit in row}, key=lambda unit: (not unit[1], unit[0]))
    columns = {unit: Column(unit[0], unit[1], LABEL + n * WIDE) for n, unit in enumerate(units)}
    lines = []
    for n, ((kind, element), row) in enumerate(sorted(counts.items(), key=lambda item: (item[0][0], -_sum(item[1])))):
        cells = tuple(_cell(columns[unit], row[unit]) for unit in units if unit in row)
        ages = {band: sum(ages.get(band, 0) for ages in row.values()) for band in BANDS}
        lines.append(Line(kind, element, HEAD + n * HIGH, _sum(row), ages, cells))
    width, height = LABEL + len(units) * WIDE, HEAD + len(lines) * HIGH
    return Map(tuple(columns.values()), tuple(lines), width, height, sum(line.total for line in lines))


def _below(heat: Heat, top: str) -> tuple[int, bool]:
    """The unit right below `top` to which a count belongs, and whether it is the top itself."""
    rest = [part for part in heat.path.removeprefix(top).split(".") if part] if heat.path.startswith(top) else []
    return (int(rest[0]), False) if rest else (heat.unit_id, True)


def _sum(row: Mapping[tuple[int, bool], Mapping[str, int]]) -> int:
    return sum(sum(ages.values()) for ages in row.values())


def _cell(column: Column, ages: Mapping[str, int]) -> Cell:
    total, x, strips = sum(ages.values()), column.x + GAP + 8.0, []
    for band in BANDS:
        if ages.get(band):
            width = (WIDE - 2 * GAP - 16) * ages[band] / total
            strips.append(Strip(band, round(x, 1), round(width, 1)))
            x += width
    oldest = [band for band in BANDS if ages.get(band)][-1]
    return Cell(column, total, ages, oldest, tuple(strips))
