"""What follows an agreement as a process type: no case is opened as one, it takes over where a mediation ended with `agreed`."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from engine.errors import Forbidden
from engine.messages import N_, Message
from engine.process_type import Start
from workflows.plain_process import PlainProcess
from workflows.processes.mediation import policy, register, routing, state
from workflows.processes.mediation import wording as mediation_wording
from workflows.processes.mediation_after import effects, examination, preparation
from workflows.processes.mediation_after.forms import FORMS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date

    from sqlalchemy import Connection

    from engine.access import Actor
    from engine.clock import Period
    from engine.process_type import Answers, Candidates, CaseView, Form, Prepared, Problems


class MediationAfterProcess(PlainProcess):
    """调解协议的确认和履行 (processes.md §6); implements `engine.process_type.ProcessType`.

    An agreement in effect is neither withdrawn nor ended by decree.
    """

    key = "mediation_after"
    title = N_("调解协议的确认和履行")
    series = ""
    confidentiality = "C2"
    neutral_titles: Mapping[str, str] = dict.fromkeys(("T_Confirm", "T_Court", "T_Perform"), N_("关联事项办理"))
    forms: Mapping[str, Form] = FORMS

    def start(self, connection: Connection, actor: Actor) -> Start:  # noqa: ARG002
        """Never: it follows from a mediation."""
        raise Forbidden(why=Message(N_("调解达成协议后自动开始，不能单独新建")))

    def source(self, clause: str) -> Message:
        """A clause id as people know it."""
        return mediation_wording.source(clause)

    def examine(self, view: CaseView, form: str, values: Answers) -> Problems:
        """Rules that need the agreement."""
        return examination.examine(view, form, values)

    def prepare(self, view: CaseView, form: str) -> Prepared:
        """What a form opens with."""
        return preparation.prepare(view, form)

    def facts(self, form: str, values: Answers) -> Mapping[str, Any]:
        """Whether a court has been asked."""
        return {"asked_court": values["decision"] == "ASKED"} if form == "confirm" else {}

    def submitted(self, view: CaseView, form: str, values: Answers) -> None:
        """Registers."""
        effects.submitted(view, form, values)

    def perform(self, view: CaseView, operation: str, facts: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: ARG002
        """An automatic step."""
        return effects.perform(view, operation)

    def candidates(self, view: CaseView, element: str, lane: str, facts: Mapping[str, Any]) -> Candidates:  # noqa: ARG002
        """As for the mediation."""
        return routing.candidates(view, element, lane)

    def colleagues(self, view: CaseView, element: str) -> Sequence[Candidates]:  # noqa: ARG002
        """The rights department."""
        return routing.CHAINS.colleagues(view)

    def free(self, view: CaseView, element: str, post: str, unit_id: int) -> Collection[int]:
        """Holders without ties to a party."""
        return routing.free(view, element, post, unit_id)

    def may_work(self, view: CaseView, element: str, form: str) -> Message | None:  # noqa: ARG002
        """Ties to a party (人民调解法 19)."""
        return routing.obstacle(view, view.actor.id, element)

    def period(self, view: CaseView, key: str) -> Period:
        """By the county's versions on the day the case was opened."""
        return policy.period(view, key)

    def anchor(self, view: CaseView, key: str) -> date | None:
        """Day 0: the confirmation counts from the effect of the agreement; an item is looked at as its due day begins."""
        if key == "med.judicialConfirm":
            effective: date = register.standing(view).effective_on
            return effective
        if key != "med.item":
            return None
        first: date = effects.open_items(view)[0].due_on
        return first - timedelta(days=1)

    def phone(self, view: CaseView) -> str:
        """What the case it was opened from has told."""
        return str(state.referred(view).get("phone") or "")


PROCESS = MediationAfterProcess()
