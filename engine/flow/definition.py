"""Drawings, read once and shared: immutable, safe for threads, recognised by their content."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.bpmn.specs.mixins.events.intermediate_event import BoundaryEvent
from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import LoopTask, MultiInstanceTask

from engine.errors import RefusedDefinition
from engine.flow import gate
from engine.flow.drawing import read_drawing
from engine.flow.drawn import ElementInfo, read_elements, to_canonical
from engine.flow.expression import Expression, compile_expression
from engine.flow.hardened_xml import read_xml
from engine.flow.parser import read_specs
from engine.flow.specs import InclusiveGateway
from engine.messages import N_, message

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_SPLIT = ".BoundaryEventSplit"  # the library's node around an activity with boundary events

__all__ = ["DefinitionCache", "ElementInfo", "ParsedDefinition", "ProcessTable", "parse"]


@dataclass(frozen=True, slots=True)
class ProcessTable:
    """One process or sub-process of a drawing, with its specs numbered for the codec."""

    name: str | None  #: None for the process itself, else the id of the sub-process or called process
    spec: Any
    specs: tuple[Any, ...]  #: in the order of their sorted names; a state knows a spec by its place here
    index: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class ParsedDefinition:
    """A drawing that passed the gate. `facts` are the names its expressions read: what a form must hand to the flow."""

    key: str
    digest: str  #: sha256 (hex) of the canonical XML
    elements: Mapping[str, ElementInfo]
    facts: frozenset[str]
    processes: tuple[ProcessTable, ...] = field(repr=False)  #: the process itself first
    subprocess_specs: Mapping[str, Any] = field(repr=False)
    fingerprint: bytes = field(repr=False)  #: of the numbering of specs; a state carries it


class _Condition:
    """A flow's condition, compiled when the drawing is read."""

    def __init__(self, expression: Expression) -> None:
        self.expression = expression

    def _matches(self, task: Any) -> bool:
        return bool(self.expression.evaluate(task.data))


def parse(key: str, bpmn: bytes) -> ParsedDefinition:
    """Read the process `key` from `bpmn`, or raise RefusedDefinition with every reason the gate found."""
    refusals = gate.check(bpmn)
    if refusals:
        raise RefusedDefinition(refusals)
    root = read_xml(bpmn)
    try:
        specs = read_specs(root, key)
    except ValidationException as refused:
        raise RefusedDefinition([message(N_("流程图无法读取：{why}"), why=str(refused))]) from refused
    facts: set[str] = set()
    for spec in specs.values():
        facts |= _furnish(spec)
    tables = tuple(_table(name, specs[name]) for name in [None, *sorted(n for n in specs if n is not None)])
    return ParsedDefinition(
        key=key,
        digest=hashlib.sha256(to_canonical(root)).hexdigest(),
        elements=MappingProxyType(read_elements(read_drawing(root))),
        facts=frozenset(facts),
        processes=tables,
        subprocess_specs=MappingProxyType({name: spec for name, spec in specs.items() if name is not None}),
        fingerprint=_fingerprint(tables),
    )


def _table(name: str | None, spec: Any) -> ProcessTable:
    names = sorted(spec.task_specs)
    index = MappingProxyType({n: i for i, n in enumerate(names)})
    return ProcessTable(name, spec, tuple(spec.task_specs[n] for n in names), index)


def _fingerprint(tables: tuple[ProcessTable, ...]) -> bytes:
    listing = "\n".join(f"{table.name or ''}\t{name}" for table in tables for name in table.index)
    return hashlib.sha256(listing.encode()).digest()[:8]


def _furnish(spec: Any) -> set[str]:
    """Put on every task spec what our runtime reads from it, once, before it is shared; returns the facts it reads."""
    facts: set[str] = set()
    for task_spec in spec.task_specs.values():
        task_spec.test()
        loop = isinstance(task_spec, LoopTask)
        drawn = getattr(task_spec, "bpmn_id", None)
        task_spec.element = None if loop else drawn  # the instances of a loop are reported, not their frame
        task_spec.is_end = drawn is not None and spec.end.name in task_spec._outputs  # noqa: SLF001
        task_spec.opens_flows = getattr(type(task_spec), "opens_flows", True)
        watches = task_spec._inputs[0] if isinstance(task_spec, BoundaryEvent) else None  # noqa: SLF001
        task_spec.attached_to = watches and watches.removesuffix(_SPLIT)
        if loop:
            # The library connects this at run time, when the first case gets there: a race on a shared spec.
            spec.task_specs[task_spec.task_spec].completed_event.connect(task_spec.merge_child)
        if isinstance(task_spec, InclusiveGateway):
            task_spec.upstream = _upstream(spec, task_spec)
        facts |= _facts_of(task_spec)
    return facts


def _facts_of(task_spec: Any) -> set[str]:
    facts: set[str] = set()
    if hasattr(task_spec, "cond_task_specs"):
        for place, (condition, target) in enumerate(task_spec.cond_task_specs):
            if condition is not None:
                expression = compile_expression(condition.args[0])
                task_spec.cond_task_specs[place] = (_Condition(expression), target)
                facts |= expression.names
    if isinstance(task_spec, MultiInstanceTask):
        if task_spec.cardinality is not None:
            facts |= compile_expression(task_spec.cardinality).names
        if task_spec.data_input is not None:
            facts.add(task_spec.data_input.bpmn_id)
    return facts


def _upstream(spec: Any, gateway: Any) -> frozenset[str]:
    """Names of the specs from which a token can reach `gateway` without passing it."""
    seen: set[str] = set()
    work = list(gateway._inputs)  # noqa: SLF001
    while work:
        name = work.pop()
        if name not in seen and name != gateway.name:
            seen.add(name)
            work.extend(spec.task_specs[name]._inputs)  # noqa: SLF001
    return frozenset(seen)


class DefinitionCache:
    """Parsed drawings by the id of their (immutable) row; the least recently used leave first. Safe for threads."""

    def __init__(self, load: Callable[[int], tuple[str, bytes]], size: int = 64) -> None:
        self._load = load
        self._size = size
        self._kept: OrderedDict[int, ParsedDefinition] = OrderedDict()
        self._lock = Lock()

    def get(self, definition_id: int) -> ParsedDefinition:
        """The drawing `definition_id`; `load` is asked for (key, bpmn) at most once while it stays in the cache."""
        with self._lock:
            found = self._kept.get(definition_id)
            if found is not None:
                self._kept.move_to_end(definition_id)
                return found
        # Parsing takes milliseconds: other threads go on meanwhile. Two may parse the same drawing; both results are equal.
        parsed = parse(*self._load(definition_id))
        with self._lock:
            self._kept[definition_id] = parsed
            self._kept.move_to_end(definition_id)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
        return parsed
