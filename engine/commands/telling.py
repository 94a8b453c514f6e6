"""Leave a notice: for one person by account, for a post, or for those who have a task in hand. Ids and codes only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, select

from engine.model import notice
from engine.model_absence import absence

if TYPE_CHECKING:
    from sqlalchemy import Row

    from engine.unit_of_work import UnitOfWork

_ADD = insert(notice)
_DEPUTIES = select(absence.c.deputy_id).where(
    absence.c.absent_id == bindparam("b_absent"),
    absence.c.ended_at.is_(None),
    absence.c.since <= bindparam("b_today"),
    absence.c.until >= bindparam("b_today"),
    absence.c.kind.in_(("", bindparam("b_kind"))),
)


def tell_person(work: UnitOfWork, case_id: int, account_id: int, kind: str, **content: Any) -> None:
    """A notice that one person alone sees, and only while she may read the case."""
    _tell(work, {"case_id": case_id, "unit_id": 0, "post": "", "account_id": account_id, "kind": kind}, content)


def tell_post(work: UnitOfWork, case_id: int, post: str, unit_id: int, kind: str, **content: Any) -> None:
    """A notice for whoever holds the post."""
    _tell(work, {"case_id": case_id, "unit_id": unit_id, "post": post, "account_id": None, "kind": kind}, content)


def tell_holder(work: UnitOfWork, job: Row[Any], kind: str, **content: Any) -> None:
    """A notice for whoever has a task: the person who claimed it and who acts in her place today, or everyone of its post."""
    if job.assignee_id:
        away = {"b_absent": job.assignee_id, "b_today": work.today, "b_kind": job.kind}
        for person in (job.assignee_id, *work.connection.execute(_DEPUTIES, away).scalars()):
            tell_person(work, job.case_id, person, kind, **content)
    else:
        tell_post(work, job.case_id, job.post, job.unit_id, kind, **content)


def _tell(work: UnitOfWork, row: dict[str, Any], content: dict[str, Any]) -> None:
    work.connection.execute(_ADD, {**row, "content": content, "at": work.now})
