"""The gate for drawings: each rule with the smallest drawing that breaks it, and the sentence a person reads."""

from __future__ import annotations

import pytest

from engine.flow.elements import UNPROVEN_ELEMENTS
from engine.flow.gate import MAX_REFUSALS, check
from tests.engine.flow.bpmn_text import (
    HEAD,
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
    rule,
    service,
    simple,
    start,
    terminate,
    timer,
    user,
    xor,
)


def refusals(bpmn: bytes, **options: object) -> list[str]:
    return [str(message) for message in check(bpmn, **options)]


def between(*parts: str, keys: tuple[str, ...] = ("X",)) -> bytes:
    """S → the given steps → E, and nothing else."""
    return drawing(start(), *parts, end(), chain("S", *keys, "E"))


def split(*conditions: str | None, kind: str = "exclusiveGateway", default: str = "") -> bytes:
    """S → G with one way for each condition → T0, T1 … → E."""
    ways = "".join(
        user(f"T{i}") + flow("G", f"T{i}", c, f"W{i}") + flow(f"T{i}", "E") for i, c in enumerate(conditions)
    )
    return drawing(start(), node(kind, "G", "", f'default="{default}"' if default else ""), flow("S", "G"), ways, end())


ACCEPTED = {
    "a task with its clock": simple(),
    "every plain step": between(
        service("A"), rule("B"), node("task", "C"), node("manualTask", "D"), keys=("A", "B", "C", "D")
    ),
    "a split with a default": split("x == 'A'", None, default="W1"),
    "a split whose conditions cannot both fail": split("eligible", "not eligible"),
    "a split on a value and its opposite": split("x == 'A'", "x != 'A'"),
    "conditions over several lines": split("a ==\n 'A'\r\n and b", "not\u3000(a == 'A' and b)"),
    "a split at a limit": split("x < 3", "x >= 3"),
    "an inclusive split with a default": split("a", "b", None, kind="inclusiveGateway", default="W2"),
    "a parallel split": split(None, None, kind="parallelGateway"),
    "a quoted duration": simple(clock("T_A", "B2", timer('"P3DT2H"', "timeDuration")), end("E2"), flow("B2", "E2")),
    "a timer that asks a person": simple(clock("T_A", "B2", interrupting=True), user("T_B"), chain("B2", "T_B", "E")),
    "a person inside a sub-process first": simple(
        clock("T_A", "B2", interrupting=True),
        node("subProcess", "SP", start("S2") + user("T_B") + end("E2") + chain("S2", "T_B", "E2")),
        chain("B2", "SP", "E"),
    ),
    "a called process in the same file": drawing(
        start(), node("callActivity", "C", "", 'calledElement="q"'), end(), chain("S", "C", "E"),
        more=process("q", start("S2"), user("T_Q"), end("E2"), chain("S2", "T_Q", "E2"), lanes={"Z": ["T_Q"]}),
    ),
    "terminate": drawing(start(), terminate(), chain("S", "E")),
    "a plain wait": between(node("intermediateCatchEvent", "X", timer('"P5D"', "timeDuration")), user("T_A"), keys=("X", "T_A")),
    "notes and documentation": simple(
        "<bpmn:documentation>说明 &lt;b&gt;</bpmn:documentation>",
        '<bpmn:textAnnotation id="note"><bpmn:text>注</bpmn:text></bpmn:textAnnotation>',
        '<bpmn:association id="as" sourceRef="note" targetRef="T_A" associationDirection="None"/>',
    ),
    "a tool's own mark on the file": simple().replace(b'id="defs"', b'id="defs" xmlns:m="urn:m" m:version="1" exporter="x"'),
}  # fmt: skip


@pytest.mark.parametrize("name", ACCEPTED)
def test_what_is_proven_passes(name: str) -> None:
    assert refusals(ACCEPTED[name]) == []


def multi(body: str) -> bytes:
    return simple().replace(
        b'halfsky:form="apply">',
        f'halfsky:form="apply"><bpmn:multiInstanceLoopCharacteristics>{body}</bpmn:multiInstanceLoopCharacteristics>'.encode(),
    )


