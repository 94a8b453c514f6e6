"""What doing the same to many tasks would do to each of them: the checks of the commands, and nothing written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import BindParameter, Connection, bindparam, select

from engine.access import Actor
from engine.commands import seats
from engine.commands.assigning import assignable, supervised
from engine.commands.loading import load_task, require_verb, view_of
from engine.commands.urging import urgeable
from engine.errors import EngineError, Forbidden
from engine.messages import N_, Message
from engine.model import case_file, task
from engine.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from engine.runtime import Runtime

MOST = 200

_IDS: BindParameter[Any] = bindparam("b_ids", expanding=True)
_NAMED = (
    select(task.c.id, task.c.name, case_file.c.number, case_file.c.subject)
    .join(case_file, case_file.c.id == task.c.case_id)
    .where(task.c.id.in_(_IDS))
)


@dataclass(frozen=True)
class Pick:
    """One task of the selection, and the version its row was made from (None: whatever it is now)."""

    task_id: int
    version: int | None


@dataclass(frozen=True)
class Prospect:
    """What would happen to one task: `refusal` says why not. A task that may not be seen has no name and no number."""

    pick: Pick
    name: str
    number: str
    subject: str
    refusal: EngineError | None


def preview(
    runtime: Runtime, connection: Connection, actor: Actor, verb: str, picks: Sequence[Pick], account_id: int = 0
) -> list[Prospect]:
    """What `verb` ("claim", "assign", "urge") would do to each task, in their order. KeyError for another verb."""
    check = _CHECKS[verb]
    named = {row.id: row for row in connection.execute(_NAMED, {"b_ids": [pick.task_id for pick in picks]})}
    found = []
    for pick in picks:
        work = UnitOfWork(runtime, connection, actor)
        refusal: EngineError | None = None
        try:
            check(work, pick, account_id)
        except EngineError as refused:
            refusal = refused
        known = named.get(pick.task_id) if _may_see(runtime, connection, actor, pick) else None
        name, number, subject = (known.name, known.number, known.subject) if known is not None else ("", "", "")
        found.append(Prospect(pick, name, number, subject, refusal))
    return found


def candidates(runtime: Runtime, connection: Connection, actor: Actor, picks: Sequence[Pick]) -> list[int]:
    """The accounts that could be given at least one of the tasks by this supervisor."""
    found: dict[int, None] = {}
    for pick in picks:
        try:
            view = supervised(UnitOfWork(runtime, connection, actor), pick.task_id)
        except EngineError:
            continue
        job = view.job
        found.update(dict.fromkeys(view.free(job.post, job.unit_id)))
    return list(found)


def _may_see(runtime: Runtime, connection: Connection, actor: Actor, pick: Pick) -> bool:
    """Whether the asker may know of the task: its own command would tell her anything but that it is not there."""
    try:
        _claim(UnitOfWork(runtime, connection, actor), Pick(pick.task_id, None), 0)
    except EngineError as refused:
        return type(refused).__name__ != "NotFound"
    return True


def _claim(work: UnitOfWork, pick: Pick, _account_id: int) -> None:
    view = view_of(work, load_task(work, pick.task_id))
    require_verb(view, pick.version)
    seats.require_one_seat(view)
    if view.job.assignee_id != 0:
        raise Forbidden(why=Message(N_("此件已经签收")))


def _assign(work: UnitOfWork, pick: Pick, account_id: int) -> None:
    assignable(work, pick.task_id, account_id, pick.version)


def _urge(work: UnitOfWork, pick: Pick, _account_id: int) -> None:
    urgeable(work, pick.task_id)


_CHECKS: dict[str, Callable[[UnitOfWork, Pick, int], None]] = {"claim": _claim, "assign": _assign, "urge": _urge}
VERBS = tuple(_CHECKS)
