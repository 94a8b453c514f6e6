"""What is done at once when a mediation brings new violence or a threat to light (人民调解法 25; processes.md §6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflows import organisation

if TYPE_CHECKING:
    from engine.process_type import CaseView


def protect(view: CaseView) -> None:
    """Tell the head of the rights department, who opens or goes on with the protection of the woman."""
    place = organisation.unit_for_post(view.connection, "RIGHTS_HEAD", view.case.unit_id)
    if place is not None:
        view.notify("RIGHTS_HEAD", place.id, "mediation.violence")
