"""A drawing is read once: what it says of its elements, how it is recognised, and how many threads share it."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from random import Random

import pytest

from engine.errors import RefusedDefinition
from engine.flow import definition, gate, stepping
from engine.flow.definition import DefinitionCache, ElementInfo
from tests.engine.flow import stock
from tests.engine.flow.drawing import POST, Draw, document
from tests.engine.flow.drawings import MODELS
from tests.engine.flow.world import World


def test_elements_carry_what_people_see_and_the_engine_asks() -> None:
    d = definition.parse("p", MODELS["interrupted"].bpmn)
    assert d.elements["a"] == ElementInfo(
        id="a", name="", kind="userTask", lane=POST, form="note", sla="clock", documentation=""
    )
    assert (d.elements["g"].kind, d.elements["g"].lane, d.elements["g"].form) == ("exclusiveGateway", None, None)
    assert d.elements["back"].kind == "boundaryEvent"
    assert d.elements["back"].lane == POST  # it belongs to the post of the step it watches


def test_of_several_clocks_on_a_step_the_one_that_only_reminds_is_its_deadline() -> None:
    p = Draw()
    p.start()
    p.user("a")
    p.user("b")
    p.late("takes_back", "a", "due('later')", interrupting=True)
    p.late("reminds", "a", "due('first')")
    for ident in ("end", "end_b", "late_a"):
        p.end(ident)
    p.chain("start", "a", "end")
    p.chain("takes_back", "b", "end_b")
    p.chain("reminds", "late_a")
    d = definition.parse("p", document(p))
    assert (d.elements["a"].sla, d.elements["b"].sla) == ("first", None)


def test_a_step_in_a_sub_process_belongs_to_the_lane_of_the_sub_process_unless_it_has_its_own() -> None:
    p = Draw()
    p.start()
    inner = p.inside("sub")
    inner.start("s2")
    inner.user("a")
    inner.node("manualTask", "by_hand")
    inner.end("e2")
    inner.chain("s2", "a", "by_hand", "e2")
    p.people.append("sub")
    p.end("end")
    p.chain("start", "sub", "end")
    d = definition.parse("p", document(p))
    assert (d.elements["by_hand"].lane, d.elements["a"].lane) == (POST, POST)


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("line", set()),
        ("returns", {"b_says", "c_says"}),
        ("inclusive", {"way_a", "way_b", "way_c"}),
        ("many_parallel", {"people"}),
        ("many_counted", {"n"}),
        ("subprocess_in_subprocess", {"again", "repeat"}),
        ("agencies", {"level", "again", "reopen"}),
    ],
)
def test_the_routing_facts_are_the_names_its_expressions_read(name: str, facts: set[str]) -> None:
    assert definition.parse("p", MODELS[name].bpmn).facts == facts


def test_the_digest_knows_the_drawing_not_its_handwriting() -> None:
    bpmn = MODELS["returns"].bpmn
    digest = definition.parse("p", bpmn).digest
    assert len(digest) == 64
    declared = b'<?xml version="1.0" encoding="UTF-8"?>\n<!-- drawn again -->\n' + bpmn
    spaced = bpmn.replace(b' id="', b'  id = "')
    assert {definition.parse("p", again).digest for again in (declared, spaced)} == {digest}
    assert definition.parse("p", bpmn.replace(b"c_says == 1", b"c_says == 2")).digest != digest


def test_a_drawing_the_gate_refuses_is_refused_with_every_reason() -> None:
    p = Draw()
    p.start()
    p.node("scriptTask", "s")
    p.node("complexGateway", "c")
    p.end("end")
    p.chain("start", "s", "c", "end")
    with pytest.raises(RefusedDefinition) as refused:
        definition.parse("p", document(p))
    assert [str(m) for m in refused.value.refusals] == [str(m) for m in gate.check(document(p))]
    assert len(refused.value.refusals) >= 2


def test_the_process_asked_for_must_be_in_the_file() -> None:
    with pytest.raises(RefusedDefinition):
        definition.parse("another", MODELS["returns"].bpmn)


@pytest.mark.parametrize(
    "kind", ["scriptTask", "transaction", "adHocSubProcess", "receiveTask", "intermediateThrowEvent"]
)
def test_even_without_the_gate_an_element_we_do_not_know_cannot_be_read(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "check", lambda _: [])
    p = Draw()
    p.start()
    p.node(kind, "x")
    p.end("end")
    p.chain("start", "x", "end")
    with pytest.raises(RefusedDefinition):
        definition.parse("p", document(p))


class TestCache:
    def test_a_drawing_is_loaded_once_and_the_least_recently_used_leaves(self) -> None:
        asked: list[int] = []

        def load(ident: int) -> tuple[str, bytes]:
            asked.append(ident)
            return "p", MODELS["line"].bpmn

        cache = DefinitionCache(load, size=2)
        first = cache.get(1)
        assert cache.get(1) is first
        cache.get(2)
        cache.get(1)
        cache.get(3)  # 2 leaves
        assert cache.get(1) is first
        cache.get(2)
        assert asked == [1, 2, 3, 2]

    def test_threads_get_equal_drawings_and_no_error(self) -> None:
        cache = DefinitionCache(lambda ident: ("p", MODELS[sorted(MODELS)[ident]].bpmn), size=3)
        with ThreadPoolExecutor(4) as pool:
            got = list(pool.map(cache.get, [i % 5 for i in range(60)]))
        assert [d.digest for d in got] == [cache.get(i % 5).digest for i in range(60)]


def _snapshot(d: definition.ParsedDefinition) -> str:
    """Everything a spec holds, subscribers of its events included."""
    return json.dumps(
        [
            [table.name, name, {k: repr(v) for k, v in vars(spec).items() if not k.endswith("_event")},
             [vars(spec)[e].n_subscribers() for e in vars(spec) if e.endswith("_event")]]
            for table in d.processes
            for name, spec in zip(table.index, table.specs, strict=True)
        ]
    )  # fmt: skip


def _work(d: definition.ParsedDefinition, name: str, seed: str) -> list[tuple[str, ...]]:
    """One case at random from start to end; returns what was passed, step by step."""
    model, rnd = MODELS[name], Random(seed)
    world = World(model.answers)
    step = stepping.start(d, model.first(rnd), world)
    passed = [step.passed]
    for _ in range(200):
        if step.ended is not None:
            break
        if step.timers and (not step.tasks or rnd.random() < 0.2):
            step = stepping.fire(d, step.state, rnd.choice(step.timers).id, world)
        else:
            task = rnd.choice(step.tasks)
            facts = {f"x_{task.element}": 1, **model.choices.get(task.element, lambda _: {})(rnd)}
            step = stepping.complete(d, step.state, task.id, facts, world)
        passed.append(step.passed)
    return passed


@pytest.mark.parametrize("name", MODELS)
def test_no_case_changes_the_drawing_all_cases_share(name: str) -> None:
    """The library connects callbacks to shared specs at run time; ours are complete when the drawing is read."""
    d = MODELS[name].parse()
    before = _snapshot(d)
    for seed in range(3):
        _work(d, name, f"{seed}")
    assert _snapshot(d) == before


def test_four_threads_on_one_drawing_work_as_one_does() -> None:
    names = ["agencies", "many_timed", "subprocess_in_subprocess", "inclusive_longer"]
    shared = {name: MODELS[name].parse() for name in names}
    jobs = [(name, f"{seed}") for seed in range(12) for name in names]
    alone = [_work(MODELS[n].parse(), n, s) for n, s in jobs]
    barrier = threading.Barrier(4, timeout=60)

    def work(part: int) -> list[list[tuple[str, ...]]]:
        barrier.wait()
        return [_work(shared[n], n, s) for n, s in jobs[part::4]]

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(work, range(4)))
    assert [results[i % 4][i // 4] for i in range(len(jobs))] == alone


def test_the_plain_library_still_runs_beside_ours_untouched() -> None:
    """Nothing of the library is patched: ids there are UUIDs, its trees keep their history and its own classes."""
    definition.parse("p", MODELS["returns"].bpmn)
    case = stock.StockCase(MODELS["returns"].bpmn, {}, {})
    case.complete(case.open_tasks()[0], {})
    assert all(type(t).__module__ == "SpiffWorkflow.task" for t in case.flow.tasks.values())
    assert {type(t.id).__name__ for t in case.flow.tasks.values()} == {"UUID"}
