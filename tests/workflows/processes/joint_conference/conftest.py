"""The demo county on SQLite for the rules of a conference, on both databases where a case is opened from another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.workflows.processes.loan.house import LoanHouse, opened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.databases import Databases, SqliteDatabases


@pytest.fixture
def house(sqlite_databases: SqliteDatabases) -> Iterator[LoanHouse]:
    """The demo county on SQLite, Monday 15 June 2026."""
    yield from opened(sqlite_databases)


@pytest.fixture
def either_house(databases: Databases) -> Iterator[LoanHouse]:
    """The same on SQLite and then on PostgreSQL."""
    yield from opened(databases)
