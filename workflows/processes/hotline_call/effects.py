"""What a submitted form does to the call, and the automatic steps: protection first, then the register, then whose it is."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, cast

from engine.clock import civil_date
from engine.commands.context import CaseContext
from engine.process_type import Start
from workflows import organisation, people
from workflows.complaints import lift_above
from workflows.organisation import person_hash
from workflows.posts import ANSWERING_POSTS
from workflows.processes.dv_case.opening import confide, open_protection
from workflows.processes.hotline_call import register, routing
from workflows.processes.petition import safety
from workflows.processes.petition.calls import handed_over
from workflows.processes.petition.decisions import harmed
from workflows.processes.petition.effects import parties, received_at
from workflows.processes.petition.likeness import searchable
from workflows.processes.petition.operations import PROTECTED
from workflows.screening import enter_parties

if TYPE_CHECKING:
    from datetime import datetime

    from engine.process_type import Answers, CaseView

MOST_MINUTES: Final = 600


def submitted(view: CaseView, form: str, values: Answers) -> None:
    """Effects of a form, before the drawing moves on."""
    if form == "call":
        _recorded(view, values)
    elif values["taken"] == "TAKE":
        register.set_columns(view, taken_at=view.now, taken_by=view.actor.id)
        line = register.entry(view.connection, view.case.id)
        if line is not None:
            view.notify(line.agent_post, line.unit_id, "hotline_call.taken")


def _recorded(view: CaseView, values: Answers) -> None:
    """Enter the register, lay down how she is reached, say who the parties are, give the call to whom it is handed."""
    hers = routing.desk(view.actor.posts)
    at = called_at(view, values)
    to_unit = values["toUnit"] if values["result"] == "HAND_OVER" and not values["accusedStaff"] else None
    register.enter(
        view,
        {
            "unit_id": view.case.unit_id,
            "agent_id": view.actor.id,
            "agent_post": hers.code if hers is not None else ANSWERING_POSTS[0],
            "called_at": at,
            "minutes": values["minutes"] or _minutes(view, at),
            "caller": values["caller"],
            "category": values["category"],
            "harm": harmed(values),
            "result": values["result"],
            "to_unit_id": to_unit,
        },
    )
    known = person_hash(view.vault, values["idcard"]) if values["idcard"] else None
    phone = view.vault.lookup("phone", values["phone"]) if values["phone"] else None
    subject = people.mask_name(values["name"]) if values["name"] else "匿名"
    view.describe(subject=subject, subject_hash=known or phone, applied_on=values["receivedOn"])
    enter_parties(view, parties(view, {**values, "representatives": []}))
    view.findable(searchable(values))
    safety.lay_down(view, values)
    if to_unit is not None:
        _give(view, to_unit)


def called_at(view: CaseView, values: Answers) -> datetime:
    """When she called: the hour that was typed, or when the record of that day was opened."""
    on = values["receivedOn"]
    if not values["receivedTime"] and on == civil_date(view.case.created_at):
        return cast("datetime", view.case.created_at)
    return received_at(view, on, values["receivedTime"])


def _minutes(view: CaseView, at: datetime) -> int:
    """From when it was answered to now, at least one: a record opened after the call tells nothing of its length."""
    passed: float = (view.now - max(at, view.case.created_at)).total_seconds()
    return max(1, min(MOST_MINUTES, math.ceil(passed / 60)))


def _give(view: CaseView, unit_id: int) -> None:
    """The call is now that unit's to take over."""
    place = organisation.unit(view.connection, unit_id)
    view.describe(unit_id=place.id, path=place.path)
    view.notify(*routing.receiver(view, place.id), "hotline_call.received")


def perform(view: CaseView, operation: str) -> Mapping[str, Any]:
    """An automatic step."""
    _OPERATIONS[operation](view)
    return {}


def _record(view: CaseView) -> None:
    """Before anything else: as for a petition, in the same order, so that whoever is accused is kept from the protection too."""
    typed = view.form("call") or {}
    if typed.get("accusedStaff"):
        assert isinstance(view, CaseContext)  # noqa: S101 - the drawing moves within a command alone
        view.write_description()
        lift_above(view.work, view.case.id, account_id=int(typed["accusedStaff"]), reason=str(typed["matter"])[:200])
        view.case = view.work.fresh(view.case.id)
        register.set_columns(view, to_unit_id=view.case.unit_id)
    if harmed(typed) or typed.get("result") == "URGENT":
        confide(view)
        known = {name: typed.get(name) for name in PROTECTED}
        known |= {"urgency": "DANGER"} if typed.get("result") == "URGENT" else {}
        open_protection(view, known, joins=not view.excludes(view.actor.id))


def _pass_on(view: CaseView) -> None:
    line = register.entry(view.connection, view.case.id)
    assert line is not None  # noqa: S101 - written with the record
    to_unit = int((view.form("take_over") or {})["toUnit"])
    register.set_columns(view, to_unit_id=to_unit, passed_on=line.passed_on + 1)
    view.notify(line.agent_post, line.unit_id, "hotline_call.passed_on")
    _give(view, to_unit)


def _open_petition(view: CaseView) -> None:
    place = organisation.unit(view.connection, view.case.unit_id)
    form, answers = handed_over(view.form("call") or {})
    view.open_case(
        "petition", Start(place.id, place.path, place.code), relation=register.RELATION, form=form, answers=answers
    )


_OPERATIONS: Final[Mapping[str, Callable[[Any], None]]] = {
    "hotline_call.record": _record,
    "hotline_call.pass_on": _pass_on,
    "hotline_call.open_petition": _open_petition,
}
