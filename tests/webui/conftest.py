"""The site over the demo county on Monday 15 June 2026, and people who visit it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.webui.visitors import Visitor, compile_english, open_site
from tests.workflows.processes.loan.house import LoanHouse, opened
from workflows import demo_petitions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask

    from tests.databases import SqliteDatabases


@pytest.fixture(scope="session", autouse=True)
def english(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The English catalogue, compiled."""
    compile_english(tmp_path_factory.mktemp("catalogue"))


@pytest.fixture(autouse=True)
def few_petitions(monkeypatch: pytest.MonkeyPatch) -> None:
    """`init --demo` loads one petition of sixty: what the demo holds is `tests/workflows/test_demo.py`'s."""
    monkeypatch.setattr(demo_petitions, "PETITIONS", demo_petitions.PETITIONS[:1])


@pytest.fixture
def house(sqlite_databases: SqliteDatabases) -> Iterator[LoanHouse]:
    """The demo county on SQLite."""
    yield from opened(sqlite_databases)


@pytest.fixture
def site(house: LoanHouse) -> Flask:
    """The application over it."""
    return open_site(house)


@pytest.fixture
def visit(site: Flask) -> Callable[[str], Visitor]:
    """`visit("v1chair")`: a browser in which that person is signed in; `visit("")`: a stranger's."""

    def come(login: str) -> Visitor:
        visitor = Visitor(site)
        return visitor.sign_in(login) if login else visitor

    return come
