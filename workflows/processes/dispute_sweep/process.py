"""The sweep as a process type: set for a quarter by the county, reported by each village, seen by village and township."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.errors import Forbidden
from engine.messages import N_, Message
from engine.process_type import Prepared
from workflows import chains, organisation, sweep_rounds
from workflows.plain_process import PlainProcess
from workflows.policy import sla_period
from workflows.processes.dispute_sweep import effects, register
from workflows.processes.dispute_sweep.forms import FORMS
from workflows.processes.petition import wording as rights
from workflows.spans import Span

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date

    from sqlalchemy import Connection

    from engine.access import Actor
    from engine.clock import Period
    from engine.process_type import Answers, Candidates, CaseView, Form, Problems, Start

_NAMED = {
    "S001-66": N_("“平安家庭”创建的三类家庭：涉案家庭"),
    "S001-68": N_("“平安家庭”创建的三类家庭：矛盾家庭、上访家庭"),
    "S002-16": N_("基层妇女矛盾纠纷排查调解活动"),
}


def _obstacle(view: CaseView, account_id: int, element: str) -> Message | None:  # noqa: ARG001 - there is no party
    return None


CHAINS = chains.Chains({"VILLAGE_CHAIR": ("VILLAGE_CHAIR", "TOWN_CHAIR")}, _obstacle)


class SweepProcess(PlainProcess):
    """矛盾纠纷排查 (processes.md §2, sweep); implements `engine.process_type.ProcessType`.

    Families are no parties: whoever is one of them is asked about as a petition, with its own rules of who keeps out.
    """

    key = "dispute_sweep"
    title = N_("矛盾纠纷排查")
    series = "S"
    confidentiality = "C2"
    forms: Mapping[str, Form] = FORMS
    #: nobody opens one by itself: a quarter is set for all villages at once
    opened_from: Sequence[str] = ()

    def start(self, connection: Connection, actor: Actor) -> Start:  # noqa: ARG002
        """Never by hand."""
        raise Forbidden(why=Message(N_("排查由县妇联按季度统一布置，不能单独新建")))

    def source(self, clause: str) -> Message:
        """A clause id as people know it."""
        return Message(_NAMED[clause]) if clause in _NAMED else rights.source(clause)

    def examine(self, view: CaseView, form: str, values: Answers) -> Problems:  # noqa: ARG002
        """The day lies in the quarter or after it, and not in the future."""
        on, first = values["sweptOn"], self._quarter(view).first
        if on is None or first <= on <= view.today:
            return {}
        told = {"seen": on.isoformat(), "first": first.isoformat(), "limit": view.today.isoformat()}
        return {"sweptOn": [Message(N_("填写的是 {seen}，须在 {first} 和今天 {limit} 之间"), told)]}

    def prepare(self, view: CaseView, form: str) -> Prepared:
        """Of which quarter it is."""
        note = Message(N_("本次排查的季度：{quarter}"), {"quarter": str(self._quarter(view))})
        return Prepared(view.form(form) or {"sweptOn": view.today.isoformat()}, [note])

    def submitted(self, view: CaseView, form: str, values: Answers) -> None:  # noqa: ARG002
        """The register."""
        effects.reported(view, values)

    def perform(self, view: CaseView, operation: str, facts: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: ARG002
        """An automatic step."""
        effects.open_found(view)
        return {}

    def candidates(self, view: CaseView, element: str, lane: str, facts: Mapping[str, Any]) -> Candidates:  # noqa: ARG002
        """The village's chair, the township's where there is none."""
        return CHAINS.candidates(view, element, lane)

    def free(self, view: CaseView, element: str, post: str, unit_id: int) -> Collection[int]:
        """Holders."""
        return CHAINS.free(view, element, post, unit_id)

    def may_work(self, view: CaseView, element: str, form: str) -> Message | None:  # noqa: ARG002
        """Nothing is in the way of whoever holds the post."""
        return None

    def period(self, view: CaseView, key: str) -> Period:
        """By the county's table of the quarter's last day."""
        county = organisation.home_of(view.connection, view.case.unit_id)
        return sla_period(view.connection, county, key, self._quarter(view).last)

    def anchor(self, view: CaseView, key: str) -> date | None:  # noqa: ARG002
        """The last day of the quarter."""
        return self._quarter(view).last

    def come_round(self, runtime: Any) -> int:
        """Where sweeps have been set once, the following quarters are set by the house."""
        return sweep_rounds.set_following(runtime)

    def _quarter(self, view: CaseView) -> Span:
        return Span.named(register.standing(view.connection, view.case.id).quarter)


PROCESS = SweepProcess()
