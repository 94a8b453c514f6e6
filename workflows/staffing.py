"""Open tasks whose post nobody holds any more, or holds again, and tasks claimed by somebody who has left (domain D6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import String, bindparam, cast, exists, literal, or_, select

from engine.model import case_file, task
from workflows import model

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import ColumnElement, Connection

_held, _account = model.post_holding, model.account
_TODAY = (_held.c.since <= bindparam("b_on")) & (_held.c.until.is_(None) | (_held.c.until >= bindparam("b_on")))
#: a post holding that is served on the day, by an active account, for the task's post in its unit
SERVED: ColumnElement[bool] = (
    (_held.c.unit_id == task.c.unit_id)
    & (_held.c.post == task.c.post)
    & _TODAY
    & (_account.c.id == _held.c.account_id)
    & _account.c.active
)
_SOMEBODY = exists().where(SERVED)
_HERSELF = exists().where(SERVED & (_account.c.id == task.c.assignee_id))
#: the post in whose vacancy somebody acts is held again, in the unit of the case or above it
_AGAIN = exists().where(
    (_held.c.post == task.c.acting_for)
    & _TODAY
    & (case_file.c.id == task.c.case_id)
    & case_file.c.path.like(literal("%.") + cast(_held.c.unit_id, String) + literal(".%"))
)
_UNHELD = select(task.c.id).where(
    task.c.state == "open",
    task.c.kind == bindparam("b_kind"),
    or_(
        ~_SOMEBODY,
        (task.c.assignee_id != 0) & ~_HERSELF,
        (task.c.assignee_id == 0) & (task.c.acting_reason == "VACANT") & _AGAIN,
    ),
)


def unheld(connection: Connection, kind: str, on: date) -> list[int]:
    """Ids of the open tasks that nobody, or not the one who claimed it, can work on that day, or that have somebody again."""
    return list(connection.execute(_UNHELD, {"b_kind": kind, "b_on": on}).scalars())
