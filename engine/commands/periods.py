"""Periods of a case: they start when a step opens, pause while the matter is sent back or waits, and go on where they stopped."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, bindparam, func, insert, select, update

from engine.clock import start_of_day
from engine.commands import clock_rows
from engine.errors import InvalidAnswers
from engine.events import Event, Kind
from engine.messages import N_, Message
from engine.model import period_use
from engine.reckoning import Explanation, Use, reckon

if TYPE_CHECKING:
    from engine.commands.context import CaseContext

_LATEST = (
    select(period_use)
    .where(
        period_use.c.case_id == bindparam("b_case"),
        period_use.c.period == bindparam("b_period"),
        period_use.c.element.in_((bindparam("b_element"), "")),
    )
    .order_by(period_use.c.id.desc())
    .limit(1)
)
_ONE = select(period_use).where(period_use.c.id == bindparam("b_id"))
_GRANTED = select(func.max(period_use.c.extended)).where(
    period_use.c.case_id == bindparam("b_case"), period_use.c.period == bindparam("b_period")
)
_ADD = insert(period_use)
_KEEP = (
    update(period_use)
    .where(period_use.c.id == bindparam("b_id"))
    .values(started_at=bindparam("b_started"), paused_at=bindparam("b_paused"), runs=bindparam("b_runs"))
)
_EXTEND = update(period_use).where(period_use.c.id == bindparam("b_id")).values(extended=bindparam("b_units"))


STANDS_STILL = N_("时限已暂停，恢复办理后才能延期")


@dataclass(frozen=True)
class Begun:
    """A period that began or went on: its step, its `period_use` row, and how it was reckoned."""

    element: str
    use_id: int
    explanation: Explanation

    @property
    def due_at(self) -> datetime:
        """When it is broken."""
        assert self.explanation.due_at is not None  # noqa: S101
        return self.explanation.due_at


def use_of(row: Row[Any]) -> Use:
    """A stored `period_use` as what it is reckoned from."""
    runs = tuple((datetime.fromisoformat(start), datetime.fromisoformat(end)) for start, end in row.runs)
    going = row.started_at if row.paused_at is None else None
    if row.paused_at is not None and not runs:  # paused before stretches were kept
        runs = ((row.started_at, row.started_at),)
    return Use(runs, going, row.extended, row.spent)


def explain(view: CaseContext, row: Row[Any], use: Use | None = None) -> Explanation:
    """How the period of a `period_use` row is counted, by the case's policy version and today's calendar."""
    return reckon(view.process.period(view, row.period), view.process.calendar(view), use or use_of(row))


def load(view: CaseContext, use_id: int) -> Row[Any]:
    """The `period_use` row with an id."""
    row: Row[Any] = view.connection.execute(_ONE, {"b_id": use_id}).one()
    return row


def start(view: CaseContext, key: str, element: str) -> Begun:
    """Start the period of a step, or let it go on when it was paused; says when it is broken."""
    wanted = {"b_case": view.case.id, "b_period": key, "b_element": element}
    row = view.connection.execute(_LATEST, wanted).one_or_none()
    period, calendar = view.process.period(view, key), view.process.calendar(view)
    if row is not None and row.paused_at is not None:
        use = use_of(row).resumed(view.now)
        _keep(view, row.id, use)
        return Begun(element, row.id, reckon(period, calendar, use))
    day_zero = view.process.anchor(view, key)
    begins = view.now if day_zero is None else _instant(day_zero)
    extended = 0 if day_zero is None else _granted(view, key)
    new = {"case_id": view.case.id, "period": key, "element": element, "started_at": begins, "runs": []}
    use_id = view.work.add(view.case.id, _ADD, {**new, "extended": extended})
    return Begun(element, use_id, reckon(period, calendar, Use(going=begins, extended=extended)))


def _instant(day_zero: date) -> datetime:
    """From when a period counts that hangs on a date of the case, or on an instant of it."""
    return day_zero if isinstance(day_zero, datetime) else start_of_day(day_zero)


def _granted(view: CaseContext, key: str) -> int:
    """What was added to a period that hangs on a date of the case: it is one period, whichever step carries its clock."""
    found = view.connection.execute(_GRANTED, {"b_case": view.case.id, "b_period": key}).scalar()
    return int(found or 0)


def go_on(view: CaseContext, key: str, element: str) -> Begun:
    """Let the period of a step that was taken back run as if it had never stopped."""
    wanted = {"b_case": view.case.id, "b_period": key, "b_element": element}
    row = view.connection.execute(_LATEST, wanted).one_or_none()
    if row is None or row.paused_at is not None:
        return start(view, key, element)
    return Begun(element, row.id, explain(view, row))


def pause(view: CaseContext, key: str, element: str) -> None:
    """Stop the period of a step that was sent back, if its rule lets it pause (processes.md §0.3)."""
    wanted = {"b_case": view.case.id, "b_period": key, "b_element": element}
    row = view.connection.execute(_LATEST, wanted).one_or_none()
    if row is not None and row.paused_at is None and view.process.period(view, key).pauses:
        _keep(view, row.id, use_of(row).paused(view.now))


def pause_all(view: CaseContext, task: Row[Any]) -> list[str]:
    """Stop every clock of an open task that waits (挂起); returns the keys of the periods that stand still now.

    `task` is the task row (id, instance_id, element). A period that may not pause (all statutory petition clocks and dv.*,
    processes.md §0.3) runs on, and so does one that is already broken. Each pause is a history entry. Calling it again
    changes nothing.
    """
    stopped = []
    for row in _running(view, task):
        if view.process.period(view, row.period).pauses and clock_rows.pause(view, row.id):
            _keep(view, row.id, use_of(row).paused(view.now))
            clock_rows.show_due(view, task.instance_id, task.element, None)
            _tell(view, Kind.PERIOD_PAUSED, task, {"period": row.period})
            stopped.append(row.period)
    return stopped


def resume_all(view: CaseContext, task: Row[Any]) -> list[str]:
    """Let every clock of a task go on that `pause_all` stopped (恢复); returns the keys of the periods that run again."""
    going = []
    for row in _running(view, task):
        if row.paused_at is None:
            continue
        use = use_of(row).resumed(view.now)
        _keep(view, row.id, use)
        clock_rows.resume(view, row.id)
        found = explain(view, row, use)
        clock_rows.bring_in_line(view, row.id, found)
        due_at = found.due_at.isoformat() if found.due_at else None
        _tell(view, Kind.PERIOD_RESUMED, task, {"period": row.period, "due_at": due_at})
        going.append(row.period)
    return going


def extend(view: CaseContext, row: Row[Any], units: int) -> Explanation:
    """Add units to a running period; its clocks still have to be brought in line. InvalidAnswers while it stands still."""
    if row.paused_at is not None:
        raise InvalidAnswers({"units": [Message(STANDS_STILL)]})
    view.work.change(view.case.id, _EXTEND, {"b_id": row.id, "b_units": row.extended + units})
    return explain(view, load(view, row.id))


def _running(view: CaseContext, task: Row[Any]) -> Iterable[Row[Any]]:
    return [load(view, use_id) for use_id in clock_rows.uses_of(view.connection, task.instance_id, task.element)]


def _keep(view: CaseContext, use_id: int, use: Use) -> None:
    """Write the stretches of a use, paused or going on."""
    began, ended = use.runs[-1] if use.runs else (None, None)
    runs = [[instant.astimezone(UTC).isoformat() for instant in run] for run in use.runs]
    paused = ended if use.going is None else None
    values = {"b_id": use_id, "b_started": use.going or began, "b_paused": paused, "b_runs": runs}
    view.work.change(view.case.id, _KEEP, values)


def _tell(view: CaseContext, kind: Kind, task: Row[Any], content: dict[str, Any]) -> None:
    view.work.record(Event(kind, view.case.id, task.id, task.element, content))
