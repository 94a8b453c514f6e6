"""Whether proposed decision tables can be worked with by the code that asks them: measured by the tables it was written for."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from string import Formatter
from typing import TYPE_CHECKING

from engine.messages import N_, Message

if TYPE_CHECKING:
    from engine.decision_xml import Rule
    from engine.decisions import DecisionTable

#: what a sentence of a rule may quote
_QUOTED = frozenset({"seen", "limit"})


def unfit_tables(
    proposed: Mapping[str, DecisionTable], known: Mapping[str, DecisionTable], parameters: Collection[str]
) -> list[Message]:
    """Every reason at once. `known`: the tables the code was written for; `parameters`: names the policy may hold."""
    found = [Message(N_("缺少决策表 {table}"), {"table": key}) for key in sorted(known.keys() - proposed.keys())]
    found += [
        Message(N_("没有步骤会询问决策表 {table}"), {"table": key}) for key in sorted(proposed.keys() - known.keys())
    ]
    for key in sorted(known.keys() & proposed.keys()):
        found += _of_table(proposed[key], known[key], parameters)
    return found


def _of_table(new: DecisionTable, known: DecisionTable, parameters: Collection[str]) -> Iterator[Message]:
    names = {"table": new.key}
    if new.policy != known.policy or new.outputs != known.outputs:
        seen = {
            "seen": f"{new.policy} {'、'.join(new.outputs)}",
            "wanted": f"{known.policy} {'、'.join(known.outputs)}",
        }
        yield Message(N_("决策表 {table} 的命中策略和输出列须为 {wanted}；见到 {seen}"), {**names, **seen})
    strange = sorted(new.names - known.names - set(parameters))
    if strange:
        listed = {"seen": "、".join(strange), "allowed": "、".join(sorted(known.names | set(parameters)))}
        yield Message(N_("决策表 {table} 询问了没有人提供的事实 {seen}；可用：{allowed}"), {**names, **listed})
    codes = _codes(known)
    for rule in new.rules:
        where = {**names, "rule": rule.id}
        if codes and _code_of(rule, new) not in codes:
            unknown = N_("决策表 {table} 的规则 {rule} 给出了系统没有说明文字的代码 {seen}；可用：{allowed}")
            yield Message(unknown, {**where, "seen": _code_of(rule, new), "allowed": "、".join(sorted(codes))})
        if "message" in known.rules[0].annotations and not _sayable(rule.annotations.get("message", "")):
            yield Message(
                N_("决策表 {table} 的规则 {rule} 须有说明（批注列 message），其中只能引用 seen 和 limit"), where
            )


def _codes(table: DecisionTable) -> frozenset[str]:
    return frozenset(_code_of(rule, table) for rule in table.rules) if "code" in table.outputs else frozenset()


def _code_of(rule: Rule, table: DecisionTable) -> str:
    place = table.outputs.index("code") if "code" in table.outputs else 0
    return rule.results[place].source.strip("\"'")


def _sayable(text: str) -> bool:
    try:
        fields = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
    except ValueError:
        return False
    return bool(text.strip()) and fields <= _QUOTED
