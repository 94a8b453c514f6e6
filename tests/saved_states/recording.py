"""Records the saved states of a release: ``python -m tests.saved_states.recording 0.2.0`` (see README.md).

For every test drawing, and for the loan as shipped, cases are worked at random. Each new constellation of open tasks and
running timers is kept with its state, and with everything that was done from there to the end.
"""

from __future__ import annotations

import json
import sys
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import bpmn
from engine.flow import stepping
from engine.flow.definition import ParsedDefinition
from engine.flow.drawing import read_drawing
from engine.flow.hardened_xml import read_xml
from engine.flow.sampling import samples
from tests.engine.flow.drawings import MODELS, Model
from tests.engine.flow.world import World

HERE = Path(__file__).parent
BPMN = Path(bpmn.__file__).parent
SEEDS, MOST, MANY = 60, 40, 3_000


class Witness(World):
    """A world that also keeps its answers."""

    def __init__(self, answers: Mapping[str, Any]) -> None:
        super().__init__(answers)
        self.given: list[list[Any]] = []

    def _answer(self, kind: str, name: str, facts: dict[str, Any]) -> dict[str, Any]:
        given = super()._answer(kind, name, facts)
        self.given.append([name, given])
        return given


def seen(step: stepping.Step) -> dict[str, Any]:
    """What a state shows, in terms that outlive the numbering of tokens."""
    return {
        "tasks": sorted(task.element for task in step.tasks),
        "timers": sorted([timer.element, timer.due_at.isoformat()] for timer in step.timers),
        "facts": step.facts,
        "ended": step.ended,
    }


def act(d: ParsedDefinition, step: stepping.Step, doing: Mapping[str, Any], world: World) -> stepping.Step:
    """Complete the first open task, or fire the first running timer, of the element that `doing` names."""
    if "timer" in doing:
        timer = next(t for t in step.timers if t.element == doing["timer"])
        return stepping.fire(d, step.state, timer.id, world)
    task = next(t for t in step.tasks if t.element == doing["task"])
    return stepping.complete(d, step.state, task.id, doing["facts"], world)


def choose(model: Model, step: stepping.Step, rnd: Random) -> dict[str, Any]:
    if step.timers and (not step.tasks or rnd.random() < 0.25):
        return {"timer": rnd.choice(sorted({t.element for t in step.timers}))}
    element = rnd.choice(sorted({t.element for t in step.tasks}))
    facts = {f"x_{element}": rnd.randint(0, 99), **model.choices.get(element, lambda _: {})(rnd)}
    return {"task": element, "facts": facts}


def walk(model: Model, d: ParsedDefinition, rnd: Random) -> list[dict[str, Any]]:
    """One case from start to end: the state before each act, the act, and what it gave."""
    step = stepping.start(d, model.first(rnd), World(model.answers))
    trail = []
    while step.ended is None:
        world = Witness(model.answers)
        doing = choose(model, step, rnd)
        entry = {"state": b64encode(step.state).decode(), "seen": seen(step), "do": doing}
        step = act(d, step, doing, world)
        trail.append({**entry, "answers": world.given, "passed": step.passed, "then": seen(step)})
    return trail


def record(model: Model, name: str) -> list[dict[str, Any]]:
    """The archive of one drawing: every constellation met, or, of a shipped one, enough to hold each wait state once."""
    d = model.parse()
    states: dict[str, dict[str, Any]] = {}
    shown: set[str] = set()
    for seed in range(SEEDS if name in MODELS else MANY):
        trail = walk(model, d, Random(f"{name} {seed}"))
        for place, entry in enumerate(trail):
            sign = json.dumps([entry["seen"]["tasks"], [element for element, _ in entry["seen"]["timers"]]])
            waits = {*entry["seen"]["tasks"], *(element for element, _ in entry["seen"]["timers"])}
            if sign not in states and len(states) < MOST and (name in MODELS or waits - shown):
                shown |= waits
                onward = [{k: later[k] for k in ("do", "answers", "passed", "then")} for later in trail[place:]]
                states[sign] = {"state": entry["state"], "seen": entry["seen"], "onward": onward}
    return list(states.values())


def shipped() -> dict[str, Model]:
    """A model for every drawing of bpmn/ that has none: people answer whatever its conditions ask for."""
    found = {}
    for path in sorted(BPMN.glob("*.bpmn")):
        if path.stem not in MODELS:
            drawing = read_drawing(read_xml(path.read_bytes()))
            whole = [facts for element in drawing.nodes for facts in samples(drawing, element)]
            known: dict[str, list[Any]] = {}
            for facts in whole:
                for name, value in facts.items():
                    known.setdefault(name, []).append(value)
            choices = {element: _any_of(list(samples(drawing, element))) for element in drawing.nodes}
            found[path.stem] = Model(path.read_bytes(), choices, first=_each_of(known), key=path.stem)
    return found


def _any_of(facts: list[dict[str, Any]]) -> Any:
    return lambda rnd: rnd.choice(facts)


def _each_of(values: dict[str, list[Any]]) -> Any:
    return lambda rnd: {name: rnd.choice(values[name]) for name in sorted(values)}


def main(release: str, *only: str) -> None:
    folder = HERE / release
    folder.mkdir(exist_ok=True)
    models = {**MODELS, **shipped()}
    for name, model in {name: models[name] for name in only or models}.items():
        lines = [json.dumps(state, ensure_ascii=False, sort_keys=True) for state in record(model, name)]
        head = f'{{"key": {json.dumps(model.key)}, "bpmn": {json.dumps(model.bpmn.decode(), ensure_ascii=False)}, "states": [\n'
        (folder / f"{name}.json").write_text(head + ",\n".join(lines) + "\n]}\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
