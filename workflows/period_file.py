"""The table of time limits as a file: read whole or not at all, each wrong cell told by row and column.

One line a key, in the columns of `HEAD`; a file names the keys it changes, the others stay as they are in force. A warning is
``warn+45`` (so many units after the start) or ``red-3`` (before the end), ``warn-3:TOWN_CHAIR|COUNTY_CHAIR`` for posts of its
own; several are separated by blanks. A file makes one new version of each policy it touches, and never changes an old one.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from io import StringIO
from typing import Final

from sqlalchemy import Connection

from engine.clock import Extension, Level, Period, Unit, WarnPoint
from engine.errors import InvalidAnswers, NotFound, RefusedTable
from engine.messages import N_, Message
from workflows.period_rules import wrong_period
from workflows.policy import SCOPES, Policy, add_policy, policy_on

HEAD: Final = ("key", "amount", "unit", "clause", "warns", "escalates_to", "pauses", "rolls",
               "extend_by", "extend_most", "extend_times", "extend_clause")  # fmt: skip
MAX_BYTES: Final = 256 * 1024
_YES: Final = {"是": True, "1": True, "yes": True, "否": False, "0": False, "no": False, "": False}
_WARN = re.compile(r"(warn|red)([+-])(\d{1,5})(?::([A-Z_|]+))?")


class RefusedPeriods(RefusedTable):
    """A table of time limits was refused whole: `reasons` name each wrong cell by row and column."""

    text = N_("时限表未导入，共 {count} 处有误：{reasons}")


@dataclass(frozen=True)
class Line:
    """A line that could be read: its row in the file, and the period it gives."""

    row: int
    period: Period


class _BadCell(Exception):
    def __init__(self, column: str, seen: str, allowed: Message) -> None:
        super().__init__(column)
        self.why = Message(
            N_("{column}：现为“{seen}”，应为{allowed}"), {"column": column, "seen": seen[:60], "allowed": allowed}
        )


def read_periods(content: bytes) -> list[Line]:
    """The lines of a file. RefusedPeriods lists everything that is wrong at once."""
    if len(content) > MAX_BYTES:
        raise RefusedPeriods([Message(N_("文件超过 {limit} KB"), {"limit": MAX_BYTES // 1024})])
    try:
        lines = list(csv.reader(StringIO(content.decode("utf-8-sig"), newline="")))
    except UnicodeDecodeError:
        raise RefusedPeriods([Message(N_("文件不是 UTF-8 编码的文本"))]) from None
    if not lines or tuple(cell.strip() for cell in lines[0]) != HEAD:
        seen = ",".join(lines[0])[:60] if lines else ""
        raise RefusedPeriods([Message(N_("第 1 行应为“{head}”，现为“{seen}”"), {"head": ",".join(HEAD), "seen": seen})])
    found: dict[str, Line] = {}
    reasons: list[Message] = []
    for row, cells in enumerate(lines[1:], start=2):
        if any(cell.strip() for cell in cells):
            reasons += [Message(N_("第 {row} 行：{why}"), {"row": row, "why": why}) for why in _line(row, cells, found)]
    if not found and not reasons:
        reasons.append(Message(N_("文件中没有任何时限")))
    if reasons:
        raise RefusedPeriods(reasons)
    return list(found.values())


def import_periods(
    connection: Connection, content: bytes, *, county_id: int, valid_from: date, label: str, at: datetime, by: int
) -> list[Policy]:
    """Make the file the county's time limits from a day on; returns the new versions.

    RefusedPeriods when any cell is wrong, or when the day lies in the past of a policy already in force; the caller then rolls
    back. Cases keep the version of their application date.
    """
    by_scope: dict[str, dict[str, Line]] = defaultdict(dict)
    for line in read_periods(content):
        scope = next(name for name, rules in SCOPES.items() if line.period.key in rules.periods)
        by_scope[scope][line.period.key] = line
    made: list[Policy] = []
    for scope, lines in by_scope.items():
        values, periods = _base(connection, county_id, scope, valid_from)
        changed = {**periods, **{key: line.period for key, line in lines.items()}}
        try:
            policy = add_policy(
                connection,
                county_id=county_id,
                scope=scope,
                valid_from=valid_from,
                label=label,
                values=values,
                periods=changed,
                at=at,
                by=by,
            )
        except InvalidAnswers as wrong:
            why = [message for messages in wrong.problems.values() for message in messages]
            raise RefusedPeriods(why) from wrong
        made.append(policy)
    return made


def table(periods: Mapping[str, Period]) -> str:
    """Periods as such a file, to be changed and brought back."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEAD)
    for period in periods.values():
        more = period.extension
        extended = ("|".join(more.approvers), more.most, more.times, more.clause) if more else ("", "", "", "")
        posts = "|".join(period.escalates_to)
        plain = (period.key, period.amount, period.unit.value, period.clause, " ".join(map(_said, period.warns)), posts)
        writer.writerow((*plain, "是" if period.pauses else "否", "是" if period.rolls else "否", *extended))
    return out.getvalue()


