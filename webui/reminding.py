"""What waits for somebody in the organisation, told above her inbox: a declaration, an appointment to approve, a handover."""

from __future__ import annotations

from engine.access import Permission
from engine.clock import civil_date
from webui.runtime import me, now, reading
from workflows import standing
from workflows.rules import RULES


def listed() -> list[standing.Reminder]:
    """For the person signed in."""
    actor = me()
    approving = {condition.post for clause in RULES[Permission.APPROVE_APPOINTMENT] for condition in clause}
    approves = any(post.code in approving for post in actor.posts)
    with reading() as connection:
        return standing.reminders(connection, actor, civil_date(now()), approves=approves)
