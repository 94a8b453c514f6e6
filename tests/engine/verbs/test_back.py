"""退回 and 撤回: to any earlier step, within a branch and out of one; one's own submission until somebody acted."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from engine.commands.recalling import recall_task
from engine.commands.returning import return_task
from engine.commands.tasks import claim_task, release_task
from engine.errors import Forbidden, InvalidAnswers, NotNow
from engine.model import timer
from tests.engine.verbs.office import ANN, BEA, CAT, DOT


def armed(house: Any) -> list[str]:
    with house.runtime.reading() as connection:
        rows = connection.execute(
            select(timer.c.attached_to).where(timer.c.state == "armed", timer.c.element.like("t_%"))
        )
        return sorted(rows.scalars())


def test_a_return_within_a_branch_leaves_the_other_branch_alone(small: Any) -> None:
    house = small("branches")
    case_id = house.start()
    house.submit(case_id, "a", ANN)
    house.submit(case_id, "b", BEA)
    c = house.row(case_id, "c")
    house.type(c, CAT, "草稿")
    house.verb(return_task, DOT, house.row(case_id, "b2"), target="b", reason="缺材料")
    assert sorted(house.at(case_id)) == ["b", "c"]
    assert house.task(c.id).state == "open"
    assert armed(house) == ["b", "c"]
    house.submit(case_id, "c", CAT)
    house.submit(case_id, "b", BEA)
    house.submit(case_id, "b2", DOT)
    assert house.at(case_id) == ["d"]


def test_a_return_to_before_the_branches_must_be_meant_and_keeps_what_others_typed(small: Any) -> None:
    house = small("branches")
    case_id = house.start()
    house.submit(case_id, "a", ANN)
    house.type(house.row(case_id, "c"), CAT, "草稿")
    b = house.row(case_id, "b")
    with pytest.raises(NotNow, match="（c）"):
        house.verb(return_task, BEA, b, target="a", reason="缺材料")
    house.verb(return_task, BEA, b, target="a", reason="缺材料", whole=True)
    assert house.at(case_id) == ["a"]
    assert armed(house) == ["a"]
    assert house.typed(case_id, CAT, "f_c") == "草稿"
    house.submit(case_id, "a", ANN)
    assert sorted(house.at(case_id)) == ["b", "c"]


def test_a_return_out_of_a_called_process_and_within_it(small: Any) -> None:
    house = small("called")
    case_id = house.start()
    house.submit(case_id, "a", ANN)
    house.submit(case_id, "qa", BEA)
    house.verb(return_task, CAT, house.row(case_id, "qb"), target="qa", reason="x")
    assert house.at(case_id) == ["qa"]
    house.verb(return_task, CAT, house.row(case_id, "qa"), target="a", reason="x")
    assert house.at(case_id) == ["a"]


def test_a_return_out_of_a_step_with_several_signers_closes_the_other_seats(small: Any) -> None:
    house = small("several_all")
    case_id = house.start()
    house.submit(case_id, "a", ANN)
    bea, cat, _ = (r for r in house.rows(case_id) if r.element == "m")
    house.type(cat, CAT, "草稿")
    house.opine(bea, BEA, agrees=False, text="不行")
    house.verb(return_task, CAT, cat, target="a", reason="有人不同意", whole=True)
    assert house.at(case_id) == ["a"]
    assert {r.close_reason for r in house.rows(case_id, "closed") if r.element == "m"} == {
        "signed",
        "returned",
        "cancelled",
    }
    assert house.typed(case_id, CAT, "f_m") == "草稿"


def test_what_is_recalled_comes_back_to_her_under_its_old_clock(small: Any) -> None:
    house = small("line")
    case_id = house.start()
    a = house.row(case_id, "a")
    house.clock.set_day(house.clock.now().date().replace(day=17))
    house.complete(a, ANN)
    house.verb(recall_task, ANN, a, reason="填错")
    again = house.row(case_id, "a")
    assert house.at(case_id) == ["a"]
    assert (again.due_at, again.assignee_id) == (a.due_at, ANN.id)
    assert armed(house) == ["a"]
    house.complete(again, ANN)


@pytest.mark.parametrize("acted", ["claimed", "typed", "submitted"])
def test_nothing_is_recalled_once_somebody_acted_on_it(small: Any, acted: str) -> None:
    house = small("line")
    case_id = house.start()
    a = house.row(case_id, "a")
    house.complete(a, ANN)
    b = house.row(case_id, "b")
    if acted == "claimed":
        house.verb(claim_task, BEA, b)
    elif acted == "typed":
        house.type(b, BEA, "半句")
    else:
        house.complete(b, BEA)
    with pytest.raises(NotNow, match="下一环节"):
        house.verb(recall_task, ANN, a, reason="填错")


def test_only_who_submitted_recalls_and_says_why(small: Any) -> None:
    house = small("line")
    case_id = house.start()
    a = house.row(case_id, "a")
    with pytest.raises(Forbidden):
        house.verb(recall_task, ANN, a, reason="填错")
    house.complete(a, ANN)
    with pytest.raises(Forbidden):
        house.verb(recall_task, BEA, a, reason="填错")
    with pytest.raises(InvalidAnswers):
        house.verb(recall_task, ANN, a, reason=" ")


def test_a_split_is_recalled_whole_and_a_branch_from_its_join(small: Any) -> None:
    house = small("branches")
    case_id = house.start()
    a = house.row(case_id, "a")
    house.complete(a, ANN)
    house.verb(recall_task, ANN, a, reason="填错")
    assert house.at(case_id) == ["a"]
    house.submit(case_id, "a", ANN)
    c = house.row(case_id, "c")
    house.complete(c, CAT)
    assert house.at(case_id) == ["b"]
    house.verb(recall_task, CAT, c, reason="填错")
    assert sorted(house.at(case_id)) == ["b", "c"]
    house.submit(case_id, "b", BEA)
    b2 = house.row(case_id, "b2")
    house.submit(case_id, "c", CAT)
    house.complete(b2, DOT)
    assert house.at(case_id) == ["d"]
    with pytest.raises(NotNow, match="汇合"):
        house.verb(recall_task, DOT, b2, reason="填错")


def test_what_the_house_has_done_by_itself_is_not_recalled(small: Any) -> None:
    house = small("automatic")
    case_id = house.start()
    a = house.row(case_id, "a")
    house.complete(a, ANN)
    with pytest.raises(NotNow, match="系统已据此办理"):
        house.verb(recall_task, ANN, a, reason="填错")


def test_a_step_of_a_called_process_is_recalled_into_it(small: Any) -> None:
    house = small("called")
    case_id = house.start()
    house.submit(case_id, "a", ANN)
    house.submit(case_id, "qa", BEA)
    qb = house.row(case_id, "qb")
    house.complete(qb, CAT)
    assert house.at(case_id) == ["d"]
    house.verb(recall_task, CAT, qb, reason="填错")
    assert house.at(case_id) == ["qb"]
    house.submit(case_id, "qb", CAT)
    assert house.at(case_id) == ["d"]


def test_no_clock_is_left_behind_by_a_recall(small: Any) -> None:
    house = small("branches")
    case_id = house.start()
    a = house.row(case_id, "a")
    house.complete(a, ANN)
    house.verb(recall_task, ANN, a, reason="填错")
    with house.runtime.reading() as connection:
        assert connection.execute(select(func.count()).select_from(timer).where(timer.c.state == "armed")).scalar() == 1


def test_who_has_signed_before_a_recalled_submission_gets_no_second_seat_after_it(small: Any) -> None:
    house = small("line")
    case_id = house.start()
    a = house.row(case_id, "a")
    house.ask(a, ANN, "before", BEA)
    house.opine(house.row(case_id, "a", seat="before"), BEA)
    house.submit(case_id, "a", ANN)
    house.verb(recall_task, ANN, house.task(a.id), reason="笔误")
    again = house.row(case_id, "a")
    with pytest.raises(InvalidAnswers) as refusal:
        house.ask(again, ANN, "after", BEA)
    assert list(refusal.value.problems) == ["people"]
    house.verb(release_task, ANN, again)
    with pytest.raises(NotNow, match="不能由一人签两次"):
        house.verb(claim_task, BEA, again)
