"""Saved states: small, light, bound to their drawing, and never guessed at."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

import pytest

from engine.flow import codec, definition, stepping
from engine.flow.faults import HeavyFacts, StateUnreadable
from engine.flow.light import MAX_BYTES, MAX_ITEMS, light
from tests.engine.flow.drawings import MODELS
from tests.engine.flow.world import World, facts_by_token, task_id


def parsed(name: str) -> definition.ParsedDefinition:
    return definition.parse("p", MODELS[name].bpmn)


def test_a_state_begins_with_its_format_and_names_no_element() -> None:
    d = parsed("reminded")
    state = stepping.start(d, {}, World()).state
    assert state[:1] == codec.FORMAT
    assert len(state) < 120
    for element in d.elements:
        if len(element) > 2:
            assert element.encode() not in state


def test_a_running_state_holds_what_is_open_and_little_else() -> None:
    """Four parallel agencies with clocks and a dozen routing facts stay below one kilobyte."""
    d = parsed("agencies")
    facts = {f"fact_{i}": f"value {i}" for i in range(12)}
    step = stepping.start(d, facts, World(MODELS["agencies"].answers))
    step = stepping.complete(d, step.state, step.tasks[0].id, {"score": 1}, World(MODELS["agencies"].answers))
    assert len(step.tasks) == 3
    assert len(step.state) < 1_000


def test_the_state_of_an_ended_case_is_its_end_and_its_facts() -> None:
    d = parsed("returns")
    step = stepping.start(d, {"village": "A1"}, World())
    step = stepping.complete(d, step.state, step.tasks[0].id, {}, World())
    step = stepping.complete(d, step.state, step.tasks[0].id, {"b_says": "NO"}, World())
    saved = codec.decode(step.state, d)
    assert (saved.ended, saved.facts, saved.nets) == ("refused", {"village": "A1", "b_says": "NO"}, [])
    assert stepping.peek(d, step.state).facts == saved.facts


def test_facts_survive_the_difference_to_the_token_above_in_value_and_type() -> None:
    """1 and True are equal in Python; a fact that changed from one to the other must not come back as it was."""
    d = parsed("returns")
    step = stepping.start(d, {"flag": 1, "gone": None, "names": ["甲", "乙"]}, World())
    step = stepping.complete(d, step.state, step.tasks[0].id, {"flag": True}, World())
    ((_, facts),) = facts_by_token(d, step.state).values()
    assert facts["flag"] is True
    assert (facts["gone"], facts["names"]) == (None, ["甲", "乙"])


def test_a_list_belongs_to_one_token() -> None:
    """What one branch does to its list is not seen in another after a load."""
    d = parsed("parallel")
    step = stepping.start(d, {"names": ["甲"]}, World())
    step = stepping.complete(d, step.state, task_id(step, "a"), {"names": ["甲", "乙"]}, World())
    lists = {element: facts["names"] for element, facts in facts_by_token(d, step.state).values()}
    assert lists == {"a2": ["甲", "乙"], "b": ["甲"], "c": ["甲"]}


@pytest.mark.parametrize("other", ["parallel", "reminded"])
def test_a_state_is_not_read_with_another_drawing(other: str) -> None:
    state = stepping.start(parsed("returns"), {}, World()).state
    with pytest.raises(StateUnreadable):
        stepping.peek(parsed(other), state)


def test_another_edition_of_a_drawing_with_the_same_steps_reads_the_state() -> None:
    """A renamed step or a moved box changes the digest, not the numbering of the steps."""
    bpmn = MODELS["returns"].bpmn
    renamed = definition.parse("p", bpmn.replace(b'id="a"', b'id="a" name="X"'))
    state = stepping.start(parsed("returns"), {}, World()).state
    assert stepping.peek(renamed, state).tasks[0].element == "a"


@pytest.mark.parametrize("spoil", [lambda s: b"", lambda s: b"\x02" + s[1:], lambda s: b"{}", lambda s: s + b"\x00"])
def test_an_unknown_or_broken_state_is_refused(spoil: Callable[[bytes], bytes]) -> None:
    d = parsed("returns")
    with pytest.raises(StateUnreadable):
        codec.decode(spoil(stepping.start(d, {}, World()).state), d)


def test_no_beginning_of_a_state_is_taken_for_a_state() -> None:
    d = parsed("agencies")
    state = stepping.start(d, {"a": [1, 2]}, World()).state
    for length in range(len(state)):
        with pytest.raises(StateUnreadable):
            codec.decode(state[:length], d)


def test_a_sub_process_without_its_owner_is_a_broken_state() -> None:
    d = parsed("subprocess")
    step = stepping.start(d, {}, World())
    step = stepping.complete(d, step.state, step.tasks[0].id, {}, World())
    saved = codec.decode(step.state, d)
    (_, table, rows) = saved.nets[1]
    saved.nets[1] = (4_711, table, rows)
    with pytest.raises(StateUnreadable):
        codec.build(saved, d, None)


class Opinion(StrEnum):
    GO = "GO"


@pytest.mark.parametrize(
    "value", [None, True, 0, -(2**62), "", "推荐", ["a", 1, None, False], [], ("a",), Opinion.GO], ids=repr
)
def test_light_values_are_kept(value: Any) -> None:
    facts: dict[str, Any] = {}
    light(facts, {"x": value})
    assert facts["x"] == (list(value) if isinstance(value, tuple) else value)
    assert type(facts["x"]) in {type(None), bool, int, str, list}


@pytest.mark.parametrize(
    "value",
    [0.5, Decimal("1.00"), date(2026, 3, 8), b"x", {"a": 1}, {1}, [[1]], [{"a": 1}], [0.5], 2**63, object(), "长" * 700,
     ["x"] * (MAX_ITEMS + 1), ["x" * 100] * 30],
    ids=lambda v: type(v).__name__,
)  # fmt: skip
def test_anything_else_is_refused_and_changes_nothing(value: Any) -> None:
    facts = {"kept": 1}
    with pytest.raises(HeavyFacts) as refused:
        light(facts, {"good": 1, "bad": value})
    assert facts == {"kept": 1}
    assert "bad" in str(refused.value)
    assert "长长" not in str(refused.value)


@pytest.mark.parametrize("name", ["", "with space", "1st", "a.b", "a-b"])
def test_a_fact_has_a_name_that_an_expression_could_read(name: str) -> None:
    with pytest.raises(HeavyFacts):
        light({}, {name: 1})


def test_the_limit_counts_all_facts_of_the_token_together() -> None:
    facts: dict[str, Any] = {}
    for number in range(40):
        light(facts, {f"fact_{number:02}": "x" * 40})
    with pytest.raises(HeavyFacts):
        light(facts, {"last": "x" * 200})
    assert len(facts) == 40
    assert 48 * len(facts) < MAX_BYTES


@pytest.mark.parametrize(
    "door", [0, 1, 2, 3, 4], ids=["at the start", "from a person", "next", "decision", "operation"]
)
def test_heavy_facts_enter_by_no_door(door: int) -> None:
    heavy = [{"story": "x" * 3_000} if place == door else {} for place in range(5)]
    world = World({"weigh": lambda _: heavy[3], "do.it": lambda _: heavy[4]})
    d = parsed("line")

    def walk() -> None:
        step = stepping.start(d, heavy[0], world)
        for facts in (heavy[1], heavy[2], {}):
            step = stepping.complete(d, step.state, step.tasks[0].id, facts, world)

    with pytest.raises(HeavyFacts):
        walk()
