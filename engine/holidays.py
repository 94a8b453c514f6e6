"""Holiday notices as files: what the State Council announces for a year, as a table of days, read whole or not at all.

A table has three columns, 日期, 安排 (休 or 班) and 名称, under a line that says so: in UTF-8 or GB 18030, with commas or tabs. A
year is complete when its National Day (1 October) is in it, and then replaces what was known of that year; a day of another
year (a notice also names the last days of December) replaces that day alone.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from io import StringIO
from typing import Final

from sqlalchemy import Connection, bindparam, delete, insert, select

from engine.errors import RefusedTable
from engine.messages import N_, Message
from engine.model import calendar_day

MAX_BYTES: Final = 256 * 1024
MAX_ROWS: Final = 2000
_MAX_NAME: Final = 40
_FIRST_YEAR, _LAST_YEAR = 2000, 2100
_OFF: Final = ("休", "放假", "休息", "off", "holiday")
_ON: Final = ("班", "上班", "补班", "调休上班", "work", "working")
_HEADS: Final = (("日期", "date"), ("安排", "kind"), ("名称", "name"))
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")

_WHOLE_YEAR = delete(calendar_day).where(calendar_day.c.day.between(bindparam("b_first"), bindparam("b_last")))
_ONE_DAY = delete(calendar_day).where(calendar_day.c.day == bindparam("b_day"))
_KNOWN = select(calendar_day.c.day, calendar_day.c.working, calendar_day.c.note)


class RefusedCalendar(RefusedTable):
    """A table of holidays was refused whole: `reasons` names each line that is wrong, with its number."""

    text = N_("节假日表未导入，共 {count} 处有误：{reasons}")


@dataclass(frozen=True)
class Day:
    """A day that a notice names: whether it is worked, and why (Chinese)."""

    day: date
    working: bool
    note: str


def read_table(content: bytes) -> tuple[Day, ...]:
    """The days of a table, in order. RefusedCalendar lists everything that is wrong at once, each with its line number."""
    if len(content) > MAX_BYTES:
        raise RefusedCalendar([Message(N_("文件超过 {limit} KB"), {"limit": MAX_BYTES // 1024})])
    text = _decoded(content)
    lines = list(csv.reader(StringIO(text, newline=""), delimiter="\t" if "\t" in text.split("\n", 1)[0] else ","))
    if not lines or not _is_head(lines[0]):
        seen = ",".join(lines[0])[:40] if lines else ""
        wanted = Message(N_("第 1 行应为“日期,安排,名称”，现为“{seen}”"), {"seen": seen})
        raise RefusedCalendar([wanted])
    days: dict[date, Day] = {}
    reasons: list[Message] = []
    for number, cells in enumerate(lines[1:], start=2):
        if not any(cell.strip() for cell in cells):
            continue
        found = _read(cells)
        if isinstance(found, Day) and found.day in days:
            found = Message(N_("{day} 重复出现"), {"day": found.day.isoformat()})
        if isinstance(found, Day):
            days[found.day] = found
        else:
            reasons.append(Message(N_("第 {row} 行：{why}"), {"row": number, "why": found}))
    if not days and not reasons:
        reasons.append(Message(N_("文件中没有任何日期")))
    if len(days) > MAX_ROWS:
        reasons.append(Message(N_("超过 {limit} 行"), {"limit": MAX_ROWS}))
    if reasons:
        raise RefusedCalendar(reasons)
    return tuple(days[day] for day in sorted(days))


def complete_years(days: Iterable[Day]) -> list[int]:
    """The years whose notice a table holds."""
    return sorted({each.day.year for each in days if (each.day.month, each.day.day) == (10, 1)})


def differing(connection: Connection, days: Iterable[Day]) -> list[Day]:
    """The days of a table that are not known so already; of a complete year also those that are no longer named."""
    new = {each.day: each for each in days}
    known = {row.day: Day(row.day, row.working, row.note) for row in connection.execute(_KNOWN)}
    years = complete_years(new.values())
    lost = [Day(day, day.weekday() < 5, "") for day in known if day.year in years and day not in new]
    return sorted([*(each for day, each in new.items() if known.get(day) != each), *lost], key=lambda each: each.day)


def replace_days(connection: Connection, days: Iterable[Day]) -> int:
    """Make these the calendar, as the module says; returns how many days were given."""
    new = tuple(days)
    years = complete_years(new)
    for year in years:
        connection.execute(_WHOLE_YEAR, {"b_first": date(year, 1, 1), "b_last": date(year, 12, 31)})
    for each in new:
        if each.day.year not in years:
            connection.execute(_ONE_DAY, {"b_day": each.day})
    if new:
        rows = [{"day": each.day, "working": each.working, "note": each.note} for each in new]
        connection.execute(insert(calendar_day), rows)
    return len(new)


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise RefusedCalendar([Message(N_("文件不是 UTF-8 或 GB 18030 编码的文本"))])


def _is_head(cells: list[str]) -> bool:
    named = [cell.strip().lower() for cell in cells]
    return len(named) == len(_HEADS) and all(cell in names for cell, names in zip(named, _HEADS, strict=True))


def _read(cells: list[str]) -> Day | Message:
    """One line, or what is wrong with it."""
    plain = [cell.strip() for cell in cells]
    if len(plain) != len(_HEADS):
        return Message(N_("应有 3 列，现有 {seen} 列"), {"seen": len(plain)})
    problems = list(_problems(*plain))
    day = _day(plain[0])
    if problems or day is None:
        return problems[0]
    return Day(day, plain[1].lower() in _ON, plain[2])


def _problems(day: str, kind: str, name: str) -> Iterator[Message]:
    found = _day(day)
    if found is None:
        yield Message(N_("日期“{seen}”不存在或写法不对，应写作 2027-01-01"), {"seen": day[:40]})
    elif not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        span = {"seen": found.year, "first": _FIRST_YEAR, "last": _LAST_YEAR}
        yield Message(N_("年份 {seen} 应在 {first} 至 {last} 之间"), span)
    if kind.lower() not in (*_OFF, *_ON):
        yield Message(N_("安排“{seen}”应为“休”或“班”"), {"seen": kind[:40]})
    if not 0 < len(name) <= _MAX_NAME:
        yield Message(N_("名称应为 1 至 {most} 个字，现有 {seen} 个"), {"most": _MAX_NAME, "seen": len(name)})


def _day(text: str) -> date | None:
    found = _DAY.fullmatch(text)
    if found is None:
        return None
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None
