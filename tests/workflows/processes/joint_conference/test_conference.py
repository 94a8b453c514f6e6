"""A joint conference: who is asked, what may be said, what was decided, and that every decision has a result (P8)."""

from __future__ import annotations

from datetime import UTC, date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from engine.clock import SHANGHAI
from engine.commands.cases import start_case
from engine.errors import Forbidden
from engine.model import notice, timer

if TYPE_CHECKING:
    from tests.workflows.processes.loan.house import LoanHouse

MEMBERS = (("POLICE", "石卫东"), ("CIVIL_AFFAIRS", "米文澜"), ("FEDERATION", "潘若兰"))


def convene(**changes: Any) -> dict[str, Any]:
    members = [{"slot": n, "body": body, "person": who, "pledged": True} for n, (body, who) in enumerate(MEMBERS, 1)]
    plain = {
        "type": "PERIODIC",
        "meetsOn": "2026-06-15",
        "place": "县妇联三楼",
        "agenda": "半年工作",
        "herWish": "NO_PERSON",
    }
    return {**plain, "members": members, **changes}


def reports(**changes: Any) -> dict[str, Any]:
    told = {"came": "PRESENT", "gist": "没有新情况"}
    lines = [{"slot": n, "body": body, **told} for n, (body, _) in enumerate(MEMBERS, 1)]
    return {"held": "HELD", "reports": lines, **changes}


def decided(*dues: str, owner: str = "POLICE") -> list[dict[str, Any]]:
    return [
        {"slot": n, "action": f"第{n}件要做的事", "owner": owner, "dueOn": due, "safety": "无"}
        for n, due in enumerate(dues, 1)
    ]


def minutes(*dues: str, **changes: Any) -> dict[str, Any]:
    return {
        "heldOn": "2026-06-15",
        "discussion": "各单位说明",
        "decisions": decided(*dues or ("2026-06-30",)),
        **changes,
    }


def results(*found: tuple[str, str | None]) -> dict[str, Any]:
    lines = [
        {"slot": n, "item": n, "result": result, "note": "问过", **({"newDueOn": due} if due else {})}
        for n, (result, due) in enumerate(found, 1)
    ]
    return {"heldOn": "2026-06-15", "results": lines}


def called(house: LoanHouse, **changes: Any) -> int:
    """A periodic conference whose invitation has gone out."""
    case_id = int(house.act(start_case, "rightshead", kind="joint_conference")["case_id"])
    house.submit(case_id, "rightshead", convene(**changes))
    return case_id


def issued(house: LoanHouse, *dues: str, **changes: Any) -> int:
    """A conference whose minutes were issued."""
    case_id = called(house, **changes)
    house.submit(case_id, "rightsworker", reports())
    house.submit(case_id, "rightsworker", minutes(*dues, **({"nextOn": "2026-07-14"} if changes else {})))
    house.submit(case_id, "rightshead", {"issued": "ISSUE"})
    return case_id


def due_of(house: LoanHouse, case_id: int) -> date:
    """The day of the open step's clock."""
    row = house.row(
        select(timer.c.due_at).where(
            timer.c.case_id == case_id, timer.c.state == "armed", timer.c.level == "broken", timer.c.element != ""
        )
    )
    return (
        ((row.due_at if row.due_at.tzinfo else row.due_at.replace(tzinfo=UTC)) - timedelta(seconds=1))
        .astimezone(SHANGHAI)
        .date()
    )


def test_a_conference_runs_until_every_decision_has_a_result_and_the_head_is_told(either_house: LoanHouse) -> None:
    house = either_house
    case_id = issued(house, "2026-06-30", "2026-07-10")
    assert house.at(case_id) == ["T_Follow"]
    house.submit(case_id, "rightsworker", results(("DONE", None), ("NOT_YET", "2026-07-31")))
    assert house.at(case_id) == ["T_Follow"]
    house.submit(case_id, "rightsworker", results(("DONE", None), ("CANNOT", None)))
    house.submit(case_id, "rightsworker", {"summary": "两项都有了结果", "meetsAgain": False})
    assert (house.case(case_id).state, house.case(case_id).outcome) == ("closed", "concluded")
    told = house.row(select(notice).where(notice.c.case_id == case_id, notice.c.kind == "conference.concluded"))
    assert told.post == "RIGHTS_HEAD"


def test_the_step_is_due_on_the_earliest_day_of_what_has_no_result_yet(house: LoanHouse) -> None:
    case_id = issued(house, "2026-07-10", "2026-06-30")
    assert due_of(house, case_id) == date(2026, 6, 30)
    house.submit(case_id, "rightsworker", results(("NOT_YET", "2026-08-20"), ("DONE", None)))
    assert due_of(house, case_id) == date(2026, 8, 20)


def test_a_conference_that_meets_again_waits_for_its_day_and_begins_with_what_it_knew(house: LoanHouse) -> None:
    case_id = issued(house, "2026-06-30", type="RISK", herWish="AGREED")
    house.submit(case_id, "rightsworker", results(("DONE", None)))
    house.submit(case_id, "rightsworker", {"summary": "都已办到", "meetsAgain": True})
    assert house.at(case_id) == []
    assert due_of(house, case_id) == date(2026, 7, 14)


def test_the_minutes_may_be_sent_back_and_are_then_a_second_version(house: LoanHouse) -> None:
    case_id = called(house)
    house.submit(case_id, "rightsworker", reports())
    house.submit(case_id, "rightsworker", minutes())
    house.submit(case_id, "rightshead", {"issued": "RETURN", "reason": "期限太近"})
    assert house.at(case_id) == ["T_Minutes"]
    house.submit(case_id, "rightsworker", minutes("2026-07-30"))
    assert house.at(case_id) == ["T_Sign"]


