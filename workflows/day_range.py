"""Two days between which a list is asked for, as somebody typed them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from engine.messages import N_, Message

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from workflows.parameters import Problems


def day_range(
    typed: Mapping[str, str], problems: Problems, *, until: date, since: Callable[[date], date]
) -> tuple[date, date]:
    """The days "since" and "until", both counted; what is wrong with them is added to `problems`, by field.

    `until` is the last day where none was typed, `since` gives the first one for a last one.
    """
    last = _day(typed, "until", until, problems)
    first = _day(typed, "since", since(last), problems)
    if not problems and last < first:
        text = N_("止日 {seen} 早于起日：不能早于 {limit}")
        problems["until"] = [Message(text, {"seen": last.isoformat(), "limit": first.isoformat()})]
    return first, last


def _day(typed: Mapping[str, str], field: str, otherwise: date, problems: Problems) -> date:
    seen = typed.get(field, "").strip()
    try:
        return date.fromisoformat(seen) if seen else otherwise
    except ValueError:
        text = N_("请选择日期，格式如 2026-06-20；填写的是“{seen}”")
        problems[field] = [Message(text, {"seen": seen[:20]})]
        return otherwise
