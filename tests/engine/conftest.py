"""The toy house on both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.engine.anchored import Told, keep_a_log
from tests.engine.toy import ToyHouse, published, tables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.databases import Databases


@pytest.fixture
def tables_url(databases: Databases) -> Iterator[str]:
    """The URL of a database with every table and nothing in them, SQLite and then PostgreSQL."""
    url = databases.create(tables)
    yield url
    databases.drop(url)


@pytest.fixture
def house(databases: Databases) -> Iterator[ToyHouse]:
    """A wired house, on SQLite and then on PostgreSQL."""
    url = databases.create(published)
    made = ToyHouse(url)
    yield made
    made.close()
    databases.drop(url)


@pytest.fixture
def told(house: ToyHouse) -> Told:
    """A house with a log, three anchors over it, and an older copy of everything."""
    return keep_a_log(house)
