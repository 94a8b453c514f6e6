"""What waits for somebody in the organisation, told above her inbox: declarations, posts, handovers, teams without people."""

from __future__ import annotations

from engine.access import Permission
from engine.clock import civil_date
from webui.runtime import house, me, now, reading
from workflows import passing_on, standing, succession_register
from workflows.rules import RULES


def listed() -> list[standing.Reminder]:
    """For the person signed in."""
    actor = me()
    approving = {condition.post for clause in RULES[Permission.APPROVE_APPOINTMENT] for condition in clause}
    approves = any(post.code in approving for post in actor.posts)
    with reading() as connection:
        today = civil_date(now())
        found = standing.reminders(connection, actor, today, approves=approves)
        secret = passing_on.count(house().rules, connection, actor, today)
        lost = succession_register.waiting(house(), connection, actor, now())
    found += [standing.Reminder("secret", secret, late=False)] if secret else []
    return [*found, standing.Reminder("unled", lost, late=True)] if lost else found
