"""One command, one transaction, one commit: the only place where anything becomes durable.

Inside, commands load, ask for permission, change through :meth:`UnitOfWork.change` and record events. On a clean exit the unit
of work refuses a case that changed without an event, writes one chained history entry per event, commits, and only then
announces the events. On an exception nothing has happened.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, CursorResult, Row, bindparam, insert, select, update
from sqlalchemy.exc import DBAPIError

from engine import audit
from engine.access import SYSTEM, Actor, Permission, StandIn
from engine.clock import civil_date
from engine.database import overtaken_by
from engine.errors import Busy, Forbidden, KeyReused, NotFound, SilentChange
from engine.events import ACTED, Event, committed
from engine.guarding import as_if_there
from engine.journal import tell_watched
from engine.key_uses import follow
from engine.messages import N_, Message
from engine.model import case_file, history, idempotency
from engine.model_absence import absence_act
from engine.told_rows import KEY, ToldRows, Written

if TYPE_CHECKING:
    from sqlalchemy.sql import Executable

    from engine.runtime import Runtime

log = logging.getLogger("halfsky")

_LOAD_CASE = select(case_file).where(case_file.c.id == bindparam("b_id"))
_MOVE_HEAD = (
    update(case_file)
    .where(case_file.c.id == bindparam("b_id"), case_file.c.version == bindparam("b_seen"))
    .values(
        version=bindparam("b_next"),
        last_seq=bindparam("b_seq"),
        last_hash=bindparam("b_hash"),
        last_mac=bindparam("b_mac"),
    )
)
_ADD_HISTORY = insert(history)
_ADD_ACT = insert(absence_act)
_RECALL = select(idempotency.c.request_digest, idempotency.c.answer).where(
    idempotency.c.actor_id == bindparam("b_actor"), idempotency.c.key == bindparam("b_key")
)
_REMEMBER = insert(idempotency)


class UnitOfWork:
    """The surroundings of one command: actor, clock, connection, and what happened so far."""

    def __init__(self, runtime: Runtime, connection: Connection, actor: Actor) -> None:
        self.runtime = runtime
        self.connection = connection
        self.actor = actor
        self.now: datetime = runtime.clock.now()
        self.today: date = civil_date(self.now)
        #: the post in which the actor acts, once a command knows it
        self.acting_post: str | None = None
        #: the case the command is about, once it is known: a refused attempt is written into its history
        self.about: int | None = None
        #: the absence by which the actor acts in somebody's place, once a command knows it
        self.stand_in: StandIn | None = None
        #: cases whose open tasks are looked at again once this is stored (`restaffing`); with None, those of every case
        self.rescreen: set[int | None] = set()
        self._cases: dict[int, Row[Any]] = {}
        self._changed: set[int] = set()
        self._events: list[Event] = []
        self._told = ToldRows()

    def case(self, case_id: int) -> Row[Any]:
        """The case row as it was when this unit of work first saw it; NotFound."""
        row = self._cases.get(case_id)
        if row is None:
            row = self.connection.execute(_LOAD_CASE, {"b_id": case_id}).one_or_none()
            if row is None:
                as_if_there(self.connection)
                raise NotFound(what=Message(N_("案件 {id}"), {"id": case_id}))
            self._cases[case_id] = row
        return row

    def fresh(self, case_id: int) -> Row[Any]:
        """The case row as this transaction has made it."""
        return self.connection.execute(_LOAD_CASE, {"b_id": case_id}).one()

    def met(self, case: Row[Any]) -> None:
        """The row of a case that was read together with something of it."""
        self._cases.setdefault(case.id, case)

    def require(self, permission: Permission, subject: Any) -> None:
        """Forbidden unless the rules permit."""
        if self.runtime.rules.permits(self.actor, permission, subject):
            return
        raise Forbidden(
            why=Message(N_("您的岗位没有“{permission}”权限"), {"permission": self.runtime.rules.name_of(permission)})
        )

    def change(self, case_id: int, statement: Executable, parameters: Any = None) -> Any:
        """Execute a statement that changes something of a case; an event must be recorded for the same case."""
        self.case(case_id)
        self._changed.add(case_id)
        return self._told.change(self.connection, case_id, statement, parameters)

    def add(self, case_id: int, statement: Executable, row: Mapping[str, Any]) -> int:
        """`change` by one inserted row; returns its id."""
        return inserted_id(self.change(case_id, statement, row))

    def record(self, event: Event, *, after: int | None = None) -> None:
        """Remember that something happened; it becomes a history entry when the unit of work commits.

        What is done in another's place says so: “由 B 代 A 办理”. `after`: how many events come before it, when what it tells of
        began before others that are recorded already (a process that begins and ends in one step).
        """
        if self.stand_in is not None:
            absent = self.stand_in.absent
            told = {"absence": self.stand_in.absence_id, "id": absent.id, "name": absent.name}
            event = replace(event, content={**event.content, "on_behalf_of": told})
        self._events.insert(len(self._events) if after is None else after, event)

    @property
    def events(self) -> tuple[Event, ...]:
        """What has been recorded so far."""
        return tuple(self._events)

    def recall(self, key: str, request_digest: str) -> Any:
        """The answer given earlier to this actor's request with the same key, or None; KeyReused when it was another request."""
        row = self.connection.execute(_RECALL, {"b_actor": self.actor.id, "b_key": key}).one_or_none()
        if row is None:
            return None
        if row.request_digest != request_digest:
            raise KeyReused
        return row.answer

    def remember(self, key: str, request_digest: str, answer: Any) -> None:
        """Keep the answer, so that the same request never acts twice."""
        row = {
            "actor_id": self.actor.id,
            "key": key,
            "request_digest": request_digest,
            "answer": answer,
            "at": self.now,
        }
        self.connection.execute(_REMEMBER, row)

    def seal(self) -> None:
        """Refuse silent changes and write the history; called once, just before the commit."""
        tell_watched(self)
        by_case: dict[int, list[Event]] = {}
        for event in self._events:
            by_case.setdefault(event.case_id, []).append(event)
        for case_id in self._changed - by_case.keys():
            raise SilentChange(case_id=case_id)
        if self.stand_in is not None:
            self._write_acts(self.stand_in)
        for case_id in sorted(by_case):
            self._write_history(self.case(case_id), self._telling(case_id, by_case[case_id]))

    def _write_acts(self, stand_in: StandIn) -> None:
        plain = {
            "absence_id": stand_in.absence_id,
            "by_id": self.actor.id,
            "for_id": stand_in.absent.id,
            "at": self.now,
        }
        acts = [e for e in self._events if e.task_id is not None and e.kind in ACTED]
        for event in acts:
            row = {**plain, "case_id": event.case_id, "task_id": event.task_id, "kind": str(event.kind)}
            self.change(event.case_id, _ADD_ACT, row)

    def _telling(self, case_id: int, events: list[Event]) -> list[Event]:
        """The events of a case, the last of which tells what became of rows that are told of."""
        rows = self._told.of(self.connection, self.runtime.vault, case_id)
        if not rows:
            return events
        return [*events[:-1], replace(events[-1], content={**events[-1].content, KEY: rows})]

    def _write_history(self, case: Row[Any], events: list[Event]) -> None:
        rows = audit.chain(
            events,
            actor=self.actor,
            post=self.acting_post,
            at=self.now,
            vault=self.runtime.vault,
            last_seq=case.last_seq,
            last_hash=case.last_hash,
        )
        self.connection.execute(_ADD_HISTORY, rows)
        seq, last = rows[-1]["seq"], rows[-1]["hash"]
        head: Mapping[str, Any] = {
            "b_id": case.id,
            "b_seen": case.version,
            "b_next": case.version + 1,
            "b_seq": seq,
            "b_hash": last,
            "b_mac": audit.head_mac(self.runtime.vault, case.id, seq, last),
        }
        if self.connection.execute(_MOVE_HEAD, head).rowcount != 1:
            raise Busy(by="version")


