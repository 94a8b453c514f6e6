"""Offices on both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.engine.toy import tables
from tests.engine.verbs.office import OfficeHouse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.databases import SqliteDatabases


@pytest.fixture
def office(tables_url: str) -> Iterator[Callable[[str], OfficeHouse]]:
    """Open an office for a drawing by name."""
    opened: list[OfficeHouse] = []

    def make(name: str) -> OfficeHouse:
        opened.append(OfficeHouse(tables_url, name))
        return opened[-1]

    yield make
    for house in opened:
        house.close()


@pytest.fixture
def small(sqlite_databases: SqliteDatabases) -> Iterator[Callable[[str], OfficeHouse]]:
    """The same on SQLite alone, for what the databases do not decide."""
    opened: list[tuple[OfficeHouse, str]] = []

    def make(name: str) -> OfficeHouse:
        url = sqlite_databases.create(tables)
        opened.append((OfficeHouse(url, name), url))
        return opened[-1][0]

    yield make
    for house, url in opened:
        house.close()
        sqlite_databases.drop(url)
