"""矛盾纠纷排查: each village reports each quarter, nothing found is a report too; what was found stays with village and township."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from engine.errors import Forbidden, InvalidAnswers, NotFound
from engine.model import case_file
from engine.queries.case_page import case_page
from tests.scenarios.reading import Place, Told, told
from workflows import sweep_list
from workflows.processes.dispute_sweep.register import dispute_sweep
from workflows.spans import Span
from workflows.sweep_rounds import set_following, set_quarter

if TYPE_CHECKING:
    from tests.workflows.processes.petition.house import PetitionHouse

Q2 = "2026-Q2"
NOTHING = {"visited": 40, "found": "NOTHING"}
FOUND = {"visited": 52, "found": "FOUND", "caseFamilies": 1, "conflictFamilies": 6, "petitionFamilies": 0, "settled": 4}
ITEM = {
    "slot": 1, "family": "CONFLICT", "name": "顾小满", "matter": "兄弟争宅基地，她夹在中间", "violence": False,
    "minorAtRisk": False, "follow": "OPEN",
}  # fmt: skip


def settle(house: PetitionHouse, quarter: str = Q2, by: str = "rightshead") -> int:
    return int(house.act(set_quarter, by, unit_id=house.unit("C1"), quarter=quarter)["set"])


def sweep_of(house: PetitionHouse, village: str, quarter: str = Q2) -> int:
    """The case of a village and quarter."""
    line = dispute_sweep.c
    wanted = select(line.case_id).where(line.unit_id == house.unit(village), line.quarter == quarter)
    return int(house.row(wanted).case_id)


def report(house: PetitionHouse, village: str, login: str, answers: dict[str, Any], quarter: str = Q2) -> int:
    case_id = sweep_of(house, village, quarter)
    house.submit(case_id, login, {"sweptOn": house.today, **answers})
    return case_id


def seen(house: PetitionHouse, login: str, quarter: str = Q2) -> dict[str, str]:
    """Village → state, as somebody sees it."""
    with house.runtime.reading() as connection:
        found = sweep_list.villages(house.runtime, connection, house.actor(login), Span.named(quarter))
    return {each.unit.code: each.state for each in found}


def sums(house: PetitionHouse, login: str) -> Any:
    with house.runtime.reading() as connection:
        today = date.fromisoformat(house.today)
        return sweep_list.counties(connection, house.actor(login), Span.named(Q2), today)


def test_a_quarter_is_set_once_for_every_village_and_its_clock_tells_the_township(rights: PetitionHouse) -> None:
    assert (settle(rights), settle(rights)) == (3, 0)
    case_id = sweep_of(rights, "V1")
    assert rights.place(case_id, "T_Sweep") == Place("VILLAGE_CHAIR", "V1")
    assert rights.due(case_id, "T_Sweep") == "2026-07-10"  # ten days after the quarter
    report(rights, "V2", "v2chair", NOTHING)
    assert rights.case(sweep_of(rights, "V2")).outcome == "reported"
    counted = []
    for day, hour in (("2026-07-02", 23), ("2026-07-03", 1), ("2026-07-08", 1), ("2026-07-10", 23), ("2026-07-11", 0)):
        rights.on(day, hour)
        counted.append(rights.sweep())
    assert [bool(each) for each in counted] == [
        False,
        True,
        True,
        False,
        True,
    ]  # amber on the Friday before, red, broken
    assert Told("TOWN_CHAIR", "T1", "period.broken") in rights.notices(case_id)
    assert all(notice.kind != "period.broken" for notice in rights.notices(sweep_of(rights, "V2")))
    assert seen(rights, "t1chair") == {"V1": "waiting", "V2": "nothing"}


def test_what_was_found_stays_with_its_village_and_township_and_the_county_has_sums_alone(
    rights: PetitionHouse,
) -> None:
    settle(rights)
    case_id = report(rights, "V1", "v1chair", FOUND)
    assert seen(rights, "v1chair") == {"V1": "found"}
    assert seen(rights, "t1chair") == {"V1": "found", "V2": "waiting"}
    for login in ("countychair", "rightshead", "rightsworker", "v2chair", "t2chair", "loanhead"):
        assert case_id not in [row.case_id for row in _rows(rights, login)]
        with pytest.raises(NotFound), rights.runtime.reading() as connection:
            case_page(rights.runtime, connection, rights.actor(login), case_id)
    (county,) = sums(rights, "rightshead")
    assert [(town.reported, town.villages, list(town.told)) for town in county.towns] == [(1, 2, []), (0, 1, [])]
    report(rights, "V2", "v2chair", NOTHING)
    report(rights, "V3", "v3chair", {**FOUND, "conflictFamilies": 2, "settled": 0})
    (county,) = sums(rights, "countychair")
    assert county.is_over
    assert [list(town.told) for town in county.towns] == [["<5", "*", "<5", "<5", "<5"], ["<5", "<5", "<5", "<5", "<5"]]
    assert list(county.total) == ["2", "8", "0", "4", "0"]
    assert sums(rights, "t1chair") == []


def _rows(house: PetitionHouse, login: str) -> list[sweep_list.Village]:
    with house.runtime.reading() as connection:
        return sweep_list.villages(house.runtime, connection, house.actor(login), Span.named(Q2))


def test_a_family_that_needs_it_becomes_a_petition_and_danger_is_protected_at_once_and_once(
    rights: PetitionHouse,
) -> None:
    settle(rights)
    beaten = {**ITEM, "slot": 2, "name": "田晓禾", "matter": "丈夫酒后打人", "violence": True}
    watched = {**ITEM, "slot": 3, "name": "路遥知", "follow": "WATCH"}
    report(rights, "V1", "v1chair", {**FOUND, "items": [ITEM, beaten, watched]})
    with rights.runtime.reading() as connection:
        rows = connection.execute(select(case_file.c.id, case_file.c.kind).order_by(case_file.c.id)).all()
    kinds = [row.kind for row in rows if row.kind != "dispute_sweep"]
    assert kinds == ["petition", "petition", "dv_case"]
    petition, opened = (rows[-2].id, rows[-1].id)
    assert rights.place(opened, "T_Screen") == Place("RIGHTS_HEAD", "C1")
    begun = rights.proposed(petition, "v1chair", "T_Register")
    assert (begun["channel"], begun["name"], begun["category"]) == ("PATROL", "田晓禾", "DV")
    asked = {"safeChannel": "IN_PERSON", "claim": "希望他不再动手", "minorInvolved": False}
    known = {name: value for name, value in begun.items() if value is not None}
    rights.submit(petition, "v1chair", {**known, **asked}, "T_Register")
    entry = rights.entry(petition)
    assert (entry.channel, entry.route, entry.first_asked) == ("PATROL", "PROTECT", rights.actor("v1chair").id)
    with rights.runtime.reading() as connection:
        protections = select(case_file.c.id).where(case_file.c.kind == "dv_case")
        assert connection.execute(protections).scalars().all() == [opened]


def test_a_county_that_has_begun_goes_on_by_itself_with_the_last_month_of_each_quarter(
    rights_desk: PetitionHouse,
) -> None:
    rights_desk.on("2026-09-01")
    assert set_following(rights_desk.runtime) == 0  # nobody has begun
    assert settle(rights_desk, "2026-Q3") == 3
    for day, villages in (("2026-10-01", 0), ("2026-11-30", 0), ("2026-12-01", 3), ("2026-12-02", 0)):
        rights_desk.on(day)
        assert set_following(rights_desk.runtime) == villages, day
    assert rights_desk.place(sweep_of(rights_desk, "V3", "2026-Q4")) == Place("VILLAGE_CHAIR", "V3")


def test_only_this_quarter_and_the_last_are_set_and_only_by_the_county(rights_desk: PetitionHouse) -> None:
    for quarter in ("2026-Q3", "2025-Q4", "2026-06", "2026", "", "2026-Q9"):
        with pytest.raises(InvalidAnswers):
            settle(rights_desk, quarter)
    for login in ("t1chair", "v1chair", "rightsworker", "loanhead", "hotline"):
        with pytest.raises(Forbidden):
            settle(rights_desk, by=login)
    assert settle(rights_desk, "2026-Q1", "countychair") == 3
    with pytest.raises(Forbidden):
        rights_desk.take_in("mediator")


@pytest.mark.parametrize(
    ("changes", "paths"),
    [
        ({"sweptOn": "2026-03-31"}, {"sweptOn"}),
        ({"sweptOn": "2026-06-16"}, {"sweptOn"}),
        ({"visited": None}, {"visited"}),
        ({"found": None}, {"found"}),
        ({"conflictFamilies": None}, {"conflictFamilies"}),
        ({"caseFamilies": 0, "conflictFamilies": 0, "settled": 0}, {"caseFamilies"}),
        ({"settled": 8}, {"settled"}),
        ({"caseFamilies": 0, "items": [{**ITEM, "family": "CASE"}]}, {"caseFamilies"}),
        ({"items": [{**ITEM, "violence": True, "follow": "WATCH"}]}, {"items.1.follow"}),
        ({"items": [{**ITEM, "minorAtRisk": True, "follow": "SETTLED"}]}, {"items.1.follow"}),
    ],
)
def test_what_cannot_be_reported_is_told_by_field(
    rights_desk: PetitionHouse, changes: dict[str, Any], paths: set[str]
) -> None:
    settle(rights_desk)
    said = {"sweptOn": rights_desk.today, **FOUND, **changes}
    answers = {name: value for name, value in said.items() if value is not None}
    assert set(rights_desk.problems(sweep_of(rights_desk, "V1"), "v1chair", answers)) == paths


def test_what_a_refused_report_says_can_be_understood(rights_desk: PetitionHouse) -> None:
    settle(rights_desk)
    watched = {"sweptOn": rights_desk.today, **FOUND, "items": [{**ITEM, "violence": True, "follow": "WATCH"}]}
    assert "先另建保密事项" in told(rights_desk.problems(sweep_of(rights_desk, "V1"), "v1chair", watched))
