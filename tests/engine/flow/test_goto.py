"""Return (退回) and withdraw (撤回): one verb moves the case, whole or one branch, and leaves no timer behind."""

from __future__ import annotations

import pytest

from engine.flow.faults import HeavyFacts, TargetRefused
from tests.engine.flow.driving import Case
from tests.engine.flow.world import tree_size


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
