"""An item goes to another unit of the federation: the case moves, the first who was asked goes on tracking it (S002-10)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workflows import organisation
from workflows.posts import UnitKind
from workflows.processes.petition import register, routing

if TYPE_CHECKING:
    from engine.process_type import CaseView


def move(view: CaseView, unit_id: int) -> None:
    """The item is now another unit's; its notice counts from today (条例 23). Nothing happens when it is there already."""
    if unit_id == view.case.unit_id:
        return
    place = organisation.unit(view.connection, unit_id)
    view.describe(unit_id=place.id, path=place.path)
    register.set_columns(view, unit_id=place.id, arrived_on=view.today)
    line = register.standing(view)
    view.notify(line.first_post, line.first_unit_id, "petition.moved")


def forward(view: CaseView, unit_id: int) -> None:
    """Forward or assign (P-04): the receiver may object within five working days."""
    register.set_columns(view, sender_id=view.case.unit_id)
    move(view, unit_id)
    tell(view, unit_id, "petition.received")


def up(view: CaseView) -> None:
    """From the village to its township (S001-60)."""
    above = organisation.ancestors(view.connection, view.case.unit_id)
    town = next((unit for unit in above if unit.kind in routing.HANDLERS), None)
    if town is not None:
        move(view, town.id)
        tell(view, town.id, "petition.received")


def back(view: CaseView) -> None:
    """The objection stands: the item is the sender's again."""
    line = register.standing(view)
    move(view, line.sender_id)
    tell(view, line.sender_id, "petition.back")
    register.set_columns(view, sender_id=None)
    assigned_no_more(view)


def assigned_no_more(view: CaseView) -> None:
    """It is not with the unit it was assigned to: nobody owes a report (交办)."""
    register.set_columns(view, assigned_by=None, report_back_on=None)


def tell(view: CaseView, unit_id: int, kind: str, **content: Any) -> None:
    """A notice to the post that receives petitions in a unit."""
    post, place = receiver(view, unit_id)
    view.notify(post, place, kind, **content)


def receiver(view: CaseView, unit_id: int) -> tuple[str, int]:
    """The post that receives petitions in a unit, and the unit."""
    kind_of = organisation.unit(view.connection, unit_id).kind
    return routing.RECEIVERS.get(kind_of, routing.RECEIVERS[UnitKind.COUNTY])[0], unit_id
