"""Her right to a review and a recheck: thirty days each, the next higher federation, a hearing that is not counted (条例 35, 36)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import update

from engine.access import SYSTEM
from engine.commands.cases import start_case
from engine.errors import Forbidden
from engine.unit_of_work import unit_of_work
from tests.workflows.processes.petition import examples
from tests.workflows.processes.petition.examples import idcard
from workflows.accounts import add_account
from workflows.model import unit
from workflows.organisation import add_unit, appoint, person_hash, unit_by_code
from workflows.posts import UnitKind
from workflows.units import follow

if TYPE_CHECKING:
    from tests.workflows.processes.petition.house import PetitionHouse

OPINION = {"result": "UPHELD", "text": "原处理意见事实清楚、依据充分", "law": "《信访工作条例》第三十五条"}
DELIVERED = {"way": "IN_PERSON", "noReceiptReason": "当面送达，本人不愿签字", "told": True}
ASKED = {"asked": "ASKED", "reasons": "对方没有按协议做"}
LATE = {"asked": "LATE", "reasons": "对方没有按协议做", "explained": "说明了三十日的期限", "helpOffered": "代写起诉状"}


def decided(house: PetitionHouse, on: str, login: str = "rightsworker", at: str = "C1") -> int:
    """An item whose decision letter reached her on a day; where it waits is the window."""
    house.on(on)
    case_id = house.registered(login, at=at)
    house.triage(case_id, login=login)
    house.accept(case_id, login)
    house.plan(case_id, login)
    house.decide(case_id, login=login)
    house.deliver(case_id, login)
    house.answer(case_id)
    house.finish(case_id)
    return case_id


def under_a_city(house: PetitionHouse) -> None:
    """The county hangs under a city whose chair works here."""
    with unit_of_work(house.runtime, SYSTEM) as work:
        connection = work.connection
        city = add_unit(connection, parent_id=None, kind=UnitKind.CITY, name="示范市妇联", code="S1")
        county = unit_by_code(connection, "C1")
        assert county is not None
        connection.execute(update(unit).where(unit.c.id == county.id).values(parent_id=city.id))
        follow(work, county.path, f"{city.path}{county.id}.")
        hashed = person_hash(house.runtime.vault, idcard(date(1975, 2, 2)))
        chair = add_account(connection, login="citychair", name="秦望舒", password_hash="-", id_hash=hashed)
        appoint(connection, account_id=chair, post="UPPER_CHAIR", unit_id=city.id, since=date(2021, 1, 1), until=None)


def refused(house: PetitionHouse, case_id: int, login: str, answers: dict[str, Any]) -> tuple[set[str], str]:
    """The fields that are wrong, and every sentence."""
    problems = house.problems(case_id, login, answers)
    return set(problems), "\n".join(str(m) for found in problems.values() for m in found)


def test_a_letter_that_reached_her_opens_her_thirty_days_on_both_databases(either_house: PetitionHouse) -> None:
    house = either_house
    case_id = decided(house, "2026-05-22")
    assert house.where(case_id) == "T_ReviewWindow"
    # 21 June is a Sunday: a citizen's last day moves to Monday
    assert house.due(case_id) == "2026-06-22"
    house.on("2026-06-22")
    house.submit(case_id, "rightsworker", {**ASKED, "askedOn": "2026-06-22"})
    assert house.where(case_id) == "T_ReviewOutside"


@pytest.mark.parametrize(
    ("came", "asked", "fields"),
    [
        ("2026-06-22", "ASKED", set()),
        ("2026-06-23", "ASKED", {"asked"}),
        ("2026-06-23", "LATE", set()),
        ("2026-06-22", "LATE", {"asked"}),
        ("2026-05-21", "ASKED", {"askedOn"}),
        ("2026-06-24", "ASKED", {"askedOn"}),
    ],
)
def test_in_time_is_taken_and_late_is_explained_and_neither_is_taken_for_the_other(
    house: PetitionHouse, came: str, asked: str, fields: set[str]
) -> None:
    case_id = decided(house, "2026-05-22")
    house.on("2026-06-23")
    answers = {**(ASKED if asked == "ASKED" else LATE), "askedOn": came}
    if not fields:
        house.submit(case_id, "rightsworker", answers)
        assert house.where(case_id) == ("T_ReviewOutside" if asked == "ASKED" else "noReview")
        return
    found, said = refused(house, case_id, "rightsworker", answers)
    assert found == fields
    assert came in said
    if fields == {"asked"}:
        assert "第三十五条" in said


def test_who_asks_too_late_is_still_offered_help(house: PetitionHouse) -> None:
    case_id = decided(house, "2026-05-22")
    house.on("2026-06-23")
    answers = {**LATE, "askedOn": "2026-06-23", "explained": "", "helpOffered": ""}
    assert refused(house, case_id, "rightsworker", answers)[0] == {"explained", "helpOffered"}


@pytest.mark.parametrize(("day", "taken"), [("2026-06-22", False), ("2026-06-23", True)])
def test_that_nobody_asked_is_said_by_a_person_once_the_last_day_is_over(
    house: PetitionHouse, day: str, taken: bool
) -> None:
    case_id = decided(house, "2026-05-22")
    house.on(day)
    if taken:
        house.submit(case_id, "rightsworker", {"asked": "NONE"})
        assert (house.case(case_id).state, house.where(case_id)) == ("closed", "noReview")
    else:
        assert refused(house, case_id, "rightsworker", {"asked": "NONE"})[0] == {"asked"}


def test_an_item_answered_at_the_window_without_a_letter_has_no_review(house: PetitionHouse) -> None:
    case_id = house.registered()
    house.triage(case_id, "HANDLE_NOW")
    house.submit(case_id, "rightsworker", examples.handle_now(house.today), "T_HandleNow")
    house.answer(case_id)
    house.finish(case_id)
    assert (house.case(case_id).state, house.where(case_id)) == ("closed", "settled")


def reviewed_by_the_county(house: PetitionHouse) -> int:
    """Decided in the township, and asked for in time; the county reviews."""
    under_a_city(house)
    case_id = decided(house, "2026-06-15", "t1chair", "T1")
    house.on("2026-06-16")
    house.submit(case_id, "t1chair", {**ASKED, "askedOn": "2026-06-16"})
    return case_id


def test_the_federation_above_the_one_that_decided_reviews_and_the_one_above_that_rechecks(
    either_house: PetitionHouse,
) -> None:
    house = either_house
    case_id = reviewed_by_the_county(house)
    place = house.place(case_id)
    assert (house.where(case_id), place.post, place.unit, house.due(case_id)) == (
        "T_Review",
        "RIGHTS_HEAD",
        "C1",
        "2026-07-16",
    )
    house.submit(case_id, "rightshead", OPINION)
    house.submit(case_id, "t1chair", {**DELIVERED, "deliveredOn": "2026-06-16"})
    assert (house.where(case_id), house.due(case_id)) == ("T_RecheckWindow", "2026-07-16")
    house.on("2026-07-16")
    house.submit(case_id, "t1chair", {**ASKED, "askedOn": "2026-07-16"})
    assert (house.where(case_id), house.place(case_id).post) == ("T_Recheck", "UPPER_CHAIR")
    house.submit(case_id, "citychair", {**OPINION, "result": "CHANGED"})  # what it changes is carried out
    house.submit(case_id, "t1chair", {**DELIVERED, "deliveredOn": "2026-07-16", "helpOffered": "联系法律援助"})
    assert (house.where(case_id), house.place(case_id).post) == ("T_CarryOutRecheck", "TOWN_CHAIR")
    house.submit(case_id, "t1chair", {"doneOn": "2026-07-16", "done": "按复核意见重新调处", "answered": "已当面说明"})
    assert (house.case(case_id).state, house.where(case_id)) == ("closed", "final")


def test_the_days_of_a_hearing_are_not_counted(house: PetitionHouse) -> None:
    case_id = reviewed_by_the_county(house)
    house.submit(case_id, "rightshead", OPINION)
    house.submit(case_id, "t1chair", {**DELIVERED, "deliveredOn": "2026-06-16"})
    house.submit(case_id, "t1chair", {**ASKED, "askedOn": "2026-06-16"})
    assert house.due(case_id) == "2026-07-16"
    house.on("2026-06-20")
    house.submit(case_id, "citychair", {"result": "HEARING", "hearingOn": "2026-06-30"})
    assert house.where(case_id) == "T_Hearing"
    house.on("2026-06-30")
    house.paper(case_id, "citychair", "T_Hearing", "minutes")
    heard = {"heldOn": "2026-06-30", "place": "市妇联", "attended": "双方当事人、村干部", "record": "双方各自陈述"}
    house.submit(case_id, "citychair", heard)
    # ten days of hearing, from the 20th to the 30th, move the end by ten days
    assert (house.where(case_id), house.due(case_id)) == ("T_Recheck", "2026-07-26")


def test_a_decision_that_was_revoked_is_carried_out_before_she_is_asked_again(house: PetitionHouse) -> None:
    case_id = reviewed_by_the_county(house)
    house.submit(case_id, "rightshead", {**OPINION, "result": "REVOKED"})
    house.submit(case_id, "t1chair", {**DELIVERED, "deliveredOn": "2026-06-16"})
    assert house.where(case_id) == "T_CarryOut"
    house.submit(case_id, "t1chair", {"doneOn": "2026-06-16", "done": "重新调处", "answered": "已当面说明"})
    assert house.where(case_id) == "T_RecheckWindow"


def test_a_letter_without_receipt_says_why_and_goes_only_by_the_safe_way(house: PetitionHouse) -> None:
    case_id = reviewed_by_the_county(house)
    house.submit(case_id, "rightshead", OPINION)
    plain = {"deliveredOn": "2026-06-16", "way": "IN_PERSON", "told": True}
    assert refused(house, case_id, "t1chair", plain)[0] == {"noReceiptReason"}
    assert refused(house, case_id, "t1chair", {**DELIVERED, "deliveredOn": "2026-06-16", "way": "PHONE"})[0] == {"way"}
    assert refused(house, case_id, "t1chair", {**DELIVERED, "deliveredOn": "2026-06-17"})[0] == {"deliveredOn"}


def test_a_review_is_never_opened_by_itself_and_never_ended_by_decree(house: PetitionHouse) -> None:
    with pytest.raises(Forbidden):
        house.act(start_case, "rightsworker", kind="petition_review")
    assert house.runtime.catalogue["petition_review"].termination(["T_Review"]) is None
