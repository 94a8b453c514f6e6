"""The decision tables a matter is judged by: those in force when its application day began, parsed once per version.

The day decides and not the hour, like the policy of the application date: what was valid at 00:00 (Shanghai) of that day
counts for the whole of the matter, however often it is judged and whatever comes into force meanwhile. A day before the first
version gets the first; an installation without any version uses the tables that came with the software.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import TYPE_CHECKING

from engine.clock import SHANGHAI
from engine.decisions import DecisionTable, load_tables
from engine.queries.versions import TABLES, content_of, in_force_id, version_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from engine.process_type import ProcessType

#: parsed files kept; a county has a handful, a test run makes many houses
_KEPT = 64


class TableShelf:
    """Parsed decision tables by the digest of their file, which never changes. Safe for threads: two may parse the same."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int], Mapping[str, DecisionTable]] = {}

    def on(self, connection: Connection, process: ProcessType, day: date) -> Mapping[str, DecisionTable]:
        """The tables of a process type for an application of `day`, by their ids."""
        began = datetime.combine(day, time(), SHANGHAI)
        version_id = in_force_id(connection, TABLES, process.key, began)
        if version_id is None:
            return self._of("", 0, process.shipped_tables())
        version = version_of(connection, TABLES, version_id)
        found = self._known.get((version.digest, version.version))
        return found or self._of(version.digest, version.version, content_of(connection, TABLES, version_id))

    def _of(self, digest: str, version: int, dmn: bytes) -> Mapping[str, DecisionTable]:
        name = digest or str(hash(dmn)), version
        found = self._known.get(name)
        if found is None:
            if len(self._known) >= _KEPT:
                self._known.clear()
            found = self._known[name] = load_tables(dmn, version=version)
        return found
