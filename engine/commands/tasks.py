"""What a person does with a task: claim it, save what she has typed, complete it, send it back.

Each function is one command: load → permit → stale? → ready? → validate → decide → change → record. None commits.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, update

from engine.access import Permission
from engine.commands import drafts, filed, seats
from engine.commands.context import CaseContext
from engine.commands.loading import (
    load_task,
    open_task_of,
    require_of_task,
    require_open,
    require_verb,
    token_of,
    view_of,
)
from engine.commands.progress import Progress, apply_step
from engine.commands.signing import Reauthentication, sign
from engine.errors import InvalidAnswers, StaleTask, WouldBeRefused
from engine.events import Event, Kind
from engine.fields import canonical, digest
from engine.flow import stepping
from engine.messages import N_, Message
from engine.model import case_file, task
from engine.model_filed import draft, form_version
from engine.process_traits import Labelled
from engine.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from sqlalchemy import Row

    from engine.process_type import Answers

_ADD_FORM = insert(form_version)
_HOLD = (
    update(task)
    .where(task.c.id == bindparam("b_id"), task.c.version == bindparam("b_seen"))
    .values(assignee_id=bindparam("b_assignee"), version=task.c.version + 1)
)
_DRAFT_KEY = (
    draft.c.case_id == bindparam("b_case"),
    draft.c.form == bindparam("b_form"),
    draft.c.by_id == bindparam("b_by"),
)
_UPDATE_DRAFT = update(draft).where(*_DRAFT_KEY).values(at=bindparam("b_at"), answers_sealed=bindparam("b_sealed"))

_LABEL = update(case_file).where(case_file.c.id == bindparam("b_case")).values(subject=bindparam("b_subject"))

MAX_DRAFT_BYTES = 256 * 1024


def complete_task(
    uow: UnitOfWork,
    *,
    task_id: int,
    answers: Mapping[str, Any],
    seen_version: int,
    signature: Reauthentication | None = None,
    even_if_refused: bool = True,
) -> dict[str, Any]:
    """Submit the form of a task and let the case move on.

    Returns ``{"case_id", "task_id", "ended": outcome or None, "opened": [task ids]}``. Raises Forbidden, StaleTask,
    TaskNotReady, InvalidAnswers (every problem at once), SignatureRequired, or WouldBeRefused unless `even_if_refused`;
    then nothing has changed.
    """
    job = load_task(uow, task_id)
    view = view_of(uow, job)
    require_verb(view, seen_version)
    seats.require_form(view)
    form = view.process.forms[job.form]
    values = _examined(view, answers)
    version_id, changes = _store_form(view, form.dump(values))
    if form.signed:
        sign(view, signature, form=job.form, form_version_id=version_id)
    view.process.submitted(view, job.form, values)
    view.write_description()
    facts = dict(view.process.facts(job.form, values))
    pause = view.process.pauses(job.form, values)
    held = seats.hold(view, facts, pause=pause)
    progress = Progress() if held else move_on(view, job, facts, pause=pause, by=uow.actor.id)
    if view.refusals and not even_if_refused:
        raise WouldBeRefused(view.refusals)
    content = {"form": job.form, "facts": facts, "seats": held, **changes}
    uow.record(Event(Kind.TASK_COMPLETED, job.case_id, job.id, job.element, {**content, **progress.as_json()}))
    drafts.drop(view)
    return {"case_id": job.case_id, "task_id": job.id, "ended": progress.ended, "opened": progress.waiting}


def move_on(view: CaseContext, job: Row[Any], facts: Mapping[str, Any], *, pause: bool, by: int) -> Progress:
    """The drawing goes on from a task whose form `by` has submitted and everybody has signed."""
    token = token_of(view.work, job)
    if token.definition.elements[job.element].signing or not seats.is_plain(job):
        said = seats.tally(view)
        facts = {**facts, **{name: said[name] for name in said.keys() & token.definition.facts}}
    step = stepping.complete(token.definition, job.flow_state, job.token, facts, view)
    return apply_step(view, token, step, acted={"id": job.id, "reason": "done", "by": by}, pause=pause)


def _examined(view: CaseContext, answers: Mapping[str, Any]) -> Answers:
    """The values of a form without any problem.

    InvalidAnswers with all that is wrong, in the form and in the case, told at once (一次性告知): what can be read is
    examined even when something else cannot.
    """
    job = view.job
    form = view.process.forms[job.form]
    try:
        values = form.load(answers)
    except InvalidAnswers as wrong:
        readable, _ = form.attempt(answers)
        found = view.process.examine(view, job.form, readable)
        raise InvalidAnswers({**found, **wrong.problems}) from wrong
    problems = view.process.examine(view, job.form, values)
    if problems:
        raise InvalidAnswers(problems)
    return values


def complete_step(
    uow: UnitOfWork,
    *,
    case_id: int,
    element: str,
    answers: Mapping[str, Any],
    signature: Reauthentication | None = None,
) -> dict[str, Any]:
    """`complete_task` for callers that know the step, not the task: TaskNotReady when the case is not there (L27)."""
    task_id = open_task_of(uow, case_id, element)
    seen = load_task(uow, task_id).version
    return complete_task(uow, task_id=task_id, answers=answers, seen_version=seen, signature=signature)


def _store_form(view: CaseContext, answers: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """Write the next version of the task's form; returns its id and what the history says about it."""
    job = view.job
    before = view.form(job.form) or {}
    newest = filed.newest_forms(view.connection, job.case_id).get(job.form)
    last = newest.number if newest else 0
    row = {
        "case_id": job.case_id,
        "form": job.form,
        "number": last + 1,
        "task_id": job.id,
        "by_id": view.actor.id,
        "at": view.now,
        "answers_sealed": view.vault.seal_json(answers),
        "digest": digest(answers),
    }
    version_id = view.work.add(job.case_id, _ADD_FORM, row)
    view.submitting(job.form, answers)
    named = [{"id": version_id, "digest": row["digest"]}]
    return version_id, {"forms": named, "number": last + 1, "changes": field_changes(before, answers)}


