"""What the working page of one task needs: the form with what was typed, the papers, and what the person may do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, bindparam, select

from engine.access import Actor, Permission
from engine.commands.context import CaseContext
from engine.commands.deputising import permitted_on
from engine.commands.discarding import may_discard
from engine.commands.loading import barrier, load_task, require_of_task
from engine.commands.loading import may_read as may_read_case
from engine.commands.seats import ASKED
from engine.errors import NotFound
from engine.guard import Guard
from engine.messages import N_, Message
from engine.model_filed import draft
from engine.need_to_know import part_of
from engine.process_type import Check, Form, Prepared, ProcessType
from engine.queries import opening
from engine.queries.standing import Standing, standing
from engine.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from engine.need_to_know import Part
    from engine.runtime import Runtime

_DRAFT = select(draft.c.at, draft.c.answers_sealed).where(
    draft.c.case_id == bindparam("b_case"), draft.c.form == bindparam("b_form"), draft.c.by_id == bindparam("b_by")
)


@dataclass(frozen=True)
class TaskPage:
    """A task as the person who opens it sees it. `task` and `case` are rows; `answers` is what the form starts with."""

    task: Row[Any]
    case: Row[Any]
    process: ProcessType
    form: Form
    answers: Mapping[str, Any]
    #: when the draft shown was saved; None when the form starts from the stored version or empty
    draft_at: datetime | None
    notes: Sequence[Message]
    #: every paper of the case she may see
    attached: Sequence[opening.PaperRow]
    forms: Mapping[str, opening.FormVersion]
    signatures: Sequence[opening.SignatureRow]
    returns: Sequence[tuple[str, str]]
    #: why she may look but not work (closed, claimed by another, conflict of interest); None when she may work
    obstacle: Message | None
    may_claim: bool
    may_release: bool
    #: whether it is an entry that was never submitted and that she may discard
    may_discard: bool
    #: the name of the person in whose place the reader works on it; "" in her own right
    absent: str
    #: signers, helpers, and the further verbs
    standing: Standing
    guard: Guard

    @property
    def papers(self) -> Mapping[str, Sequence[opening.PaperRow]]:
        """The papers of the form, by field."""
        found: dict[str, list[opening.PaperRow]] = {}
        for paper in self.attached:
            if paper.form == self.task.form:
                found.setdefault(paper.field, []).append(paper)
        return found


def task_page(runtime: Runtime, connection: Connection, actor: Actor, task_id: int) -> TaskPage:
    """Read a task for somebody who may work on it or read its case; NotFound for everyone else."""
    work = UnitOfWork(runtime, connection, actor)
    job = load_task(work, task_id)
    case = work.case(job.case_id)
    may_read = may_read_case(work, case)
    may_work = permitted_on(work, Permission.WORK_TASK, job) and (work.stand_in is None or may_read)
    if not may_work and not may_read:
        raise NotFound(what=Message(N_("任务 {id}"), {"id": task_id}))
    view = CaseContext(work, case, runtime.catalogue[job.kind], job)
    obstacle = _obstacle(view, may_work)
    prepared = view.process.prepare(view, job.form) if job.state == "open" else Prepared()
    answers, draft_at = _answers(view, prepared)
    part = part_of(runtime, connection, actor, case)
    forms = _forms(view, part)
    free = obstacle is None
    may_return = free and runtime.rules.permits(actor, Permission.RETURN_TASK, job)
    return TaskPage(
        task=job,
        case=case,
        process=view.process,
        form=view.process.forms[job.form],
        answers=answers if part is None else part.of(job.form, answers),
        draft_at=draft_at,
        notes=prepared.notes,
        attached=_papers(view, part, {*forms, job.form}),
        forms=forms,
        signatures=opening.signatures_in(part, opening.signatures(connection, case.id, forms)),
        returns=view.process.returns(job.element) if may_return and mine_to_decide(job) else (),
        obstacle=obstacle,
        may_claim=free and job.assignee_id == 0 and mine_to_decide(job),
        may_release=free and job.assignee_id != 0 and mine_to_decide(job),
        may_discard=free and not forms and may_discard(work, job) is None,
        absent=work.stand_in.absent.name if work.stand_in else "",
        standing=standing(view, free=free),
        guard=job.guard,
    )


def _forms(view: CaseContext, part: Part | None) -> dict[str, opening.FormVersion]:
    """The newest version of each form; of this step's alone when its unit sees the case no more."""
    job = view.job
    forms = opening.newest(opening.forms_in(part, opening.forms(view.connection, view.vault, job.case_id)))
    over = any(not share.lasts(view.now) for share in job.shared_with)
    return {key: each for key, each in forms.items() if key == job.form or not over}


def _papers(view: CaseContext, part: Part | None, forms: set[str]) -> list[opening.PaperRow]:
    """The papers of the forms that are shown."""
    found = opening.papers_in(part, opening.papers(view.connection, view.vault, view.case.id))
    return [paper for paper in found if paper.form in forms]


def mine_to_decide(job: Row[Any]) -> bool:
    """Whether whoever has the task decides about it: not suspended, not delegated to her, not only asked to sign."""
    return job.suspended_at is None and job.owner_id is None and job.seat not in ASKED


def check_answers(
    runtime: Runtime, connection: Connection, actor: Actor, task_id: int, answers: Mapping[str, Any]
) -> Check:
    """The live check of a form that may be half typed: what submitting it would lead to. Changes nothing.

    Forbidden and NotFound as for working on the task.
    """
    work = UnitOfWork(runtime, connection, actor)
    job = load_task(work, task_id)
    require_of_task(work, Permission.WORK_TASK, job)
    view = CaseContext(work, work.case(job.case_id), runtime.catalogue[job.kind], job)
    values, problems = view.process.forms[job.form].attempt(answers)
    found = view.process.check(view, job.form, values)
    return Check({**found.problems, **problems}, found.refusals, found.decisions)


def _answers(view: CaseContext, prepared: Prepared) -> tuple[Mapping[str, Any], datetime | None]:
    job = view.job
    key = {"b_case": job.case_id, "b_form": job.form, "b_by": view.actor.id}
    saved = view.connection.execute(_DRAFT, key).one_or_none()
    if saved is not None:
        return view.vault.open_json(saved.answers_sealed), saved.at
    return prepared.initial or view.form(job.form) or {}, None


def _obstacle(view: CaseContext, may_work: bool) -> Message | None:
    job = view.job
    if job.state == "waiting":
        mine = job.assignee_id == view.actor.id and "facts" in (job.carried or {})
        return Message(N_("您已提交，正等候加签人签署") if mine else N_("还没有轮到此签署人"))
    if job.state != "open":
        return Message(N_("此步骤已办理或已取消，仅供查看"))
    if not may_work and job.assignee_id not in (0, view.actor.id):
        return Message(N_("此件已由他人签收"))
    if not may_work:
        return Message(N_("此步骤由其他岗位办理，仅供查看"))
    return barrier(view)
