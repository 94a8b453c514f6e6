"""Two versions of a file of decision tables, rule by rule and cell by cell, in words people read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.decision_xml import read_tables
from engine.messages import N_, Message

if TYPE_CHECKING:
    from engine.decision_xml import Rule, TableSource


@dataclass(frozen=True)
class RuleChange:
    """One rule that is not as it was: `kind` is added, removed or changed, `words` say how, cell by cell."""

    table: str
    table_name: str
    rule: str
    kind: str
    words: tuple[Message, ...]


def compare_tables(old: bytes | None, new: bytes) -> tuple[RuleChange, ...]:
    """Everything that differs between two files that passed the gate; `old` None compares with nothing."""
    before = {} if old is None else {table.key: table for table in read_tables(old).tables}
    after = {table.key: table for table in read_tables(new).tables}
    found: list[RuleChange] = []
    for key in [*after, *(k for k in before if k not in after)]:
        found += _compare(before.get(key), after.get(key))
    return tuple(found)


def _compare(old: TableSource | None, new: TableSource | None) -> Iterator[RuleChange]:
    table = new or old
    assert table is not None  # noqa: S101 - the key came from one of both
    if old is None or new is None:
        kind = "added" if old is None else "removed"
        yield RuleChange(
            table.key, table.name, "", kind, (Message(N_("整张表，共 {count} 条规则"), {"count": len(table.rules)}),)
        )
        return
    words = list(_of_table(old, new))
    if words:
        yield RuleChange(table.key, table.name, "", "changed", tuple(words))
    before = {rule.id: rule for rule in old.rules}
    after = {rule.id: rule for rule in new.rules}
    for key in [*after, *(k for k in before if k not in after)]:
        if key not in before:
            yield RuleChange(table.key, table.name, key, "added", tuple(_cells(new, after[key])))
        elif key not in after:
            yield RuleChange(table.key, table.name, key, "removed", tuple(_cells(old, before[key])))
        else:
            differences = tuple(_differences(_row(old, before[key]), _row(new, after[key])))
            if differences:
                yield RuleChange(table.key, table.name, key, "changed", differences)


def _of_table(old: TableSource, new: TableSource) -> Iterator[Message]:
    if old.policy != new.policy:
        yield Message(N_("命中策略由 {old} 改为 {new}"), {"old": old.policy, "new": new.policy})
    columns = [[*(i.expression.source for i in each.inputs), *(o.name for o in each.outputs)] for each in (old, new)]
    if columns[0] != columns[1]:
        told = {"old": "、".join(columns[0]), "new": "、".join(columns[1])}
        yield Message(N_("各列由 {old} 改为 {new}"), told)
    both = {rule.id for rule in old.rules} & {rule.id for rule in new.rules}
    kept = [[rule.id for rule in each.rules if rule.id in both] for each in (old, new)]
    if kept[0] != kept[1] and new.policy == "FIRST":
        yield Message(N_("规则的先后次序有改动；本表按第一条成立的规则判定"))


def _row(table: TableSource, rule: Rule) -> dict[str, str]:
    """Column → text of the cell, the clause and the annotations included."""
    row = {column.label: cell.source.strip() for column, cell in zip(table.inputs, rule.cells, strict=True)}
    row |= {column.name: result.source for column, result in zip(table.outputs, rule.results, strict=True)}
    return {**row, "clause": rule.clause, **rule.annotations}


def _cells(table: TableSource, rule: Rule) -> Iterator[Message]:
    for column, text in _row(table, rule).items():
        if text not in ("", "-"):
            yield Message(N_("{column}：{text}"), {"column": column, "text": text})


def _differences(old: dict[str, str], new: dict[str, str]) -> Iterator[Message]:
    for column in [*new, *(c for c in old if c not in new)]:
        before, after = old.get(column, "—"), new.get(column, "—")
        if before != after:
            yield Message(N_("{column}：由“{old}”改为“{new}”"), {"column": column, "old": before, "new": after})
