"""What the library runs wrongly, or silently not at all (engine.md §1.1, §1.2): right here, or refused at the door.

Right, with tests of their own: the join in a loop (test_join), depth (test_loops), stale timers and the reset after a
join (test_goto), shared specs (test_definition). The rest stands here.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from lxml import etree

from engine.errors import RefusedDefinition
from engine.flow import definition, gate, stepping
from tests.engine.flow.drawing import BPMN, Draw, document
from tests.engine.flow.world import World, facts_by_token, open_elements, task_id

_B = f"{{{BPMN}}}"


def _child(p: Draw, of: str, *tags: str, **attributes: str) -> etree._Element:
    element = next(e for e in p.root.iter() if e.get("id") == of)
    for tag in tags:
        element = etree.SubElement(element, _B + tag)
    element.attrib.update(attributes)
    return element


def line(*middle: str) -> Draw:
    """start → a → (middle) → end"""
    p = Draw()
    p.start()
    p.user("a")
    p.end("end")
    p.chain("start", "a", *middle, "end")
    return p


def _event(kind: str, node: str = "intermediateCatchEvent") -> Callable[[], Draw]:
    def draw() -> Draw:
        p = line("x")
        p.node(node, "x")
        _child(p, "x", f"{kind}EventDefinition")
        return p

    return draw


def _on_boundary(kind: str) -> Callable[[], Draw]:
    def draw() -> Draw:
        p = line()
        p.node("boundaryEvent", "x", attachedToRef="a", cancelActivity="true")
        _child(p, "x", f"{kind}EventDefinition")
        p.user("b")
        p.end("end_b")
        p.chain("x", "b", "end_b")
        return p

    return draw


def _node(kind: str) -> Callable[[], Draw]:
    def draw() -> Draw:
        p = line("x")
        p.node(kind, "x")
        return p

    return draw


def _event_sub_process(triggered: str) -> Callable[[], Draw]:
    def draw() -> Draw:
        p = line()
        inner = p.inside("sub")
        inner.root.set("triggeredByEvent", triggered)
        inner.start("s2")
        inner.end("e2")
        inner.chain("s2", "e2")
        return p

    return draw


def _conditional_flow_out_of_a_task() -> Draw:
    p = Draw()
    p.start()
    p.user("a")
    p.end("end")
    p.end("other")
    p.flow("start", "a")
    p.flow("a", "end", "v == 1")
    p.flow("a", "other", "v == 2")
    return p


def _loop(*tags: str, text: str = "") -> Callable[[], Draw]:
    def draw() -> Draw:
        p = line()
        if "completionCondition" in tags:
            p.many("a", over="people")
            loop = p.root.find(f".//{_B}multiInstanceLoopCharacteristics")
            assert loop is not None
            etree.SubElement(loop, _B + "completionCondition").text = text
        else:
            _child(p, "a", *tags).text = text
        return p

    return draw


def _cycle() -> Draw:
    p = line()
    p.late("late", "a")
    p.end("end_late")
    p.chain("late", "end_late")
    timer = p.root.find(f".//{_B}timerEventDefinition")
    assert timer is not None
    timer[0].tag = _B + "timeCycle"
    timer[0].text = '"R3/PT1H"'
    return p


def _timed(source: str) -> Callable[[], Draw]:
    def draw() -> Draw:
        p = line()
        p.late("late", "a", source)
        p.end("end_late")
        p.chain("late", "end_late")
        return p

    return draw


def _script_before_a_task() -> Draw:
    p = line()
    holder = _child(p, "a", "extensionElements")
    script = etree.SubElement(holder, "{http://spiffworkflow.org/bpmn/schema/1.0/core}preScript")
    script.text = "import os; os.system('id')"
    return p


REFUSED: dict[str, Callable[[], Draw]] = {
    "a complex gateway": _node("complexGateway"),
    "a script": _node("scriptTask"),
    "a script before a task, which the library would run": _script_before_a_task,
    "a transaction": _node("transaction"),
    "an ad-hoc sub-process": _node("adHocSubProcess"),
    "an event sub-process, which changes the shared drawing": _event_sub_process("true"),
    "an event sub-process that says it is none, which the library takes for one": _event_sub_process("false"),
    "compensation, which the library silently ignores": _event("compensate", "intermediateThrowEvent"),
    "a link, which the library silently ignores": _event("link", "intermediateThrowEvent"),
    "a message nobody can deliver": _event("message"),
    "a signal nobody can deliver": _event("signal"),
    "a condition event": _event("conditional"),
    "a message on a step": _on_boundary("message"),
    "a signal on a step": _on_boundary("signal"),
    "an error on a step": _on_boundary("error"),
    "an escalation on a step": _on_boundary("escalation"),
    "a cancellation on a step": _on_boundary("cancel"),
    "an event gateway": _node("eventBasedGateway"),
    "a receive task": _node("receiveTask"),
    "conditions on the flows out of a task": _conditional_flow_out_of_a_task,
    "a completion condition, which sees only the last instance": _loop("completionCondition", text="'y' in all_a"),
    "a standard loop": _loop("standardLoopCharacteristics", "loopCondition", text="again"),
    "a clock that repeats, which hides what it began": _cycle,
    "a duration without quotes": _timed("P3D"),
    "a duration that is none, which the library finds out while running": _timed('"3 days"'),
    "a date that is computed": _timed("due(key)"),
}


@pytest.mark.parametrize("draw", REFUSED.values(), ids=REFUSED)
def test_what_the_library_gets_wrong_is_refused_when_it_is_uploaded(draw: Callable[[], Draw]) -> None:
    bpmn = document(draw())
    assert gate.check(bpmn)
    with pytest.raises(RefusedDefinition):
        definition.parse("p", bpmn)


def test_a_multi_instance_step_can_come_round_again() -> None:
    """The library leaves the last item behind and then refuses: "input item already exists", "output must be empty"."""
    p = Draw()
    p.start()
    p.gate("exclusive", "merge", "g")
    p.user("v")
    p.many("v", over="people", sequential=True)
    p.end("end")
    p.chain("start", "merge", "v", "g")
    p.flow("g", "merge", "more")
    p.flow("g", "end", default=True)
    d, world = definition.parse("p", document(p)), World()
    step = stepping.start(d, {"people": ["no0", "no1"], "more": True}, world)
    for answer in (1, 2, 3, 4):
        step = stepping.complete(d, step.state, step.tasks[0].id, {"x_v": answer}, world)
        assert open_elements(step) == ["v"]
    assert step.facts["all_v"] == []  # a new round begins with no answers


@pytest.mark.parametrize("order", [("a", "b"), ("b", "a")], ids="".join)
def test_what_a_branch_changed_wins_over_what_another_only_carried_along(order: tuple[str, str]) -> None:
    """In the library the last to arrive overrides everything, and lists are mixed and cut to the length of one."""
    p = Draw()
    p.start()
    p.gate("parallel", "split", "join")
    for ident in ("a", "b", "after"):
        p.user(ident)
    p.end("end")
    p.chain("start", "split", "a", "join", "after", "end")
    p.chain("split", "b", "join")
    d, world = definition.parse("p", document(p)), World()
    step = stepping.start(d, {"missing": ["户口簿", "合影"], "opinion": "OLD", "seen": 0}, world)
    answers = {"a": {"both": "a"}, "b": {"missing": ["身份证"], "opinion": "NEW", "seen": False, "both": "b"}}
    for element in order:
        step = stepping.complete(d, step.state, task_id(step, element), answers[element], world)
    assert step.facts == {"missing": ["身份证"], "opinion": "NEW", "seen": False, "both": order[1]}
    assert step.facts["seen"] is False


def test_an_instance_does_not_take_back_what_another_changed() -> None:
    p = Draw()
    p.start()
    inner = p.inside("sub")
    inner.start("s2")
    inner.user("a")
    inner.end("e2")
    inner.chain("s2", "a", "e2")
    p.many("sub", over="people", collect=False)
    p.user("after")
    p.end("end")
    p.chain("start", "sub", "after", "end")
    d, world = definition.parse("p", document(p)), World()
    step = stepping.start(d, {"people": ["no0", "no1"], "opinion": "OLD"}, world)
    step = stepping.complete(d, step.state, step.tasks[0].id, {"opinion": "NEW"}, world)
    step = stepping.complete(d, step.state, step.tasks[0].id, {}, world)
    assert step.facts == {"people": ["no0", "no1"], "opinion": "NEW"}


def test_an_inclusive_join_waits_for_a_sub_process_whose_way_is_not_yet_decided() -> None:
    """The library does not see a running sub-process behind which a choice still lies ahead."""
    p = Draw()
    p.start()
    p.gate("inclusive", "split", "join")
    p.gate("exclusive", "g", "m")
    inner = p.inside("sub")
    inner.start("s2")
    inner.user("in1")
    inner.end("e2")
    inner.chain("s2", "in1", "e2")
    for ident in ("a", "b", "x", "y", "after"):
        p.user(ident)
    p.end("end")
    p.chain("start", "split")
    p.flow("split", "a", "True")
    p.flow("split", "sub", "1 == 1")
    p.flow("split", "b", default=True)
    p.chain("b", "join")
    p.chain("a", "join", "after", "end")
    p.chain("sub", "g")
    p.flow("g", "x", "odd")
    p.flow("g", "y", default=True)
    p.chain("x", "m")
    p.chain("y", "m", "join")
    d, world = definition.parse("p", document(p)), World()
    step = stepping.start(d, {"odd": True}, world)
    step = stepping.complete(d, step.state, task_id(step, "a"), {}, world)
    assert open_elements(step) == ["in1"]
    step = stepping.complete(d, step.state, task_id(step, "in1"), {}, world)
    assert open_elements(step) == ["x"]
    step = stepping.complete(d, step.state, task_id(step, "x"), {}, world)
    assert open_elements(step) == ["after"]


def test_a_waiting_event_keeps_the_facts_it_arrived_with() -> None:
    """A token reads the one above it once. Asked again after pruning, it would fall back to facts of an earlier step."""
    p = Draw()
    p.start()
    p.gate("parallel", "split", "join")
    p.user("a")
    p.user("b")
    p.wait("pause")
    p.user("after")
    p.end("end")
    p.chain("start", "split", "a", "pause", "join", "after", "end")
    p.chain("split", "b", "join")
    d, world = definition.parse("p", document(p)), World()
    step = stepping.start(d, {"opinion": "OLD"}, world)
    step = stepping.complete(d, step.state, task_id(step, "a"), {"opinion": "NEW"}, world)
    step = stepping.complete(d, step.state, task_id(step, "b"), {}, world)
    step = stepping.fire(d, step.state, step.timers[0].id, world)
    ((_, facts),) = facts_by_token(d, step.state).values()
    assert facts["opinion"] == "NEW"
