"""The loan as a process type: hands the engine its forms and answers its questions, each from the module that knows.

application: what the rules see · decisions, guarantors: D1 and D2 · examination: rules of each form · effects: registers ·
routing, conflicts: who works on what · completeness: all forms before the stamp · preparation: what a form opens with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.errors import Forbidden
from engine.messages import N_, Message
from engine.process_type import Check, Start
from workflows import organisation, people
from workflows.plain_process import PlainProcess
from workflows.posts import UnitKind
from workflows.processes.loan import conflicts, decisions, effects, examination, preparation, register, routing, wording
from workflows.processes.loan.application import application, policy_of, standing_application
from workflows.processes.loan.decisions import eligibility
from workflows.processes.loan.forms_apply import APPLY
from workflows.processes.loan.forms_county import ASK_DISBURSEMENT, DISBURSE, FINAL_CHECK, STAMP
from workflows.processes.loan.forms_credit import ACCEPT_LESS, CREDIT, SUPPLEMENT
from workflows.processes.loan.forms_refusal import CONFIRM_LAPSE, CONFIRM_REFUSAL
from workflows.processes.loan.forms_review import TOWN_REVIEW, VILLAGE_REVIEW
from workflows.processes.loan.guarantors import sureties
from workflows.processes.loan.register import guarantees

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy import Connection

    from engine.access import Actor
    from engine.clock import Period
    from engine.decisions import Decision, DecisionTable
    from engine.process_type import Answers, Candidates, CaseView, Form, Prepared, Problems
    from workflows.form import SchemaForm

_FORMS: tuple[SchemaForm, ...] = (
    APPLY,
    VILLAGE_REVIEW,
    TOWN_REVIEW,
    CREDIT,
    ACCEPT_LESS,
    SUPPLEMENT,
    FINAL_CHECK,
    STAMP,
    DISBURSE,
    ASK_DISBURSEMENT,
    CONFIRM_LAPSE,
    CONFIRM_REFUSAL,
)
#: form → (routing fact of the drawing, field that answers it)
_FACTS = {
    "village_review": ("village_opinion", "opinion"),
    "town_review": ("town_opinion", "opinion"),
    "credit": ("credit_decision", "decision"),
    "accept_less": ("accepts_less", "accepts"),
    "final_check": ("final_decision", "decision"),
    "confirm_lapse": ("lapse", "decision"),
    "ask_disbursement": ("ask_result", "result"),
    "confirm_refusal": ("applicant_objects", "applicantObjects"),
}
_STEPS = {
    "T_Correct": N_("申请人补正"),
    "T_VillageReview": N_("村级把关"),
    "T_TownReview": N_("乡镇审核"),
    "T_Credit": N_("信用社审批"),
    "T_FinalCheck": N_("县妇联终审"),
}
#: step → the earlier steps it may be sent back to
_RETURNS = {
    "T_VillageReview": ("T_Correct",),
    "T_TownReview": ("T_VillageReview", "T_Correct"),
    "T_Credit": ("T_TownReview",),
    "T_AcceptLess": ("T_Credit",),
    "T_Supplement": ("T_Credit", "T_TownReview", "T_VillageReview"),
    "T_FinalCheck": ("T_Credit", "T_TownReview"),
    "T_Stamp": ("T_FinalCheck",),
}
_AFTER_STAMP = ("T_Disburse", "T_AskDisbursement")
_VILLAGE_POST, _TOWN_POST = "VILLAGE_CHAIR", "TOWN_CHAIR"


class LoanProcess(PlainProcess):
    """妇女小额担保贷款 (processes.md §1); implements `engine.process_type.ProcessType`."""

    key = "loan"
    title = N_("妇女小额担保贷款")
    series = "L"
    confidentiality = "C2"
    #: kind of notice → Chinese msgid
    notices = wording.NOTICES
    #: a loan that was paid out is followed until it is repaid (processes.md §1 step 13)
    sequels: Mapping[str, str] = {"disbursed": "loan_after"}
    forms: Mapping[str, Form] = {form.key: form for form in _FORMS}

    def start(self, connection: Connection, actor: Actor) -> Start:
        """In her village for a village chair; in her township for a township chair (a woman without village unit)."""
        for post in (_VILLAGE_POST, _TOWN_POST):
            for held in actor.posts:
                if held.code == post:
                    place = organisation.unit(connection, held.unit_id)
                    return Start(place.id, place.path, place.code)
        raise Forbidden(why=Message(N_("贷款申请由村妇联主席或乡镇妇联主席代为录入")))

    def options(self, view: CaseView, name: str) -> Sequence[tuple[str, str]]:
        """The list behind a field's `options`: (value, Chinese label).

        "villages": those of the case's county, its townships for women without a village unit, 0 for elsewhere.
        """
        if name != "villages":
            return ()
        county = organisation.county_of(view.connection, view.case.unit_id)
        towns = {u.id: u.name for u in organisation.below(view.connection, county.id, UnitKind.TOWN)}
        found = [(str(u.id), u.name) for u in organisation.below(view.connection, county.id, UnitKind.VILLAGE)]
        return [*found, *((str(i), name) for i, name in towns.items()), ("0", N_("其他地方（不在本县）"))]

    def source(self, clause: str) -> Message:
        """A clause id as people know it."""
        return wording.source(clause)

    def examine(self, view: CaseView, form: str, values: Answers) -> Problems:
        """Rules that need the case."""
        return examination.examine(view, _form(form), values)

    def prepare(self, view: CaseView, form: str) -> Prepared:
        """What a form opens with."""
        return preparation.prepare(view, form)

    def check(self, view: CaseView, form: str, values: Answers) -> Check:
        """Problems, and for an application or an approval what D1 and D2 would say; nothing is recorded."""
        problems = self.examine(view, form, values)
        if form not in ("apply", "village_review", "town_review", "final_check"):
            return Check(problems)
        subject = application(view, values) if form == "apply" else standing_application(view)
        first, second = eligibility(view, subject), sureties(view, subject)
        refusals = [refusal.message for refusal in (*first.refusals, *second.refusals)]
        return Check(problems, refusals, (first.decision, *second.decisions))

    def shipped_tables(self) -> bytes:
        """bpmn/loan.dmn."""
        return decisions.shipped()

    def unfit_tables(self, tables: Mapping[str, DecisionTable]) -> Sequence[Message]:
        """D1 and D2 with facts this module gathers and codes it has words for."""
        return decisions.unfit(tables)

    def facts(self, form: str, values: Answers) -> Mapping[str, Any]:
        """The routing fact a form answers."""
        named = _FACTS.get(form)
        return {named[0]: values[named[1]]} if named else {}

    def submitted(self, view: CaseView, form: str, values: Answers) -> None:
        """Case row and registers."""
        effects.submitted(view, form, values)

    def decide(self, view: CaseView, decision: str, facts: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: ARG002
        """D1 and D2 as the drawing asks for them: `loan_eligibility` at entry, `loan_final` with the approved terms."""
        final = decision == "loan_final"
        subject = application(view, approved=final)
        first, second = eligibility(view, subject), sureties(view, subject)
        decisions: tuple[Decision, ...] = (first.decision, *second.decisions)
        against = () if final else [refusal.message for refusal in first.refusals]
        view.decided(*decisions, refusals=against)
        if final:
            return {"still_eligible": first.eligible and not second.problems}
        register.refused_because(view, " ".join(refusal.code for refusal in first.refusals))
        return {"eligible": first.eligible}

    def perform(self, view: CaseView, operation: str, facts: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: ARG002
        """An automatic step."""
        return effects.perform(view, operation)

    def candidates(
        self,
        view: CaseView,
        element: str,
        lane: str,
        facts: Mapping[str, Any],  # noqa: ARG002 - the owner of what is missing is read from the case itself
    ) -> Candidates:
        """Who gets a task."""
        return routing.candidates(view, element, lane)

    def colleagues(self, view: CaseView, element: str) -> Sequence[Candidates]:  # noqa: ARG002 - the same at every step
        """Who may be asked for her opinion."""
        return routing.CHAINS.colleagues(view)

    def free(self, view: CaseView, element: str, post: str, unit_id: int) -> Collection[int]:
        """Holders without an obstacle."""
        return routing.CHAINS.free(view, element, post, unit_id)

    def may_work(self, view: CaseView, element: str, form: str) -> Message | None:  # noqa: ARG002 - the step decides
        """Conflict of interest and four eyes."""
        return conflicts.obstacle(view, view.actor.id, element)

    def pauses(self, form: str, values: Answers) -> bool:
        """True when a review, the credit union or the final check sends the matter back."""
        named = _FACTS.get(form)
        return named is not None and values[named[1]] == "RETURN"

    def period(self, view: CaseView, key: str) -> Period:
        """By the policy version of the case."""
        return policy_of(view).period(key)

    def returns(self, element: str) -> Sequence[tuple[str, str]]:
        """Earlier steps."""
        return [(target, _STEPS[target]) for target in _RETURNS.get(element, ())]

    def withdrawal(self, element: str) -> str | None:
        """Any time before disbursement; after the stamp under a name of its own."""
        return "withdrawnAfterStamp" if element in _AFTER_STAMP else "withdrawn"

    def termination(self, elements: Sequence[str]) -> str | None:
        """Before the stamp; what is stamped can only be given up by the applicant."""
        return None if set(elements) & set(_AFTER_STAMP) else "lapsed"

    def terminated(self, view: CaseView) -> None:
        """Place free, credit union told."""
        effects.terminated(view)

    def label(self, form: str, answers: Mapping[str, Any]) -> str | None:
        """The applicant's masked name, once it is one."""
        name = str(answers.get("name") or "")
        return None if form != "apply" else "" if people.name_problem(name) else people.mask_name(name)

    def searchable(self, view: CaseView) -> Mapping[str, str]:
        """The applicant's name, and the words of project and purpose."""
        return effects.searchable(view.form("apply") or {})

    def phone(self, view: CaseView) -> str:
        """What she gave on the application."""
        return str((view.form("apply") or {}).get("phone") or "")

    def receivers(self, view: CaseView, sheet: str) -> Sequence[str]:
        """L-10G goes to the guarantors who still stand surety."""
        standing = guarantees(view.connection, view.case.id) if sheet == "L-10G" else ()
        return [row.guarantor_hash for row in standing if row.state == "active"]

    def withdrawn(self, view: CaseView) -> None:
        """Place free, right untouched, credit union told."""
        effects.withdrawn(view)


def _form(key: str) -> SchemaForm:
    return next(form for form in _FORMS if form.key == key)


PROCESS = LoanProcess()
