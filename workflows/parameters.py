"""Policy parameters: what each is called, which rule it comes from, what it may be, and typed access to a stored set.

Stored values are JSON: money as "80000.00", whole numbers, true/false, codes, lists of codes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import Any

from engine.messages import N_, Message
from workflows.people import NotMoney, money_text, parse_money

Problems = dict[str, list[Message]]

_WRONG = N_("{label}：现为“{seen}”，应为{allowed}")


class Sort(StrEnum):
    """What kind of value a parameter has."""

    MONEY = "money"
    PERCENT = "percent"
    INTEGER = "integer"
    FLAG = "flag"
    CODE = "code"
    CODES = "codes"


@dataclass(frozen=True)
class Parameter:
    """One parameter: Chinese label, clause id, and its bounds (`lowest`..`highest` inclusive) or choices.

    A CODES parameter without choices takes any codes. Money and percentages have two places, integers none.
    """

    name: str
    sort: Sort
    label: str
    clause: str
    lowest: Decimal = Decimal(0)
    highest: Decimal = Decimal("999999999.99")
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Parameters:
    """A stored set of values, read by name and sort. A name or sort that does not fit is a programming error: KeyError."""

    specs: Mapping[str, Parameter]
    values: Mapping[str, Any]

    def decimal(self, name: str) -> Decimal:
        """Money in yuan, or a percentage; two places."""
        return Decimal(self._value(name, Sort.MONEY, Sort.PERCENT))

    def integer(self, name: str) -> int:
        """A whole number."""
        return int(self._value(name, Sort.INTEGER))

    def flag(self, name: str) -> bool:
        """Yes or no."""
        return bool(self._value(name, Sort.FLAG))

    def text(self, name: str) -> str:
        """A code."""
        return str(self._value(name, Sort.CODE))

    def items(self, name: str) -> tuple[str, ...]:
        """A list of codes."""
        return tuple(self._value(name, Sort.CODES))

    @cached_property
    def inputs(self) -> Mapping[str, Any]:
        """Every value in its type, for decision tables and pages."""
        return MappingProxyType({name: _ACCESS[spec.sort](self, name) for name, spec in self.specs.items()})

    def clause(self, name: str) -> str:
        """The id of the rule a parameter comes from (domain.md A and G: "S001-52")."""
        return self.specs[name].clause

    def label(self, name: str) -> str:
        """What a parameter is called (Chinese)."""
        return self.specs[name].label

    def _value(self, name: str, *sorts: Sort) -> Any:
        if self.specs[name].sort not in sorts:
            raise KeyError(f"{name} is a {self.specs[name].sort}")
        return self.values[name]


_ACCESS: Mapping[Sort, Callable[[Parameters, str], Any]] = {
    Sort.MONEY: Parameters.decimal,
    Sort.PERCENT: Parameters.decimal,
    Sort.INTEGER: Parameters.integer,
    Sort.FLAG: Parameters.flag,
    Sort.CODE: Parameters.text,
    Sort.CODES: Parameters.items,
}


def checked_values(specs: Mapping[str, Parameter], values: Mapping[str, Any]) -> tuple[dict[str, Any], Problems]:
    """The values in their stored form, and every problem at once: names missing, unknown, or out of bounds."""
    problems: Problems = {name: [Message(N_("没有这个政策参数"))] for name in values.keys() - specs.keys()}
    stored: dict[str, Any] = {}
    for name, spec in specs.items():
        if name not in values:
            problems[name] = [Message(N_("缺少“{label}”"), {"label": Message(spec.label)})]
            continue
        value = _READERS[spec.sort](spec, values[name])
        if value is None:
            problems[name] = [wrong(spec.label, values[name], _allowed(spec))]
        else:
            stored[name] = value
    return stored, problems


def wrong(label: str, seen: Any, allowed: Message) -> Message:
    """The one sentence for a value that is not allowed: which field, what stands there, what may."""
    return Message(_WRONG, {"label": Message(label), "seen": _shown(seen), "allowed": allowed})


def _money(spec: Parameter, value: Any) -> str | None:
    try:
        amount = parse_money(str(value)) if isinstance(value, str | int | Decimal) else None
    except NotMoney:
        return None
    if amount is None or isinstance(value, bool) or not spec.lowest <= amount <= spec.highest:
        return None
    return money_text(amount)


def _integer(spec: Parameter, value: Any) -> int | None:
    whole = isinstance(value, int) and not isinstance(value, bool)
    return value if whole and spec.lowest <= value <= spec.highest else None


def _flag(_spec: Parameter, value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _code(spec: Parameter, value: Any) -> str | None:
    return value if isinstance(value, str) and value in spec.choices else None


def _codes(spec: Parameter, value: Any) -> list[str] | None:
    if not isinstance(value, list | tuple) or not all(isinstance(code, str) and code for code in value):
        return None
    known = not spec.choices or set(value) <= set(spec.choices)
    return list(value) if known and len(set(value)) == len(value) and len(value) >= spec.lowest else None


_READERS: Mapping[Sort, Callable[[Parameter, Any], Any]] = {
    Sort.MONEY: _money,
    Sort.PERCENT: _money,
    Sort.INTEGER: _integer,
    Sort.FLAG: _flag,
    Sort.CODE: _code,
    Sort.CODES: _codes,
}


def _allowed(spec: Parameter) -> Message:
    bounds = {"lowest": str(spec.lowest), "highest": str(spec.highest), "choices": "、".join(spec.choices)}
    return Message(_ALLOWED[spec.sort] if spec.choices or spec.sort is not Sort.CODES else _ANY_CODES, bounds)


_ALLOWED: Mapping[Sort, str] = {
    Sort.MONEY: N_(" {lowest} 至 {highest} 元，最多两位小数"),
    Sort.PERCENT: N_(" {lowest} 至 {highest}，最多两位小数"),
    Sort.INTEGER: N_(" {lowest} 至 {highest} 的整数"),
    Sort.FLAG: N_("“是”或“否”"),
    Sort.CODE: N_("以下之一：{choices}"),
    Sort.CODES: N_("以下各项中的若干项，不重复：{choices}"),
}
_ANY_CODES = N_("若干项，不重复，可为空")


def _shown(value: Any) -> Message | str:
    if isinstance(value, bool):
        return Message(N_("是") if value else N_("否"))
    return "、".join(str(v) for v in value) if isinstance(value, list | tuple) else str(value)
