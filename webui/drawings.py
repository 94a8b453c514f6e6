"""The drawings as pages speak of them: names of steps and ends, the way a matter takes, and what may come after a step."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import Connection

from engine.flow.drawing import Drawing, read_drawing
from engine.flow.hardened_xml import read_xml
from engine.queries.case_page import drawing_of
from engine.queries.versions import DRAWING, Version, all_in_force
from engine.runtime import Runtime
from webui.runtime import now


@dataclass(frozen=True)
class Next:
    """What may come after a step: the name of the next step or end, under which answers (“退回补正”), and whether it ends."""

    id: str
    name: str
    lane: str | None
    answers: tuple[str, ...]
    ends: bool


class Sketch:
    """One drawing version, read for showing."""

    def __init__(self, bpmn: bytes) -> None:
        self.drawing: Drawing = read_drawing(read_xml(bpmn))

    def name(self, element: str | None) -> str:
        """The Chinese name of an element; its id when it has none."""
        node = self.drawing.nodes.get(element or "")
        return node.name if node is not None and node.name else (element or "")

    def name_of_operation(self, operation: str) -> str:
        """The name of the step that performs an operation."""
        return next((n.name for n in self.drawing.nodes.values() if n.operation == operation), operation)

    def name_of_decision(self, decision: str) -> str:
        """The name of the step that asks a decision table."""
        return next((n.name for n in self.drawing.nodes.values() if n.decision == decision), decision)

    def lane(self, element: str) -> str | None:
        """The post that works on a step."""
        node = self.drawing.nodes.get(element)
        return (node.lane or None) if node is not None else None

    @cached_property
    def steps(self) -> tuple[str, ...]:
        """The user tasks in the order they are drawn."""
        return tuple(n.id for n in self.drawing.nodes.values() if n.kind == "userTask")

    def after(self, element: str) -> tuple[Next, ...]:
        """The steps and ends a step leads to, found by following the flows through everything nobody works on."""
        found: dict[str, Next] = {}
        seen: set[str] = set()

        def follow(node_id: str, answers: tuple[str, ...]) -> None:
            for flow in self.drawing.outgoing.get(node_id, ()):
                named = self._flow_name(flow.id)
                path = (*answers, named) if named else answers
                target = self.drawing.nodes[flow.target]
                if target.kind in ("userTask", "endEvent"):
                    ends = target.kind == "endEvent"
                    found.setdefault(target.id, Next(target.id, target.name, target.lane or None, path, ends))
                elif target.id not in seen:
                    seen.add(target.id)
                    follow(target.id, path)

        follow(element, ())
        return tuple(found.values())

    def _flow_name(self, flow_id: str) -> str:
        return self._flow_names.get(flow_id, "")

    @cached_property
    def _flow_names(self) -> dict[str, str]:
        some = next(iter(self.drawing.nodes.values()))
        root = some.element.getroottree().getroot()
        flows = root.iter("{*}sequenceFlow")
        return {flow.get("id", ""): flow.get("name", "") for flow in flows}


class Sketchbook:
    """The sketches of all processes of one case, asked as one; the newest process answers first."""

    def __init__(self, sketches: Sequence[Sketch]) -> None:
        self._sketches = tuple(reversed(sketches))

    def of(self, element: str | None) -> Sketch:
        """The drawing that holds an element; the newest when none does."""
        return next((s for s in self._sketches if (element or "") in s.drawing.nodes), self._sketches[0])

    def name(self, element: str | None) -> str:
        """As `Sketch.name`."""
        return self.of(element).name(element)

    def name_of_operation(self, operation: str) -> str:
        """As `Sketch.name_of_operation`."""
        return next((n for s in self._sketches if (n := s.name_of_operation(operation)) != operation), operation)

    def name_of_decision(self, decision: str) -> str:
        """As `Sketch.name_of_decision`."""
        return next((n for s in self._sketches if (n := s.name_of_decision(decision)) != decision), decision)


class Sketches:
    """Sketches by definition id; a version never changes, so each is read once."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._read: dict[int, Sketch] = {}

    def of(self, definition_id: int) -> Sketch:
        """The sketch of a stored version."""
        found = self._read.get(definition_id)
        if found is None:
            with self._runtime.reading() as connection:
                found = Sketch(drawing_of(connection, definition_id))
            self._read[definition_id] = found
        return found

    def together(self, definition_ids: Iterable[int]) -> Sketchbook:
        """The sketches of one case."""
        return Sketchbook([self.of(each) for each in definition_ids])


def newest(connection: Connection) -> dict[str, Version]:
    """Process key → the version of its drawing that is in force now."""
    return all_in_force(connection, DRAWING, now())
