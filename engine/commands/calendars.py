"""A holiday notice is imported: the days change at once, the open clocks are reckoned anew case by case (`engine.recounting`)."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Any

from sqlalchemy import insert

from engine.access import SYSTEM, Permission
from engine.commands import clock_rows, periods
from engine.commands.context import CaseContext
from engine.commands.escalations import settle_escalation
from engine.errors import Forbidden
from engine.events import Event, Kind
from engine.holidays import differing, read_table, replace_days
from engine.messages import N_, Message
from engine.model_clocks import calendar_import, clock_move
from engine.recount_plan import Move, moves_of
from engine.unit_of_work import UnitOfWork, inserted_id

_ADD = insert(calendar_import)
_LINE = insert(clock_move)


def import_calendar(uow: UnitOfWork, *, content: bytes, name: str) -> dict[str, Any]:
    """Replace the days of a holiday notice; RefusedCalendar names every wrong line, and then nothing has changed.

    Returns ``{"import_id", "days", "changed", "years"}``; `years` are ``[year, days, changed days]``. The clocks follow:
    `engine.recounting.recount`, at once or by the next job.
    """
    uow.require(Permission.MANAGE_CALENDAR, None)
    days = read_table(content)
    changed = Counter(each.day.year for each in differing(uow.connection, days))
    given = Counter(each.day.year for each in days)
    years = [[year, given[year], changed[year]] for year in sorted({*given, *changed})]
    replace_days(uow.connection, days)
    row = {
        "at": uow.now,
        "by_id": uow.actor.id,
        "name": name.strip()[:120] or "—",
        "digest": hashlib.sha256(content).hexdigest(),
        "years": years,
        "state": "running",
        "case_id_done": 0,
    }
    number = inserted_id(uow.connection.execute(_ADD, row))
    return {"import_id": number, "days": len(days), "changed": sum(changed.values()), "years": years}


def recount_case(uow: UnitOfWork, *, case_id: int, import_id: int | None = None) -> dict[str, Any]:
    """Reckon the open clocks of a case anew; each that moves is a history entry, and a line of the import's list.

    Forbidden for persons. Returns ``{"moved": number of clocks}``.
    """
    if uow.actor != SYSTEM:
        raise Forbidden(why=Message(N_("时限由系统重新计算")))
    moves = moves_of(uow, case_id)
    for view, move in moves:
        _move(view, move, import_id)
    return {"moved": len(moves)}


def _move(view: CaseContext, move: Move, import_id: int | None) -> None:
    row = periods.load(view, move.use_id)
    found = periods.explain(view, row)
    clock_rows.bring_in_line(view, row.id, found)
    tasks = clock_rows.open_tasks(view.connection, move.instance_id, move.element)
    late = move.old_due_at is not None and move.old_due_at <= view.now
    for each in tasks:
        if late and move.new_due_at is not None and move.new_due_at > view.now:
            settle_escalation(view, task_id=each.id, reason="moved", period_key=move.period)
    dates = {
        "old_due_at": move.old_due_at.isoformat() if move.old_due_at else None,
        "new_due_at": move.new_due_at.isoformat() if move.new_due_at else None,
    }
    content = {"period": move.period, "import": import_id, **dates}
    view.work.record(Event(Kind.PERIOD_MOVED, move.case_id, tasks[0].id if tasks else None, move.element, content))
    if import_id is not None:
        line = {"import_id": import_id, "case_id": move.case_id, "element": move.element, "period": move.period}
        view.work.change(move.case_id, _LINE, {**line, "old_due_at": move.old_due_at, "new_due_at": move.new_due_at})
