"""The test drawings of the flow: one per element (or combination) that the gate lets through.

Each model is the BPMN file and what people may answer: element → function of a random generator giving facts. Whatever
a person answers, she also leaves ``x_<element>``, so that merges of facts can be compared.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from engine.flow.definition import ParsedDefinition, parse
from tests.engine.flow.drawing import Draw, document
from tests.engine.flow.world import Answers

Choice = Callable[[Random], dict[str, Any]]


@dataclass(frozen=True)
class Model:
    bpmn: bytes
    choices: dict[str, Choice] = field(default_factory=dict)
    answers: Answers = field(default_factory=dict)
    first: Choice = lambda _: {}  # the facts the case begins with
    instances: frozenset[str] = frozenset()  # elements that run once for each item
    parts_in_a_loop: bool = False  # tokens part, and meet again at a join or end, in every round of a loop
    key: str = "p"

    def parse(self) -> ParsedDefinition:
        return parse(self.key, self.bpmn)


MODELS: dict[str, Model] = {}


def one_of(name: str, *values: Any) -> Choice:
    return lambda rnd: {name: rnd.choice(values)}


def model(fn: Callable[[Draw], Any]) -> None:
    p = Draw("p")
    p.start()
    made = fn(p) or {}
    processes = made.pop("processes", ())
    MODELS[fn.__name__] = Model(document(p, *processes), **made)


def mediation(inner: Draw, suffix: str) -> None:
    inner.start("s" + suffix)
    inner.user("m" + suffix)
    inner.user("r" + suffix)
    inner.gate("exclusive", "g" + suffix)
    inner.end("e" + suffix)
    inner.chain("s" + suffix, "m" + suffix, "r" + suffix, "g" + suffix)
    inner.flow("g" + suffix, "m" + suffix, "again")
    inner.flow("g" + suffix, "e" + suffix, default=True)
