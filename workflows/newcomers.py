"""Whoever takes up a post is held against the open cases that come with it (D6, O02): a party's relative never sees that case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, or_, select

from engine.commands.guarded_work import settle
from engine.commands.teams import write_exclusion
from engine.model import case_file
from workflows import model, organisation
from workflows.model_conflict import party_mark, staff_mark
from workflows.screening import screen

if TYPE_CHECKING:
    from engine.unit_of_work import UnitOfWork

#: by what somebody is that person's relative, not merely her neighbour
KIN = ("idcard", "household")
_REASON = "换届核对：与当事人有亲属关系"

_relative = model.relative.c
_CLOSE = (
    select(party_mark.c.case_id)
    .join(case_file, case_file.c.id == party_mark.c.case_id)
    .where(
        case_file.c.state == "open",
        case_file.c.path.like(bindparam("b_like")),
        or_(
            party_mark.c.mark.in_(
                select(_relative.id_hash).where(
                    _relative.account_id == bindparam("b_account"), _relative.ended_at.is_(None)
                )
            ),
            party_mark.c.mark.in_(select(staff_mark.c.mark).where(staff_mark.c.account_id == bindparam("b_account"))),
        ),
    )
    .distinct()
    .order_by(party_mark.c.case_id)
)


def screen_newcomer(uow: UnitOfWork, account_id: int, post: str, unit_id: int) -> list[int]:
    """Keep somebody who takes up a post out of every open case of that unit whose party is her kin; returns the cases.

    Nothing is told to her: she does not learn which case it is, nor that there is one. Repeating it changes nothing.
    """
    place = organisation.unit(uow.connection, unit_id)
    asked = {"b_like": f"{place.path}%", "b_account": account_id}
    kept = []
    for case_id in uow.connection.execute(_CLOSE, asked).scalars().all():
        hits = screen(uow.connection, case_id, uow.today).hits(account_id)
        if any(hit.kind in KIN for hit in hits):
            write_exclusion(uow, case_id, account_id=account_id, reason=f"{_REASON}（{post}）")
            settle(uow, case_id)
            kept.append(case_id)
    return kept
