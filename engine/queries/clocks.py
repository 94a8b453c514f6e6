"""Why a step is due when it is, and what was asked for about it. Reading moves no clock: nothing is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, bindparam, select

from engine.access import Actor, Permission
from engine.commands import clock_rows, consenting, periods
from engine.commands.extensions import ExtensionSubject, approvers, left
from engine.commands.loading import load_task, may_read, view_of
from engine.errors import NotFound
from engine.messages import N_, Message
from engine.model_clocks import clock_extension
from engine.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from engine.commands.context import CaseContext
    from engine.reckoning import Explanation
    from engine.runtime import Runtime

_ASKED = (
    select(clock_extension)
    .where(clock_extension.c.case_id == bindparam("b_case"), clock_extension.c.element == bindparam("b_element"))
    .order_by(clock_extension.c.id)
)
_ONE = select(clock_extension).where(clock_extension.c.id == bindparam("b_id"))


@dataclass(frozen=True)
class Asked:
    """An extension asked for, opened; `may_decide` is True for who may approve or refuse it now."""

    row: Row[Any]
    reason: str
    answer: str
    may_decide: bool
    #: code → day of each who consented, and "alone"; empty where nobody had to
    consents: Mapping[str, Any]


@dataclass(frozen=True)
class Clock:
    """One running period of an open task: its explanation, and its extensions.

    `left` are the units that may still be asked for, 0 for none; `may_ask` is True for who works on the task.
    """

    task: Row[Any]
    explanation: Explanation
    asked: tuple[Asked, ...]
    left: int
    may_ask: bool
    #: code → name of those who must consent to an extension
    consenting: Mapping[str, Message]

    @property
    def period(self) -> str:
        """The key of its period."""
        return self.explanation.period.key


def clocks_of(runtime: Runtime, connection: Connection, actor: Actor, task_ids: Iterable[int]) -> tuple[Clock, ...]:
    """The clocks of some open tasks, for somebody who may see them (the caller has asked)."""
    work = UnitOfWork(runtime, connection, actor)
    found: list[Clock] = []
    for task_id in task_ids:
        job = load_task(work, task_id)
        if job.state != "open":
            continue
        view = view_of(work, job)
        uses = clock_rows.uses_of(connection, job.instance_id, job.element)
        found += [_clock(view, periods.load(view, use_id)) for use_id in uses]
    return tuple(found)


def extension(runtime: Runtime, connection: Connection, actor: Actor, extension_id: int) -> Asked:
    """One extension, for a reader of its case; NotFound."""
    work = UnitOfWork(runtime, connection, actor)
    row = connection.execute(_ONE, {"b_id": extension_id}).one_or_none()
    if row is None or not may_read(work, work.case(row.case_id)):
        raise NotFound(what=Message(N_("延期申请 {id}"), {"id": extension_id}))
    return _asked(view_of(work, load_task(work, row.task_id)), row)


def _clock(view: CaseContext, row: Row[Any]) -> Clock:
    job = view.job
    explanation = periods.explain(view, row)
    rule = explanation.period
    made = view.connection.execute(_ASKED, {"b_case": job.case_id, "b_element": job.element})
    asked = tuple(_asked(view, each) for each in made if each.period == rule.key)
    rest = left(view, rule, job.element, row.extended) if explanation.due_at is not None else 0
    rules = view.work.runtime.rules
    may_ask = rest > 0 and rules.permits(view.actor, Permission.WORK_TASK, job)
    return Clock(job, explanation, asked, rest, may_ask, consenting.asked_of(view.process, rule.key))


def _asked(view: CaseContext, row: Row[Any]) -> Asked:
    vault, job = view.vault, view.job
    subject = ExtensionSubject(
        approvers(view, view.process.period(view, row.period)), job.confidentiality, job.path, job.guard
    )
    may_decide = (
        row.state == "asked"
        and job.state == "open"
        and row.asked_by != view.actor.id
        and view.work.runtime.rules.permits(view.actor, Permission.DECIDE_EXTENSION, subject)
    )
    answer = vault.open(row.answer_sealed).decode() if row.answer_sealed else ""
    agreed = vault.open_json(row.consents_sealed) if row.consents_sealed else {}
    return Asked(row, vault.open(row.reason_sealed).decode(), answer, may_decide, agreed)
