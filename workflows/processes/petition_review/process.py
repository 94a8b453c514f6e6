"""What follows a decided petition as a process type: her right to a review and a recheck. No case is opened as one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from engine.errors import Forbidden, NotNow
from engine.messages import N_, Message
from engine.process_type import Check, Start
from workflows import calendar_days, chains
from workflows.processes.petition import wording as petition
from workflows.processes.petition_review import examination, periods, preparation, routing, wording
from workflows.processes.petition_review.forms import FORMS
from workflows.screening import too_close
from workflows.staffing import unheld

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date

    from sqlalchemy import Connection

    from engine.access import Actor
    from engine.clock import Calendar, Period
    from engine.decisions import DecisionTable
    from engine.process_type import Answers, Candidates, CaseView, Form, Prepared, Problems

#: form → (routing fact of the drawing, field that answers it)
_FACTS: Final = {
    "review_window": ("asked", "asked"),
    "recheck_window": ("asked_again", "asked"),
    "recheck": ("recheck_result", "result"),
}
#: operation → (fact it answers, how many levels above the unit that decided)
_SENT: Final = {"review.send": ("inside", 1), "recheck.send": ("inside_again", 2)}
#: forms with which the higher federation has answered
_ANSWERS: Final = ("review", "recheck")


class ReviewProcess:
    """信访复查复核 (processes.md §2 step 12); implements `engine.process_type.ProcessType`."""

    key = "petition_review"
    title = N_("信访复查复核")
    series = ""
    confidentiality = "C2"
    notices = wording.NOTICES
    sequels: Mapping[str, str] = {}
    forms: Mapping[str, Form] = FORMS
    #: what lists say of a confidential item's steps (D4)
    neutral_titles: Mapping[str, str] = dict.fromkeys(("T_DeliverReview", "T_DeliverRecheck"), N_("妇女走访"))

    def start(self, connection: Connection, actor: Actor) -> Start:  # noqa: ARG002
        """Never: it follows from a petition."""
        raise Forbidden(why=Message(N_("复查复核在送达处理意见之后自动开始，不能单独新建")))

    def options(self, view: CaseView, name: str) -> Sequence[tuple[str, str]]:  # noqa: ARG002
        """No list is needed."""
        return ()

    def source(self, clause: str) -> Message:
        """A clause id as people know it."""
        return petition.source(clause)

    def examine(self, view: CaseView, form: str, values: Answers) -> Problems:
        """Rules that need the item."""
        return examination.examine(view, form, values)

    def prepare(self, view: CaseView, form: str) -> Prepared:
        """What a form opens with."""
        return preparation.prepare(view, form)

    def check(self, view: CaseView, form: str, values: Answers) -> Check:
        """Problems only: no table decides here."""
        return Check(self.examine(view, form, values))

    def shipped_tables(self) -> bytes:
        """None."""
        return b""

    def unfit_tables(self, tables: Mapping[str, DecisionTable]) -> Sequence[Message]:  # noqa: ARG002
        """None."""
        return ()

    def facts(self, form: str, values: Answers) -> Mapping[str, Any]:
        """The routing fact a form answers."""
        if form in ("review", "review_outside"):
            return {"changed": values["result"] != "UPHELD"}
        named = _FACTS.get(form)
        return {named[0]: values[named[1]]} if named else {}

    def submitted(self, view: CaseView, form: str, values: Answers) -> None:
        """The unit that decided hears that the higher one has answered."""
        if form in _ANSWERS and values["result"] != "HEARING":
            own = routing.candidates(view, "T_DeliverReview", "RIGHTS_WORKER")
            view.notify(own.post, own.unit_id, "review.answered")

    def decide(self, view: CaseView, decision: str, facts: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: ARG002
        """Never asked: the drawing has no business-rule task."""
        return {}

    def perform(self, view: CaseView, operation: str, facts: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: ARG002
        """Whether there is a letter at all; find the higher federation and tell it, or have its answer come on paper."""
        if operation == "review.open":
            return {"letter": view.form("deliver") is not None}
        fact, levels = _SENT[operation]
        higher = routing.above(view, levels)
        if higher is not None:
            view.notify(routing.HEADS[higher.kind], higher.id, "review.asked")
        return {fact: higher is not None}

    def candidates(self, view: CaseView, element: str, lane: str, facts: Mapping[str, Any]) -> Candidates:  # noqa: ARG002
        """The unit that decided, the one above it, or the one above that."""
        return routing.candidates(view, element, lane)

    def seats(self, view: CaseView, element: str, lane: str, facts: Mapping[str, Any]) -> Sequence[Candidates]:
        """No step has several signers; one is asked as for every step."""
        return [self.candidates(view, element, lane, facts)]

    def colleagues(self, view: CaseView, element: str) -> Sequence[Candidates]:  # noqa: ARG002
        """Nobody: a review is the higher federation's own."""
        return ()

    def free(self, view: CaseView, element: str, post: str, unit_id: int) -> Collection[int]:
        """Holders without an obstacle."""
        return chains.Chains({}, routing.obstacle).free(view, element, post, unit_id)

    def misplaced(self, connection: Connection, on: date) -> Sequence[int]:
        """Posts that ended, conflicts declared since."""
        return sorted({*unheld(connection, self.key, on), *too_close(connection, on)})

    def may_work(self, view: CaseView, element: str, form: str) -> Message | None:  # noqa: ARG002
        """Conflict of interest; nobody reviews her own decision."""
        return routing.obstacle(view, view.actor.id, element)

    def pauses(self, form: str, values: Answers) -> bool:
        """The time of a hearing is not counted (条例 36)."""
        return form == "recheck" and values["result"] == "HEARING"

    def period(self, view: CaseView, key: str) -> Period:
        """By the policy version the petition keeps."""
        return periods.period(view, key)

    def anchor(self, view: CaseView, key: str) -> date | None:
        """Day 0: the day a letter reached her, the day she asked."""
        return periods.anchor(view, key)

    def calendar(self, view: CaseView) -> Calendar:
        """The installation's working calendar."""
        return calendar_days.calendar_of(view.connection)

    def superiors(self, view: CaseView, posts: Sequence[str]) -> Sequence[tuple[str, int]]:
        """Where the posts named by a period are held for this item."""
        return routing.superiors(view, posts)

    def returns(self, element: str) -> Sequence[tuple[str, str]]:  # noqa: ARG002
        """Nothing is sent back."""
        return ()

    def withdrawal(self, element: str) -> str | None:  # noqa: ARG002
        """Never by the general verb: see `withdrawn`."""
        return "reviewed"

    def termination(self, elements: Sequence[str]) -> str | None:  # noqa: ARG002
        """Her right is ended by nobody."""
        return None

    def terminated(self, view: CaseView) -> None:
        """Never asked: see `termination`."""

    def phone(self, view: CaseView) -> str:
        """What she gave at the desk."""
        return str((view.form("register") or {}).get("phone") or "")

    def withdrawn(self, view: CaseView) -> None:  # noqa: ARG002
        """She need not ask for a review: then its window passes, and a person says so."""
        raise NotNow(why=Message(N_("不申请复查复核的，期满后登记“没有申请”；已经申请的，由办理的妇联答复")))


PROCESS = ReviewProcess()
