"""The petition as a process type: hands the engine its forms and answers its questions, each from the module that knows.

decisions: D3 · matching, repeats: same person, same matter · routing: who works on what · moves: from unit to unit ·
examination: rules of each form · effects, operations, closing: the register · withdrawal: asked alone · children: mediation
and joint conference · overdue: counted for ever.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from engine.errors import Forbidden
from engine.messages import N_, Message
from engine.process_type import Start
from workflows import organisation, people
from workflows.plain_process import PlainProcess
from workflows.processes.petition import (
    decisions,
    effects,
    examination,
    matching,
    operations,
    preparation,
    recalling,
    reception,
    register,
    routing,
    wording,
)
from workflows.processes.petition.forms import FORMS
from workflows.processes.petition.likeness import searchable
from workflows.processes.petition.overdue import note_clocks
from workflows.processes.petition.policy import policy_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date

    from sqlalchemy import Connection

    from engine.access import Actor
    from engine.clock import Period
    from engine.decisions import DecisionTable
    from engine.process_type import Answers, Candidates, CaseView, Form, Prepared, Problems

#: form → (routing fact of the drawing, field that answers it)
_FACTS: Final = {
    "match": ("relation", "relation"),
    "triage": ("way", "way"),
    "escalate_up": ("village_way", "villageWay"),
    "receive": ("received", "received"),
    "objection_reply": ("reply", "reply"),
    "decide": ("outcome", "outcome"),
}
#: clocks that count from a day of the item, whatever step carries them → the register's column
_ANCHORED: Final = {
    "pet.notice": "arrived_on",
    "pet.conclude": "accepted_on",
    "pet.objection": "arrived_on",
    "pet.assigned.report": "report_back_on",
}


class PetitionProcess(PlainProcess):
    """妇女信访 (processes.md §2, P2); implements `engine.process_type.ProcessType`.

    The statutory clocks never pause (processes.md §0.3). Every item has an outcome and an answer (S004-24):
    none is ended by decree, and none by a word of somebody else's: she is asked alone first (P18), by way of “出具处理意见”.
    """

    key = "petition"
    title = N_("妇女信访")
    series = "P"
    confidentiality = "C2"
    notices = wording.NOTICES
    #: who has a decision letter may ask for a review (条例 35)
    sequels: Mapping[str, str] = {"concluded": "petition_review"}
    forms: Mapping[str, Form] = FORMS
    #: what lists say of a confidential item's steps (D4)
    neutral_titles: Mapping[str, str] = dict.fromkeys(("T_FollowUp", "T_Answer", "T_Deliver"), N_("妇女走访"))

    def start(self, connection: Connection, actor: Actor) -> Start:
        """Where the item is taken in: the unit of whoever is asked first (S002-10)."""
        for code in routing.TAKING:
            for held in actor.posts:
                if held.code == code:
                    place = organisation.unit(connection, held.unit_id)
                    return Start(place.id, place.path, place.code)
        raise Forbidden(why=Message(N_("来信来访由各级妇联的接待人员登记")))

    def options(self, view: CaseView, name: str) -> Sequence[tuple[str, str]]:
        """Lists known at run time: "places", "federations", "staff", "receptions", "same"."""
        if name in ("places", "federations"):
            return [(str(unit.id), unit.name) for unit in routing.federations(view)]
        if name == "staff":
            return [(str(account_id), said) for account_id, said in routing.staff(view)]
        if name == "receptions":
            return reception.options(view)
        if name == "same":
            return [(str(each.case_id), each.number) for each in matching.candidates(view)]
        return ()

    def source(self, clause: str) -> Message:
        """A clause id as people know it."""
        return wording.source(clause)

    def examine(self, view: CaseView, form: str, values: Answers) -> Problems:
        """Rules that need the case."""
        return examination.examine(view, form, values)

    def prepare(self, view: CaseView, form: str) -> Prepared:
        """What a form opens with."""
        return preparation.prepare(view, form)

    def shipped_tables(self) -> bytes:
        """bpmn/petition.dmn."""
        return decisions.shipped()

    def unfit_tables(self, tables: Mapping[str, DecisionTable]) -> Sequence[Message]:
        """D3 with facts this process gathers and codes it has words for."""
        return decisions.unfit(tables)

    def facts(self, form: str, values: Answers) -> Mapping[str, Any]:
        """The routing facts a form answers."""
        if form == "plan":
            return {f"work_{name}": bool(values[name]) for name in examination.WORKS}
        if form == "guide":
            return {"needs_answer": effects.needs_answer(values)}
        named = _FACTS.get(form)
        return {named[0]: values[named[1]]} if named else {}

    def submitted(self, view: CaseView, form: str, values: Answers) -> None:
        """Case row and register."""
        effects.submitted(view, form, values)

    def decide(self, view: CaseView, decision: str, facts: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: ARG002
        """D3, the only table."""
        return decisions.decide(view)

    def perform(self, view: CaseView, operation: str, facts: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: ARG002
        """An automatic step."""
        return operations.perform(view, operation)

    def candidates(self, view: CaseView, element: str, lane: str, facts: Mapping[str, Any]) -> Candidates:  # noqa: ARG002
        """By the unit that has the item, not by the lane: the same drawing serves village, township and county."""
        return routing.candidates(view, element)

    def colleagues(self, view: CaseView, element: str) -> Sequence[Candidates]:  # noqa: ARG002
        """Who may be asked for her opinion."""
        return routing.CHAINS.colleagues(view)

    def free(self, view: CaseView, element: str, post: str, unit_id: int) -> Collection[int]:
        """Holders without an obstacle."""
        return routing.CHAINS.free(view, element, post, unit_id)

    def may_work(self, view: CaseView, element: str, form: str) -> Message | None:  # noqa: ARG002
        """Conflict of interest (条例 28); who handled it does not ask how satisfied she is."""
        return routing.obstacle(view, view.actor.id, element)

    def period(self, view: CaseView, key: str) -> Period:
        """By the policy version of the day it was received."""
        found = policy_of(view).period(key)
        # the day was named when it was assigned; the policy says how many days that form proposes
        return replace(found, amount=0) if key == "pet.assigned.report" else found

    def anchor(self, view: CaseView, key: str) -> date | None:
        """Day 0: when it came to the unit that has it, when it was accepted."""
        column, line = _ANCHORED.get(key), register.entry(view.connection, view.case.id)
        return None if column is None or line is None else getattr(line, column)

    def superiors(self, view: CaseView, posts: Sequence[str]) -> Sequence[tuple[str, int]]:
        """Where the posts named by a period are held for this item."""
        return routing.superiors(view, posts)

    def label(self, form: str, answers: Mapping[str, Any]) -> str | None:
        """Her masked name, once it is one."""
        name = str(answers.get("name") or "")
        return None if form != "register" else "" if people.name_problem(name) else people.mask_name(name)

    def searchable(self, view: CaseView) -> Mapping[str, str]:
        """Her name, and the words of the matter."""
        return searchable(view.form("register") or {})

    def phone(self, view: CaseView) -> str:
        """What she gave at the desk."""
        return str((view.form("register") or {}).get("phone") or "")

    def come_round(self, runtime: Any) -> int:
        """What is overdue is counted for ever; what was extended has its new day in the register."""
        return note_clocks(runtime)

    def kept(self, view: CaseView, form: str) -> Message | None:
        """What has left the unit is not taken back."""
        return recalling.kept(view, form)

    def recalled(self, view: CaseView, form: str) -> None:
        """The register forgets what was recalled."""
        recalling.recalled(view, form)


PROCESS = PetitionProcess()
