"""The job that looks for escalations nobody read in time and orders nobody answered; the commands are in `commands.climbing`.

Safe on any number of nodes: the command looks again, and marks the row in the transaction in which it acts.
"""

from __future__ import annotations

import logging
import secrets
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, exists, select

from engine.access import SYSTEM
from engine.commands.climbing import climb_escalation, lift_overdue, miss_order
from engine.errors import Busy
from engine.model import task
from engine.model_escalation import escalation, supervision_order

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


def climb_due(runtime: Runtime) -> int:
    """Lift what nobody acknowledged in time, bring up what nobody answered; returns how many. One that fails stops no other."""
    lifted = _each(runtime, _UNLIFTED, lift_overdue, "task_id")
    missed = _each(runtime, _UNANSWERED, miss_order, "order_id")
    return lifted + missed + _each(runtime, _UNREAD, climb_escalation, "escalation_id")


def _each(runtime: Runtime, due: Select[Any], command: Command, name: str) -> int:
    acted = after = 0
    while True:
        with runtime.reading() as connection:
            ids = list(connection.execute(due, {"b_now": runtime.clock.now(), "b_after": after}).scalars())
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
    return bool(answer.get("climbed") or answer.get("missed") or answer.get("lifted"))
