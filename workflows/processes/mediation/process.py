"""Mediation (调解) as a process type: a case of its own, opened from a petition (later from others), never by itself.

state: how it stands · gate, decisions: D5 and the forbidden clauses · examination: rules of each form · effects: registers ·
routing: case manager and mediator · preparation: what a form opens with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.errors import Forbidden
from engine.messages import N_, Message
from engine.process_type import Check, Start
from workflows import chains
from workflows.plain_process import PlainProcess
from workflows.posts import TRAINED_POSTS
from workflows.processes.mediation import (
    decisions,
    effects,
    examination,
    knowing,
    policy,
    preparation,
    routing,
    state,
    wording,
)
from workflows.processes.mediation.forms import FORMS
from workflows.processes.mediation.gate import surely_forbidden

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy import Connection, Row

    from engine.access import Actor
    from engine.clock import Period
    from engine.decisions import DecisionTable
    from engine.need_to_know import Part
    from engine.process_type import Answers, Candidates, CaseView, Form, Prepared, Problems

_STEPS = {
    "T_Appoint": N_("确定调解员"),
    "T_Check": N_("调解前单独核对"),
    "T_Session": N_("调解会"),
    "T_Agreement": N_("制作调解协议"),
}
#: step → the earlier steps it may be sent back to
_RETURNS = {
    "T_Rights": ("T_Appoint",),
    "T_Check": ("T_Appoint",),
    "T_Session": ("T_Check", "T_Appoint"),
    "T_Agreement": ("T_Session",),
    "T_Sign": ("T_Agreement",),
}


class MediationProcess(PlainProcess):
    """调解 (processes.md §6); implements `engine.process_type.ProcessType`.

    It is stopped by the step made for it, so that the other remedies are told (人民调解法 26), never by the general verbs.
    """

    key = "mediation"
    title = N_("调解")
    series = "M"
    confidentiality = "C2"
    opened_from = ("petition",)
    notices = wording.NOTICES
    #: confirmation and performance are followed by themselves; whoever waits for the mediation waits no longer (decision 43)
    sequels: Mapping[str, str] = {"agreed": "mediation_after"}
    neutral_titles: Mapping[str, str] = dict.fromkeys(
        ("T_ConsentHer", "T_ConsentOther", "T_Appoint", "T_Rights", "T_Check", "T_Session", "T_Stop", "T_Agreement",
         "T_Sign", "T_End"), N_("关联事项办理"),
    )  # fmt: skip
    forms: Mapping[str, Form] = FORMS

    def start(self, connection: Connection, actor: Actor) -> Start:  # noqa: ARG002
        """Never by itself: what the gate must know comes with the case it is opened from."""
        raise Forbidden(why=Message(N_("调解由信访等事项转入，须先通过调解关口（D5），不能单独新建")))

    def options(self, view: CaseView, name: str) -> Sequence[tuple[str, str]]:
        """The list behind a field's `options`: "mediators", "scorers" (trained posts), "heads" of the rights department."""
        if name == "mediators":
            return [(str(h.account_id), h.name) for h in routing.listed_mediators(view)]
        posts = {"scorers": TRAINED_POSTS, "heads": ("RIGHTS_HEAD",)}.get(name, ())
        places = chains.places(view, posts)
        return list({str(h.account_id): h.name for _, held in places for h in held}.items())

    def source(self, clause: str) -> Message:
        """A clause id as people know it."""
        return wording.source(clause)

    def examine(self, view: CaseView, form: str, values: Answers) -> Problems:
        """Rules that need the case."""
        return examination.examine(view, form, values)

    def prepare(self, view: CaseView, form: str) -> Prepared:
        """What a form opens with."""
        return preparation.prepare(view, form)

    def check(self, view: CaseView, form: str, values: Answers) -> Check:
        """Problems, and what the gate says now."""
        found = state.ask_gate(view)
        return Check(self.examine(view, form, values), found.reasons if found.forbidden else (), (found.decision,))

    def shipped_tables(self) -> bytes:
        """bpmn/mediation.dmn."""
        return decisions.shipped()

    def unfit_tables(self, tables: Mapping[str, DecisionTable]) -> Sequence[Message]:
        """D5 and the forbidden clauses with facts and codes this module knows."""
        return decisions.unfit(tables)

    def facts(self, form: str, values: Answers) -> Mapping[str, Any]:
        """The routing fact a form answers."""
        if form == "consent_her":
            return {"her_consent": state.alone_and_written(values) and not surely_forbidden(values)}
        if form == "appoint_mediator":
            return {"accepted": values["rejectedBy"] == "NONE"}
        return {"agreement_way": values["way"]} if form == "agreement" else {}

    def submitted(self, view: CaseView, form: str, values: Answers) -> None:
        """Registers."""
        effects.submitted(view, form, values)

    def decide(self, view: CaseView, decision: str, facts: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: ARG002
        """D5, the only table a step asks."""
        return effects.decide(view)

    def perform(self, view: CaseView, operation: str, facts: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: ARG002
        """An automatic step."""
        return effects.perform(view, operation)

    def candidates(self, view: CaseView, element: str, lane: str, facts: Mapping[str, Any]) -> Candidates:  # noqa: ARG002
        """The case manager, or the mediator who was named."""
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

    def returns(self, element: str) -> Sequence[tuple[str, str]]:
        """Earlier steps."""
        return [(target, _STEPS[target]) for target in _RETURNS.get(element, ())]

    def consenting(self, period: str) -> Mapping[str, Message]:
        """Both sides must want the mediation to go on beyond its thirty days."""
        return state.consenting(period)

    def consent_rule(self, period: str) -> Message:  # noqa: ARG002
        """Nobody is kept in a mediation (人民调解法 23)."""
        return wording.source("RML23")

    def part(self, connection: Connection, actor: Actor, case: Row[Any]) -> Part | None:
        """A mediator sees what mediating takes."""
        return knowing.part(connection, actor, case)

    def phone(self, view: CaseView) -> str:
        """What the case it was opened from has told."""
        return str(state.referred(view).get("phone") or "")

    def receivers(self, view: CaseView, sheet: str) -> Sequence[str]:
        """P-10O goes to the other party; every other sheet to her, or to nobody."""
        return state.other_hashes(view) if sheet == "P-10O" else ()

    def searchable(self, view: CaseView) -> Mapping[str, str]:
        """Her name, and the words of the matter."""
        told = state.parties(view)
        return {"name": str(told["name"] or ""), "words": str(told["subject"] or "")}


PROCESS = MediationProcess()
