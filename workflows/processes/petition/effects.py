"""What a submitted form does to the case row and the register of petitions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, time
from typing import TYPE_CHECKING, Any

from engine.clock import SHANGHAI
from workflows import organisation, people
from workflows.calendar_days import calendar_of
from workflows.organisation import person_hash
from workflows.posts import UnitKind
from workflows.processes.petition import calls, danger, moves, reception, register, repeats, routing, safety, wording
from workflows.processes.petition.decisions import LEVEL_OF, route
from workflows.processes.petition.likeness import name_of, searchable
from workflows.processes.petition.overdue import CONCLUDE, as_it_stands
from workflows.processes.petition.policy import in_force, policy_of
from workflows.processes.petition.progress import give_code
from workflows.screening import enter_parties, marks_of

if TYPE_CHECKING:
    from datetime import date

    from engine.process_type import Answers, CaseView
    from workflows.policy import Policy
    from workflows.screening import Marks

_LEVELS = {
    "VILLAGE": 1, "TOWN": 2, "COUNTY": 3, "ABOVE": 4,
    UnitKind.VILLAGE: 1, UnitKind.TOWN: 2, UnitKind.COUNTY: 3, UnitKind.CITY: 4, UnitKind.PROVINCE: 5,
}  # fmt: skip


def submitted(view: CaseView, form: str, values: Answers) -> None:
    """Effects of a form, before the drawing moves on; danger comes first, wherever it came to light."""
    danger.protect(view, values)
    effect = _FORMS.get(form)
    if effect is not None:
        effect(view, values)
    if form in routing.HANDLING:
        register.set_columns(view, handler_id=view.actor.id)


def _registered(view: CaseView, values: Answers) -> None:
    """Enter the register, lay down how she is reached, say who the parties are; who was asked first (S002-10)."""
    county = organisation.home_of(view.connection, view.case.unit_id)
    policy = in_force(view.connection, county, values["receivedOn"])
    known = person_hash(view.vault, values["idcard"]) if values["idcard"] else None
    phone = view.vault.lookup("phone", values["phone"]) if values["phone"] else None
    line = {
        "county_id": county,
        "unit_id": view.case.unit_id,
        "place_id": values["place"],
        "policy_id": policy.id,
        "received_on": values["receivedOn"],
        "received_at": received_at(view, values["receivedOn"], values["receivedTime"]),
        "arrived_on": values["receivedOn"],
        "due_on": _notice_by(view, policy, values["receivedOn"]),
        "channel": values["channel"],
        "category": values["category"],
        "people": values["people"],
        "collective": values["people"] >= policy.parameters.integer("collectiveMin"),
        "major": values["major"],
        "anonymous": values["anonymous"],
        **reception.columns(view, values),
        **calls.columns(view),
        "subject_hash": known,
        "phone_hash": phone,
        "name_hash": name_of(view.vault, values["name"]),
        "level_skipping": False,
    }
    register.enter(view, line)
    enter_parties(view, parties(view, values))
    _described(view, values, policy.id, known or phone)
    view.findable(searchable(values))
    safety.lay_down(view, values)
    give_code(view)
    _skipping(view, values["requestedLevel"])


def _described(view: CaseView, values: Answers, policy_id: int, subject_hash: str | None) -> None:
    """Her masked name on the lists, and whose case it is."""
    view.describe(
        subject=people.mask_name(values["name"]) if values["name"] else "匿名",
        subject_hash=subject_hash,
        applied_on=values["receivedOn"],
        policy_id=policy_id or None,
    )


def _notice_by(view: CaseView, policy: Policy, received_on: date) -> date:
    period = policy.period("pet.notice")
    return calendar_of(view.connection).last_day(received_on, period.amount, period.unit)


def _skipping(view: CaseView, asked: str) -> None:
    """Whether she went above the level that is competent (条例 20): told apart, never refused."""
    right = LEVEL_OF.get(str(route(view).outputs["code"]))
    if right is not None and _LEVELS[asked] > _LEVELS[right]:
        register.set_columns(view, level_skipping=True)


def flagged(view: CaseView) -> None:
    """Collective and major items are told to the head of the rights department at once (S001-4, 条例 25)."""
    line = register.standing(view)
    place = organisation.unit_for_post(view.connection, "RIGHTS_HEAD", view.case.unit_id)
    if place is None:
        return
    if line.collective:
        view.notify("RIGHTS_HEAD", place.id, "petition.collective")
    if line.major:
        view.notify("RIGHTS_HEAD", place.id, "petition.major")


def received_at(view: CaseView, on: date, typed: str | None) -> datetime:
    """When it was received: the hour that was typed, or now for something of today, or nine o'clock."""
    if typed:
        return datetime.combine(on, time.fromisoformat(typed), SHANGHAI)
    return view.now if on == view.today else datetime.combine(on, time(9), SHANGHAI)


