"""Reading DMN 1.3 into decision tables, with every refusal of the file at once (一次性告知).

Closed by default: hit policies other than UNIQUE, FIRST and COLLECT, aggregation, chained decisions, value lists,
default outputs and every unknown element are refused: an evaluator that skips what it does not know decides wrongly.
Every rule must carry its clause: in an ``annotation`` column named ``clause`` (or 依据), else in its ``description``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.decision_cells import Cell, CellRefused, compile_cell
from engine.flow.expression import Expression, ExpressionRefused, compile_expression, printable
from engine.flow.hardened_xml import RefusedXml, local_name, namespace, read_xml, text_of
from engine.messages import N_, Message, message

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lxml import etree

DMN = "https://www.omg.org/spec/DMN/20191111/MODEL/"
HIT_POLICIES = ("UNIQUE", "FIRST", "COLLECT")
#: typeRef → kind of value (see decision_cells.kind_of); "" and Any leave the kind open
KINDS: Mapping[str, str] = {
    "": "", "Any": "", "string": "string", "boolean": "boolean", "number": "number", "integer": "number",
    "long": "number", "date": "date",
}  # fmt: skip
MAX_CELLS = 3_000  # of one file, headings and annotations included
MAX_TEXT = 60_000  # characters in them
CLAUSE_COLUMNS = ("clause", "依据")

#: element → elements that may stand in it
_CHILDREN: Mapping[str, frozenset[str]] = {
    "definitions": frozenset({"decision", "inputData", "description"}),
    "inputData": frozenset({"variable", "description"}),
    "variable": frozenset({"description"}),
    "decision": frozenset({"decisionTable", "variable", "description", "informationRequirement"}),
    "informationRequirement": frozenset({"requiredInput"}),
    "decisionTable": frozenset({"input", "output", "annotation", "rule", "description"}),
    "input": frozenset({"inputExpression", "description"}),
    "inputExpression": frozenset({"text", "description"}),
    "output": frozenset({"description"}),
    "rule": frozenset({"inputEntry", "outputEntry", "annotationEntry", "description"}),
    "inputEntry": frozenset({"text", "description"}),
    "outputEntry": frozenset({"text", "description"}),
    "annotationEntry": frozenset({"text"}),
}


@dataclass(frozen=True)
class InputColumn:
    """What a column asks: its expression over the given facts, its label for people, the kind its values must have."""

    expression: Expression
    label: str
    kind: str


@dataclass(frozen=True)
class OutputColumn:
    """One result of a table: the fact it sets, and the kind its values must have ("" when open)."""

    name: str
    kind: str


@dataclass(frozen=True)
class Rule:
    """One row, in the order of the columns. `annotations` maps the other annotation columns to their texts."""

    id: str
    clause: str
    cells: tuple[Cell, ...]
    results: tuple[Expression, ...]
    annotations: Mapping[str, str]


@dataclass(frozen=True)
class TableSource:
    """A decision table as read, all of it accepted."""

    key: str
    name: str
    policy: str
    inputs: tuple[InputColumn, ...]
    outputs: tuple[OutputColumn, ...]
    rules: tuple[Rule, ...]


@dataclass
class Reading:
    """All tables that could be read, and every refusal in the order of the file."""

    tables: list[TableSource] = field(default_factory=list)
    refusals: list[Message] = field(default_factory=list)

    def refuse(self, where: str, template: str, **params: object) -> None:
        """Add one refusal about the element called `where`."""
        self.refusals.append(message(template, element=printable(where), **params))


def read_tables(dmn: bytes) -> Reading:
    """Read every decision of a DMN file. Never raises; `refusals` is empty when all of it may be used."""
    reading = Reading()
    try:
        root = read_xml(dmn)
    except RefusedXml as refused:
        reading.refusals.append(refused.why)
        return reading
    if local_name(root) != "definitions" or namespace(root) != DMN:
        reading.refuse(local_name(root), N_("{element}：不是 DMN 1.3 决策文件（命名空间须为 {wanted}）"), wanted=DMN)
        return reading
    texts = [text_of(text) for text in root.iter(f"{{{DMN}}}text")]
    size = sum(map(len, texts))
    if len(texts) > MAX_CELLS or size > MAX_TEXT:
        large = N_("{element}：共 {cells} 格、{seen} 字，超过上限 {most} 格、{limit} 字")
        reading.refuse(_name(root), large, cells=len(texts), seen=size, most=MAX_CELLS, limit=MAX_TEXT)
        return reading
    _check_elements(root, reading)
    decisions = list(_children(root, "decision"))
    if not decisions:
        reading.refuse(_name(root), N_("{element}：文件中没有决策表"))
    seen: set[str] = set()
    for decision in decisions:
        if _name(decision) in seen:
            reading.refuse(_name(decision), N_("{element}：标识重复"))
        seen.add(_name(decision))
        table = _TableReader(decision, reading).read()
        if table:
            reading.tables.append(table)
    return reading


def _check_elements(parent: etree._Element, reading: Reading) -> None:
    """Refuse every element of the DMN namespace that is not listed, and other namespaces than the diagram's."""
    for child in parent:
        name = local_name(child)
        if namespace(child) != DMN:
            if not (parent.getparent() is None and name == "DMNDI"):
                reading.refuse(_name(parent), N_("{element}：不允许的元素 {seen}"), seen=printable(name))
        elif name not in _CHILDREN.get(local_name(parent), frozenset()):
            reading.refuse(_name(parent), N_("{element}：不允许的元素 {seen}"), seen=printable(name))
        else:
            _check_elements(child, reading)


def _children(parent: etree._Element, name: str) -> Iterator[etree._Element]:
    return parent.iterchildren(f"{{{DMN}}}{name}")


