"""Who is in the team of a case, by name: added, ended, put in charge; and who is kept from it (D2, D3.1).

Whoever leads the team decides, a reason is kept for each. The names of the excluded are secret (C4): they stand sealed in their
own table, and the history says only that somebody was excluded.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, bindparam, insert, select, update

from engine.access import Permission
from engine.clock import end_of_day
from engine.commands.guarded_work import settle
from engine.commands.loading import CaseSubject, may_read, subject_of
from engine.commands.membership import is_member, join, managers
from engine.commands.offspring import opened_from
from engine.commands.telling import tell_person
from engine.errors import Forbidden, InvalidAnswers, NotFound
from engine.events import Event, Kind
from engine.guard import Role
from engine.messages import N_, Message
from engine.model_filed import document
from engine.model_teams import case_exclusion, case_member

if TYPE_CHECKING:
    from engine.access import Actor
    from engine.unit_of_work import UnitOfWork

MOST_REASON = 300
#: a membership that ends lies so far ahead at most
FARTHEST = timedelta(days=731)

_EXCLUDE = insert(case_exclusion)
_HERS = select(case_member).where(
    case_member.c.case_id == bindparam("b_case"),
    case_member.c.account_id == bindparam("b_account"),
    case_member.c.ended_at.is_(None),
)
_MEMBER = select(case_member).where(case_member.c.id == bindparam("b_id"), case_member.c.ended_at.is_(None))
_END = (
    update(case_member)
    .where(case_member.c.id == bindparam("b_id"), case_member.c.ended_at.is_(None))
    .values(ended_at=bindparam("b_now"), ended_by=bindparam("b_by"))
)
_LEAVE = (
    update(case_member)
    .where(
        case_member.c.case_id == bindparam("b_case"),
        case_member.c.role.in_(bindparam("b_roles", expanding=True)),
        case_member.c.ended_at.is_(None),
    )
    .values(ended_at=bindparam("b_now"), ended_by=bindparam("b_by"))
)
_SAME = select(case_exclusion.c.id).where(
    case_exclusion.c.case_id == bindparam("b_case"),
    case_exclusion.c.token == bindparam("b_token"),
    case_exclusion.c.ended_at.is_(None),
)
_EXCLUSION = select(case_exclusion).where(case_exclusion.c.id == bindparam("b_id"), case_exclusion.c.ended_at.is_(None))
_END_EXCLUSION = (
    update(case_exclusion)
    .where(case_exclusion.c.id == bindparam("b_id"), case_exclusion.c.ended_at.is_(None))
    .values(ended_at=bindparam("b_now"), ended_by=bindparam("b_by"))
)
_PAPERS = select(document.c.id).where(document.c.case_id == bindparam("b_case"), document.c.removed_at.is_(None))


def add_member(
    uow: UnitOfWork, *, case_id: int, account_id: int, reason: str, until: str = "", documents: Sequence[int] = ()
) -> dict[str, Any]:
    """Take somebody into the team of a case; ``{"case_id", "member_id"}``.

    `until`: the last day it counts ("2026-06-30", "" for no end). `documents`: ids of the only papers she may see, none for the
    whole case. NotFound, Forbidden; InvalidAnswers by field, also for somebody who works on no cases or is kept from this one.
    """
    subject = opened(uow, case_id, Permission.MANAGE_TEAM)
    last, problems = _last_day(until, uow.today)
    why = checked_reason(reason, problems)
    _candidate(uow, subject, account_id, problems)
    named = sorted(set(documents))
    known = set(uow.connection.execute(_PAPERS, {"b_case": case_id}).scalars()) if named else set()
    if not known.issuperset(named):
        problems["documents"] = [Message(N_("所选材料中有不属于本案的，请重新选择"))]
    if _active(uow, case_id, account_id):
        problems.setdefault("account", []).append(Message(N_("此人已在本案团队中")))
    if problems:
        raise InvalidAnswers(problems)
    ends = None if last is None else end_of_day(last)
    member_id = join(uow, case_id, account_id, Role.MEMBER, why, until=ends, documents=named or None)
    said = {"account": account_id, "role": str(Role.MEMBER), "until": until or None, "documents": named or None}
    uow.record(Event(Kind.MEMBER_ADDED, case_id, content={**said, "member": member_id, "reason": why}))
    settle(uow, case_id)
    tell_person(uow, case_id, account_id, "team.added", by=uow.actor.id)
    return {"case_id": case_id, "member_id": member_id}


def appoint_manager(
    uow: UnitOfWork, *, case_id: int, account_id: int, reason: str, keep_intake: bool = False
) -> dict[str, Any]:
    """Put somebody in charge of a case (承办人), in place of whoever is; ``{"case_id", "member_id"}``.

    It is the handover: who took the matter in leaves the team with it, unless she is kept as a member. So does the manager
    before. NotFound, Forbidden; InvalidAnswers.
    """
    subject = opened(uow, case_id, Permission.MANAGE_TEAM)
    problems: dict[str, list[Message]] = {}
    why = checked_reason(reason, problems)
    _candidate(uow, subject, account_id, problems)
    before = _active(uow, case_id, account_id)
    if any(row.role == Role.MANAGER for row in before):
        problems.setdefault("account", []).append(Message(N_("此人已是本案承办人")))
    if problems:
        raise InvalidAnswers(problems)
    return {
        "case_id": case_id,
        "member_id": put_in_charge(uow, subject, account_id, why, keep_intake=keep_intake),
    }


def put_in_charge(
    uow: UnitOfWork, subject: CaseSubject, account_id: int, why: str, *, keep_intake: bool = False, **said: Any
) -> int:
    """Make somebody the manager of a case in place of whoever was, and tell her; returns the membership. Asks no permission.

    `said` goes into the history entry.
    """
    case_id = subject.id
    for row in _active(uow, case_id, account_id):
        uow.change(case_id, _END, {"b_id": row.id, "b_now": uow.now, "b_by": uow.actor.id})
    taken_in = [m.account_id for m in subject.guard.members if m.role == Role.INTAKE and m.account_id != account_id]
    left = managers(subject.guard)
    roles = [str(Role.MANAGER), str(Role.INTAKE)]
    uow.change(case_id, _LEAVE, {"b_case": case_id, "b_roles": roles, "b_now": uow.now, "b_by": uow.actor.id})
    member_id = join(uow, case_id, account_id, Role.MANAGER, why)
    for each in taken_in if keep_intake else ():
        join(uow, case_id, each, Role.MEMBER, why)
    told = {**said, "account": account_id, "role": str(Role.MANAGER), "member": member_id, "reason": why}
    uow.record(Event(Kind.MEMBER_ADDED, case_id, content={**told, "left": left + ([] if keep_intake else taken_in)}))
    settle(uow, case_id)
    tell_person(uow, case_id, account_id, "team.manager", by=uow.actor.id)
    return member_id


def end_member(uow: UnitOfWork, *, case_id: int, member_id: int, reason: str) -> dict[str, Any]:
    """Take somebody out of the team; what she had in hand goes back to those who remain. ``{"case_id", "member_id"}``.

    The manager leaves only by a successor. NotFound, Forbidden, InvalidAnswers.
    """
    opened(uow, case_id, Permission.MANAGE_TEAM)
    row = uow.connection.execute(_MEMBER, {"b_id": member_id}).one_or_none()
    if row is None or row.case_id != case_id:
        raise NotFound(what=Message(N_("团队成员 {id}"), {"id": member_id}))
    if row.role == Role.MANAGER:
        raise Forbidden(why=Message(N_("承办人不能直接移出：请指定新的承办人，原承办人随之退出")))
    problems: dict[str, list[Message]] = {}
    why = checked_reason(reason, problems)
    if problems:
        raise InvalidAnswers(problems)
    uow.change(case_id, _END, {"b_id": member_id, "b_now": uow.now, "b_by": uow.actor.id})
    content = {"account": row.account_id, "role": row.role, "member": member_id, "reason": why}
    uow.record(Event(Kind.MEMBER_ENDED, case_id, content=content))
    settle(uow, case_id)
    return {"case_id": case_id, "member_id": member_id}


def exclude(
    uow: UnitOfWork, *, case_id: int, reason: str, account_id: int | None = None, unit_id: int | None = None
) -> dict[str, Any]:
    """Keep a person, or everybody of a unit and those below it, from a case; ``{"case_id", "exclusion_id"}``.

    Whoever writes it down joins the team, so that she can see what she wrote. Forbidden for herself, for a unit of her own,
    and for somebody who has the case in charge; InvalidAnswers without exactly one of `account_id` and `unit_id`.
    """
    subject = opened(uow, case_id, Permission.EXCLUDE)
    problems: dict[str, list[Message]] = {}
    why = checked_reason(reason, problems)
    if (account_id is None) == (unit_id is None):
        problems["who"] = [Message(N_("请选择一个人员或一个单位"))]
    if problems:
        raise InvalidAnswers(problems)
    if uow.runtime.rules.kept_from(uow.actor, account_id, unit_id):
        raise Forbidden(why=Message(N_("不能登记您本人或您所在单位回避：请由他人登记")))
    if any(_keeps_out(uow, leader, account_id, unit_id) for leader in managers(subject.guard)):
        raise Forbidden(why=Message(N_("承办人须回避的，请先指定新的承办人")))
    exclusion_id = write_exclusion(uow, case_id, account_id=account_id, unit_id=unit_id, reason=why)
    if not is_member(uow, subject.guard):
        join(uow, case_id, uow.actor.id, Role.MEMBER, why)
    settle(uow, case_id)
    return {"case_id": case_id, "exclusion_id": exclusion_id}


def _keeps_out(uow: UnitOfWork, leader: int, account_id: int | None, unit_id: int | None) -> bool:
    """Whether excluding this person or unit keeps somebody in charge from her case."""
    person = uow.runtime.rules.person(uow.connection, leader, uow.today)
    return leader == account_id or (person is not None and uow.runtime.rules.kept_from(person, account_id, unit_id))


def write_exclusion(
    uow: UnitOfWork, case_id: int, *, reason: str, account_id: int | None = None, unit_id: int | None = None
) -> int:
    """Write and record an exclusion, once for each; returns its id. Asks no permission; `settle` follows.

    Whoever is kept from a case is kept from what was opened from it, too. Steps that wait for nobody else are looked at again as
    soon as it is stored: the level of whoever is kept out is skipped.
    """
    named = f"account:{account_id}" if account_id is not None else f"unit:{unit_id}"
    token = uow.runtime.vault.lookup("exclusion", named)
    same = uow.connection.execute(_SAME, {"b_case": case_id, "b_token": token}).scalar()
    if same is not None:
        return int(same)
    who = {"account": account_id} if account_id is not None else {"unit": unit_id}
    sealed = uow.runtime.vault.seal_json({**who, "reason": reason})
    row = {"case_id": case_id, "token": token, "who_sealed": sealed, "at": uow.now, "by_id": uow.actor.id}
    exclusion_id = uow.add(case_id, _EXCLUDE, row)
    uow.rescreen.add(case_id)
    uow.record(Event(Kind.EXCLUSION_ADDED, case_id, content={"exclusion": exclusion_id}))
    for child in opened_from(uow.connection, case_id):
        write_exclusion(uow, child, reason=reason, account_id=account_id, unit_id=unit_id)
        settle(uow, child)
    return exclusion_id


def end_exclusion(uow: UnitOfWork, *, case_id: int, exclusion_id: int, reason: str) -> dict[str, Any]:
    """Keep somebody from a case no longer; ``{"case_id", "exclusion_id"}``. NotFound, Forbidden, InvalidAnswers."""
    opened(uow, case_id, Permission.END_EXCLUSION)
    row = uow.connection.execute(_EXCLUSION, {"b_id": exclusion_id}).one_or_none()
    if row is None or row.case_id != case_id:
        raise NotFound(what=Message(N_("回避登记 {id}"), {"id": exclusion_id}))
    problems: dict[str, list[Message]] = {}
    why = checked_reason(reason, problems)
    if problems:
        raise InvalidAnswers(problems)
    uow.change(case_id, _END_EXCLUSION, {"b_id": exclusion_id, "b_now": uow.now, "b_by": uow.actor.id})
    uow.record(Event(Kind.EXCLUSION_ENDED, case_id, content={"exclusion": exclusion_id, "reason": why}))
    uow.rescreen.add(case_id)
    settle(uow, case_id)
    return {"case_id": case_id, "exclusion_id": exclusion_id}


def opened(uow: UnitOfWork, case_id: int, permission: Permission) -> CaseSubject:
    """A case as the rules ask about it, for somebody who has the permission; NotFound, Forbidden."""
    case = uow.case(case_id)
    uow.about = case_id
    if not may_read(uow, case):
        raise NotFound(what=Message(N_("案件 {id}"), {"id": case_id}))
    subject = subject_of(uow.connection, case)
    uow.require(permission, subject)
    return subject


def checked_reason(reason: str, problems: dict[str, list[Message]]) -> str:
    """A reason in one line; what is wrong with it goes into `problems`."""
    why = " ".join(reason.split())
    if not why or len(why) > MOST_REASON:
        seen = {"limit": MOST_REASON, "seen": len(why)}
        problems["reason"] = [Message(N_("请写明理由，1 至 {limit} 字（现为 {seen} 字）"), seen)]
    return why


def _candidate(uow: UnitOfWork, subject: CaseSubject, account_id: int, problems: dict[str, list[Message]]) -> None:
    """Only who works on cases, and is not kept from this one, can be in its team."""
    person: Actor | None = uow.runtime.rules.person(uow.connection, account_id, uow.today)
    if person is None or not uow.runtime.rules.eligible(person, subject):
        text = N_("此人不能加入本案团队：须为在任、办理案件且无须回避的人员")
        problems["account"] = [Message(text)]


def _active(uow: UnitOfWork, case_id: int, account_id: int) -> list[Row[Any]]:
    rows = uow.connection.execute(_HERS, {"b_case": case_id, "b_account": account_id})
    return [row for row in rows if row.until is None or row.until > uow.now]


def _last_day(text: str, today: date) -> tuple[date | None, dict[str, list[Message]]]:
    if not text.strip():
        return None, {}
    last = today + FARTHEST
    bounds = {"seen": text.strip()[:20], "first": today.isoformat(), "last": last.isoformat()}
    problem = {"until": [Message(N_("截止日须在 {first} 至 {last} 之间，填写的是“{seen}”"), bounds)]}
    try:
        chosen = date.fromisoformat(text.strip())
    except ValueError:
        return None, problem
    return (chosen, {}) if today <= chosen <= last else (None, problem)