def inserted_id(result: CursorResult[Any] | Written) -> int:
    """The id of the row an INSERT has just written."""
    key = result.inserted_primary_key
    assert key is not None  # noqa: S101 - every table has one
    return int(key[0])


@contextmanager
def unit_of_work(runtime: Runtime, actor: Actor) -> Iterator[UnitOfWork]:
    """Open, run, seal, commit, announce. Busy when another transaction was faster; nothing has happened then.

    Forbidden for a person who holds no post today: whatever a command asks, nothing is hers to do. A transaction that the
    database has refused is never gone on with: the connection is rolled back on the way out, and trying again takes a new unit
    of work.
    """
    if actor.id != SYSTEM.id and not actor.posts:
        raise Forbidden(why=Message(N_("您今天没有有效的岗位")))
    with runtime.database.writing() as connection:
        try:
            follow(runtime.vault, connection, writing=True)
            work = UnitOfWork(runtime, connection, actor)
            yield work
            work.seal()
            connection.commit()
        except DBAPIError as error:
            by = overtaken_by(error)
            if by is None:
                raise
            raise Busy(by=by) from error
    _announce(work.events)


def _announce(events: tuple[Event, ...]) -> None:
    for event in events:
        for receiver in committed.receivers_for(str(event.kind)):
            try:
                receiver(str(event.kind), event=event)
            except Exception:
                log.exception("listener failed: kind=%s case=%s", event.kind, event.case_id)
