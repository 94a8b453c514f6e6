"""Soundness: for each fault the smallest drawing that has it, and for each sound shape that nothing is claimed against it."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.flow.marking import MAX_SAME
from engine.flow.soundness import MAX_STATES, examine, report_lines
from tests.engine.flow.bpmn_text import (
    chain,
    clock,
    drawing,
    end,
    flow,
    inclusive,
    late,
    node,
    parallel,
    process,
    service,
    simple,
    start,
    terminate,
    timer,
    user,
    xor,
)

BPMN = Path(__file__).parents[3] / "bpmn"


def errors(bpmn: bytes, **options: object) -> list[tuple[str, str]]:
    return [(finding.element, str(finding.message)) for finding in examine(bpmn, **options).errors]


def warnings(bpmn: bytes) -> list[tuple[str, str]]:
    return [(f.element, str(f.message)) for f in examine(bpmn).findings if f.level == "warning"]


def fan(split: str, join: str, *tasks: str) -> bytes:
    """S → split → the tasks → join → E."""
    ways = "".join(
        user(t)
        + late(t)
        + flow("G", t, "x" if 'default="D"' in split and i else None, "D" if i == 0 else f"W{i}")
        + flow(t, "J")
        for i, t in enumerate(tasks)
    )
    return drawing(start(), split, join, end(), chain("S", "G"), ways, flow("J", "E"))


def inside(*parts: str, boundary: str = "") -> bytes:
    """S → sub-process of the parts → E."""
    return drawing(start(), node("subProcess", "SP", "".join(parts)), end(), chain("S", "SP", "E"), boundary)


LOOP = drawing(
    start(),
    user("T_A"),
    late("T_A"),
    xor("G", "D"),
    end(),
    chain("S", "T_A", "G"),
    flow("G", "T_A", "again"),
    flow("G", "E", key="D"),
)
SOUND = {
    "one task": simple(),
    "nothing but a start and an end": drawing(start(), end(), chain("S", "E")),
    "a return loop": LOOP,
    "a parallel block": fan(parallel("G"), parallel("J"), "T_A", "T_B", "T_C"),
    "an exclusive block": fan(xor("G", "D"), xor("J"), "T_A", "T_B"),
    "an inclusive block": fan(inclusive("G", "D"), inclusive("J"), "T_A", "T_B", "T_C"),
    "a parallel block in a loop": drawing(
        start(), xor("M"), parallel("P1"), user("T_A"), late("T_A"), user("T_B"), late("T_B"), parallel("P2"), xor("G", "D"), end(),
        chain("S", "M", "P1", "T_A", "P2", "G"), chain("P1", "T_B", "P2"), flow("G", "M", "again"), flow("G", "E", key="D"),
    ),
    "a sub-process with its own end": inside(start("S2"), end("E2"), chain("S2", "E2")),
    "terminate ends the other branch": drawing(
        start(), parallel("P1"), user("T_A"), late("T_A"), user("T_B"), late("T_B"), parallel("P2"), xor("G", "D"), terminate("X"), end(),
        chain("S", "P1", "T_A", "G"), flow("G", "X", "stop"), flow("G", "P2", key="D"), chain("P1", "T_B", "P2", "E"),
    ),
    "an interrupting timer to a person": drawing(
        start(), user("T_A"), late("T_A"), clock("T_A", "B", interrupting=True), user("T_B"), late("T_B"), end(),
        chain("S", "T_A", "E"), chain("B", "T_B", "E"),
    ),
    "a timer that ends a sub-process with work inside": drawing(
        start(), node("subProcess", "SP", start("S2") + parallel("P") + user("T_A") + late("T_A") + user("T_B") + late("T_B") + parallel("Q") + end("E2")
                      + chain("S2", "P", "T_A", "Q", "E2") + chain("P", "T_B", "Q")),
        clock("SP", "B", interrupting=True), user("T_C"), late("T_C"), end(), chain("S", "SP", "E"), chain("B", "T_C", "E"),
    ),
    "a called process": drawing(
        start(), node("callActivity", "C", "", 'calledElement="q"'), end(), chain("S", "C", "E"),
        more=process("q", start("S2"), user("T_Q"), late("T_Q"), end("E2"), chain("S2", "T_Q", "E2"), lanes={"Z": ["T_Q"]}),
    ),
    "the same process called twice": drawing(
        start(), parallel("P"), node("callActivity", "C1", "", 'calledElement="q"'), node("callActivity", "C2", "", 'calledElement="q"'), parallel("Q"), end(),
        chain("S", "P", "C1", "Q", "E"), chain("P", "C2", "Q"),
        more=process("q", start("S2"), user("T_Q"), late("T_Q"), end("E2"), chain("S2", "T_Q", "E2"), lanes={"Z": ["T_Q"]}),
    ),
    "a race of two waits": drawing(
        start(), node("eventBasedGateway", "G"), node("intermediateCatchEvent", "C1", timer()), node("intermediateCatchEvent", "C2", timer()), end(),
        chain("S", "G", "C1", "E"), chain("G", "C2", "E"),
    ),
    "an inclusive join that a loop inside a branch can still reach": drawing(
        start(), inclusive("I", "D"), user("T_A"), late("T_A"), user("T_B"), late("T_B"), xor("G", "H"), inclusive("J"), end(),
        flow("S", "I"), flow("I", "T_A", "a"), flow("I", "T_B", key="D"), chain("T_A", "G"), flow("G", "T_A", "again"), flow("G", "J", key="H"), chain("T_B", "J", "E"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_drawing_is_left_alone(name: str) -> None:
    report = examine(SOUND[name])
    assert report.findings == ()
    assert report.can_always_end
    assert report.complete
    assert report.unreachable == ()
    assert report.states >= 1


def around(*parts: str) -> bytes:
    return drawing(start(), end(), *parts)


T = "".join(user(t) + late(t) for t in ("T_A", "T_B"))
FAULTY: dict[str, tuple[bytes, str, str, bool]] = {
    # name: drawing, element, sentence, whether every path still ends
    "a parallel join behind an exclusive split waits for ever": (
        fan(xor("G", "D"), parallel("J"), "T_A", "T_B"), "J", "可能永远等不到", False,
    ),
    "an exclusive merge behind a parallel split runs the rest twice": (
        around(parallel("G"), T, xor("J"), user("T_C"), late("T_C"), chain("S", "G", "T_A", "J", "T_C", "E"), chain("G", "T_B", "J")),
        "T_C", "可能同时有两份", True,
    ),
    "a loop without a way out": (
        around(xor("M"), T, chain("S", "M", "T_A", "T_B", "M")), "T_A", "没有通向结束的路径", False,
    ),
    "a loop without a way out beside one that ends": (
        around(xor("G", "D"), T, flow("S", "G"), flow("G", "E", key="D"), flow("G", "T_A", "x"), chain("T_A", "T_B", "T_A")),
        "T_A", "没有通向结束的路径", False,
    ),
    "a step nobody can reach": (simple(user("T_X"), late("T_X"), flow("T_X", "E")), "T_X", "到不了", True),
    "a clock on an automatic step, which never waits": (
        around(service("A"), clock("A", "B"), T, chain("S", "A", "E"), chain("B", "T_A", "T_B", "E")), "T_A", "到不了", True,
    ),
    "a branch that only a dead step feeds": (
        around(parallel("P"), T, parallel("Q"), user("T_X"), late("T_X"), chain("S", "P", "T_A", "Q", "E"), chain("P", "T_B", "Q"), flow("T_X", "Q")),
        "Q", "可能永远等不到 F_T_X_Q", False,
    ),
    "a loop without a person": (
        around(xor("M"), service("A"), xor("G", "D"), chain("S", "M", "A", "G"), flow("G", "M", "x"), flow("G", "E", key="D")),
        "M", "循环中没有人工任务", True,
    ),
    "a loop that makes more and more tokens": (
        around(xor("M"), user("T_A"), late("T_A"), parallel("P"), chain("S", "M", "T_A", "P", "M"), flow("P", "T_A")), "T_A", "没有上限", False,
    ),
    "a sub-process entered twice at once": (
        around(parallel("P"), node("subProcess", "SP", start("S2") + user("T_Z") + late("T_Z") + end("E2") + chain("S2", "T_Z", "E2")),
               flow("S", "P"), flow("P", "SP", key="W1"), flow("P", "SP", key="W2"), flow("SP", "E")),
        "SP", "可能同时有两份", False,
    ),
    "a join inside a sub-process that waits for ever": (
        inside(start("S2"), xor("G", "D"), T, parallel("J"), end("E2"), flow("S2", "G"), flow("G", "T_A", "x"), flow("G", "T_B", key="D"), chain("T_A", "J", "E2"), flow("T_B", "J")),
        "J", "可能永远等不到", False,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTY)
def test_a_fault_is_found_where_it_is(name: str) -> None:
    bpmn, element, sentence, ends = FAULTY[name]
    assert any(e == element and sentence in text for e, text in errors(bpmn)), errors(bpmn)
    assert examine(bpmn).can_always_end is ends


@pytest.mark.parametrize(
    ("form", "lanes", "sentence"),
    [
        ("", None, "人工任务没有表单（halfsky:form）"),
        ("apply", {}, "人工任务不在任何泳道中，没有人可以办理"),
    ],
)
def test_a_user_task_without_form_or_lane_is_an_error(
    form: str, lanes: dict[str, list[str]] | None, sentence: str
) -> None:
    bpmn = drawing(start(), user("T_A", form=form), late("T_A"), end(), chain("S", "T_A", "E"), lanes=lanes)
    assert errors(bpmn) == [("T_A", sentence)]


def test_a_user_task_without_clock_is_a_warning() -> None:
    bare = drawing(start(), user("T_A"), end(), chain("S", "T_A", "E"))
    assert [element for element, text in warnings(bare) if "没有期限" in text] == ["T_A"]
    fixed = drawing(
        start(),
        user("T_A"),
        clock("T_A", body=timer('"P3D"', "timeDuration")),
        end(),
        flow("BT_T_A", "E"),
        chain("S", "T_A", "E"),
    )
    assert [element for element, text in warnings(fixed) if "没有期限" in text] == ["T_A"]


def test_a_form_nobody_knows_is_an_error_when_the_forms_are_known() -> None:
    assert errors(simple(), forms={"apply"}) == []
    assert errors(simple(), forms=set()) == [("T_A", "没有名为 apply 的表单")]


def test_a_condition_on_a_fact_that_nobody_supplies_is_an_error() -> None:
    assert errors(LOOP, supplied={"again"}) == []
    assert errors(LOOP, supplied={"other"}) == [("F_G_T_A", "没有表单、决策或操作提供事实“again”")]


def test_a_list_of_instances_that_nobody_supplies_is_an_error() -> None:
    loop = "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopDataInputRef>members</bpmn:loopDataInputRef></bpmn:multiInstanceLoopCharacteristics>"
    bpmn = drawing(start(), user("T_A", body=loop), late("T_A"), end(), chain("S", "T_A", "E"))
    assert errors(bpmn, supplied=()) == [("T_A", "没有表单、决策或操作提供事实“members”")]


def test_a_condition_that_is_no_expression_is_an_error_and_no_crash() -> None:
    broken = drawing(start(), xor("G", "D"), end(), flow("S", "G"), flow("G", "E", "x.y", "W"), flow("G", "E", key="D"))
    assert "x.y" in dict(errors(broken, supplied=()))["W"]


def test_branches_that_end_apart_are_lawful_but_worth_a_look() -> None:
    apart = drawing(start(), parallel("P"), T, end(), end("E2"), chain("S", "P", "T_A", "E"), chain("P", "T_B", "E2"))
    assert examine(apart).can_always_end
    assert warnings(apart) == [("P", "分出的各支没有再汇合")]


def test_reminders_that_may_pile_up_in_a_loop_are_only_a_warning() -> None:
    bpmn = drawing(
        start(), user("T_A"), late("T_A"), clock("T_A", "B"), user("T_R"), late("T_R"), end("E2"), chain("B", "T_R", "E2"),
        xor("G", "D"), end(), chain("S", "T_A", "G"), flow("G", "T_A", "again"), flow("G", "E", key="D"),
    )  # fmt: skip
    assert warnings(bpmn) == [("T_R", "定时器引出的这一步可能同时有多份")]
    assert examine(bpmn).can_always_end


@pytest.mark.parametrize("bpmn", [b"", b"<a/>", drawing(), drawing(start(), attributes=""), b"<!DOCTYPE a><a/>"])
def test_what_cannot_be_read_or_started_is_reported_and_never_raises(bpmn: bytes) -> None:
    report = examine(bpmn)
    assert report.errors
    assert not report.can_always_end
    assert not report.complete


def test_a_drawing_with_loose_ends_is_explored_as_far_as_it_goes() -> None:
    loose = drawing(
        start(),
        user("T_A"),
        flow("S", "T_A"),
        flow("T_A", "GONE"),
        node("boundaryEvent", "B"),
        flow("GONE", "T_A", key="W"),
    )
    assert "B" in examine(loose).unreachable


def test_too_many_states_give_an_honest_report() -> None:
    wide = fan(parallel("G"), parallel("J"), *[f"T_{i}" for i in range(16)])
    report = examine(wide)
    assert not report.complete
    assert not report.can_always_end
    assert report.states <= 2 * MAX_STATES
    assert any("未能证明总能结束" in str(f.message) for f in report.findings)
    assert report.errors == ()  # not knowing is not a fault of the drawing


def test_ten_parallel_tasks_are_still_explored_whole() -> None:
    report = examine(fan(parallel("G"), parallel("J"), *[f"T_{i}" for i in range(10)]))
    assert report.states == 2**10
    assert report.complete


def test_a_process_that_calls_itself_does_not_turn_for_ever() -> None:
    report = examine(drawing(start(), node("callActivity", "C", "", 'calledElement="p"'), end(), chain("S", "C", "E")))
    assert report.errors
    assert MAX_SAME == 2


def test_the_report_reads_as_lines_in_the_readers_language() -> None:
    bpmn = fan(xor("G", "D"), parallel("J"), "T_A", "T_B")
    lines = report_lines(examine(bpmn))
    assert lines[0].startswith("错误 J: 汇合处可能永远等不到 ")
    assert lines[-1].startswith("查了 ")
    assert report_lines(examine(simple())) == ["查遍 2 个状态，每条路径都能结束。"]
    english = {"查遍 {states} 个状态，每条路径都能结束。": "{states} states, every path can end."}
    assert report_lines(examine(simple()), lambda text: english.get(text, text)) == ["2 states, every path can end."]


@pytest.mark.parametrize("path", sorted(BPMN.glob("*.bpmn")), ids=lambda path: path.stem)
def test_every_drawing_of_the_house_is_sound(path: Path) -> None:
    report = examine(path.read_bytes())
    assert report.errors == ()
    assert report.can_always_end
