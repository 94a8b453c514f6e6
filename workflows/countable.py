"""Which cases figures may count for somebody, and the list that opens behind a number: the same for every kind of case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, not_, select

from engine.model import case_file

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import Connection

    from engine.access import AccessRules, Actor

#: cases listed behind one number; the page says when there are more
MOST: Final = 200
_CASES = select(case_file.c.id, case_file.c.number, case_file.c.subject, case_file.c.unit_id, case_file.c.state).where(
    case_file.c.id.in_(bindparam("b_ids", expanding=True))
)


@dataclass(frozen=True)
class Behind:
    """The cases behind a number: those the reader may see, at most `MOST`; `counted` is how many there are in all."""

    rows: Sequence[Any]
    counted: int


def uncounted(connection: Connection, rules: AccessRules, actor: Actor) -> frozenset[int]:
    """The cases that are in no figure shown to somebody: those of a confidential class, and those she is kept from."""
    left_out = select(case_file.c.id).where(case_file.c.guarded, not_(rules.countable_cases(actor)))
    return frozenset(connection.execute(left_out).scalars())


def listed(rules: AccessRules, connection: Connection, actor: Actor, ids: Collection[int]) -> Behind:
    """Of the cases that a number counts, those she may read: permission is part of the statement."""
    if not ids:
        return Behind((), 0)
    readable = _CASES.where(rules.visible_cases(actor)).order_by(case_file.c.number).limit(MOST)
    return Behind(connection.execute(readable, {"b_ids": sorted(ids)[:5000]}).all(), len(ids))
