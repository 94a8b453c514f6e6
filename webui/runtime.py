"""What a view works with: the running house, the person who asks, her form's key, and one way to act."""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from flask import current_app, g, request
from sqlalchemy import Connection, Row

from engine.access import Actor, Permission
from engine.errors import EngineError
from engine.guard import Guard, Share
from engine.messages import N_
from engine.runtime import Answer, Command, Runtime
from engine.unit_of_work import unit_of_work

_KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")


class NoKey(EngineError):
    """A state-changing request came without the key of the page it was sent from."""

    text = N_("请求缺少提交编号，未作任何更改。请返回原页面，刷新后重试。")


def house() -> Runtime:
    """The runtime this application serves."""
    return cast("Runtime", current_app.extensions["halfsky"])


def me() -> Actor:
    """The person signed in; only views that are not public may ask."""
    return cast("Actor", g.actor)


def now() -> datetime:
    """The house's present instant."""
    return house().clock.now()


@contextmanager
def reading() -> Iterator[Connection]:
    """A connection for queries."""
    with house().reading() as connection:
        yield connection


def new_key() -> str:
    """An idempotency key for one form of one page."""
    return secrets.token_urlsafe(16)


def posted_key() -> str:
    """The idempotency key that came with the request; NoKey when there is none."""
    key = request.form.get("_key", "") or request.headers.get("Idempotency-Key", "")
    if not _KEY.fullmatch(key):
        raise NoKey
    return key


def act(command: Command, *, key: str | None = None, **parameters: Any) -> Answer:
    """Run a command for the person signed in, once per key (the posted one unless another is given)."""
    return house().execute(command, actor=me(), key=key or posted_key(), **parameters)


def note(command: Command, **parameters: Any) -> None:
    """Run a command that only remembers that something was looked at: it has no key, because nothing is done twice by it."""
    with unit_of_work(house(), me()) as work:
        command(work, **parameters)


@dataclass(frozen=True)
class TaskSubject:
    """A task row, its case row, the case's guard and the units it was handed to, as the rules ask about them."""

    task: Row[Any]
    case: Row[Any]
    guard: Guard
    shared_with: Collection[Share]

    def __getattr__(self, name: str) -> Any:
        """The task's column, or the case's where the task has none of that name."""
        return getattr(self.task, name, None) if name in self.task._fields else getattr(self.case, name)


def may_work(task: Row[Any], case: Row[Any], guard: Guard, shared_with: Collection[Share]) -> bool:
    """Whether the person signed in may work on a task of a case."""
    return task.state == "open" and permitted(Permission.WORK_TASK, TaskSubject(task, case, guard, shared_with))


def permitted(permission: Permission, subject: Any = None) -> bool:
    """Whether the person signed in has a permission on a subject."""
    return house().rules.permits(me(), permission, subject)
