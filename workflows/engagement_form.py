"""What is typed when an audit engagement is asked for: read, and every field that is wrong told at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from engine.messages import N_, Message

#: an engagement is for one audit, not for ever
LONGEST: Final = timedelta(days=183)
#: most cases of a sample, and the widest step of “every n-th”
MOST: Final = 1000
_SHORTEST_REASON: Final = 10
#: rule of a sample → what people call it
RULES: Final[Mapping[str, str]] = {
    "all": N_("范围内全部案卷"),
    "numbers": N_("指定案卷号"),
    "nth": N_("按案卷号每隔若干件抽一件"),
    "random": N_("随机抽取"),
}

Problems = dict[str, list[Message]]


@dataclass(frozen=True)
class Asked:
    """What was typed, beside the auditor and the unit."""

    kinds: Sequence[str]
    opened_since: str
    opened_until: str
    since: str
    until: str
    reason: str
    sample: Mapping[str, Any]


def read(asked: Asked, catalogue: Collection[str], today: date) -> tuple[dict[str, Any], Problems]:
    """Values for the columns of an engagement, and the problems by field."""
    problems: Problems = {}
    kinds = list(dict.fromkeys(asked.kinds))
    if not kinds or not set(kinds) <= set(catalogue):
        problems["kinds"] = [Message(N_("请选择至少一种事项"))]
    first = _day(asked.opened_since, "opened_since", problems)
    last = _day(asked.opened_until, "opened_until", problems)
    since, until = _day(asked.since, "since", problems), _day(asked.until, "until", problems)
    if first and last and last < first:
        bounds = {"seen": last.isoformat(), "first": first.isoformat()}
        problems["opened_until"] = [Message(N_("立案截止日期 {seen} 早于起始日期 {first}"), bounds)]
    if since and since < today:
        bounds = {"seen": since.isoformat(), "first": today.isoformat()}
        problems["since"] = [Message(N_("审计开始日期 {seen} 不得早于今天 {first}"), bounds)]
    if since and until and not since <= until <= since + LONGEST:
        bounds = {"seen": until.isoformat(), "first": since.isoformat(), "last": (since + LONGEST).isoformat()}
        problems["until"] = [Message(N_("审计结束日期须在 {first} 至 {last} 之间，填写的是“{seen}”"), bounds)]
    if len("".join(asked.reason.split())) < _SHORTEST_REASON:
        told = {"least": _SHORTEST_REASON}
        problems["reason"] = [Message(N_("请写明审计的理由和依据，至少 {least} 个字"), told)]
    sample = _sample(asked.sample, problems)
    days = {"opened_since": first, "opened_until": last, "since": since, "until": until}
    return {"kinds": kinds, "sample": sample, **days}, problems


def _day(text: str, field: str, problems: Problems) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        problems[field] = [Message(N_("请选择日期，格式如 2026-06-20；填写的是“{seen}”"), {"seen": text.strip()[:20]})]
        return None


def _sample(typed: Mapping[str, Any], problems: Problems) -> dict[str, Any]:
    rule = str(typed.get("rule", ""))
    if rule == "all":
        return {"rule": rule}
    if rule == "numbers":
        numbers = sorted({str(each).strip().upper() for each in typed.get("numbers") or () if str(each).strip()})
        if not 1 <= len(numbers) <= MOST:
            problems["numbers"] = [Message(N_("请填写 1 至 {most} 个案卷号，每行一个"), {"most": MOST})]
        return {"rule": rule, "numbers": [number[:40] for number in numbers]}
    count = typed.get("n")
    if rule not in RULES:
        problems["sample"] = [Message(N_("请选择抽样方法"))]
    elif not isinstance(count, int) or isinstance(count, bool) or not 1 <= count <= MOST:
        problems["n"] = [Message(N_("请填写 1 至 {most} 的整数"), {"most": MOST})]
    return {"rule": rule, "n": count}
