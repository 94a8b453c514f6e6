"""The surroundings of test drawings: every answer is a function of the facts, every question is written down."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from engine.flow import codec
from engine.flow.definition import ParsedDefinition
from engine.flow.tree import READY

Answers = Mapping[str, Callable[[dict[str, Any]], dict[str, Any]]]
NOON = datetime(2026, 3, 8, 4, tzinfo=UTC)


class World:
    """Implements `Surroundings`; `asked` lists what the drawing asked for, in order."""

    def __init__(self, answers: Answers | None = None, now: datetime = NOON) -> None:
        self.answers = answers or {}
        self.now = now
        self.asked: list[tuple[str, str]] = []

    def _answer(self, kind: str, name: str, facts: dict[str, Any]) -> dict[str, Any]:
        self.asked.append((kind, name))
        return self.answers.get(name, lambda _: {})(facts)

    def decide(self, decision: str, facts: dict[str, Any]) -> dict[str, Any]:
        return self._answer("decide", decision, facts)

    def perform(self, operation: str, facts: dict[str, Any]) -> dict[str, Any]:
        return self._answer("perform", operation, facts)

    def due(self, sla: str, _element: str) -> datetime:
        self.asked.append(("due", sla))
        return self.now + timedelta(days=3)


def open_elements(step: Any) -> list[str]:
    return sorted(task.element for task in step.tasks)


def timers(step: Any) -> list[str]:
    return sorted(timer.element for timer in step.timers)


def task_id(step: Any, element: str) -> int:
    return next(task.id for task in step.tasks if task.element == element)


def timer_id(step: Any, element: str) -> int:
    return next(timer.id for timer in step.timers if timer.element == element)


def facts_by_token(d: ParsedDefinition, state: bytes) -> dict[int, tuple[str, dict[str, Any]]]:
    """Open task → (element, the facts of its token), read from the saved state itself."""
    return {
        row[codec.ID]: (table.specs[row[codec.SPEC]].element, facts)
        for _, table, rows in codec.decode(state, d).nets
        for row, facts in codec.facts_of_rows(rows)
        if row[codec.STATE] == READY
    }


def tree_size(d: ParsedDefinition, state: bytes) -> int:
    return sum(len(rows) for _, _, rows in codec.decode(state, d).nets)
