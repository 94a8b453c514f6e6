"""What is done at once when a mediation brings new violence or a threat to light (人民调解法 25; processes.md §6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflows import organisation
from workflows.posts import FEDERATION_POSTS
from workflows.processes.dv_case.opening import open_protection
from workflows.processes.mediation import state

if TYPE_CHECKING:
    from engine.process_type import CaseView


def protect(view: CaseView) -> None:
    """Open the protection of the woman, and tell the head of the rights department that the mediation is over."""
    open_for_her(view, state.violence_told(view))
    place = organisation.unit_for_post(view.connection, "RIGHTS_HEAD", view.case.unit_id)
    if place is not None:
        view.notify("RIGHTS_HEAD", place.id, "mediation.violence")


def open_for_her(view: CaseView, seen: str) -> int | None:
    """Open the protection of the woman; what was seen goes over, nothing besides. None when it is in hand already.

    A mediator, who is of another body, sees nothing of what begins by her report.
    """
    facts = {"violence": True, "urgency": "URGENT", "name": state.parties(view)["name"], "matter": seen}
    return open_protection(view, facts, joins=any(view.actor.holds(post) for post in FEDERATION_POSTS))
