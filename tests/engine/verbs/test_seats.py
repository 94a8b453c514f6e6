"""Several signers: 会签, 或签, 依次, 加签 before and after, 减签, opinions, and nobody in two seats."""

from __future__ import annotations

from typing import Any

import pytest

from engine.commands.assigning import assign_task
from engine.commands.co_signing import add_signers, remove_signer, sign_opinion
from engine.commands.handing_over import hand_over
from engine.commands.recalling import recall_task
from engine.commands.tasks import claim_task, release_task
from engine.commands.transferring import delegate_task, transfer_task
from engine.errors import Forbidden, InvalidAnswers, NotFound, NotNow, SignatureRequired
from engine.flow import gate
from tests.engine.flow.bpmn_text import chain, drawing, end, late, node, start
from tests.engine.verbs.office import ANN, BEA, CAT, DOT, EVE, HEAD, SYSTEM

MANY = (
    '<bpmn:multiInstanceLoopCharacteristics isSequential="false"><bpmn:loopCardinality>2</bpmn:loopCardinality>'
    "</bpmn:multiInstanceLoopCharacteristics>"
)


def at_m(house: Any) -> int:
    case_id = house.start()
    house.submit(case_id, "a", ANN)
    return int(case_id)


def seats(house: Any, case_id: int) -> list[Any]:
    return sorted((r for r in house.rows(case_id, "open", "waiting") if r.element == "m"), key=lambda r: r.id)


def test_all_sign_and_the_last_fills_in_the_form(small: Any) -> None:
    house = small("several_all")
    case_id = at_m(house)
    bea, cat, pool = seats(house, case_id)
    with pytest.raises(NotNow, match="还有 2 位"):
        house.complete(bea, BEA)
    house.opine(bea, BEA)
    house.opine(pool, DOT, agrees=False, text="材料不全")
    with pytest.raises(NotNow, match="最后一位"):
        house.opine(cat, CAT)
    house.complete(cat, CAT)
    assert house.at(case_id) == ["b"]


def test_any_one_is_enough_and_the_others_close(small: Any) -> None:
    house = small("several_any")
    case_id = at_m(house)
    bea, cat, pool = seats(house, case_id)
    house.opine(pool, DOT, text="我不办，意见如上")
    house.complete(cat, CAT)
    assert house.at(case_id) == ["b"]
    assert house.task(bea.id).close_reason == "cancelled"


def test_in_sequence_each_waits_for_the_one_before(small: Any) -> None:
    house = small("several_sequence")
    case_id = at_m(house)
    bea, cat, pool = seats(house, case_id)
    assert [r.state for r in (bea, cat, pool)] == ["open", "waiting", "waiting"]
    house.opine(bea, BEA)
    assert [r.state for r in seats(house, case_id)] == ["open", "waiting"]
    house.opine(cat, CAT)
    house.complete(pool, DOT)
    assert house.at(case_id) == ["b"]


def test_nobody_takes_two_seats_by_claim_transfer_or_signature(small: Any) -> None:
    house = small("several_all")
    case_id = at_m(house)
    bea, cat, pool = seats(house, case_id)
    house.opine(bea, BEA)
    for act in (
        lambda: house.verb(claim_task, BEA, pool),
        lambda: house.opine(pool, BEA),
        lambda: house.complete(pool, CAT),
    ):
        with pytest.raises(NotNow, match="另一位签署人"):
            act()
    with pytest.raises(InvalidAnswers):
        house.verb(transfer_task, CAT, cat, to=BEA.id, reason="x")


def test_who_is_asked_before_signs_first_and_decides_nothing(small: Any) -> None:
    house = small("line")
    case_id = house.start()
    a = house.row(case_id, "a")
    house.ask(a, ANN, "before", BEA, CAT)
    first, second = (house.row(case_id, "a", assignee_id=p.id) for p in (BEA, CAT))
    with pytest.raises(NotNow, match="还有 2 位没有签署"):
        house.complete(a, ANN)
    with pytest.raises(NotNow, match="加签人"):
        house.verb(add_signers, BEA, first, people=[DOT.id], place="before", reason="x")
    with pytest.raises(NotNow):
        house.complete(first, BEA)
    house.opine(first, BEA, agrees=False, text="数额不对")
    house.verb(remove_signer, ANN, a, seat_id=second.id, reason="不用了")
    house.complete(a, ANN)
    assert house.at(case_id) == ["b"]


