"""A migrated house without process types, on both databases; and a connection in it whose changes are forgotten."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pytest
from cryptography.fernet import Fernet

from engine.clock import SHANGHAI, FixedClock
from engine.database import Database
from engine.fields import Vault
from engine.runtime import Runtime
from workflows import schema
from workflows.rules import FederationRules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from tests.databases import Databases

APPLICATION_DATE = datetime(2026, 6, 15, 9, tzinfo=SHANGHAI)


@pytest.fixture
def clock() -> FixedClock:
    """Monday 15 June 2026, nine o'clock (scenarios.md, Fixtures)."""
    return FixedClock(APPLICATION_DATE)


@pytest.fixture
def runtime(databases: Databases, clock: FixedClock) -> Iterator[Runtime]:
    """A house with every table and no process type."""
    url = databases.create(schema.upgrade)
    made = Runtime(Database(url), Vault([Fernet.generate_key()]), FederationRules(), {}, clock)
    yield made
    made.database.dispose()
    databases.drop(url)


@pytest.fixture
def connection(runtime: Runtime) -> Iterator[Connection]:
    """A connection in a transaction that is rolled back."""
    with runtime.database.writing() as opened:
        yield opened
