"""What follows a decided petition as a process type: her right to a review and a recheck. No case is opened as one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from engine.errors import Forbidden, NotNow
from engine.messages import N_, Message
from engine.process_type import Start
from workflows import chains
from workflows.plain_process import PlainProcess
from workflows.processes.petition import wording as petition
from workflows.processes.petition_review import examination, periods, preparation, routing, wording
from workflows.processes.petition_review.forms import FORMS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date

    from sqlalchemy import Connection

    from engine.access import Actor
    from engine.clock import Period
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


class ReviewProcess(PlainProcess):
    """信访复查复核 (processes.md §2 step 12); implements `engine.process_type.ProcessType`.

    Her right is ended by nobody; a review is the higher federation's own, no colleague is asked.
    """

    key = "petition_review"
    title = N_("信访复查复核")
    series = ""
    confidentiality = "C2"
    notices = wording.NOTICES
    forms: Mapping[str, Form] = FORMS
    #: what lists say of a confidential item's steps (D4)
    neutral_titles: Mapping[str, str] = dict.fromkeys(("T_DeliverReview", "T_DeliverRecheck"), N_("妇女走访"))

    def start(self, connection: Connection, actor: Actor) -> Start:  # noqa: ARG002
        """Never: it follows from a petition."""
        raise Forbidden(why=Message(N_("复查复核在送达处理意见之后自动开始，不能单独新建")))

    def source(self, clause: str) -> Message:
        """A clause id as people know it."""
        return petition.source(clause)

    def examine(self, view: CaseView, form: str, values: Answers) -> Problems:
        """Rules that need the item."""
        return examination.examine(view, form, values)

    def prepare(self, view: CaseView, form: str) -> Prepared:
        """What a form opens with."""
        return preparation.prepare(view, form)

    def facts(self, form: str, values: Answers) -> Mapping[str, Any]:
        """The routing fact a form answers."""
        if form in ("review", "review_outside"):
            return {"changed": values["result"] != "UPHELD"}
        if form == "recheck_outside":
            return {"recheck_result": values["result"]}
        named = _FACTS.get(form)
        return {named[0]: values[named[1]]} if named else {}

    def submitted(self, view: CaseView, form: str, values: Answers) -> None:
        """The unit that decided hears that the higher one has answered."""
        if form in _ANSWERS and values["result"] != "HEARING":
            own = routing.candidates(view, "T_DeliverReview", "RIGHTS_WORKER")
            view.notify(own.post, own.unit_id, "review.answered")

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

    def free(self, view: CaseView, element: str, post: str, unit_id: int) -> Collection[int]:
        """Holders without an obstacle."""
        return chains.Chains({}, routing.obstacle).free(view, element, post, unit_id)

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

    def superiors(self, view: CaseView, posts: Sequence[str]) -> Sequence[tuple[str, int]]:
        """Where the posts named by a period are held for this item."""
        return routing.superiors(view, posts)

    def withdrawal(self, element: str) -> str | None:  # noqa: ARG002
        """Never by the general verb: see `withdrawn`."""
        return "reviewed"

    def phone(self, view: CaseView) -> str:
        """What she gave at the desk."""
        return str((view.form("register") or {}).get("phone") or "")

    def withdrawn(self, view: CaseView) -> None:  # noqa: ARG002
        """She need not ask for a review: then its window passes, and a person says so."""
        raise NotNow(why=Message(N_("不申请复查复核的，期满后登记“没有申请”；已经申请的，由办理的妇联答复")))


PROCESS = ReviewProcess()
