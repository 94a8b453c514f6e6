"""What a process type sees of a case during one command (`CaseView`), and what a drawing may ask of the world.

Reads are cached for the length of the command; writes go through the unit of work, so that none can be silent.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from copy import copy
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update
from sqlalchemy.sql import Executable

from engine import search_index, sharing
from engine.access import Actor, Permission
from engine.clock import civil_date
from engine.commands import filed, linking, periods
from engine.decisions import Decision, DecisionTable
from engine.disclosing import Cover, Wanted, cover
from engine.events import Event, Kind
from engine.fields import Vault
from engine.guarding import guarded_case
from engine.messages import Message
from engine.model import case_file, notice
from engine.process_type import Linked, ProcessType, Start
from engine.unit_of_work import UnitOfWork

_NOTIFY = insert(notice)
_CASE = select(case_file).where(case_file.c.id == bindparam("b_case"))
_DESCRIBE = update(case_file).where(case_file.c.id == bindparam("b_case"))


class CaseContext:
    """One case during one command. `task` is the task row the actor works on, None when there is none."""

    def __init__(self, work: UnitOfWork, case: Row[Any], process: ProcessType, task: Row[Any] | None = None) -> None:
        self.work = work
        self.case = case
        self.process = process
        self.task = task
        self.actor: Actor = work.actor
        self.now: datetime = work.now
        self.today: date = work.today
        self.connection: Connection = work.connection
        self.vault: Vault = work.runtime.vault
        self._forms: dict[str, dict[str, Any] | None] = {}
        self._described: dict[str, Any] = {}
        #: period → the due time it keeps: a step taken back goes on under its old clock
        self.kept_due: dict[str, datetime] = {}
        #: what the decisions asked so far hold against the matter
        self.refusals: list[Message] = []
        #: the periods that began or went on in this command; their clocks are armed with the drawing's timers
        self.begun: list[periods.Begun] = []

    def excludes(self, account_id: int) -> bool:
        """Whether somebody is kept from this case (回避), or works on none."""
        person = self._person(account_id)
        return self.case.guarded and (
            person is None or not self.work.runtime.rules.eligible(person, guarded_case(self.connection, self.case))
        )

    def admits(self, account_id: int) -> bool:
        """Whether somebody could work in this case, would she hold the post of the task: from C3 on, its team alone."""
        person = self._person(account_id)
        rules = self.work.runtime.rules
        return not self.case.guarded or (
            person is not None and rules.permits(person, Permission.TAKE_PART, guarded_case(self.connection, self.case))
        )

    def free(self, post: str, unit_id: int) -> frozenset[int]:
        """The accounts that hold a post and may do the step of the task, as the process type says, if the case admits them."""
        found = self.process.free(self, self.job.element, post, unit_id)
        return frozenset(each for each in found if self.admits(each))

    def _person(self, account_id: int) -> Actor | None:
        if not self.case.guarded:
            return None
        return self.work.runtime.rules.person(self.connection, account_id, self.today)

    @property
    def job(self) -> Row[Any]:
        """The task the actor works on; only commands about a task ask for it."""
        assert self.task is not None  # noqa: S101
        return self.task

    def tables(self, day: date) -> Mapping[str, DecisionTable]:
        """The decision tables in force when `day` began."""
        return self.work.runtime.tables.on(self.connection, self.process, day)

    def form(self, key: str) -> dict[str, Any] | None:
        """The newest version of a form as JSON data."""
        if key not in self._forms:
            row = filed.newest_forms(self.connection, self.case.id).get(key)
            self._forms[key] = None if row is None else self.vault.open_json(row.answers_sealed)
        return self._forms[key]

    def submitting(self, key: str, answers: dict[str, Any]) -> None:
        """From now on `form(key)` is what is being submitted."""
        self._forms[key] = answers

    def signers(self) -> Mapping[str, int]:
        """Form key → signer, counting only signatures on the newest version of a form."""
        return filed.signers(self.connection, self.case.id)

    def papers(self, form: str) -> Mapping[str, list[int]]:
        """Field path → ids of the papers attached to a form and not removed."""
        return filed.papers_of(self.connection, self.case.id, form)

    def change(self, statement: Executable, parameters: Any = None) -> Any:
        """Write to the process type's own registers."""
        return self.work.change(self.case.id, statement, parameters)

    def principals(self) -> Mapping[str, int]:
        """Form key → the absent person in whose place its newest version was signed."""
        newest = {row.id for row in filed.newest_forms(self.connection, self.case.id).values()}
        rows = filed.signatures(self.connection, self.case.id)
        return {row.form: row.for_id for row in rows if row.for_id is not None and row.form_version_id in newest}

    def seen_by(self, actor: Actor) -> CaseContext:
        """The same case with somebody else acting; for asking the rules, not for writing."""
        other = copy(self)
        other.actor = actor
        return other

    def register_changed(self, **content: Any) -> None:
        """The history entry that goes with `change`."""
        self._record(Kind.REGISTER_CHANGED, content)

    def decided(self, *decisions: Decision, refusals: Sequence[Message] = ()) -> None:
        """One history entry per explained decision; `refusals` are kept for whoever wants to be told first."""
        self.refusals.extend(refusals)
        for decision in decisions:
            self._record(Kind.DECISION_MADE, decision.as_data())

    def performed(self, operation: str, facts: Mapping[str, Any]) -> None:
        """The history entry of a service or send task."""
        self._record(Kind.OPERATION_PERFORMED, {"operation": operation, "facts": dict(facts)})

    def notify(self, post: str, unit_id: int, kind: str, **content: Any) -> None:
        """Leave a notice for a post; ids and codes only."""
        row = {
            "case_id": self.case.id,
            "unit_id": unit_id,
            "post": post,
            "kind": kind,
            "content": content,
            "at": self.now,
        }
        self.connection.execute(_NOTIFY, row)

    def share(self, unit_id: int, *, body: str, purpose: str, kinds: Collection[str]) -> None:
        """Let another unit see this case from now on, when a consent covers that."""
        sharing.share(
            self.work, self.case.id, Wanted(f"unit:{unit_id}", purpose, frozenset(kinds), self.now, body=body)
        )

    def rescreen(self) -> None:
        """Have the open tasks of the case looked at again once this is stored."""
        self.work.rescreen.add(self.case.id)

    def consents(
        self, recipient: str, purpose: str, kinds: Collection[str], expires_on: date, told: str, *, again: bool = True
    ) -> None:
        """A consent that a form carries: given today, unless one like it counts already."""
        rows = sharing.consents_of(self.connection, self.case.id)
        if not again and any((row.recipient, row.purpose) == (recipient, purpose) for row in rows):
            return
        wanted = Wanted(recipient, purpose, frozenset(kinds), self.now)
        if isinstance(cover(rows, {}, wanted), Cover):
            return
        row = {"recipient": recipient, "purpose": purpose, "kinds": sorted(kinds), "given_on": self.today}
        sharing.write_consent(self.work, self.case.id, {**row, "expires_on": expires_on, "given_by": "SELF"}, told)

    def findable(self, texts: Mapping[str, str]) -> None:
        """Let the case be found by these texts from now on."""
        search_index.store(self.connection, self.vault, self.case.id, texts)

    def describe(self, **columns: Any) -> None:
        """Set columns of the case row; written with the rest of the command."""
        self._described.update(columns)

    def write_description(self) -> None:
        """Write what `describe` collected."""
        if self._described:
            old, new = self.case.unit_id, self._described.get("unit_id", self.case.unit_id)
            self.change(_DESCRIBE, {"b_case": self.case.id, **self._described})
            self.case = self.connection.execute(_CASE, {"b_case": self.case.id}).one()
            self._described = {}
            if new != old:  # who sees the case hangs on its unit: the history says where it belongs
                self._record(Kind.CASE_REHOMED, {"old": old, "new": new})

    def _record(self, kind: Kind, content: Mapping[str, Any]) -> None:
        task_id, element = (self.task.id, self.task.element) if self.task is not None else (None, None)
        self.work.record(Event(kind, self.case.id, task_id, element, content))

    # What a drawing may ask during a step (engine.flow.stepping.Surroundings)

    def decide(self, decision: str, facts: Mapping[str, Any]) -> Mapping[str, Any]:
        """A business-rule task: the process type decides and explains."""
        return self.process.decide(self, decision, facts)

    def perform(self, operation: str, facts: Mapping[str, Any]) -> Mapping[str, Any]:
        """A service or send task."""
        answer = dict(self.process.perform(self, operation, facts))
        self.performed(operation, answer)
        return answer

    def due(self, key: str, element: str) -> datetime:
        """When the period `key` of a step that starts (or goes on) now is broken."""
        kept = key in self.kept_due
        begun = periods.go_on(self, key, element) if kept else periods.start(self, key, element)
        self.begun.append(begun)
        return begun.due_at

    def of(self, process: ProcessType) -> CaseContext:
        """The same case in the same command, as another of its processes sees it."""
        return CaseContext(self.work, self.case, process)

    def beside(self, case: Row[Any], process: ProcessType) -> CaseContext:
        """Another case in the same command."""
        return CaseContext(self.work, case, process)

    def open_case(
        self, kind: str, where: Start, *, relation: str, form: str, answers: Mapping[str, Any], joins: bool = True
    ) -> int:
        """A case of its own that begins in this one."""
        return linking.open_case(self, kind, where, relation=relation, form=form, answers=answers, joins=joins)

    def link(self, other_id: int, relation: str) -> None:
        """This case, the later one, belongs to another."""
        linking.link(self, other_id, relation)

    def linked(self, relation: str) -> Sequence[Linked]:
        """The cases to which this one is linked."""
        return linking.linked(self, relation)

    @property
    def started_on(self) -> date:
        """The civil date the case was opened."""
        return civil_date(self.case.created_at)
