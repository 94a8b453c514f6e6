"""What a time limit of a policy may be, and its stored form.

The law's own periods are not for a county to lengthen, and those of petitions (信访条例) and of domestic violence never pause
(processes.md §0.3): a policy that says otherwise is refused, with the key, the field, what was seen and what is allowed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from engine.clock import Extension, Level, Period, Unit, WarnPoint
from engine.messages import N_, Message
from workflows.parameters import Problems, wrong
from workflows.sla_table import LAW, POSTS

#: the longest period of each unit: two years of days or hours, ten years of months; a date is month * 100 + day
_LONGEST: Final[Mapping[Unit, int]] = {
    Unit.CAL: 730,
    Unit.WORK: 500,
    Unit.HOUR: 17520,
    Unit.MONTH: 120,
    Unit.DATE: 1231,
}
_DAYS_OF_MONTH: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
#: first words of the keys whose clocks never pause
NEVER_PAUSE: Final = ("pet", "dv")
#: but for one: the time of a hearing is not counted in a recheck (《信访工作条例》第三十六条)
MAY_PAUSE: Final = ("pet.recheck.answer",)
_WARNINGS: Final = (Level.WARN, Level.RED)


def period_json(period: Period) -> dict[str, Any]:
    """The stored form of a period; its key stands outside."""
    extension = period.extension
    return {
        "amount": period.amount,
        "unit": str(period.unit),
        "clause": period.clause,
        "escalates_to": list(period.escalates_to),
        "pauses": period.pauses,
        "rolls": period.rolls,
        "warns": [[str(p.level), p.at, p.before_end, list(p.to)] for p in period.warns],
        "extension": None if extension is None else {**vars(extension), "approvers": list(extension.approvers)},
    }


def period_from(key: str, stored: Mapping[str, Any]) -> Period:
    """A stored period; one from before there were warnings has none."""
    warns = tuple(WarnPoint(Level(level), at, end, tuple(to)) for level, at, end, to in stored.get("warns", ()))
    lawful = stored.get("extension")
    return Period(
        key,
        stored["amount"],
        Unit(stored["unit"]),
        stored["clause"],
        tuple(stored["escalates_to"]),
        stored["pauses"],
        stored.get("rolls", False),
        warns,
        None if lawful is None else Extension(**{**lawful, "approvers": tuple(lawful["approvers"])}),
    )


def period_problems(wanted: Mapping[str, Period], given: Mapping[str, Period]) -> Problems:
    """Everything that is wrong with the periods of a policy, by key."""
    problems: Problems = {key: [Message(N_("没有这个时限"))] for key in given.keys() - wanted.keys()}
    for key in wanted:
        if key not in given:
            problems[key] = [Message(N_("缺少时限 {key}"), {"key": key})]
        elif wrongs := list(wrong_period(given[key])):
            problems[key] = wrongs
    return problems


def wrong_period(period: Period) -> Iterator[Message]:
    """What is wrong with one period, field by field."""
    yield from _wrong_amount(period)
    if not period.clause.strip():
        yield wrong(N_("时限依据"), period.clause, Message(N_("一条依据的名称")))
    yield from _wrong_posts(N_("逾期提醒的岗位"), period.escalates_to)
    if period.pauses and period.key.partition(".")[0] in NEVER_PAUSE and period.key not in MAY_PAUSE:
        yield wrong(N_("可否暂停"), period.pauses, Message(N_("“否”：信访和家暴事项的法定时限不得暂停")))
    if period.pauses and period.unit in (Unit.MONTH, Unit.DATE):
        yield wrong(N_("可否暂停"), period.pauses, Message(N_("“否”：按月或按日期计算的时限不能暂停")))
    for point in period.warns:
        yield from _wrong_point(period, point)
    names = [point.name for point in period.warns]
    if len(set(names)) < len(names):
        yield wrong(N_("提醒点"), names, Message(N_("互不重复的提醒点")))
    if period.extension is not None:
        yield from _wrong_extension(period, period.extension)


def _whole(value: Any, lowest: int, highest: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and lowest <= value <= highest


def _between(lowest: int, highest: int) -> Message:
    return Message(N_(" {lowest} 至 {highest} 的整数"), {"lowest": lowest, "highest": highest})


def _wrong_amount(period: Period) -> Iterator[Message]:
    longest = _LONGEST[period.unit]
    if not _whole(period.amount, 0, longest):
        yield wrong(N_("时限长度"), period.amount, Message(N_(" 0 至 {longest} 的整数"), {"longest": longest}))
        return
    if period.unit is Unit.DATE and not _is_date(period.amount):
        yield wrong(N_("时限长度"), period.amount, Message(N_("月日四位数，如 318 为 3 月 18 日")))
    law = LAW.get(period.key)
    if law is None:
        return
    if period.unit is not law.unit:
        yield wrong(N_("计时单位"), str(period.unit), Message(N_("法定的 {unit}"), {"unit": str(law.unit)}))
    elif period.rolls and period.amount < law.amount:
        allowed = Message(N_("不少于法定的 {amount}"), {"amount": law.amount})
        yield wrong(N_("时限长度"), period.amount, allowed)
    elif not period.rolls and period.amount > law.amount:
        allowed = Message(N_("不超过法定的 {amount}"), {"amount": law.amount})
        yield wrong(N_("时限长度"), period.amount, allowed)


def _is_date(amount: int) -> bool:
    month, day = divmod(amount, 100)
    return 1 <= month <= 12 and 1 <= day <= _DAYS_OF_MONTH[month - 1]


def _wrong_posts(label: str, posts: Collection[str], *, least: int = 1) -> Iterator[Message]:
    unknown = [post for post in posts if post not in POSTS]
    if unknown or len(posts) < least:
        allowed = Message(N_("以下岗位中的至少一个：{posts}"), {"posts": "、".join(POSTS)})
        yield wrong(label, unknown, allowed)


def _wrong_point(period: Period, point: WarnPoint) -> Iterator[Message]:
    longest = _LONGEST[Unit.CAL] if period.unit in (Unit.MONTH, Unit.DATE) else period.amount
    if point.level not in _WARNINGS:
        yield wrong(N_("提醒级别"), str(point.level), Message(N_("“warn”或“red”")))
    if not _whole(point.at, 0, longest):
        yield wrong(N_("提醒点"), point.at, _between(0, longest))
    if period.unit is Unit.DATE and not point.before_end:
        yield wrong(N_("提醒点"), point.name, Message(N_("到期前若干日（按日期计算的时限没有起算日）")))
    yield from _wrong_posts(N_("提醒的岗位"), point.to, least=0)


def _wrong_extension(period: Period, extension: Extension) -> Iterator[Message]:
    yield from _wrong_posts(N_("批准延期的岗位"), extension.approvers)
    law = LAW.get(period.key)
    longest = _LONGEST[period.unit] if law is None or law.extension is None else law.extension.most
    if period.unit is Unit.DATE or (law is not None and law.extension is None):
        yield wrong(N_("延期"), extension.most, Message(N_("无：此时限不得延期")))
    elif not _whole(extension.most, 1, longest):
        yield wrong(N_("最长延期"), extension.most, _between(1, longest))
    if not _whole(extension.times, 1, 10 if law is None else 1):
        yield wrong(N_("延期次数"), extension.times, _between(1, 10 if law is None else 1))
    if not _whole(extension.reason_length, 1, 500):
        yield wrong(N_("延期理由的最少字数"), extension.reason_length, _between(1, 500))
