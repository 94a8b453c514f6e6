"""The clock rows of a running period: armed with the step, moved with the reckoning, gone with the step.

The drawing's own timer is the row of level “broken”. The warnings, and the second deadline of a period that was extended after it
had been broken, stand beside it: they move no token.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Executable, Row, bindparam, func, insert, select, update

from engine.clock import Level
from engine.columns import END_OF_TIME
from engine.model import task, timer

if TYPE_CHECKING:
    from engine.commands.context import CaseContext
    from engine.commands.periods import Begun
    from engine.flow.stepping import ArmedTimer
    from engine.reckoning import Explanation

#: a statement and its parameters
Change = tuple[Executable, Mapping[str, Any]]

_DEADLINES = (Level.BROKEN, Level.AGAIN)

ARM = insert(timer)
_OF_USE = select(timer).where(timer.c.use_id == bindparam("b_use")).order_by(timer.c.id)
_MOVE = update(timer).where(timer.c.id == bindparam("b_id")).values(due_at=bindparam("b_due"))
_STATE = update(timer).where(timer.c.id == bindparam("b_id")).values(state=bindparam("b_state"))
_ALL_OF_USE = (
    update(timer)
    .where(timer.c.use_id == bindparam("b_use"), timer.c.state == bindparam("b_from"))
    .values(state=bindparam("b_to"))
)
#: the warnings still to come of a period that has just been broken
_TOO_LATE = (
    update(timer)
    .where(
        timer.c.use_id == bindparam("b_use"),
        timer.c.state == "armed",
        timer.c.level.in_((Level.WARN.value, Level.RED.value)),
    )
    .values(state="gone")
)
_USES = (
    select(func.max(timer.c.use_id))
    .where(
        timer.c.instance_id == bindparam("b_instance"),
        timer.c.attached_to == bindparam("b_element"),
        timer.c.use_id.is_not(None),
        timer.c.state != "gone",
    )
    .group_by(timer.c.period)
    .order_by(timer.c.period)
)
_OPEN = (
    select(task.c.id, task.c.due_at)
    .where(
        task.c.instance_id == bindparam("b_instance"),
        task.c.element == bindparam("b_element"),
        task.c.state == "open",
    )
    .order_by(task.c.id)
)
#: who waits for her turn gets the same due date as whoever has it
_SHOW = (
    update(task)
    .where(
        task.c.instance_id == bindparam("b_instance"),
        task.c.element == bindparam("b_element"),
        task.c.state.in_(("open", "waiting")),
    )
    .values(due_at=bindparam("b_due"), rank_at=bindparam("b_rank"))
)


def new_rows(view: CaseContext, instance_id: int, armed: ArmedTimer, begun: Begun | None) -> Iterator[dict[str, Any]]:
    """The rows of a timer the drawing has just armed: its own, and the warnings of its period."""
    row = {
        "case_id": view.case.id,
        "instance_id": instance_id,
        "token": armed.id,
        "element": armed.element,
        "attached_to": armed.attached_to,
        "period": begun.explanation.period.key if begun and armed.attached_to else None,
        "due_at": armed.due_at,
        "level": Level.BROKEN.value,
        "point": "",
        "use_id": begun.use_id if begun else None,
    }
    yield row
    if begun is not None and armed.attached_to:
        for warn in begun.explanation.warns:
            if warn.at > view.now:
                yield {**row, "due_at": warn.at, "level": warn.level.value, "point": warn.point}


def uses_of(connection: Connection, instance_id: int, element: str) -> list[int]:
    """Ids of the `period_use` rows whose clocks watch an open step, one a period; those of earlier visits are left out."""
    return list(connection.execute(_USES, {"b_instance": instance_id, "b_element": element}).scalars())


def pause(view: CaseContext, use_id: int) -> bool:
    """Let the armed rows of a period stand still; False when its own clock is not running (broken, or paused already)."""
    rows = view.connection.execute(_OF_USE, {"b_use": use_id}).all()
    if not any(row.state == "armed" and row.level in (Level.BROKEN, Level.AGAIN) for row in rows):
        return False
    view.work.change(view.case.id, _ALL_OF_USE, {"b_use": use_id, "b_from": "armed", "b_to": "paused"})
    return True


def resume(view: CaseContext, use_id: int) -> None:
    """Arm the rows again that stood still; `bring_in_line` gives them their new times."""
    view.work.change(view.case.id, _ALL_OF_USE, {"b_use": use_id, "b_from": "paused", "b_to": "armed"})


def is_broken(connection: Connection, use_id: int, now: datetime) -> bool:
    """Whether the deadline of a period is due already, though nobody has been told yet."""
    rows = connection.execute(_OF_USE, {"b_use": use_id}).all()
    return any(row.state == "armed" and row.level in _DEADLINES and row.due_at <= now for row in rows)


def drop_warnings(view: CaseContext, use_id: int) -> None:
    """A period that is broken warns no more."""
    view.work.change(view.case.id, _TOO_LATE, {"b_use": use_id})


def show_due(view: CaseContext, instance_id: int, element: str, due_at: datetime | None) -> None:
    """Write the due date on the open tasks of a step; None while its clock stands still. Late stays late."""
    where = {"b_instance": instance_id, "b_element": element}
    view.work.change(view.case.id, _SHOW, {**where, "b_due": due_at, "b_rank": due_at or END_OF_TIME})


def open_tasks(connection: Connection, instance_id: int, element: str) -> list[Row[Any]]:
    """The open tasks (id, due_at) of a step."""
    return [*connection.execute(_OPEN, {"b_instance": instance_id, "b_element": element})]


def deadline(connection: Connection, use_id: int) -> datetime | None:
    """The due time that is shown for a running period now; None when its clock is not there any more."""
    rows = [row for row in connection.execute(_OF_USE, {"b_use": use_id}) if row.level in _DEADLINES]
    if not rows:
        return None
    own = rows[-1]
    tasks = open_tasks(connection, own.instance_id, own.attached_to) if own.attached_to else []
    due_at: datetime = next((each.due_at for each in tasks if each.due_at is not None), own.due_at)
    return due_at


def bring_in_line(view: CaseContext, use_id: int, found: Explanation) -> bool:
    """Give the clock rows and the open tasks of a period the times of its reckoning; False when they had them already.

    What has fired stays fired. A period that had been broken and now ends later gets a deadline again, and a warning that was
    given too early is given again.
    """
    changes = planned(view.connection, use_id, found, view.now)
    for statement, parameters in changes:
        view.work.change(view.case.id, statement, parameters)
    return bool(changes)


def planned(connection: Connection, use_id: int, found: Explanation, now: datetime) -> list[Change]:
    """What `bring_in_line` would write; none when the rows agree with the reckoning, or the period stands still."""
    rows: list[Row[Any]] = [*connection.execute(_OF_USE, {"b_use": use_id})]
    own = next((row for row in reversed(rows) if row.level == Level.BROKEN), None)
    due_at = found.due_at
    if own is None or due_at is None:
        return []
    tasks = open_tasks(connection, own.instance_id, own.attached_to) if own.attached_to else []
    changes: list[Change] = []
    if any(each.due_at != due_at for each in tasks):
        where = {"b_instance": own.instance_id, "b_element": own.attached_to}
        changes.append((_SHOW, {**where, "b_due": due_at, "b_rank": due_at}))
    deadlines = [row for row in rows if row.level in _DEADLINES]
    running = [row for row in deadlines if row.state == "armed"]
    changes += [_moved(row, due_at) for row in running if row.due_at != due_at]
    if not running and tasks and due_at > now:
        changes.append(_beside(own, Level.AGAIN.value, f"again:{len(deadlines)}", due_at))
        running = [own]
    if running:
        changes += _planned_warnings(own, rows, found, now)
    return changes


def _planned_warnings(own: Row[Any], rows: list[Row[Any]], found: Explanation, now: datetime) -> Iterator[Change]:
    wanted = {warn.point: warn for warn in found.warns}
    known = {row.point: row for row in rows if row.level in (Level.WARN, Level.RED)}
    for point, row in known.items():
        if row.state == "armed" and point not in wanted:
            yield _STATE, {"b_id": row.id, "b_state": "gone"}
        elif row.state == "armed" and row.due_at != wanted[point].at:
            yield _moved(row, wanted[point].at)
    for point, warn in wanted.items():
        given = known.get(point)
        again = given is None or given.state == "gone" or (given.state == "fired" and given.due_at != warn.at)
        if again and warn.at > now and own.attached_to:
            yield _beside(own, warn.level.value, point, warn.at)


def _moved(row: Row[Any], due_at: datetime) -> Change:
    return _MOVE, {"b_id": row.id, "b_due": due_at}


def _beside(own: Row[Any], level: str, point: str, due_at: datetime) -> Change:
    """A row beside the drawing's own timer."""
    kept = ("case_id", "instance_id", "token", "element", "attached_to", "period", "use_id")
    row = {name: getattr(own, name) for name in kept}
    return ARM, {**row, "level": level, "point": point, "due_at": due_at}