def parties(view: CaseView, values: Answers) -> list[tuple[str, int, Marks]]:
    """The petitioner, those who speak for a group, and whom it is against (条例 28)."""
    own = {name: values[name] or "" for name in ("name", "idcard", "phone", "address")}
    found = [("APPLICANT", 0, marks_of(view.vault, view.connection, **own))]
    for each in values["representatives"]:
        known = {name: each[name] or "" for name in ("name", "idcard", "phone")}
        found.append(("HOUSEHOLD", each["slot"], marks_of(view.vault, view.connection, **known)))
    if values["accused"]:
        found.append(("RESPONDENT", 0, marks_of(view.vault, view.connection, employer=values["accused"])))
    return found


def _triaged(view: CaseView, values: Answers) -> None:
    way = values["way"]
    register.set_columns(view, way=way)
    if way == "ASSIGN":
        register.set_columns(view, report_back_on=values["reportBackOn"], assigned_by=view.case.unit_id)
    if way in ("FORWARD", "ASSIGN"):
        moves.forward(view, values["targetUnit"])


def _received(view: CaseView, values: Answers) -> None:
    """What is taken counts from the day it came here; what is objected to waits for the sender."""
    line = register.standing(view)
    if values["received"] == "AGREE":
        register.set_columns(view, sender_id=None)
    else:
        moves.tell(view, line.sender_id, "petition.objected")


def _disputed(view: CaseView, values: Answers) -> None:
    line = register.standing(view)
    here = {"KEEP": view.case.unit_id, "BACK": line.sender_id, "OTHER": values["unit"]}[values["decision"]]
    moves.move(view, here)
    register.set_columns(view, sender_id=None)
    if values["decision"] != "KEEP":
        moves.assigned_no_more(view)


def _accepted(view: CaseView, values: Answers) -> None:
    period = policy_of(view).period(CONCLUDE)
    register.set_columns(
        view,
        state="accepted",
        due_on=calendar_of(view.connection).last_day(values["acceptedOn"], period.amount, period.unit),
        accepted_on=values["acceptedOn"],
        **_notice(view, values["noticeHow"], values["noticeOn"]),
    )
    give_code(view)


def _guided(view: CaseView, values: Answers) -> None:
    """Led to another body; where that owes us no answer, being told the way is her answer."""
    told = _notice(view, values["noticeHow"], values["noticeOn"])
    if not needs_answer(values):
        told |= {"outcome": "LED_ON", "concluded_on": view.today, "answered_on": told["notice_on"]}
    register.set_columns(view, state="guided", **told)


def needs_answer(values: Mapping[str, Any]) -> bool:
    """Whether the body was sent the papers and must answer us (妇女权益保障法 73)."""
    return bool(values["forwarded"]) and values["bodyKind"] not in wording.WITHOUT_ANSWER


def _notice(view: CaseView, how: str, on: date | None) -> dict[str, Any]:
    """How she was told: on the spot when on the day it was received (条例 23)."""
    if how in ("NO_CONTACT", "NOT_SENT"):
        return {"notice_kind": how, "notice_on": None}
    spot = on == register.standing(view).received_on
    return {"notice_kind": "ON_SPOT" if spot else "LATER", "notice_on": on}


def _handled(view: CaseView, values: Answers) -> None:
    """Settled at the window: outcome and answer in one."""
    on = values["answeredOn"]
    told = _notice(view, "IN_PERSON", on)
    register.set_columns(view, outcome=values["outcome"], concluded_on=view.today, answered_on=on, **told)


def _decided(view: CaseView, values: Answers) -> None:
    """The outcome counts from today, and whether it came too late is fixed for ever (条例 34)."""
    if values["outcome"] == "WITHDRAWN":
        register.set_columns(view, outcome=None, concluded_on=None)
        return
    clock = as_it_stands(view.connection, register.standing(view), view.now)
    register.set_columns(view, outcome=values["outcome"], concluded_on=view.today, **clock)


def _delivered(view: CaseView, values: Answers) -> None:
    if values["way"] in wording.REACHED:
        register.set_columns(view, delivered_on=values["deliveredOn"], answered_on=values["deliveredOn"])


def _body_answered(view: CaseView, values: Answers) -> None:
    outcome = {"HANDLED": "MOVED", "PROCEDURE": "LED_ON", "REFUSED": "LED_ON"}[values["result"]]
    register.set_columns(view, outcome=outcome, concluded_on=view.today, answered_on=values["answeredOn"])


def _asked(view: CaseView, values: Answers) -> None:
    """How satisfied she is; what she was answered since counts from the day she said so."""
    late = values["hasAnswer"] and register.standing(view).answered_on is None
    heard = {"answered_on": values["askedOn"]} if late else {}
    register.set_columns(view, satisfaction=values["satisfaction"] or "NO_CONTACT", **heard)


def _reported(view: CaseView, values: Answers) -> None:  # noqa: ARG001 - it stands in the form
    line = register.standing(view)
    moves.tell(view, line.assigned_by, "petition.reported")


_FORMS: Mapping[str, Callable[[Any, Any], None]] = {
    "register": _registered,
    "match": repeats.noted,
    "triage": _triaged,
    "receive": _received,
    "dispute": _disputed,
    "accept": _accepted,
    "guide": _guided,
    "handle_now": _handled,
    "decide": _decided,
    "deliver": _delivered,
    "body_answer": _body_answered,
    "answer": _asked,
    "report": _reported,
}
