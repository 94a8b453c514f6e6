"""The lists a person works from: to do, to claim, done, started by me.

One short index range per post she holds, merged; never a count of everything, never a list without a bound. Permission is part of
the statement: a pool is read only through a post held today.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final, Generic, Literal, TypeVar, cast

from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, exists, func, or_, select, tuple_, union_all

from engine.access import AccessRules, Actor
from engine.columns import Instant
from engine.model import case_file, task
from engine.queries import guarded, lasting
from engine.queries.case_list import CaseRow, case_rows
from engine.queries.inbox_row import InboxRow
from engine.queries.narrowing import Filters

Tab = Literal["todo", "claimable", "done", "started", "deputy"]
Row = TypeVar("Row", InboxRow, CaseRow)
PAGE = 50
COUNT_CAP = 100
#: rows of each index range that the count of a saved view looks at
SEEN = 2000

_COLUMNS = (
    task.c.id,
    task.c.case_id,
    task.c.kind,
    task.c.element,
    task.c.name,
    task.c.post,
    task.c.unit_id,
    task.c.acting_for,
    task.c.acting_reason,
    task.c.assignee_id,
    task.c.version,
    task.c.state,
    task.c.created_at,
    task.c.due_at,
    task.c.rank_at,
    task.c.overdue_since,
    task.c.closed_at,
    task.c.close_reason,
    task.c.suspended_until,
)


_WITH_CASE = select(
    *_COLUMNS,
    case_file.c.number,
    case_file.c.subject,
    case_file.c.unit_id.label("case_unit_id"),
    case_file.c.state.label("case_state"),
    case_file.c.outcome,
).join(case_file, case_file.c.id == task.c.case_id)


@dataclass(frozen=True)
class Cursor:
    """Where the next page begins: the order key and id of the last row shown."""

    at: datetime | None
    id: int

    def __str__(self) -> str:
        return f"{self.at.isoformat() if self.at else ''}~{self.id}"

    @classmethod
    def parse(cls, text: str | None) -> Cursor | None:
        """Read a cursor from an address; anything unreadable is the first page."""
        head, _, tail = (text or "").partition("~")
        try:
            at = datetime.fromisoformat(head) if head else None
            return None if at is not None and at.tzinfo is None else cls(at and at.astimezone(UTC), int(tail))
        except (ValueError, OverflowError):
            return None


#: where a page begins, as parameters of a statement that is kept
_AFTER: Final = Cursor(cast("Any", bindparam("b_after", type_=Instant())), cast("Any", bindparam("b_after_id")))


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Rows, and the cursor of the next page when there is one."""

    rows: tuple[Row, ...]
    next: Cursor | None


def tasks(
    connection: Connection,
    actor: Actor,
    tab: Literal["todo", "claimable", "done", "deputy"],
    *,
    now: datetime,
    rules: AccessRules | None = None,
    after: Cursor | None = None,
    filters: Filters | None = None,
    limit: int = PAGE,
) -> Page[InboxRow]:
    """One page of a person's tasks: `todo` (mine and unclaimed ones of my posts), `claimable` (unclaimed), `done` (by me).

    `deputy`: those of absent people in whose place I act. `todo` and `claimable` hold these too, when `rules` tell whose.
    Open lists are ordered by due date (tasks without a clock last), the done list by time, newest first.
    """
    narrowed = (filters or Filters()).clauses(now)
    if after is not None and after.at is None:
        after = None
    if not narrowed and not actor.stand_ins:
        kept = _kept(rules, lasting.epoch(rules), lasting.timeless(actor), tab, limit, after is not None)
        begins = {} if after is None else {"b_after": after.at, "b_after_id": after.id}
        found = None if kept is None else kept.asked(connection, {**lasting.moment(actor), **begins})
    else:
        built = _built(rules, actor, tab, limit, after, narrowed)
        found = None if built is None else connection.execute(built)
    if found is None:
        return Page((), None)
    rows = [InboxRow(**r) for r in found.mappings()]
    key = "closed_at" if tab == "done" else "rank_at"
    following = Cursor(getattr(rows[limit - 1], key), rows[limit - 1].id) if len(rows) > limit else None
    return Page(tuple(rows[:limit]), following)


