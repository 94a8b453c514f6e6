"""A day that comes closes nothing by itself: a person acts first, or the wait ends no more than its own branch."""

from __future__ import annotations

from pathlib import Path

import pytest

import bpmn
from engine.flow.gate import check
from tests.engine.flow.bpmn_text import (
    chain,
    drawing,
    end,
    flow,
    node,
    parallel,
    service,
    start,
    terminate,
    timer,
    user,
    xor,
)

WAIT = node("intermediateCatchEvent", "X", timer('"P5D"', "timeDuration"))
DRAWN = sorted(Path(bpmn.__file__).parent.glob("*.bpmn"))

PASSES = {
    "a wait before a person": drawing(start(), WAIT, user("T_A"), end(), chain("S", "X", "T_A", "E")),
    "a wait that reminds and ends its own branch": drawing(
        start(), parallel("P"), WAIT, service("A", "toy.remind"), end("E2"), user("T_A"), terminate(),
        chain("S", "P", "X", "A", "E2"), chain("P", "T_A", "E"),
    ),
    "a person after a wait in a sub-process": drawing(
        start(), node("subProcess", "SP", start("S2") + WAIT + end("E2") + chain("S2", "X", "E2")), user("T_A"), end(),
        chain("S", "SP", "T_A", "E"),
    ),
}  # fmt: skip
REFUSED = {
    "the only way ends": drawing(start(), WAIT, end(), chain("S", "X", "E")),
    "everything is ended": drawing(
        start(), parallel("P"), WAIT, service("A", "toy.refuse"), terminate(), user("T_A"), end("E2"),
        chain("S", "P", "X", "A", "E"), chain("P", "T_A", "E2"),
    ),
    "a gateway lets it end": drawing(
        start(), WAIT, xor("G", "F_G_E"), user("T_A"), end(),
        chain("S", "X", "G"), flow("G", "T_A", "x"), flow("G", "E"), chain("T_A", "E"),
    ),
    "a sub-process ends with it": drawing(
        start(), node("subProcess", "SP", start("S2") + WAIT + end("E2") + chain("S2", "X", "E2")), end(), chain("S", "SP", "E"),
    ),
    "one wait after another": drawing(
        start(), user("T_A"), WAIT, node("intermediateCatchEvent", "Y", timer('"P1D"', "timeDuration")), end(),
        chain("S", "T_A", "X", "Y", "E"),
    ),
}  # fmt: skip


def closing(xml: bytes) -> list[str]:
    return [str(found) for found in check(xml) if "不经人工任务就会办结此件" in str(found)]


@pytest.mark.parametrize("name", PASSES)
def test_a_wait_that_closes_nothing_passes(name: str) -> None:
    assert check(PASSES[name]) == []


@pytest.mark.parametrize("name", REFUSED)
def test_a_day_that_would_close_the_case_is_refused(name: str) -> None:
    assert closing(REFUSED[name])


def test_the_refusal_names_the_end_and_the_timer_in_both_languages() -> None:
    (found,) = check(REFUSED["the only way ends"])
    assert str(found) == "E：定时器 X 一到，不经人工任务就会办结此件；到期后须先由人办理"
    assert {"element", "timer"} <= set(found.params)


@pytest.mark.parametrize("path", DRAWN, ids=[path.name for path in DRAWN])
def test_our_own_drawings_let_no_day_decide(path: Path) -> None:
    assert check(path.read_bytes()) == []
