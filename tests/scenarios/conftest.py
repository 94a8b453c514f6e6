"""The county of the scenarios, on both databases; after every scenario the whole history must be genuine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.scenarios.county import County, prepare

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.databases import Databases, SqliteDatabases


def _opened(databases: Databases) -> Iterator[County]:
    url = databases.create(prepare)
    county = County(url)
    yield county
    genuine = county.is_genuine()
    county.close()
    databases.drop(url)
    assert genuine


@pytest.fixture
def county(databases: Databases) -> Iterator[County]:
    """The county on SQLite and then on PostgreSQL: for the scenarios themselves."""
    yield from _opened(databases)


@pytest.fixture
def desk(sqlite_databases: SqliteDatabases) -> Iterator[County]:
    """The county on SQLite: for tables of boundary cases of the same rules."""
    yield from _opened(sqlite_databases)