def field_changes(old: Any, new: Any, path: str = "") -> list[dict[str, Any]]:
    """Every leaf that differs between two JSON values, as ``{"path", "old", "new"}``; lists are compared by position."""
    if isinstance(old, dict) and isinstance(new, dict):
        keys = list(dict.fromkeys([*old, *new]))
        return [c for k in keys for c in field_changes(old.get(k), new.get(k), f"{path}.{k}" if path else str(k))]
    if isinstance(old, list) and isinstance(new, list):
        longest = range(max(len(old), len(new)))
        pairs = [(old[i] if i < len(old) else None, new[i] if i < len(new) else None) for i in longest]
        return [c for i, (a, b) in enumerate(pairs) for c in field_changes(a, b, f"{path}.{i}")]
    if isinstance(old, dict | list) or isinstance(new, dict | list):
        empty: Any = {} if isinstance(old or new, dict) else []
        if old is None or new is None:
            return field_changes(old if old is not None else empty, new if new is not None else empty, path)
    return [] if old == new else [{"path": path, "old": old, "new": new}]


def claim_task(uow: UnitOfWork, *, task_id: int, seen_version: int) -> dict[str, Any]:
    """Take a task of one's post upon oneself (签收): from then on only she works on it.

    What is claimed in an absent person's place is hers: it is there when she is back, and no longer the deputy's. NotNow for
    somebody who has signed in another seat of the same step.
    """
    return _hold(uow, task_id, seen_version, Kind.TASK_CLAIMED)


def release_task(uow: UnitOfWork, *, task_id: int, seen_version: int) -> dict[str, Any]:
    """Put a claimed task back for everyone who holds the post (取消签收)."""
    return _hold(uow, task_id, seen_version, Kind.TASK_RELEASED)


def _hold(uow: UnitOfWork, task_id: int, seen_version: int, kind: Kind) -> dict[str, Any]:
    job = load_task(uow, task_id)
    view = view_of(uow, job)
    require_verb(view, seen_version)
    holder = uow.actor if uow.stand_in is None else uow.stand_in.absent
    assignee = holder.id if kind is Kind.TASK_CLAIMED else 0
    if job.assignee_id == assignee:
        return {"case_id": job.case_id, "task_id": job.id, "version": job.version}
    held = uow.change(job.case_id, _HOLD, {"b_id": job.id, "b_seen": job.version, "b_assignee": assignee})
    if held.rowcount != 1:
        raise StaleTask(seen=job.version, current=job.version + 1)
    uow.record(Event(kind, job.case_id, job.id, job.element, {"old": job.assignee_id, "new": assignee}))
    return {"case_id": job.case_id, "task_id": job.id, "version": job.version + 1}


def save_draft(uow: UnitOfWork, *, task_id: int, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Keep what has been typed so far, unchecked and sealed, for this person and this form of the case.

    A draft is not part of the file: neither it nor a refused attempt to save one makes history (pages save by themselves,
    again and again), and it is dropped when the form is submitted. TaskNotReady when the task is closed: a draft kept then
    would come back over what was submitted, should the form be opened once more.
    """
    job = load_task(uow, task_id)
    uow.about = None
    require_of_task(uow, Permission.WORK_TASK, job)
    require_open(uow, job)
    plain = dict(answers)
    if len(canonical(plain)) > MAX_DRAFT_BYTES:
        problem = Message(N_("暂存内容超过 {limit} KB"), {"limit": MAX_DRAFT_BYTES // 1024})
        raise InvalidAnswers({"": [problem]})
    key = {"b_case": job.case_id, "b_form": job.form, "b_by": uow.actor.id}
    sealed = uow.runtime.vault.seal_json(plain)
    if uow.connection.execute(_UPDATE_DRAFT, {**key, "b_at": uow.now, "b_sealed": sealed}).rowcount == 0:
        row = {"case_id": job.case_id, "form": job.form, "by_id": uow.actor.id, "at": uow.now, "answers_sealed": sealed}
        uow.connection.execute(insert(draft), row)
    _label(uow, job, plain)
    return {"task_id": job.id, "saved_at": uow.now.isoformat()}


def _label(uow: UnitOfWork, job: Row[Any], answers: Mapping[str, Any]) -> None:
    """Show on the lists, masked, whose entry this will be; from the first submission on the process type says it."""
    case, process = uow.case(job.case_id), uow.runtime.catalogue[job.kind]
    if case.subject_hash is not None or not isinstance(process, Labelled):
        return
    label = process.label(job.form, answers)
    if label is not None and label != case.subject:
        uow.connection.execute(_LABEL, {"b_case": job.case_id, "b_subject": label})
