"""The exploration of any drawing ends soon, and says honestly when it did not see everything."""

from __future__ import annotations

import time

import pytest

from engine.flow.soundness import examine
from tests.engine.flow.bpmn_text import chain, drawing, end, flow, inclusive, late, node, parallel, start, user, xor

SECONDS = 20.0  # of one core; measured: under 2
MESH = [flow(f"I{i}", f"I{j}", "a", key=f"f{i}_{j}") for i in range(20) for j in range(20) if (i + j) % 3 == 0]
RUNAWAY = {
    "every way of an inclusive mesh": drawing(
        start(), end(), *[inclusive(f"I{i}") for i in range(20)], flow("S", "I0"), *MESH, flow("I19", "E")
    ),
    "splits that feed splits": drawing(
        start(), end(), *[node("parallelGateway", f"P{i}") for i in range(60)],
        *[flow(f"P{i}", f"X{i}", key=f"a{i}") + flow(f"P{i}", f"X{i}", key=f"b{i}") + xor(f"X{i}") + flow(f"X{i}", f"P{i + 1}") for i in range(59)],
        flow("S", "P0"), flow("P59", "E"),
    ),
    "a join that one branch reaches again and again": drawing(
        start(), parallel("P"), user("T_A"), late("T_A"), parallel("Q"), user("T_B"), late("T_B"), parallel("J"), end(),
        chain("S", "P", "T_A", "Q", "J", "E"), flow("Q", "T_A"), chain("P", "T_B", "J"),
    ),
    "twenty tasks, each with a reminder": drawing(
        start(), parallel("P"), parallel("J"), end(), chain("S", "P"), chain("J", "E"),
        *[user(f"T{i}") + late(f"T{i}") + chain("P", f"T{i}", "J") for i in range(20)],
    ),
    "sub-processes nine levels deep": drawing(
        start(), "".join(f'<bpmn:subProcess id="s{i}">{start(f"S{i}")}{end(f"E{i}")}{chain(f"S{i}", f"s{i + 1}" if i < 9 else f"E{i}")}' for i in range(10)),
        "".join(f"{flow(f's{i}', f'E{i - 1}')}</bpmn:subProcess>" if i else "</bpmn:subProcess>" for i in range(9, -1, -1)).replace("</bpmn:subProcess>", "", 1)
        + "</bpmn:subProcess>", end(), chain("S", "s0", "E"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", RUNAWAY)
def test_it_ends_soon_and_does_not_claim_what_it_did_not_see(name: str) -> None:
    began = time.process_time()
    report = examine(RUNAWAY[name])
    assert time.process_time() - began < SECONDS
    assert not report.complete
    assert not report.can_always_end
    assert any("未能证明总能结束" in str(finding.message) for finding in report.findings)
