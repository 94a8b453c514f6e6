"""Rules of the way an item takes: what a level may settle, to whom it may go, until when it may be objected to, who decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, select

from engine.clock import Unit
from engine.messages import N_, Message
from engine.model_filed import form_version
from workflows.calendar_days import calendar_of
from workflows.processes.petition import register, routing
from workflows.processes.petition.decisions import ROUTES, proposed
from workflows.processes.petition.kept_out import passed_over, tied
from workflows.processes.petition.policy import policy_of
from workflows.processes.petition.wording import ruled

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from engine.process_type import Answers, CaseView, Problems

#: what is not for the first desk to settle: danger, complaints about staff, the county's own matters (D3)
_HIGHER: Final = frozenset(("UPPER", "PROTECT", "COUNTY"))
_TRIAGED = (
    select(form_version.c.answers_sealed)
    .where(form_version.c.case_id == bindparam("b_case"), form_version.c.form == "triage")
    .order_by(form_version.c.id)
)


def triage(view: CaseView, values: Answers) -> Problems:
    """A target that can take it, and a reason wherever the house proposes otherwise."""
    problems: Problems = {}
    target = values["targetUnit"]
    if target is not None and (target == view.case.unit_id or not routing.is_federation(view, target)):
        problems["targetUnit"] = [ruled(N_("请选择本单位以外的一个妇联组织"), "P2")]
    elif target is not None and passed_over(view, target):
        problems["targetUnit"] = [ruled(N_("这个单位须回避本件，不能转给它：请转给上一级"), "条例30")]
    elif target is not None and target in _had_it(view):
        text = N_("这个单位已经收到过本件：不得来回转送；有异议的在接收时提出，由上级决定由谁办理")
        problems["targetUnit"] = [ruled(text, "条例23、条例24")]
    if values["reportBackOn"] is not None and values["reportBackOn"] <= view.today:
        problems["reportBackOn"] = [Message(N_("报告结果的日期须晚于今天"))]
    if values["way"] and not values["deviationReason"]:
        if _differs(view, values):
            problems["deviationReason"] = [ruled(N_("与系统建议不同的，须写明理由"), "P2")]
        elif tied(view) and not view.case.guarded:
            text = N_("登记时说对方或其亲友在有关单位工作：先在“团队”页登记须回避的人员、单位；没有可登记的，写明理由")
            problems["deviationReason"] = [ruled(text, "D3")]
    return problems


def _had_it(view: CaseView) -> set[int]:
    """The units to which it was sent before: each new one begins its own fifteen days (条例 23)."""
    rows = view.connection.execute(_TRIAGED, {"b_case": view.case.id}).scalars()
    sent = (view.vault.open_json(sealed).get("targetUnit") for sealed in rows)
    return {int(each) for each in sent if each}


def _differs(view: CaseView, values: Answers) -> bool:
    """Settling an ordinary matter at once is always allowed; forwarding and assigning are the same way of passing on."""
    passing, way, meant = ("FORWARD", "ASSIGN"), values["way"], proposed(view)
    if way == "HANDLE_NOW":
        return register.standing(view).route in _HIGHER
    if way in passing and meant["way"] in passing:
        return values["targetUnit"] not in (None, meant["targetUnit"])
    return bool(way != meant["way"])


def escalate_up(view: CaseView, values: Answers) -> Problems:
    """A village settles what is its own (S001-3), not what D3 gives to the county or above."""
    route = register.standing(view).route
    if values["villageWay"] != "HANDLE" or route not in _HIGHER:
        return {}
    text = N_("本件应由{route}办理，村级不能当场了结：请上报")
    return {"villageWay": [ruled(text, "S001-60", route=Message(ROUTES[route]))]}


def objection_until(view: CaseView) -> date:
    """The last day on which a forwarded item may be objected to (条例 23)."""
    period, line = policy_of(view).period("pet.objection"), register.standing(view)
    calendar = calendar_of(view.connection)
    assert period.unit is not Unit.HOUR  # noqa: S101 - the law's unit, held by `period_rules`
    return calendar.last_day(line.arrived_on, period.amount, period.unit)


def receive(view: CaseView, values: Answers) -> Problems:
    """An objection within five working days."""
    last = objection_until(view)
    if values["received"] == "OBJECT" and view.today > last:
        text = N_("异议须在收到之日起 5 个工作日内提出，最后一天是 {limit}，已经过了：请接收办理")
        return {"received": [ruled(text, "条例23", limit=last.isoformat())]}
    return {}


def dispute(view: CaseView, values: Answers) -> Problems:
    """A unit of the federation that is not kept from the item."""
    named: Mapping[str, Any] = {"BACK": register.standing(view).sender_id, "OTHER": values["unit"]}
    unit_id = named.get(values["decision"] or "")
    if unit_id is None:
        return {}
    field = "unit" if values["decision"] == "OTHER" else "decision"
    if not routing.is_federation(view, unit_id) and field == "unit":
        return {"unit": [ruled(N_("请选择一个妇联组织"), "条例24")]}
    if passed_over(view, unit_id):
        return {field: [ruled(N_("这个单位须回避本件，不能转给它：请转给上一级"), "条例30")]}
    return {}
