"""Who is in the team of a case (`model_teams.case_member`), read and written; who may decide is asked by the commands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, select

from engine.guard import Role
from engine.model_teams import case_exclusion, case_member

if TYPE_CHECKING:
    from engine.guard import Guard
    from engine.unit_of_work import UnitOfWork

_ADD = insert(case_member)
_EXCLUDE = insert(case_exclusion)
_KEPT_OUT = select(case_exclusion.c.token, case_exclusion.c.who_sealed).where(
    case_exclusion.c.case_id == bindparam("b_case"), case_exclusion.c.ended_at.is_(None)
)


def join(uow: UnitOfWork, case_id: int, account_id: int, role: Role, reason: str = "", **more: Any) -> int:
    """Write a member; returns the row's id. For commands that record what they do; asks no permission."""
    row = {
        "case_id": case_id,
        "account_id": account_id,
        "role": str(role),
        "since": uow.now,
        "added_by": uow.actor.id,
        "reason_sealed": uow.runtime.vault.seal(reason.encode()),
        "until": None,
        "documents": None,
    }
    return uow.add(case_id, _ADD, {**row, **more})


def keep_out_too(uow: UnitOfWork, from_case: int, to: int) -> list[int]:
    """Keep from another case whoever is kept from one; the ids of the exclusions, for whoever records them."""
    rows = uow.connection.execute(_KEPT_OUT, {"b_case": from_case}).all()
    known = {"case_id": to, "at": uow.now, "by_id": uow.actor.id}
    return [uow.add(to, _EXCLUDE, {**known, **row._mapping}) for row in rows]  # noqa: SLF001 - public


def managers(guard: Guard) -> list[int]:
    """The accounts of those who are in charge of a case by name, in office or not."""
    return [m.account_id for m in guard.members if m.role == Role.MANAGER]


def is_member(uow: UnitOfWork, guard: Guard) -> bool:
    """Whether the actor is in the team for the whole case: not for some papers, an emergency, or a while that is over."""
    hers = (m for m in guard.members if m.account_id == uow.actor.id and m.documents is None and m.role != Role.GLASS)
    return any(m.until is None or m.until > uow.now for m in hers)
