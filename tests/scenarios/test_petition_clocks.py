"""The clocks of petitions by CALFIX: P02, P04, P17; one extension by the chair; objection within five working days."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from engine.commands.extensions import approve_extension, request_extension
from engine.errors import Forbidden, InvalidAnswers
from tests.scenarios.reading import Told, told
from tests.workflows.processes.petition import examples
from workflows.catalogue import load
from workflows.processes.petition.indicators import counted
from workflows.spans import Span

if TYPE_CHECKING:
    from tests.workflows.processes.petition.house import PetitionHouse


def come_round(house: PetitionHouse) -> int:
    """What the petition does by itself once an hour."""
    return int(load()["petition"].come_round(house.runtime))  # type: ignore[attr-defined]


def ask(house: PetitionHouse, case_id: int, units: int, login: str = "rightsworker") -> int:
    """The handler asks for more time."""
    row = house.open_task(case_id, "T_Decide")
    asked = house.act(request_extension, login, task_id=row.id, units=units, reason="对方长期在外，需要等候调查")
    return int(asked["extension_id"])


def refused_extension(house: PetitionHouse, case_id: int, units: int) -> str:
    """Why more time is not even asked for."""
    with pytest.raises(InvalidAnswers) as refused:
        ask(house, case_id, units)
    return told(refused.value.problems)


def test_p02_sixty_days_from_acceptance_with_amber_and_red_and_overdue_for_ever(rights: PetitionHouse) -> None:
    rights.on("2026-03-05")
    case_id = rights.accepted()
    assert rights.due(case_id, "T_Decide") == "2026-05-04"
    seen = []
    for day in ("2026-04-18", "2026-04-19", "2026-04-28", "2026-04-29", "2026-04-30", "2026-05-04"):
        rights.on(day)
        seen.append(rights.sweep())
    assert seen == [0, 1, 0, 1, 1, 0]  # amber on day 45, red on day 55, and once more before the holiday
    warned = [t for t in rights.notices(case_id) if t.kind.startswith("period.") and t.post == "RIGHTS_HEAD"]
    assert warned == [Told("RIGHTS_HEAD", "C1", f"period.{level}") for level in ("warn", "red")]
    assert len(rights.entries(case_id, "period.warned")) == 3
    rights.on("2026-05-04", 23, 59)
    assert (rights.sweep(), come_round(rights), rights.entry(case_id).overdue) == (0, 0, False)
    rights.on("2026-05-05", 0)
    assert rights.sweep() == 1
    assert rights.notices(case_id)[-1] == Told("COUNTY_CHAIR", "C1", "period.broken")
    assert (rights.entry(case_id).overdue, come_round(rights)) == (True, 0)  # with the sweep of that hour
    rights.plan(case_id)
    rights.decide(case_id)
    assert (rights.entry(case_id).overdue, rights.entry(case_id).outcome) == (True, "SUPPORTED")


def test_an_item_decided_in_time_is_never_overdue_and_one_decided_late_is_at_once(rights_desk: PetitionHouse) -> None:
    rights_desk.on("2026-03-05")
    early, late = rights_desk.accepted(), rights_desk.accepted(name="金小满", idcard=examples.idcard(date(1980, 1, 9)))
    for case_id, day in ((early, "2026-05-04"), (late, "2026-05-05")):
        rights_desk.on(day)
        rights_desk.plan(case_id)
        rights_desk.decide(case_id)
    assert (rights_desk.entry(early).overdue, rights_desk.entry(late).overdue) == (False, True)


def test_p04_the_handler_asks_and_the_county_chair_alone_extends_once_by_thirty_days_at_most(
    rights: PetitionHouse,
) -> None:
    rights.on("2026-03-05")
    case_id = rights.accepted()
    assert "1 至 30 日" in refused_extension(rights, case_id, 31)
    number = ask(rights, case_id, 30)
    for login in ("rightsworker", "rightshead", "t1chair"):
        with pytest.raises(Exception, match=r"权限|没有找到|批准"):
            rights.act(approve_extension, login, extension_id=number)
    assert rights.due(case_id, "T_Decide") == "2026-05-04"
    rights.act(approve_extension, "countychair", extension_id=number)
    assert rights.due(case_id, "T_Decide") == "2026-06-03"
    assert "最多延期 1 次" in refused_extension(rights, case_id, 1)
    come_round(rights)
    line = rights.entry(case_id)
    assert (line.due_on, line.extended_until, line.overdue) == (date(2026, 6, 3), date(2026, 6, 3), False)


def test_an_item_extended_after_its_last_day_stays_overdue_in_the_month_it_became_so(rights: PetitionHouse) -> None:
    rights.on("2026-03-05")
    case_id = rights.accepted()
    rights.on("2026-05-06")
    rights.sweep()
    rights.act(approve_extension, "countychair", extension_id=ask(rights, case_id, 30))
    rights.later(hours=1)
    come_round(rights)
    assert (rights.entry(case_id).due_on, rights.entry(case_id).overdue) == (date(2026, 6, 3), True)

    def counted_in(span: str) -> set[str]:
        with rights.runtime.reading() as connection:
            found = counted(connection, rights.unit("C1"), Span.named(span), date.fromisoformat(rights.today), ())
            return {each.code for each in found} & {"DUE", "OVERDUE", "CONCLUDE_ON_TIME"}

    rights.on("2026-06-02")
    rights.plan(case_id)
    rights.decide(case_id)
    assert (counted_in("2026-05"), counted_in("2026-06")) == ({"OVERDUE"}, {"DUE"})


def test_the_chair_who_handles_an_item_herself_does_not_approve_her_own_request(rights_desk: PetitionHouse) -> None:
    rights_desk.on("2026-03-05")
    case_id = rights_desk.accepted()
    rights_desk.appoint("rightsworker", "COUNTY_CHAIR", "C1")
    number = ask(rights_desk, case_id, 10)
    with pytest.raises(Forbidden, match="他人批准"):
        rights_desk.act(approve_extension, "rightsworker", extension_id=number)


def test_an_extension_goes_with_the_item_when_the_step_comes_round_again(rights_desk: PetitionHouse) -> None:
    """A period that hangs on a day of the case is one period, whichever step carries its clock."""
    house = rights_desk
    house.on("2026-03-05")
    case_id = house.accepted()
    house.act(approve_extension, "countychair", extension_id=ask(house, case_id, 30))
    house.on("2026-05-20")
    house.decide(case_id, "WITHDRAWN")
    house.submit(case_id, "rightsworker", examples.withdraw_check(house.today, stillWants=False), "T_WithdrawCheck")
    answers = {"followedOn": house.today, "result": "CONTINUE", "note": "要求继续办理"}
    house.submit(case_id, "rightsworker", answers, "T_FollowUp")
    assert house.due(case_id, "T_Decide") == "2026-06-03"
    assert "最多延期 1 次" in refused_extension(house, case_id, 1)


def forwarded(house: PetitionHouse) -> int:
    """Taken in at the county, forwarded to a township."""
    case_id = house.registered(at="T1", requestedLevel="COUNTY")
    house.triage(case_id, "FORWARD", to="T1")
    return case_id


@pytest.mark.parametrize(("day", "allowed"), [("2026-06-22", True), ("2026-06-23", False)])
def test_a_forwarded_item_is_objected_to_within_five_working_days_not_on_the_sixth(
    rights: PetitionHouse, day: str, allowed: bool
) -> None:
    """From Friday 12 June; 19 June is a holiday: Monday the 22nd is the sixth day of the week and the fifth that is worked."""
    rights.on("2026-06-12")
    case_id = forwarded(rights)
    assert rights.due(case_id, "T_Receive") == "2026-06-22"
    rights.on(day)
    answers = {"received": "OBJECT", "reason": "事情发生在另一个乡镇", "rightUnit": "云溪乡妇联"}
    if allowed:
        rights.submit(case_id, "t1chair", answers, "T_Receive")
        assert rights.at(case_id) == ["T_Track", "T_ObjectionReply"]
    else:
        wrong = rights.wrong(case_id, "t1chair", "T_Receive", answers)
        assert "2026-06-22" in wrong
        assert "第23条" in wrong
        rights.submit(case_id, "t1chair", {"received": "AGREE"}, "T_Receive")
        assert rights.at(case_id) == ["T_Track", "T_Triage"]


def test_p17_another_body_is_urged_on_the_thirtieth_day_and_the_board_is_asked_later(rights: PetitionHouse) -> None:
    rights.on("2026-06-15")
    case_id = rights.registered(matterKind="OUTSIDE")
    rights.triage(case_id, "GUIDE")
    answers: dict[str, Any] = {"bodyKind": "CIVIL_AFFAIRS", "body": "示范县民政局", "forwarded": True}
    rights.submit(case_id, "rightsworker", examples.guide(rights.today, **answers), "T_Guide")
    assert rights.due(case_id, "T_BodyAnswer") == "2026-07-15"
    rights.on("2026-07-15", 23, 59)
    rights.sweep()
    assert rights.at(case_id) == ["T_Track", "T_BodyAnswer"]
    rights.on("2026-07-16", 0)
    rights.sweep()
    assert rights.at(case_id) == ["T_Track", "T_Urge"]
    opinion = {"action": "OPINION", "addressee": "示范县民政局", "opinion": "请依法答复当事人", "sentOn": rights.today}
    rights.submit(case_id, "rightsworker", opinion, "T_Urge")
    assert rights.due(case_id, "T_BodyAnswer") == "2026-08-15"
    rights.on("2026-08-16", 0)
    rights.sweep()
    rights.submit(
        case_id,
        "rightsworker",
        {**opinion, "action": "BOARD", "addressee": "县妇儿工委", "sentOn": rights.today},
        "T_Urge",
    )
    answered = {"answeredOn": rights.today, "result": "HANDLED", "text": "已将其纳入低保"}
    rights.submit(case_id, "rightsworker", answered, "T_BodyAnswer")
    rights.answer(case_id)
    rights.finish(case_id)
    assert (rights.where(case_id), rights.entry(case_id).outcome) == ("transferred", "MOVED")
