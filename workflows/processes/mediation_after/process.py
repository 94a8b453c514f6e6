"""What follows an agreement as a process type: no case is opened as one, it takes over where a mediation ended with `agreed`."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from engine.errors import Forbidden
from engine.messages import N_, Message
from engine.process_type import Check, Start
from workflows import calendar_days, chains
from workflows.processes.mediation import policy, register, routing, state
from workflows.processes.mediation import wording as mediation_wording
from workflows.processes.mediation_after import effects, examination, preparation
from workflows.processes.mediation_after.forms import FORMS
from workflows.staffing import unheld

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date

    from sqlalchemy import Connection

    from engine.access import Actor
    from engine.clock import Calendar, Period
    from engine.decisions import DecisionTable
    from engine.process_type import Answers, Candidates, CaseView, Form, Prepared, Problems


class MediationAfterProcess:
    """调解协议的确认和履行 (processes.md §6); implements `engine.process_type.ProcessType`."""

    key = "mediation_after"
    title = N_("调解协议的确认和履行")
    series = ""
    confidentiality = "C2"
    notices: Mapping[str, str] = {}
    sequels: Mapping[str, str] = {}
    neutral_titles: Mapping[str, str] = dict.fromkeys(("T_Confirm", "T_Court", "T_Perform"), N_("关联事项办理"))
    forms: Mapping[str, Form] = FORMS

    def start(self, connection: Connection, actor: Actor) -> Start:  # noqa: ARG002
        """Never: it follows from a mediation."""
        raise Forbidden(why=Message(N_("调解达成协议后自动开始，不能单独新建")))

    def options(self, view: CaseView, name: str) -> Sequence[tuple[str, str]]:  # noqa: ARG002
        """No list is needed."""
        return ()

    def source(self, clause: str) -> Message:
        """A clause id as people know it."""
        return mediation_wording.source(clause)

    def examine(self, view: CaseView, form: str, values: Answers) -> Problems:
        """Rules that need the agreement."""
        return examination.examine(view, form, values)

    def prepare(self, view: CaseView, form: str) -> Prepared:
        """What a form opens with."""
        return preparation.prepare(view, form)

    def check(self, view: CaseView, form: str, values: Answers) -> Check:
        """Problems only: nothing here is refused by a table."""
        return Check(self.examine(view, form, values))

    def shipped_tables(self) -> bytes:
        """None."""
        return b""

    def unfit_tables(self, tables: Mapping[str, DecisionTable]) -> Sequence[Message]:  # noqa: ARG002
        """No step asks a table."""
        return ()

    def facts(self, form: str, values: Answers) -> Mapping[str, Any]:
        """Whether a court has been asked."""
        return {"asked_court": values["decision"] == "ASKED"} if form == "confirm" else {}

    def submitted(self, view: CaseView, form: str, values: Answers) -> None:
        """Registers."""
        effects.submitted(view, form, values)

    def decide(self, view: CaseView, decision: str, facts: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: ARG002
        """Never asked: see `shipped_tables`."""
        return {}

    def perform(self, view: CaseView, operation: str, facts: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: ARG002
        """An automatic step."""
        return effects.perform(view, operation)

    def candidates(self, view: CaseView, element: str, lane: str, facts: Mapping[str, Any]) -> Candidates:  # noqa: ARG002
        """As for the mediation."""
        return routing.candidates(view, element, lane)

    def seats(self, view: CaseView, element: str, lane: str, facts: Mapping[str, Any]) -> Sequence[Candidates]:
        """No step has several signers; one is asked as for every step."""
        return [self.candidates(view, element, lane, facts)]

    def colleagues(self, view: CaseView, element: str) -> Sequence[Candidates]:  # noqa: ARG002
        """The rights department."""
        return routing.CHAINS.colleagues(view)

    def free(self, view: CaseView, element: str, post: str, unit_id: int) -> Collection[int]:
        """Holders without ties to a party."""
        return routing.free(view, element, post, unit_id)

    def misplaced(self, connection: Connection, on: date) -> Sequence[int]:
        """Posts that ended; ties declared since are found with those of the mediation, case by case."""
        return unheld(connection, self.key, on)

    def may_work(self, view: CaseView, element: str, form: str) -> Message | None:  # noqa: ARG002
        """Ties to a party (人民调解法 19)."""
        return routing.obstacle(view, view.actor.id, element)

    def pauses(self, form: str, values: Answers) -> bool:  # noqa: ARG002
        """Nothing here pauses a clock."""
        return False

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

    def calendar(self, view: CaseView) -> Calendar:
        """The installation's working calendar."""
        return calendar_days.calendar_of(view.connection)

    def superiors(self, view: CaseView, posts: Sequence[str]) -> Sequence[tuple[str, int]]:
        """Where the posts named by a period are held for this case."""
        return chains.superiors(view, posts)

    def returns(self, element: str) -> Sequence[tuple[str, str]]:  # noqa: ARG002
        """Nothing is sent back."""
        return ()

    def withdrawal(self, element: str) -> str | None:  # noqa: ARG002
        """An agreement in effect is not withdrawn."""
        return None

    def termination(self, elements: Sequence[str]) -> str | None:  # noqa: ARG002
        """Nor ended by decree."""
        return None

    def terminated(self, view: CaseView) -> None:
        """Never asked: see `termination`."""

    def phone(self, view: CaseView) -> str:
        """What the case it was opened from has told."""
        return str(state.referred(view).get("phone") or "")

    def withdrawn(self, view: CaseView) -> None:
        """Never asked: see `withdrawal`."""


PROCESS = MediationAfterProcess()