def _base(
    connection: Connection, county_id: int, scope: str, on: date
) -> tuple[Mapping[str, object], Mapping[str, Period]]:
    """Values and periods in force; the defaults of a scope that has them, or nothing but periods."""
    rules = SCOPES[scope]
    try:
        standing = policy_on(connection, county_id, scope, on)
    except NotFound:
        if rules.parameters and not rules.defaults:
            raise
        return rules.defaults, rules.periods
    return standing.parameters.values, {**rules.periods, **standing.periods}


def _line(row: int, cells: list[str], found: dict[str, Line]) -> Iterator[Message]:
    """Read one line into `found`, or tell what is wrong with it."""
    if len(cells) != len(HEAD):
        yield Message(N_("应有 {wanted} 列，现有 {seen} 列"), {"wanted": len(HEAD), "seen": len(cells)})
        return
    plain = {name: cell.strip() for name, cell in zip(HEAD, cells, strict=True)}
    try:
        period = _period(plain)
    except _BadCell as bad:
        yield bad.why
        return
    if period.key in found:
        yield Message(N_("{key} 重复出现"), {"key": period.key})
    wrongs = list(wrong_period(period))
    yield from wrongs
    if not wrongs:
        found.setdefault(period.key, Line(row, period))


def _period(plain: Mapping[str, str]) -> Period:
    key = plain["key"]
    known = next((rules.periods[key] for rules in SCOPES.values() if key in rules.periods), None)
    if known is None:
        raise _BadCell("key", key, Message(N_("时限表中已有的时限")))
    if plain["unit"] not in list(Unit):
        raise _BadCell("unit", plain["unit"], Message(N_("以下之一：{choices}"), {"choices": "、".join(Unit)}))
    period = Period(
        key,
        _whole(plain, "amount"),
        Unit(plain["unit"]),
        plain["clause"],
        _posts(plain["escalates_to"]),
        _flag(plain, "pauses"),
        _flag(plain, "rolls"),
        tuple(_warn(word) for word in plain["warns"].split()),
    )
    if not plain["extend_by"]:
        return period
    times = _whole(plain, "extend_times") if plain["extend_times"] else 1
    more = Extension(_posts(plain["extend_by"]), _whole(plain, "extend_most"), times, clause=plain["extend_clause"])
    return replace(period, extension=more)


def _whole(plain: Mapping[str, str], column: str) -> int:
    text = plain[column]
    if not (text.isascii() and text.isdigit() and len(text) <= 6):
        raise _BadCell(column, text, Message(N_("整数")))
    return int(text)


def _flag(plain: Mapping[str, str], column: str) -> bool:
    if plain[column].lower() not in _YES:
        raise _BadCell(column, plain[column], Message(N_("“是”或“否”")))
    return _YES[plain[column].lower()]


def _posts(text: str) -> tuple[str, ...]:
    return tuple(post.strip() for post in text.split("|") if post.strip())


def _warn(word: str) -> WarnPoint:
    read = _WARN.fullmatch(word)
    if read is None:
        raise _BadCell("warns", word, Message(N_(" warn+45（起算后）或 red-3（到期前）")))
    return WarnPoint(Level(read[1]), int(read[3]), read[2] == "-", _posts(read[4] or ""))


def _said(point: WarnPoint) -> str:
    posts = f":{'|'.join(point.to)}" if point.to else ""
    return f"{point.level.value}{'-' if point.before_end else '+'}{point.at}{posts}"
