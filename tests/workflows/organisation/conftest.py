"""The demo county on either database, for changing who sits where."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.workflows.processes.loan.house import LoanHouse, opened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.databases import Databases, SqliteDatabases


@pytest.fixture
def house(databases: Databases) -> Iterator[LoanHouse]:
    """Monday 15 June 2026, on SQLite and then on PostgreSQL."""
    yield from opened(databases)


@pytest.fixture
def small_house(sqlite_databases: SqliteDatabases) -> Iterator[LoanHouse]:
    """The same on SQLite, for what no database decides."""
    yield from opened(sqlite_databases)
