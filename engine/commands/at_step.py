"""A verb by its name on a step of a case, for callers that know the step and not the task."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from engine.access import Permission
from engine.commands.cases import terminate_case
from engine.commands.co_signing import add_signers, remove_signer
from engine.commands.loading import load_task, may_read, open_task_of
from engine.commands.recalling import recall_task
from engine.commands.returning import return_task
from engine.commands.seats import LIVE
from engine.commands.suspending import resume_task, suspend_task
from engine.commands.transferring import delegate_task, hand_back_task, transfer_task
from engine.errors import NotFound, UnknownVerb
from engine.messages import N_, Message
from engine.model import task

if TYPE_CHECKING:
    from engine.unit_of_work import UnitOfWork

#: every verb besides submitting, claiming and saving; docs/verbs.md says what each means
VERBS: Mapping[str, Callable[..., dict[str, Any]]] = {
    "transfer": transfer_task,
    "delegate": delegate_task,
    "hand_back": hand_back_task,
    "add_signers": add_signers,
    "remove_signer": remove_signer,
    "return": return_task,
    "recall": recall_task,
    "suspend": suspend_task,
    "resume": resume_task,
    "terminate": terminate_case,
}
_AT = (
    select(task.c.id, task.c.state, task.c.assignee_id, task.c.owner_id, task.c.closed_by)
    .where(task.c.case_id == bindparam("b_case"), task.c.element == bindparam("b_element"))
    .order_by(task.c.id.desc())
)


def known_verb(verb: str) -> str:
    """The verb itself; UnknownVerb names those there are."""
    if verb not in VERBS:
        raise UnknownVerb(verb=verb[:40], known="、".join(VERBS))
    return verb


def apply_verb(
    uow: UnitOfWork,
    *,
    case_id: int,
    element: str,
    verb: str,
    parameters: Mapping[str, Any],
    version: int | None = None,
    task_id: int | None = None,
) -> dict[str, Any]:
    """Run a verb on the task of a step: hers before others', the newest first, or the one `task_id` names.

    `version`: the task's, when the caller has seen it. TaskNotReady when the case is not at the step; what the verb raises.
    """
    command = VERBS[known_verb(verb)]
    if verb == "terminate":
        return command(uow, case_id=case_id, **parameters)
    found = _task_at(uow, case_id, element, done=verb == "recall", task_id=task_id)
    return command(uow, task_id=found, seen_version=version, **parameters)


def _task_at(uow: UnitOfWork, case_id: int, element: str, *, done: bool, task_id: int | None) -> int:
    me = uow.actor.id
    rows = list(uow.connection.execute(_AT, {"b_case": case_id, "b_element": element}))
    if task_id is not None:
        rows = [row for row in rows if row.id == task_id]
    elif done:
        rows = [row for row in rows if me in (row.closed_by, row.assignee_id) and row.state != "open"]
    else:
        rows = [row for row in rows if row.state in LIVE]
    if not rows:
        return open_task_of(uow, case_id, element)
    hers = [row for row in rows if uow.runtime.rules.permits(uow.actor, Permission.WORK_TASK, load_task(uow, row.id))]
    uow.about = case_id
    if not hers and not may_read(uow, uow.case(case_id)):
        raise NotFound(what=Message(N_("案件 {id}"), {"id": case_id}))
    first = min(rows, key=lambda row: (me not in (row.assignee_id, row.owner_id, row.closed_by), row.state != "open"))
    return int(first.id)
