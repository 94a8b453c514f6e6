"""A house for mediations: the demo county on SQLite."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.workflows.processes.loan.house import LoanHouse, opened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.databases import SqliteDatabases


@pytest.fixture
def house(sqlite_databases: SqliteDatabases) -> Iterator[LoanHouse]:
    """The demo county, Monday 15 June 2026."""
    yield from opened(sqlite_databases)
