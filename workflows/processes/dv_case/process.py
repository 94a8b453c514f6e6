"""The first response to harm as a process type: no case is opened as one by hand, it begins where somebody saw the signs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.clock import civil_date
from engine.errors import Forbidden
from engine.messages import N_, Message
from engine.process_type import Candidates, Prepared
from workflows import chains, people
from workflows.plain_process import PlainProcess
from workflows.policy import sla_period
from workflows.processes.dv_case.forms import FORMS, REFERRED

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy import Connection

    from engine.access import Actor
    from engine.clock import Period
    from engine.process_type import Answers, CaseView, Form, Problems, Start


def _obstacle(view: CaseView, account_id: int, element: str) -> Message | None:  # noqa: ARG001 - the same at every step
    return chains.conflict(view, account_id, Message(N_("回避规定")))


CHAINS = chains.Chains({"RIGHTS_HEAD": ("RIGHTS_HEAD", "COUNTY_CHAIR", "UPPER_CHAIR")}, _obstacle)


class DvCaseProcess(PlainProcess):
    """保护事项首次响应; implements `engine.process_type.ProcessType`.

    dv.* clocks never pause; what was seen is looked at whoever wishes otherwise, and nothing ends it by decree.
    """

    key = "dv_case"
    #: said on lists, so it says nothing (D4)
    title = N_("妇女工作事项")
    series = "F"
    confidentiality = "C3"
    notices: Mapping[str, str] = {"dv_case.opened": N_("有一件紧急事项，请立即处理")}
    #: nothing on a list tells what it is about (D4)
    neutral_titles: Mapping[str, str] = {"T_Screen": N_("妇女走访"), "T_Report": N_("紧急事项")}
    forms: Mapping[str, Form] = FORMS

    def start(self, connection: Connection, actor: Actor) -> Start:  # noqa: ARG002
        """Never by hand, for now."""
        raise Forbidden(why=Message(N_("保护事项由登记人员勾选“有暴力”或“未成年人受到侵害”后自动建立，不能单独新建")))

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

    def perform(self, view: CaseView, operation: str, facts: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: ARG002
        """Whether a minor is harmed or at risk; the case gets its masked name, and whom it is for is told."""
        told = view.form(REFERRED.key) or {}
        name = str(told.get("name") or "")
        if name and not people.name_problem(name):
            view.describe(subject=people.mask_name(name))
        whose = CHAINS.candidates(view, "T_Screen", "RIGHTS_HEAD")
        view.notify(whose.post, whose.unit_id, "dv_case.opened")
        return {"minor": bool(told.get("minorAtRisk"))}

    def candidates(self, view: CaseView, element: str, lane: str, facts: Mapping[str, Any]) -> Candidates:  # noqa: ARG002
        """The head of the rights department; the federation above where nobody holds that post or all are too close."""
        return CHAINS.candidates(view, element, lane)

    def free(self, view: CaseView, element: str, post: str, unit_id: int) -> Collection[int]:
        """Holders who are not kept from the case, and close to nobody in it."""
        return CHAINS.free(view, element, post, unit_id)

    def may_work(self, view: CaseView, element: str, form: str) -> Message | None:  # noqa: ARG002
        """Conflict of interest."""
        return _obstacle(view, view.actor.id, element)

    def period(self, view: CaseView, key: str) -> Period:
        """By the county's table of the day the case was opened (processes.md §0.3)."""
        return sla_period(view.connection, view.case.unit_id, key, civil_date(view.case.created_at))


PROCESS = DvCaseProcess()
