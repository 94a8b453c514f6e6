"""What a run makes once and every test uses: thousands of houses are opened, and what they work out alike is worked out once.

Nothing here changes what is done, only how often: a drawing, a statement, a template or an address that has been read before is
not read again because the house that asks is another one, and paper whose every word is the same is not drawn again. A single thing is made cheaper than it is in use: the hash of a password.
"""

from __future__ import annotations

import hashlib
import pickle
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import pytest
from argon2 import PasswordHasher
from jinja2.bccache import BytecodeCache
from sqlalchemy import create_engine
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

from engine import database, table_shelf
from engine.dossier import render
from engine.flow import definition
from engine.prepared import Statements
from webui.app import House
from workflows import passwords

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from jinja2.bccache import Bucket
    from sqlalchemy import Dialect, Engine

    from engine.dossier.compose import Layout

#: the hasher in use, for tests of what it costs
DEAR = passwords._hasher
#: draws whatever has been drawn before, for tests of what may differ from print to print
DRAWN_AGAIN = render._pdf
#: argon2's parameters for all others: the least it takes
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def pytest_configure(config: pytest.Config) -> None:
    """Before the first test is imported, until the process ends its run."""
    patch = pytest.MonkeyPatch()
    config.add_cleanup(patch.undo)
    make_once(patch)


def make_once(patch: pytest.MonkeyPatch) -> None:
    """Until `patch` is undone."""
    _statements(patch)
    _addresses(patch)
    _paper(patch)
    patch.setattr(definition, "parse", lru_cache(maxsize=256)(definition.parse))
    patch.setattr(table_shelf, "load_tables", lru_cache(maxsize=256)(table_shelf.load_tables))
    patch.setattr(House, "jinja_options", {"bytecode_cache": Templates()})
    patch.setattr(passwords, "_hasher", QUICK)


def _paper(patch: pytest.MonkeyPatch) -> None:
    """Whatever a file is drawn from stands in the key."""
    drawn = LRUCache[bytes, bytes](64)

    def once(layout: Layout, printed_at: datetime, attached: Mapping[str, bytes]) -> bytes:
        frames = tuple((each.paper.id, each.pages, each.pdf) for each in layout.frames)
        drawn_from = (layout.html, dict(layout.images), frames, printed_at, dict(attached))
        key = hashlib.sha256(pickle.dumps(drawn_from)).digest()
        if key not in drawn:
            drawn[key] = DRAWN_AGAIN(layout, printed_at, attached)
        return drawn[key]

    patch.setattr(render, "_pdf", once)


class Templates(BytecodeCache):
    """Compiled templates of the web pages."""

    def __init__(self) -> None:
        self._known: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._known:
            bucket.bytecode_from_string(self._known[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._known[bucket.key] = bucket.bytecode_to_string()


def _statements(patch: pytest.MonkeyPatch) -> None:
    """Compiled for each kind of database: two dialects of one class write the same text."""
    ready: dict[str, Statements] = {}
    compiled = LRUCache[Any, Any](5_000)

    def prepared(dialect: Dialect) -> Statements:
        return ready.setdefault(dialect.name, Statements(dialect))

    def engine(url: Any, **options: Any) -> Engine:
        return create_engine(url, execution_options={"compiled_cache": compiled}, **options)

    patch.setattr(database, "Statements", prepared)
    patch.setattr(database, "create_engine", engine)
    patch.setattr(DefaultDialect, "__hash__", lambda self: hash(type(self)))
    patch.setattr(DefaultDialect, "__eq__", lambda self, other: type(self) is type(other))


def _addresses(patch: pytest.MonkeyPatch) -> None:
    """Werkzeug compiles two functions for each address of each application; they depend on the address alone."""
    build, built = Rule._compile_builder, {}

    def once(rule: Rule, append_unknown: bool = True) -> Any:
        key = (rule.rule, repr(rule._trace), repr(rule.defaults), append_unknown)
        if key not in built:
            built[key] = build(rule, append_unknown)
        return built[key]

    patch.setattr(Rule, "_compile_builder", once)
