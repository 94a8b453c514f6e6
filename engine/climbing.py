"""The job that looks for escalations nobody read in time, orders nobody answered, and steps that wait in vain.

The commands are in `commands.climbing` and `commands.waiting`.

Safe on any number of nodes: the command looks again, and marks the row in the transaction in which it acts.
"""

from __future__ import annotations

import logging
import secrets
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, exists, select

from engine.access import SYSTEM
from engine.clock import civil_date
from engine.commands.climbing import climb_escalation, lift_overdue, miss_order
from engine.commands.seats import LIVE
from engine.commands.waiting import lift_waiting, remind_waiting
from engine.errors import Busy
from engine.model import task
from engine.model_escalation import escalation, supervision_order
from engine.model_waiting import wait_reminder

if TYPE_CHECKING:
    from sqlalchemy import Select

    from engine.runtime import Command, Runtime

log = logging.getLogger("halfsky.jobs")

BATCH = 200

_UNREAD = (
    select(escalation.c.id)
    .where(
        escalation.c.state == "open",
        escalation.c.climb_at <= bindparam("b_now"),
        escalation.c.id > bindparam("b_after"),
    )
    .order_by(escalation.c.id)
    .limit(BATCH)
)
_UNANSWERED = (
    select(supervision_order.c.id)
    .where(
        supervision_order.c.state == "open",
        supervision_order.c.reply_due_at <= bindparam("b_now"),
        supervision_order.c.id > bindparam("b_after"),
    )
    .order_by(supervision_order.c.id)
    .limit(BATCH)
)
#: tasks that were late before there were escalations, or whose clock was broken by a release that knew none
_UNLIFTED = (
    select(task.c.id)
    .where(
        task.c.state == "open",
        task.c.overdue_since <= bindparam("b_now"),
        task.c.id > bindparam("b_after"),
        ~exists().where(escalation.c.task_id == task.c.id),
    )
    .order_by(task.c.id)
    .limit(BATCH)
)
#: suspended steps whose expected day has passed and of which nobody was told; the day is that of the house (`civil_date`)
_PASSED = (
    select(task.c.id)
    .where(
        task.c.suspended_until < bindparam("b_today"),
        task.c.state.in_(LIVE),
        task.c.id > bindparam("b_after"),
        ~exists().where(
            wait_reminder.c.instance_id == task.c.instance_id,
            wait_reminder.c.token == task.c.token,
            wait_reminder.c.since == task.c.suspended_at,
        ),
    )
    .order_by(task.c.id)
    .limit(BATCH)
)
_STILL = (
    select(wait_reminder.c.id)
    .where(wait_reminder.c.lift_at <= bindparam("b_now"), wait_reminder.c.id > bindparam("b_after"))
    .order_by(wait_reminder.c.id)
    .limit(BATCH)
)


def climb_due(runtime: Runtime) -> int:
    """Lift what nobody acknowledged in time, bring up what nobody answered; returns how many. One that fails stops no other."""
    lifted = _each(runtime, _UNLIFTED, lift_overdue, "task_id")
    missed = _each(runtime, _UNANSWERED, miss_order, "order_id")
    passed = _each(runtime, _PASSED, remind_waiting, "task_id") + _each(runtime, _STILL, lift_waiting, "reminder_id")
    return lifted + missed + passed + _each(runtime, _UNREAD, climb_escalation, "escalation_id")


def _each(runtime: Runtime, due: Select[Any], command: Command, name: str) -> int:
    acted = after = 0
    while True:
        with runtime.reading() as connection:
            now = runtime.clock.now()
            asked = {"b_now": now, "b_today": civil_date(now), "b_after": after}
            ids = list(connection.execute(due, asked).scalars())
        acted += sum(_act(runtime, command, name, number) for number in ids)
        if len(ids) < BATCH:
            return acted
        after = ids[-1]


def _act(runtime: Runtime, command: Command, name: str, number: int) -> bool:
    # a key of its own each time: “not due yet” must not be remembered
    key = secrets.token_hex(16)
    try:
        answer = runtime.execute(command, actor=SYSTEM, key=key, **{name: number}).content
    except Busy:
        return False
    except Exception:
        log.exception("not lifted: command=%s id=%s", command.__name__, number)
        return False
    return bool(answer.get("climbed") or answer.get("missed") or answer.get("lifted") or answer.get("reminded"))
