"""Return (退回) and withdraw (撤回): one verb moves the case, whole or one branch, and leaves no timer behind."""

from __future__ import annotations

from typing import Any

import pytest

from engine.errors import TaskNotReady
from engine.flow import definition, stepping
from engine.flow.faults import HeavyFacts, TargetRefused
from tests.engine.flow.drawing import Draw, document
from tests.engine.flow.drawings import MODELS
from tests.engine.flow.world import World, facts_by_token, open_elements, task_id, timers, tree_size


class Case:
    """A case in a test drawing, driven by element names."""

    def __init__(self, drawing: str | bytes, **facts: Any) -> None:
        self.d = definition.parse("p", MODELS[drawing].bpmn if isinstance(drawing, str) else drawing)
        self.world = World(MODELS[drawing].answers if isinstance(drawing, str) else {})
        self.step = stepping.start(self.d, facts, self.world)

    def done(self, *elements: str, **facts: Any) -> Case:
        for element in elements:
            self.step = stepping.complete(self.d, self.step.state, task_id(self.step, element), facts, self.world)
        return self

    def fired(self, element: str) -> Case:
        timer = next(t.id for t in self.step.timers if t.element == element)
        self.step = stepping.fire(self.d, self.step.state, timer, self.world)
        return self

    def goto(self, target: str, branch: str | None = None, **facts: Any) -> Case:
        of = None if branch is None else task_id(self.step, branch)
        self.step = stepping.goto(self.d, self.step.state, target, facts, self.world, from_task=of)
        return self

    @property
    def open(self) -> list[str]:
        return open_elements(self.step)

    @property
    def timers(self) -> list[str]:
        return timers(self.step)


class TestWholeProcess:
    def test_a_return_opens_the_earlier_step_with_the_facts_kept_and_the_given_ones_over_them(self) -> None:
        case = Case("returns", village="A1").done("a", x=1).done("b", b_says="GO").goto("a", b_says="RETURN")
        assert case.open == ["a"]
        assert case.step.facts == {"village": "A1", "x": 1, "b_says": "RETURN"}
        assert case.done("a", "b", b_says="GO").done("c", c_says=1).step.ended == "end"

    def test_the_timers_of_the_left_step_are_gone_and_those_of_the_target_run(self) -> None:
        case = Case("reminded").done("a")
        assert case.timers == ["late_b"]
        left = case.step.timers[0].id
        case.goto("a")
        assert case.timers == ["late_a"]
        assert left not in {t.id for t in case.step.timers}
        assert case.world.asked == [("due", "clock"), ("due", "clock")]

    def test_a_return_to_the_step_itself_gives_a_new_task_and_a_new_clock(self) -> None:
        case = Case("reminded")
        before = case.step
        case.goto("a")
        assert case.open == ["a"]
        assert case.step.tasks[0].id != before.tasks[0].id
        assert case.step.timers[0].id != before.timers[0].id

    def test_withdrawing_ends_every_branch_sub_process_and_timer(self) -> None:
        case = Case("terminated").goto("stop")
        assert (case.open, case.timers, case.step.ended, case.step.passed) == ([], [], "stop", ("stop",))

    def test_withdrawing_to_a_plain_end_ends_the_case_as_well(self) -> None:
        case = Case("parallel").done("a").goto("end")
        assert (case.open, case.step.ended) == ([], "end")

    def test_a_return_behind_a_join_forgets_what_waits_there(self) -> None:
        case = Case("parallel").done("a", "a2", "b").goto("after")
        assert case.open == ["after"]
        assert case.done("after").step.ended == "end"

    @pytest.mark.parametrize("target", ["b", "c2"])
    def test_one_branch_alone_cannot_be_entered_because_its_join_would_wait_for_ever(self, target: str) -> None:
        with pytest.raises(TargetRefused):
            Case("parallel").goto(target)

    def test_a_return_to_before_the_split_opens_all_branches_and_an_empty_join(self) -> None:
        """The library keeps the old continuation alive: both sides of the join are open (engine.md §1.2)."""
        case = Case("agencies").done("intake", score=9).done("emergency", "court", "police").goto("emergency")
        case.done("emergency", "court", "police")
        assert case.open == ["clinic"]
        assert case.done("clinic").open == ["m1"]

    @pytest.mark.parametrize("target", ["phone", "phoned"])
    def test_what_a_clock_begins_beside_cannot_stand_for_the_process(self, target: str) -> None:
        with pytest.raises(TargetRefused):
            Case("interrupted").goto(target)

    def test_what_an_interrupting_clock_begins_can(self) -> None:
        case = Case("interrupted").goto("c")
        assert case.done("c", extend=False).step.ended == "lapsed"

    def test_an_ended_case_may_be_reopened_as_a_whole(self) -> None:
        case = Case("returns", village="A1").done("a").done("b", b_says="NO")
        assert case.step.ended == "refused"
        case.goto("b", b_says=None)
        assert (case.open, case.step.ended) == (["b"], None)
        assert case.step.facts == {"village": "A1", "b_says": None}

    def test_a_case_can_be_returned_a_hundred_times_without_growing(self) -> None:
        case = Case("agencies").done("intake", score=9)
        sizes = set()
        for _ in range(100):
            case.done("emergency").done("court").goto("emergency")
            sizes.add(tree_size(case.d, case.step.state))
        assert len(sizes) == 1


