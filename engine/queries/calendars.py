"""What is known of holidays, and what each import of a notice moved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, func, select

from engine.access import Actor, Permission
from engine.errors import Forbidden, NotFound
from engine.messages import N_, Message
from engine.model import calendar_day, case_file
from engine.model_clocks import calendar_import, clock_move

if TYPE_CHECKING:
    from engine.runtime import Runtime

_DAYS = select(calendar_day).order_by(calendar_day.c.day)
_IMPORTS = select(calendar_import).order_by(calendar_import.c.id.desc()).limit(50)
_MOVED = (
    select(clock_move.c.import_id, func.count())
    .join(case_file, case_file.c.id == clock_move.c.case_id)
    .where(clock_move.c.import_id.in_(bindparam("b_imports", expanding=True)))
    .group_by(clock_move.c.import_id)
)
_OPEN_CASES = select(func.count()).select_from(case_file).where(case_file.c.state == "open")
_IMPORT = select(calendar_import).where(calendar_import.c.id == bindparam("b_id"))
_MOVES = (
    select(clock_move, case_file.c.number)
    .join(case_file, case_file.c.id == clock_move.c.case_id)
    .where(clock_move.c.import_id == bindparam("b_id"))
    .order_by(clock_move.c.id)
)


@dataclass(frozen=True)
class Year:
    """The days a notice names in a year; `complete` is False for a year that only follows the weekends (暂定)."""

    year: int
    days: tuple[Row[Any], ...]
    complete: bool


def require_keeper(runtime: Runtime, actor: Actor) -> None:
    """Forbidden for everyone who does not keep the calendar."""
    if not runtime.rules.permits(actor, Permission.MANAGE_CALENDAR, None):
        raise Forbidden(why=Message(N_("只有维护节假日历的岗位可以打开此页")))


def years(connection: Connection, first: int, last: int) -> list[Year]:
    """The years from `first` to `last`, both included."""
    named: dict[int, list[Row[Any]]] = {year: [] for year in range(first, last + 1)}
    for row in connection.execute(_DAYS):
        named.setdefault(row.day.year, []).append(row)
    return [
        Year(year, tuple(rows), any(row.day == date(year, 10, 1) for row in rows))
        for year, rows in sorted(named.items())
        if first <= year <= last
    ]


def open_cases(connection: Connection) -> int:
    """How many cases are open."""
    return int(connection.execute(_OPEN_CASES).scalar_one())


def imports(connection: Connection, cases: ColumnElement[bool]) -> list[tuple[Row[Any], int]]:
    """The newest imports, each with the number of clocks of `cases` that it has moved."""
    rows = connection.execute(_IMPORTS).all()
    moved = {row[0]: row[1] for row in connection.execute(_MOVED.where(cases), {"b_imports": [row.id for row in rows]})}
    return [(row, moved.get(row.id, 0)) for row in rows]


def moves(
    connection: Connection, import_id: int, cases: ColumnElement[bool] | None = None
) -> tuple[Row[Any], list[Row[Any]]]:
    """One import and its before/after list, of `cases` alone when they are given; NotFound."""
    row = connection.execute(_IMPORT, {"b_id": import_id}).one_or_none()
    if row is None:
        raise NotFound(what=Message(N_("节假日导入 {id}"), {"id": import_id}))
    wanted = _MOVES if cases is None else _MOVES.where(cases)
    return row, list(connection.execute(wanted, {"b_id": import_id}))
