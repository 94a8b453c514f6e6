"""How Alembic runs our revisions: on the connection it was given (`workflows.schema`), in one transaction, on either database.

Two processes may start at the same moment: SQLite lets one writer in at a time, and PostgreSQL is asked for a lock.
"""

from __future__ import annotations

from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection, text

from engine.columns import Id, Instant
from workflows.schema import metadata

#: any number, but always the same: whoever migrates this house waits for it
_LOCK = 0x48414C46


class BrokenReferences(Exception):
    """A revision left rows that refer to nothing (SQLite: table, row, table referred to, key); it is rolled back."""


def written(kind: str, item: object, _context: AutogenContext) -> str | Literal[False]:
    """A new revision spells our column types out, so that it never changes when the code does."""
    if kind == "type" and isinstance(item, Instant):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and item is Id:
        return 'sa.BigInteger().with_variant(sa.Integer(), "sqlite")'
    return False


def run(connection: Connection) -> None:
    """Run what `alembic.command` asked for."""
    context.configure(
        connection=connection,
        target_metadata=metadata(),
        transactional_ddl=True,
        compare_type=True,
        render_as_batch=connection.dialect.name == "sqlite",
        render_item=written,
    )
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
        context.run_migrations()
        if connection.dialect.name == "sqlite":
            broken = connection.execute(text("PRAGMA foreign_key_check")).all()
            if broken:
                raise BrokenReferences(str(broken[:10]))


run(context.config.attributes["connection"])
