"""Periods of a case: they start when a step opens, pause while the matter is sent back, and go on where they stopped."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, insert, select, update

from engine.clock import Unit, civil_date
from engine.model import period_use

if TYPE_CHECKING:
    from engine.commands.context import CaseContext

_KEY = (period_use.c.case_id == bindparam("b_case"), period_use.c.period == bindparam("b_period"))
_LOAD = select(period_use).where(*_KEY)
_ADD = insert(period_use)
_SET = update(period_use).where(*_KEY)
_RESTART = _SET.values(started_at=bindparam("b_now"), spent=bindparam("b_spent"), paused_at=None)
_PAUSE = _SET.values(spent=bindparam("b_spent"), paused_at=bindparam("b_now"))


def start(view: CaseContext, key: str) -> datetime:
    """Start the period, or let it go on when it was paused; returns the instant at which it is broken."""
    period = view.process.period(view, key)
    calendar = view.process.calendar(view)
    case_id = view.case.id
    use = view.connection.execute(_LOAD, {"b_case": case_id, "b_period": key}).one_or_none()
    spent = 0
    if use is None:
        view.work.change(case_id, _ADD, {"case_id": case_id, "period": key, "started_at": view.now, "spent": 0})
    else:
        spent = use.spent if use.paused_at is not None else 0
        view.work.change(case_id, _RESTART, {"b_case": case_id, "b_period": key, "b_now": view.now, "b_spent": spent})
    return period.due(calendar, view.now, spent)


def pause(view: CaseContext, key: str) -> None:
    """Stop the period of a step that was sent back, if its rule lets it pause (processes.md §0.3)."""
    period = view.process.period(view, key)
    use = view.connection.execute(_LOAD, {"b_case": view.case.id, "b_period": key}).one_or_none()
    if not period.pauses or use is None or use.paused_at is not None:
        return
    if period.unit is Unit.HOUR:
        used = int((view.now - use.started_at).total_seconds() // 3600)
    else:
        used = view.process.calendar(view).spent(civil_date(use.started_at), view.today, period.unit)
    spent = min(period.amount, use.spent + used)
    parameters = {"b_case": view.case.id, "b_period": key, "b_now": view.now, "b_spent": spent}
    view.work.change(view.case.id, _PAUSE, parameters)
