"""期限怎么算的: a due date in words, with what was asked for about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.clock import Unit, civil_date, due_day
from engine.commands.consenting import ALONE
from engine.commands.extensions import (
    DECISION_NAMES,
    UNIT_NAMES,
)
from engine.messages import N_
from engine.queries import clocks
from engine.reckoning import Skipped, Why
from webui import directory
from webui.language import gettext
from webui.runtime import house, me
from webui.words import day, moment, period, say

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from engine.queries.clocks import Asked, Clock
    from engine.reckoning import Explanation

_RULES = {
    Unit.CAL: N_("{amount} 日（按日历日计算）"),
    Unit.WORK: N_("{amount} 个工作日（按国务院办公厅公布的节假日安排，含调休）"),
    Unit.HOUR: N_("{amount} 小时（连续计算）"),
    Unit.MONTH: N_("{amount} 个月（到期月的对应日；没有对应日的，为该月最后一日）"),
}
_WHY = {Why.WEEKEND: N_("周末"), Why.HOLIDAY: N_("节假日"), Why.ROLLED: N_("最后一日为休息日，顺延")}


@dataclass(frozen=True)
class ClockWords:
    """A clock as the page shows it: `lines` are label and text; `skipped` and `warns` are listed below them."""

    clock: Clock
    step: str
    #: what the period is called
    name: str
    result: str
    provisional: bool
    lines: Sequence[tuple[str, str]]
    skipped: Sequence[str]
    asked: Sequence[AskedWords]
    most: str


@dataclass(frozen=True)
class AskedWords:
    """An extension in words."""

    asked: Asked
    state: str
    text: str


def words_of(connection: Connection, task_ids: Sequence[int]) -> list[ClockWords]:
    """The clocks of open tasks in words, for somebody who may see them."""
    return [_words(connection, each) for each in clocks.clocks_of(house(), connection, me(), task_ids)]


def _words(connection: Connection, clock: Clock) -> ClockWords:
    told = clock.explanation
    last = told.last_day
    people = directory.people(connection, {id_ for a in clock.asked for id_ in (a.row.asked_by, a.row.decided_by)})
    unit = gettext(UNIT_NAMES[told.period.unit])
    return ClockWords(
        clock=clock,
        step=say(clock.task.name),
        name=period(clock.period),
        result=gettext("已暂停，恢复后继续计算") if last is None else _until(told),
        provisional=told.provisional,
        lines=_lines(told),
        skipped=[_skipped(each) for each in told.skipped],
        asked=[
            AskedWords(a, say(DECISION_NAMES[a.row.state]), _asked(a, people) + _consents(a, clock))
            for a in clock.asked
        ],
        most=gettext("最多 {most} {unit}").format(most=clock.left, unit=unit),
    )


def _until(told: Explanation) -> str:
    assert told.due_at is not None  # noqa: S101
    if told.period.unit is Unit.HOUR:
        return gettext("{moment} 前").format(moment=moment(told.due_at))
    return gettext("{day} 24 时前").format(day=day(due_day(told.due_at)))


def _lines(told: Explanation) -> list[tuple[str, str]]:
    """What led to the date, one after the other."""
    rule, unit = told.period, gettext(UNIT_NAMES[told.period.unit])
    begun = told.use.triggered
    assert begun is not None  # noqa: S101
    hours = rule.unit is Unit.HOUR
    first = moment(begun) if hours else gettext("{day}（当日不计入）").format(day=day(told.day_zero))
    lines = [(gettext("起算"), first), (gettext("规定"), _rule(told)), (gettext("依据"), say(rule.clause))]
    if told.use.extended:
        more = gettext("{units} {unit}，经批准延长").format(units=told.use.extended, unit=unit)
        lines.append((gettext("延期"), more))
    if told.counted:
        span = gettext("{count} 日：{first} 至 {last}")
        first_day, last_day = told.counted[0].isoformat(), told.counted[-1].isoformat()
        lines.append((gettext("计入"), span.format(count=len(told.counted), first=first_day, last=last_day)))
    for start, end in told.pauses:
        until = moment(end) if end is not None else gettext("今")
        lines.append((gettext("暂停"), gettext("{start} 至 {end}，不计入").format(start=moment(start), end=until)))
    lines += [(gettext("调休上班"), f"{on.day.isoformat()} {say(on.name)}".strip()) for on in told.swapped]
    if told.day_off is not None:
        kept = gettext("最后一日为休息日（{why}）；这是办理机关的期限，不顺延，提醒提前到此前最后一个工作日")
        lines.append((gettext("末日"), kept.format(why=say(told.day_off.name) or say(_WHY[told.day_off.why]))))
    upcoming = [civil_date(warn.at).isoformat() if not hours else moment(warn.at) for warn in told.warns]
    if upcoming:
        lines.append((gettext("提醒"), "、".join(upcoming)))
    return lines


def _rule(told: Explanation) -> str:
    if told.period.unit is Unit.DATE:
        month, on = divmod(told.period.amount, 100)
        return gettext("每年 {month} 月 {day} 日").format(month=month, day=on)
    return gettext(_RULES[told.period.unit]).format(amount=told.period.amount)


def _skipped(each: Skipped) -> str:
    why = say(each.name) if each.name else say(_WHY[each.why])
    if each.why is Why.ROLLED and each.name:
        why = gettext("{holiday}，顺延").format(holiday=why)
    return f"{each.day.isoformat()} {why}"


def _asked(asked: Asked, people: Mapping[int, str]) -> str:
    row = asked.row
    unit = gettext(UNIT_NAMES[Unit(row.unit)])
    text = gettext("{name}于 {time} 申请延长 {units} {unit}：{reason}").format(
        name=people.get(row.asked_by, ""), time=moment(row.asked_at), units=row.units, unit=unit, reason=asked.reason
    )
    if row.decided_by:
        decided = gettext("{name}于 {time} 决定：{state}").format(
            name=people.get(row.decided_by, ""), time=moment(row.decided_at), state=say(DECISION_NAMES[row.state])
        )
        text = f"{text}。{decided}{'：' if asked.answer else ''}{asked.answer}"
    return text


def _consents(asked: Asked, clock: Clock) -> str:
    """Who consented, and when; of her, that she was asked alone."""
    told = [
        gettext("{who}于 {day} 同意").format(who=say(who), day=asked.consents[code])
        + (gettext("（单独征求）") if code == ALONE and asked.consents.get("alone") else "")
        for code, who in clock.consenting.items()
        if asked.consents.get(code)
    ]
    return f"（{'；'.join(told)}）" if told else ""
