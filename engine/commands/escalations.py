"""A clock that warns or breaks is lifted to the superiors: one row for each piece of work and clock, raised, never doubled.

An escalation decides nothing. It closes by itself when the work is done, and what was overdue once stays counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, select, update

from engine.events import Event, Kind
from engine.model import task
from engine.model_escalation import escalation, supervision_order
from engine.reckoning import due_after
from engine.supervision import LEVELS, WAITING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Row

    from engine.clock import Period
    from engine.commands.context import CaseContext
    from engine.supervision import Rung

#: rungs as JSON data, the nearest superiors first: [[[post, unit id], …], …]
Chain = list[list[list[Any]]]

_OF_TASK = select(escalation).where(
    escalation.c.task_id == bindparam("b_task"), escalation.c.period == bindparam("b_period")
)
_OF_CASE = select(escalation).where(
    escalation.c.case_id == bindparam("b_case"),
    escalation.c.element == bindparam("b_element"),
    escalation.c.period == bindparam("b_period"),
    escalation.c.task_id.is_(None),
)
_OPEN_OF_TASK = select(escalation).where(escalation.c.task_id == bindparam("b_task"), escalation.c.state == "open")
_HELD = select(task.c.post, task.c.unit_id, task.c.assignee_id).where(task.c.id == bindparam("b_task"))
_ADD = insert(escalation)
_RAISE = (
    update(escalation)
    .where(escalation.c.id == bindparam("b_id"))
    .values(
        level=bindparam("b_level"),
        risk=bindparam("b_risk"),
        clause=bindparam("b_clause"),
        since=bindparam("b_since"),
        post=bindparam("b_post"),
        unit_id=bindparam("b_unit"),
        assignee_id=bindparam("b_assignee"),
        chain=bindparam("b_chain"),
        rung=bindparam("b_rung"),
        climb_at=bindparam("b_climb"),
        acknowledged_by=None,
        acknowledged_at=None,
        state="open",
        closed_at=None,
        ever_overdue=bindparam("b_ever"),
        version=escalation.c.version + 1,
    )
)
_MARK = update(task).where(task.c.id == bindparam("b_task")).values(escalated=bindparam("b_level"))
_CLOSE = (
    update(escalation)
    .where(escalation.c.id == bindparam("b_id"))
    .values(state="closed", closed_at=bindparam("b_now"), climb_at=None, version=escalation.c.version + 1)
)
_CLOSE_ORDERS = (
    update(supervision_order)
    .where(supervision_order.c.escalation_id == bindparam("b_id"), supervision_order.c.state.in_(("open", "late")))
    .values(state="closed")
)


def raise_escalation(
    view: CaseContext, *, task_id: int | None, element: str, period: Period, level: str, since: datetime
) -> list[dict[str, Any]]:
    """Lift a clock that warned or broke at `since` to the superiors; returns the posts told, as ``{"post", "unit"}``.

    `level` is one of `supervision.LEVELS`. A later level raises the same escalation, which must then be looked at again; a
    level it has already reached changes nothing and tells nobody. An escalation that was settled comes up again.
    """
    row = _standing(view, task_id, element, period.key)
    if row is not None and row.state == "open" and LEVELS.index(level) <= LEVELS.index(row.level):
        return []
    holder = _holder(view, task_id)
    chain = _chain(view, period, holder)
    rung = row.rung if row is not None and row.state == "open" else 0
    written = {
        "level": level,
        "risk": view.work.runtime.supervision.risk(view.case, period),
        "clause": period.clause[:200],
        "since": since,
        "chain": chain,
        "rung": rung,
        "ever": level == "broken" or bool(row is not None and row.ever_overdue),
        "climb": climbs_at(view, period, level, chain, rung),
        **holder,
    }
    number = _write(view, row, task_id, element, period.key, written)
    told = _tell(view, period, _on(chain, rung), level, task_id)
    seen = {"escalation": number, "period": period.key, "clause": period.clause, "since": since.isoformat()}
    stands = {"level": level, "old": row.level if row is not None else None, "chain": chain, "rung": rung}
    content = {**seen, **stands, "told": told}
    view.work.record(Event(Kind.ESCALATION_RAISED, view.case.id, task_id, element, content))
    return told


def settle_escalation(view: CaseContext, *, task_id: int, reason: str, period_key: str | None = None) -> None:
    """Close what was raised for a task (for one clock of it), because the work is done or the clock was moved.

    `reason` is a code for the history: "done", "returned", "cancelled", "moved". What was overdue stays counted.
    """
    left = None
    for row in view.connection.execute(_OPEN_OF_TASK, {"b_task": task_id}).all():
        if period_key not in (None, row.period):
            left = row.level
            continue
        view.work.change(view.case.id, _CLOSE, {"b_id": row.id, "b_now": view.now})
        view.work.change(view.case.id, _CLOSE_ORDERS, {"b_id": row.id})
        content = {"escalation": row.id, "period": row.period, "level": row.level, "why": reason}
        view.work.record(Event(Kind.ESCALATION_CLOSED, view.case.id, task_id, row.element, content))
        view.work.change(view.case.id, _MARK, {"b_task": task_id, "b_level": None})
    if left is not None:
        view.work.change(view.case.id, _MARK, {"b_task": task_id, "b_level": left})


def waiting_period(view: CaseContext, post: str) -> Period:
    """How long a step of a post may stay suspended after its expected day, and who learns of it."""
    return view.work.runtime.supervision.waiting(view, post)


def period_of(view: CaseContext, row: Row[Any]) -> Period:
    """The time limit an escalation is about: the process type's, or how long a step may wait."""
    if row.period == WAITING:
        return waiting_period(view, row.post)
    return view.process.period(view, row.period)


