"""The petition's house: on SQLite for rules, on both databases for the scenarios."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.scenarios.county import prepare
from tests.workflows.processes.petition.house import PetitionHouse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.databases import Databases, SqliteDatabases


def _opened(databases: Databases) -> Iterator[PetitionHouse]:
    url = databases.create(prepare)
    house = PetitionHouse(url)
    yield house
    genuine = house.is_genuine()
    house.runtime.database.dispose()
    databases.drop(url)
    assert genuine


@pytest.fixture
def house(sqlite_databases: SqliteDatabases) -> Iterator[PetitionHouse]:
    """The demo county by CALFIX on SQLite, Monday 15 June 2026."""
    yield from _opened(sqlite_databases)


@pytest.fixture
def either_house(databases: Databases) -> Iterator[PetitionHouse]:
    """The same on SQLite and then on PostgreSQL."""
    yield from _opened(databases)