def test_who_is_asked_after_lets_the_case_move_on_or_gives_it_back(small: Any) -> None:
    house = small("line")
    case_id = house.start()
    a = house.row(case_id, "a")
    house.ask(a, ANN, "after", BEA, CAT)
    with pytest.raises(NotNow):
        house.opine(house.row(case_id, "a", seat="after"), BEA)
    house.complete(a, ANN)
    assert house.task(a.id).state == "waiting"
    bea, cat = (house.row(case_id, "a", assignee_id=p.id) for p in (BEA, CAT))
    house.opine(bea, BEA, agrees=False, text="请改")
    assert [r.state for r in (house.task(a.id), house.task(cat.id))] == ["open", "waiting"]
    house.complete(house.task(a.id), ANN)
    assert house.opine(cat, CAT)["opened"]
    assert house.at(case_id) == ["b"]
    assert (house.task(a.id).closed_by, house.task(a.id).close_reason) == (ANN.id, "done")


def test_taking_the_last_after_signer_away_lets_the_case_move_on(small: Any) -> None:
    house = small("line")
    case_id = house.start()
    a = house.row(case_id, "a")
    house.ask(a, ANN, "after", BEA)
    house.complete(a, ANN)
    bea = house.row(case_id, "a", assignee_id=BEA.id)
    with pytest.raises(Forbidden):
        house.verb(remove_signer, DOT, a, seat_id=bea.id, reason="x")
    house.verb(remove_signer, ANN, a, seat_id=bea.id, reason="不用了")
    assert house.at(case_id) == ["b"]


def test_a_submission_that_waits_is_recalled_until_somebody_signed(small: Any) -> None:
    house = small("line")
    case_id = house.start()
    a = house.row(case_id, "a")
    house.ask(a, ANN, "after", BEA, CAT)
    house.complete(a, ANN)
    house.verb(recall_task, ANN, a, reason="填错")
    assert house.task(a.id).state == "open"
    house.complete(house.task(a.id), ANN)
    house.opine(house.row(case_id, "a", assignee_id=BEA.id), BEA)
    with pytest.raises(NotNow, match="已有加签人"):
        house.verb(recall_task, ANN, a, reason="填错")


def test_the_last_signer_recalls_and_the_opinions_of_the_others_stand(small: Any) -> None:
    house = small("several_all")
    case_id = at_m(house)
    bea, cat, pool = seats(house, case_id)
    house.opine(bea, BEA)
    house.opine(pool, DOT)
    house.complete(cat, CAT)
    house.verb(recall_task, CAT, cat, reason="填错")
    again = seats(house, case_id)
    assert [r.assignee_id for r in again] == [CAT.id]
    house.verb(release_task, CAT, again[0])
    with pytest.raises(NotNow, match="另一位签署人"):
        house.verb(claim_task, BEA, again[0])
    house.complete(house.task(again[0].id), CAT)
    assert house.at(case_id) == ["b"]


@pytest.mark.parametrize(
    ("people", "place", "reason", "field"),
    [
        ([], "before", "x", "people"),
        ([ANN.id], "before", "x", "people"),
        ([BEA.id, BEA.id], "before", "x", "people"),
        ([99], "after", "x", "people"),
        ([BEA.id], "beside", "x", "place"),
        ([BEA.id], "before", " ", "reason"),
    ],
)
def test_a_wrong_request_names_the_field(small: Any, people: Any, place: str, reason: str, field: str) -> None:
    house = small("line")
    case_id = house.start()
    with pytest.raises(InvalidAnswers) as refused:
        house.verb(add_signers, ANN, house.row(case_id, "a"), people=people, place=place, reason=reason)
    assert set(refused.value.problems) == {field}


