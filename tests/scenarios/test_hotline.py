"""12338: a call is answered, advised, or handed over within a day with everything typed once; whoever is in danger comes first."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from engine.commands.cases import start_case
from engine.commands.recalling import recall_task
from engine.errors import Forbidden, NotFound, NotNow
from engine.model import case_file, task
from engine.queries.case_page import case_page
from tests.scenarios.reading import Place, Told, told
from tests.workflows.processes.petition import examples
from workflows import hotline
from workflows.processes.hotline_call.register import hotline_register

if TYPE_CHECKING:
    from tests.workflows.processes.petition.house import PetitionHouse


def typed(house: PetitionHouse, **changes: Any) -> dict[str, Any]:
    """What the agent types of a call in which nothing dangerous is told; handed over to the county unless `to` another unit."""
    said = examples.register(house.unit("C1"), house.today)
    for name in ("channel", "requestedLevel"):
        said.pop(name)
    unit = house.unit(changes.pop("to", "C1"))
    return {
        **said,
        "safeChannel": "PHONE",
        "safeNumber": "13900000011",
        "safeTimes": "1-5 09:00-11:30",
        "caller": "SELF",
        "requestedLevel": "COUNTY",
        "toldCustody": True,
        "advice": "说明了探望权，可以请人民调解组织调解",
        "result": "HAND_OVER",
        "toUnit": unit,
        **changes,
    }


def ring(house: PetitionHouse, login: str = "hotline") -> int:
    return int(house.act(start_case, login, kind="hotline_call")["case_id"])


def call(house: PetitionHouse, login: str = "hotline", **changes: Any) -> int:
    """A call whose record was submitted."""
    case_id = ring(house, login)
    house.submit(case_id, login, typed(house, **changes))
    return case_id


def take(house: PetitionHouse, case_id: int, login: str = "rightsworker") -> int:
    """The responsible unit takes it over; the petition's case id."""
    house.submit(case_id, login, {"taken": "TAKE"}, "T_TakeOver")
    found = case_file.select().where(case_file.c.kind == "petition").order_by(case_file.c.id.desc()).limit(1)
    return int(house.row(found).id)


def line(house: PetitionHouse, case_id: int) -> Any:
    return house.row(hotline_register.select().where(hotline_register.c.case_id == case_id))


def protections(house: PetitionHouse) -> list[Any]:
    with house.runtime.reading() as connection:
        return list(connection.execute(select(case_file).where(case_file.c.kind == "dv_case")))


def listed(house: PetitionHouse, login: str, **asked: str) -> list[tuple[int, str]]:
    with house.runtime.reading() as connection:
        wanted = hotline.asked(asked, date.fromisoformat(house.today))
        page = hotline.calls(house.runtime, connection, house.actor(login), wanted, after=None)
    return [(row.case_id, row.state) for row in page.rows]


def may_read(house: PetitionHouse, login: str, case_id: int) -> bool:
    try:
        with house.runtime.reading() as connection:
            case_page(house.runtime, connection, house.actor(login), case_id)
    except (Forbidden, NotFound):
        return False
    return True


