"""A saved state rebuilt for another version of its drawing: by the names of elements, never by their places.

`Route` knows two versions and converts states between them. Tokens keep their ids, so whoever remembers one (a task, a timer,
a draft) finds it again. What cannot be carried over is an `Obstacle`; nothing is guessed. Timers whose definition is the same
keep their due time; new or changed ones are armed afresh.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgpack

from engine.flow import codec
from engine.flow.carrying import Net, Row, carry
from engine.flow.comparing import loop_of
from engine.flow.drawing import Drawing, Node, read_drawing
from engine.flow.hardened_xml import read_xml
from engine.flow.passed import Passed
from engine.flow.soundness import always_ends
from engine.flow.standing import marking_of

if TYPE_CHECKING:
    from engine.flow.definition import ParsedDefinition, ProcessTable

Due = Callable[[str | None, Any, str], datetime]
_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, order=True)
class Obstacle:
    """Why a state cannot be carried over. Codes: missing, kind, form, loop, called, join, fired, structure, endless, ended."""

    code: str
    element: str


@dataclass(frozen=True)
class Verdict:
    """What would become of one state. `skipped`: elements behind the tokens that the case would never see.

    `rearmed`: timers that start anew; `relaned`: open steps whose lane is another one.
    """

    obstacles: tuple[Obstacle, ...] = ()
    skipped: tuple[str, ...] = ()
    rearmed: tuple[str, ...] = ()
    relaned: tuple[str, ...] = ()


@dataclass
class Route:
    """From one version of a drawing to another, with explicit names where ids differ. Safe for threads: only caches change."""

    old: ParsedDefinition
    new: ParsedDefinition
    old_bpmn: bytes = field(repr=False)
    new_bpmn: bytes = field(repr=False)
    renamed: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.before: Drawing = read_drawing(read_xml(self.old_bpmn))
        self.after: Drawing = read_drawing(read_xml(self.new_bpmn))
        self._verdicts: dict[Any, Verdict] = {}

    def target(self, element: str) -> str:
        """What an element of the old drawing is called in the new one, whether it exists there or not."""
        return self.renamed.get(element, element)

    def difference(self, element: str) -> str | None:
        """Why a token may not stand on the counterpart of `element`: missing, kind, form, loop or called; None when it may."""
        old, new = self.before.nodes[element], self.after.nodes.get(self.target(element))
        if new is None:
            return "missing"
        if (old.kind, old.event, old.attached_to != "") != (new.kind, new.event, new.attached_to != ""):
            return "kind"
        if old.form != new.form:
            return "form"
        if (loop_of(old), old.signing) != (loop_of(new), new.signing):
            return "loop"
        return "called" if old.called != new.called else None

    def same_timer(self, element: str) -> bool:
        """Whether the timer event keeps its definition, and with it its due time."""
        old, new = self.before.nodes[element], self.after.nodes.get(self.target(element))
        return new is not None and (old.timer, old.interrupting) == (new.timer, new.interrupting)

    @cached_property
    def passed(self) -> Passed:
        """What a case may have passed, for telling what it would never see."""
        return Passed(self.before, self.after, self.renamed)

    def verdict(self, state: bytes, visited: frozenset[str]) -> Verdict:
        """Whether a state could be carried over, for a case that has had the steps `visited` (old ids)."""
        saved = codec.decode(state, self.old)
        if saved.ended is not None:
            return Verdict((Obstacle("ended", saved.ended),))
        shape = (_shape(saved), visited)
        known = self._verdicts.get(shape)
        if known is None:
            known = self._verdicts[shape] = self._judge(saved, visited)
        return known

    def _judge(self, saved: codec.Saved, visited: frozenset[str]) -> Verdict:
        nets, obstacles, rearmed = carry(self, saved, lambda _key, _duration, _step: _ANY_TIME)
        if obstacles:
            return Verdict(tuple(sorted(Obstacle(*each) for each in obstacles)))
        marking = marking_of(nets, self.after)
        if marking is not None and not always_ends(self.after, marking):
            stands = min(token.node for token in marking)
            return Verdict((Obstacle("endless", stands),))
        here = {row.element for net in nets for row in net.rows if row.element and not row.finished}
        skipped = self.passed.skipped(here, visited)
        relaned = tuple(sorted(e for e in here if self._relaned(e)))
        seats = [Obstacle("loop", e) for e in relaned if self.after.nodes[e].signing]
        return Verdict(tuple(seats), skipped=skipped, rearmed=tuple(sorted(rearmed)), relaned=relaned)

    def _relaned(self, element: str) -> bool:
        back = {new: old for old, new in self.renamed.items()}
        old: Node | None = self.before.nodes.get(back.get(element, element))
        return old is not None and old.lane != self.after.nodes[element].lane

    def move(self, state: bytes, due: Due) -> bytes:
        """The state for the new version. `due(sla, duration, step)` arms a timer. ValueError for a state with obstacles."""
        saved = codec.decode(state, self.old)
        last = [saved.last_id]
        nets, obstacles, _ = carry(self, saved, due, last)
        if obstacles:
            raise ValueError(sorted(obstacles))
        return pack(nets, last[0], self.new)


def pack(nets: list[Net], last_id: int, d: ParsedDefinition) -> bytes:
    """Carried nets as a state of `d`, each row with its full facts."""
    place_of = {table.name: place for place, table in enumerate(d.processes)}
    packed = [(net.owner, place_of[net.table.name], [_packed(row, net.table) for row in net.rows]) for net in nets]
    content: bytes = msgpack.packb((d.fingerprint, last_id, None, {}, packed))
    return codec.FORMAT + content


def _packed(row: Row, table: ProcessTable) -> list[Any]:
    spec = table.index[row.spec.name]
    return [row.id, row.parent, row.state, spec, row.triggered, row.internal or None, row.facts, None]


def _shape(saved: codec.Saved) -> Any:
    """What of a state a verdict can depend on: where tokens stand and hang, and what joins have seen; no ids, no facts."""
    nets = []
    for _owner, table, rows in saved.nets:
        place = {row[codec.ID]: number for number, row in enumerate(rows)}
        seen = [tuple((row[codec.INTERNAL] or {}).get("arrived", ())) for row in rows]
        hung = [place.get(row[codec.PARENT]) for row in rows]
        nets.append(
            (table.name, *zip((r[codec.SPEC] for r in rows), (r[codec.STATE] for r in rows), hung, seen, strict=True))
        )
    return tuple(nets)
