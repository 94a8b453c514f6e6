"""The county of the scenarios, on both databases; after every scenario the whole history must be genuine."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import pytest

from tests.scenarios.county import County, prepare
from tests.workflows.processes.petition.house import PetitionHouse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.databases import Databases, SqliteDatabases


C = TypeVar("C", bound=County)


def _opened(databases: Databases, kind: type[C]) -> Iterator[C]:
    url = databases.create(prepare)
    county = kind(url)
    yield county
    genuine = county.is_genuine()
    county.close()
    databases.drop(url)
    assert genuine


@pytest.fixture
def county(databases: Databases) -> Iterator[County]:
    """The county on SQLite and then on PostgreSQL: for the scenarios themselves."""
    yield from _opened(databases, County)


@pytest.fixture
def desk(sqlite_databases: SqliteDatabases) -> Iterator[County]:
    """The county on SQLite: for tables of boundary cases of the same rules."""
    yield from _opened(sqlite_databases, County)


@pytest.fixture
def rights(databases: Databases) -> Iterator[PetitionHouse]:
    """The same county at work on petitions, on SQLite and then on PostgreSQL."""
    yield from _opened(databases, PetitionHouse)


@pytest.fixture
def rights_desk(sqlite_databases: SqliteDatabases) -> Iterator[PetitionHouse]:
    """The same on SQLite: for boundary cases of the same rules."""
    yield from _opened(sqlite_databases, PetitionHouse)
