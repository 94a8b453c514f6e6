"""What holds for every test: loopback only, no settings from outside, either database, and no silent skip in CI."""

from __future__ import annotations

import gc
import itertools
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

from tests.databases import PostgresDatabases, SqliteDatabases
from tests.postgres import CannotStart, Server, new_run

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from tests.databases import Databases

RUN_FOLDER = "HALFSKY_TEST_RUN"  # the folder that the workers of one run share
_ENDED = itertools.count(1)
NEEDS_A_SERVICE = ("browser", "postgresql")
WAITING = ("browser", "faults", "engine/jobs")

hypothesis.settings.register_profile("halfsky", deadline=None, print_blob=True)
hypothesis.settings.load_profile("halfsky")


def pytest_configure(config: pytest.Config) -> None:
    """Forget the developer's own installation, and make the folder that this run's workers share."""
    for name in [
        n
        for n in os.environ
        if n.startswith("HALFSKY_") and not n.startswith(("HALFSKY_TEST_", "HALFSKY_CHROMIUM", "HALFSKY_LONG"))
    ]:
        del os.environ[name]
    if not hasattr(config, "workerinput"):
        os.environ[RUN_FOLDER] = str(new_run())
    if hasattr(config, "workerinput") or not config.getoption("numprocesses", None):  # a process that runs tests itself
        config.pluginmanager.import_plugin("tests.made_once")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What spends its time waiting for other processes comes first, so that nobody waits for it alone at the end."""
    here = Path(__file__).parent
    items.sort(key=lambda item: not any(item.path.is_relative_to(here / folder) for folder in WAITING))


def pytest_collection_finish() -> None:
    """Leave what has been imported and collected out of the search for unreachable rings: it stays until the end."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown() -> None:
    """Let go of houses that have been closed: so rare a search as above leaves hundreds of them in memory.

    What is still there is left out by whatever searches come in between; here it is looked at again, for a house that a test
    held when it was left out would never be let go.
    """
    if next(_ENDED) % 600 == 0:
        gc.unfreeze()
        gc.collect()
        gc.freeze()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the PostgreSQL server of this run, if a test started one, and remove the shared folder."""
    if not hasattr(config, "workerinput") and RUN_FOLDER in os.environ:
        folder = Path(os.environ.pop(RUN_FOLDER))
        Server(folder).stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI a test that needs a browser or PostgreSQL may not be skipped: the machine is wrong, and must be seen to be."""
    report = yield
    if (
        report.skipped
        and os.environ.get("CI") == "true"
        and any(item.get_closest_marker(name) for name in NEEDS_A_SERVICE)
    ):
        report.outcome = "failed"
        report.longrepr = f"may not be skipped in CI: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def worker_folder() -> Path:
    """A folder of this worker within the run's: in memory where that is possible."""
    return Path(tempfile.mkdtemp(prefix="worker-", dir=os.environ[RUN_FOLDER]))


@pytest.fixture(scope="session")
def postgresql_url() -> str:
    """The URL of a PostgreSQL server in which databases may be created: HALFSKY_TEST_PG_URL, or one started for this run."""
    if given := os.environ.get("HALFSKY_TEST_PG_URL"):
        return given
    try:
        return Server(Path(os.environ[RUN_FOLDER])).ensure_started()
    except (CannotStart, OSError) as error:
        pytest.skip(f"PostgreSQL cannot be started here: {error}")


@pytest.fixture(scope="session")
def sqlite_databases(worker_folder: Path) -> SqliteDatabases:
    """SQLite databases in a folder of this worker."""
    return SqliteDatabases(worker_folder)


@pytest.fixture(scope="session")
def postgresql_databases(postgresql_url: str) -> Iterator[PostgresDatabases]:
    """PostgreSQL databases; their templates go when the worker ends."""
    databases = PostgresDatabases(postgresql_url)
    yield databases
    databases.drop_templates()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def databases(request: pytest.FixtureRequest) -> Databases:
    """Where a test makes its databases; a test that asks for this runs once on each kind."""
    chosen: Databases = request.getfixturevalue(f"{request.param}_databases")
    return chosen


@pytest.fixture
def database_url(databases: Databases) -> Iterator[str]:
    """The URL of an empty database of its own, SQLite and then PostgreSQL."""
    url = databases.create()
    yield url
    databases.drop(url)
