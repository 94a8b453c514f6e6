"""One input cell of a decision table: what it accepts, compiled once.

Forms: ``-`` (anything); a value (``"F"``, ``18``, ``20000.00``, ``true``, ``null``, a parameter's name); ``<``, ``<=``,
``>``, ``>=``, ``==``, ``!=`` and a value; ``[a..b]`` with ``]a..b[`` or ``(a..b)`` for open ends; several of these
separated by commas (any of them); ``not(…)``; a yes-or-no expression, with ``?`` for the value asked about. Nothing
else of FEEL is accepted, and nothing is silently taken for a text: an unknown form is refused when the table is read.

A value of None (not given) is accepted only by ``-`` and ``null``. A value of another kind than the cell's (a text
against a number) is an error, never a quiet "no".
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from engine.flow.expression import Expression, ExpressionRefused, compile_expression
from engine.messages import N_, Message, message

Facts = Mapping[str, Any]
Test = Callable[[Any, Facts], bool]

_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
}
_KIND_NAMES: Mapping[str, str] = {
    "null": N_("空值"),
    "boolean": N_("是或否"),
    "number": N_("数值"),
    "string": N_("文字"),
    "date": N_("日期"),
    "list": N_("列表"),
    "other": N_("其他类型"),
}
_NEGATION = re.compile(r"\Anot\s*\((?P<inside>.*)\)\Z", re.DOTALL)


class CellRefused(Exception):
    """The cell has no form this evaluator knows; `why` says which part."""

    def __init__(self, why: Message) -> None:
        super().__init__()
        self.why = why


class KindMismatch(Exception):
    """A value met a cell of another kind; `why` names both kinds, never the value."""

    def __init__(self, seen: str, wanted: str) -> None:
        super().__init__()
        kinds = {"seen": message(_KIND_NAMES[seen]), "wanted": message(_KIND_NAMES[wanted])}
        self.why = message(N_("值的类型是{seen}，而这里需要{wanted}"), **kinds)


@dataclass(frozen=True, slots=True)
class Cell:
    """A compiled input cell: its `source`, the `names` it reads besides the value itself, and `accepts`."""

    source: str
    names: frozenset[str]
    _tests: tuple[Test, ...]
    _negated: bool = False

    @property
    def indifferent(self) -> bool:
        """True for ``-``: the rule does not look at this input."""
        return not self._tests

    def accepts(self, value: Any, facts: Facts) -> bool:
        """Whether the rule holds for `value`; `facts` answers the names. Raises KindMismatch, ExpressionFailed."""
        if not self._tests:
            return True
        hit = any(test(value, facts) for test in self._tests)
        return (not hit and value is not None) if self._negated else hit


def kind_of(value: Any) -> str:
    """The kind of a fact or literal: number, text, boolean, date, list or null; "other" for what no table may see."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | Decimal):
        return "number"
    if isinstance(value, str):
        return "string"
    if isinstance(value, date) and not isinstance(value, datetime):
        return "date"
    return "list" if isinstance(value, list | tuple) else "other"


def compile_cell(source: str) -> Cell:
    """Compile an input cell or raise CellRefused."""
    text = source.strip()
    if text in {"", "-"}:
        return Cell(text, frozenset(), ())
    inside = _negated(text)
    parts = [_test(part) for part in _split(text if inside is None else inside)]
    names = frozenset[str]().union(*(names for names, _ in parts))
    return Cell(text, names, tuple(test for _, test in parts), inside is not None)


def _negated(text: str) -> str | None:
    """What stands in ``not(…)``; None when `text` has another form, ``not(a) or b`` included."""
    negation = _NEGATION.match(text)
    return negation["inside"] if negation and _balanced(negation["inside"]) else None


