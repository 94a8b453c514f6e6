"""The consent of those whom an extension concerns: who, when, and of her that she was asked alone (`process_traits.ByConsent`).

A reason that somebody typed is no consent. What is kept is sealed with the request and told in the history.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from engine.messages import N_, Message
from engine.process_traits import ByConsent

if TYPE_CHECKING:
    from engine.commands.context import CaseContext
    from engine.process_type import Problems, ProcessType

#: who is asked while nobody of the other side is there (D4, D5)
ALONE: Final = "HER"
_MISSING: Final = N_("请写明{who}哪一天同意延期；没有同意不能延期 —— 依据：{rule}")
_NOT_ALONE: Final = N_("须在对方和其家人不在场时单独征求{who}的同意 —— 依据：{rule}")


def asked_of(process: ProcessType, period: str) -> Mapping[str, Message]:
    """Code → name of those who must consent to an extension of a period; empty when nobody has to."""
    return process.consenting(period) if isinstance(process, ByConsent) else {}


def examine(view: CaseContext, period: str, given: Mapping[str, Any], since: date) -> tuple[dict[str, Any], Problems]:
    """What is kept of the consents (code → day, and "alone"), and what is missing or wrong by code ("HER", "OTHER", "alone").

    `since`: the first day on which somebody could consent. For a period that needs no consent nothing is kept.
    """
    process = view.process
    wanted = asked_of(process, period)
    if not isinstance(process, ByConsent) or not wanted:
        return {}, {}
    rule, found = process.consent_rule(period), dict[str, list[Message]]()
    days = {code: _day(given.get(code)) for code in wanted}
    for code, who in wanted.items():
        day = days[code]
        if day is None:
            found[code] = [Message(_MISSING, {"who": who, "rule": rule})]
        elif not since <= day <= view.today:
            dates = {"seen": day.isoformat(), "first": since.isoformat(), "last": view.today.isoformat()}
            found[code] = [Message(N_("填写的是 {seen}，同意的日期须在 {first} 至 {last} 之间"), dates)]
    if ALONE in wanted and given.get("alone") is not True:
        found["alone"] = [Message(_NOT_ALONE, {"who": wanted[ALONE], "rule": rule})]
    return {"alone": ALONE in wanted, **{code: day.isoformat() for code, day in days.items() if day}}, found


def _day(typed: Any) -> date | None:
    try:
        return date.fromisoformat(str(typed or ""))
    except ValueError:
        return None
