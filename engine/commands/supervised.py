"""Load an escalation for a command, and ask whether this person may act on it: she stands above, and it is not her own work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, bindparam, select, update

from engine.access import SYSTEM, Permission
from engine.commands.context import CaseContext
from engine.commands.loading import load_task, require_open, view_of
from engine.errors import Forbidden, NotFound, StaleEscalation
from engine.guarding import Guarded
from engine.messages import N_, Message
from engine.model import case_file
from engine.model_escalation import escalation

if TYPE_CHECKING:
    from engine.unit_of_work import UnitOfWork

SUBJECT = (
    *(column for column in escalation.c if column.name != "kind"),
    escalation.c.kind.label("process_kind"),
    case_file.c.kind,
    case_file.c.path,
    case_file.c.confidentiality,
    case_file.c.guarded,
    case_file.c.number,
)
LOAD = select(*SUBJECT).join(case_file, case_file.c.id == escalation.c.case_id)
_GUARDED = Guarded(LOAD)
_LOAD = LOAD.where(escalation.c.id == bindparam("b_id"))
_ACKNOWLEDGE = (
    update(escalation)
    .where(escalation.c.id == bindparam("b_id"), escalation.c.version == bindparam("b_seen"))
    .values(
        acknowledged_by=bindparam("b_by"),
        acknowledged_at=bindparam("b_now"),
        climb_at=None,
        version=escalation.c.version + 1,
    )
)


@dataclass(frozen=True)
class Supervised:
    """An escalation with the work it is about. `row`: escalation and case columns; `job`: the task as `load_task` gives it."""

    row: Row[Any]
    job: Row[Any] | None
    view: CaseContext


def load_escalation(work: UnitOfWork, escalation_id: int) -> Row[Any]:
    """The row with the case's kind, path, class and guard; NotFound."""
    row = work.connection.execute(_LOAD, {"b_id": escalation_id}).one_or_none()
    if row is None:
        raise unknown(escalation_id)
    work.about = row.case_id
    return _GUARDED.row(work.connection, row, row.case_id, row.guarded)


def unknown(escalation_id: int) -> NotFound:
    """What is said of an escalation that does not exist, or that she may not know of."""
    return NotFound(what=Message(N_("督办事项 {id}"), {"id": escalation_id}))


def supervise(work: UnitOfWork, escalation_id: int, seen_version: int) -> Supervised:
    """Load → permit → stale → open, for the verbs of superiors.

    NotFound for who may not see it, Forbidden for who does not stand above the work, StaleEscalation, TaskNotReady.
    """
    row = load_escalation(work, escalation_id)
    if not work.runtime.rules.permits(work.actor, Permission.SEE_ESCALATION, row):
        raise unknown(escalation_id)
    work.require(Permission.SUPERVISE, row)
    work.acting_post = place_of(work, row)[0]
    if row.version != seen_version:
        raise StaleEscalation(seen=seen_version, current=row.version)
    if row.state != "open":
        raise Forbidden(why=Message(N_("此督办事项已经结束")))
    job = None if row.task_id is None else load_task(work, row.task_id)
    if job is None:
        return Supervised(
            row, None, CaseContext(work, work.case(row.case_id), work.runtime.catalogue[row.process_kind])
        )
    require_open(work, job)
    return Supervised(row, job, view_of(work, job))


def place_of(work: UnitOfWork, row: Row[Any]) -> tuple[str, int]:
    """In which of her posts the actor stands above the work: the nearest one of the chain."""
    rungs = [place for rung in row.chain for place in rung]
    held = [(post, unit) for post, unit in rungs if work.actor.holds(post, unit)]
    if not held:
        raise Forbidden(why=Message(N_("您不在此事项的督办链上")))
    return held[0]


def own_work(work: UnitOfWork, job: Row[Any] | None) -> Message | None:
    """Why she may not supervise what lies with herself; None when it does not."""
    if job is None:
        return None
    hers = job.assignee_id == work.actor.id
    if hers or (job.assignee_id == 0 and work.actor.holds(job.post, job.unit_id)):
        return Message(N_("此件由您本人办理，须由您的上级督办"))
    return None


def required_job(supervised: Supervised) -> Row[Any]:
    """The task; Forbidden for a clock that hangs on none."""
    if supervised.job is None:
        raise Forbidden(why=Message(N_("此时限不在任何一个环节上，没有可以改派的任务")))
    return supervised.job


def looked_at(supervised: Supervised) -> int:
    """Write that a superior has seen it: it climbs no further. Returns the new version; StaleEscalation."""
    work, row = supervised.view.work, supervised.row
    seen = {"b_id": row.id, "b_seen": row.version, "b_by": work.actor.id, "b_now": work.now}
    if work.change(row.case_id, _ACKNOWLEDGE, seen).rowcount != 1:
        raise StaleEscalation(seen=row.version, current=row.version + 1)
    return int(row.version) + 1


def require_system(work: UnitOfWork) -> None:
    """Forbidden for persons: time acts by itself."""
    if work.actor != SYSTEM:
        raise Forbidden(why=Message(N_("时限到期由系统自动处理")))
