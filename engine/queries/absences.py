"""Who acts for whom: the absences somebody is part of, and what was done in another's place."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, or_, select

from engine.access import AccessRules, Actor
from engine.model import case_file, task
from engine.model_absence import absence, absence_act

MOST = 50


def absences(connection: Connection, actor: Actor) -> tuple[Row[Any], ...]:
    """Those in which she is away or the deputy, the newest first, fifty at most: rows of `model_absence.absence`."""
    hers = or_(absence.c.absent_id == actor.id, absence.c.deputy_id == actor.id)
    return tuple(connection.execute(select(absence).where(hers).order_by(absence.c.id.desc()).limit(MOST)))


def acts(connection: Connection, rules: AccessRules, actor: Actor) -> tuple[Row[Any], ...]:
    """What she did in another's place or another in hers, in cases she may still read, the newest first, fifty at most."""
    wanted = (
        select(absence_act, task.c.name, case_file.c.number, case_file.c.subject)
        .join(task, task.c.id == absence_act.c.task_id)
        .join(case_file, case_file.c.id == absence_act.c.case_id)
        .where(or_(absence_act.c.by_id == actor.id, absence_act.c.for_id == actor.id), rules.visible_cases(actor))
        .order_by(absence_act.c.id.desc())
        .limit(MOST)
    )
    return tuple(connection.execute(wanted))
