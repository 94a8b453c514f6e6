"""加签 in order: those asked sign one after the other, before the form or after it; and a turn that comes late has the clock's date."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from engine.commands.co_signing import add_signers, remove_signer
from engine.commands.handing_over import hand_over
from engine.commands.suspending import resume_task, suspend_task
from engine.errors import NotNow
from tests.engine.verbs.office import ANN, BEA, CAT, DOT, EVE, SYSTEM


def asked(house: Any, place: str, *people: Any) -> Any:
    """Ann's first step, with colleagues asked in order."""
    case_id = house.start()
    row = house.row(case_id, "a")
    ask(house, row, place, *people)
    return house.task(row.id)


def ask(house: Any, row: Any, place: str, *people: Any, in_order: bool = True) -> None:
    ids = [each.id for each in people]
    house.verb(add_signers, ANN, house.task(row.id), people=ids, place=place, reason="请看", in_order=in_order)


def turns(house: Any, row: Any) -> list[tuple[int, str]]:
    return [(r.assignee_id, r.state) for r in house.rows(row.case_id, "open", "waiting") if r.seat]


def seat(house: Any, row: Any, who: Any) -> Any:
    return house.row(row.case_id, "a", assignee_id=who.id)


def test_before_her_they_sign_one_after_the_other_in_the_order_she_named(office: Any) -> None:
    house = office("line")
    row = asked(house, "before", DOT, BEA, CAT)
    assert turns(house, row) == [(DOT.id, "open"), (BEA.id, "waiting"), (CAT.id, "waiting")]
    with pytest.raises(NotNow, match="还没有轮到"):
        house.opine(seat(house, row, BEA), BEA)
    house.opine(seat(house, row, DOT), DOT, agrees=False)  # everybody is heard, whatever was said before
    assert turns(house, row) == [(BEA.id, "open"), (CAT.id, "waiting")]
    with pytest.raises(NotNow, match="还有 2 位"):
        house.complete(house.task(row.id), ANN)
    house.opine(seat(house, row, BEA), BEA)
    house.opine(seat(house, row, CAT), CAT)
    house.complete(house.task(row.id), ANN)
    assert house.at(row.case_id) == ["b"]


def test_after_her_the_next_one_is_asked_when_the_one_before_agrees(office: Any) -> None:
    house = office("line")
    row = asked(house, "after", CAT, BEA)
    assert turns(house, row) == [(CAT.id, "waiting"), (BEA.id, "waiting")]
    house.complete(row, ANN)
    assert turns(house, row) == [(CAT.id, "open"), (BEA.id, "waiting")]
    house.opine(seat(house, row, CAT), CAT)
    assert turns(house, row) == [(BEA.id, "open")]
    house.opine(seat(house, row, BEA), BEA, agrees=False)
    assert (house.task(row.id).state, turns(house, row)) == (
        "open",
        [],
    )  # it is hers again; who agreed is not asked twice
    house.complete(house.task(row.id), ANN)
    assert house.at(row.case_id) == ["b"]


def test_a_refusal_in_the_middle_leaves_the_rest_of_the_order_for_the_next_submission(small: Any) -> None:
    house = small("line")
    row = asked(house, "after", CAT, BEA, DOT)
    house.complete(row, ANN)
    house.opine(seat(house, row, CAT), CAT, agrees=False)
    assert turns(house, row) == [(BEA.id, "waiting"), (DOT.id, "waiting")]
    house.complete(house.task(row.id), ANN)
    assert turns(house, row) == [(BEA.id, "open"), (DOT.id, "waiting")]


def test_who_is_asked_later_comes_after_the_order_and_who_is_asked_beside_it_signs_at_once(small: Any) -> None:
    house = small("line")
    row = asked(house, "before", CAT, BEA)
    ask(house, row, "before", DOT)
    ask(house, row, "before", EVE, in_order=False)
    assert turns(house, row) == [(CAT.id, "open"), (BEA.id, "waiting"), (DOT.id, "waiting"), (EVE.id, "open")]
    house.opine(seat(house, row, EVE), EVE)
    assert turns(house, row) == [(CAT.id, "open"), (BEA.id, "waiting"), (DOT.id, "waiting")]


def test_the_order_goes_on_when_the_one_whose_turn_it_is_is_struck_or_leaves(small: Any) -> None:
    house = small("line")
    row = asked(house, "before", CAT, BEA, DOT)
    house.verb(remove_signer, ANN, house.task(row.id), seat_id=seat(house, row, CAT).id, reason="不用了")
    assert turns(house, row) == [(BEA.id, "open"), (DOT.id, "waiting")]
    house.process.clerks.discard(BEA.id)
    house.act(hand_over, SYSTEM, task_id=seat(house, row, BEA).id)
    assert turns(house, row) == [(DOT.id, "open")]


def test_a_seat_whose_turn_comes_after_a_wait_shows_the_date_of_the_clock(small: Any) -> None:
    house = small("several_sequence")
    case_id = house.start()
    house.submit(case_id, "a", ANN)
    first, second, _ = [r for r in house.rows(case_id, "open", "waiting") if r.element == "m"]
    house.verb(suspend_task, BEA, first, reason="等材料", until=date(2026, 7, 1))
    house.clock.at += timedelta(days=14)
    house.verb(resume_task, BEA, first)
    house.opine(house.task(first.id), BEA)
    due = house.task(second.id).due_at
    assert due - second.due_at >= timedelta(days=12)
    assert due == house.task(first.id).due_at
