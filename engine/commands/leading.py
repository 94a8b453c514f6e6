"""Who of a case's team can act today, and a notice to whoever has the case in charge.

A membership alone is not enough: who has left office, or is kept from the case, has it in charge no more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.access import Permission
from engine.commands.telling import tell_person, tell_post
from engine.guard import Role

if TYPE_CHECKING:
    from engine.commands.loading import CaseSubject
    from engine.unit_of_work import UnitOfWork


def able(work: UnitOfWork, subject: CaseSubject, *, manager: bool = False) -> list[int]:
    """The accounts of those who are in the team for the whole case and can read it today; with `manager`, who is in charge."""
    rules, found = work.runtime.rules, []
    for each in subject.guard.members:
        lasting = each.until is None or each.until > work.now
        if not lasting or each.documents is not None or each.role == Role.GLASS:
            continue
        person = rules.person(work.connection, each.account_id, work.today)
        suits = each.role == Role.MANAGER or not manager
        if suits and person is not None and rules.eligible(person, subject) and each.account_id not in found:
            found.append(each.account_id)
    return found


def tell_leaders(work: UnitOfWork, subject: CaseSubject, kind: str, *, but: int | None = None, **content: Any) -> None:
    """A notice for whoever has a case in charge (not for `but`); without anybody who can act, for the posts that appoint one."""
    leaders = able(work, subject, manager=True)
    for account_id in leaders:
        if account_id != but:
            tell_person(work, subject.id, account_id, kind, **content)
    if not leaders:
        tell_appointing(work, subject, kind, **content)


def tell_appointing(work: UnitOfWork, subject: CaseSubject, kind: str, **content: Any) -> None:
    """A notice for the posts that may put somebody in charge of a case."""
    for post in work.runtime.rules.posts_permitted(work.connection, Permission.MANAGE_TEAM, subject):
        tell_post(work, subject.id, post.code, post.unit_id, kind, **content)