class TestSubProcess:
    def test_a_return_into_a_sub_process_starts_it_and_its_clocks_at_that_step(self) -> None:
        case = Case("watched_subprocess").done("a", "b")
        assert (case.open, case.timers) == (["after"], [])
        case.goto("b")
        assert (case.open, case.timers) == (["b"], ["back", "late_b", "remind"])
        assert case.fired("back").open == ["chase"]

    def test_nested_twice_it_can_be_entered_and_left_again(self) -> None:
        case = Case("subprocess_in_subprocess").done("beside").done("m1").done("r1", again=False)
        assert case.open == ["after"]
        with pytest.raises(TargetRefused):  # its inner process is one of two parallel branches
            case.goto("r1")
        assert Case("subprocess").done("before", "m1").done("r1", again=False).goto("m1").open == ["m1"]

    def test_a_called_process_is_entered_only_when_its_place_is_certain(self) -> None:
        case = Case("called").done("before")
        with pytest.raises(TargetRefused):
            case.goto("rq")

    def test_a_return_out_of_a_sub_process_ends_it(self) -> None:
        case = Case("subprocess").done("before").done("m1").goto("before")
        assert case.open == ["before"]
        assert case.done("before").open == ["m1"]

    def test_a_return_within_a_sub_process_keeps_what_runs_beside_it(self) -> None:
        case = Case("subprocess_in_subprocess").done("m1")
        assert case.open == ["beside", "r1"]
        case.goto("m1", "r1")
        assert case.open == ["beside", "m1"]
        case.done("m1").done("r1", again=False).done("beside")
        assert case.open == ["after"]


