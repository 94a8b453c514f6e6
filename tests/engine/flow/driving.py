"""A case in a test drawing, driven by element names."""

from __future__ import annotations

from typing import Any

from engine.flow import definition, stepping
from tests.engine.flow.drawings import MODELS
from tests.engine.flow.world import World, open_elements, task_id, timers


class Case:
    """The methods return the case itself, so that a story reads in one line."""

    def __init__(self, drawing: str | bytes, **facts: Any) -> None:
        self.d = definition.parse("p", MODELS[drawing].bpmn if isinstance(drawing, str) else drawing)
        self.world = World(MODELS[drawing].answers if isinstance(drawing, str) else {})
        self.step = stepping.start(self.d, facts, self.world)

    def done(self, *elements: str, **facts: Any) -> Case:
        for element in elements:
            self.step = stepping.complete(self.d, self.step.state, task_id(self.step, element), facts, self.world)
        return self

    def fired(self, element: str) -> Case:
        timer = next(t.id for t in self.step.timers if t.element == element)
        self.step = stepping.fire(self.d, self.step.state, timer, self.world)
        return self

    def goto(self, target: str, branch: str | None = None, **facts: Any) -> Case:
        of = None if branch is None else task_id(self.step, branch)
        self.step = stepping.goto(self.d, self.step.state, target, facts, self.world, from_task=of)
        return self

    @property
    def open(self) -> list[str]:
        return open_elements(self.step)

    @property
    def timers(self) -> list[str]:
        return timers(self.step)
