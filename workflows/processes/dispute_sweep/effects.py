"""What a report does: its numbers go into the register, single families that need it become petitions, danger comes first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from engine.commands.context import CaseContext
from engine.process_type import Start
from workflows import organisation
from workflows.processes.dispute_sweep import register
from workflows.processes.dispute_sweep.forms import COUNTS
from workflows.processes.dv_case.opening import open_protection
from workflows.processes.petition.forms_register import CALLED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.process_type import Answers, CaseView

#: how a petition is linked to the sweep that found it
RELATION: Final = "sweep"
#: kind of family → category of the petition, before she has been asked
_CATEGORY: Final = {"CASE": "PERSONAL", "CONFLICT": "FAMILY", "PETITION": "OTHER"}
_COLUMNS: Final = {"CASE": "case_families", "CONFLICT": "conflict_families", "PETITION": "petition_families"}


def reported(view: CaseView, values: Answers) -> None:
    """The numbers, and who reported them."""
    counted = {column: values[COUNTS[family]] or 0 for family, column in _COLUMNS.items()}
    register.report(
        view,
        {
            **counted,
            "settled": values["settled"] or 0,
            "opened": sum(each["follow"] == "OPEN" for each in values["items"]),
            "none_found": values["found"] == "NOTHING",
            "reported_on": view.today,
            "reported_by": view.actor.id,
        },
    )
    view.describe(applied_on=view.today)


def open_found(view: CaseView) -> None:
    """Each family that needs it becomes a petition of the village; where there is danger its protection is opened at once."""
    assert isinstance(view, CaseContext)  # noqa: S101 - the drawing moves within a command alone
    place = organisation.unit(view.connection, view.case.unit_id)
    where = Start(place.id, place.path, place.code)
    for each in (view.form("sweep") or {}).get("items") or ():
        if each["follow"] != "OPEN":
            continue
        told = _told(view, each)
        petition = view.open_case("petition", where, relation=RELATION, form=CALLED.key, answers=told)
        if each["violence"] or each["minorAtRisk"]:
            seen = view.beside(view.work.case(petition), view.work.runtime.catalogue["petition"])
            open_protection(seen, {**told, "urgency": "URGENT"})


def _told(view: CaseView, item: Mapping[str, Any]) -> dict[str, Any]:
    """What the register form of the petition opens with: how she is safely reached is asked of her."""
    known = {
        "channel": "PATROL",
        "receivedOn": view.today.isoformat(),
        "name": item["name"],
        "matter": item["matter"],
        "violence": item["violence"],
        "minorInvolved": item["minorAtRisk"] or None,
        "minorAtRisk": item["minorAtRisk"] or None,
        "category": "DV" if item["violence"] else _CATEGORY[item["family"]],
        "sex": "F",
        "people": 1,
        "matterKind": "OWN",
        "place": view.case.unit_id,
        "requestedLevel": "VILLAGE",
        "urgency": "NORMAL",
    }
    return CALLED.dump(CALLED.restore({name: known.get(name) for name in CALLED.schema.fields}))
