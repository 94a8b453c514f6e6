"""How another case opens a mediation: one call, from a step of that case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.process_type import Start
from workflows import organisation
from workflows.processes.mediation.effects import RELATION
from workflows.processes.mediation.forms import FORMS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.process_type import CaseView


def open_mediation(view: CaseView, told: Mapping[str, Any], unit_id: int | None = None) -> int:
    """Open a mediation for the matter of this case, in its unit or another one; the new case's id.

    `told`: what is known of the hand-over sheet (`forms_start.Referred`), as typed or as JSON; the rest is asked of her alone.
    InvalidAnswers by field; Forbidden with the reason when the gate (D5) says so already: then nothing is opened, and no post
    can have it otherwise.
    """
    form = FORMS["referred"]
    place = organisation.unit(view.connection, unit_id or view.case.unit_id)
    where = Start(place.id, place.path, place.code)
    return view.open_case("mediation", where, relation=RELATION, form=form.key, answers=form.dump(form.load(told)))
