"""Whatever is returned or withdrawn at random, a case stays whole: it can always be worked to an end.

``HALFSKY_TEST_WALKS`` multiplies the number of walks.
"""

from __future__ import annotations

import os
from random import Random
from typing import Any

import pytest

from engine.flow import stepping
from engine.flow.drawing import Drawing, read_drawing
from engine.flow.faults import TargetRefused
from engine.flow.hardened_xml import read_xml
from tests.engine.flow.drawings import MODELS, Model
from tests.engine.flow.world import World, tree_size

WALKS = 30 * int(os.environ.get("HALFSKY_TEST_WALKS", "1"))
BUSY, LONGEST = 30, 400


def around(drawing: Drawing, element: str) -> set[str]:
    """`element` and the sub-processes it lies in."""
    found = set()
    while element in drawing.nodes:
        found.add(element)
        element = drawing.nodes[element].scope
    return found


class Walk:
    def __init__(self, model: Model, seed: str) -> None:
        self.model = model
        self.d = model.parse()
        self.drawing = read_drawing(read_xml(model.bpmn))
        self.rnd = Random(seed)
        self.world = World(model.answers)
        self.step = stepping.start(self.d, model.first(self.rnd), self.world)
        self.moved = 0

    def check(self) -> None:
        """Every clock watches something that is open; nobody's task is there twice; the tree stays small."""
        ids = [t.id for t in (*self.step.tasks, *self.step.timers)]
        assert len(ids) == len(set(ids))
        active = {e for task in self.step.tasks for e in around(self.drawing, task.element)}
        active |= {
            e for timer in self.step.timers for e in around(self.drawing, timer.element) if not timer.attached_to
        }
        assert {t.attached_to for t in self.step.timers} <= active | {None}
        assert tree_size(self.d, self.step.state) < 60

    def complete(self) -> None:
        task = self.rnd.choice(self.step.tasks)
        facts: dict[str, Any] = {f"x_{task.element}": self.rnd.randint(0, 9)}
        facts |= self.model.choices.get(task.element, lambda _: {})(self.rnd)
        self.step = stepping.complete(self.d, self.step.state, task.id, facts, self.world)

    def fire(self) -> None:
        timer = self.rnd.choice(self.step.timers)
        self.step = stepping.fire(self.d, self.step.state, timer.id, self.world)

    def move(self) -> None:
        targets = [n.id for n in self.drawing.nodes.values() if n.kind == "userTask"]
        target = self.rnd.choice(sorted(targets))
        branch = self.rnd.choice([None, *(t.id for t in self.step.tasks)])
        try:
            self.step = stepping.goto(self.d, self.step.state, target, {}, self.world, from_task=branch)
        except TargetRefused:
            return
        self.moved += 1
        opened = {t.element for t in self.step.tasks}
        assert target in opened or target in self.model.instances  # nobody on the list: nobody is asked

    def go(self) -> int:
        for count in range(LONGEST):
            self.check()
            if self.step.ended is not None:
                return self.moved
            chance = self.rnd.random()
            if count < BUSY and chance < 0.3:
                self.move()
            elif self.step.timers and (not self.step.tasks or chance < 0.45):
                self.fire()
            elif self.step.tasks:
                self.complete()
        raise AssertionError("the case does not come to an end")


@pytest.mark.parametrize("name", MODELS)
def test_a_case_moved_at_random_can_always_be_worked_to_an_end(name: str) -> None:
    moved = sum(Walk(MODELS[name], f"{name} {seed}").go() for seed in range(WALKS))
    assert moved > 0 or name == "many_subprocesses"
