"""Petitions at the desk: P01, P07, P09, P10, P11, P19; six representatives; safety before the matter."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from engine.errors import Forbidden, NotFound
from engine.model import case_file, task
from engine.model_links import case_link
from tests.scenarios.reading import Place, Told, told
from tests.workflows.processes.petition import examples
from workflows.complaints import NothingHigher

if TYPE_CHECKING:
    from tests.workflows.processes.petition.house import PetitionHouse

VISITORS = [
    {"slot": number, "name": name} for number, name in enumerate(("甲丽", "乙丽", "丙丽", "丁丽", "戊丽", "己丽"), 1)
]


SCREENED: dict[str, Any] = {"danger": "SOON", "injured": False, "childrenSafe": True, "done": "已约定暗语和去处"}


def protection_of(house: PetitionHouse, case_id: int) -> Any:
    """The case file of the protection case opened from a petition, None when there is none."""
    wanted = select(case_file).join(case_link, case_link.c.case_id == case_file.c.id)
    return house.row(wanted.where(case_link.c.other_id == case_id, case_link.c.relation == "protection"))


def test_p01_a_visit_on_a_sunday_is_registered_the_same_day_and_notice_is_due_on_the_fifteenth(
    rights: PetitionHouse,
) -> None:
    rights.on("2026-03-01")
    case_id = rights.take_in()
    assert rights.due(case_id, "T_Register") == "2026-03-01"
    rights.submit(case_id, "rightsworker", rights.form())
    assert (rights.due(case_id, "T_Triage"), rights.entry(case_id).due_on) == ("2026-03-16", date(2026, 3, 16))
    rights.triage(case_id, "HANDLE_NOW")
    rights.submit(case_id, "rightsworker", examples.handle_now(rights.today), "T_HandleNow")
    rights.answer(case_id)
    rights.finish(case_id)
    line = rights.entry(case_id)
    assert (line.state, line.outcome, line.notice_kind) == ("concluded", "EXPLAINED", "ON_SPOT")


def test_p07_the_same_matter_in_hand_is_joined_without_a_second_clock_and_both_receivers_hear(
    rights: PetitionHouse,
) -> None:
    first = rights.accepted()
    again = rights.registered("v1chair", at="V1", channel="POST")
    assert rights.where(again) == "T_Match"
    number = rights.case(first).number
    said = "".join(rights.notes(again, "v1chair", "T_Match"))
    assert ("请询问承办人" in said, number in said) == (True, False)  # the county's item is not the village's to read
    answers = {"relation": "JOIN", "toldNumber": number, "reason": "问过承办人，同一孩子的探望问题"}
    rights.submit(again, "v1chair", answers, "T_Match")
    assert (rights.where(again), rights.entry(again).state, rights.entry(again).accepted_on) == (
        "joined",
        "joined",
        None,
    )
    assert rights.entry(first).repeat_count == 1
    assert [t for t in rights.notices(again) if t.kind == "petition.joined"] == [
        Told("RIGHTS_HEAD", "C1", "petition.joined"),
        Told("RIGHTS_WORKER", "C1", "petition.joined"),
    ]
    third = rights.registered("rightshead")
    assert any("同一人" in note and number in note for note in rights.notes(third, "rightshead", "T_Match"))
    rights.submit(
        third, "rightshead", {"relation": "JOIN", "caseId": str(first), "reason": "同一孩子的探望问题"}, "T_Match"
    )
    assert (rights.entry(first).repeat_count, rights.entry(third).repeat_count) == (2, 2)
    assert rights.at(first) == ["T_Track", "T_Plan", "T_Decide"]


def test_p07_what_is_in_hand_can_only_be_joined_and_what_is_over_cannot(rights_desk: PetitionHouse) -> None:
    house = rights_desk
    first = house.accepted()
    again = house.registered()
    wrong = house.wrong(
        again, "rightsworker", "T_Match", {"relation": "NEW_FACTS", "caseId": str(first), "reason": "有新材料"}
    )
    assert "只能并入" in wrong
    assert "第19条" in wrong
    house.submit(again, "rightsworker", {"relation": "NEW", "reason": "是另外一件事"}, "T_Match")
    house.plan(first)
    house.decide(first)
    house.deliver(first)
    house.answer(first)
    house.finish(first)
    third = house.registered()
    closed = {"relation": "JOIN", "caseId": str(first), "reason": "同一件事情"}
    assert "不能并入" in house.wrong(third, "rightsworker", "T_Match", closed)
    house.on("2026-07-16")  # the thirtieth day after 15 June is 15 July
    review = {"relation": "OFFER_REVIEW", "caseId": str(first), "reason": "没有新的事实"}
    assert "2026-07-15" in house.wrong(third, "rightsworker", "T_Match", review)
    house.on("2026-07-15")
    house.submit(third, "rightsworker", review, "T_Match")
    assert house.where(third) == "T_Guide"


def test_p09_new_violence_is_a_new_item_and_a_protection_case_not_a_repeat(rights: PetitionHouse) -> None:
    rights.accepted()
    again = rights.registered(violence=True, category="DV")
    assert rights.where(again) == "T_Track+T_Triage"
    assert (rights.entry(again).repeat_of, rights.entry(again).route) == (None, "PROTECT")
    opened = protection_of(rights, again)
    assert (opened.kind, opened.confidentiality, opened.state) == ("dv_case", "C3", "open")
    assert rights.place(opened.id, "T_Screen") == Place("RIGHTS_HEAD", "C1")


def test_protection_comes_first_with_two_hours_and_leaves_no_trace_for_who_may_not_see_it(
    rights: PetitionHouse,
) -> None:
    case_id = rights.registered("t1chair", at="T1", violence=True, category="DV", urgency="URGENT")
    opened = protection_of(rights, case_id)
    row = rights.open_task(opened.id, "T_Screen")
    assert (row.due_at - rights.clock.now()).total_seconds() == 7200
    assert rights.stored(opened.id, "referred")["safeChannel"] == "IN_PERSON"
    assert "idcard" not in rights.stored(opened.id, "referred")
    said = "".join(str(entry) for entry in rights.entries(case_id))
    assert "dv_case" not in said
    assert opened.number not in said
    assert all(told.kind != "dv_case.opened" for told in rights.notices(case_id))
    assert rights.case(case_id).confidentiality == "C3"  # it tells the same
    for login in ("countychair", "t2chair", "rightsworker"):
        with pytest.raises(NotFound):
            rights.page(case_id, login)
    rights.triage(case_id, login="t1chair")  # who took it in goes on with it
    rights.submit(opened.id, "rightshead", SCREENED | {"nextContactOn": rights.today}, "T_Screen")
    assert rights.case(opened.id).outcome == "responded"


def test_who_is_close_to_the_woman_of_an_item_is_close_to_her_protection_and_to_its_conference(
    rights: PetitionHouse,
) -> None:
    rights.declare("rightshead", examples.HER)
    case_id = rights.registered(violence=True, category="DV")
    opened = protection_of(rights, case_id)
    assert rights.place(opened.id, "T_Screen") == Place("COUNTY_CHAIR", "C1", "RIGHTS_HEAD", "CONFLICT")
    assert all(told.post != "RIGHTS_HEAD" for told in rights.notices(opened.id))
    rights.submit(opened.id, "countychair", SCREENED | {"nextContactOn": rights.today}, "T_Screen")
    assert rights.case(opened.id).outcome == "responded"
    rights.triage(case_id)
    rights.accept(case_id)
    rights.plan(case_id, conference=True)
    conference = rights.row(case_file.select().where(case_file.c.kind == "joint_conference"))
    assert rights.place(conference.id, "T_Convene").post == "COUNTY_CHAIR"


def test_a_tie_declared_while_her_protection_is_open_keeps_her_hands_off_it(rights: PetitionHouse) -> None:
    opened = protection_of(rights, rights.registered(violence=True, category="DV"))
    assert rights.place(opened.id, "T_Screen").post == "RIGHTS_HEAD"
    rights.declare("rightshead", examples.HER)
    with pytest.raises(Forbidden, match="回避"):
        rights.submit(opened.id, "rightshead", SCREENED | {"nextContactOn": rights.today}, "T_Screen")


def test_p19_an_anonymous_letter_about_a_beaten_child_owes_no_notice_and_a_report_in_two_hours(
    rights: PetitionHouse,
) -> None:
    case_id = rights.take_in("rightshead")
    place = rights.unit("V1")
    harmed = {"violence": True, "minorInvolved": True, "minorAtRisk": True}
    rights.submit(case_id, "rightshead", examples.anonymous(place, rights.today, **harmed, category="DV"))
    opened = protection_of(rights, case_id)
    report = rights.open_task(opened.id, "T_Report")
    assert (report.due_at - rights.clock.now()).total_seconds() == 7200
    assert rights.at(opened.id) == ["T_Screen", "T_Report"]
    rights.triage(case_id, login="rightshead")
    rights.accept(case_id, "rightshead", noticeOn=None, noticeHow="NO_CONTACT")
    line = rights.entry(case_id)
    assert (line.anonymous, line.notice_kind, line.notice_on) == (True, "NO_CONTACT", None)


@pytest.mark.parametrize(("people", "collective"), [(4, False), (5, True), (6, True)])
def test_p10_p11_five_people_are_a_collective_petition_four_are_not(
    rights_desk: PetitionHouse, people: int, collective: bool
) -> None:
    case_id = rights_desk.registered(people=people)
    assert rights_desk.entry(case_id).collective is collective
    assert (Told("RIGHTS_HEAD", "C1", "petition.collective") in rights_desk.notices(case_id)) is collective
    offered = any("联席会议" in note for note in rights_desk.notes(case_id, "rightsworker", "T_Triage"))
    assert offered is collective


def test_five_may_speak_for_a_group_and_a_sixth_is_refused_with_the_clause(rights: PetitionHouse) -> None:
    refused = rights.refused(people=9, representatives=VISITORS)
    assert list(refused) == ["representatives"]
    assert "不得超过 5 人" in told(refused)
    assert "第20条" in told(refused)
    case_id = rights.registered(people=9, representatives=VISITORS[:5])
    assert len(rights.stored(case_id, "register")["representatives"]) == 5
    assert rights.registered(people=9, representatives=VISITORS, channel="POST")


@pytest.mark.parametrize(
    ("typed", "path"),
    [
        ({"safeChannel": "PHONE"}, {"safeNumber", "safeTimes"}),
        ({"safeChannel": "SMS", "safeNumber": "13900000011", "safeTimes": "1-5 09:00-11:00"}, {"coverStory"}),
        ({"receivedOn": "2026-06-16"}, {"receivedOn"}),
        ({"receivedTime": "25:00"}, {"receivedTime"}),
        ({"people": 0}, {"people"}),
        ({"anonymous": True}, {"safeChannel"}),
        ({"category": "STAFF"}, {"accused"}),
        ({"minorInvolved": True}, {"minorAtRisk"}),
        ({"place": "999999"}, {"place"}),
    ],
)
def test_what_cannot_be_registered_is_told_by_field(
    rights_desk: PetitionHouse, typed: dict[str, Any], path: set[str]
) -> None:
    assert set(rights_desk.refused(**typed)) == path


def test_the_form_opens_so_that_an_ordinary_visit_takes_few_answers(rights_desk: PetitionHouse) -> None:
    case_id = rights_desk.take_in("hotline")
    begun = rights_desk.proposed(case_id, "hotline", "T_Register")
    assert begun["channel"] == "HOTLINE"
    assert begun["receivedOn"] == rights_desk.today
    assert begun["people"] == 1
    said = {"safeChannel": "NONE", "violence": False, "minorInvolved": False, "name": "顾小满", "category": "CUSTODY"}
    asked = {**begun, **said, "matter": "对方不让探望孩子", "claim": "希望探望孩子"}
    rights_desk.submit(case_id, "hotline", asked, "T_Register")
    assert rights_desk.place(case_id, "T_Triage") == Place("RIGHTS_HEAD", "C1")
    assert rights_desk.place(case_id, "T_Track") == Place("HOTLINE_AGENT", "C1")


def test_a_complaint_about_staff_goes_one_level_up_in_confidence_and_never_to_her_unit(rights: PetitionHouse) -> None:
    chair = rights.actor("t1chair").id
    case_id = rights.registered("v2chair", category="STAFF", accusedStaff=str(chair), at="V2")
    case = rights.case(case_id)
    assert (case.confidentiality, case.guarded, rights.code(case.unit_id)) == ("C3", True, "C1")
    assert rights.place(case_id, "T_Triage").post == "RIGHTS_HEAD"
    with rights.runtime.reading() as connection:
        rows = connection.execute(select(task.c.unit_id).where(task.c.case_id == case_id, task.c.state == "open"))
        assert {row.unit_id for row in rows} == {rights.unit("C1")}
    for login in ("t1chair", "t1vice", "v1chair"):
        with pytest.raises(NotFound):
            rights.page(case_id, login)


def test_a_complaint_that_nobody_above_could_take_is_not_registered_here_and_nothing_is_lost(
    rights_desk: PetitionHouse,
) -> None:
    head = rights_desk.actor("rightshead").id
    case_id = rights_desk.take_in("t2chair")
    with pytest.raises(NothingHigher):
        rights_desk.submit(case_id, "t2chair", rights_desk.form(category="STAFF", accusedStaff=str(head)))
    assert rights_desk.at(case_id) == ["T_Register"]