class TestBranch:
    """`from_task`: only the branch that holds this task moves."""

    def test_the_other_branches_stay_as_they_are(self) -> None:
        case = Case("parallel").done("a", "b")
        others = {t.id for t in case.step.tasks if t.element != "a2"}
        case.goto("a", "a2")
        assert case.open == ["a", "b2", "c"]
        assert others < {t.id for t in case.step.tasks}
        case.done("a", "a2", "b2", "c")
        assert case.open == ["c2"]
        assert case.done("c2", "after").step.ended == "end"

    def test_a_branch_may_return_after_another_has_arrived_at_the_join(self) -> None:
        case = Case("parallel").done("b", "b2", "a").goto("a", "a2", x=1)
        case.done("c", "c2", "a", "a2")
        assert case.open == ["after"]

    def test_its_facts_are_those_of_the_branch_not_of_the_others(self) -> None:
        case = Case("parallel", base=1).done("a", of_a=1).done("b", of_b=1).goto("a", "a2")
        facts = dict(facts_by_token(case.d, case.step.state).values())
        assert facts["a"] == {"base": 1, "of_a": 1}

    def test_only_the_timers_of_that_branch_end(self) -> None:
        case = Case("agencies").done("intake", score=1)
        assert case.timers == ["late_clinic", "late_court", "late_police"]
        before = {t.element: t.id for t in case.step.timers}
        case.goto("police", "police")
        after = {t.element: t.id for t in case.step.timers}
        assert after["late_police"] != before["late_police"]
        assert (after["late_court"], after["late_clinic"]) == (before["late_court"], before["late_clinic"])

    @pytest.mark.parametrize("target", ["b", "b2", "after", "end"])
    def test_a_target_outside_the_branch_is_refused(self, target: str) -> None:
        case = Case("parallel").done("a")
        with pytest.raises(TargetRefused) as refused:
            case.goto(target, "a2")
        assert refused.value.params["target"] == target
        assert case.open == ["a2", "b", "c"]

    def test_the_smallest_branch_that_holds_both_moves(self) -> None:
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

    def test_an_inner_block_cannot_be_entered_by_one_branch_alone(self) -> None:
        case = Case("nested_parallel").done("a", "b", "c", "d")
        assert case.open == ["e"]
        with pytest.raises(TargetRefused):
            case.goto("b", "e")

    def test_a_block_that_was_joined_is_closed_although_a_late_mark_of_it_remains(self) -> None:
        case = Case("agencies").done("intake", score=1).fired("late_court").done("court", "police", "clinic")
        with pytest.raises(TargetRefused):
            case.goto("court", "m1")

    def test_a_branch_that_ended_apart_is_not_forgotten_when_its_other_part_moves(self) -> None:
        case = Case("reminded_in_a_branch").fired("remind").done("phone", said="yes").goto("a", "a")
        assert case.open == ["a", "b"]
        assert case.done("a", "b").step.facts["said"] == "yes"

    def test_a_block_that_is_cut_away_cannot_be_entered_by_one_of_its_branches(self) -> None:
        case = Case("nested_parallel").done("b")
        assert case.open == ["a", "c", "d"]
        with pytest.raises(TargetRefused):
            case.goto("a", "c")

    def test_a_branch_loop_is_one_branch(self) -> None:
        case = Case("loop_in_branch").done("a").goto("a", "b")
        assert case.open == ["a", "c"]
        case.done("a").done("b", again=False).done("c")
        assert case.open == ["after"]

    def test_inside_an_inclusive_split_the_join_still_waits_for_the_others(self) -> None:
        case = Case("inclusive_longer").done("ask", way_a=True, way_b=True).done("a").goto("a", "a2")
        assert case.open == ["a", "b"]
        case.done("a", "a2")
        assert case.open == ["b"]
        assert case.done("b", leave=True).open == ["after"]

    def test_what_a_clock_began_beside_a_step_moves_alone_when_it_is_named(self) -> None:
        case = Case("interrupted").fired("remind")
        assert case.open == ["a", "phone"]
        watched = task_id(case.step, "a")
        case.goto("phone", "phone")
        assert case.open == ["a", "phone"]
        assert task_id(case.step, "a") == watched
        assert case.timers == ["back"]
        assert case.done("phone", "a", "b").step.ended == "end"

    def test_what_a_clock_began_belongs_to_the_step_it_watches(self) -> None:
        case = Case("interrupted").fired("remind").goto("b", "a")
        assert case.open == ["b"]

    def test_the_step_beside_cannot_drag_the_watched_step_along(self) -> None:
        case = Case("interrupted").fired("remind")
        with pytest.raises(TargetRefused):
            case.goto("b", "phone")

    def test_without_parallel_branches_the_branch_is_the_whole_process(self) -> None:
        case = Case("returns").done("a").goto("a", "b")
        assert case.open == ["a"]

    def test_a_branch_cannot_move_to_where_the_join_would_wait_for_it_in_vain(self) -> None:
        with pytest.raises(TargetRefused):
            Case("reminded_in_a_branch").goto("phone", "a")

    def test_a_branch_may_move_to_an_end_that_ends_everything_or_that_no_join_waits_behind(self) -> None:
        assert Case("terminated").goto("stop", "a").step.ended == "stop"
        case = Case("many_ends").goto("end_a", "a")
        assert case.open == ["b", "c"]

    def test_a_branch_of_a_task_that_is_not_open_is_refused(self) -> None:
        case = Case("parallel")
        done = task_id(case.step, "a")
        case.done("a")
        with pytest.raises(TaskNotReady):
            stepping.goto(case.d, case.step.state, "a", {}, case.world, from_task=done)

    def test_a_result_that_already_waits_at_the_join_is_not_thrown_away(self) -> None:
        """The main step has arrived; what its clock began beside is still open and cannot pull the arrival back."""
        case = Case("reminded_in_a_branch").fired("remind").done("a")
        assert case.open == ["b", "phone"]
        with pytest.raises(TargetRefused) as refused:
            case.goto("a", "phone")
        assert refused.value.params["target"] == "join"
        assert case.done("phone", "b").step.ended == "end"


@pytest.mark.parametrize("target", ["start", "split", "rule", "work", "nothing at all", "Start", "End", "p.EndJoin"])
def test_only_steps_of_people_and_ends_are_targets(target: str) -> None:
    drawing = "line" if target in {"rule", "work"} else "parallel"
    case = Case(drawing)
    with pytest.raises(TargetRefused):
        case.goto(target)


def test_a_multi_instance_step_is_entered_as_a_whole() -> None:
    case = Case("many_timed", people=["no0", "no1"]).fired("back").goto("v")
    assert case.open == ["v", "v"]
    assert case.timers == ["back", "remind"]


def test_a_sub_process_that_runs_once_per_item_cannot_be_entered() -> None:
    case = Case("many_subprocesses", people=["no0", "no1"])
    with pytest.raises(TargetRefused):
        case.goto("a")


def test_the_facts_of_a_move_are_light_as_well() -> None:
    case = Case("returns")
    with pytest.raises(HeavyFacts):
        case.goto("a", reason="x" * 5_000)
