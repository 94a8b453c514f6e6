"""A case begun in any earlier release can be worked to its end in this one (see README.md)."""

from __future__ import annotations

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from engine.flow import definition, stepping
from engine.flow.drawing import read_drawing
from engine.flow.hardened_xml import read_xml
from engine.flow.marking import RESTING
from tests.engine.flow.world import World
from tests.saved_states.recording import BPMN, act, seen

HERE = Path(__file__).parent
FILES = sorted(HERE.glob("*/*.json"))


class Replay(World):
    """Gives the recorded answers, in the recorded order."""

    def __init__(self, answers: list[list[Any]]) -> None:
        super().__init__()
        self.left = list(answers)

    def _answer(self, kind: str, name: str, facts: dict[str, Any]) -> dict[str, Any]:
        recorded, given = self.left.pop(0)
        assert name == recorded
        return dict(given)


def test_the_release_this_code_belongs_to_is_recorded() -> None:
    assert {path.stem for path in FILES if path.parent.name == "0.1.0"} >= {"loan", "agencies", "line"}


@pytest.mark.parametrize("drawing", sorted(BPMN.glob("*.bpmn")), ids=lambda path: path.stem)
def test_every_step_a_case_can_wait_at_has_an_archived_state(drawing: Path) -> None:
    """A new drawing, or a new step of an old one, is archived by ``python -m tests.saved_states.recording <release> <name>``."""
    nodes = read_drawing(read_xml(drawing.read_bytes())).nodes.values()
    waits = {node.id for node in nodes if node.kind in RESTING} | {node.id for node in nodes if node.timer is not None}
    archived: set[str] = set()
    for path in HERE.glob(f"*/{drawing.stem}.json"):
        for entry in json.loads(path.read_text(encoding="utf-8"))["states"]:
            archived |= set(entry["seen"]["tasks"]) | {element for element, _ in entry["seen"]["timers"]}
    assert waits - archived == set()


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_saved_state_opens_as_it_was_and_runs_to_the_same_end(path: Path) -> None:
    saved = json.loads(path.read_text(encoding="utf-8"))
    d = definition.parse(saved["key"], saved["bpmn"].encode())
    assert saved["states"]
    for entry in saved["states"]:
        step = stepping.peek(d, b64decode(entry["state"]))
        assert seen(step) == entry["seen"]
        for onward in entry["onward"]:
            world = Replay(onward["answers"])
            step = act(d, step, onward["do"], world)
            assert seen(step) == onward["then"]
            assert list(step.passed) == onward["passed"]
            assert world.left == []
        assert step.ended is not None
