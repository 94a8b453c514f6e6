"""Where petitions go: P13, P14, P16, P18, P21, P25; first-asked tracking; closing needs an outcome and an answer."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from engine.access import SYSTEM
from engine.commands.cases import withdraw_case
from engine.errors import Forbidden
from engine.model_links import case_link
from engine.unit_of_work import unit_of_work
from tests.scenarios.reading import Place, Told
from tests.workflows.processes.mediation import steps
from tests.workflows.processes.petition import examples
from workflows import petition_analysis
from workflows.model import unit
from workflows.organisation import add_unit, unit_by_code
from workflows.posts import UnitKind
from workflows.spans import Span

if TYPE_CHECKING:
    from tests.workflows.processes.petition.house import PetitionHouse


def year_of(rights: PetitionHouse, year: int) -> petition_analysis.Line:
    """The figures of the county in a year, as the head of the rights department sees them."""
    actor = rights.actor("rightshead")
    with rights.runtime.reading() as connection:
        top = petition_analysis.top_of(connection, actor, 0)
        span, today = Span.named(f"{year}"), date.fromisoformat(rights.today)
        return petition_analysis.analysis(rights.runtime, connection, actor, top, span, today).total


def test_p13_a_village_that_cannot_handle_land_reports_up_in_three_working_days_with_reasons(
    rights: PetitionHouse,
) -> None:
    rights.on("2026-06-17")
    case_id = rights.registered(
        "v1chair", at="V1", category="LAND", requestedLevel="VILLAGE", matter="离婚后村里不给承包地份额"
    )
    assert rights.where(case_id) == "T_EscalateUp+T_Track"
    assert rights.due(case_id, "T_EscalateUp") == "2026-06-23"  # 19 June is a holiday, then a weekend
    assert any("第56条" in note and "第75条" in note for note in rights.notes(case_id, "v1chair", "T_EscalateUp"))
    up = {"villageWay": "ESCALATE", "done": "找村委会谈了两次"}
    assert "不能处理的理由" in rights.wrong(case_id, "v1chair", "T_EscalateUp", up)
    rights.submit(case_id, "v1chair", {**up, "reason": "村民代表会议不同意"}, "T_EscalateUp")
    assert rights.place(case_id, "T_Triage") == Place("TOWN_CHAIR", "T1")
    assert rights.place(case_id, "T_Track") == Place("VILLAGE_CHAIR", "V1")
    assert rights.page(case_id, "v1chair").case.id == case_id
    assert rights.entry(case_id).route == "COUNTY"


def test_p14_whoever_asked_above_the_competent_level_is_sent_down_and_told_and_tracked(rights: PetitionHouse) -> None:
    case_id = rights.registered(at="V1", category="FAMILY", requestedLevel="COUNTY")
    line = rights.entry(case_id)
    assert (line.level_skipping, line.route) == (True, "VILLAGE")
    assert any("越级" in note for note in rights.notes(case_id, "rightsworker", "T_Triage"))
    sent = {"way": "FORWARD", "targetUnit": rights.unit("V1")}
    assert sent.items() <= rights.proposed(case_id, "rightsworker", "T_Triage").items()
    rights.triage(case_id, "FORWARD", to="V1")
    assert rights.place(case_id, "T_Receive") == Place("VILLAGE_CHAIR", "V1")
    assert rights.place(case_id, "T_Track") == Place("RIGHTS_WORKER", "C1")
    track = {"confirmed": True}
    assert "首问人须跟踪" in rights.wrong(case_id, "rightsworker", "T_Track", track)
    rights.submit(case_id, "v1chair", {"received": "AGREE"}, "T_Receive")
    rights.submit(case_id, "v1chair", {"villageWay": "HANDLE", "done": "上门调解"}, "T_EscalateUp")
    rights.submit(case_id, "v1chair", examples.handle_now(rights.today, outcome="SUPPORTED"), "T_HandleNow")
    rights.submit(case_id, "rightsworker", track, "T_Track")
    assert rights.place(case_id, "T_Answer") == Place("RIGHTS_WORKER", "C1")
    rights.answer(case_id, "rightsworker")
    rights.finish(case_id)
    assert (rights.entry(case_id).state, rights.where(case_id)) == (
        "concluded",
        "settled",
    )  # no written reply, no review


def test_an_objection_that_stands_comes_back_and_one_that_does_not_is_decided_above(rights: PetitionHouse) -> None:
    objected = {"received": "OBJECT", "reason": "事情发生在另一个乡镇"}
    for reply, at in (("UPHELD", "C1"), ("REJECTED", "T1")):
        case_id = rights.registered(
            at="T1", idcard=examples.idcard(date(1980, 2, len(at) + ord(at[0]) % 9)), name=f"陶小{at[0]}"
        )
        rights.triage(case_id, "FORWARD", to="T1")
        rights.submit(case_id, "t1chair", objected, "T_Receive")
        assert rights.place(case_id, "T_ObjectionReply") == Place("RIGHTS_HEAD", "C1")
        rights.submit(case_id, "rightshead", {"reply": reply, "reason": "经核实后决定"}, "T_ObjectionReply")
        if reply == "REJECTED":
            assert rights.place(case_id, "T_Dispute") == Place("COUNTY_CHAIR", "C1")
            rights.submit(case_id, "countychair", {"decision": "KEEP", "reason": "事发地在该镇"}, "T_Dispute")
        assert rights.code(rights.case(case_id).unit_id) == at
        assert "T_Triage" in rights.at(case_id)


def test_p16_a_matter_for_the_court_is_guided_with_legal_aid_and_is_no_failure(rights: PetitionHouse) -> None:
    case_id = rights.registered(matterKind="COURT")
    assert rights.proposed(case_id, "rightsworker", "T_Triage")["way"] == "GUIDE"
    rights.triage(case_id, "GUIDE")
    without = examples.guide(rights.today, legalAidOffered=False)
    assert "法律援助" in rights.wrong(case_id, "rightsworker", "T_Guide", without)
    rights.submit(case_id, "rightsworker", examples.guide(rights.today), "T_Guide")
    rights.answer(case_id)
    rights.finish(case_id)
    line = rights.entry(case_id)
    assert (rights.where(case_id), line.outcome, line.answered_on) == ("guided", "LED_ON", date(2026, 6, 15))


def test_p18_whoever_withdraws_is_asked_alone_and_under_pressure_nothing_is_closed_for_thirty_days(
    rights: PetitionHouse,
) -> None:
    case_id = rights.accepted()
    with pytest.raises(Forbidden):
        rights.act(withdraw_case, "rightsworker", case_id=case_id, reason="来人说不告了")
    rights.decide(case_id, "WITHDRAWN")
    together = examples.withdraw_check(rights.today, askedAlone=False)
    assert "单独询问" in rights.wrong(case_id, "rightsworker", "T_WithdrawCheck", together)
    rights.submit(case_id, "rightsworker", examples.withdraw_check(rights.today, pressed=True), "T_WithdrawCheck")
    assert rights.where(case_id) == "T_FollowUp+T_Plan+T_Track"
    follow = {"followedOn": "2026-07-14", "result": "CONFIRMED", "note": "单独见面，情绪平稳"}
    rights.on("2026-07-14")
    assert "2026-07-15" in rights.wrong(case_id, "rightsworker", "T_FollowUp", follow)
    rights.on("2026-07-15")
    rights.submit(case_id, "rightsworker", {**follow, "followedOn": rights.today}, "T_FollowUp")
    rights.decide(case_id, "WITHDRAWN")
    rights.submit(case_id, "rightsworker", examples.withdraw_check(rights.today), "T_WithdrawCheck")
    assert rights.finish(case_id)["ended"] == "withdrawn"
    assert rights.entry(case_id).outcome == "WITHDRAWN"


def test_a_free_withdrawal_is_closed_at_once_and_one_with_a_minor_is_not(rights_desk: PetitionHouse) -> None:
    house = rights_desk
    free, minor = (
        house.accepted(),
        house.accepted(idcard=examples.idcard(date(1979, 5, 5)), minorInvolved=True, minorAtRisk=False),
    )
    for case_id, then in ((free, "T_Close"), (minor, "T_FollowUp")):
        house.decide(case_id, "WITHDRAWN")
        house.submit(case_id, "rightsworker", examples.withdraw_check(house.today), "T_WithdrawCheck")
        assert then in house.at(case_id)


def test_closing_takes_an_outcome_and_an_answer_and_the_handler_never_asks_how_satisfied_she_is(
    rights: PetitionHouse,
) -> None:
    case_id = rights.accepted()
    rights.plan(case_id)
    rights.decide(case_id)
    rights.deliver(case_id, way="NOT_SENT")
    with pytest.raises(Forbidden):
        rights.answer(case_id, "rightsworker")
    wrong = rights.wrong(case_id, "rightshead", "T_Answer", examples.answer(rights.today, hasAnswer=False))
    assert "答复" in wrong
    assert "事事有回应" in wrong
    silent = {"askedBy": "NO_CONTACT", "askedOn": rights.today, "noContactReason": "电话没有人接"}
    assert "安全的联系方式" in rights.wrong(case_id, "rightshead", "T_Answer", silent)
    rights.answer(case_id)
    unconfirmed = examples.close(confirmed=False)
    assert "件件有着落" in rights.wrong(case_id, "rightshead", "T_Close", unconfirmed)
    rights.finish(case_id)
    assert (rights.entry(case_id).satisfaction, rights.entry(case_id).answered_on) == ("5", date(2026, 6, 15))


def test_works_go_on_side_by_side_and_the_opinion_waits_for_all_of_them(rights: PetitionHouse) -> None:
    case_id = rights.accepted()
    assert "办理计划" in rights.wrong(case_id, "rightsworker", "T_Decide", examples.decide())
    rights.plan(case_id, investigate=True, legal=True, letter=True)
    assert rights.where(case_id) == "T_Decide+T_Investigate+T_Legal+T_Letter+T_Track"
    assert "调查核实" in rights.wrong(case_id, "rightsworker", "T_Decide", examples.decide())
    found = {"doneOn": rights.today, "people": "丁晚晴、周明霞", "findings": "邻居证明多次不让探望"}
    rights.submit(case_id, "rightsworker", found, "T_Investigate")
    rights.submit(
        case_id,
        "rightsworker",
        {"doneOn": rights.today, "kind": "ADVICE", "by": "志愿律师", "advice": "可申请执行"},
        "T_Legal",
    )
    letter = {
        "body": "示范县民政局",
        "subject": "关于协助核查的函",
        "text": "请协助核查有关情况",
        "sentOn": rights.today,
    }
    rights.submit(case_id, "rightsworker", {**letter, "answerBy": "2026-06-30"}, "T_Letter")
    assert rights.due(case_id, "T_LetterAnswer") == "2026-07-15"
    answered = {"result": "ANSWERED", "answeredOn": rights.today, "answer": "情况属实"}
    rights.submit(case_id, "rightsworker", answered, "T_LetterAnswer")
    assert rights.where(case_id) == "T_Decide+T_Plan+T_Track"
    rights.plan(case_id, counsel=True)
    rights.submit(case_id, "rightsworker", {"doneOn": rights.today, "by": "心桥", "again": False}, "T_Counsel")
    rights.decide(case_id)
    assert "T_Deliver" in rights.at(case_id)


def test_p25_fifteen_of_sixteen_with_outcome_and_answer_are_93_75_and_never_a_hundred(rights: PetitionHouse) -> None:
    rights.on("2026-03-05")
    ids = [rights.accepted(idcard=examples.idcard(date(1970, 1, day)), name="纪小安") for day in range(1, 17)]
    for case_id in ids[:15]:
        rights.plan(case_id)
        rights.decide(case_id)
        rights.deliver(case_id)
    year = year_of(rights, 2026)
    assert (year.number("HANDLED"), year.number("DUE"), year.rate("HANDLED")) == (15, 16, "93.75%")
    assert year_of(rights, 2027).rate("HANDLED") == "—"
    rights.on("2026-05-05")  # the day after its last one: overdue from now on, whatever comes
    assert year_of(rights, 2026).number("OVERDUE") == 1


def test_whoever_is_too_close_to_the_accused_does_not_handle_the_item(rights_desk: PetitionHouse) -> None:
    rights_desk.declare("rightsworker", examples.HER, "SIBLING")
    case_id = rights_desk.registered("rightshead")
    assert rights_desk.place(case_id, "T_Triage").post == "RIGHTS_HEAD"
    rights_desk.triage(case_id, login="rightshead")
    assert rights_desk.place(case_id, "T_Accept").post == "RIGHTS_HEAD"
    assert Told("COUNTY_CHAIR", "C1", "period.broken") not in rights_desk.notices(case_id)


def test_p21_a_mediation_is_a_case_of_its_own_and_its_failure_counts_only_with_the_other_path_told(
    rights: PetitionHouse,
) -> None:
    case_id = rights.accepted(accused="程远山")
    rights.plan(case_id, mediate=True)
    assert "T_Mediation" in rights.at(case_id)
    child = rights.row(
        select(case_link.c.case_id).where(case_link.c.other_id == case_id, case_link.c.relation == "mediation")
    )
    noted = {"result": "NOT_AGREED", "endedOn": rights.today}
    assert "还没有结束" in rights.wrong(case_id, "rightsworker", "T_Mediation", noted)
    steps.her_consent(rights, child.case_id, **steps.CALM)
    steps.his_consent(rights, child.case_id, otherWilling=False)
    steps.ended(rights, child.case_id, "REFUSED_OTHER", toldHer="IN_PERSON", toldHerOn=rights.today)
    assert "不一致" in rights.wrong(case_id, "rightsworker", "T_Mediation", {**noted, "result": "AGREED"})
    assert "P-10" in rights.wrong(case_id, "rightsworker", "T_Mediation", noted)
    rights.submit(case_id, "rightsworker", {**noted, "onwardTold": True}, "T_Mediation")
    assert "条例" in rights.wrong(case_id, "rightsworker", "T_Decide", examples.decide("SETTLED"))
    rights.decide(case_id, "NOT_AGREED")
    rights.deliver(case_id)
    rights.answer(case_id)
    rights.finish(case_id)
    assert (rights.entry(case_id).outcome, rights.entry(case_id).answered_on) == ("NOT_AGREED", date(2026, 6, 15))
    assert year_of(rights, 2026).rate("HANDLED") == "100.00%"


def test_a_joint_conference_is_told_what_kind_of_matter_it_is_and_no_name(rights_desk: PetitionHouse) -> None:
    case_id = rights_desk.accepted(people=6, matter="顾小满等六人反映土地", category="LAND")
    rights_desk.plan(case_id, conference=True)
    wanted = select(case_link.c.case_id).where(case_link.c.other_id == case_id, case_link.c.relation == "conference")
    child = rights_desk.row(wanted)
    said = rights_desk.stored(child.case_id, "referred") or {}
    assert (said["type"], said["sourceNumber"]) == ("PETITION", rights_desk.case(case_id).number)
    assert "群体" in said["question"]
    assert "顾小满" not in str(said)
    noted = {"heldOn": rights_desk.today, "decisions": "由乡镇政府限期改正"}
    assert "还没有结束" in rights_desk.wrong(case_id, "rightsworker", "T_Conference", noted)


def test_p14_what_is_asked_of_the_city_goes_to_the_county_and_the_city_keeps_tracking(rights: PetitionHouse) -> None:
    with unit_of_work(rights.runtime, SYSTEM) as work:
        city = add_unit(work.connection, parent_id=None, kind=UnitKind.CITY, name="示范市妇联", code="S1")
        county = unit_by_code(work.connection, "C1")
        assert county is not None
        lift = unit.update().where(unit.c.path.like(f"{county.path}%"))
        work.connection.execute(lift.values(path=city.path.rstrip(".") + unit.c.path))
        work.connection.execute(unit.update().where(unit.c.id == county.id).values(parent_id=city.id))
    rights.appoint("statclerk", "UPPER_CHAIR", "S1")
    case_id = rights.take_in("statclerk")
    assert rights.code(rights.case(case_id).unit_id) == "S1"
    typed = rights.form(at="V1", category="FAMILY", requestedLevel="ABOVE")
    rights.submit(case_id, "statclerk", typed)
    line = rights.entry(case_id)
    assert (line.level_skipping, line.route, rights.place(case_id, "T_Triage").post) == (True, "VILLAGE", "UPPER_CHAIR")
    rights.triage(case_id, "FORWARD", "statclerk", to="C1", petitionerTold=True)
    assert rights.place(case_id, "T_Receive") == Place("RIGHTS_HEAD", "C1")
    assert rights.place(case_id, "T_Track") == Place("UPPER_CHAIR", "S1")
    rights.submit(case_id, "rightshead", {"received": "AGREE"}, "T_Receive")
    sent = {"way": "FORWARD", "targetUnit": rights.unit("V1")}
    assert sent.items() <= rights.proposed(case_id, "rightshead", "T_Triage").items()
    assert rights.page(case_id, "statclerk").case.id == case_id
