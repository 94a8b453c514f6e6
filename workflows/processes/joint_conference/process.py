"""The joint conference as a process type: opened from a petition or a case at risk, or called periodically by the rights desk."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from engine.errors import Forbidden
from engine.messages import N_, Message
from engine.process_type import Start
from workflows import chains, organisation
from workflows.parents import tell_parents
from workflows.plain_process import PlainProcess
from workflows.policy import sla_period
from workflows.processes.joint_conference import examination, preparation, wording
from workflows.processes.joint_conference.decisions import silent, still_open
from workflows.processes.joint_conference.forms import FORMS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy import Connection

    from engine.access import Actor
    from engine.clock import Period
    from engine.process_type import Answers, Candidates, CaseView, Form, Prepared, Problems

#: who calls a conference that no case asked for
_CALLERS = ("RIGHTS_HEAD", "COUNTY_CHAIR")
_STEPS = {"T_Convene": N_("召集联席会议"), "T_Reports": N_("收齐各单位情况")}
#: step → the earlier steps it may be sent back to
_RETURNS = {"T_Reports": ("T_Convene",), "T_Minutes": ("T_Reports",)}
#: before the minutes are there, a conference can be called off
_BEFORE = frozenset(("T_Convene", "T_Reports", "T_Minutes"))


def _obstacle(view: CaseView, account_id: int, element: str) -> Message | None:  # noqa: ARG001 - the same at every step
    """Who is too close to a party keeps out of the conference about her (D3)."""
    return chains.conflict(view, account_id, wording.source("D3"))


CHAINS = chains.Chains(
    {
        "RIGHTS_HEAD": ("RIGHTS_HEAD", "COUNTY_CHAIR"),
        "RIGHTS_WORKER": ("RIGHTS_WORKER", "RIGHTS_HEAD", "COUNTY_CHAIR"),
    },
    _obstacle,
)


class ConferenceProcess(PlainProcess):
    """联席会议 (processes.md §8); implements `engine.process_type.ProcessType`.

    Nobody applies for a conference, so nobody withdraws one.
    """

    key = "joint_conference"
    title = N_("联席会议")
    series = "J"
    confidentiality = "C2"
    notices = wording.NOTICES
    forms: Mapping[str, Form] = FORMS

    def start(self, connection: Connection, actor: Actor) -> Start:
        """In the county of whoever calls a periodic conference (S004-38)."""
        for post in _CALLERS:
            for held in actor.posts:
                if held.code == post:
                    place = organisation.unit(connection, held.unit_id)
                    return Start(place.id, place.path, place.code)
        raise Forbidden(why=Message(N_("定期联席会议由权益部部长或县妇联主席召集；具体事项的会议从该事项里提出")))

    def source(self, clause: str) -> Message:
        """A clause id as people know it."""
        return wording.source(clause)

    def examine(self, view: CaseView, form: str, values: Answers) -> Problems:
        """Rules that need the case."""
        return examination.examine(view, form, values)

    def prepare(self, view: CaseView, form: str) -> Prepared:
        """What a form opens with."""
        return preparation.prepare(view, form)

    def facts(self, form: str, values: Answers) -> Mapping[str, Any]:
        """The routing fact a form answers."""
        if form == "issue":
            return {"issued": values["issued"]}
        if form == "follow":
            return {"all_done": all(each["result"] != "NOT_YET" for each in values["results"])}
        if form == "minutes_receipts":
            return {"all_receipts": all(each["receipt"] != "NOT_YET" for each in values["receipts"])}
        named = {"reports": ("held", "held"), "report_back": ("meets_again", "meetsAgain")}.get(form)
        return {named[0]: values[named[1]]} if named else {}

    def submitted(self, view: CaseView, form: str, values: Answers) -> None:
        """The case is named by what it is about; of the result hear the head, and whoever works on what called for it."""
        if form == "convene":
            view.describe(subject=dict(wording.TYPE)[values["type"]], applied_on=view.today)
        if form == "report_back" and not values["meetsAgain"]:
            _tell(view, "conference.concluded")
        if form == "reports" and values["held"] == "CALLED_OFF":
            _tell(view, "conference.called_off")

    def perform(self, view: CaseView, operation: str, facts: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: ARG002
        """The one automatic step: whether a body was silent."""
        return {"silent": bool(silent(view))}

    def candidates(self, view: CaseView, element: str, lane: str, facts: Mapping[str, Any]) -> Candidates:  # noqa: ARG002
        """The lane's post, or the first level above that is free of conflict."""
        return CHAINS.candidates(view, element, lane)

    def colleagues(self, view: CaseView, element: str) -> Sequence[Candidates]:  # noqa: ARG002
        """The rights desk and the chair."""
        return CHAINS.colleagues(view)

    def free(self, view: CaseView, element: str, post: str, unit_id: int) -> Collection[int]:
        """Holders without an obstacle."""
        return CHAINS.free(view, element, post, unit_id)

    def may_work(self, view: CaseView, element: str, form: str) -> Message | None:  # noqa: ARG002
        """Conflict of interest."""
        return _obstacle(view, view.actor.id, element)

    def period(self, view: CaseView, key: str) -> Period:
        """By the county's table of the day the conference was called for."""
        return sla_period(view.connection, view.case.unit_id, key, view.case.applied_on or view.today)

    def anchor(self, view: CaseView, key: str) -> date | None:
        """Decisions are followed on the earliest of their own days; the next meeting is prepared on its day."""
        if key == "conf.action":
            return min((each.due_on for each in still_open(view)), default=None)
        if key == "conf.next":
            following = (view.form("minutes") or {}).get("nextOn")
            return date.fromisoformat(following) if following else None
        return None

    def returns(self, element: str) -> Sequence[tuple[str, str]]:
        """Earlier steps."""
        return [(target, _STEPS[target]) for target in _RETURNS.get(element, ())]

    def termination(self, elements: Sequence[str]) -> str | None:
        """Called off before anything was decided; what was decided is followed to its end."""
        return "calledOff" if set(elements) <= _BEFORE else None

    def terminated(self, view: CaseView) -> None:
        """It is told as if nobody had come."""
        _tell(view, "conference.called_off")

    def label(self, form: str, answers: Mapping[str, Any]) -> str | None:
        """The type of the conference, once it is chosen."""
        known = dict(wording.TYPE)
        return known.get(str(answers.get("type") or ""), "") if form == "convene" else None

    def searchable(self, view: CaseView) -> Mapping[str, str]:
        """The words of the agenda; nobody's name stands in it."""
        return {"name": "", "words": str((view.form("convene") or {}).get("agenda") or "")}


def _tell(view: CaseView, kind: str) -> None:
    for post, unit_id in chains.superiors(view, ("RIGHTS_HEAD",)):
        view.notify(post, unit_id, kind)
    tell_parents(view, "conference", "conference.result", "conference.linked")


PROCESS = ConferenceProcess()