def test_a_call_is_handed_over_with_everything_typed_once_and_the_agent_stays_the_first_asked(
    rights: PetitionHouse,
) -> None:
    rang = rights.clock.now()
    case_id = ring(rights)
    assert rights.open_task(case_id).due_at == rang + timedelta(hours=24)  # nor is an unfinished record forgotten
    rights.later(minutes=6, seconds=20)
    rights.submit(case_id, "hotline", typed(rights))
    entry = line(rights, case_id)
    assert (entry.minutes, entry.result, entry.harm, entry.to_unit_id) == (7, "HAND_OVER", False, rights.unit("C1"))
    assert rights.place(case_id, "T_TakeOver") == Place("RIGHTS_WORKER", "C1")
    assert rights.open_task(case_id, "T_TakeOver").due_at == rang + timedelta(hours=24)
    petition = take(rights, case_id)
    assert (rights.case(case_id).outcome, line(rights, case_id).taken_at) == ("handedOver", rights.clock.now())
    begun = rights.proposed(petition, "rightsworker", "T_Register")
    same = ("safeChannel", "safeNumber", "name", "idcard", "phone", "age", "category", "matter", "claim", "place")
    call_form = rights.stored(case_id, "call")
    assert {name: begun[name] for name in same} == {name: call_form[name] for name in same}
    assert (begun["channel"], begun["earlierHandling"]) == ("HOTLINE", call_form["advice"])
    rights.submit(petition, "rightsworker", {k: v for k, v in begun.items() if v is not None}, "T_Register")
    entry = rights.entry(petition)
    assert (entry.channel, entry.call_id, entry.first_asked) == ("HOTLINE", case_id, rights.actor("hotline").id)
    assert rights.place(petition, "T_Track") == Place("HOTLINE_AGENT", "C1")
    assert rights.place(petition, "T_Triage") == Place("RIGHTS_WORKER", "C1")


def test_the_day_of_the_hand_over_counts_from_the_call_whoever_it_is_passed_on_to(rights: PetitionHouse) -> None:
    rights.on("2026-06-18", 14)  # the day after is a holiday: hours know none
    case_id = call(rights, receivedOn="2026-06-18", receivedTime="11:15", to="V1")
    due = rights.clock.now().replace(hour=11, minute=15) + timedelta(hours=24)
    assert rights.place(case_id, "T_TakeOver") == Place("VILLAGE_CHAIR", "V1")
    assert rights.open_task(case_id, "T_TakeOver").due_at == due
    given = {"taken": "PASS_ON", "toUnit": rights.unit("T1"), "reason": "她的户口和事情都在镇上"}
    rights.later(hours=3)
    rights.submit(case_id, "v1chair", given, "T_TakeOver")
    assert rights.place(case_id, "T_TakeOver") == Place("TOWN_CHAIR", "T1")
    assert rights.open_task(case_id, "T_TakeOver").due_at == due
    assert (line(rights, case_id).passed_on, rights.case(case_id).unit_id) == (1, rights.unit("T1"))
    seen = []
    for hour, minute in ((7, 14), (7, 15), (10, 14), (10, 15), (11, 14), (11, 15)):
        rights.on("2026-06-19", hour, minute)
        seen.append(rights.sweep())
    assert seen == [0, 1, 0, 1, 0, 1]  # amber four hours before, red one hour before, broken
    assert rights.notices(case_id)[-1] == Told("RIGHTS_HEAD", "C1", "period.broken")
    petition = take(rights, case_id, "t1chair")
    assert rights.case(petition).unit_id == rights.unit("T1")


def test_whoever_is_in_danger_is_protected_before_anything_else_and_once(rights: PetitionHouse) -> None:
    harmed = {"violence": True, "toldViolence": True, "category": "DV", "safeChannel": "IN_PERSON"}
    case_id = call(rights, **harmed)
    (opened,) = protections(rights)
    assert (opened.confidentiality, rights.place(opened.id, "T_Screen")) == ("C3", Place("RIGHTS_HEAD", "C1"))
    screen = rights.open_task(opened.id, "T_Screen")
    assert (screen.due_at - rights.clock.now()).total_seconds() == 7200
    told_there = rights.stored(opened.id, "referred")
    assert (told_there["safeChannel"], told_there["violence"]) == ("IN_PERSON", True)
    assert opened.number not in "".join(str(entry) for entry in rights.entries(case_id))
    assert rights.case(case_id).confidentiality == "C3"
    petition = take(rights, case_id, "rightshead")
    begun = rights.proposed(petition, "rightshead", "T_Register")
    rights.submit(petition, "rightshead", {k: v for k, v in begun.items() if v is not None}, "T_Register")
    assert rights.entry(petition).route == "PROTECT"
    rights.triage(petition, login="rightshead")
    rights.accept(petition, "rightshead")
    rights.submit(petition, "rightshead", examples.plan(dangerSeen="VIOLENCE", dangerFacts="昨晚又动手了"), "T_Plan")
    assert len(protections(rights)) == 1
    assert Told("RIGHTS_HEAD", "C1", "petition.danger") in rights.notices(petition)


