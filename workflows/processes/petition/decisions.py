"""Glue to bpmn/petition.dmn: D3, where a petition goes, with its clause and reason; a proposal, a person decides."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

import bpmn
from engine.decisions import Decision, DecisionTable, load_tables
from engine.messages import N_, Message
from workflows import organisation
from workflows.petition_policy import PETITION_A
from workflows.posts import UnitKind
from workflows.processes.petition import moves, register, wording
from workflows.processes.petition.kept_out import passed_over, tied
from workflows.processes.petition.policy import policy_of
from workflows.table_fit import unfit_tables

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.process_type import CaseView
    from workflows.chart import Unit

#: what D3 answers: the kind of unit whose business it is; what is guided elsewhere has none
LEVEL_OF: Final = {
    "PROTECT": UnitKind.COUNTY,
    "LABOUR": UnitKind.COUNTY,
    "COUNTY": UnitKind.COUNTY,
    "TOWN": UnitKind.TOWN,
    "VILLAGE": UnitKind.VILLAGE,
}
#: routes that lead to another body (D3: court, outside, an application of another kind)
GUIDED: Final = frozenset(("COURT", "OUTSIDE", "LOAN_AID"))
ROUTES: Final = {
    "UPPER": N_("上一级妇联（保密）"),
    "PROTECT": N_("县妇联权益部"),
    "COURT": N_("引导到法院、检察院"),
    "LABOUR": N_("劳动维权"),
    "LOAN_AID": N_("转妇联内部业务"),
    "OUTSIDE": N_("引导到有权处理的机关"),
    "COUNTY": N_("县妇联"),
    "VILLAGE": N_("村妇联"),
    "TOWN": N_("乡镇妇联"),
}


@cache
def shipped() -> bytes:
    """The decision tables that come with the software."""
    return resources.files(bpmn).joinpath("petition.dmn").read_bytes()


@cache
def tables() -> Mapping[str, DecisionTable]:
    """The shipped tables, read: what any later version is measured by."""
    return load_tables(shipped())


def unfit(proposed: Mapping[str, DecisionTable]) -> Sequence[Message]:
    """Why proposed tables could not be worked with here."""
    return unfit_tables(proposed, tables(), frozenset(PETITION_A))


def route(view: CaseView) -> Decision:
    """D3 for the registered item, by the tables and the policy of the day it was received."""
    typed, line, policy = view.form("register") or {}, register.standing(view), policy_of(view)
    facts = {
        "staff": bool(typed.get("accusedStaff")),
        "harm": harmed(typed),
        "matter_kind": typed["matterKind"],
        "category": line.category,
        "people": line.people,
        "major": line.major,
        "place": organisation.unit(view.connection, line.place_id).kind.value,
    }
    table = view.tables(line.received_on)["petition_routing"]
    return table.decide(facts, parameters=policy.parameters.inputs, policy_version=policy.version)


def harmed(typed: Mapping[str, Any]) -> bool:
    """Whether protection comes first: violence, or a minor harmed or at risk."""
    return bool(typed.get("violence")) or bool(typed.get("minorAtRisk"))


def decide(view: CaseView) -> Mapping[str, Any]:
    """The rule task: D3 is told with its reasons; the village has its own step, and is passed over where he has ties (D3.1)."""
    decision = route(view)
    view.decided(decision)
    code = str(decision.outputs["code"])
    if register.standing(view).route != code:
        register.set_columns(view, route=code)
    at_village = organisation.unit(view.connection, view.case.unit_id).kind is UnitKind.VILLAGE
    if at_village and tied(view):
        moves.up(view)
        at_village = False
    return {"at_village": at_village}


def told(decision: Decision) -> Message:
    """What D3 proposes, why and by which clause."""
    hit = decision.hits[0]
    text = N_("系统建议：{route}。{why} —— 依据：{source}")
    route_name = Message(ROUTES[str(hit.outputs["code"])])
    return Message(
        text, {"route": route_name, "why": Message(hit.annotations["message"]), "source": wording.source(hit.clause)}
    )


def competent(view: CaseView, code: str) -> Unit | None:
    """The unit D3 means: of its level, where the matter lies; None for what is guided elsewhere, or where there is none."""
    kind = LEVEL_OF.get(code)
    if kind is None:
        return None
    place = organisation.unit(view.connection, register.standing(view).place_id)
    line = (place, *organisation.ancestors(view.connection, place.id))
    return next((unit for unit in line if unit.kind is kind), None)


def proposed(view: CaseView) -> Mapping[str, Any]:
    """What the triage form starts with: the way D3 means, and to which unit; a city sends it to its county (P14)."""
    code = register.standing(view).route
    if code in GUIDED:
        return {"way": "GUIDE"}
    right = competent(view, code)
    line = () if right is None else (right, *organisation.ancestors(view.connection, right.id))
    right = next((unit for unit in line if not passed_over(view, unit.id)), None)
    if right is None or right.id == view.case.unit_id:
        return {"way": "ACCEPT"}
    return {"way": "FORWARD", "targetUnit": _step_down(view, right)}


def _step_down(view: CaseView, right: Unit) -> int:
    """The unit itself within a county; from above, the next one on the way to it."""
    here = organisation.unit(view.connection, view.case.unit_id)
    if here.kind not in (UnitKind.CITY, UnitKind.PROVINCE) or not right.path.startswith(here.path):
        return right.id
    line = (right, *organisation.ancestors(view.connection, right.id))
    return next(unit.id for unit in line if unit.parent_id == here.id)
