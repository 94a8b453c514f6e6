"""Write who is in the team of a case (`model_teams.case_member`); who may decide about it is asked by the commands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import insert

from engine.model_teams import case_member

if TYPE_CHECKING:
    from engine.access import Role
    from engine.unit_of_work import UnitOfWork

_ADD = insert(case_member)


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
