"""The desks of the demo county: reception days held, missed and to come, calls to 12338, a sweep of disputes. All is invented."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, select

from engine.clock import SHANGHAI
from engine.commands.cases import start_case
from engine.commands.signing import Reauthentication
from engine.model_links import case_link
from workflows.analysis_versions import fix_analysis, sign_analysis
from workflows.demo_acting import Acting
from workflows.processes.dispute_sweep.register import dispute_sweep
from workflows.reception import name_substitute, note_absent, plan_day
from workflows.reception_rounds import settle_days
from workflows.sweep_rounds import quarter_of, set_quarter

if TYPE_CHECKING:
    from engine.runtime import Runtime

#: (days ago, roster, unit, who receives, who plans); negative: still to come
_DAYS: Final = (
    (6, "CHAIR", "C1", "countychair", "rightshead"),
    (3, "CHAIR", "T1", "t1chair", "t1chair"),
    (2, "CADRE", "C1", "loanhead", "rightshead"),
    (-3, "LAWYER", "C1", "lawyer", "rightshead"),
)
#: days ago → who cannot come, and who takes her place; without one the day is missed
_ABSENT: Final = {6: ("countychair", "rightshead"), 3: ("t1chair", "")}
#: days ago on which somebody was received: petitions of those days may name the day
HELD: Final = (6, 2)
_EARLIEST: Final = 9
_CAME_OF: Final = select(case_link.c.case_id).where(
    case_link.c.other_id == bindparam("b_case"), case_link.c.relation == "call"
)
_SAID: Final = {
    "safeChannel": "NONE", "violence": False, "minorInvolved": False, "caller": "SELF", "sex": "F", "people": 1,
    "matterKind": "OWN", "requestedLevel": "COUNTY", "urgency": "NORMAL",
}  # fmt: skip
#: (days ago, what was told, the unit it was handed over to)
_CALLS: Final[tuple[tuple[int, Mapping[str, Any], str], ...]] = (
    (4, {"name": "武青禾", "category": "LABOUR", "toldLabour": True, "matter": "产假回来被调到外地门店，工资少了一半",
         "claim": "想知道能不能不同意", "advice": "调岗降薪须协商一致；先书面提出异议，一年内可以申请仲裁"}, ""),
    (2, {"name": "乔采薇", "category": "LAND", "toldLand": True, "matter": "离婚后村里要收回她名下的承包地",
         "claim": "希望保留承包地", "advice": "承包期内不得因离婚收回；移交镇妇联核实"}, "T2"),
    (0, {"name": "赖语桐", "category": "AID", "toldAid": True, "matter": "丈夫住院，两个孩子上学，低保申请没有回音",
         "claim": "想知道办到哪一步", "advice": "说明了申请的途径；移交镇妇联查问"}, "T1"),
    (0, {"anonymous": True, "category": "FAMILY", "toldFamily": True, "matter": "想离婚，问孩子和房子怎么办",
         "claim": "想了解有关规定", "advice": "说明了抚养和共同财产的规定，可以先调解"}, ""),
)  # fmt: skip


_NOTED: Final = {"violence": False, "minorAtRisk": False, "family": "CONFLICT"}
_FOUND: Final = {
    "visited": 64, "found": "FOUND", "caseFamilies": 1, "conflictFamilies": 6, "petitionFamilies": 1, "settled": 5,
    "items": [
        {**_NOTED, "slot": 1, "name": "彭晓荷", "matter": "婆媳为带孩子争吵，已经说开", "follow": "SETTLED"},
        {**_NOTED, "slot": 2, "name": "尹语桐", "matter": "夫妻为外出打工长期不和", "follow": "WATCH"},
    ],
}  # fmt: skip


def hold_reception_days(runtime: Runtime) -> dict[int, int]:
    """Plan the reception days, and let those that are over begin; days ago → id."""
    people = Acting(runtime, _EARLIEST)
    made = {ago: _planned(people, ago, *day) for ago, *day in _DAYS}
    for ago in sorted((ago for ago in made if ago > 0), reverse=True):
        people.pass_days(people.ago - ago, hour=8)
        if ago in _ABSENT:
            absent, other = _ABSENT[ago]
            people.act(note_absent, absent, day_id=made[ago])
            if other:
                people.act(name_substitute, other, day_id=made[ago], account_id=people.account(other))
        people.pass_days(0)
        settle_days(people.runtime)
    return made


def _planned(people: Acting, ago: int, kind: str, unit: str, receiver: str, by: str) -> int:
    on = (people.today - timedelta(days=ago)).isoformat()
    hours = {"held_on": on, "starts": "09:00", "ends": "11:30", "place": "一楼接待室", "capacity": "8"}
    told = {"unit_id": people.unit(unit), "kind": kind, "receiver_id": people.account(receiver)}
    return int(people.act(plan_day, by, **told, **hours)["day_id"])


def answer_calls(runtime: Runtime) -> None:
    """Calls that were advised, and two hand-overs that wait: one since two days, one since just now."""
    for ago, told, unit in _CALLS:
        people = Acting(runtime, ago)
        result = {"result": "HAND_OVER", "toUnit": people.unit(unit)} if unit else {"result": "ADVISED"}
        _answered(people, {**_SAID, **told, "place": people.unit(unit or "C1"), **result})


def sweep_disputes(runtime: Runtime) -> None:
    """The sweep of this quarter is set; one village has reported what it found, two have not."""
    people = Acting(runtime, 0)
    quarter = str(quarter_of(people.today))
    people.act(set_quarter, "rightshead", unit_id=people.unit("C1"), quarter=quarter)
    line = dispute_sweep.c
    with people.runtime.reading() as connection:
        wanted = select(line.case_id).where(line.unit_id == people.unit("V1"), line.quarter == quarter)
        case_id = int(connection.execute(wanted).scalar_one())
    people.put(case_id, "T_Sweep", "v1chair", {**_FOUND, "sweptOn": people.day})


def called(people: Acting, asked: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
    """Somebody asks for what P-01 asks on the telephone, and the rights department takes it over.

    The petition's case id, and what its register form opens with.
    """
    told = {name: value for name, value in asked.items() if name != "channel"}
    handed = {"result": "HAND_OVER", "toUnit": people.unit("C1"), "caller": "SELF", "advice": "听清诉求，移交权益部"}
    call_id = _answered(people, {**told, **handed})
    people.put(call_id, "T_TakeOver", "rightsworker", {"taken": "TAKE"})
    with people.runtime.reading() as connection:
        petition = int(connection.execute(_CAME_OF, {"b_case": call_id}).scalar_one())
    return petition, {**asked, "channel": "HOTLINE", "earlierHandling": handed["advice"]}


def _answered(people: Acting, told: Mapping[str, Any]) -> int:
    case_id = int(people.act(start_case, "hotline", kind="hotline_call")["case_id"])
    at = people.clock.now().astimezone(SHANGHAI)
    told = {**told, "receivedOn": people.day, "receivedTime": f"{at:%H:%M}", "minutes": 4 + case_id % 5}
    people.put(case_id, "T_Call", "hotline", told)
    return case_id


def fix_last_month(runtime: Runtime) -> None:
    """The worker writes what should be done about the petitions of the month that is over, and the head signs it."""
    desk = Acting(runtime, 0)
    span = f"{desk.today.replace(day=1) - timedelta(days=1):%Y-%m}"
    told = "探望和土地分配的事项较多：由权益部会同调处中心上门调解；请镇政府逐户核对外嫁女的分配名单。"
    made = desk.act(fix_analysis, "rightsworker", unit_id=desk.unit("C1"), span=span, measures=told)
    proof = Reauthentication(desk.account("rightshead"), desk.clock.now())
    desk.act(sign_analysis, "rightshead", version_id=made["version_id"], signature=proof)
