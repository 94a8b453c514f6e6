"""Decision tables that explain themselves: inputs seen, rules hit, each rule's clause, and the policy version.

The hit policies mean what DMN 1.3 says: UNIQUE refuses two hits (naming both), FIRST takes the first in the order of
the table, COLLECT returns every hit. No hit under UNIQUE or FIRST is an error, never an unset fact. Money is Decimal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from engine.decision_cells import KindMismatch, kind_of
from engine.decision_xml import InputColumn, Rule, TableSource, read_tables
from engine.errors import DecisionError, RefusedDefinition
from engine.flow.expression import Expression, ExpressionFailed
from engine.messages import N_, Message, message


@dataclass(frozen=True)
class RuleHit:
    """A rule that held: its clause (S001-48, G4), what it gave, its other annotations, the values it looked at."""

    rule_id: str
    clause: str
    outputs: Mapping[str, Any]
    annotations: Mapping[str, str] = field(default_factory=dict)
    seen: Mapping[str, Any] = field(default_factory=dict)

    @property
    def annotation(self) -> str:
        """The annotations as one line, "" when there are none."""
        return "；".join(text for text in self.annotations.values() if text)


@dataclass(frozen=True)
class Decision:
    """An answer and all that led to it.

    `inputs` and `parameters` are the facts and policy values the table read. `outputs` maps each output to its value
    (UNIQUE, FIRST) or to the tuple of its values over all hits (COLLECT; empty when nothing was hit).
    """

    table: str
    policy: str
    inputs: Mapping[str, Any]
    hits: tuple[RuleHit, ...]
    outputs: Mapping[str, Any]
    policy_version: int | str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    #: which version of the table answered; 0: the one that came with the software
    table_version: int = 0

    def as_data(self) -> dict[str, Any]:
        """The whole explanation as JSON data: decimals as text ("80000.01"), dates as ISO text."""
        hits = [
            {
                "rule": hit.rule_id,
                "clause": hit.clause,
                "annotations": dict(hit.annotations),
                "seen": _data(hit.seen),
                "outputs": _data(hit.outputs),
            }
            for hit in self.hits
        ]
        return {
            "table": self.table,
            "policy": self.policy,
            "policy_version": self.policy_version,
            "table_version": self.table_version,
            "inputs": _data(self.inputs),
            "parameters": _data(self.parameters),
            "hits": hits,
            "outputs": _data(self.outputs),
        }


class DecisionTable:
    """One table, compiled and immutable; may be shared by threads."""

    def __init__(self, source: TableSource, version: int = 0) -> None:
        self.key = source.key
        self.version = version
        self.name = source.name
        self.policy = source.policy
        self._source = source
        expressions = [column.expression for column in source.inputs]
        expressions += [result for rule in source.rules for result in rule.results]
        cells = [cell for rule in source.rules for cell in rule.cells]
        #: every fact and policy parameter the table may read
        self.names: frozenset[str] = frozenset().union(*(e.names for e in expressions), *(c.names for c in cells))
        #: the facts its input columns ask for
        self.inputs: frozenset[str] = frozenset().union(*(c.expression.names for c in source.inputs))
        self.outputs: tuple[str, ...] = tuple(column.name for column in source.outputs)
        self.clauses: Mapping[str, str] = {rule.id: rule.clause for rule in source.rules}

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rows as read, for comparing and for listing."""
        return self._source.rules

    def decide(
        self,
        inputs: Mapping[str, Any],
        *,
        parameters: Mapping[str, Any] | None = None,
        policy_version: int | str | None = None,
    ) -> Decision:
        """Answer for `inputs` (int, Decimal, str, bool, date, None, lists of these) under the policy `parameters`.

        Raises DecisionError when an input is absent or of a wrong kind, when a name is both input and parameter, when
        nothing is hit (UNIQUE, FIRST) or two rules are (UNIQUE).
        """
        facts, given, limits = self._facts(inputs, parameters or {})
        values = [self._ask(column, facts) for column in self._source.inputs]
        hits: list[RuleHit] = []
        for rule in self._source.rules:
            if self._holds(rule, values, facts):
                hits.append(self._hit(rule, values, facts))
                if self.policy == "FIRST":
                    break
        if self.policy == "UNIQUE" and len(hits) > 1:
            rules = "、".join(hit.rule_id for hit in hits)
            raise self._error(message(N_("规则 {rules} 同时成立，而本表只许一条成立"), rules=rules))
        if self.policy != "COLLECT" and not hits:
            raise self._error(message(N_("没有任何规则成立")))
        told = given, tuple(hits), self._outputs(hits), policy_version, limits, self.version
        return Decision(self.key, self.policy, *told)

    def _facts(
        self, inputs: Mapping[str, Any], parameters: Mapping[str, Any]
    ) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
        both = sorted(name for name in self.names if name in inputs and name in parameters)
        if both:
            raise self._error(message(N_("“{names}”既是输入又是参数"), names="、".join(both)))
        given = {name: inputs[name] for name in sorted(self.names) if name in inputs}
        limits = {name: parameters[name] for name in sorted(self.names) if name in parameters}
        facts = {**given, **limits}
        for name, value in facts.items():
            members = value if isinstance(value, list | tuple) else (value,)
            if any(kind_of(member) in {"other", "list"} for member in members):
                raise self._error(message(N_("“{name}”的值类型不允许（金额须为十进制数，不得为浮点数）"), name=name))
        return facts, given, limits

    def _ask(self, column: InputColumn, facts: Mapping[str, Any]) -> Any:
        value = self._evaluate(column.expression, facts)
        if column.kind and value is not None and kind_of(value) != column.kind:
            mismatch = KindMismatch(kind_of(value), column.kind)
            raise self._error(message(N_("列 {column}：{why}"), column=column.expression.source, why=mismatch.why))
        return value

    def _holds(self, rule: Rule, values: list[Any], facts: Mapping[str, Any]) -> bool:
        for column, cell, value in zip(self._source.inputs, rule.cells, values, strict=True):
            try:
                if not cell.accepts(value, facts):
                    return False
            except (KindMismatch, ExpressionFailed) as error:
                why = error.why if isinstance(error, KindMismatch) else error.message
                where = N_("规则 {rule} 的列 {column}：{why}")
                raise self._error(message(where, rule=rule.id, column=column.expression.source, why=why)) from None
        return True

    def _hit(self, rule: Rule, values: list[Any], facts: Mapping[str, Any]) -> RuleHit:
        outputs: dict[str, Any] = {}
        for column, result in zip(self._source.outputs, rule.results, strict=True):
            value = self._evaluate(result, facts)
            if column.kind and value is not None and kind_of(value) != column.kind:
                mismatch = KindMismatch(kind_of(value), column.kind)
                where = N_("规则 {rule} 的列 {column}：{why}")
                raise self._error(message(where, rule=rule.id, column=column.name, why=mismatch.why))
            outputs[column.name] = value
        looked_at = {
            column.expression.source: value
            for column, cell, value in zip(self._source.inputs, rule.cells, values, strict=True)
            if not cell.indifferent
        }
        return RuleHit(rule.id, rule.clause, outputs, rule.annotations, looked_at)

    def _outputs(self, hits: list[RuleHit]) -> dict[str, Any]:
        if self.policy == "COLLECT":
            return {name: tuple(hit.outputs[name] for hit in hits) for name in self.outputs}
        return dict(hits[0].outputs)

    def _evaluate(self, expression: Expression, facts: Mapping[str, Any]) -> Any:
        try:
            return expression.evaluate(facts)
        except ExpressionFailed as failed:
            raise self._error(failed.message) from None

    def _error(self, why: Message) -> DecisionError:
        return DecisionError(decision=self.key, why=why)


def load_tables(dmn: bytes, *, version: int = 0) -> dict[str, DecisionTable]:
    """Every decision of a DMN 1.3 file by its id; `version` goes into every answer. RefusedDefinition: all refusals at once."""
    reading = read_tables(dmn)
    if reading.refusals:
        raise RefusedDefinition(reading.refusals)
    return {source.key: DecisionTable(source, version) for source in reading.tables}


def _data(value: Any) -> Any:
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, Mapping):
        return {key: _data(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_data(inner) for inner in value]
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value
