"""Who belongs to a case by name, and from whom it is kept, as the rules ask about it.

Nothing is asked of the database for a case that has neither team nor exclusion (`case_file.guarded`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, literal, null, select, union_all
from sqlalchemy.engine import result_tuple

from engine.access import Actor
from engine.fields import Vault
from engine.guard import UNGUARDED, Guard, Membership, Share
from engine.model import case_share
from engine.model_teams import case_exclusion, case_member
from engine.remembering import remembered

_AROUND = union_all(
    select(
        case_member.c.account_id,
        case_member.c.role,
        case_member.c.until,
        case_member.c.documents,
        literal("").label("token"),
    ).where(case_member.c.case_id == bindparam("b_case"), case_member.c.ended_at.is_(None)),
    select(literal(0), literal(""), null(), null(), case_exclusion.c.token).where(
        case_exclusion.c.case_id == bindparam("b_case"), case_exclusion.c.ended_at.is_(None)
    ),
)


_SHARES = select(case_share.c.unit_id, case_share.c.until).where(case_share.c.case_id == bindparam("b_case"))


def guard_of(connection: Connection, case_id: int, guarded: bool) -> Guard:
    """The guard of a case; `guarded` is what its row says."""
    return _read(connection, case_id) if guarded else UNGUARDED


def units_of(actor: Actor) -> frozenset[str]:
    """The ids of the units of somebody's posts, and of those above."""
    return frozenset(part for post in actor.posts for part in post.path.split(".") if part)


@dataclass(frozen=True)
class GuardedCase:
    """A case as the rules ask who may take part in it."""

    confidentiality: str
    path: str
    guard: Guard


def guarded_case(connection: Connection, case: Row[Any]) -> GuardedCase:
    """Of a case's row."""
    return GuardedCase(case.confidentiality, case.path, guard_of(connection, case.id, case.guarded))


class Guarded:
    """Rows of a statement with the guard of their case as a last column, `guard`, and others of the names given."""

    def __init__(self, statement: Select[Any], *more: str) -> None:
        self._row = result_tuple([*(str(column.name) for column in statement.selected_columns), "guard", *more])

    def row(self, connection: Connection, row: Row[Any], case_id: int, guarded: bool, *more: Any) -> Row[Any]:
        """The row with the guard of the case; `guarded` is what the case's row says."""
        made: Row[Any] = self._row((*row, guard_of(connection, case_id, guarded), *more))
        return made


def shares_of(connection: Connection, case_id: int) -> frozenset[Share]:
    """The units a case was handed to, those that see it no more as well."""
    return frozenset(Share(unit_id, until) for unit_id, until in connection.execute(_SHARES, {"b_case": case_id}))


def shown_to(connection: Connection, case_id: int, at: datetime) -> list[int]:
    """The ids of the units a case was handed to that may see it at a moment."""
    return sorted(share.unit_id for share in shares_of(connection, case_id) if share.lasts(at))


def as_if_there(connection: Connection, case: Row[Any] | None = None) -> None:
    """Ask what would have been asked about another case, before it is said that there is none.

    A case that is not there, one that is nobody's business of hers, and one whose team she is not in take the same statements:
    the time of an answer tells no more than the answer. `case` is the row that was found, if there was one.
    """
    if case is None:
        shares_of(connection, 0)
    if case is None or not case.guarded:
        _read(connection, 0 if case is None else case.id)


def tokens_of(vault: Vault, actor: Actor) -> frozenset[str]:
    """The keyed hashes under which somebody can be excluded: her account, and every unit of her posts and above."""
    named = [f"account:{actor.id}", *(f"unit:{unit}" for unit in units_of(actor))]
    return frozenset(token for each in named for token in vault.lookups("exclusion", each))


@remembered
def _read(connection: Connection, case_id: int) -> Guard:
    members, excluded = [], []
    for account_id, role, until, documents, token in connection.execute(_AROUND, {"b_case": case_id}):
        if token:
            excluded.append(token)
        else:
            named = None if documents is None else frozenset(documents)
            members.append(Membership(account_id, role, until, named))
    return Guard(tuple(members), frozenset(excluded))
