"""The parts of a running house, wired once: database, keys, clock, rules, process types, parsed drawings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, bindparam, select

from engine.access import AccessRules, Actor
from engine.clock import Clock, SystemClock
from engine.database import Database
from engine.errors import EngineError, Forbidden, TaskNotReady
from engine.events import Event, Kind
from engine.fields import Vault, digest
from engine.flow.definition import DefinitionCache
from engine.messages import N_
from engine.model import definition
from engine.process_type import ProcessType
from engine.unit_of_work import Conflict, UnitOfWork, unit_of_work

Command = Callable[..., Mapping[str, Any]]

_LOAD_DEFINITION = select(definition.c.key, definition.c.bpmn).where(definition.c.id == bindparam("b_id"))


class Busy(EngineError):
    """Two attempts in a row met other commands on the same case."""

    text = N_("此件正被他人同时办理，请稍候再试；您填写的内容已保留。")


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

    def __post_init__(self) -> None:
        self.definitions = DefinitionCache(self._load_definition)

    def _load_definition(self, definition_id: int) -> tuple[str, bytes]:
        with self.database.reading() as connection:
            row = connection.execute(_LOAD_DEFINITION, {"b_id": definition_id}).one()
        return row.key, bytes(row.bpmn)

    def execute(self, command: Command, *, actor: Actor, key: str, **parameters: Any) -> Answer:
        """Run a command in a unit of work of its own, at most once per (actor, key); tried again once on a conflict.

        `key` is the caller's idempotency key. Parameters that are not JSON are described by their `repr` in the request digest.
        """
        asked = digest([command.__name__, _plain(parameters)])
        for attempt in (1, 2):
            try:
                with unit_of_work(self, actor) as work:
                    earlier = work.recall(key, asked)
                    if earlier is not None:
                        return Answer(earlier, replayed=True)
                    content = dict(command(work, **parameters))
                    work.remember(key, asked, content)
                return Answer(content)
            except (Forbidden, TaskNotReady) as refusal:
                self._record_attempt(work, command, refusal)
                raise
            except Conflict as conflict:
                if attempt == 2:
                    raise Busy from conflict
        raise AssertionError("unreachable")

    def _record_attempt(self, refused: UnitOfWork, command: Command, refusal: EngineError) -> None:
        """What somebody was not allowed to do belongs into the file; it is written in a unit of work of its own."""
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
            yield connection


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return value if isinstance(value, str | int | bool | None) else repr(value)


__all__ = ["Answer", "Busy", "Command", "Runtime", "UnitOfWork"]
