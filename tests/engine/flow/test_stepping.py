"""One step of a case: what it opens, what it passes, what it asks of the world, and what it refuses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from engine.errors import TaskNotReady
from engine.flow import definition, gate, stepping
from engine.flow.faults import DeadEnd, EndlessStep, NotInstances, NoWayOn, StepFailed, TimerNotArmed
from tests.engine.flow.drawing import POST, Draw, document
from tests.engine.flow.drawings import MODELS
from tests.engine.flow.world import World, facts_by_token, open_elements, task_id, timer_id, timers


def parsed(name: str) -> definition.ParsedDefinition:
    return definition.parse("p", MODELS[name].bpmn)


@pytest.fixture
def ungated(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the gate would refuse, to see the second line of defence."""
    monkeypatch.setattr(gate, "check", lambda _: [])


def do(d: definition.ParsedDefinition, step: stepping.Step, facts: dict[str, Any], world: World) -> stepping.Step:
    """The first open task is completed."""
    return stepping.complete(d, step.state, step.tasks[0].id, facts, world)


def test_a_case_starts_at_its_first_person_and_passes_every_element_in_order() -> None:
    d = parsed("line")
    world = World({"weigh": lambda _: {"weight": 2}, "do.it": lambda f: {"done": f["weight"] + 1}})
    step = stepping.start(d, {"village": "A1"}, world)
    assert [(t.element, t.lane) for t in step.tasks] == [("a", POST)]
    assert (step.passed, step.ended, step.facts) == (("start",), None, {"village": "A1"})
    step = do(d, step, {"x_a": 5}, world)
    assert (step.passed, open_elements(step)) == (("a",), ["nothing"])
    step = do(d, do(d, step, {}, world), {}, world)
    assert step.passed == ("by_hand", "rule", "work", "send")
    assert world.asked == [("decide", "weigh"), ("perform", "do.it"), ("perform", "tell.them")]
    assert step.facts == {"village": "A1", "x_a": 5, "weight": 2, "done": 3}
    last = do(d, step, {"x_b": 1}, world)
    assert (last.passed, last.ended, last.tasks, last.timers) == (("b", "end"), "end", (), ())
    assert last.facts == {**step.facts, "x_b": 1}


def test_the_same_step_with_the_same_answers_gives_the_same_bytes() -> None:
    d = parsed("agencies")

    def walk() -> bytes:
        world = World(MODELS["agencies"].answers)
        step = stepping.start(d, {}, world)
        step = stepping.complete(d, step.state, step.tasks[0].id, {"score": 3}, world)
        return stepping.complete(d, step.state, task_id(step, "court"), {}, world).state

    assert walk() == walk()


def test_a_task_can_be_completed_once_and_its_id_never_comes_back() -> None:
    d, world = parsed("returns"), World()
    step = stepping.start(d, {}, world)
    seen: set[int] = set()
    for element, facts in [("a", {}), ("b", {"b_says": "RETURN"})] * 3:
        done = task_id(step, element)
        assert done not in seen
        seen.add(done)
        step = stepping.complete(d, step.state, done, facts, world)
        with pytest.raises(TaskNotReady) as refused:
            stepping.complete(d, step.state, done, facts, world)
        assert step.tasks[0].element in str(refused.value)
    with pytest.raises(TaskNotReady):
        stepping.complete(d, step.state, 999_999, {}, world)


def test_an_automatic_element_cannot_be_completed_by_a_person() -> None:
    d, world = parsed("reminded"), World()
    step = stepping.start(d, {}, world)
    with pytest.raises(TaskNotReady):
        stepping.complete(d, step.state, step.timers[0].id, {}, world)


def test_what_the_world_is_asked_with_is_a_copy_of_the_facts() -> None:
    def greedy(facts: dict[str, Any]) -> dict[str, Any]:
        facts["stolen"] = True
        return {"weight": 1}

    d, world = parsed("line"), World({"weigh": greedy, "do.it": lambda _: {}})
    step = stepping.start(d, {}, world)
    for _ in range(3):
        step = do(d, step, {}, world)
    assert step.facts == {"weight": 1}


