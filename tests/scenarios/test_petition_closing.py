"""No item is closed without an answer, goes to whom it is against, or is settled by whom it is too great for."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from engine.commands.context import CaseContext
from engine.commands.recalling import recall_task
from engine.commands.teams import exclude
from engine.errors import Forbidden, NotNow
from engine.model import task
from engine.unit_of_work import UnitOfWork
from tests.scenarios.reading import Place
from tests.scenarios.test_petition_danger import newest
from tests.workflows.processes.joint_conference.test_conference import convene, reports
from tests.workflows.processes.loan.examples import idcard
from tests.workflows.processes.petition import examples
from tests.workflows.processes.petition_review.test_review import ASKED, OPINION, decided, under_a_city
from workflows.chart import chart
from workflows.processes.petition import closing
from workflows.processes.petition_review import examination

if TYPE_CHECKING:
    from tests.workflows.processes.petition.house import PetitionHouse

SILENT = {"askedBy": "NO_CONTACT", "noContactReason": "电话没有人接"}


def seen(house: PetitionHouse, case_id: int, login: str) -> CaseContext:
    connection = house.runtime.database.engine.connect()
    work = UnitOfWork(house.runtime, connection, house.actor(login))
    return CaseContext(work, work.case(case_id), house.runtime.catalogue["petition"])


def test_a_letter_kept_back_for_her_safety_is_no_answer_and_begins_no_days_of_hers(rights: PetitionHouse) -> None:
    case_id = rights.accepted()
    rights.plan(case_id)
    rights.decide(case_id)
    kept_back = {**examples.deliver(rights.today, way="NOT_SENT", noReceiptReason="家中有人"), "reviewTold": False}
    rights.submit(case_id, "rightsworker", kept_back, "T_Deliver")
    line = rights.entry(case_id)
    assert (line.delivered_on, line.answered_on) == (None, None)
    out_of_reach = {**SILENT, "askedOn": rights.today}
    assert "安全的联系方式" in rights.wrong(case_id, "rightshead", "T_Answer", out_of_reach)
    rights.answer(case_id)
    assert str(rights.entry(case_id).answered_on) == rights.today
    rights.finish(case_id)
    rights.on("2026-09-01")
    assert "没有起算" in rights.wrong(case_id, "rightsworker", "T_ReviewWindow", {"asked": "NONE"})
    handed = {"asked": "NONE", "handedOn": "2026-08-10"}
    assert "2026-09-09" in rights.wrong(case_id, "rightsworker", "T_ReviewWindow", handed)
    rights.submit(case_id, "rightsworker", {**ASKED, "askedOn": "2026-09-01"}, "T_ReviewWindow")


def test_whoever_handled_an_item_never_asks_how_satisfied_she_is_even_when_another_filed_last(
    rights: PetitionHouse,
) -> None:
    rights.appoint("statclerk", "RIGHTS_WORKER", "C1")
    case_id = rights.accepted()
    rights.plan(case_id)
    rights.decide(case_id, login="statclerk")
    rights.deliver(case_id, "statclerk")
    for login in ("rightsworker", "statclerk"):
        with pytest.raises(Forbidden):
            rights.answer(case_id, login)
    rights.answer(case_id, "rightshead")


def test_nothing_closes_while_a_mediation_runs_nor_by_any_other_way(rights: PetitionHouse) -> None:
    case_id = rights.accepted()
    rights.plan(case_id, mediate=True)
    rights.decide(case_id, "WITHDRAWN")
    rights.submit(case_id, "rightsworker", examples.withdraw_check(rights.today), "T_WithdrawCheck")
    assert "还没有结束" in rights.wrong(case_id, "rightshead", "T_Close", examples.close())
    view = seen(rights, case_id, "rightshead")
    with pytest.raises(NotNow):  # a token that was brought here some other way
        closing.close(view)
    view.connection.close()


def test_what_was_decided_is_planned_no_further(rights_desk: PetitionHouse) -> None:
    case_id = rights_desk.accepted()
    rights_desk.plan(case_id, aid=True)
    helped = {"kind": "临时救助", "appliedOn": rights_desk.today, "body": "县民政局"}
    rights_desk.submit(case_id, "rightsworker", helped, "T_Aid")
    rights_desk.decide(case_id)
    assert "已经出具" in rights_desk.wrong(case_id, "rightsworker", "T_Plan", examples.plan(mediate=True))
    assert newest(rights_desk, "mediation") is None
    rights_desk.plan(case_id)


GREAT: list[tuple[dict[str, Any], str]] = [
    ({"violence": True, "category": "DV"}, "权益部"),
    ({"people": 5}, "县妇联"),
    ({"category": "LAND"}, "县妇联"),
]


@pytest.mark.parametrize(("changes", "whose"), GREAT)
def test_a_village_settles_nothing_that_is_the_countys(
    rights_desk: PetitionHouse, changes: dict[str, Any], whose: str
) -> None:
    case_id = rights_desk.registered("v1chair", at="V1", **changes)
    settled = {"villageWay": "HANDLE", "done": "已经劝和双方"}
    assert whose in rights_desk.wrong(case_id, "v1chair", "T_EscalateUp", settled)
    rights_desk.submit(case_id, "v1chair", {**settled, "villageWay": "ESCALATE", "reason": "超出村级"}, "T_EscalateUp")
    bare = {"way": "HANDLE_NOW"}
    next_one = (
        "rightshead" if "violence" in changes else "t1chair"
    )  # who took a confidential item in hands it to the head
    assert "写明理由" in rights_desk.wrong(case_id, next_one, "T_Triage", bare)


def test_four_people_about_custody_are_settled_in_the_village(rights_desk: PetitionHouse) -> None:
    case_id = rights_desk.registered("v1chair", at="V1", people=4)
    rights_desk.submit(case_id, "v1chair", {"villageWay": "HANDLE", "done": "已经劝和双方"}, "T_EscalateUp")
    refused = examples.handle_now(rights_desk.today, outcome="NOT_SUPPORTED")
    assert rights_desk.wrong(case_id, "v1chair", "T_HandleNow", refused)  # a refusal is written in P-07


def test_an_item_against_staff_never_comes_back_to_her_unit(rights: PetitionHouse) -> None:
    accused = rights.actor("t1chair").id
    case_id = rights.registered(category="STAFF", accusedStaff=accused)
    for code in ("T1", "V1"):
        back = examples.triage("FORWARD", targetUnit=rights.unit(code))
        assert "回避" in rights.wrong(case_id, "rightshead", "T_Triage", back)
    rights.submit(case_id, "rightshead", examples.triage("FORWARD", targetUnit=rights.unit("T2")), "T_Triage")


def test_a_colleague_named_in_words_alone_is_chosen_from_the_list(rights_desk: PetitionHouse) -> None:
    with rights_desk.runtime.reading() as connection:
        name = chart(connection).people[rights_desk.actor("t1chair").id].name
    named = rights_desk.refused(category="STAFF", accused=f"妇联的{name}态度恶劣")
    assert set(named) == {"accusedStaff"}
    rights_desk.registered(category="STAFF", accused="某医院收费处")


def test_an_item_is_not_sent_to_and_fro(rights: PetitionHouse) -> None:
    case_id = rights.registered(at="T1")
    rights.triage(case_id, "FORWARD", to="T1")
    rights.submit(case_id, "t1chair", {"received": "OBJECT", "reason": "不属于本乡镇的事项"}, "T_Receive")
    rights.submit(case_id, "rightshead", {"reply": "UPHELD", "reason": "同意退回"}, "T_ObjectionReply")
    again = examples.triage("FORWARD", targetUnit=rights.unit("T1"))
    assert "来回转送" in rights.wrong(case_id, "rightsworker", "T_Triage", again)


def test_the_common_superior_decides_what_the_county_disputes_with_the_city(rights: PetitionHouse) -> None:
    under_a_city(rights)
    case_id = rights.take_in("citychair")
    rights.submit(case_id, "citychair", rights.form("citychair", at="C1", requestedLevel="ABOVE"))
    rights.triage(case_id, "FORWARD", "citychair", to="C1")
    rights.submit(case_id, "rightshead", {"received": "OBJECT", "reason": "不属于本县的事项"}, "T_Receive")
    rights.submit(case_id, "citychair", {"reply": "REJECTED", "reason": "属于该县"}, "T_ObjectionReply")
    assert rights.place(case_id, "T_Dispute") == Place("UPPER_CHAIR", "S1")


def test_what_the_first_asked_tracked_goes_to_who_came_after_her(rights: PetitionHouse) -> None:
    case_id = rights.registered("v1chair", at="V1")
    rights.end_post("v1chair", "2026-06-15")
    rights.appoint("v3chair", "VILLAGE_CHAIR", "V1")
    rights.on("2026-06-16")
    rights.sweep()
    assert rights.place(case_id, "T_Track") == Place("VILLAGE_CHAIR", "V1")
    assert rights.open_task(case_id, "T_Track").assignee_id == 0
    assert "首问" in rights.wrong(case_id, "v3chair", "T_Track", {"confirmed": True})


def test_whom_the_address_reaches_is_told(rights_desk: PetitionHouse) -> None:
    case_id = rights_desk.registered(phone="", idcard="", age=38, address="青禾镇杏花村12号")
    rights_desk.triage(case_id)
    untold = examples.accept(rights_desk.today, noticeHow="NO_CONTACT", noticeOn=None)
    assert "应当告知" in rights_desk.wrong(case_id, "rightsworker", "T_Accept", untold)


def test_who_was_not_told_where_to_go_has_no_answer(rights_desk: PetitionHouse) -> None:
    case_id = rights_desk.registered(matterKind="COURT")
    rights_desk.triage(case_id, "GUIDE")
    rights_desk.submit(case_id, "rightsworker", examples.guide(rights_desk.today, noticeHow="NOT_SENT"), "T_Guide")
    assert rights_desk.entry(case_id).answered_on is None


def test_an_hour_that_has_not_come_is_not_when_she_came(rights_desk: PetitionHouse) -> None:
    assert set(rights_desk.refused(receivedTime="09:01")) == {"receivedTime"}
    rights_desk.registered(receivedTime="09:00")


def test_a_review_goes_past_whoever_worked_on_the_item(rights: PetitionHouse) -> None:
    case_id = decided(rights, "2026-05-22", "t1chair", "T1")
    rights.end_post("t1chair", "2026-05-31")
    rights.end_post("rightshead", "2026-05-31")
    rights.on("2026-06-01")
    rights.appoint("t1chair", "RIGHTS_HEAD", "C1")  # she has come up since
    rights.appoint("v3chair", "TOWN_CHAIR", "T1")
    rights.sweep()
    rights.submit(case_id, "v3chair", {**ASKED, "askedOn": "2026-06-01"}, "T_ReviewWindow")
    assert rights.place(case_id, "T_Review").post == "COUNTY_CHAIR"
    rights.submit(case_id, "countychair", OPINION, "T_Review")


def test_a_recheck_stands_still_for_one_hearing_alone(rights_desk: PetitionHouse) -> None:
    view = seen(rights_desk, rights_desk.accepted(), "rightshead")
    asked = {"result": "HEARING", "text": None, "law": None, "hearingOn": None}
    assert not examination.examine(view, "recheck", asked)
    view.submitting("hearing", {"heldOn": "2026-06-15"})
    assert set(examination.examine(view, "recheck", asked)) == {"result"}
    view.connection.close()


def recall(house: PetitionHouse, case_id: int, login: str, element: str) -> None:
    wanted = task.select().where(task.c.case_id == case_id, task.c.element == element).order_by(task.c.id.desc())
    row = house.row(wanted)
    house.act(recall_task, login, task_id=row.id, reason="填错了", seen_version=row.version)


def test_what_was_recalled_counts_as_nothing_and_what_has_left_is_not_recalled(rights: PetitionHouse) -> None:
    case_id = rights.registered()
    rights.triage(case_id, "HANDLE_NOW")
    rights.submit(case_id, "rightsworker", examples.handle_now(rights.today), "T_HandleNow")
    recall(rights, case_id, "rightsworker", "T_HandleNow")
    assert (rights.entry(case_id).outcome, rights.entry(case_id).answered_on) == (None, None)
    assert "首问" in rights.wrong(case_id, "rightsworker", "T_Track", {"confirmed": True})
    sent = rights.registered(at="T1", idcard=idcard(date(1980, 1, 1)))
    rights.triage(sent, "FORWARD", to="T1")
    with pytest.raises(NotNow, match="转到其他单位"):
        recall(rights, sent, "rightsworker", "T_Triage")
    rights.submit(sent, "t1chair", {"received": "AGREE"}, "T_Receive")
    with pytest.raises(NotNow, match="已经接收"):
        recall(rights, sent, "t1chair", "T_Receive")


def test_a_conference_names_nobody_and_one_that_was_called_off_has_no_day(rights: PetitionHouse) -> None:
    case_id = rights.accepted(people=6)
    rights.plan(case_id, conference=True)
    opened = newest(rights, "joint_conference")
    known = {"type": "PETITION", "herWish": "AGREED", "meetsOn": rights.today}
    telling = convene(**known, agenda="顾 小满等六人反映的事项")
    assert "只写编号" in rights.wrong(opened.id, "rightshead", "T_Convene", telling)
    rights.submit(opened.id, "rightshead", convene(**known, agenda="六人反映的事项"), "T_Convene")
    named = reports()
    named["reports"][0]["gist"] = "电话13900000011打不通"
    assert "只写编号" in rights.wrong(opened.id, "rightsworker", "T_Reports", named)
    off = {"held": "CALLED_OFF", "reason": "已经自行和解"}
    rights.submit(opened.id, "rightsworker", off, "T_Reports")
    noted = {"heldOn": rights.today, "decisions": "由权益部直接办理"}
    assert "已经取消" in rights.wrong(case_id, "rightsworker", "T_Conference", noted)
    rights.submit(case_id, "rightsworker", {"decisions": "由权益部直接办理"}, "T_Conference")


def test_where_he_has_ties_the_village_is_passed_over_and_somebody_says_who_keeps_out(rights: PetitionHouse) -> None:
    case_id = rights.registered("v1chair", at="V1", ties="YES")
    assert rights.place(case_id, "T_Triage") == Place("TOWN_CHAIR", "T1")
    assert "回避" in rights.wrong(case_id, "t1chair", "T_Triage", {"way": "ACCEPT"})
    back = examples.triage("FORWARD", targetUnit=rights.unit("V1"))
    assert "回避" in rights.wrong(case_id, "t1chair", "T_Triage", back)
    rights.act(exclude, "t1chair", case_id=case_id, reason="对方的哥哥", account_id=rights.actor("v1chair").id)
    rights.submit(case_id, "t1chair", {"way": "ACCEPT"}, "T_Triage")


def test_a_city_is_proposed_its_county_and_a_county_no_unit_that_keeps_out(rights_desk: PetitionHouse) -> None:
    under_a_city(rights_desk)
    case_id = rights_desk.take_in("citychair")
    asked = rights_desk.form("citychair", at="V1", category="FAMILY", requestedLevel="ABOVE")
    rights_desk.submit(case_id, "citychair", asked)
    assert rights_desk.proposed(case_id, "citychair", "T_Triage")["targetUnit"] == rights_desk.unit("C1")
    near = rights_desk.registered(at="T1", idcard=idcard(date(1980, 1, 1)))
    rights_desk.act(exclude, "rightshead", case_id=near, reason="当事人的亲属", unit_id=rights_desk.unit("T1"))
    assert rights_desk.proposed(near, "rightsworker", "T_Triage")["way"] == "ACCEPT"


def test_an_item_is_as_great_as_what_joins_it(rights: PetitionHouse) -> None:
    first = rights.accepted(people=4)
    assert not rights.entry(first).collective
    again = rights.registered(people=6, major=True)
    joins = {"relation": "JOIN", "caseId": str(first), "reason": "同一人同一件事"}
    rights.submit(again, "rightsworker", joins, "T_Match")
    line = rights.entry(first)
    assert (line.people, line.collective, line.major, line.repeat_count) == (6, True, True, 1)