NO_ACT = "到期不得自动作出决定"
REFUSED: dict[str, tuple[bytes, str]] = {
    "no process": (f"{HEAD}</bpmn:definitions>".encode(), "没有可执行的流程"),
    "not executable": (drawing(start(), end(), chain("S", "E"), attributes=""), "没有可执行的流程"),
    "two processes to start": (
        drawing(start(), end(), chain("S", "E"), more=process("q", start("S2"), end("E2"), chain("S2", "E2"))), "恰有一个可启动",
    ),
    "a process nobody may run": (
        drawing(start(), end(), chain("S", "E"), more='<bpmn:process id="q"/>'), "恰有一个可启动",
    ),
    "a call to another file": (between(node("callActivity", "X", "", 'calledElement="other"')), "other 不在本文件中"),
    "a process that calls itself": (
        between(node("callActivity", "X", "", 'calledElement="p"')), "调用了自己",
    ),
    "processes that call each other": (
        drawing(start(), node("callActivity", "C", "", 'calledElement="q"'), end(), chain("S", "C", "E"),
                more=process("q", start("S2"), node("callActivity", "D", "", 'calledElement="p"'), end("E2"), chain("S2", "D", "E2"))),
        "流程 p 直接或间接调用了自己",
    ),
    "two conditions outside the list": (split("a.b", "c.d"), "W1：条件：表达式“c.d”未被接受"),
    "no start": (drawing(end(), user("T_A"), flow("T_A", "E")), "须恰有一个开始事件，见到 0 个"),
    "two starts": (simple(start("S2"), flow("S2", "T_A")), "须恰有一个开始事件，见到 2 个"),
    "a start by timer": (drawing(node("startEvent", "S", timer()), end(), chain("S", "E")), "开始事件不得带 timer"),
    "an end by timer": (drawing(start(), end("E", timer()), chain("S", "E")), "结束事件不得带 timer"),
    "a catch of nothing": (between(node("intermediateCatchEvent", "X")), "捕获事件须说明等待什么"),
    "script task": (between(node("scriptTask", "X", "<bpmn:script>1</bpmn:script>")), "脚本一律不允许"),
    "a script hidden in an extension": (
        simple().replace(b'halfsky:form="apply">', b'halfsky:form="apply"><bpmn:extensionElements><p:preScript xmlns:p="urn:x">1</p:preScript></bpmn:extensionElements>'),
        "不允许扩展元素（见到 preScript）",
    ),
    "a foreign element": (simple('<x:thing xmlns:x="urn:x"/>'), "不允许扩展元素（见到 thing）"),
    "a foreign attribute": (simple(node("task", "X", "", 'xmlns:c="urn:c" c:class="Evil"'), flow("X", "E")), "不允许的属性 {urn:c}class"),
    "a form on a service": (between(node("serviceTask", "X", "", 'halfsky:operation="a" halfsky:form="b"')), "不允许的属性 {urn:halfsky:bpmn}form"),
    "compensation": (between(node("intermediateThrowEvent", "X", "<bpmn:compensateEventDefinition/>")), "不支持补偿事件"),
    "a compensating task": (between(node("task", "X", "", 'isForCompensation="true"')), "不允许的属性 isForCompensation"),
    "link event": (between(node("intermediateThrowEvent", "X", '<bpmn:linkEventDefinition name="l"/>')), "不支持链接事件"),
    "complex gateway": (between(node("complexGateway", "X")), "不支持复杂网关"),
    "event sub-process": (simple(node("subProcess", "X", start("S2") + end("E2") + chain("S2", "E2"), 'triggeredByEvent="true"')), "不支持事件子流程"),
    "an event sub-process switched off (the library still runs it)": (
        between(node("subProcess", "X", start("S2") + end("E2") + chain("S2", "E2"), 'triggeredByEvent="false"')), "不支持事件子流程",
    ),
    "ad-hoc": (between(node("adHocSubProcess", "X")), "不支持即席"),
    "transaction": (between(node("transaction", "X", start("S2") + end("E2") + chain("S2", "E2"))), "不支持事务子流程"),
    "cycle timer": (simple(clock("T_A", "B2", timer('"R3/PT1H"', "timeCycle")), end("E2"), flow("B2", "E2")), "不支持循环定时器"),
    "completion condition": (multi("<bpmn:loopCardinality>3</bpmn:loopCardinality><bpmn:completionCondition>x</bpmn:completionCondition>"), "不支持多实例的完成条件"),
    "standard loop": (between(node("task", "X", '<bpmn:standardLoopCharacteristics loopMaximum="3"/>')), "不支持标准循环"),
    "data object": (simple('<bpmn:dataObject id="d"/>'), "不支持数据对象"),
    "data store": (simple('<bpmn:dataStoreReference id="d"/>'), "不支持数据存储"),
    "an unknown element": (simple('<bpmn:choreographyTask id="d"/>'), "d：不支持元素 choreographyTask；可用的步骤："),
    "a condition outside the list": (split("x.__class__", None, default="W1"), "W0：条件：表达式“x.__class__”未被接受"),
    "an empty condition": (split("", None, default="W1"), "W0：条件：表达式“”未被接受"),
    "a clock in a condition": (split("due('a') == x", None, default="W1"), "W0：条件中不得询问期限"),
    "a split that may be closed for a case": (split("x == 'A'", "x == 'B'"), "G：各条件可能都不成立"),
    "conditions that only look like opposites": (split("x == 1 and y == 2", "x != 1 and y != 2"), "G：各条件可能都不成立"),
    "a negation that only looks like one": (split("a and b", "not a and b"), "G：各条件可能都不成立"),
    "an inclusive split that may be closed": (split("a", "b", kind="inclusiveGateway"), "G：各条件可能都不成立"),
    "a way without condition": (split("a", None), "G：去向 W1 既无条件，也不是默认"),
    "a single way with a condition": (drawing(start(), xor("G"), end(), flow("S", "G"), flow("G", "E", "x")), "G：各条件可能都不成立"),
    "a default of somebody else": (split("a", None, default="F_S_G"), "G：默认去向 F_S_G 不是它自己的去向"),
    "a default with a condition": (split("a", "b", default="W1"), "G：默认去向 W1 不得带条件"),
    "a condition behind a task": (drawing(start(), user("T_A"), end(), flow("S", "T_A"), flow("T_A", "E", "x")), "条件只能放在排他或包容网关之后"),
    "a condition behind a parallel gateway": (split("x", None, kind="parallelGateway"), "条件只能放在排他或包容网关之后"),
    "two ways out of a task": (simple(end("E2"), flow("T_A", "E2")), "T_A：有 2 条去向；分流须用网关"),
    "no way out": (drawing(start(), user("T_A"), flow("S", "T_A")), "T_A：没有去向"),
    "a flow from nowhere": (simple(flow("GONE", "E")), "顺序流的一端 GONE 不存在"),
    "a flow to nowhere": (simple(node("task", "X"), flow("X", "GONE")), "顺序流的一端 GONE 不存在"),
    "a flow out of an end": (simple(flow("E", "T_A")), "结束事件 E 之后不得再有去向"),
    "a flow into a start": (simple(node("task", "X"), flow("X", "S")), "S 不得有来路"),
    "a flow into a boundary event": (simple(node("task", "X"), flow("X", "BT_T_A")), "BT_T_A 不得有来路"),
    "a flow across a border": (
        simple(node("subProcess", "SP", start("S2") + end("E2") + chain("S2", "E2")), flow("SP", "E2")), "不得跨越流程或子流程的边界",
    ),
    "duplicate id": (simple(node("task", "T_A"), flow("T_A", "E", key="F2")), "T_A：标识重复"),
    "an id the library uses itself": (drawing(start("Start"), end(), chain("Start", "E")), "Start：标识不允许"),
    "an id like the library's inner names": (between(node("task", "X.EndJoin"), keys=("X.EndJoin",)), "X.EndJoin：标识不允许"),
    "no id": (simple("<bpmn:task/>"), "缺少标识 id"),
    "service without operation": (between(node("serviceTask", "X")), "X（serviceTask）：须有 halfsky:operation"),
    "send without operation": (between(node("sendTask", "X")), "X（sendTask）：须有 halfsky:operation"),
    "an operation that is code": (between(service("X", "os.system('x')")), "须有 halfsky:operation"),
    "rule without decision": (between(node("businessRuleTask", "X")), "X：业务规则任务须有 halfsky:decision"),
    "user task without lane": (drawing(start(), user("T_A"), end(), chain("S", "T_A", "E"), lanes={}), "T_A：人工任务须在一条泳道中"),
    "user task in two lanes": (
        drawing(start(), user("T_A"), end(), chain("S", "T_A", "E"), lanes={"A": ["T_A"], "B": ["T_A"]}), "T_A：同时在两条泳道 A、B 中",
    ),
    "an unquoted duration": (simple(clock("T_A", "B2", timer("P3D", "timeDuration")), end("E2"), flow("B2", "E2")), "时长须加引号"),
    "words for a duration": (simple(clock("T_A", "B2", timer('"3 days"', "timeDuration")), end("E2"), flow("B2", "E2")), "ISO 8601 时长"),
    "no time at all": (simple(clock("T_A", "B2", timer('"PT0S"', "timeDuration")), end("E2"), flow("B2", "E2")), "大于零"),
    "a duration beyond the calendar": (simple(clock("T_A", "B2", timer('"P9999Y"', "timeDuration")), end("E2"), flow("B2", "E2")), "ISO 8601 时长"),
    "half a duration": (simple(clock("T_A", "B2", timer('"P1DT"', "timeDuration")), end("E2"), flow("B2", "E2")), "ISO 8601 时长"),
    "a duration that computes": (simple(clock("T_A", "B2", timer("__import__('os')", "timeDuration")), end("E2"), flow("B2", "E2")), "时长须加引号"),
    "a fixed date": (simple(clock("T_A", "B2", timer('"2026-01-01"')), end("E2"), flow("B2", "E2")), "timeDate 须写作 due('期限名')"),
    "a date that computes": (simple(clock("T_A", "B2", timer("max(due('a'), due('b'))")), end("E2"), flow("B2", "E2")), "timeDate 须写作 due('期限名')"),
    "a date that runs": (simple(clock("T_A", "B2", timer("open('x')")), end("E2"), flow("B2", "E2")), "timeDate 须写作 due('期限名')"),
    "an empty timer": (simple(clock("T_A", "B2", "<bpmn:timerEventDefinition/>"), end("E2"), flow("B2", "E2")), "定时器须有 timeDate 或 timeDuration"),
    "a boundary event on nothing": (simple(clock("GONE", "B2"), end("E2"), flow("B2", "E2")), "边界事件须附着在同一流程的一个步骤上"),
    "a boundary event on a gateway": (simple(xor("G"), chain("G", "E"), clock("G", "B2"), end("E2"), flow("B2", "E2")), "边界事件须附着"),
    "an interrupting timer that ends": (simple(clock("T_A", "B2", interrupting=True), flow("B2", "E")), NO_ACT),
    "a timer that terminates": (simple(clock("T_A", "B2"), terminate("E2"), flow("B2", "E2")), NO_ACT),
    "a timer that acts": (simple(clock("T_A", "B2"), service("A", "loan.approve"), chain("B2", "A", "E")), NO_ACT),
    "a timer that decides by a gateway": (
        simple(clock("T_A", "B2", interrupting=True), xor("G", "F_G_E"), user("T_B"), flow("B2", "G"), flow("G", "T_B", "x"), chain("T_B", "E"), flow("G", "E")),
        NO_ACT,
    ),
    "a timer that completes a join for somebody": (
        drawing(start(), parallel("P1"), user("T_A"), user("T_B"), parallel("P2"), end(), chain("S", "P1", "T_A", "P2", "E"), chain("P1", "T_B", "P2"),
                clock("T_A", "B2"), flow("B2", "P2")),
        NO_ACT,
    ),
    "a timer into a sub-process without a person": (
        simple(clock("T_A", "B2", interrupting=True), node("subProcess", "SP", start("S2") + service("A2") + end("E2") + chain("S2", "A2", "E2")), chain("B2", "SP", "E")),
        NO_ACT,
    ),
    "a silence that wins the race of an event gateway": (
        drawing(start(), node("eventBasedGateway", "G"), node("intermediateCatchEvent", "C", timer()), end(), chain("S", "G", "C", "E")), NO_ACT,
    ),
    "an event gateway before a task": (
        drawing(start(), node("eventBasedGateway", "G"), user("T_A"), end(), chain("S", "G", "T_A", "E")), "事件网关之后只能是捕获事件",
    ),
    "instances without a number": (multi(""), "多实例须恰有一个次数或一个列表"),
    "instances by a script": (multi("<bpmn:loopCardinality>open('x')</bpmn:loopCardinality>"), "多实例次数：表达式“open('x')”未被接受"),
    "instances over an expression": (multi("<bpmn:loopDataInputRef>a.b</bpmn:loopDataInputRef>"), "多实例的数据名“a.b”不允许"),
    "coordinates that are no numbers": (
        simple().replace(b"</bpmn:definitions>", b'<di:BPMNDiagram xmlns:di="http://www.omg.org/spec/BPMN/20100524/DI" id="d"><di:BPMNShape id="s" bpmnElement="T_A"><dc:Bounds xmlns:dc="urn:dc" x="nan" y="1" width="1" height="1"/></di:BPMNShape></di:BPMNDiagram></bpmn:definitions>'),
        "坐标 x 须为数字",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_wrong_is_refused_with_its_sentence(name: str) -> None:
    bpmn, sentence = REFUSED[name]
    assert any(sentence in refusal for refusal in refusals(bpmn)), refusals(bpmn)


@pytest.mark.parametrize("kind", sorted(UNPROVEN_ELEMENTS))
def test_every_unproven_element_is_refused_with_its_own_reason(kind: str) -> None:
    found = refusals(simple(f'<bpmn:{kind} id="x"/>'))
    assert any(f"（{kind}）" in refusal and str(UNPROVEN_ELEMENTS[kind]) in refusal for refusal in found)


def test_every_refusal_comes_at_once() -> None:
    bpmn = drawing(
        start(), node("scriptTask", "X"), rule("R", ""), user("T_A"), end(), chain("S", "X", "R", "T_A", "E"), lanes={}
    )
    assert len(refusals(bpmn)) == 3


def test_a_form_nobody_knows_is_refused_when_the_forms_are_known() -> None:
    assert refusals(simple(), known_forms={"apply"}) == []
    assert refusals(simple(), known_forms={"stamp"}) == ["T_A：没有名为 apply 的表单"]
    assert refusals(between(node("manualTask", "X")), known_forms=set()) == [
        "X（manualTask）：等人办理，却不能有表单；请用 userTask"
    ]
    bare = drawing(start(), user("T_A", form=""), end(), chain("S", "T_A", "E"), late("T_A"))
    assert refusals(bare) == []
    assert refusals(bare, known_forms=set()) == ["T_A：人工任务须有 halfsky:form"]


def test_two_loops_may_use_the_same_name_for_their_item() -> None:
    loop = '<bpmn:multiInstanceLoopCharacteristics><bpmn:loopDataInputRef>members</bpmn:loopDataInputRef><bpmn:inputDataItem id="member"/></bpmn:multiInstanceLoopCharacteristics>'
    assert refusals(between(user("X", body=loop), user("Y", body=loop), keys=("X", "Y"))) == []


def test_a_name_is_quoted_beside_the_id_so_that_the_drawer_finds_it() -> None:
    bpmn = drawing(start(), node("task", "X", "", 'name="核对&#10;材料"'), flow("S", "X"))
    assert "X“核对 材料”：没有去向；请连到下一步或结束事件" in refusals(bpmn)


def test_a_list_of_refusals_stays_readable() -> None:
    found = refusals(simple(*[f'<bpmn:foo id="f{i}"/>' for i in range(MAX_REFUSALS + 50)]))
    assert len(found) == MAX_REFUSALS + 1
    assert found[-1] == "还有更多，未列出"


def test_a_drawing_of_unreadable_size_is_refused() -> None:
    found = refusals(drawing(*[node("task", f"A{i}") for i in range(501)]))
    assert found == ["图中有 501 个步骤或顺序流，超过上限 500"]


def test_a_step_in_a_sub_process_lies_in_the_lane_of_the_sub_process() -> None:
    inside = node("subProcess", "SP", start("S2") + user("T_A") + end("E2") + chain("S2", "T_A", "E2"))
    bpmn = drawing(start(), inside, end(), chain("S", "SP", "E"), lanes={"TOWN_CHAIR": ["SP"]})
    assert refusals(bpmn) == []


def test_a_gate_with_a_nested_lane_gives_the_step_to_the_innermost() -> None:
    lanes = (
        '<bpmn:laneSet id="l"><bpmn:lane id="TOWN"><bpmn:flowNodeRef>T_A</bpmn:flowNodeRef><bpmn:childLaneSet id="c">'
        '<bpmn:lane id="TOWN_CHAIR"><bpmn:flowNodeRef>T_A</bpmn:flowNodeRef></bpmn:lane></bpmn:childLaneSet></bpmn:lane></bpmn:laneSet>'
    )
    assert refusals(drawing(lanes, start(), user("T_A"), end(), chain("S", "T_A", "E"), lanes={})) == []


def test_an_inclusive_gateway_that_only_joins_needs_no_default() -> None:
    bpmn = drawing(
        start(), inclusive("I1", "D"), user("T_A"), user("T_B"), inclusive("I2"), end(), flow("S", "I1"),
        flow("I1", "T_A", "a"), flow("I1", "T_B", key="D"), chain("T_A", "I2", "E"), flow("T_B", "I2"),
    )  # fmt: skip
    assert refusals(bpmn) == []