def _test(part: str) -> tuple[frozenset[str], Test]:
    text = part.strip()
    if _negated(text) is not None:
        # Inside a list, Python's `not 3` would be a quiet "never".
        raise CellRefused(message(N_("not(…) 须独占一格")))
    bounds = _interval(text)
    if bounds:
        return _range(text[0] == "[", *bounds, text[-1] == "]")
    for sign, compare in _COMPARISONS.items():
        if text.startswith(sign):
            limit = _expression(text[len(sign) :], placeholder=False)
            return limit.names, _against(limit, compare)
    if text == "null":
        return frozenset(), lambda value, _facts: value is None
    expression = _expression(text, placeholder=True)
    if expression.compares and not (expression.names or expression.asks):
        raise CellRefused(message(N_("条件中没有任何名称或 ?")))
    if expression.compares or expression.asks:
        return expression.names, _yes_or_no(expression)
    return expression.names, _against(expression, operator.eq)


def _expression(text: str, *, placeholder: bool) -> Expression:
    try:
        return compile_expression(text, placeholder=placeholder)
    except ExpressionRefused as refusal:
        raise CellRefused(refusal.message) from None


def _against(limit: Expression, compare: Callable[[Any, Any], bool]) -> Test:
    def test(value: Any, facts: Facts) -> bool:
        return value is not None and compare(*_alike(value, limit.evaluate(facts)))

    return test


def _range(closed_low: bool, low_text: str, high_text: str, closed_high: bool) -> tuple[frozenset[str], Test]:
    low, high = _expression(low_text, placeholder=False), _expression(high_text, placeholder=False)
    above = _against(low, operator.ge if closed_low else operator.gt)
    below = _against(high, operator.le if closed_high else operator.lt)
    return low.names | high.names, lambda value, facts: above(value, facts) and below(value, facts)


def _yes_or_no(expression: Expression) -> Test:
    def test(value: Any, facts: Facts) -> bool:
        if value is None:
            return False
        answer = expression.evaluate({**facts, "?": value})
        if not isinstance(answer, bool):
            raise KindMismatch(kind_of(answer), "boolean")
        return answer

    return test


def _alike(value: Any, limit: Any) -> tuple[Any, Any]:
    seen, wanted = kind_of(value), kind_of(limit)
    if seen != wanted or seen in {"other", "null"}:
        raise KindMismatch(seen, wanted)
    return value, limit


def _balanced(text: str) -> bool:
    """Whether no bracket in `text` closes what it did not open (texts in quotes do not count)."""
    depth = 0
    for sign in re.sub(r"'[^']*'|\"[^\"]*\"", "", text):
        depth += (sign == "(") - (sign == ")")
        if depth < 0:
            return False
    return depth == 0


def _split(text: str) -> list[str]:
    """`text` at its commas outside quotes, brackets and intervals (whose brackets may face outwards)."""
    parts: list[str] = []
    start = 0
    while True:
        end = _end_of_part(text, start)
        parts.append(text[start:end])
        if end >= len(text):
            return parts
        start = end + 1


def _end_of_part(text: str, start: int) -> int:
    first = start + len(text[start:]) - len(text[start:].lstrip())
    interval = _INTERVAL.match(text, first)
    position = interval.end() if interval else first
    depth = 0
    while position < len(text):
        sign = text[position]
        if sign in "'\"":
            closing = text.find(sign, position + 1)
            position = closing if closing > 0 else len(text)
        elif sign == "," and depth == 0:
            return position
        depth += (sign in "([") - (sign in ")]")
        position += 1
    return len(text)


#: One end of an interval: anything without brackets, or with one pair of round ones (``date('2026-01-01')``).
_END = r"(?:'[^']*'|\"[^\"]*\"|\((?:'[^']*'|\"[^\"]*\"|[^()'\"])*\)|[^\[\]()'\",]){1,200}?"
_INTERVAL = re.compile(rf"[\[\](](?P<low>{_END})\.\.(?P<high>{_END})[\[\])]")


def _interval(text: str) -> tuple[str, str] | None:
    found = _INTERVAL.fullmatch(text)
    return (found["low"], found["high"]) if found else None
