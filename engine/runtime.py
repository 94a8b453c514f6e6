"""The parts of a running house, wired once: database, keys, clock, rules, process types, parsed drawings."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select

from engine.access import AccessRules, Actor
from engine.clock import Clock, SystemClock
from engine.commands.signing import Reauthentication
from engine.database import YIELDED, Database
from engine.errors import Busy, EngineError, Forbidden, NotFound, TaskNotReady
from engine.events import Event, Kind
from engine.fields import Vault, digest
from engine.flow.definition import DefinitionCache
from engine.key_uses import follow
from engine.model import definition, read_log
from engine.process_type import ProcessType
from engine.queries.migration import Routes
from engine.restaffing import rescreen
from engine.supervision import PlainSupervision, Supervision
from engine.table_shelf import TableShelf
from engine.unit_of_work import UnitOfWork, unit_of_work

log = logging.getLogger("halfsky")

#: seconds before trying again when the other transaction has not committed yet; read earlier, its rows would be stale again
_UNTIL_THE_OTHER_IS_DONE = 0.05

Command = Callable[..., Mapping[str, Any]]

_TRIED = insert(read_log)
_LOAD_DEFINITION = select(definition.c.key, definition.c.bpmn).where(definition.c.id == bindparam("b_id"))


@dataclass(frozen=True)
class Answer:
    """What a command returned; `replayed` when the same request had been answered before."""

    content: Mapping[str, Any]
    replayed: bool = False


@dataclass
class Runtime:
    """Everything a command or query needs besides its own parameters."""

    database: Database
    vault: Vault
    rules: AccessRules
    catalogue: Mapping[str, ProcessType]
    clock: Clock = field(default_factory=SystemClock)
    supervision: Supervision = field(default_factory=PlainSupervision)
    #: what the organisation looks after by itself from time to time
    chores: tuple[Callable[[Runtime], object], ...] = ()

    def __post_init__(self) -> None:
        self.definitions = DefinitionCache(self._load_definition)
        self.tables = TableShelf()
        self.routes = Routes()

    def _load_definition(self, definition_id: int) -> tuple[str, bytes]:
        with self.database.reading() as connection:
            row = connection.execute(_LOAD_DEFINITION, {"b_id": definition_id}).one()
        return row.key, bytes(row.bpmn)

    def execute(self, command: Command, *, actor: Actor, key: str, **parameters: Any) -> Answer:
        """Run a command in a unit of work of its own, at most once per (actor, key); tried again once when overtaken.

        `key` is the caller's idempotency key: the same request again gets the same answer. What makes it the same is the
        command and its parameters, except the proof of a signature, which is another one each time the password is typed. A
        refusal is not remembered: the corrected form may come under the same key. Raises what the command raises, KeyReused,
        or Busy when others were faster twice; that is logged, because a defect can look like it (`database.overtaken_by`).
        """
        asked = digest([command.__name__, _plain(parameters)])
        try:
            return self._attempt(command, actor, key, asked, parameters)
        except Busy as first:
            log.info("overtaken: command=%s by=%s", command.__name__, first.params["by"])
            if first.params["by"] in YIELDED:
                time.sleep(_UNTIL_THE_OTHER_IS_DONE)
        try:
            return self._attempt(command, actor, key, asked, parameters)
        except Busy as second:
            log.warning("overtaken twice: command=%s by=%s", command.__name__, second.params["by"])
            raise

    def _attempt(self, command: Command, actor: Actor, key: str, asked: str, parameters: Mapping[str, Any]) -> Answer:
        work: UnitOfWork | None = None
        try:
            with unit_of_work(self, actor) as work:
                earlier = work.recall(key, asked)
                if earlier is not None:
                    return Answer(earlier, replayed=True)
                content = dict(command(work, **parameters))
                work.remember(key, asked, content)
            rescreen(self, work.rescreen)
            return Answer(content)
        except (Forbidden, NotFound, TaskNotReady) as refusal:
            if work is not None:
                self._record_attempt(work, command, refusal)
            raise

    def _record_attempt(self, refused: UnitOfWork, command: Command, refusal: EngineError) -> None:
        """What somebody was not allowed to do belongs into the file; it is written in a unit of work of its own.

        Who was told that there is nothing leaves no entry in the history: she could make it grow, and a case that is not there
        has none. It is kept in the read log, for the one as for the other.
        """
        if isinstance(refusal, NotFound):
            with unit_of_work(self, refused.actor) as work:
                work.connection.execute(_TRIED, tried(refused, command.__name__))
            return
        if refused.about is None:
            return
        content = {"command": command.__name__, "refusal": type(refusal).__name__}
        with unit_of_work(self, refused.actor) as work:
            work.acting_post = refused.acting_post
            work.record(Event(Kind.ATTEMPT_REFUSED, refused.about, content=content))

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for queries."""
        with self.database.reading() as connection:
            follow(self.vault, connection, writing=False)
            yield connection


def tried(refused: UnitOfWork, command: str) -> dict[str, Any]:
    """The row of the read log that says that somebody tried what she was told is not there; case 0 when it is none."""
    what = f"refused:{command}"[:40]
    return {"at": refused.now, "actor_id": refused.actor.id, "case_id": refused.about or 0, "what": what}


def _plain(value: Any) -> Any:
    """A parameter as JSON data that tells it from every other; TypeError for a kind of thing that cannot be told apart."""
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items() if not isinstance(v, Reauthentication)}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, bytes):
        return {"bytes": hashlib.sha256(value).hexdigest()}
    if isinstance(value, date | Decimal | float):
        return {type(value).__name__: str(value)}
    if value is None or isinstance(value, str | int):
        return value
    raise TypeError(type(value).__name__)


__all__ = ["Answer", "Busy", "Command", "Runtime", "UnitOfWork"]
