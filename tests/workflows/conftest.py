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
from workflows.federation_rules import FederationRules

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
def vault() -> Vault:
    """Keys of its own."""
    return Vault([Fernet.generate_key()])


@pytest.fixture
def runtime(databases: Databases, clock: FixedClock, vault: Vault) -> Iterator[Runtime]:
    """A house with every table and no process type."""
    url = databases.create(schema.upgrade)
    made = Runtime(Database(url), vault, FederationRules(vault), {}, clock)
    yield made
    made.database.dispose()
    databases.drop(url)


@pytest.fixture(scope="session")
def shared_databases() -> Iterator[dict[str, tuple[Databases, str, Database]]]:
    """One migrated database of each kind for every test that only needs a connection."""
    made: dict[str, tuple[Databases, str, Database]] = {}
    yield made
    for place, url, database in made.values():
        database.dispose()
        place.drop(url)


@pytest.fixture
def connection(
    databases: Databases, shared_databases: dict[str, tuple[Databases, str, Database]]
) -> Iterator[Connection]:
    """A connection to empty tables, in a transaction that is rolled back."""
    kind = type(databases).__name__
    if kind not in shared_databases:
        url = databases.create(schema.upgrade)
        shared_databases[kind] = (databases, url, Database(url))
    with shared_databases[kind][2].writing() as opened:
        yield opened
