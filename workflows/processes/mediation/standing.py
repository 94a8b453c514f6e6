"""Whether a form may be filed as the mediation stands: not once it was stopped, by the mediator alone, days in their order."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final

from engine.messages import N_, Message
from workflows import training
from workflows.processes.mediation import register, state, wording

if TYPE_CHECKING:
    from collections.abc import Collection

    from engine.process_type import Answers, CaseView, Problems

#: form of a step that goes on with the mediation → the field at which it is refused
_GOING_ON: Final = {
    "appoint_mediator": "mediator",
    "rights_told": "toldOn",
    "check": "stillWilling",
    "session": "result",
    "agreement": "way",
    "agreement_signed": "signWay",
}
#: what the mediator alone does
_HERS: Final = ("rights_told", "session", "agreement")
#: form → (its day, (earlier form, its day)): what the day must not lie before
_AFTER: Final = {
    "check": ("checkedOn", ("session", "heldOn")),
    "session": ("heldOn", ("check", "checkedOn")),
    "agreement": ("agreedOn", ("session", "heldOn")),
}


def problems(view: CaseView, form: str, values: Answers) -> Problems:
    """Why a form may not be filed now, by path."""
    field = _GOING_ON.get(form)
    if field is None:
        return {}
    if state.stopped(view) and not (values.get("violence") or values.get("newViolence")):
        text = Message(N_("调解已经停止或者期满，不能再继续：只能告知其他途径（P-10）"))
        return {field: [wording.ruled(text, "RML26", code="STOPPED")]}
    if form in _HERS and not state.named(view):
        text = Message(N_("这一步只能由双方接受的调解员办理：她不能再办的，请退回“确定调解员”，另请一名"))
        return {field: [wording.ruled(text, "RML23", code="NOT_NAMED")]}
    return _in_order(view, form, values)


def _in_order(view: CaseView, form: str, values: Answers) -> Problems:
    """A day that lies before what went before it, or before both had agreed to mediate."""
    name, (before, of) = _AFTER.get(form, ("", ("", "")))
    day = values.get(name) if name else None
    if day is None:
        return {}
    begun = register.standing(view).begun_on
    known = [each for each in (begun, _day((view.form(before) or {}).get(of))) if each is not None]
    first = max(known, default=day)
    if day >= first:
        return {}
    text = N_("填写的是 {seen}，不能早于 {first}：先征得双方同意，每次调解前单独问她，谈成以后才有协议")
    return {name: [Message(text, {"seen": day.isoformat(), "first": first.isoformat()})]}


def _day(text: Any) -> date | None:
    return date.fromisoformat(text) if text else None


def _counts(view: CaseView, scored: Answers) -> bool:
    """Whoever fears the worst is heard; anything milder is said by who was trained for it (D10)."""
    return scored.get("band") == "HIGH" or training.may_score_risk(
        view.connection, scored["scorer"], scored["scoredOn"]
    )


def of_assessments(view: CaseView, values: Answers, known: Collection[tuple[Any, ...]]) -> Problems:
    """New danger assessments: scored by now, by somebody trained that day; approved by nobody but who files them (D5)."""
    found: Problems = {}
    for each in values.get("assessments") or ():
        path, on = f"assessments.{each['slot']}", each.get("scoredOn")
        if (each.get("band"), on, each.get("scorer"), each.get("approvedBy")) in known:
            continue
        if on is not None and on > view.today:
            shown = {"seen": on.isoformat(), "today": view.today.isoformat()}
            found[f"{path}.scoredOn"] = [Message(N_("填写的是 {seen}，不能晚于今天（{today}）"), shown)]
        elif on is not None and each.get("scorer") and not _counts(view, each):
            text = Message(N_("评估人当天没有有效的危险评估培训记录，这次评估不算"))
            found[f"{path}.scorer"] = [wording.ruled(text, "WF-RISK", code="UNTRAINED")]
        if each.get("approvedBy") and each["approvedBy"] != view.actor.id:
            text = Message(N_("批准由权益部部长本人登记：请她督办此步骤、自己提交，不能由别人代填"))
            found[f"{path}.approvedBy"] = [wording.ruled(text, "D5", code="NOT_HERSELF")]
    return found
