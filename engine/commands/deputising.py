"""In whose place somebody acts on a task: asked once per command, and whether that still holds is read there and then."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from engine.access import Permission, StandIn
from engine.model_absence import absence

if TYPE_CHECKING:
    from sqlalchemy import Row

    from engine.unit_of_work import UnitOfWork

_STANDS = select(absence.c.id).where(
    absence.c.id == bindparam("b_id"),
    absence.c.ended_at.is_(None),
    absence.c.since <= bindparam("b_today"),
    absence.c.until >= bindparam("b_today"),
)


def permitted_on(work: UnitOfWork, permission: Permission, job: Row[Any]) -> bool:
    """Whether the actor has a permission on a task, in her own right or in somebody's place.

    Her own right comes first; otherwise `work.stand_in` tells from then on in whose place she acts.
    """
    rules, actor = work.runtime.rules, work.actor
    if not actor.stand_ins:
        return rules.permits(actor, permission, job)
    if rules.permits(replace(actor, stand_ins=()), permission, job):
        return True
    for stand_in in actor.stand_ins:
        if rules.permits(replace(actor, stand_ins=(stand_in,)), permission, job) and _stands(work, stand_in):
            work.stand_in = stand_in
            return True
    return False


def _stands(work: UnitOfWork, stand_in: StandIn) -> bool:
    """It may have been ended since the page was asked for."""
    asked = {"b_id": stand_in.absence_id, "b_today": work.today}
    return work.connection.execute(_STANDS, asked).first() is not None
