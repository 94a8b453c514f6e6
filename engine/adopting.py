"""Once, after an upgrade: what was written before entries told of rows is told of as it stands, and is vouched for from then on.

Until then verifying reports such rows. Afterwards it cannot be done again: a row that nothing tells of stays a finding for ever.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, select

from engine import audit_log, sharing, told_rows
from engine.access import SYSTEM
from engine.errors import EngineError
from engine.events import Event, Kind
from engine.journal import ADOPTED, journals, watched_since
from engine.messages import N_
from engine.model import case_file, history
from engine.unit_of_work import unit_of_work

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.fields import Vault
    from engine.journal import Journal
    from engine.runtime import Runtime
    from engine.unit_of_work import UnitOfWork

#: rows told of in one entry of a record, cases looked at between two questions for more
_AT_ONCE: Final = 200
_CASES = select(case_file.c.id).order_by(case_file.c.id)


class AlreadyAdopted(EngineError):
    """It has been done, or the installation began with entries that tell of their rows."""

    text = N_("补记只能做一次，已经做过：此后没有任何记录说明的行都是不一致之处，请用 halfsky audit verify 查明。")


def adopt(runtime: Runtime) -> int:
    """Tell of everything nothing tells of yet; returns how many cases were added to. AlreadyAdopted; Busy: ask again."""
    with runtime.reading() as connection:
        later = _refuse_again(connection)
        cases = [] if later else list(connection.execute(_CASES, execution_options={}).scalars())
    added = 0
    for first in range(0, len(cases), _AT_ONCE):
        with unit_of_work(runtime, SYSTEM) as work:
            added += sum(_adopt_case(work, case_id) for case_id in cases[first : first + _AT_ONCE])
    with unit_of_work(runtime, SYSTEM) as work:
        for journal in journals():
            _adopt_rows(work, journal, later)
            if journal.adopt is not None and not later:
                journal.adopt(work)
        close(work, added)
    return added


def close(work: UnitOfWork, cases: int = 0) -> None:
    """Write down that it is done: by `adopt`, and where an installation begins, so that nobody ever can. AlreadyAdopted."""
    _refuse_again(work.connection)
    told = {"cases": cases, "watched": sorted(table.name for table in told_rows.watched())}
    audit_log.JOURNAL.write(work, ADOPTED, told)


def _refuse_again(connection: Connection) -> frozenset[str]:
    """What is left of it after an upgrade: tables that are watched only since; empty when nothing was told of before."""
    if not audit_log.is_closed(connection):
        return frozenset()
    later = {table.name for table in told_rows.watched()} - watched_since(connection)
    if not later:
        raise AlreadyAdopted
    return frozenset(later)


def _adopt_case(work: UnitOfWork, case_id: int) -> bool:
    """Add what no entry of a case tells of; whether there was anything."""
    case, vault = work.case(case_id), work.runtime.vault
    chosen = select(history.c.content_sealed).where(history.c.case_id == case_id).order_by(history.c.seq)
    contents = [vault.open_json(sealed) for sealed in work.connection.execute(chosen).scalars()]
    known = {(table, number) for content in contents for table, number, _ in told_rows.told(content)}
    told: dict[str, Any] = {}
    for table in told_rows.told_of_cases():
        ids = work.connection.execute(select(table.c.id).where(table.c.case_id == case_id)).scalars()
        told |= _digests(work.connection, vault, table, (each for each in ids if (table.name, each) not in known))
    content: dict[str, Any] = {told_rows.KEY: told} if told else {}
    ends = {str(s.unit_id): sharing.told_of(s.until, s.disclosure_id) for s in sharing.shares(work.connection, case_id)}
    untold = ends.keys() - {unit for content in contents for unit in content.get(sharing.SHARES, {})}
    content |= {sharing.SHARES: {unit: ends[unit] for unit in sorted(untold)}} if untold else {}
    if not any("class" in each and "unit" in each for each in contents[:1]):
        content |= {"class": case.confidentiality, "unit": case.unit_id}
    if content:
        work.record(Event(Kind.ROWS_ADOPTED, case_id, content=content))
    return bool(content)


def _digests(connection: Connection, vault: Vault, table: Any, ids: Iterable[int]) -> dict[str, Any]:
    found = told_rows.digests(connection, vault, table, ids)
    return {table.name: found} if found else {}


def _adopt_rows(work: UnitOfWork, journal: Journal, only: frozenset[str]) -> None:
    known = {
        (table, number)
        for entry in journal.rows(work.connection)
        for table, number, _ in told_rows.told(entry["content"])
    }
    for table in (each for each in journal.tells if not only or each.name in only):
        ids = work.connection.execute(select(table.c.id).order_by(table.c.id)).scalars().all()
        missing = [each for each in ids if (table.name, each) not in known]
        for first in range(0, len(missing), _AT_ONCE):
            part = tuple(missing[first : first + _AT_ONCE])
            journal.write(work, ADOPTED, journal.told_of(work, table, part))
