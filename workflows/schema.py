"""The database's tables and their history: bring a database to the newest revision, or tell at which one it is.

Every process type may declare tables of its own in `workflows/processes/<key>/register.py`; they are part of the one history
in `workflows/migrations/versions`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any, Final

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, event

from engine import (
    columns,
    model_absence,
    model_audit,
    model_clocks,
    model_collaboration,
    model_contact,
    model_disclosure,
    model_escalation,
    model_filed,
    model_jobs,
    model_keys,
    model_links,
    model_lists,
    model_migration,
    model_search,
    model_teams,
    model_versions,
    model_waiting,
)
from engine.database import Database
from workflows import (
    catalogue,
    model,
    model_conflict,
    model_engagement,
    model_glass,
    model_grants,
    model_organisation,
    model_reception,
    model_sign_in,
    model_succession,
)

_MIGRATIONS = Path(__file__).parent / "migrations"
#: importing a module declares its tables; the registers of the process types come with the catalogue
DECLARED: Final = (
    model,
    model_conflict,
    model_organisation,
    model_reception,
    model_sign_in,
    model_engagement,
    model_glass,
    model_grants,
    model_succession,
    model_contact,
    model_disclosure,
    model_filed,
    model_escalation,
    model_lists,
    model_clocks,
    model_absence,
    model_audit,
    model_jobs,
    model_collaboration,
    model_search,
    model_versions,
    model_migration,
    model_keys,
    model_links,
    model_teams,
    model_waiting,
)


def metadata() -> MetaData:
    """Every table of the house: the engine's, the organisation's, and the registers of all process types."""
    catalogue.registers()
    return columns.metadata


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the database at `url` to a revision, in one transaction: all of it or nothing. It may be run by two at once."""
    with _connected(url) as connection:
        command.upgrade(_config(connection), revision)


def downgrade(url: str, revision: str) -> None:
    """Take the database back to a revision ("base": no tables)."""
    with _connected(url) as connection:
        command.downgrade(_config(connection), revision)


def current(url: str) -> str | None:
    """The revision a database is at; None when it is empty."""
    with _connected(url) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest() -> str:
    """The newest revision there is."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    if head is None:
        raise FileNotFoundError(_MIGRATIONS / "versions")
    return head


def differences(url: str) -> list[object]:
    """What the tables of a database lack or have too much, compared with the code; empty when they agree."""
    with _connected(url) as connection:
        return list(compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata()))


def draft_revision(url: str, revision: str, purpose: str) -> Path:
    """Write a revision that brings the newest tables at `url` to those of the code; to be read and finished by hand.

    `revision` is date and number ("20261121_0002"), `purpose` a few words. Returns the new file.
    """
    with _connected(url) as connection:
        config = _config(connection)
        command.revision(config, message=purpose, autogenerate=True, rev_id=revision)
        script = ScriptDirectory.from_config(config).get_revision(revision)
    return Path(script.path)


def _config(connection: Connection | None = None) -> Config:
    config = Config(stdout=StringIO())
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["connection"] = connection
    return config


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    database = Database(url, pool_size=1)
    if database.is_sqlite:
        event.listen(database.engine, "connect", _let_tables_be_rebuilt)
    try:
        with database.writing() as connection:
            yield connection
    finally:
        database.dispose()


def _let_tables_be_rebuilt(connection: Any, _record: object) -> None:
    """SQLite changes a table by copying and dropping it, which foreign keys would forbid; env.py checks them at the end."""
    connection.execute("PRAGMA foreign_keys=OFF")