def climbs_at(view: CaseContext, period: Period, level: str, chain: Chain, rung: int) -> datetime | None:
    """When it climbs from a rung, left unacknowledged; None at the top of the chain, where it stays."""
    if rung + 1 >= len(chain):
        return None
    patience = view.work.runtime.supervision.patience(view, period, level)
    return due_after(patience, view.process.calendar(view), view.now)


def _standing(view: CaseContext, task_id: int | None, element: str, key: str) -> Row[Any] | None:
    if task_id is not None:
        return view.connection.execute(_OF_TASK, {"b_task": task_id, "b_period": key}).one_or_none()
    asked = {"b_case": view.case.id, "b_element": element, "b_period": key}
    return view.connection.execute(_OF_CASE, asked).one_or_none()


def _holder(view: CaseContext, task_id: int | None) -> dict[str, Any]:
    held = None if task_id is None else view.connection.execute(_HELD, {"b_task": task_id}).one()
    if held is None:
        return {"post": None, "unit": None, "assignee": 0}
    return {"post": held.post, "unit": held.unit_id, "assignee": held.assignee_id}


def _chain(view: CaseContext, period: Period, holder: Mapping[str, Any]) -> Chain:
    """The rungs as JSON data, without the one who has the work: nobody is her own superior."""
    here = (holder["post"], holder["unit"])
    rungs = view.work.runtime.supervision.chain(view, view.process, period)
    others = ([[post, unit] for post, unit in rung if (post, unit) != here] for rung in rungs)
    return [rung for rung in others if rung]


def _on(chain: Chain, rung: int) -> Rung:
    return tuple((post, unit) for post, unit in chain[rung]) if rung < len(chain) else ()


def _write(
    view: CaseContext, row: Row[Any] | None, task_id: int | None, element: str, key: str, written: Mapping[str, Any]
) -> int:
    """Write the row, new or raised, and mark the task; returns the id."""
    if row is None:
        named = {"ever": "ever_overdue", "climb": "climb_at", "unit": "unit_id", "assignee": "assignee_id"}
        new = {named.get(name, name): value for name, value in written.items()}
        frame = {"case_id": view.case.id, "task_id": task_id, "kind": view.process.key, "element": element}
        number = view.work.add(view.case.id, _ADD, {**frame, "period": key, "raised_at": view.now, **new})
    else:
        number = int(row.id)
        values = {f"b_{name}": value for name, value in written.items()}
        view.work.change(view.case.id, _RAISE, {"b_id": number, **values})
    if task_id is not None:
        view.work.change(view.case.id, _MARK, {"b_task": task_id, "b_level": written["level"]})
    return number


def _tell(view: CaseContext, period: Period, rung: Rung, level: str, task_id: int | None) -> list[dict[str, Any]]:
    """Leave a notice with the superiors the period names and with the rung it stands on, each once."""
    named = view.process.superiors(view, period.told(level))
    told = list(dict.fromkeys([*named, *rung]))
    for post, unit_id in told:
        view.notify(post, unit_id, f"period.{level}", period=period.key, task=task_id)
    return [{"post": post, "unit": unit_id} for post, unit_id in told]