def test_a_conference_that_did_not_take_place_is_called_off_with_a_reason(house: LoanHouse) -> None:
    case_id = called(house)
    assert set(house.problems(case_id, "rightsworker", {"held": "CALLED_OFF"})) == {"reason"}
    house.submit(case_id, "rightsworker", {"held": "CALLED_OFF", "reason": "多数单位临时有紧急任务"})
    assert house.case(case_id).outcome == "calledOff"


@pytest.mark.parametrize("login", ["v1chair", "loanhead", "hotline", "mediator", "police", "t1chair"])
def test_only_the_head_of_the_rights_department_and_the_chair_call_a_conference_no_case_asked_for(
    house: LoanHouse, login: str
) -> None:
    with pytest.raises(Forbidden):
        house.act(start_case, login, kind="joint_conference")


#: what is wrong with an invitation → the field that says so
WRONG_INVITATIONS = {
    "nobody but the federation": (
        {"members": [{"slot": 1, "body": "FEDERATION", "person": "潘若兰", "pledged": True}]},
        "members",
    ),
    "a body that has not pledged to keep silent": (
        {"members": [{"slot": 1, "body": "POLICE", "person": "石卫东", "pledged": False}]},
        "members.1.pledged",
    ),
    "a petition about which she was not asked": ({"type": "PETITION"}, "herWish"),
    "a case at risk about which she was not asked": ({"type": "RISK"}, "herWish"),
    "she agreed to a part that is not told": ({"type": "RISK", "herWish": "LIMITED"}, "sharing"),
    "a village committee without its name": (
        {"members": [{"slot": 1, "body": "VILLAGE", "person": "石卫东", "pledged": True}]},
        "members.1.named",
    ),
}


@pytest.mark.parametrize("case", WRONG_INVITATIONS)
def test_an_invitation_is_refused_at_the_field_that_is_wrong(house: LoanHouse, case: str) -> None:
    changes, field = WRONG_INVITATIONS[case]
    case_id = int(house.act(start_case, "rightshead", kind="joint_conference")["case_id"])
    assert set(house.problems(case_id, "rightshead", convene(**changes))) == {field}


def test_every_body_that_was_asked_has_its_line_and_nobody_else_has(house: LoanHouse) -> None:
    case_id = called(house)
    lines = reports()["reports"]
    assert set(house.problems(case_id, "rightsworker", reports(reports=lines[1:]))) == {"reports"}
    stranger = {**lines[0], "body": "COURT"}
    found = house.problems(case_id, "rightsworker", reports(reports=[stranger, *lines[1:]]))
    assert set(found) == {"reports", "reports.1.body"}


WRONG_MINUTES = {
    "due before the meeting": (minutes("2026-06-14"), {"decisions.1.dueOn"}),
    "an owner who was not there": (minutes(decisions=decided("2026-06-30", owner="COURT")), {"decisions.1.owner"}),
    "a meeting that has not been": (minutes(heldOn="2026-06-16"), {"heldOn"}),
    "the next meeting on the day of this one": (minutes(nextOn="2026-06-15"), {"nextOn"}),
    "nothing was decided": (minutes(decisions=[]), {"decisions"}),
}


@pytest.mark.parametrize("case", WRONG_MINUTES)
def test_minutes_are_refused_at_the_field_that_is_wrong(house: LoanHouse, case: str) -> None:
    answers, fields = WRONG_MINUTES[case]
    case_id = called(house)
    house.submit(case_id, "rightsworker", reports())
    assert set(house.problems(case_id, "rightsworker", answers)) == fields


@pytest.mark.parametrize(("following", "refused"), [(None, True), ("2026-07-15", False), ("2026-07-16", True)])
def test_a_case_at_risk_is_looked_at_again_within_thirty_days(
    house: LoanHouse, following: str | None, refused: bool
) -> None:
    case_id = called(house, type="RISK", herWish="AGREED")
    house.submit(case_id, "rightsworker", reports())
    answers = minutes(nextOn=following)
    if refused:
        assert set(house.problems(case_id, "rightsworker", answers)) == {"nextOn"}
    else:
        house.submit(case_id, "rightsworker", answers)


def test_whoever_ends_the_conferences_about_a_case_at_risk_says_why(house: LoanHouse) -> None:
    case_id = issued(house, "2026-06-30", type="RISK", herWish="AGREED")
    house.submit(case_id, "rightsworker", results(("DONE", None)))
    assert set(house.problems(case_id, "rightsworker", {"summary": "都已办到", "meetsAgain": False})) == {"endReason"}


WRONG_RESULTS = {
    "one decision is left out": (results(("DONE", None)), {"results"}),
    "one is answered twice": (
        {
            **results(("DONE", None), ("DONE", None)),
            "results": [{**each, "item": 1} for each in results(("DONE", None), ("DONE", None))["results"]],
        },
        {"results", "results.1.item", "results.2.item"},
    ),
    "a new day that is over": (results(("DONE", None), ("NOT_YET", "2026-06-15")), {"results.2.newDueOn"}),
    "another meeting": ({**results(("DONE", None), ("DONE", None)), "heldOn": "2026-06-14"}, {"heldOn"}),
}


@pytest.mark.parametrize("case", WRONG_RESULTS)
def test_results_are_refused_at_the_field_that_is_wrong(house: LoanHouse, case: str) -> None:
    answers, fields = WRONG_RESULTS[case]
    case_id = issued(house, "2026-06-30", "2026-07-10")
    assert set(house.problems(case_id, "rightsworker", answers)) == fields


def test_the_head_of_the_house_ends_a_conference_only_before_something_was_decided(house: LoanHouse) -> None:
    process = house.runtime.catalogue["joint_conference"]
    assert process.termination(["T_Convene"]) == "calledOff"
    assert process.termination(["T_Follow"]) is None