def _name(element: etree._Element) -> str:
    return element.get("id") or element.get("name") or local_name(element)


def _text(element: etree._Element | None) -> str:
    inner = next(_children(element, "text"), None) if element is not None else None
    return "" if inner is None else text_of(inner)


class _TableReader:
    """Reads one decision; refusals name the decision, the rule and the column."""

    def __init__(self, decision: etree._Element, reading: Reading) -> None:
        self.decision = decision
        self.reading = reading
        self.key = _name(decision)

    def read(self) -> TableSource | None:
        """The table, or None when any part of it was refused."""
        before = len(self.reading.refusals)
        table = next(_children(self.decision, "decisionTable"), None)
        if table is None or not self.decision.get("id"):
            self._refuse(N_("{element}：决策须有标识，并且只含一张决策表"))
            return None
        policy = self._policy(table)
        inputs = [self._input(i) for i in _children(table, "input")]
        outputs = [self._output(o) for o in _children(table, "output")]
        notes = [a.get("name", "") for a in _children(table, "annotation")]
        names = [o.name for o in outputs]
        if not inputs or not outputs or len(set(names)) < len(names) or len(set(notes)) < len(notes):
            self._refuse(N_("{element}：须有输入列和输出列，且输出列、批注列不得重名"))
        rows = list(_children(table, "rule"))
        ids = [row.get("id", "") for row in rows]
        if not rows or not all(ids) or len(set(ids)) < len(ids):
            self._refuse(N_("{element}：须有规则，且每条规则须有不重复的标识"))
        columns = ([i.expression.source if i else "?" for i in inputs], names, notes)
        rules = [self._rule(row, *columns) for row in rows]
        if len(self.reading.refusals) > before:
            return None
        name = self.decision.get("name") or self.key
        read = tuple(i for i in inputs if i), tuple(outputs), tuple(r for r in rules if r)
        return TableSource(self.key, name, policy, *read)

    def _refuse(self, template: str, **params: object) -> None:
        self.reading.refuse(self.key, template, **params)

    def _policy(self, table: etree._Element) -> str:
        policy = table.get("hitPolicy", "UNIQUE")
        if policy not in HIT_POLICIES:
            allowed = "、".join(HIT_POLICIES)
            self._refuse(
                N_("{element}：不支持命中策略 {seen}；可用：{allowed}"), seen=printable(policy), allowed=allowed
            )
        if table.get("aggregation"):
            self._refuse(
                N_("{element}：不支持聚合 {seen}；请取回全部结果"), seen=printable(table.get("aggregation", ""))
            )
        return policy

    def _input(self, column: etree._Element) -> InputColumn | None:
        asked = next(_children(column, "inputExpression"), None)
        source = _text(asked)
        try:
            expression = compile_expression(source)
        except ExpressionRefused as refusal:
            self._refuse(N_("{element}：输入列 {column}：{why}"), column=_name(column), why=refusal.message)
            return None
        kind = self._kind(column, "" if asked is None else asked.get("typeRef", ""))
        return InputColumn(expression, column.get("label") or source, kind)

    def _output(self, column: etree._Element) -> OutputColumn:
        name = column.get("name", "")
        if not name.isidentifier():
            self._refuse(N_("{element}：输出列 {column} 须有名称（字母、数字、下划线）"), column=_name(column))
        return OutputColumn(name, self._kind(column, column.get("typeRef", "")))

    def _kind(self, column: etree._Element, type_ref: str) -> str:
        if type_ref not in KINDS:
            allowed = "、".join(k for k in KINDS if k)
            unknown = N_("{element}：列 {column} 的类型 {seen} 不支持；可用：{allowed}")
            self._refuse(unknown, column=_name(column), seen=printable(type_ref), allowed=allowed)
        return KINDS.get(type_ref, "")

    def _rule(self, row: etree._Element, inputs: list[str], outputs: list[str], notes: list[str]) -> Rule | None:
        rule = row.get("id", "?")
        asked, given = list(_children(row, "inputEntry")), list(_children(row, "outputEntry"))
        remarks = [_text(a) for a in _children(row, "annotationEntry")]
        if (len(asked), len(given)) != (len(inputs), len(outputs)) or len(remarks) > len(notes):
            self._refuse(N_("{element}：规则 {rule} 的格数与表头不符"), rule=rule)
            return None
        cells = [self._cell(rule, column, _text(c)) for column, c in zip(inputs, asked, strict=True)]
        results = [self._result(rule, column, _text(c)) for column, c in zip(outputs, given, strict=True)]
        annotations = dict(zip(notes, remarks, strict=False))
        clause = next((annotations.pop(c) for c in CLAUSE_COLUMNS if annotations.get(c)), "")
        description = next(_children(row, "description"), None)
        clause = clause or (text_of(description) if description is not None else "")
        if not clause:
            self._refuse(N_("{element}：规则 {rule} 没有写明依据（批注列 clause）"), rule=rule)
        complete = tuple(c for c in cells if c), tuple(r for r in results if r)
        return Rule(rule, clause, *complete, annotations)

    def _cell(self, rule: str, column: str, text: str) -> Cell | None:
        try:
            return compile_cell(text)
        except CellRefused as refused:
            self._refuse(N_("{element}：规则 {rule} 的列 {column}：{why}"), rule=rule, column=column, why=refused.why)
            return None

    def _result(self, rule: str, column: str, text: str) -> Expression | None:
        try:
            return compile_expression(text)
        except ExpressionRefused as refusal:
            why = refusal.message
            self._refuse(N_("{element}：规则 {rule} 的列 {column}：{why}"), rule=rule, column=column, why=why)
            return None
