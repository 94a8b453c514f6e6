"""转办 and 委派: who may get a task, what goes along, who submits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from engine.commands.tasks import claim_task, complete_task, release_task
from engine.commands.transferring import delegate_task, hand_back_task, transfer_task
from engine.errors import Forbidden, InvalidAnswers, NotNow, StaleTask, TaskNotReady
from engine.events import Kind
from tests.engine.verbs.office import ANN, BEA, CAT, HEAD

if TYPE_CHECKING:
    pass


def begun(office: Any) -> tuple[Any, int, Any]:
    house = office("line")
    case_id = house.start()
    return house, case_id, house.row(case_id, "a")


def test_a_task_is_transferred_to_another_holder_of_the_post_with_what_was_typed(office: Any) -> None:
    house, case_id, row = begun(office)
    house.type(row, ANN, "半句")
    house.verb(transfer_task, ANN, row, to=BEA.id, reason="休假")
    assert house.task(row.id).assignee_id == BEA.id
    assert house.typed(case_id, BEA, "f_a") == "半句"
    assert house.typed(case_id, ANN, "f_a") == "半句"
    with pytest.raises(Forbidden):
        house.complete(row, ANN)
    house.complete(row, BEA)
    assert house.at(case_id) == ["b"]


@pytest.mark.parametrize("to", [ANN.id, HEAD.id, 77])
def test_a_transfer_to_oneself_or_to_nobody_of_the_post_says_who_may_get_it(office: Any, to: int) -> None:
    house, _, row = begun(office)
    with pytest.raises(InvalidAnswers) as refused:
        house.verb(transfer_task, ANN, row, to=to, reason="")
    assert set(refused.value.problems) == {"to", "reason"}
    if to != ANN.id:
        assert "2、3、4" in str(refused.value.problems["to"][0])


def test_who_is_barred_or_signed_an_earlier_step_gets_no_later_one(office: Any) -> None:
    house, case_id, row = begun(office)
    house.process.barred = frozenset({CAT.id})
    with pytest.raises(InvalidAnswers):
        house.verb(transfer_task, ANN, row, to=CAT.id, reason="休假")
    house.complete(row, ANN)
    house.submit(case_id, "b", BEA)
    with pytest.raises(InvalidAnswers):
        house.verb(transfer_task, BEA, house.row(case_id, "c"), to=ANN.id, reason="休假")


def test_a_delegated_task_is_filled_in_by_one_and_submitted_by_the_other(office: Any) -> None:
    house, case_id, row = begun(office)
    house.type(row, ANN, "开头")
    house.verb(delegate_task, ANN, row, to=BEA.id, note="请代填")
    assert house.typed(case_id, BEA, "f_a") == "开头"
    house.type(row, BEA, "开头和结尾")
    for command, more in (
        (complete_task, {"answers": {"text": "x"}, "signature": house.proof(BEA)}),
        (delegate_task, {"to": CAT.id, "note": "x"}),
        (transfer_task, {"to": CAT.id, "reason": "x"}),
        (release_task, {}),
    ):
        with pytest.raises(NotNow, match="委派"):
            house.verb(command, BEA, row, **more)
    house.verb(hand_back_task, BEA, row, note="填好了")
    assert house.task(row.id).assignee_id == ANN.id
    assert house.typed(case_id, ANN, "f_a") == "开头和结尾"
    house.complete(row, ANN)


def test_a_delegated_task_can_be_taken_back_and_no_text_is_written_over(office: Any) -> None:
    house, case_id, row = begun(office)
    house.verb(release_task, ANN, row)
    house.type(row, BEA, "乙的")
    house.verb(claim_task, ANN, row)
    house.type(row, ANN, "甲的")
    house.verb(delegate_task, ANN, row, to=BEA.id, note="请代填")
    assert house.typed(case_id, BEA, "f_a") == "乙的"
    house.verb(hand_back_task, ANN, row)
    assert (house.typed(case_id, ANN, "f_a"), house.typed(case_id, BEA, "f_a")) == ("甲的", "乙的")
    with pytest.raises(NotNow):
        house.verb(hand_back_task, ANN, row)


def test_others_neither_hand_over_nor_hand_back(office: Any) -> None:
    house, _, row = begun(office)
    for command, more in ((transfer_task, {"to": CAT.id, "reason": "x"}), (delegate_task, {"to": CAT.id, "note": "x"})):
        with pytest.raises(Forbidden):
            house.verb(command, BEA, row, **more)
    with pytest.raises(Forbidden):
        house.verb(hand_back_task, BEA, row)


def test_a_stale_page_a_closed_task_and_a_repeated_request(office: Any) -> None:
    house, _, row = begun(office)
    with pytest.raises(StaleTask):
        house.act(transfer_task, ANN, task_id=row.id, to=BEA.id, reason="x", seen_version=9)
    request = {"task_id": row.id, "to": BEA.id, "reason": "x", "seen_version": 1}
    first = house.act(transfer_task, ANN, once="same", **request)
    assert house.act(transfer_task, ANN, once="same", **request) == first
    house.complete(row, BEA)
    with pytest.raises(TaskNotReady):
        house.verb(transfer_task, BEA, row, to=CAT.id, reason="x")


def test_each_has_its_own_entry_in_the_history(office: Any) -> None:
    house, _, row = begun(office)
    house.verb(transfer_task, ANN, row, to=BEA.id, reason="休假")
    house.verb(delegate_task, BEA, row, to=CAT.id, note="请代填")
    house.verb(hand_back_task, CAT, row)
    with house.runtime.reading() as connection:
        rows = connection.exec_driver_sql("SELECT kind FROM history ORDER BY seq").scalars().all()
    assert rows[-3:] == [Kind.TASK_TRANSFERRED, Kind.TASK_DELEGATED, Kind.TASK_HANDED_BACK]
