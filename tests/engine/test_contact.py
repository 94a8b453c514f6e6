"""The rule of safe contact (D4): the default is no contact, and what she laid down counts to the letter and to the minute."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from engine.clock import SHANGHAI
from engine.contact import NONE, Block, Channel, Known, Window, Wish, flaws, objection, windows_of, windows_text
from engine.outgoing import Permit

#: Monday 15 June 2026
NINE = datetime(2026, 6, 15, 9, tzinfo=SHANGHAI)
WEEK = (Window((1, 2, 3, 4, 5), "09:00", "11:30"),)
PHONE = Block("PHONE", "13800000001", WEEK)
SMS = Block("SMS", "13800000001", WEEK, may_leave_message=True, cover_story="舞蹈班周六照常")
CALL = Wish(Channel.PHONE, "13800000001")
TEXT = Wish(Channel.SMS, "13800000001", "舞蹈班周六照常")
ORDINARY = Known(given="13800000002")
GIVEN = Wish(Channel.PHONE, "138 0000 0002")


def at(day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, 6, day, hour, minute, second, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("known", "wish", "when", "allowed"),
    [
        (Known(guarded_here=True), Wish(Channel.IN_PERSON), NINE, False),
        (Known(guarded_here=True), CALL, NINE, False),
        (Known(guarded_elsewhere=True, own=PHONE), CALL, NINE, False),
        (ORDINARY, Wish(Channel.IN_PERSON), NINE, True),
        (ORDINARY, GIVEN, NINE, True),
        (ORDINARY, Wish(Channel.PHONE, "13800000003"), NINE, False),
        (Known(), Wish(Channel.PHONE), NINE, False),
        (ORDINARY, replace(GIVEN, leaves_message=True), NINE, False),
        (ORDINARY, Wish(Channel.SMS, "13800000002", "您好"), NINE, False),
        (ORDINARY, Wish(Channel.EMAIL), NINE, False),
        (ORDINARY, Wish(Channel.LETTER), NINE, False),
        (Known(own=Block()), Wish(Channel.IN_PERSON), NINE, False),
        (Known(another=True), Wish(Channel.LETTER), NINE, True),
        (Known(another=True), Wish(Channel.IN_PERSON), NINE, True),
        (Known(another=True), Wish(Channel.PHONE, "13800000003"), NINE, False),
        (Known(another=True, guarded_here=True), Wish(Channel.IN_PERSON), NINE, False),
        (Known(another=True, guarded_elsewhere=True), Wish(Channel.LETTER), NINE, False),
        (Known(another=True, others=[PHONE]), Wish(Channel.LETTER), NINE, False),
        (Known(own=PHONE), CALL, NINE, True),
        (Known(own=PHONE, guarded_here=True), CALL, NINE, True),
        (Known(own=PHONE), Wish(Channel.LETTER), NINE, False),
        (Known(own=PHONE), Wish(Channel.IN_PERSON), NINE, False),
        (Known(own=PHONE), replace(CALL, number="13800000009"), NINE, False),
        (Known(own=PHONE), CALL, at(15, 8, 59, 59), False),
        (Known(own=PHONE), CALL, at(15, 9), True),
        (Known(own=PHONE), CALL, at(15, 11, 29, 59), True),
        (Known(own=PHONE), CALL, at(15, 11, 30), False),
        (Known(own=PHONE), CALL, at(19, 9), True),
        (Known(own=PHONE), CALL, at(20, 9), False),
        (Known(own=PHONE), CALL, at(21, 9), False),
        (Known(own=replace(PHONE, unsafe_numbers=("138-0000-0001",))), CALL, NINE, False),
        (Known(own=PHONE), replace(CALL, leaves_message=True, text="舞蹈班"), NINE, False),
        (Known(own=replace(PHONE, windows=())), CALL, NINE, False),
        (Known(own=SMS), TEXT, NINE, True),
        (Known(own=SMS), replace(TEXT, text="舞蹈班周六照常。"), NINE, False),
        (Known(own=SMS), replace(TEXT, text="县妇联请您来一趟"), NINE, False),
        (Known(own=replace(SMS, shared_with_abuser=True)), TEXT, NINE, False),
        (Known(own=replace(SMS, cover_story="")), replace(TEXT, text=""), NINE, False),
        (Known(own=PHONE, unsafe=True), CALL, NINE, False),
        (Known(own=Block("IN_PERSON")), Wish(Channel.IN_PERSON), at(21, 23), True),
        (Known(own=Block("IN_PERSON", windows=WEEK)), Wish(Channel.IN_PERSON), at(21, 23), False),
        (Known(own=Block("TRUSTED", "13900000000", WEEK, trusted_person="邻居")), Wish(Channel.TRUSTED, "13900000000"), NINE, True),
        (replace(ORDINARY, others=(Block(),)), GIVEN, NINE, False),
        (replace(ORDINARY, others=(PHONE,)), GIVEN, NINE, False),
        (replace(ORDINARY, given="13800000001", others=(PHONE,)), CALL, NINE, True),
    ],
)  # fmt: skip
def test_nothing_goes_out_but_what_she_laid_down(known: Known, wish: Wish, when: datetime, *, allowed: bool) -> None:
    assert (objection(known, wish, when) is None) is allowed


def test_hours_are_those_of_china_wherever_the_machine_stands() -> None:
    utc = datetime.fromisoformat("2026-06-15T01:00:00+00:00")
    assert objection(Known(own=PHONE), CALL, utc) is None
    assert objection(Known(own=PHONE), CALL, datetime.fromisoformat("2026-06-15T09:00:00+00:00")) is not None


def test_a_refusal_for_another_matter_says_the_same_as_for_a_person_nobody_knows() -> None:
    for known in (Known(guarded_elsewhere=True), replace(ORDINARY, others=(Block(),))):
        assert objection(known, GIVEN, NINE) == NONE


@pytest.mark.parametrize(
    ("block", "field"),
    [
        (Block("PIGEON"), "channel"),
        (Block("PHONE", "", WEEK), "number"),
        (Block("PHONE", "13800000001"), "windows"),
        (Block("PHONE", "13800000001", WEEK, unsafe_numbers=("138 0000 0001",)), "unsafe_numbers"),
        (Block("TRUSTED", "13800000001", WEEK), "trusted_person"),
        (replace(SMS, shared_with_abuser=True), "shared_with_abuser"),
        (replace(SMS, cover_story=""), "cover_story"),
        (replace(SMS, cover_story="妇联通知"), "cover_story"),
        (replace(SMS, cover_story="请看 C1-2026-V-0007"), "cover_story"),
        (replace(SMS, cover_story="编号T1-2026-X-0042"), "cover_story"),
        (replace(PHONE, may_leave_message=True), "cover_story"),
    ],
)
def test_a_block_that_would_betray_her_is_not_kept(block: Block, field: str) -> None:
    assert set(flaws(block, "T1-2026-X-0042")) == {field}


@pytest.mark.parametrize("block", [Block(), PHONE, SMS, Block("IN_PERSON")])
def test_a_block_that_can_be_kept_comes_back_as_it_was(block: Block) -> None:
    assert flaws(block, "T1-2026-X-0042") == {}
    assert Block.of(block.as_json()) == block


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("", ()),
        ("1-5 09:00-11:30", WEEK),
        ("1,3,6 18:00-18:30；7 08:00-09:00", (Window((1, 3, 6), "18:00", "18:30"), Window((7,), "08:00", "09:00"))),
        ("1-5 9:00-11:30", None),
        ("0-5 09:00-11:30", None),
        ("5-1 09:00-11:30", None),
        ("1-5 22:00-02:00", None),
        ("1-5 09:00-09:00", None),
        ("上午", None),
        ("1-5 09:00-24:00", None),
    ],
)
def test_hours_are_read_or_refused_and_never_guessed(typed: str, read: Any) -> None:
    assert windows_of(typed) == read
    assert read is None or windows_of(windows_text(read)) == read


def test_nobody_makes_a_permit_but_the_gate() -> None:
    with pytest.raises(TypeError, match="alone"):
        Permit(1, 1, Channel.PHONE, "", "", "", NINE, object())
