"""What follows a loan as a process type: no case is opened as one, it takes over where `loan` ended with a disbursement."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from engine.errors import Forbidden
from engine.messages import N_, Message
from engine.process_type import Start
from workflows import month_end
from workflows.after_policy import ANCHORED
from workflows.plain_process import PlainProcess
from workflows.processes.loan import conflicts, routing
from workflows.processes.loan import wording as loan_wording
from workflows.processes.loan_after import (
    decisions,
    effects,
    examination,
    policy,
    preparation,
    register,
    schedule,
    wording,
)
from workflows.processes.loan_after.forms import FORMS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date

    from sqlalchemy import Connection

    from engine.access import Actor
    from engine.clock import Period
    from engine.decisions import DecisionTable
    from engine.process_type import Answers, Candidates, CaseView, Form, Prepared, Problems

#: form → (routing fact of the drawing, field that answers it)
_FACTS = {
    "extension_decision": ("extension_decision", "decision"),
    "default_decision": ("default_decision", "decision"),
}
_DUE = "loan_after.due"
_BEFORE_DUE = ("loan_after.before.first", "loan_after.before.second", "loan_after.extension.open")


class LoanAfterProcess(PlainProcess):
    """妇女小额担保贷款贷后管理 (P1b); implements `engine.process_type.ProcessType`.

    A loan that was paid out cannot be withdrawn, and ends by repayment, extension or default, never by decree.
    """

    key = "loan_after"
    title = N_("妇女小额担保贷款贷后管理")
    series = ""
    confidentiality = "C2"
    notices = wording.NOTICES
    #: an extended loan begins anew, on the newest drawing, with its new due date
    sequels: Mapping[str, str] = {"extended": "loan_after"}
    #: visits to a woman whose matter is confidential say nothing of it (D4)
    neutral_titles: Mapping[str, str] = dict.fromkeys(("T_Visit", "T_TownVisit"), N_("妇女走访"))
    forms: Mapping[str, Form] = FORMS

    def start(self, connection: Connection, actor: Actor) -> Start:  # noqa: ARG002
        """Never: it follows from a loan."""
        raise Forbidden(why=Message(N_("贷后管理在放款时自动开始，不能单独新建")))

    def source(self, clause: str) -> Message:
        """A clause id as people know it."""
        return loan_wording.source(clause)

    def examine(self, view: CaseView, form: str, values: Answers) -> Problems:
        """Rules that need the loan."""
        return examination.examine(view, form, values)

    def prepare(self, view: CaseView, form: str) -> Prepared:
        """What a form opens with."""
        return preparation.prepare(view, form)

    def shipped_tables(self) -> bytes:
        """bpmn/loan_after.dmn."""
        return decisions.shipped()

    def unfit_tables(self, tables: Mapping[str, DecisionTable]) -> Sequence[Message]:
        """D9 with facts this module gathers."""
        return decisions.unfit(tables)

    def facts(self, form: str, values: Answers) -> Mapping[str, Any]:
        """The routing fact a form answers."""
        named = _FACTS.get(form)
        return {named[0]: values[named[1]]} if named else {}

    def submitted(self, view: CaseView, form: str, values: Answers) -> None:
        """Loan book and registers."""
        effects.submitted(view, form, values)

    def decide(self, view: CaseView, decision: str, facts: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: ARG002
        """D9, the only table."""
        return decisions.note_band(view)

    def perform(self, view: CaseView, operation: str, facts: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: ARG002
        """An automatic step."""
        return effects.perform(view, operation)

    def candidates(self, view: CaseView, element: str, lane: str, facts: Mapping[str, Any]) -> Candidates:  # noqa: ARG002
        """As for the loan: the lane's post, or the first level above that is free of conflict."""
        return routing.candidates(view, element, lane)

    def colleagues(self, view: CaseView, element: str) -> Sequence[Candidates]:  # noqa: ARG002
        """As for the loan."""
        return routing.CHAINS.colleagues(view)

    def free(self, view: CaseView, element: str, post: str, unit_id: int) -> Collection[int]:
        """Holders without an obstacle."""
        return routing.CHAINS.free(view, element, post, unit_id)

    def may_work(self, view: CaseView, element: str, form: str) -> Message | None:  # noqa: ARG002
        """Conflict of interest (D3.3); what was signed for the loan itself bars nobody from following it."""
        return conflicts.obstacle(view, view.actor.id, element)

    def period(self, view: CaseView, key: str) -> Period:
        """By the version the loan keeps."""
        return policy.period(policy.policy_of(view), key)

    def anchor(self, view: CaseView, key: str) -> date | None:
        """Day 0 of the clocks that hang on the loan's dates: visits on its disbursement, the rest on the due date that counts.

        The period (`policy.period`) ends at 24:00 of the day before, so that a step opens as its own day begins.
        """
        if key != _DUE and key not in ANCHORED:
            return None
        line, rules = register.standing(view), policy.policy_of(view).parameters
        due: date = line.due_on
        if key == "loan_after.visit":
            last = register.last_visit(view.connection, view.case.id)
            return schedule.next_visit(line.disbursed_on, last, rules) - timedelta(days=1)
        if key in _BEFORE_DUE:
            return due - timedelta(days=rules.integer(ANCHORED[key]) + 1)
        return due

    def phone(self, view: CaseView) -> str:
        """What she gave on the application."""
        return str((view.form("apply") or {}).get("phone") or "")

    def come_round(self, runtime: Any) -> int:
        """The figures of a month that is over are fixed."""
        return month_end.fix_months(runtime)


PROCESS = LoanAfterProcess()
