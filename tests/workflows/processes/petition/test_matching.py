"""The same matter come again: who is shown what of the earlier item and why, and what follows from how that one stands."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final

import pytest
from sqlalchemy import update

from engine.access import SYSTEM
from engine.commands.classes import raise_class
from engine.commands.teams import exclude
from engine.unit_of_work import unit_of_work
from tests.scenarios.reading import Told
from tests.workflows.processes.petition import examples
from tests.workflows.processes.petition.examples import idcard
from tests.workflows.processes.petition_review.test_review import ASKED, DELIVERED, OPINION, decided, under_a_city
from workflows.processes.petition import repeats, wording
from workflows.processes.petition.likeness import alike
from workflows.processes.petition.matching import candidates
from workflows.processes.petition.register import petition_register

if TYPE_CHECKING:
    from tests.workflows.processes.petition.house import PetitionHouse

STRANGER: Final = date(1990, 5, 6)
ASK = "请询问承办人或者权益部部长"
MATTER = "离婚后孩子随父亲生活，对方不让探望。希望按协议每月探望两次"


@pytest.mark.parametrize(
    ("other", "like"),
    [
        (MATTER, True),
        ("离婚以后孩子跟着父亲，前夫不让我探望孩子，要求探望", True),
        ("村里分地没有分给外嫁女，要求同等分配", False),
        ("不让探望", False),
        ("", False),
    ],
)
def test_two_accounts_are_alike_when_much_of_the_shorter_stands_in_the_other(other: str, like: bool) -> None:
    assert (alike(MATTER, other), alike(other, MATTER)) == (like, like)


@pytest.mark.parametrize("kept", ["nobody", "her", "her village", "another"])
def test_an_earlier_item_is_not_even_hinted_at_to_whoever_is_kept_from_it(house: PetitionHouse, kept: str) -> None:
    first = house.accepted()
    who = {
        "her": {"account_id": house.actor("v1chair").id},
        "her village": {"unit_id": house.unit("V1")},
        "another": {"account_id": house.actor("v2chair").id},
    }
    if kept in who:
        house.act(exclude, "rightshead", case_id=first, reason="对方亲属", **who[kept])
    again = house.registered("v1chair", at="V1", channel="POST")
    assert (house.where(again) == "T_Match") is (kept in ("nobody", "another"))


def test_each_candidate_is_shown_with_its_reasons_and_a_telephone_alone_is_none(house: PetitionHouse) -> None:
    other = {"name": "林芳草", "idcard": idcard(STRANGER), "phone": "13900000011"}
    house.accepted()
    cases: list[tuple[dict[str, Any], list[str]]] = [
        ({}, ["同一人、电话和类别相同、文字相近"]),
        (
            {"phone": "13900000999", "matter": "村里分地没有她的份", "claim": "要求同等分地", "category": "LAND"},
            ["同一人"],
        ),
        ({**other, "matter": "村里分地没有她的份", "claim": "要求同等分地"}, ["电话和类别相同"]),
        ({**other, "category": "FAMILY"}, ["文字相近"]),
        ({**other, "matter": "村里分地没有她的份", "claim": "要求同等分地", "category": "LAND"}, []),
    ]
    for typed, reasons in cases:
        again = house.take_in()
        house.submit(again, "rightsworker", {**house.form(), **typed})
        said = house.notes(again, "rightsworker", "T_Match") if house.where(again) == "T_Match" else []
        assert [note.partition("：")[0] for note in said if "C1-2026-P-00001" in note or "收到" in note][-1:] == reasons
        with unit_of_work(house.runtime, SYSTEM) as work:  # that the next one meets the first alone
            work.connection.execute(
                update(petition_register).where(petition_register.c.case_id == again).values(state="joined")
            )


UNNUMBERED: Final = {"idcard": "", "phone": "13900000777", "matter": "村里分地没有她的份", "claim": "要求同等分地"}


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ({}, True),  # the same name and category
        ({"name": "顾 小满"}, True),
        ({"category": "LAND"}, True),  # the same place
        ({"category": "LAND", "at": "V1"}, False),
        ({"name": "顾小曼"}, False),
        ({"idcard": idcard(STRANGER), "phone": "13900000777"}, False),  # two numbers are two women
    ],
)
def test_a_name_is_a_weak_hint_with_the_category_or_the_place_and_two_numbers_are_two_women(
    house: PetitionHouse, typed: dict[str, Any], found: bool
) -> None:
    house.accepted()
    again = house.registered(**{**UNNUMBERED, **typed})
    assert (house.where(again) == "T_Match") is found
    if found:
        assert any("姓名相同" in note and "只是线索" in note for note in house.notes(again, "rightsworker", "T_Match"))
        assert house.entry(again).state == "registered"


def test_of_an_item_she_may_not_read_a_name_tells_nothing(house: PetitionHouse) -> None:
    house.accepted()
    again = house.registered("v1chair", at="V1", channel="POST", **UNNUMBERED)
    assert "T_Match" not in house.at(again)


@pytest.mark.parametrize("sealed", [False, True])
def test_of_an_item_she_may_not_read_she_learns_only_that_there_is_one(house: PetitionHouse, sealed: bool) -> None:
    first, second = house.accepted(), house.registered()
    house.submit(second, "rightsworker", {"relation": "NEW", "reason": "是另外一件事"}, "T_Match")
    if sealed:
        for case_id in (first, second):
            house.act(raise_class, "rightshead", case_id=case_id, to="C3", reason="她的住处不能让人知道")
    again = house.registered("v1chair", at="V1", channel="POST")
    said = house.notes(again, "v1chair", "T_Match")
    assert [ASK in note for note in said] == [True, False]  # once, however many there are
    number, case = house.case(first).number, str(first)
    assert not any(part in note for note in said for part in (number, "CUSTODY", "权益部收到", "2026-"))
    by_id = {"relation": "JOIN", "caseId": case, "reason": "同一孩子的探望问题"}
    assert "请从所列事项中选择" in house.wrong(again, "v1chair", "T_Match", by_id)
    for told in ("C1-2026-P-09999", number) if sealed else ("C1-2026-P-09999",):
        named = {"relation": "JOIN", "toldNumber": told, "reason": "承办人告知"}
        assert "与承办人告知的情况不符" in house.wrong(again, "v1chair", "T_Match", named)
    if not sealed:
        over = {"relation": "NEW_FACTS", "toldNumber": number, "reason": "承办人告知"}
        assert "与承办人告知的情况不符" in house.wrong(again, "v1chair", "T_Match", over)
        house.submit(
            again, "v1chair", {"relation": "JOIN", "toldNumber": number.lower(), "reason": "承办人告知"}, "T_Match"
        )
        assert (house.where(again), house.entry(first).repeat_count) == ("joined", 1)


def test_what_is_confidential_is_joined_only_by_what_is_as_confidential(house: PetitionHouse) -> None:
    first = house.accepted("rightshead")
    house.act(raise_class, "rightshead", case_id=first, to="C3", reason="她的住处不能让人知道")
    again = house.registered("rightshead")
    join = {"relation": "JOIN", "caseId": str(first), "reason": "同一孩子的探望问题"}
    assert "请先把本件定为保密" in house.wrong(again, "rightshead", "T_Match", join)
    house.act(raise_class, "rightshead", case_id=again, to="C3", reason="前件是保密事项")
    house.submit(again, "rightshead", join, "T_Match")
    assert house.where(again) == "joined"


def may_be(house: PetitionHouse, case_id: int, first: int) -> set[str]:
    """What an item may be said to be to an earlier one today, besides a new one."""
    with house.runtime.reading() as connection:
        view = house.view(connection, case_id, "rightsworker")
        asked = {each: {"relation": each, "caseId": first, "toldNumber": None} for each in wording.SAME}
        return {each for each, answers in asked.items() if not repeats.problems(view, answers)}


def test_what_an_item_may_be_hangs_on_how_the_earlier_one_stands_from_hand_to_recheck(house: PetitionHouse) -> None:
    under_a_city(house)
    house.on("2026-05-22")
    first = house.accepted("t1chair", at="T1")
    again = house.registered()
    assert may_be(house, again, first) == {"JOIN"}
    house.plan(first, "t1chair")
    house.decide(first, login="t1chair")
    house.deliver(first, "t1chair")
    house.answer(first)
    assert may_be(house, again, first) == {"JOIN"}
    house.finish(first)
    for day, allowed in (("2026-06-22", {"NEW_FACTS", "OFFER_REVIEW"}), ("2026-06-23", {"NEW_FACTS"})):
        house.on(day)  # 21 June is a Sunday: her last day is the Monday
        assert may_be(house, again, first) == allowed
    house.on("2026-06-22")
    house.submit(first, "t1chair", {**ASKED, "askedOn": house.today})
    assert may_be(house, again, first) == {"JOIN", "NEW_FACTS"}
    house.submit(first, "rightshead", OPINION)
    house.submit(first, "t1chair", {**DELIVERED, "deliveredOn": house.today})
    assert may_be(house, again, first) == {"NEW_FACTS", "OFFER_REVIEW"}
    house.submit(first, "t1chair", {**ASKED, "askedOn": house.today})
    house.submit(first, "citychair", OPINION)
    house.submit(first, "t1chair", {**DELIVERED, "deliveredOn": house.today, "helpOffered": "联系法律援助"})
    assert may_be(house, again, first) == {"NEW_FACTS", "CLOSED_FOR_EVER"}
    assert any("已复核终结" in note for note in house.notes(again, "rightsworker", "T_Match"))
    closed = {"relation": "CLOSED_FOR_EVER", "caseId": str(first), "reason": "同一事实和理由，已经复核"}
    house.submit(again, "rightsworker", closed, "T_Match")
    proposed = house.proposed(again, "rightsworker", "T_Guide")
    assert (proposed["bodyKind"], proposed["forwarded"]) == ("NONE", False)
    said = {**proposed, "reason": "已经复核终结，说明了理由", "otherHelp": "联系心理咨询"}
    assert "第35条" in house.wrong(again, "rightsworker", "T_Guide", {**said, "bodyKind": "COURT"})
    house.submit(again, "rightsworker", said, "T_Guide")
    line = house.entry(again)
    assert (line.repeat_of, line.repeat_count, line.accepted_on, line.notice_kind) == (first, 1, None, "LATER")


def test_who_comes_again_in_her_review_period_is_told_of_it_and_whoever_waits_for_her_hears(
    house: PetitionHouse,
) -> None:
    first = decided(house, "2026-05-22")
    again = house.registered("rightshead")
    offer = {"relation": "OFFER_REVIEW", "caseId": str(first), "reason": "没有新的事实"}
    house.submit(again, "rightshead", offer, "T_Match")
    assert Told("RIGHTS_WORKER", "C1", "petition.review_offered") in house.notices(again)
    assert house.proposed(again, "rightsworker", "T_Guide")["bodyKind"] == "HIGHER"
    assert house.entry(again).repeat_of == first
    house.on("2026-06-23")
    house.submit(first, "rightsworker", {"asked": "NONE"})
    third = house.registered()
    assert may_be(house, third, first) == {"NEW_FACTS"}


def test_led_on_for_a_review_only_what_was_found_to_be_within_it(house: PetitionHouse) -> None:
    case_id = house.registered()
    house.triage(case_id, "GUIDE")
    for body in ("HIGHER", "NONE"):
        wrong = house.wrong(case_id, "rightsworker", "T_Guide", examples.guide(house.today, bodyKind=body))
        assert "不能这样引导" in wrong


@pytest.mark.parametrize(("received", "found"), [("2023-06-15", True), ("2023-06-14", False)])
def test_what_is_over_is_looked_for_as_many_years_back_as_the_county_says_and_what_is_in_hand_always(
    house: PetitionHouse, received: str, found: bool
) -> None:
    first = house.accepted()
    with unit_of_work(house.runtime, SYSTEM) as work:
        on = {"received_on": date.fromisoformat(received), "closed_on": date.fromisoformat(received)}
        work.connection.execute(update(petition_register).where(petition_register.c.case_id == first).values(**on))
    again = house.registered()
    assert (house.where(again) == "T_Match") is found
    if not found:
        with unit_of_work(house.runtime, SYSTEM) as work:
            changed = update(petition_register).where(petition_register.c.case_id == first)
            work.connection.execute(changed.values(closed_on=None))
        with house.runtime.reading() as connection:
            assert first in {each.case_id for each in candidates(house.view(connection, again, "rightsworker"))}
