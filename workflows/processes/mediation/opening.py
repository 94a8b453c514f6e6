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


def open_mediation(view: CaseView, told: Mapping[str, Any]) -> int:
    """Open a mediation for the matter of this case, in its unit; the new case's id.

    `told`: answers of the hand-over sheet (`forms_start.REFERRED`), as typed or as JSON. InvalidAnswers for what is missing;
    Forbidden with the reason when the gate (D5) says so: then nothing is opened, and no post can have it otherwise.
    """
    form = FORMS["referred"]
    place = organisation.unit(view.connection, view.case.unit_id)
    where = Start(place.id, place.path, place.code)
    return view.open_case("mediation", where, relation=RELATION, form=form.key, answers=form.dump(form.load(told)))
