"""Return within one parallel branch: with `from_task` only the smallest branch that holds task and target moves."""

from __future__ import annotations

import pytest

from engine.errors import TaskNotReady
from engine.flow import stepping
from engine.flow.faults import TargetRefused
from tests.engine.flow.drawing import Draw, document
from tests.engine.flow.driving import Case
from tests.engine.flow.world import facts_by_token, task_id


def test_the_other_branches_stay_as_they_are() -> None:
    case = Case("parallel").done("a", "b")
    others = {t.id for t in case.step.tasks if t.element != "a2"}
    case.goto("a", "a2")
    assert case.open == ["a", "b2", "c"]
    assert others < {t.id for t in case.step.tasks}
    case.done("a", "a2", "b2", "c")
    assert case.open == ["c2"]
    assert case.done("c2", "after").step.ended == "end"


def test_a_branch_may_return_after_another_has_arrived_at_the_join() -> None:
    case = Case("parallel").done("b", "b2", "a").goto("a", "a2", x=1)
    case.done("c", "c2", "a", "a2")
    assert case.open == ["after"]


def test_its_facts_are_those_of_the_branch_not_of_the_others() -> None:
    case = Case("parallel", base=1).done("a", of_a=1).done("b", of_b=1).goto("a", "a2")
    facts = dict(facts_by_token(case.d, case.step.state).values())
    assert facts["a"] == {"base": 1, "of_a": 1}


def test_only_the_timers_of_that_branch_end() -> None:
    case = Case("agencies").done("intake", score=1)
    assert case.timers == ["late_clinic", "late_court", "late_police"]
    before = {t.element: t.id for t in case.step.timers}
    case.goto("police", "police")
    after = {t.element: t.id for t in case.step.timers}
    assert after["late_police"] != before["late_police"]
    assert (after["late_court"], after["late_clinic"]) == (before["late_court"], before["late_clinic"])


@pytest.mark.parametrize("target", ["b", "b2", "after", "end"])
def test_a_target_outside_the_branch_is_refused(target: str) -> None:
    case = Case("parallel").done("a")
    with pytest.raises(TargetRefused) as refused:
        case.goto(target, "a2")
    assert refused.value.params["target"] == target
    assert case.open == ["a2", "b", "c"]


def test_the_smallest_branch_that_holds_both_moves() -> None:
    """From an inner branch back to the step before the inner split: the inner split ends, the outer branch stays."""
    p = Draw()
    p.start()
    p.gate("parallel", "s1", "s2", "j2", "j1")
    for ident in ("before", "x", "y", "z"):
        p.user(ident)
    p.end("end")
    p.chain("start", "s1", "before", "s2", "x", "j2", "j1", "end")
    p.chain("s2", "y", "j2")
    p.chain("s1", "z", "j1")
    case = Case(document(p)).done("before").goto("before", "x")
    assert case.open == ["before", "z"]
    case.done("before", "x", "y")
    assert case.open == ["z"]
    assert case.done("z").step.ended == "end"


def test_an_inner_block_cannot_be_entered_by_one_branch_alone() -> None:
    case = Case("nested_parallel").done("a", "b", "c", "d")
    assert case.open == ["e"]
    with pytest.raises(TargetRefused):
        case.goto("b", "e")


def test_a_block_that_was_joined_is_closed_although_a_late_mark_of_it_remains() -> None:
    case = Case("agencies").done("intake", score=1).fired("late_court").done("court", "police", "clinic")
    with pytest.raises(TargetRefused):
        case.goto("court", "m1")


def test_a_branch_that_ended_apart_is_not_forgotten_when_its_other_part_moves() -> None:
    case = Case("reminded_in_a_branch").fired("remind").done("phone", said="yes").goto("a", "a")
    assert case.open == ["a", "b"]
    assert case.done("a", "b").step.facts["said"] == "yes"


def test_a_block_that_is_cut_away_cannot_be_entered_by_one_of_its_branches() -> None:
    case = Case("nested_parallel").done("b")
    assert case.open == ["a", "c", "d"]
    with pytest.raises(TargetRefused):
        case.goto("a", "c")


def test_a_branch_loop_is_one_branch() -> None:
    case = Case("loop_in_branch").done("a").goto("a", "b")
    assert case.open == ["a", "c"]
    case.done("a").done("b", again=False).done("c")
    assert case.open == ["after"]


def test_inside_an_inclusive_split_the_join_still_waits_for_the_others() -> None:
    case = Case("inclusive_longer").done("ask", way_a=True, way_b=True).done("a").goto("a", "a2")
    assert case.open == ["a", "b"]
    case.done("a", "a2")
    assert case.open == ["b"]
    assert case.done("b", leave=True).open == ["after"]


def test_what_a_clock_began_beside_a_step_moves_alone_when_it_is_named() -> None:
    case = Case("interrupted").fired("remind")
    assert case.open == ["a", "phone"]
    watched = task_id(case.step, "a")
    case.goto("phone", "phone")
    assert case.open == ["a", "phone"]
    assert task_id(case.step, "a") == watched
    assert case.timers == ["back"]
    assert case.done("phone", "a", "b").step.ended == "end"


def test_what_a_clock_began_belongs_to_the_step_it_watches() -> None:
    case = Case("interrupted").fired("remind").goto("b", "a")
    assert case.open == ["b"]


def test_the_step_beside_cannot_drag_the_watched_step_along() -> None:
    case = Case("interrupted").fired("remind")
    with pytest.raises(TargetRefused):
        case.goto("b", "phone")


def test_without_parallel_branches_the_branch_is_the_whole_process() -> None:
    case = Case("returns").done("a").goto("a", "b")
    assert case.open == ["a"]


def test_a_branch_cannot_move_to_where_the_join_would_wait_for_it_in_vain() -> None:
    with pytest.raises(TargetRefused):
        Case("reminded_in_a_branch").goto("phone", "a")


def test_a_branch_may_move_to_an_end_that_ends_everything_or_that_no_join_waits_behind() -> None:
    assert Case("terminated").goto("stop", "a").step.ended == "stop"
    case = Case("many_ends").goto("end_a", "a")
    assert case.open == ["b", "c"]


def test_a_branch_of_a_task_that_is_not_open_is_refused() -> None:
    case = Case("parallel")
    done = task_id(case.step, "a")
    case.done("a")
    with pytest.raises(TaskNotReady):
        stepping.goto(case.d, case.step.state, "a", {}, case.world, from_task=done)


def test_a_result_that_already_waits_at_the_join_is_not_thrown_away() -> None:
    """The main step has arrived; what its clock began beside is still open and cannot pull the arrival back."""
    case = Case("reminded_in_a_branch").fired("remind").done("a")
    assert case.open == ["b", "phone"]
    with pytest.raises(TargetRefused) as refused:
        case.goto("a", "phone")
    assert refused.value.params["target"] == "join"
    assert case.done("phone", "b").step.ended == "end"
