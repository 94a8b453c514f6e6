"""档案目录: what the archivist sees of closed dossiers (D1): where they stand and how long they are kept, never what is in them.

Of a confidential dossier there is a line without its own number, kind and unit, because in a village one of these may name the
person; a sealed one (C4) has none, and nobody sees a line of what she is kept from.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, and_, or_, select

from engine.access import CONFIDENTIAL, Actor, Permission
from engine.clock import civil_date
from engine.commands.discarding import DISCARDED
from engine.dossier.redaction import number_shown
from engine.model import case_file
from engine.queries.inbox import Cursor
from workflows.retention import Term, term_of
from workflows.rules import RULES

if TYPE_CHECKING:
    from engine.runtime import Runtime

PAGE: Final = 50


@dataclass(frozen=True)
class Dossier:
    """One line. Of a confidential one `number` is that of its redacted prints; `kind`, `outcome`, `unit_id` are empty (None)."""

    id: int
    confidentiality: str
    opened_on: date
    ended_on: date
    term: Term
    number: str
    kind: str = ""
    outcome: str | None = None
    unit_id: int | None = None


@dataclass(frozen=True)
class Shelf:
    """One page of lines, and where the next one begins when there is one."""

    rows: tuple[Dossier, ...]
    next: Cursor | None


def keeps(actor: Actor) -> bool:
    """Whether somebody holds a post that keeps an archive."""
    return any(c.post is not None and actor.holds(c.post) for clause in RULES[Permission.SEE_ARCHIVE] for c in clause)


def closed(
    runtime: Runtime, connection: Connection, actor: Actor, *, today: date, after: Cursor | None = None
) -> Shelf:
    """Closed dossiers of the units she keeps the archive of, the newest first. Entries never submitted leave none."""
    c = case_file.c
    chosen = (
        select(c.id, c.number, c.kind, c.unit_id, c.confidentiality, c.created_at, c.ended_at, c.outcome)
        .where(runtime.rules.cases_with(Permission.SEE_ARCHIVE, actor), c.outcome.is_distinct_from(DISCARDED))
        .order_by(c.ended_at.desc(), c.id.desc())
        .limit(PAGE + 1)
    )
    if after is not None and after.at is not None:
        chosen = chosen.where(or_(c.ended_at < after.at, and_(c.ended_at == after.at, c.id < after.id)))
    rows = connection.execute(chosen).all()
    shown = rows[:PAGE]
    following = Cursor(shown[-1].ended_at, shown[-1].id) if len(rows) > PAGE else None
    return Shelf(tuple(_line(row, today) for row in shown), following)


def _line(row: Any, today: date) -> Dossier:
    ended_on = civil_date(row.ended_at)
    known = row.id, row.confidentiality, civil_date(row.created_at), ended_on
    term = term_of(row.kind, row.confidentiality, ended_on, today)
    if row.confidentiality in CONFIDENTIAL:
        return Dossier(*known, term, number_shown(row.id))
    return Dossier(*known, term, row.number, row.kind, row.outcome, row.unit_id)
