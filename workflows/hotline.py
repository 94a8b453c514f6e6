"""The list of the telephone desk (12338): the calls somebody may read, the latest first, and how the hand-over of each stands.

A confidential call stands in nobody's list, not even in that of its own team, as in the log book.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import and_, func, or_, select

from engine.clock import start_of_day
from engine.errors import InvalidAnswers
from engine.messages import N_, Message
from engine.model import case_file, task
from engine.queries.inbox import Cursor
from workflows.chart import chart
from workflows.day_range import day_range
from workflows.processes.hotline_call.register import hotline_register

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection, Row, Select

    from engine.access import Actor
    from engine.runtime import Runtime

PAGE: Final = 50
#: how far back the list reaches when no day was typed
BEHIND: Final = timedelta(days=6)
#: how a call stands → what people call it
STATES: Final[Mapping[str, str]] = {
    "typing": N_("记录未完成"),
    "advised": N_("当场答复"),
    "urgent": N_("紧急，已转权益部部长"),
    "waiting": N_("等待责任单位接收"),
    "taken": N_("责任单位已接收"),
}

_line = hotline_register.c
_at = func.coalesce(_line.called_at, case_file.c.created_at)
_CALLS = (
    select(
        case_file.c.id,
        case_file.c.number,
        case_file.c.subject,
        case_file.c.created_by,
        _at.label("at"),
        _line.minutes,
        _line.category,
        _line.result,
        _line.agent_id,
        _line.to_unit_id,
        _line.taken_at,
        task.c.id.label("task_id"),
        task.c.due_at,
    )
    .join(hotline_register, _line.case_id == case_file.c.id, isouter=True)
    .join(task, and_(task.c.case_id == case_file.c.id, task.c.state == "open"), isouter=True)
    .where(case_file.c.kind == "hotline_call")
)


@dataclass(frozen=True)
class Asked:
    """Calls of which days, first and last included, and in which state ("" for every)."""

    since: date
    until: date
    state: str = ""


@dataclass(frozen=True)
class Call:
    """One call; `name` is masked, `category` a code, "" while the record is being typed."""

    case_id: int
    number: str
    at: datetime
    name: str
    minutes: int
    category: str
    state: str
    agent: str
    unit: str
    #: the open step and when it is due; the step only for whoever writes the record
    task_id: int
    due_at: datetime | None


@dataclass(frozen=True)
class Leaf:
    """One page of calls, and where the next one begins when there is one."""

    rows: tuple[Call, ...]
    next: Cursor | None


def asked(typed: Mapping[str, str], today: date) -> Asked:
    """What was typed ("since", "until", "state"); the last seven days where no day was. InvalidAnswers by field."""
    problems: dict[str, list[Message]] = {}
    since, until = day_range(typed, problems, until=today, since=lambda last: min(last, today) - BEHIND)
    state = typed.get("state", "")
    if state and state not in STATES:
        problems["state"] = [Message(N_("请从所列选项中选择一项"))]
    if problems:
        raise InvalidAnswers(problems)
    return Asked(since, until, state)


def calls(runtime: Runtime, connection: Connection, actor: Actor, wanted: Asked, *, after: Cursor | None) -> Leaf:
    """One page of the calls she may read, the latest first."""
    chosen = _chosen(runtime, actor, wanted).order_by(_at.desc(), case_file.c.id.desc()).limit(PAGE + 1)
    if after is not None and after.at is not None:
        chosen = chosen.where(or_(_at < after.at, and_(_at == after.at, case_file.c.id < after.id)))
    rows = connection.execute(chosen).all()
    shown = rows[:PAGE]
    following = Cursor(shown[-1].at, shown[-1].id) if len(rows) > PAGE else None
    return Leaf(tuple(_call(connection, actor, row) for row in shown), following)


def _chosen(runtime: Runtime, actor: Actor, wanted: Asked) -> Select[Any]:
    until = start_of_day(wanted.until + timedelta(days=1))
    chosen = _CALLS.where(*_readable(runtime, actor), _at >= start_of_day(wanted.since), _at < until)
    return chosen.where(*_STATE[wanted.state]) if wanted.state else chosen


def _readable(runtime: Runtime, actor: Actor) -> tuple[Any, ...]:
    return runtime.rules.visible_cases(actor), runtime.rules.countable_cases(actor)


_STATE: Final[Mapping[str, tuple[Any, ...]]] = {
    "typing": (_line.case_id.is_(None),),
    "advised": (_line.result == "ADVISED",),
    "urgent": (_line.result == "URGENT",),
    "waiting": (_line.result == "HAND_OVER", _line.taken_at.is_(None)),
    "taken": (_line.taken_at.is_not(None),),
}
_NAMED: Final = {"ADVISED": "advised", "URGENT": "urgent", "HAND_OVER": "waiting", None: "typing"}


def _call(connection: Connection, actor: Actor, row: Row[Any]) -> Call:
    known = chart(connection)
    writing = row.result is None and row.created_by == actor.id
    return Call(
        case_id=row.id,
        number=row.number,
        at=row.at,
        name=row.subject or "",
        minutes=row.minutes or 0,
        category=row.category or "",
        state="taken" if row.taken_at is not None else _NAMED[row.result],
        agent=known.people[row.agent_id or row.created_by].name,
        unit=known.units[row.to_unit_id].name if row.to_unit_id else "",
        task_id=row.task_id if writing and row.task_id else 0,
        due_at=row.due_at,
    )