def _built(
    rules: AccessRules | None,
    actor: Actor,
    tab: str,
    limit: int,
    after: Cursor | None,
    narrowed: list[ColumnElement[bool]],
) -> Select[Any] | None:
    """The statement of a page; None for somebody who has no such list."""
    if tab == "done":
        page = _done(actor, after, [*narrowed, guarded.known(rules, actor)], limit)
        return _page(page, task.c.closed_at.desc(), task.c.id.desc(), limit)
    wheres = _wheres(actor, tab, rules)
    ranges = [_range(where, after, narrowed, limit) for where in wheres]
    if not ranges:
        return None
    ids = union_all(*(r.subquery().select() for r in ranges)).subquery()
    page = select(task.c.id).where(task.c.id.in_(select(ids.c.id)))
    return _page(page, task.c.rank_at, task.c.id, limit)


@lru_cache(maxsize=lasting.KEPT)
def _kept(
    rules: AccessRules | None, _epoch: int, actor: Actor, tab: str, limit: int, later: bool
) -> lasting.Built | None:
    """The first page, or those after it."""
    built = _built(rules, actor, tab, limit, _AFTER if later else None, [])
    return None if built is None else lasting.built(built)


def _wheres(actor: Actor, tab: str, rules: AccessRules | None) -> list[list[ColumnElement[bool]]]:
    """The index ranges of an open list."""
    shown = guarded.shown(rules, actor)
    wheres = [] if tab == "deputy" else [[task.c.assignee_id == 0, *pool, shown] for pool in _pools(actor)]
    if tab == "todo":
        wheres.append([task.c.assignee_id == actor.id, shown])
    wheres += _absent(rules, actor, claimed=tab != "claimable") if rules else []
    return wheres


def count_of(
    connection: Connection, actor: Actor, tab: str, *, now: datetime, filters: Filters, rules: AccessRules
) -> tuple[int, bool]:
    """How many rows a narrowed open list has, up to COUNT_CAP, among its SEEN most urgent; whether there are more to look at."""
    ranges = [_range(where, None, [], SEEN - 1) for where in _wheres(actor, tab, rules)]
    if not ranges:
        return 0, False
    ids = union_all(*(r.subquery().select() for r in ranges)).subquery()
    of_list = (
        select(task.c.id).where(task.c.id.in_(select(ids.c.id)), *filters.clauses(now)).limit(COUNT_CAP).subquery()
    )
    counted = select(
        select(func.count()).select_from(of_list).scalar_subquery(),
        select(func.count()).select_from(ids).scalar_subquery(),
    )
    found, seen = connection.execute(counted).one()
    return int(found), seen >= SEEN and found < COUNT_CAP


def _pools(actor: Actor) -> list[list[ColumnElement[bool]]]:
    held = sorted({(post.unit_id, post.code) for post in actor.posts})
    return [[task.c.unit_id == unit_id, task.c.post == code] for unit_id, code in held]


def _absent(rules: AccessRules, actor: Actor, *, claimed: bool) -> list[list[ColumnElement[bool]]]:
    """The index ranges of those in whose place she acts: what waits for their posts, and what they have claimed."""
    found: list[list[ColumnElement[bool]]] = []
    for stand_in in actor.stand_ins:
        places = [p for p in stand_in.absent.posts if rules.deputises(actor, p)]
        within: list[ColumnElement[bool]] = [
            exists().where(case_file.c.id == task.c.case_id, rules.visible_cases(actor)),
            guarded.shown(rules, actor),
        ]
        if stand_in.kind:
            within.append(task.c.kind == stand_in.kind)
        if stand_in.since is not None:
            within.append(task.c.created_at >= stand_in.since)
        of_posts = [and_(task.c.unit_id == p.unit_id, task.c.post == p.code) for p in places]
        others = [of for p, of in zip(places, of_posts, strict=True) if not actor.holds(p.code, p.unit_id)]
        found += [[task.c.assignee_id == 0, of, *within] for of in others]
        if claimed and of_posts:
            found.append([task.c.assignee_id == stand_in.absent.id, or_(*of_posts), *within])
    return found


