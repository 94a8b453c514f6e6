"""Light facts: what a token may carry. Only what routes it; forms, names and amounts of text stay in the answers table.

A state is read and written on every step, and it is the one place where personal data could hide from the purge; so the
limit is a rule of the engine, not advice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.flow.faults import HeavyFacts
from engine.messages import N_, message

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_BYTES = 2_048  # all facts of one token, names included, as UTF-8
MAX_ITEMS = 64  # of one list
_MAX_INTEGER = 2**63


def light(onto: dict[str, Any], facts: Mapping[str, Any]) -> None:
    """Merge `facts` into `onto`, or raise HeavyFacts and leave `onto` unchanged.

    Allowed are None, bool, int (64 bit), str and lists of up to 64 of these, 2,048 bytes in all. Lists are copied.
    """
    if not facts:
        return
    taken = {name: _checked(name, value) for name, value in facts.items()}
    size = sum(_size(name) + _size(value) for name, value in (onto | taken).items())
    if size > MAX_BYTES:
        raise HeavyFacts(
            name="、".join(sorted(taken)), why=message(N_("合计 {size} 字节，超过 {limit}"), size=size, limit=MAX_BYTES)
        )
    onto.update(taken)


def copied(facts: Mapping[str, Any]) -> dict[str, Any]:
    """`facts` for another token: lists are the only values that can change, so only they are copied."""
    return {name: value.copy() if type(value) is list else value for name, value in facts.items()}


def changed(facts: Mapping[str, Any], since: Mapping[str, Any]) -> dict[str, Any]:
    """The facts that are new or different (in value or type) in comparison with `since`."""
    return {n: v for n, v in facts.items() if n not in since or since[n] != v or type(since[n]) is not type(v)}


def _checked(name: str, value: Any) -> Any:
    if not (isinstance(name, str) and name.isidentifier()):
        raise HeavyFacts(name=str(name), why=message(N_("名称不是标识符")))
    if isinstance(value, list | tuple):
        if len(value) > MAX_ITEMS:
            raise HeavyFacts(name=name, why=message(N_("列表超过 {limit} 项"), limit=MAX_ITEMS))
        return [_scalar(name, item) for item in value]
    return _scalar(name, value)


def _scalar(name: str, value: Any) -> Any:
    if value is None or isinstance(value, bool) or (type(value) is int and abs(value) < _MAX_INTEGER):
        return value
    if isinstance(value, str):
        return str(value)  # a StrEnum becomes its text: states know no classes
    raise HeavyFacts(name=name, why=message(N_("类型 {kind} 不允许"), kind=type(value).__name__))


def _size(value: Any) -> int:
    if isinstance(value, str):
        return len(value.encode())
    if isinstance(value, list):
        return sum(_size(item) + 1 for item in value)
    return 8