def test_what_the_unit_finds_out_itself_is_protected_then(rights_desk: PetitionHouse) -> None:
    petition = take(rights_desk, call(rights_desk))
    assert not protections(rights_desk)
    begun = rights_desk.proposed(petition, "rightsworker", "T_Register")
    known = {k: v for k, v in begun.items() if v is not None} | {"violence": True}
    rights_desk.submit(petition, "rightsworker", known, "T_Register")
    assert len(protections(rights_desk)) == 1


def test_an_emergency_goes_to_the_head_of_the_rights_department_at_once_whatever_it_is(
    rights_desk: PetitionHouse,
) -> None:
    case_id = call(rights_desk, result="URGENT", matter="她说不想活了，站在桥上")
    assert rights_desk.case(case_id).outcome == "urgent"
    (opened,) = protections(rights_desk)
    assert rights_desk.place(opened.id, "T_Screen") == Place("RIGHTS_HEAD", "C1")
    assert rights_desk.stored(opened.id, "referred")["urgency"] == "DANGER"


def test_advice_ends_the_call_and_a_beaten_woman_is_protected_although_she_was_only_advised(
    rights_desk: PetitionHouse,
) -> None:
    assert rights_desk.case(call(rights_desk, result="ADVISED")).outcome == "advised"
    assert not protections(rights_desk)
    assert rights_desk.case(call(rights_desk, result="ADVISED", violence=True)).outcome == "advised"
    assert len(protections(rights_desk)) == 1


def test_a_complaint_about_staff_goes_above_her_unit_whomever_the_agent_chose(rights: PetitionHouse) -> None:
    accused = {"category": "STAFF", "accusedStaff": rights.actor("t1chair").id, "toldStaff": True, "to": "T1"}
    assert "第30条" in told(rights.problems(ring(rights), "hotline", typed(rights, **accused, result="ADVISED")))
    case_id = call(rights, **accused)
    case = rights.case(case_id)
    assert (case.confidentiality, case.unit_id) == ("C3", rights.unit("C1"))
    assert rights.place(case_id, "T_TakeOver").post == "RIGHTS_HEAD"
    petition = rights.case(take(rights, case_id, "rightshead"))
    assert (petition.confidentiality, petition.unit_id) == ("C3", rights.unit("C1"))
    assert not may_read(rights, "t1chair", case_id)
    assert not may_read(rights, "t1chair", petition.id)


def test_an_agent_reads_her_own_calls_the_rights_department_all_and_a_township_those_given_to_it(
    rights_desk: PetitionHouse,
) -> None:
    rights_desk.appoint("loanworker", "HOTLINE_AGENT", "C1")
    hers, given = call(rights_desk, result="ADVISED"), call(rights_desk, to="T1")
    readers = {
        login: (may_read(rights_desk, login, hers), may_read(rights_desk, login, given))
        for login in (
            "hotline",
            "loanworker",
            "rightsworker",
            "rightshead",
            "countychair",
            "t1chair",
            "v1chair",
            "t2chair",
        )
    }
    both, neither = (True, True), (False, False)
    assert readers == {
        "hotline": both, "loanworker": neither, "rightsworker": both, "rightshead": both, "countychair": both,
        "t1chair": (False, True), "v1chair": neither, "t2chair": neither,
    }  # fmt: skip