def test_a_clock_is_asked_once_when_it_is_armed_and_never_again() -> None:
    d, world = parsed("reminded"), World()
    step = stepping.start(d, {}, world)
    armed = step.timers[0]
    assert (armed.element, armed.attached_to, armed.due_at) == ("late_a", "a", world.now + timedelta(days=3))
    world.now += timedelta(days=100)
    assert stepping.peek(d, step.state).timers == step.timers
    step = stepping.fire(d, step.state, armed.id, world)
    assert (step.timers, step.passed, open_elements(step)) == ((), ("late_a", "late_end"), ["a"])
    assert world.asked == [("due", "clock")]


def test_a_due_time_keeps_its_instant_and_its_time_zone_through_a_save() -> None:
    world = World(now=datetime(2026, 2, 28, 23, 30, tzinfo=timezone(timedelta(hours=8))))
    d = parsed("reminded")
    step = stepping.start(d, {}, world)
    due = stepping.peek(d, step.state).timers[0].due_at
    assert due == world.now + timedelta(days=3)
    assert due.utcoffset() == timedelta(hours=8)


def test_a_due_time_without_a_time_zone_is_a_programming_error() -> None:
    world = World()
    world.due = lambda *_: world.now.replace(tzinfo=None)  # type: ignore[method-assign]
    with pytest.raises(TypeError, match="time zone"):
        stepping.start(parsed("reminded"), {}, world)


def test_time_alone_moves_nothing() -> None:
    """The library fires every timer whose time is past as soon as a case is touched; ours wait to be fired."""
    d, world = parsed("reminded"), World(now=datetime(1999, 1, 1, tzinfo=UTC))
    step = stepping.start(d, {}, world)
    assert step.timers[0].due_at < datetime(2000, 1, 1, tzinfo=UTC)
    step = stepping.complete(d, step.state, task_id(step, "a"), {}, world)
    assert (open_elements(step), timers(step)) == (["b"], ["late_b"])
    assert "late_b" not in step.passed


@pytest.mark.parametrize("how", ["fired already", "its task is done", "the case moved", "never existed", "is a task"])
def test_a_timer_that_is_not_armed_cannot_fire(how: str) -> None:
    d, world = parsed("reminded"), World()
    step = stepping.start(d, {}, world)
    gone = step.timers[0].id
    if how == "fired already":
        step = stepping.fire(d, step.state, gone, world)
    elif how == "its task is done":
        step = stepping.complete(d, step.state, step.tasks[0].id, {}, world)
    elif how == "the case moved":
        step = stepping.goto(d, step.state, "a", {}, world)
    else:
        gone = 4_711 if how == "never existed" else step.tasks[0].id
    with pytest.raises(TimerNotArmed):
        stepping.fire(d, step.state, gone, world)


def test_an_interrupting_clock_takes_the_task_back_and_ends_the_other_clocks_on_it() -> None:
    d, world = parsed("interrupted"), World()
    step = stepping.start(d, {}, world)
    taken = task_id(step, "a")
    step = stepping.fire(d, step.state, timer_id(step, "back"), world)
    assert (open_elements(step), timers(step)) == (["c"], [])
    with pytest.raises(TaskNotReady):
        stepping.complete(d, step.state, taken, {}, world)


def test_a_failing_step_leaves_nothing_behind() -> None:
    """The state is a value: after a refusal the same bytes still work."""

    def broken(_facts: dict[str, Any]) -> dict[str, Any]:
        raise TaskNotReady(task=1, ready="")

    d = parsed("line")
    step = stepping.start(d, {}, World())
    step = do(d, do(d, step, {}, World()), {}, World())
    with pytest.raises(TaskNotReady):
        do(d, step, {}, World({"weigh": broken}))
    assert open_elements(do(d, step, {}, World())) == ["b"]


def test_peek_shows_the_same_as_the_step_and_asks_nobody() -> None:
    d, world = parsed("agencies"), World({"risk": lambda _: {"level": "LOW"}})
    step = stepping.start(d, {}, world)
    step = stepping.complete(d, step.state, step.tasks[0].id, {"score": 3}, world)
    asked = list(world.asked)
    seen = stepping.peek(d, step.state)
    assert (seen.state, seen.tasks, seen.timers, seen.facts) == (step.state, step.tasks, step.timers, step.facts)
    assert (seen.passed, seen.ended, world.asked) == ((), None, asked)


