"""A body that neither comes nor says a word is not taken to know: it is sent the minutes and asked until it has confirmed them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from engine.clock import due_day
from engine.commands.cases import start_case
from engine.commands.context import CaseContext
from engine.errors import InvalidAnswers
from engine.jobs import sweep
from engine.model import notice
from engine.process_type import Start
from engine.unit_of_work import unit_of_work
from tests.workflows.processes.joint_conference.test_conference import (
    called,
    convene,
    decided,
    issued,
    minutes,
    reports,
    results,
)
from workflows.organisation import unit

if TYPE_CHECKING:
    from tests.workflows.processes.loan.house import LoanHouse


def due_of_step(house: LoanHouse, case_id: int, element: str) -> date:
    """The last day on which a step is in time."""
    return due_day(house.open_task(case_id, element).due_at)


def with_a_silent_body(house: LoanHouse) -> int:
    """A conference whose minutes were issued; the police neither came nor said a word."""
    case_id = called(house)
    lines = reports()["reports"]
    lines[0] = {"slot": 1, "body": "POLICE", "came": "SILENT"}
    house.submit(case_id, "rightsworker", reports(reports=lines))
    house.submit(case_id, "rightsworker", minutes("2026-06-30", decisions=decided("2026-06-30", owner="CIVIL_AFFAIRS")))
    house.submit(case_id, "rightshead", {"issued": "ISSUE"})
    return case_id


SENT = {"sent": [{"slot": 1, "body": "POLICE", "sentOn": "2026-06-15", "way": "HAND"}]}


def receipt(code: str, **more: str) -> dict[str, Any]:
    return {"receipts": [{"slot": 1, "body": "POLICE", "receipt": code, **more}]}


def test_a_body_of_which_nothing_is_heard_is_sent_the_minutes_and_asked_until_it_has_confirmed_them(
    house: LoanHouse,
) -> None:
    case_id = with_a_silent_body(house)
    assert house.at(case_id) == ["T_Follow", "T_SendMinutes"]
    house.submit(case_id, "rightsworker", SENT, "T_SendMinutes")
    house.submit(case_id, "rightsworker", results(("DONE", None)), "T_Follow")
    assert house.at(case_id) == ["T_Receipts"]  # the matter hears of the result when everybody knows of it
    house.clock.at += timedelta(days=7)  # five working days: the step is late until somebody asks again
    assert due_of_step(house, case_id, "T_Receipts") == date(2026, 6, 23)  # 19 to 21 June are holidays
    house.submit(case_id, "rightsworker", receipt("NOT_YET", remindedOn="2026-06-22"), "T_Receipts")
    assert "T_Receipts" in house.at(case_id)
    received = receipt("RECEIVED", receivedOn="2026-06-22", signedBy="石卫东")
    house.submit(case_id, "rightsworker", received, "T_Receipts")
    house.submit(case_id, "rightsworker", {"summary": "事项有了结果", "meetsAgain": False}, "T_ReportBack")
    assert house.case(case_id).outcome == "concluded"


@pytest.mark.parametrize(
    ("element", "answers", "fields"),
    [
        ("T_SendMinutes", {"sent": [{**SENT["sent"][0], "body": "CIVIL_AFFAIRS"}]}, {"sent", "sent.1.body"}),
        ("T_SendMinutes", {"sent": [{**SENT["sent"][0], "sentOn": "2026-06-14"}]}, {"sent.1.sentOn"}),
        ("T_SendMinutes", {"sent": [{**SENT["sent"][0], "sentOn": "2026-06-16"}]}, {"sent.1.sentOn"}),
        ("T_Receipts", receipt("NOT_YET"), {"receipts.1.remindedOn"}),
        ("T_Receipts", receipt("RECEIVED", receivedOn="2026-06-14", signedBy="石卫东"), {"receipts.1.receivedOn"}),
        ("T_Receipts", receipt("REPORTED"), {"receipts.1.reportedTo"}),
    ],
)
def test_what_is_said_of_a_silent_body_is_refused_at_the_field_that_is_wrong(
    house: LoanHouse, element: str, answers: dict[str, Any], fields: set[str]
) -> None:
    case_id = with_a_silent_body(house)
    if element == "T_Receipts":
        house.submit(case_id, "rightsworker", SENT, "T_SendMinutes")
    with pytest.raises(InvalidAnswers) as refused:
        house.submit(case_id, "rightsworker", answers, element)
    assert set(refused.value.problems) == fields


def test_whoever_works_on_the_matter_hears_of_the_end_and_not_the_head_alone(house: LoanHouse) -> None:
    parent = int(house.act(start_case, "v1chair", kind="loan")["case_id"])
    with unit_of_work(house.runtime, house.actor("v1chair")) as work:
        view = CaseContext(work, work.case(parent), house.runtime.catalogue["loan"])
        told = {"type": "PETITION", "sourceNumber": "x", "subject": "土地补偿", "question": "由谁纠正"}
        place = unit(work.connection, house.unit("C1"))
        where = Start(place.id, place.path, place.code)
        case_id = view.open_case("joint_conference", where, relation="conference", form="referred", answers=told)
    house.submit(case_id, "rightshead", convene(type="PETITION", herWish="AGREED"))
    house.submit(case_id, "rightsworker", {"held": "CALLED_OFF", "reason": "多数单位临时有紧急任务"})
    with house.runtime.reading() as connection:
        rows = connection.execute(select(notice.c.post, notice.c.kind).where(notice.c.case_id == case_id)).all()
    assert {tuple(row) for row in rows} >= {
        ("RIGHTS_HEAD", "conference.called_off"),
        ("VILLAGE_CHAIR", "conference.result"),
    }


def test_a_second_meeting_of_the_same_conference_goes_the_same_way_again(house: LoanHouse) -> None:
    case_id = issued(house, "2026-06-30", type="RISK", herWish="AGREED")
    house.submit(case_id, "rightsworker", results(("DONE", None)))
    house.submit(case_id, "rightsworker", {"summary": "都已办到", "meetsAgain": True})
    house.clock.at += timedelta(days=29, hours=20)
    assert sweep(house.runtime)
    assert house.at(case_id) == ["T_Convene"]
    house.submit(case_id, "rightshead", convene(type="RISK", herWish="AGREED", meetsOn="2026-07-15"))
    lines = reports()["reports"]
    lines[0] = {"slot": 1, "body": "POLICE", "came": "SILENT"}
    house.submit(case_id, "rightsworker", reports(reports=lines))
    again = minutes(heldOn="2026-07-15", nextOn="2026-08-13", decisions=decided("2026-07-30", owner="CIVIL_AFFAIRS"))
    house.submit(case_id, "rightsworker", again)
    house.submit(case_id, "rightshead", {"issued": "ISSUE"})
    assert house.at(case_id) == ["T_Follow", "T_SendMinutes"]
    sent = {"sent": [{**SENT["sent"][0], "sentOn": "2026-07-15"}]}
    house.submit(case_id, "rightsworker", sent, "T_SendMinutes")
    house.submit(case_id, "rightsworker", receipt("REPORTED", reportedTo="县人民政府"), "T_Receipts")
    assert house.at(case_id) == ["T_Follow"]
    house.submit(case_id, "rightsworker", {**results(("DONE", None)), "heldOn": "2026-07-15"})
    assert house.at(case_id) == ["T_ReportBack"]