def test_the_list_tells_how_each_call_stands_by_its_own_hour_and_shows_no_confidential_one(
    rights_desk: PetitionHouse,
) -> None:
    rights_desk.on("2026-06-15", 10)
    late = call(rights_desk, receivedOn="2026-06-10", receivedTime="16:00", result="ADVISED")
    given = call(rights_desk, receivedTime="09:30")
    taken = call(rights_desk, receivedTime="09:20")
    take(rights_desk, taken)
    call(rights_desk, receivedTime="09:10", result="URGENT")
    call(rights_desk, category="STAFF", accusedStaff=rights_desk.actor("t1chair").id)
    typing = ring(rights_desk)
    rows = [(typing, "typing"), (given, "waiting"), (taken, "taken"), (late, "advised")]
    assert listed(rights_desk, "hotline") == rows
    assert listed(rights_desk, "hotline", since="2026-06-11") == rows[:-1]
    assert listed(rights_desk, "hotline", until="2026-06-14") == rows[-1:]
    assert listed(rights_desk, "hotline", state="waiting") == [(given, "waiting")]
    assert listed(rights_desk, "t1chair") == []


@pytest.mark.parametrize(
    ("changes", "paths"),
    [
        ({"anonymous": True}, {"safeChannel"}),
        ({"safeNumber": None}, {"safeNumber"}),
        ({"violence": None}, {"violence"}),
        ({"receivedTime": "09:01"}, {"receivedTime"}),
        ({"receivedOn": "2026-06-16"}, {"receivedOn"}),
        ({"result": None}, {"result"}),
        ({"toUnit": None}, {"toUnit"}),
        ({"toUnit": "999999"}, {"toUnit"}),
        ({"minutes": 0}, {"minutes"}),
        ({"minutes": 601}, {"minutes"}),
        ({"advice": None}, {"advice"}),
        ({"category": "STAFF"}, {"accused"}),
        ({"category": "DV"}, {"violence"}),
        ({"sex": "M"}, {"sex"}),
    ],
)
def test_what_cannot_be_recorded_is_told_by_field(
    rights_desk: PetitionHouse, changes: dict[str, Any], paths: set[str]
) -> None:
    said = {k: v for k, v in typed(rights_desk, **changes).items() if v is not None}
    assert set(rights_desk.problems(ring(rights_desk), "hotline", said)) == paths


def test_who_passes_a_call_on_says_to_whom_and_why(rights_desk: PetitionHouse) -> None:
    case_id = call(rights_desk, to="T1")
    here, there = rights_desk.unit("T1"), rights_desk.unit("T2")
    for answers in (
        {"taken": "PASS_ON"},
        {"taken": "PASS_ON", "toUnit": there},
        {"taken": "PASS_ON", "toUnit": here, "reason": "不属于本镇管"},
    ):
        assert rights_desk.wrong(case_id, "t1chair", "T_TakeOver", answers)
    with pytest.raises(NotFound):
        rights_desk.submit(case_id, "t2chair", {"taken": "TAKE"}, "T_TakeOver")


def test_only_the_telephone_desk_answers_and_its_record_is_the_agents_alone(rights_desk: PetitionHouse) -> None:
    for login in ("v1chair", "t1chair", "countychair", "loanhead", "mediator"):
        with pytest.raises(Forbidden):
            ring(rights_desk, login)
    rights_desk.appoint("loanworker", "HOTLINE_AGENT", "C1")
    case_id = ring(rights_desk)
    with pytest.raises(NotFound):
        rights_desk.submit(case_id, "loanworker", typed(rights_desk))
    assert rights_desk.where(case_id) == "T_Call"


def test_what_was_handed_over_is_passed_on_and_not_taken_back(rights_desk: PetitionHouse) -> None:
    case_id = call(rights_desk, to="T1")
    done = task.c.case_id == case_id, task.c.element == "T_Call"
    row = rights_desk.row(task.select().where(*done))
    with pytest.raises(NotNow, match="先保护"):
        rights_desk.act(recall_task, "hotline", task_id=row.id, reason="选错了单位", seen_version=row.version)
