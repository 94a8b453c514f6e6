"""The first response to harm as a process type: no case is opened as one by hand, it begins where somebody saw the signs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.errors import Forbidden
from engine.messages import N_, Message
from engine.process_type import Candidates, Check, Prepared
from workflows import calendar_days, organisation, people
from workflows.processes.dv_case.forms import FORMS, REFERRED
from workflows.screening import explained, screen
from workflows.sla_table import SLA_PERIODS
from workflows.staffing import unheld

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date

    from sqlalchemy import Connection

    from engine.access import Actor
    from engine.clock import Calendar, Period
    from engine.decisions import DecisionTable
    from engine.process_type import Answers, CaseView, Form, Problems, Start

_POSTS = ("RIGHTS_HEAD", "UPPER_CHAIR")


class DvCaseProcess:
    """保护事项首次响应; implements `engine.process_type.ProcessType`."""

    key = "dv_case"
    title = N_("保护事项")
    series = "F"
    confidentiality = "C3"
    notices: Mapping[str, str] = {"dv_case.opened": N_("有一件紧急事项，请立即处理")}
    sequels: Mapping[str, str] = {}
    #: nothing on a list tells what it is about (D4)
    neutral_titles: Mapping[str, str] = {"T_Screen": N_("妇女走访"), "T_Report": N_("紧急事项")}
    forms: Mapping[str, Form] = FORMS

    def start(self, connection: Connection, actor: Actor) -> Start:  # noqa: ARG002
        """Never by hand, for now."""
        raise Forbidden(why=Message(N_("保护事项由登记人员勾选“有暴力”或“未成年人受到侵害”后自动建立，不能单独新建")))

    def options(self, view: CaseView, name: str) -> Sequence[tuple[str, str]]:  # noqa: ARG002
        """No list is needed."""
        return ()

    def source(self, clause: str) -> Message:
        """A clause id as people know it."""
        named = {"未保法11": N_("《未成年人保护法》第十一条"), "反家暴法": N_("《反家庭暴力法》")}
        return Message(named.get(clause, clause))

    def examine(self, view: CaseView, form: str, values: Answers) -> Problems:
        """Danger that is there now is answered now; nothing lies in the future that has been done."""
        problems: Problems = {}
        if form == "screen" and values["danger"] == "NOW" and not (values["policeCalled"] or values["shelter"]):
            problems["policeCalled"] = [Message(N_("现在有危险的，须立即报警或安排庇护"))]
        if form == "screen" and values["nextContactOn"] is not None and values["nextContactOn"] < view.today:
            problems["nextContactOn"] = [Message(N_("下次联系的日期不能早于今天"))]
        if form == "report" and values["reportedOn"] is not None and values["reportedOn"] > view.today:
            problems["reportedOn"] = [Message(N_("报告日期不能晚于今天"))]
        return problems

    def prepare(self, view: CaseView, form: str) -> Prepared:
        """What came over, before anything is asked."""
        told = view.form(REFERRED.key) or {}
        notes = [Message(N_("移交的情况：{text}"), {"text": told["matter"]})] if told.get("matter") else []
        initial = {"reportedOn": view.today.isoformat()} if form == "report" else {}
        return Prepared({**initial, **(view.form(form) or {})}, notes)

    def check(self, view: CaseView, form: str, values: Answers) -> Check:
        """Problems only."""
        return Check(self.examine(view, form, values))

    def shipped_tables(self) -> bytes:
        """None."""
        return b""

    def unfit_tables(self, tables: Mapping[str, DecisionTable]) -> Sequence[Message]:  # noqa: ARG002
        """No table is asked."""
        return ()

    def facts(self, form: str, values: Answers) -> Mapping[str, Any]:  # noqa: ARG002
        """None: the way does not depend on an answer."""
        return {}

    def submitted(self, view: CaseView, form: str, values: Answers) -> None:
        """No register of its own yet."""

    def decide(self, view: CaseView, decision: str, facts: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: ARG002
        """No table."""
        return {}

    def perform(self, view: CaseView, operation: str, facts: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: ARG002
        """Whether a minor is harmed or at risk; the case gets its masked name, and whom it is for is told."""
        told = view.form(REFERRED.key) or {}
        name = str(told.get("name") or "")
        if name and not people.name_problem(name):
            view.describe(subject=people.mask_name(name))
        place = organisation.unit_for_post(view.connection, "RIGHTS_HEAD", view.case.unit_id)
        if place is not None:
            view.notify("RIGHTS_HEAD", place.id, "dv_case.opened")
        return {"minor": bool(told.get("minorAtRisk"))}

    def candidates(self, view: CaseView, element: str, lane: str, facts: Mapping[str, Any]) -> Candidates:  # noqa: ARG002
        """The head of the rights department; the federation above where there is none."""
        places = [(post, organisation.unit_for_post(view.connection, post, view.case.unit_id)) for post in _POSTS]
        found = [Candidates(post, place.id) for post, place in places if place is not None]
        return found[0] if found else Candidates(_POSTS[0], view.case.unit_id)

    def seats(self, view: CaseView, element: str, lane: str, facts: Mapping[str, Any]) -> Sequence[Candidates]:
        """No step has several signers."""
        return (self.candidates(view, element, lane, facts),)

    def colleagues(self, view: CaseView, element: str) -> Sequence[Candidates]:  # noqa: ARG002
        """Nobody outside the team."""
        return ()

    def free(self, view: CaseView, element: str, post: str, unit_id: int) -> Collection[int]:  # noqa: ARG002
        """Holders who are not kept from the case."""
        held = organisation.holders(view.connection, post, unit_id, view.today)
        return frozenset(h.account_id for h in held if not view.excludes(h.account_id))

    def misplaced(self, connection: Connection, on: date) -> Sequence[int]:
        """Posts that ended."""
        return unheld(connection, self.key, on)

    def may_work(self, view: CaseView, element: str, form: str) -> Message | None:  # noqa: ARG002
        """Conflict of interest."""
        hits = screen(view.connection, view.case.id, view.today).hits(view.actor.id)
        return explained(hits[0], Message("D3")) if hits else None

    def pauses(self, form: str, values: Answers) -> bool:  # noqa: ARG002
        """dv.* clocks never pause (processes.md §0.3)."""
        return False

    def period(self, view: CaseView, key: str) -> Period:  # noqa: ARG002
        """The clocks of §0.3."""
        return SLA_PERIODS[key]

    def anchor(self, view: CaseView, key: str) -> date | None:  # noqa: ARG002
        """Hours count from the instant."""
        return None

    def calendar(self, view: CaseView) -> Calendar:
        """The installation's working calendar."""
        return calendar_days.calendar_of(view.connection)

    def superiors(self, view: CaseView, posts: Sequence[str]) -> Sequence[tuple[str, int]]:
        """Where posts are held for this case."""
        places = [(post, organisation.unit_for_post(view.connection, post, view.case.unit_id)) for post in posts]
        return [(post, place.id) for post, place in places if place is not None]

    def returns(self, element: str) -> Sequence[tuple[str, str]]:  # noqa: ARG002
        """Nothing is sent back."""
        return ()

    def withdrawal(self, element: str) -> str | None:  # noqa: ARG002
        """What was seen is looked at, whoever wishes otherwise."""
        return None

    def termination(self, elements: Sequence[str]) -> str | None:  # noqa: ARG002
        """Never by decree."""
        return None

    def terminated(self, view: CaseView) -> None:
        """Never asked: see `termination`."""

    def withdrawn(self, view: CaseView) -> None:
        """Never asked: see `withdrawal`."""


PROCESS = DvCaseProcess()
