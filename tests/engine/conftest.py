"""The toy house on both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.engine.anchored import Told, keep_a_log
from tests.engine.toy import ToyHouse

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def house(database_url: str) -> Iterator[ToyHouse]:
    """A wired house, on SQLite and then on PostgreSQL."""
    made = ToyHouse(database_url)
    yield made
    made.close()


@pytest.fixture
def told(house: ToyHouse) -> Told:
    """A house with a log, three anchors over it, and an older copy of everything."""
    return keep_a_log(house)
