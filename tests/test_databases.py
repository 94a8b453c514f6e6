"""The tests' own databases: each test has one to itself, on both kinds, and nothing reaches beyond this machine."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest
import pytest_socket
from sqlalchemy import create_engine, text

if TYPE_CHECKING:
    from tests.databases import Databases

prepared: list[str] = []


def prepare(url: str) -> None:
    """Put one table with one row into the database of `url`."""
    prepared.append(url)
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE village (name TEXT)"))
        connection.execute(text("INSERT INTO village VALUES ('石桥村')"))
    engine.dispose()


def villages(url: str) -> list[str]:
    """The names in the table of `url`."""
    engine = create_engine(url)
    with engine.connect() as connection:
        found = list(connection.execute(text("SELECT name FROM village")).scalars())
    engine.dispose()
    return found


def add_village(url: str, name: str) -> None:
    """One more row."""
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO village VALUES (:name)"), {"name": name})
    engine.dispose()


def test_an_empty_database_accepts_a_table(database_url: str) -> None:
    prepare(database_url)
    assert villages(database_url) == ["石桥村"]


def test_a_prepared_database_is_a_copy_and_what_one_test_writes_no_other_sees(databases: Databases) -> None:
    first = databases.create(prepare)
    add_village(first, "清溪村")
    runs = len(prepared)
    second = databases.create(prepare)
    assert villages(first) == ["石桥村", "清溪村"]
    assert villages(second) == ["石桥村"]
    assert len(prepared) == runs, "a template is prepared once"
    databases.drop(first)
    databases.drop(second)


@pytest.mark.filterwarnings("ignore:A test tried to use socket.socket.connect")
def test_a_socket_to_another_machine_is_refused() -> None:
    with socket.socket() as outward, pytest.raises(pytest_socket.SocketConnectBlockedError):
        outward.connect(("192.0.2.1", 80))
