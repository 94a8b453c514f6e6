"""What moving one case to another version of its drawing writes: state, tasks, clocks; and how it is put back.

Clocks that go on keep their rows, and so their due dates, pauses and extensions. Those of the new drawing alone are armed now.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select, update

from engine.columns import END_OF_TIME
from engine.commands.progress import Token, apply_step
from engine.flow import stepping
from engine.model import instance, period_use, task, timer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Row

    from engine.commands.context import CaseContext
    from engine.flow.migrating import Route, Verdict
    from engine.flow.stepping import Step
    from engine.unit_of_work import UnitOfWork

#: columns that follow the drawing, and are put back when the move is taken back
_OF_TASK = (
    "element",
    "name",
    "form",
    "post",
    "unit_id",
    "acting_for",
    "acting_reason",
    "assignee_id",
    "due_at",
    "rank_at",
)
_OF_TIMER = ("element", "attached_to", "period", "due_at", "state")
_INSTANTS = ("due_at", "rank_at")
_LIVE = select(task).where(task.c.instance_id == bindparam("b_instance"), task.c.state != "closed").order_by(task.c.id)
_CLOCKS = select(timer).where(
    timer.c.instance_id == bindparam("b_instance"), timer.c.state.in_(("armed", "paused"))
).order_by(timer.c.id)  # fmt: skip
_REDEFINE = update(instance).where(instance.c.id == bindparam("b_id")).values(definition_id=bindparam("b_definition"))
_RENAME = (
    (timer, timer.c.element, timer.c.instance_id),
    (timer, timer.c.attached_to, timer.c.instance_id),
    (period_use, period_use.c.element, period_use.c.case_id),
)


def stands_still(uow: UnitOfWork, instance_id: int) -> bool:
    """Whether a step of the instance waits (挂起): then no clock can be armed for it."""
    rows = uow.connection.execute(_LIVE, {"b_instance": instance_id}).all()
    return any(row.suspended_at is not None for row in rows)


def remembered(uow: UnitOfWork, instance_id: int) -> dict[str, list[dict[str, Any]]]:
    """The open tasks and running clocks as they are, for `restore`."""
    return {
        "tasks": [_kept(row, _OF_TASK) for row in uow.connection.execute(_LIVE, {"b_instance": instance_id})],
        "timers": [_kept(row, _OF_TIMER) for row in uow.connection.execute(_CLOCKS, {"b_instance": instance_id})],
    }


def restore(uow: UnitOfWork, case_id: int, instance_id: int, old: Mapping[str, list[dict[str, Any]]]) -> None:
    """Give tasks and clocks back what they had."""
    running = {row.id for row in uow.connection.execute(_CLOCKS, {"b_instance": instance_id})}
    for number in sorted(running - {each["id"] for each in old["timers"]}):
        uow.change(case_id, update(timer).where(timer.c.id == number).values(state="gone"))
    for each in old["timers"]:
        uow.change(case_id, update(timer).where(timer.c.id == each["id"]).values(**_values(each, _OF_TIMER)))
    for each in old["tasks"]:
        back = update(task).where(task.c.id == each["id"])
        uow.change(case_id, back.values(version=task.c.version + 1, **_values(each, _OF_TASK)))


def move(view: CaseContext, row: Row[Any], route: Route, verdict: Verdict, to_id: int) -> list[dict[str, Any]]:
    """Write the case's state for the new version, and bring tasks and clocks in line; returns what changed about tasks."""
    _rename(view, row, route)
    state = route.move(bytes(row.state), lambda key, every, step: view.due(key, step) if key else every.after(view.now))
    step = stepping.peek(route.new, state)
    apply_step(view, Token(row.id, row.version, route.new), step)
    view.work.change(view.case.id, _REDEFINE, {"b_id": row.id, "b_definition": to_id})
    return _follow(view, row.id, route, step, verdict)


def _rename(view: CaseContext, row: Row[Any], route: Route) -> None:
    """Clocks and periods of a step that has another id now are found under it."""
    for old, new in route.renamed.items():
        for table, column, of in _RENAME:
            where = of == (row.id if of is timer.c.instance_id else view.case.id)
            view.work.change(view.case.id, update(table).where(where, column == old).values({column.name: new}))


def _follow(view: CaseContext, instance_id: int, route: Route, step: Step, verdict: Verdict) -> list[dict[str, Any]]:
    """Bring the open tasks in line with the new drawing; returns what changed about them, for the history."""
    armed = {each.attached_to: each.due_at for each in step.timers if each.element in verdict.rearmed}
    told = []
    for row in view.connection.execute(_LIVE, {"b_instance": instance_id}).all():
        element = route.new.elements[route.target(row.element)]
        values: dict[str, Any] = {"element": element.id, "name": element.name, "form": element.form or ""}
        if element.id in armed and row.suspended_at is None:
            values["due_at"] = armed[element.id]
        elif row.due_at is not None and not any(each.attached_to == element.id for each in step.timers):
            values["due_at"] = None
        if element.lane != route.old.elements[row.element].lane:
            who = view.process.candidates(view, element.id, element.lane or "", step.facts)
            values |= {
                "post": who.post,
                "unit_id": who.unit_id,
                "acting_for": who.acting_for,
                "acting_reason": who.reason,
            }
            if (who.post, who.unit_id) != (row.post, row.unit_id):
                values["assignee_id"] = who.account_id or 0
        changed = {name: value for name, value in values.items() if getattr(row, name) != value}
        if changed:
            told.append({"task": row.id, **{name: _plain(value) for name, value in changed.items()}})
            if "due_at" in changed:
                changed["rank_at"] = changed["due_at"] or END_OF_TIME
            statement = update(task).where(task.c.id == row.id).values(version=task.c.version + 1, **changed)
            view.work.change(view.case.id, statement)
    return told


def _kept(row: Row[Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {"id": row.id, **{name: _plain(getattr(row, name)) for name in names}}


def _values(kept: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    values = {name: kept[name] for name in names}
    instants = {n: datetime.fromisoformat(v) for n, v in values.items() if n in _INSTANTS and v is not None}
    return values | instants


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