def _range(
    where: Sequence[ColumnElement[bool]], after: Cursor | None, narrowed: list[ColumnElement[bool]], limit: int
) -> Select[Any]:
    """The first rows of one index range after the cursor."""
    statement = select(task.c.id, task.c.rank_at).where(task.c.state == "open", *where, *narrowed)
    if after is not None and after.at is not None:
        statement = statement.where(tuple_(task.c.rank_at, task.c.id) > tuple_(after.at, after.id))
    return statement.order_by(task.c.rank_at, task.c.id).limit(limit + 1)


def _done(actor: Actor, after: Cursor | None, narrowed: list[ColumnElement[bool]], limit: int) -> Select[Any]:
    statement = select(task.c.id).where(task.c.closed_by == actor.id, *narrowed)
    if after is not None and after.at is not None:
        statement = statement.where(tuple_(task.c.closed_at, task.c.id) < tuple_(after.at, after.id))
    return statement.order_by(task.c.closed_at.desc(), task.c.id.desc()).limit(limit + 1)


def _page(ids: Select[Any], first: ColumnElement[Any], second: ColumnElement[Any], limit: int) -> Select[Any]:
    """The rows behind a bounded list of task ids, with what the case says."""
    return _WITH_CASE.where(task.c.id.in_(ids.subquery().select())).order_by(first, second).limit(limit + 1)


def started(
    connection: Connection,
    actor: Actor,
    *,
    after: Cursor | None = None,
    number: str | None = None,
    subject_hash: str | None = None,
    limit: int = PAGE,
    rules: AccessRules | None = None,
) -> Page[CaseRow]:
    """The cases this person opened, newest first, with the steps they are at."""
    statement = select(case_file).where(case_file.c.created_by == actor.id, guarded.known_case(rules, actor))
    if subject_hash:
        statement = statement.where(case_file.c.subject_hash == subject_hash)
    if after is not None:
        statement = statement.where(case_file.c.id < after.id)
    if number:
        statement = statement.where(case_file.c.number.startswith(number, autoescape=True))
    found = connection.execute(statement.order_by(case_file.c.id.desc()).limit(limit + 1)).all()
    following = Cursor(None, found[limit - 1].id) if len(found) > limit else None
    return Page(case_rows(connection, found[:limit]), following)


def counts(connection: Connection, actor: Actor, rules: AccessRules | None = None) -> dict[str, int]:
    """How many open tasks stand in `todo`, `claimable` and `deputy`, counted up to COUNT_CAP (shown as “99+”)."""
    if actor.stand_ins:
        asked = {name: s is not None and connection.execute(s) for name, s in _counting(rules, actor).items()}
    else:
        kept = _kept_counting(rules, lasting.epoch(rules), lasting.timeless(actor))
        asked = {name: s is not None and s.asked(connection, lasting.moment(actor)) for name, s in kept.items()}
    return {name: int(found.scalar() or 0) if found else 0 for name, found in asked.items()}


@lru_cache(maxsize=lasting.KEPT)
def _kept_counting(rules: AccessRules | None, _epoch: int, actor: Actor) -> Mapping[str, lasting.Built | None]:
    counting = _counting(rules, actor)
    return {name: None if statement is None else lasting.built(statement) for name, statement in counting.items()}


def _counting(rules: AccessRules | None, actor: Actor) -> Mapping[str, Select[Any] | None]:
    # in the order of the index: without it a planner may hope to find a hundred faster by reading the table
    shown = guarded.shown(rules, actor)
    pools = [_range([task.c.assignee_id == 0, *p, shown], None, [], COUNT_CAP - 1) for p in _pools(actor)]
    mine = _range([task.c.assignee_id == actor.id, shown], None, [], COUNT_CAP - 1)
    absent = [_absent(rules, actor, claimed=claimed) if rules else [] for claimed in (False, True)]
    waiting, deputy = [[_range(where, None, [], COUNT_CAP - 1) for where in wheres] for wheres in absent]
    return {
        "claimable": _count([*pools, *waiting]),
        "todo": _count([*pools, mine, *deputy]),
        **({"deputy": _count(deputy)} if deputy else {}),
    }


def _count(ranges: list[Select[Any]]) -> Select[Any] | None:
    if not ranges:
        return None
    together = union_all(*(r.subquery().select() for r in ranges)).limit(COUNT_CAP).subquery()
    return select(func.count()).select_from(together)
