"""换届: a confidential case of somebody whose term ends is passed on by whoever leads the case, and by nobody else (D2, D6).

What is C0 to C2 moves by itself; of a confidential case only its own team knows, so only who leads the team is told that one of
hers leaves, and decides: to whom it goes, or that she goes without a successor.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, bindparam, select

from engine.access import CONFIDENTIAL, Actor, Permission
from engine.commands import teams
from engine.commands.loading import subject_of
from engine.errors import InvalidAnswers
from engine.guard import Role
from engine.messages import N_, Message
from engine.model import case_file, task
from engine.model_teams import case_member
from workflows import colleagues, organisation
from workflows.chart import chart
from workflows.handover import AHEAD, BEHIND

if TYPE_CHECKING:
    from datetime import datetime

    from engine.access import AccessRules
    from engine.runtime import Runtime
    from engine.unit_of_work import UnitOfWork
    from workflows.colleagues import Colleague

_leaver = case_member.alias("leaver")
_m = _leaver.c
_HERS = (
    select(case_file, _m.id.label("member_id"), _m.account_id, _m.role, _m.until)
    .join(_leaver, _m.case_id == case_file.c.id)
    .where(
        _m.account_id.in_(bindparam("b_leavers", expanding=True)),
        _m.ended_at.is_(None),
        _m.role != str(Role.GLASS),
        case_file.c.state == "open",
        case_file.c.confidentiality.in_(CONFIDENTIAL),
    )
    .order_by(_m.account_id, case_file.c.id)
)
_STEPS = (
    select(task.c.name)
    .where(task.c.case_id == bindparam("b_case"), task.c.state.in_(("open", "waiting")))
    .order_by(task.c.rank_at, task.c.id)
)


@dataclass(frozen=True)
class Leaving:
    """A confidential case with somebody in its team whose term ends: what is decided about, and who could take it over."""

    case_id: int
    number: str
    kind: str
    steps: tuple[str, ...]
    leaver_id: int
    leads: bool
    post: str
    unit_id: int
    ended_on: date
    candidates: tuple[Colleague, ...]


def waiting(runtime: Runtime, connection: Connection, actor: Actor, today: date, now: datetime) -> list[Leaving]:
    """What waits for somebody's decision: cases whose team she leads. Nothing tells anybody else of them."""
    leavers = leaving(connection, today)
    if not leavers:
        return []
    seen = _HERS.where(runtime.rules.cases_with(Permission.MANAGE_TEAM, actor))
    found = []
    for row in connection.execute(seen, {"b_leavers": sorted(leavers)}).all():
        if row.until is not None and row.until <= now:
            continue
        subject = subject_of(connection, row)
        county = organisation.county_of(connection, row.unit_id)
        could = colleagues.eligible(connection, runtime.rules, subject, county.path, today)
        post, unit_id, ended_on = leavers[row.account_id]
        found.append(
            Leaving(
                row.id,
                row.number,
                row.kind,
                tuple(connection.execute(_STEPS, {"b_case": row.id}).scalars()),
                row.account_id,
                row.role == Role.MANAGER,
                post,
                unit_id,
                ended_on,
                tuple(each for each in could if each.id not in leavers),
            )
        )
    return found


def count(rules: AccessRules, connection: Connection, actor: Actor, today: date) -> int:
    """How many may wait for her, for a reminder: of those who left lately, cases she can see and did not leave herself."""
    leavers = set(leaving(connection, today, BEHIND)) - {actor.id}
    if not leavers:
        return 0
    seen = _HERS.where(rules.cases_with(Permission.MANAGE_TEAM, actor))
    return len(connection.execute(seen, {"b_leavers": sorted(leavers)}).all())


def pass_on(uow: UnitOfWork, *, case_id: int, leaver_id: int, to: int, reason: str) -> dict[str, Any]:
    """Pass a confidential case from somebody whose term ends to a colleague; ``{"case_id", "to"}``. `to` 0: she goes without.

    Who leads the case is followed as its manager; anybody else leaves the team, and what lies with her goes back to its post.
    NotFound, Forbidden as for the team; InvalidAnswers ("leaver", "to", "reason").
    """
    subject = teams.opened(uow, case_id, Permission.MANAGE_TEAM)
    leavers = leaving(uow.connection, uow.today)
    hers = [
        row
        for row in uow.connection.execute(_HERS, {"b_leavers": [leaver_id]}).all()
        if row.id == case_id and leaver_id in leavers
    ]
    problems: dict[str, list[Message]] = {}
    why = teams.checked_reason(reason, problems)
    if not hers:
        problems["leaver"] = [Message(N_("此人不在这件保密事项的团队中，或任期没有届满"))]
    elif not to and hers[0].role == Role.MANAGER:
        problems["to"] = [Message(N_("她是承办人：须指定新的承办人"))]
    if to and to in leavers:
        problems["to"] = [Message(N_("不能转给任期将满或已满的人员"))]
    if problems:
        raise InvalidAnswers(problems)
    try:
        _hand_on(uow, case_id, hers[0], to, why, {m.account_id for m in subject.guard.members})
    except InvalidAnswers as wrong:
        named = {"account": "to"}
        raise InvalidAnswers({named.get(field, field): told for field, told in wrong.problems.items()}) from wrong
    return {"case_id": case_id, "to": to}


def _hand_on(uow: UnitOfWork, case_id: int, hers: Any, to: int, why: str, members: set[int]) -> None:
    if hers.role == Role.MANAGER:
        teams.appoint_manager(uow, case_id=case_id, account_id=to, reason=why)
        return
    if to and to not in members:
        teams.add_member(uow, case_id=case_id, account_id=to, reason=why)
    teams.end_member(uow, case_id=case_id, member_id=hers.member_id, reason=why)


def leaving(connection: Connection, today: date, since: timedelta | None = None) -> dict[int, tuple[str, int, date]]:
    """Account id → post, unit and last day of those who serve nowhere any more, or soon will not; `since`: for so long."""
    last: dict[int, tuple[str, int, date] | None] = {}
    for (post, unit_id), terms in chart(connection).terms.items():
        for term in terms:
            known = last.get(term.account_id, (post, unit_id, date.min))
            if term.until is None or known is None:
                last[term.account_id] = None
            elif term.until >= known[2]:
                last[term.account_id] = (post, unit_id, term.until)
    first = date.min if since is None else today - since
    return {who: told for who, told in last.items() if told is not None and first <= told[2] <= today + AHEAD}
