"""What every table is made of: ids, instants, and the one catalogue of tables."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import JSON, BigInteger, Column, DateTime, Dialect, Integer, MetaData, String, Table, TypeDecorator

#: later than any due date
END_OF_TIME = datetime(9999, 12, 31, tzinfo=UTC)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

#: in `info` of a table that is a log: the columns that never change, which anchors close off (`engine.sealed_logs`)
SEALED: Final = "sealed"
#: … the column that is NULL in rows which do not belong to the log
OWNER: Final = "owner"
#: … after how many days its rows are let go of, by an anchor that says so; without it they are kept for ever
DAYS: Final = "days"

#: in `info` of a table whose rows decide who sees a case, or what went out of it: what a row is called. The history of the case
#: tells of every such row (`engine.told_rows`)
TOLD: Final = "told"
#: in `info` of a table whose every change a record tells of (`engine.journal`), by itself: the columns that are no part of that
WATCHED: Final = "watched"

#: 64-bit everywhere; SQLite only numbers rows by itself in a column it calls INTEGER.
Id = BigInteger().with_variant(Integer, "sqlite")


class Instant(TypeDecorator[datetime]):
    """A timezone-aware instant, kept in UTC on both databases; naive values are refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """To UTC; SQLite stores it without the offset."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime")
        moved = value.astimezone(UTC)
        return moved.replace(tzinfo=None) if dialect.name == "sqlite" else moved

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Back to an aware UTC instant."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def journal_table(name: str, longest_act: int) -> Table:
    """Declare the table of a chained record (`engine.journal`): only ever added to. `content` is JSON: ids, codes, digests."""
    return Table(
        name,
        metadata,
        Column("id", Id, primary_key=True),
        Column("seq", Integer, nullable=False, unique=True),
        Column("at", Instant, nullable=False),
        Column("actor_id", Id, nullable=False),
        Column("act", String(longest_act), nullable=False),
        Column("content", JSON, nullable=False),
        Column("previous", String(64), nullable=False),
        Column("hash", String(64), nullable=False),
        Column("mac", String(64), nullable=False),
    )