def test_an_opinion_needs_words_and_the_signers_own_password(small: Any) -> None:
    house = small("several_all")
    bea = seats(house, at_m(house))[0]
    with pytest.raises(InvalidAnswers):
        house.opine(bea, BEA, text=" ")
    with pytest.raises(SignatureRequired):
        house.verb(sign_opinion, BEA, bea, agrees=True, opinion="同意", signature=house.proof(CAT))


def test_only_a_seat_of_ones_own_that_has_not_signed_is_taken_away(small: Any) -> None:
    house = small("line")
    case_id = house.start()
    a = house.row(case_id, "a")
    house.ask(a, ANN, "before", BEA)
    bea = house.row(case_id, "a", assignee_id=BEA.id)
    house.opine(bea, BEA)
    with pytest.raises(NotNow, match="已签署"):
        house.verb(remove_signer, ANN, a, seat_id=bea.id, reason="x")
    with pytest.raises(NotFound):
        house.verb(remove_signer, ANN, a, seat_id=a.id, reason="x")


def test_a_seat_whose_holder_left_is_struck_and_holds_nobody_up(small: Any) -> None:
    house = small("line")
    case_id = house.start()
    a = house.row(case_id, "a")
    house.ask(a, ANN, "after", BEA)
    house.complete(a, ANN)
    house.process.clerks.discard(BEA.id)
    bea = house.row(case_id, "a", assignee_id=BEA.id)
    assert house.act(hand_over, SYSTEM, task_id=bea.id)["moved"]
    assert house.at(case_id) == ["b"]


def test_a_step_is_not_signed_once_more_by_a_colleague_who_was_asked(small: Any) -> None:
    house = small("line")
    case_id = house.start()
    a = house.row(case_id, "a")
    house.ask(a, ANN, "before", BEA)
    house.opine(house.row(case_id, "a", assignee_id=BEA.id), BEA)
    house.verb(release_task, ANN, a)
    for act in (lambda: house.verb(claim_task, BEA, a), lambda: house.complete(a, BEA)):
        with pytest.raises(NotNow, match="另一位签署人"):
            act()
    house.complete(a, EVE)


def test_a_head_gives_nobody_a_second_seat_and_no_seat_that_was_asked_of_another(small: Any) -> None:
    house = small("several_all")
    case_id = at_m(house)
    bea, cat, pool = seats(house, case_id)
    house.ask(cat, CAT, "before", DOT)
    asked = house.row(case_id, "m", seat="before")
    for row, person in ((pool, BEA), (pool, DOT), (asked, EVE)):
        with pytest.raises(Forbidden):
            house.act(assign_task, HEAD, task_id=row.id, account_id=person.id)
    house.act(assign_task, HEAD, task_id=pool.id, account_id=EVE.id)
    assert house.task(pool.id).assignee_id == EVE.id
    assert house.task(bea.id).assignee_id == BEA.id


def test_what_a_head_gives_away_is_no_longer_delegated(small: Any) -> None:
    house = small("line")
    row = house.row(house.start(), "a")
    house.verb(delegate_task, ANN, row, to=BEA.id, note="请代填")
    house.act(assign_task, HEAD, task_id=row.id, account_id=CAT.id)
    house.complete(row, CAT)


@pytest.mark.parametrize(("agrees", "then"), [(True, "d"), (False, "a")])
def test_the_drawing_may_ask_what_the_signers_said(small: Any, agrees: bool, then: str) -> None:
    house = small("voted")
    case_id = at_m(house)
    bea, cat, pool = seats(house, case_id)
    house.opine(bea, BEA)
    house.opine(pool, DOT, agrees)
    house.complete(cat, CAT)
    assert house.at(case_id) == [then]


@pytest.mark.parametrize(
    ("attribute", "body", "said"),
    [
        ("most", "", "all（会签）"),
        ("any", MANY, "多实例"),
        ("all", "", None),
    ],
)
def test_the_gate_knows_how_several_may_sign(attribute: str, body: str, said: str | None) -> None:
    text = node("userTask", "T_A", body, f'halfsky:form="apply" halfsky:signing="{attribute}"')
    found = " ".join(map(str, gate.check(drawing(start(), text, end(), chain("S", "T_A", "E"), late("T_A")))))
    assert (said in found) if said else not found
