"""Whoever takes up a post is held against the open cases that come with it (D6, O02): a party's relative never sees that case.

And against the cases that are kept from a unit she comes from: the friend of a husband is his friend in the next office too.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, or_, select, update

from engine.clock import civil_date
from engine.commands.guarded_work import settle
from engine.commands.teams import write_exclusion
from engine.events import Event, Kind
from engine.model import case_file
from engine.model_teams import case_exclusion, case_member
from workflows import model, organisation
from workflows.model_conflict import party_of, staff_mark
from workflows.screening import screen

if TYPE_CHECKING:
    from datetime import date

    from engine.unit_of_work import UnitOfWork

#: by what somebody is that person's relative, not merely her neighbour
KIN = ("idcard", "household")
_REASON = "换届核对：与当事人有亲属关系"

_CAME_FROM = "曾在回避单位任职"
_CAME_BACK = "离任后重新任职，原团队成员身份终止"
_IN_TEAMS = (
    select(case_member.c.id, case_member.c.case_id, case_member.c.role)
    .where(case_member.c.account_id == bindparam("b_account"), case_member.c.ended_at.is_(None))
    .order_by(case_member.c.id)
)
_LEAVE = (
    update(case_member)
    .where(case_member.c.id == bindparam("b_id"), case_member.c.ended_at.is_(None))
    .values(ended_at=bindparam("b_now"), ended_by=bindparam("b_by"))
)
_relative = model.relative.c
_SERVED = (
    select(model.unit.c.path, model.post_holding.c.until)
    .join(model.unit, model.unit.c.id == model.post_holding.c.unit_id)
    .where(model.post_holding.c.account_id == bindparam("b_account"))
)
_KEPT_FROM = (
    select(case_exclusion.c.case_id, case_exclusion.c.token, case_exclusion.c.at)
    .where(case_exclusion.c.token.in_(bindparam("b_tokens", expanding=True)), case_exclusion.c.ended_at.is_(None))
    .order_by(case_exclusion.c.id)
)
_CLOSE = (
    select(party_of.c.case_id)
    .join(case_file, case_file.c.id == party_of.c.case_id)
    .where(
        case_file.c.state == "open",
        case_file.c.path.like(bindparam("b_like")),
        or_(
            party_of.c.mark.in_(
                select(_relative.id_hash).where(
                    _relative.account_id == bindparam("b_account"), _relative.ended_at.is_(None)
                )
            ),
            party_of.c.mark.in_(select(staff_mark.c.mark).where(staff_mark.c.account_id == bindparam("b_account"))),
        ),
    )
    .distinct()
    .order_by(party_of.c.case_id)
)


def keep_out_still(uow: UnitOfWork, account_id: int) -> list[int]:
    """Keep somebody by name from every case that is kept from a unit in which she served meanwhile; returns the cases.

    Nothing is told to her. Repeating it changes nothing.
    """
    served: dict[str, date] = {}
    for term in uow.connection.execute(_SERVED, {"b_account": account_id}).all():
        until = term.until or uow.today
        for unit_id in filter(None, term.path.split(".")):
            for token in uow.runtime.vault.lookups("exclusion", f"unit:{unit_id}"):
                served[token] = max(until, served.get(token, until))
    kept = []
    for row in uow.connection.execute(_KEPT_FROM, {"b_tokens": sorted(served)}).all() if served else ():
        if civil_date(row.at) <= served[row.token]:
            write_exclusion(uow, row.case_id, account_id=account_id, reason=_CAME_FROM)
            settle(uow, row.case_id)
            kept.append(row.case_id)
    return kept


def leave_teams(uow: UnitOfWork, account_id: int, since: date) -> list[int]:
    """Take somebody who comes back after a time without any post out of the teams she was in; returns the cases.

    She was let into them in another office. Who is needed again is added again, by name and with a reason.
    """
    before = since - timedelta(days=1)
    if organisation.posts_on(uow.connection, account_id, before):
        return []
    left = []
    for row in uow.connection.execute(_IN_TEAMS, {"b_account": account_id}).all():
        uow.change(row.case_id, _LEAVE, {"b_id": row.id, "b_now": uow.now, "b_by": uow.actor.id})
        content = {"account": account_id, "role": row.role, "member": row.id, "reason": _CAME_BACK}
        uow.record(Event(Kind.MEMBER_ENDED, row.case_id, content=content))
        settle(uow, row.case_id)
        left.append(row.case_id)
    return left


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
