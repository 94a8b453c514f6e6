"""What a submitted form, or an automatic step, does to the register once there is an agreement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.clock import Unit
from workflows import calendar_days, chains
from workflows.processes.mediation import policy, register
from workflows.processes.mediation.protecting import open_for_her

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sqlalchemy import Row

    from engine.process_type import Answers, CaseView

_CONFIRM = "med.judicialConfirm"


def open_items(view: CaseView) -> list[Row[Any]]:
    """The items with a due day that nobody has looked at yet, the earliest first."""
    found = register.items(view.connection, view.case.id)
    return [item for item in found if item.due_on is not None and item.state == "OPEN"]


def due_items(view: CaseView) -> list[Row[Any]]:
    """Those whose day has come."""
    return [item for item in open_items(view) if item.due_on <= view.today]


def confirm_until(view: CaseView) -> date:
    """The last day of a joint request: 30 days from the effect of the agreement, never ending on a day off (民法典 203)."""
    rule, calendar = policy.period(view, _CONFIRM), calendar_days.calendar_of(view.connection)
    last = calendar.last_day(register.standing(view).effective_on, rule.amount, Unit.CAL)
    return calendar.next_working(last) if rule.rolls else last


def submitted(view: CaseView, form: str, values: Answers) -> None:
    """Effects of a form, before the drawing moves on."""
    if form == "confirm":
        register.set_columns(view, confirmation=values["decision"], confirm_asked_on=values["requestedOn"])
    elif form == "court_result":
        register.set_columns(view, confirmation=values["courtResult"])
    elif form == "perform":
        for found in values["results"]:
            register.check_item(view, found["term"], found["found"], values["checkedDay"])
        if values["harmSeen"] and open_for_her(view, values["harmFacts"]) is None:
            for post, unit_id in chains.superiors(view, ("RIGHTS_HEAD",)):
                view.notify(post, unit_id, "mediation.danger")


def perform(view: CaseView, operation: str) -> Mapping[str, Any]:
    """An automatic step; returns the routing facts it gives."""
    if operation == "mediation_after.open":
        register.set_columns(view, confirmation="PENDING", confirm_until=confirm_until(view))
        return {}
    return {"more_items": bool(open_items(view))}
