"""Rows that decide who sees a case, or what went out of it: each is told of by a digest in the entry of the act that wrote it.

A digest is taken over every column of the row, so that nobody can add, change, move, reopen or remove one behind the back of
the house. What is sealed enters as what it says, because it is sealed anew when keys change; what is hashed, by whether it is the
hash of that.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, Insert, Select, Table, Update, bindparam, select

from engine.chains import instant
from engine.columns import TOLD, WATCHED, metadata
from engine.errors import EngineError
from engine.fields import Vault, digest

if TYPE_CHECKING:
    from sqlalchemy.sql import Executable

#: in the content of an entry: {table: {id of the row: its digest}}
KEY: Final = "rows"


@dataclass(frozen=True)
class Written:
    """The rows a statement has written, like the result of one that was not watched."""

    ids: tuple[int, ...]

    @property
    def rowcount(self) -> int:
        """How many."""
        return len(self.ids)

    @property
    def inserted_primary_key(self) -> tuple[int, ...]:
        """The id of the one row that was inserted."""
        return self.ids


def told_of_cases() -> list[Table]:
    """The tables whose rows are told of in the histories of their cases."""
    return [table for table in metadata.sorted_tables if TOLD in table.info]


def watched() -> list[Table]:
    """The tables whose every change is told of in a record, whoever writes to them."""
    return [table for table in metadata.sorted_tables if WATCHED in table.info]


def write(connection: Connection, statement: Insert | Update, parameters: Any) -> Written:
    """Insert or update rows of such a table, and know which. None is ever deleted: TypeError."""
    if not isinstance(statement, Insert | Update):
        raise TypeError(f"rows that are told of stay: {statement}")
    if isinstance(statement, Insert) and isinstance(parameters, Mapping):  # nearly always, and made ready once
        return Written(tuple(connection.execute(statement, parameters).inserted_primary_key or ()))
    told = statement.returning(statement.table.c.id)
    return Written(tuple(connection.execute(told, parameters).scalars()))


def digests(connection: Connection, vault: Vault, table: Table, ids: Iterable[int]) -> dict[str, str]:
    """The digests of some rows as they stand, by id."""
    found = connection.execute(_chosen(table), {"b_ids": sorted(ids)}).mappings()
    return {str(row["id"]): row_digest(vault, table, row) for row in found}


@cache
def _chosen(table: Table) -> Select[Any]:
    return select(table).where(table.c.id.in_(bindparam("b_ids", expanding=True))).order_by(table.c.id)


def row_digest(vault: Vault, table: Table, row: Mapping[Any, Any]) -> str:
    """SHA-256 (hex) over a row without what is NULL in it, so that a table may get columns later; "" when it does not open."""
    try:
        untold = table.info.get(WATCHED, ())
        told = {name: _plain(vault, value) for name, value in row.items() if value is not None and name not in untold}
        for name, is_hash in _HASHED.get(table.name, {}).items():
            told[name] = is_hash(vault, row)
    except EngineError:
        return ""
    return digest(told)


def _plain(vault: Vault, value: Any) -> Any:
    if isinstance(value, bytes):
        return hashlib.sha256(vault.open(value)).hexdigest()
    if isinstance(value, datetime):
        return instant(value)
    return value.isoformat() if isinstance(value, date) else value


def _is_excluded(vault: Vault, row: Mapping[Any, Any]) -> bool:
    who = vault.open_json(row["who_sealed"])
    named = f"account:{who['account']}" if "account" in who else f"unit:{who['unit']}"
    return row["token"] in vault.lookups("exclusion", named)


#: keyed hashes, which change with the keys: table → column → whether it is the hash of what the row says
_HASHED: Final[Mapping[str, Mapping[str, Callable[[Vault, Mapping[Any, Any]], bool]]]] = {
    "case_exclusion": {"token": _is_excluded}
}


class ToldRows:
    """What one transaction has written of such rows, by case."""

    def __init__(self) -> None:
        self._written: dict[int, dict[Table, set[int]]] = {}

    def change(self, connection: Connection, case_id: int, statement: Executable, parameters: Any) -> Any:
        """Execute a statement, and remember which rows it wrote if they are told of."""
        table = getattr(statement, "table", None)
        if not isinstance(table, Table) or TOLD not in table.info:
            return connection.execute(statement, parameters)
        written = write(connection, statement, parameters)  # type: ignore[arg-type]
        self._written.setdefault(case_id, {}).setdefault(table, set()).update(written.ids)
        return written

    def of(self, connection: Connection, vault: Vault, case_id: int) -> dict[str, dict[str, str]]:
        """What is to be told of a case: {table: {id: digest}}, of the rows as they stand now."""
        written = self._written.get(case_id, {})
        return {table.name: digests(connection, vault, table, ids) for table, ids in written.items() if ids}


def told(content: Mapping[str, Any]) -> Iterator[tuple[str, int, str]]:
    """What an entry says of such rows: (table, id, digest)."""
    for table, rows in content.get(KEY, {}).items():
        yield from ((table, int(number), said) for number, said in rows.items())
