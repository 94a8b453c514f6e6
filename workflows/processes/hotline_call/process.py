"""A call to 12338 as a process type: answered, advised, or handed over to the unit that is responsible (S002-13)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final

from engine.clock import SHANGHAI
from engine.errors import Forbidden
from engine.messages import N_, Message
from engine.process_type import Prepared, Start
from workflows import organisation, people
from workflows.plain_process import PlainProcess
from workflows.processes.hotline_call import effects, examination, register, routing, wording
from workflows.processes.hotline_call.forms import FORMS
from workflows.processes.petition import routing as petition
from workflows.processes.petition import wording as rights
from workflows.processes.petition.likeness import searchable
from workflows.processes.petition.policy import in_force

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy import Connection

    from engine.access import Actor
    from engine.clock import Period
    from engine.process_type import Answers, Candidates, CaseView, Form, Problems


_LATE: Final = N_("{on} {at} 来电，由{unit}接听")


class HotlineProcess(PlainProcess):
    """12338 来电 (processes.md §2, hotline); implements `engine.process_type.ProcessType`."""

    key = "hotline_call"
    title = N_("12338 来电")
    series = "H"
    confidentiality = "C2"
    notices = wording.NOTICES
    forms: Mapping[str, Form] = FORMS
    #: what lists say of a confidential call (D4)
    neutral_titles: Mapping[str, str] = {"T_TakeOver": N_("妇女走访")}

    def start(self, connection: Connection, actor: Actor) -> Start:
        """At the telephone desk of whoever answers."""
        hers = routing.desk(actor.posts)
        if hers is None:
            raise Forbidden(why=Message(N_("12338 来电由热线坐席登记，坐席不在时由权益部登记")))
        place = organisation.unit(connection, hers.unit_id)
        return Start(place.id, place.path, place.code)

    def options(self, view: CaseView, name: str) -> Sequence[tuple[str, str]]:
        """Lists known at run time: "places", "federations", "staff"."""
        if name in ("places", "federations"):
            return [(str(unit.id), unit.name) for unit in petition.federations(view)]
        if name == "staff":
            return [(str(account_id), said) for account_id, said in petition.staff(view)]
        return ()

    def source(self, clause: str) -> Message:
        """A clause id as people know it."""
        return rights.source(clause)

    def examine(self, view: CaseView, form: str, values: Answers) -> Problems:
        """Rules that need the case."""
        return examination.examine(view, form, values)

    def prepare(self, view: CaseView, form: str) -> Prepared:
        """Now, one woman, this county: what is asked of safety has no default but her own word."""
        if form == "take_over":
            return Prepared({"taken": "TAKE"}, _came(view))
        if view.form("call"):
            return Prepared(view.form("call") or {})
        return Prepared(
            {
                "caller": "SELF",
                "receivedOn": view.today.isoformat(),
                "receivedTime": f"{view.case.created_at.astimezone(SHANGHAI):%H:%M}",
                "sex": "F",
                "people": 1,
                "matterKind": "OWN",
                "place": view.case.unit_id,
                "requestedLevel": "COUNTY",
                "urgency": "NORMAL",
                "toUnit": view.case.unit_id,
            }
        )

    def facts(self, form: str, values: Answers) -> Mapping[str, Any]:
        """The routing fact a form answers."""
        return {"result": values["result"]} if form == "call" else {"taken": values["taken"]}

    def submitted(self, view: CaseView, form: str, values: Answers) -> None:
        """Case row and register."""
        effects.submitted(view, form, values)

    def perform(self, view: CaseView, operation: str, facts: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: ARG002
        """An automatic step."""
        return effects.perform(view, operation)

    def candidates(self, view: CaseView, element: str, lane: str, facts: Mapping[str, Any]) -> Candidates:  # noqa: ARG002
        """By the unit that is to take it, not by the lane."""
        return routing.candidates(view, element)

    def free(self, view: CaseView, element: str, post: str, unit_id: int) -> Collection[int]:
        """Holders without an obstacle."""
        return routing.CHAINS.free(view, element, post, unit_id)

    def may_work(self, view: CaseView, element: str, form: str) -> Message | None:  # noqa: ARG002
        """Conflict of interest (条例 28)."""
        return routing.obstacle(view, view.actor.id, element)

    def period(self, view: CaseView, key: str) -> Period:
        """By the county's petition policy of the day of the call."""
        county = organisation.home_of(view.connection, view.case.unit_id)
        return in_force(view.connection, county, view.case.applied_on or view.today).period(key)

    def anchor(self, view: CaseView, key: str) -> date | None:  # noqa: ARG002
        """The instant of the call: the hand-over counts from it, however late it is typed and however often passed on."""
        line = register.entry(view.connection, view.case.id)
        return None if line is None else line.called_at

    def label(self, form: str, answers: Mapping[str, Any]) -> str | None:
        """Her masked name, once it is one."""
        name = str(answers.get("name") or "")
        return None if form != "call" else "" if people.name_problem(name) else people.mask_name(name)

    def searchable(self, view: CaseView) -> Mapping[str, str]:
        """Her name, and the words of the matter."""
        return searchable(view.form("call") or {})

    def phone(self, view: CaseView) -> str:
        """What she gave."""
        return str((view.form("call") or {}).get("phone") or "")


def _came(view: CaseView) -> list[Message]:
    line = register.entry(view.connection, view.case.id)
    if line is None:
        return []
    at = line.called_at.astimezone(SHANGHAI)
    unit = organisation.unit(view.connection, line.unit_id).name
    return [Message(_LATE, {"on": at.date().isoformat(), "at": f"{at:%H:%M}", "unit": unit})]


PROCESS = HotlineProcess()
