"""The toy house on both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.engine.toy import ToyHouse

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def house(database_url: str) -> Iterator[ToyHouse]:
    """A wired house, on SQLite and then on PostgreSQL."""
    made = ToyHouse(database_url)
    yield made
    made.close()
