"""How another case opens a mediation: one call, from a step of that case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.commands.contact import carry_contact
from engine.commands.context import CaseContext
from engine.commands.filed import newest_forms
from engine.process_type import Start
from workflows import organisation
from workflows.processes.mediation.effects import RELATION
from workflows.processes.mediation.forms import FORMS
from workflows.processes.mediation.gate import lasting, merged

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.process_type import CaseView

#: forms of a mediation that answer questions of the gate
_TOLD = ("referred", "consent_her", "check")
#: form → the answer by which new violence ended a mediation
_VIOLENT = {"session": ("violence", True), "stop": ("reason", "VIOLENCE"), "check": ("newViolence", True)}


def open_mediation(view: CaseView, told: Mapping[str, Any], unit_id: int | None = None) -> int:
    """Open a mediation for the matter of this case, in its unit or another one; the new case's id.

    `told`: what is known of the hand-over sheet (`forms_start.Referred`), as typed or as JSON; the rest is asked of her alone.
    What an earlier mediation of the same case has brought to light goes over too: nobody begins anew with less than is known.
    InvalidAnswers by field; Forbidden with the reason when the gate (D5) says so already: then nothing is opened, and no post
    can have it otherwise.
    """
    form = FORMS["referred"]
    place = organisation.unit(view.connection, unit_id or view.case.unit_id)
    where = Start(place.id, place.path, place.code)
    sheet = form.dump(form.load({**told, **_worse(told, _before(view))}))
    assert isinstance(view, CaseContext)  # noqa: S101 - a case is opened within a command alone
    made = view.open_case("mediation", where, relation=RELATION, form=form.key, answers=sheet)
    carry_contact(view.work, view.case.id, made)
    return made


def _worse(told: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    found = {**before, **{name: value for name, value in told.items() if name in before and value}}
    both = merged(told, before)
    found |= {name: both[name] for name in before if name not in ("warningBrokenOn", "assessments")}
    if "assessments" in before:
        found["assessments"] = [{**each, "slot": at} for at, each in enumerate(both["assessments"], 1)]
    return found


def _before(view: CaseView) -> dict[str, Any]:
    """What speaks against it for good, of every mediation that was opened from this case."""
    known = []
    for each in (case for case in view.linked(RELATION) if case.later):
        forms = newest_forms(view.connection, each.case_id)
        known += [view.vault.open_json(forms[key].answers_sealed) for key in _TOLD if key in forms]
        told = {key: view.vault.open_json(forms[key].answers_sealed) for key in _VIOLENT if key in forms}
        if any(told.get(key, {}).get(name) == sign for key, (name, sign) in _VIOLENT.items()):
            known.append({"pastViolence": True})
    return lasting(view, known)
