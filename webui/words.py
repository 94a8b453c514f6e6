"""Dates, periods and sizes in words, in the reader's language; what templates call `say`, `day`, `moment`, `due`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from babel.dates import format_skeleton
from flask import Flask

from engine.clock import SHANGHAI, Calendar, civil_date, due_day
from engine.messages import N_, Message
from webui.language import gettext, locale
from workflows.period_names import period_name

#: periods with fewer days left than this are said to be soon due
SOON = 2


@dataclass(frozen=True)
class DueWords:
    """A due date as words and a date; `band` ("late", "soon", "") only repeats it in colour."""

    text: str
    day: str
    band: str


def say(text: Message | str | None) -> str:
    """A message or a msgid in the reader's language."""
    if text is None or text == "":
        return ""
    return text.render(gettext) if isinstance(text, Message) else gettext(text)


def day(when: date | datetime, on: date | None = None) -> str:
    """“6月23日”; with the year when it is not the year of `on`."""
    local = civil_date(when) if isinstance(when, datetime) else when
    skeleton = "MMMd" if on is not None and on.year == local.year else "yMMMd"
    return str(format_skeleton(skeleton, local, locale=locale()))


def moment(when: datetime) -> str:
    """“2026-06-23 14:03”, Shanghai time."""
    return when.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


def due_date(due_at: datetime | None) -> str:
    """The last day of a period as “2026-06-23”, "—" without one."""
    return due_day(due_at).isoformat() if due_at else "—"


def due_words(due_at: datetime | None, now: datetime, calendar: Calendar) -> DueWords | None:
    """“还剩 3 个工作日”, “今天到期”, “已逾期 2 天”, with the date; None without a period."""
    if due_at is None:
        return None
    today, last = civil_date(now), due_day(due_at)
    shown = day(last, today)
    if now >= due_at:
        late = (today - last).days
        text = gettext("已逾期 {days} 天").format(days=late) if late else gettext("已逾期")
        return DueWords(text, shown, "late")
    if last == today:
        return DueWords(gettext("今天到期"), shown, "soon")
    left = calendar.working_days_between(today, last)
    band = "soon" if left <= SOON else ""
    if left == 0:
        text = gettext("还剩 {days} 天，均为休息日").format(days=(last - today).days)
    else:
        text = gettext("还剩 {days} 个工作日").format(days=left)
    return DueWords(text, shown, band)


def ago(when: datetime, now: datetime) -> str:
    """“今天 09:12”, “昨天 17:40”, “6月15日”."""
    then, today = civil_date(when), civil_date(now)
    clock = when.astimezone(SHANGHAI).strftime("%H:%M")
    if then == today:
        return gettext("今天 {clock}").format(clock=clock)
    if then == today - timedelta(days=1):
        return gettext("昨天 {clock}").format(clock=clock)
    return day(then, today)


def filesize(size: int) -> str:
    """“128 KB”, “2.4 MB”."""
    kilo = 1024
    return f"{size / kilo / kilo:.1f} MB" if size >= kilo * kilo else f"{max(1, round(size / kilo))} KB"


def period(key: str | None) -> str:
    """What a time limit is called."""
    return say(period_name(key))


def wait_words(until: date, now: datetime) -> DueWords:
    """“挂起至 6月30日”, or that the day has passed (it passes at 24:00)."""
    today = civil_date(now)
    late = until < today
    text = gettext("挂起至 {day}，已过") if late else gettext("挂起至 {day}")
    return DueWords(text.format(day=day(until, today)), until.isoformat(), "late" if late else "")


CLOSED = {
    "done": N_("已办理"),
    "returned": N_("已退回"),
    "cancelled": N_("已取消"),
    "discarded": N_("已删除草稿"),
}


def close_words(reason: str | None) -> str:
    """How a task was closed."""
    return gettext(CLOSED.get(reason or "", N_("已结束")))


def last_day(due_at: datetime) -> str:
    """The last day on which something is in time, with its year: 24:00 of the 23rd is the 23rd."""
    return day(due_day(due_at))


def init(app: Flask) -> None:
    """Hand the words to the templates."""
    filters: dict[str, Any] = {"say": say, "day": day, "moment": moment, "filesize": filesize, "last_day": last_day}
    filters.update(due_date=due_date, period=period)
    app.jinja_env.filters.update(filters)
    app.jinja_env.globals.update(close_words=close_words, wait_words=wait_words)
