"""Conditions of the rules that ask for the kind of a case or process (`workflows.conditions`)."""

from __future__ import annotations

from engine.messages import N_, Message
from engine.model import case_file
from workflows.conditions import Condition


def of_kind(*kinds: str) -> Condition:
    """The case is of one of these kinds."""
    return Condition(
        Message(N_("仅限 {kind} 类事项"), {"kind": "、".join(kinds)}),
        lambda _, case: case.kind in kinds,
        lambda _: case_file.c.kind.in_(kinds),
    )


def not_of_kind(*kinds: str) -> Condition:
    """The case is of none of these kinds."""
    return Condition(
        Message(N_("不含 {kind} 类事项"), {"kind": "、".join(kinds)}),
        lambda _, case: case.kind not in kinds,
        lambda _: case_file.c.kind.not_in(kinds),
    )


def of_process(*keys: str) -> Condition:
    """The process that would begin is one of these."""
    return Condition(
        Message(N_("仅限 {kind} 类事项"), {"kind": "、".join(keys)}),
        lambda _, process: getattr(process, "key", None) in keys,
    )
