"""来信来访记录本 (P-14, S004-23): what came in by a unit and those below it in a period, as a paper log book has it.

The lines are those of `petition_register`; nothing is typed here. A line stands in the book of whoever may read the case, and of
no other: permission is part of the statement. A confidential item is in nobody's book, not even in that of its own team.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import and_, bindparam, func, insert, or_, select

from engine.access import Permission
from engine.errors import InvalidAnswers
from engine.messages import N_, Message
from engine.model import case_file, read_log
from engine.model_filed import form_version
from engine.queries.inbox import Cursor
from workflows import model
from workflows.chart import chart
from workflows.day_range import day_range
from workflows.processes.petition import wording
from workflows.processes.petition.register import petition_register
from workflows.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Row, Select

    from engine.access import Actor
    from engine.runtime import Runtime
    from engine.unit_of_work import UnitOfWork

SHEET: Final = "P-14"
PAGE: Final = 50
#: lines on one print: more are no list anybody reads, and a page that would not end
MOST: Final = 500
#: characters of a matter that stand in a line
SHORT: Final = 40

_line = petition_register.c
_first = model.unit.alias("first_unit")
_ENTRIES = (
    select(petition_register, case_file.c.number, case_file.c.subject)
    .join(case_file, case_file.c.id == _line.case_id)
    .join(_first, _first.c.id == _line.first_unit_id)
)
_REGISTERED = (
    select(form_version.c.case_id, form_version.c.answers_sealed)
    .where(form_version.c.form == "register", form_version.c.case_id.in_(bindparam("b_ids", expanding=True)))
    .order_by(form_version.c.id)
)
_READ = insert(read_log)


@dataclass(frozen=True)
class Asked:
    """The part of the book that is asked for; first and last day both included, "" for every channel or category."""

    since: date
    until: date
    channel: str = ""
    category: str = ""


@dataclass(frozen=True)
class Entry:
    """One line; codes are those of the register, `name` is masked, `matter` its first words."""

    case_id: int
    number: str
    received_on: date
    received_at: datetime
    channel: str
    name: str
    people: int
    category: str
    matter: str
    first_asked: str
    first_unit: str
    way: str
    outcome: str
    answered_on: date | None
    overdue: bool


@dataclass(frozen=True)
class Leaf:
    """One page of lines, and where the next one begins when there is one."""

    rows: tuple[Entry, ...]
    next: Cursor | None


def asked(typed: Mapping[str, str], today: date) -> Asked:
    """What was typed ("since", "until", "channel", "category"); this month where no day was. InvalidAnswers by field."""
    problems: dict[str, list[Message]] = {}
    since, until = day_range(typed, problems, until=today, since=lambda _: today.replace(day=1))
    channel = _code(typed, "channel", wording.CHANNEL, problems)
    category = _code(typed, "category", wording.CATEGORY, problems)
    if problems:
        raise InvalidAnswers(problems)
    return Asked(since, until, channel, category)


def _code(
    typed: Mapping[str, str], field: str, known: Iterable[tuple[str, str]], problems: dict[str, list[Message]]
) -> str:
    seen = typed.get(field, "")
    allowed = dict(known)
    if seen and seen not in allowed:
        told = {"seen": seen[:20], "allowed": _listed([*allowed.values()])}
        problems[field] = [Message(N_("没有“{seen}”这一项；可选：{allowed}"), told)]
    return seen


def _listed(names: Sequence[str]) -> Message:
    first, *rest = names
    named = Message(first)
    return Message(N_("{first}、{rest}"), {"first": named, "rest": _listed(rest)}) if rest else named


def page(runtime: Runtime, connection: Connection, actor: Actor, wanted: Asked, *, after: Cursor | None = None) -> Leaf:
    """One page, the newest first."""
    chosen = _chosen(runtime, actor, wanted).order_by(_line.received_at.desc(), _line.case_id.desc()).limit(PAGE + 1)
    if after is not None and after.at is not None:
        same = and_(_line.received_at == after.at, _line.case_id < after.id)
        chosen = chosen.where(or_(_line.received_at < after.at, same))
    rows = connection.execute(chosen).all()
    shown = rows[:PAGE]
    following = Cursor(shown[-1].received_at, shown[-1].case_id) if len(rows) > PAGE else None
    return Leaf(tuple(entries(runtime, connection, shown)), following)


def count(runtime: Runtime, connection: Connection, actor: Actor, wanted: Asked) -> int:
    """How many lines there are in all."""
    lines = _chosen(runtime, actor, wanted).subquery()
    return int(connection.execute(select(func.count()).select_from(lines)).scalar_one())


def whole(runtime: Runtime, connection: Connection, actor: Actor, wanted: Asked) -> list[Entry]:
    """Every line in the order in which it was received; InvalidAnswers when there are more than `MOST`."""
    seen = count(runtime, connection, actor, wanted)
    if seen > MOST:
        text = N_("这段时间共有 {seen} 件，一次最多打印 {limit} 件：请缩短期间，或按渠道、类别分开打印")
        raise InvalidAnswers({"until": [Message(text, {"seen": seen, "limit": MOST})]})
    chosen = _chosen(runtime, actor, wanted).order_by(_line.received_at, _line.case_id)
    return entries(runtime, connection, connection.execute(chosen).all())


def readable(runtime: Runtime, actor: Actor) -> ColumnElement[bool]:
    """The items that may stand in a list of hers: she may read them, and they are not confidential."""
    return and_(
        case_file.c.kind == "petition", runtime.rules.visible_cases(actor), runtime.rules.countable_cases(actor)
    )


def lines() -> Select[Any]:
    """Lines of the register with number and masked name; to be narrowed by `readable`."""
    return _ENTRIES


def _chosen(runtime: Runtime, actor: Actor, wanted: Asked) -> Select[Any]:
    """Taken in, or in hand now, within the units of her posts."""
    paths = [post.path for post in actor.posts if post.code in keepers()]
    within = [column.like(f"{path}%") for path in paths for column in (case_file.c.path, _first.c.path)]
    chosen = lines().where(
        readable(runtime, actor), or_(*within), _line.received_on.between(wanted.since, wanted.until)
    )
    if wanted.channel:
        chosen = chosen.where(_line.channel == wanted.channel)
    if wanted.category:
        chosen = chosen.where(_line.category == wanted.category)
    return chosen


def keepers() -> frozenset[str]:
    """The posts that keep a log book."""
    return frozenset(
        condition.post for clause in RULES[Permission.SEE_LOG_BOOK] for condition in clause if condition.post
    )


def entries(runtime: Runtime, connection: Connection, rows: Sequence[Row[Any]]) -> list[Entry]:
    """The lines of rows of `lines()`, in their order. The caller has asked for permission."""
    ids = [row.case_id for row in rows]
    matters = {
        row.case_id: str(runtime.vault.open_json(row.answers_sealed).get("matter") or "")
        for row in connection.execute(_REGISTERED, {"b_ids": ids})
    }
    known = chart(connection)
    return [
        Entry(
            case_id=row.case_id,
            number=row.number,
            received_on=row.received_on,
            received_at=row.received_at,
            channel=row.channel,
            name=row.subject or "",
            people=row.people,
            category=row.category,
            matter=_short(matters.get(row.case_id, "")),
            first_asked=known.people[row.first_asked].name,
            first_unit=known.units[row.first_unit_id].name,
            way=row.way,
            outcome=row.outcome or "",
            answered_on=row.answered_on,
            overdue=row.overdue,
        )
        for row in rows
    ]


def _short(matter: str) -> str:
    words = " ".join(matter.split())
    return words if len(words) <= SHORT else f"{words[:SHORT]}…"


def log_book_read(uow: UnitOfWork, *, case_ids: Sequence[int], what: str) -> dict[str, Any]:
    """Remember that somebody had the matters of these items before her in a list (`what`: "book P-14"); ``{"read": n}``.

    Only of those she may read. Forbidden for who keeps no log book.
    """
    uow.require(Permission.SEE_LOG_BOOK, None)
    mine = select(case_file.c.id).where(case_file.c.id.in_(case_ids), readable(uow.runtime, uow.actor))
    ids = list(uow.connection.execute(mine).scalars())
    if ids:
        row = {"at": uow.now, "actor_id": uow.actor.id, "what": what[:40]}
        uow.connection.execute(_READ, [{**row, "case_id": case_id} for case_id in ids])
    return {"read": len(ids)}
