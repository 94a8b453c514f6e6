"""Who acts in another post's place in a confidential case is of its team from then on (D1 "C3 when assigned", D3.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.commands.membership import join
from engine.commands.telling import tell_person
from engine.events import Event, Kind
from engine.guard import Role
from engine.messages import N_, Message

_WHY = Message(N_("本岗位须回避或空缺，代为办理（代办）"))

if TYPE_CHECKING:
    from engine.commands.context import CaseContext
    from engine.process_type import Candidates


def let_in(view: CaseContext, element: str, who: Candidates) -> None:
    """Take into the team of a C3 case whoever gets a step as the level above, or by law, when she could not see it otherwise.

    Without it the step would lie where nobody can open it. A sealed case (C4) is for those named by its manager alone.
    """
    if view.case.confidentiality != "C3" or not (who.acting_for or who.let_in):
        return
    for account_id in sorted(view.process.free(view, element, who.post, who.unit_id)):
        if view.admits(account_id) or view.excludes(account_id):
            continue
        work, reason = view.work, str(Message(who.let_in) if who.let_in else _WHY)
        member = join(work, view.case.id, account_id, Role.MEMBER, reason)
        said = {"account": account_id, "role": str(Role.MEMBER), "until": None, "documents": None}
        told = {**said, "member": member, "reason": reason}
        work.record(Event(Kind.MEMBER_ADDED, view.case.id, element=element, content=told))
        tell_person(work, view.case.id, account_id, "team.added", by=work.actor.id)