@pytest.mark.parametrize("kind", ["exclusive", "inclusive"])
def test_a_gateway_without_a_way_refuses_the_step(kind: str, ungated: None) -> None:
    p = Draw()
    p.start()
    p.user("a")
    p.gate(kind, "g")
    p.end("e1")
    p.end("e2")
    p.chain("start", "a", "g")
    p.flow("g", "e1", "x == 1")
    p.flow("g", "e2", "x == 2")
    d, world = definition.parse("p", document(p)), World()
    step = stepping.start(d, {}, world)
    with pytest.raises(NoWayOn) as refused:
        stepping.complete(d, step.state, step.tasks[0].id, {"x": 3}, world)
    assert refused.value.params == {"element": "g"}


def test_a_drawing_that_runs_in_circles_is_stopped(ungated: None) -> None:
    p = Draw()
    p.start()
    p.gate("exclusive", "m", "g")
    p.perform("again", "try.again")
    p.end("end")
    p.chain("start", "m", "again", "g")
    p.flow("g", "end", "stop")
    p.flow("g", "m", default=True)
    with pytest.raises(EndlessStep):
        stepping.start(definition.parse("p", document(p)), {"stop": False}, World())


def test_a_case_that_nobody_could_go_on_with_is_refused(ungated: None) -> None:
    p = Draw()
    p.start()
    p.user("a")
    p.user("b")
    p.gate("exclusive", "g")
    p.gate("parallel", "join")
    p.end("end")
    p.chain("start", "g")
    p.flow("g", "a", "left")
    p.flow("g", "b", default=True)
    p.chain("a", "join", "end")
    p.chain("b", "join")
    d, world = definition.parse("p", document(p)), World()
    step = stepping.start(d, {"left": True}, world)
    with pytest.raises(DeadEnd):
        stepping.complete(d, step.state, step.tasks[0].id, {}, world)


def test_an_error_of_the_library_becomes_ours_without_its_text(monkeypatch: pytest.MonkeyPatch) -> None:
    d, world = parsed("returns"), World()
    step = stepping.start(d, {}, world)

    def fail(_task: Any) -> bool:
        raise stepping.SpiffWorkflowException("the secret 510104")

    monkeypatch.setattr(d.processes[0].spec.task_specs["a"], "_run_hook", fail)
    with pytest.raises(StepFailed) as refused:
        stepping.complete(d, step.state, step.tasks[0].id, {}, world)
    assert "510104" not in str(refused.value)


class TestManyInstances:
    """多实例: everybody on a list is asked."""

    def test_each_instance_is_a_task_of_its_own_with_its_own_item(self) -> None:
        d, world = parsed("many_parallel"), World()
        step = stepping.start(d, {"people": ["no0", "no1", "no2"]}, world)
        assert open_elements(step) == ["v", "v", "v"]
        assert {facts["one"] for _, facts in facts_by_token(d, step.state).values()} == {"no0", "no1", "no2"}

    def test_the_item_stays_with_the_instance_and_the_answers_reach_the_process(self) -> None:
        d, world = parsed("many_sequential"), World()
        step = stepping.start(d, {"people": ["no0", "no1"]}, world)
        for answer in (7, 8):
            step = stepping.complete(d, step.state, step.tasks[0].id, {"x_v": answer}, world)
        assert (open_elements(step), step.facts) == (["after"], {"people": ["no0", "no1"], "all_v": [7, 8]})

    def test_nobody_on_the_list_means_nobody_is_asked(self) -> None:
        d, world = parsed("many_parallel"), World()
        assert open_elements(stepping.start(d, {"people": []}, world)) == ["after"]

    @pytest.mark.parametrize(
        ("name", "facts"),
        [
            ("many_parallel", {}),
            ("many_parallel", {"people": "abc"}),
            ("many_sequential", {"people": 3}),
            ("many_counted", {"n": 64}),
            ("many_counted", {"n": -2}),
            ("many_counted_sequential", {"n": True}),
        ],
    )
    def test_what_is_no_list_and_no_number_of_instances_is_refused(self, name: str, facts: dict[str, Any]) -> None:
        with pytest.raises(NotInstances):
            stepping.start(parsed(name), facts, World())

    def test_an_instance_without_its_answer_is_refused(self) -> None:
        d, world = parsed("many_parallel"), World()
        step = stepping.start(d, {"people": ["no0"]}, world)
        with pytest.raises(NotInstances) as refused:
            stepping.complete(d, step.state, step.tasks[0].id, {}, world)
        assert "x_v" in str(refused.value)
