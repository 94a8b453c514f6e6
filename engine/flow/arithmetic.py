"""The operations an expression may perform, each bounded: whole numbers and exact decimals, never a value without end.

An allow-list of syntax does not limit size: ``'a' * 3000000000`` is three harmless nodes and three gigabytes. So every
operator of :mod:`engine.flow.expression` is a call to one of these guards. Floats take no part: money is never inexact.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

from engine.messages import N_, Message, message

MAX_BITS = 256  # of an integer result: far above any sum of money, far below anything that costs time
MAX_EXPONENT = 60  # of a Decimal operand or result: 10**60
MAX_TEXT = 100  # characters that int() and date() read

Number = int | Decimal

_DECIMALS = Context(prec=MAX_EXPONENT)
_WIDE = Context(prec=4 * MAX_EXPONENT)  # room for the quantize of the largest bounded number to 12 places


class CannotCompute(Exception):
    """The operands do not fit the operation; `why` says so without quoting them."""

    def __init__(self, why: Message) -> None:
        super().__init__()
        self.why = why


def _number(value: Any) -> Number:
    """`value` when it is a bounded int or Decimal (a bool is no number, a float no exact one), else CannotCompute."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise CannotCompute(message(N_("只能对整数和小数（非浮点数）进行运算")))
    if isinstance(value, int):
        too_large = value.bit_length() > MAX_BITS
    else:
        too_large = not value.is_finite() or abs(value.adjusted()) > MAX_EXPONENT
    if too_large:
        raise CannotCompute(message(N_("数值过大")))
    return value


def add(left: Any, right: Any) -> Number:
    """``left + right`` on numbers."""
    a, b = _number(left), _number(right)
    return _number(a + b if isinstance(a, int) and isinstance(b, int) else _DECIMALS.add(a, b))


def subtract(left: Any, right: Any) -> Number:
    """``left - right`` on numbers."""
    return add(left, negative(right))


def multiply(left: Any, right: Any) -> Number:
    """``left * right`` on numbers; a text or list is never repeated."""
    a, b = _number(left), _number(right)
    return _number(a * b if isinstance(a, int) and isinstance(b, int) else _DECIMALS.multiply(a, b))


def divide(left: Any, right: Any) -> Number:
    """``left / right`` as a Decimal of up to 60 digits, also for two whole numbers."""
    return _number(_DECIMALS.divide(*_divisible(left, right)))


def floor_divide(left: Any, right: Any) -> Number:
    """``left // right`` rounded down for every kind of number alike (Decimal's own operator rounds towards zero)."""
    a, b = _divisible(left, right)
    if isinstance(a, int) and isinstance(b, int):
        return a // b
    quotient, rest = _DECIMALS.divmod(a, b)
    return _number(_DECIMALS.subtract(quotient, 1) if rest and (a < 0) != (b < 0) else quotient)


def modulo(left: Any, right: Any) -> Number:
    """``left % right`` with the sign of `right`; ``'%d' % 1`` is refused like every operation on text."""
    return subtract(left, multiply(floor_divide(left, right), right))


def _divisible(left: Any, right: Any) -> tuple[Number, Number]:
    a, b = _number(left), _number(right)
    if b == 0:
        raise CannotCompute(message(N_("除数为零")))
    return a, b


def negative(value: Any) -> Number:
    """``-value`` without the rounding of Decimal's own sign change."""
    number = _number(value)
    return -number if isinstance(number, int) else number.copy_negate()


def positive(value: Any) -> Number:
    """``+value``."""
    return _number(value)


def item(container: Any, key: Any) -> Any:
    """``container[key]`` of a list, tuple, text or mapping; an absent entry is a clear failure."""
    if not isinstance(container, list | tuple | str | Mapping):
        raise CannotCompute(message(N_("只能从列表、文字或对照表中取值")))
    try:
        return container[key]
    except (LookupError, TypeError):
        raise CannotCompute(message(N_("没有下标为“{key}”的值"), key=key if isinstance(key, int) else "…")) from None


def clock(due: Callable[[str], datetime], key: str) -> datetime:
    """``due('key')``: the instant at which the clock `key` breaks (aware)."""
    try:
        return due(key)
    except LookupError:
        raise CannotCompute(message(N_("没有名为“{key}”的期限"), key=key)) from None


def round_half_up(value: Any, places: int = 0) -> Number:
    """四舍五入 to `places` decimal places (0-12): 2.5 → 3, -2.5 → -3; a whole number when `places` is 0."""
    number = _number(value)
    if isinstance(places, bool) or not isinstance(places, int) or not 0 <= places <= 12:
        raise CannotCompute(message(N_("小数位数须为 0 至 12")))
    rounded = Decimal(number).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, _WIDE)
    return rounded if places else int(rounded)


def whole(value: Any) -> int:
    """``int(value)`` of a bounded number (towards zero) or of a short text of digits."""
    if isinstance(value, bool) or (isinstance(value, str) and len(value) <= MAX_TEXT):
        return int(_number(int(value)))
    return int(_number(value))


def absolute(value: Any) -> Number:
    """``abs(value)`` without rounding."""
    number = _number(value)
    return negative(number) if number < 0 else number


def length(value: Any) -> int:
    """``len(value)`` of a text, list, tuple or mapping."""
    if not isinstance(value, list | tuple | str | Mapping):
        raise CannotCompute(message(N_("只能求文字或列表的长度")))
    return len(value)


def least(*values: Any) -> Any:
    """``min`` of two or more values, or of one list."""
    return min(_several(values))


def greatest(*values: Any) -> Any:
    """``max`` of two or more values, or of one list."""
    return max(_several(values))


def _several(values: tuple[Any, ...]) -> list[Any] | tuple[Any, ...]:
    several = values[0] if len(values) == 1 else values
    if not isinstance(several, list | tuple) or not several:
        raise CannotCompute(message(N_("须给出至少一个可比较的值")))
    return several


def truth(value: Any) -> bool:
    """``bool(value)``."""
    return bool(value)


def civil_date(text: Any) -> date:
    """``date('2026-03-31')``: a civil date (Asia/Shanghai has no other meaning of it)."""
    if not isinstance(text, str) or len(text) > MAX_TEXT:
        raise CannotCompute(message(N_("日期须写作带引号的 '2026-03-31'")))
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CannotCompute(message(N_("日期须写作带引号的 '2026-03-31'"))) from None


#: What a person may call by name.
FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "len": length,
    "min": least,
    "max": greatest,
    "abs": absolute,
    "round": round_half_up,
    "int": whole,
    "bool": truth,
    "date": civil_date,
}

#: Guard for each syntax node that computes, by the node's class name.
OPERATORS: Mapping[str, Callable[..., Any]] = {
    "Add": add,
    "Sub": subtract,
    "Mult": multiply,
    "Div": divide,
    "FloorDiv": floor_divide,
    "Mod": modulo,
    "USub": negative,
    "UAdd": positive,
    "Subscript": item,
    "Call": clock,
}
