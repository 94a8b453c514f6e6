"""What has been typed and not submitted, when a task changes hands: given along, never written over, never lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, exists, insert, or_, select, update

from engine.model import task
from engine.model_filed import draft

if TYPE_CHECKING:
    from engine.commands.context import CaseContext

_KEY = (
    draft.c.case_id == bindparam("b_case"),
    draft.c.form == bindparam("b_form"),
    draft.c.by_id == bindparam("b_by"),
)
_LOAD = select(draft.c.at, draft.c.answers_sealed).where(*_KEY)
_ADD = insert(draft)
_CHANGE = update(draft).where(*_KEY).values(at=bindparam("b_at"), answers_sealed=bindparam("b_sealed"))
_ELSEWHERE = exists().where(
    task.c.case_id == bindparam("b_case"),
    task.c.form == bindparam("b_form"),
    task.c.state != "closed",
    task.c.created_at < bindparam("b_now"),
    task.c.id != bindparam("b_task"),
)
_DROP = delete(draft).where(*_KEY[:2], or_(_KEY[2], ~_ELSEWHERE))


def give(view: CaseContext, giver: int, taker: int, *, over: bool = False) -> str:
    """Let `taker` go on with what `giver` has typed for the form of the task; the giver keeps her own copy.

    Answers "given", "none" when nothing had been typed, or "kept" when the taker has typed something herself: that is only
    written over with `over` (it was lent to the giver before, so that hers goes on from it).
    """
    key = {"b_case": view.case.id, "b_form": view.job.form}
    given = view.connection.execute(_LOAD, {**key, "b_by": giver}).one_or_none()
    if given is None:
        return "none"
    sealed = {"b_at": view.now, "b_sealed": given.answers_sealed}
    if view.connection.execute(_LOAD, {**key, "b_by": taker}).one_or_none() is None:
        row = {"case_id": view.case.id, "form": view.job.form, "by_id": taker, "at": view.now}
        view.connection.execute(_ADD, {**row, "answers_sealed": given.answers_sealed})
        return "given"
    if not over:
        return "kept"
    view.connection.execute(_CHANGE, {**key, "b_by": taker, **sealed})
    return "given"


def drop(view: CaseContext) -> None:
    """After a submission nobody's draft of the form stays: it would come back over what was submitted.

    While another task with the same form is being worked on (a parallel branch, another instance), only the actor's own goes.
    """
    key = {"b_case": view.case.id, "b_form": view.job.form, "b_by": view.actor.id}
    view.connection.execute(_DROP, {**key, "b_task": view.job.id, "b_now": view.now})
