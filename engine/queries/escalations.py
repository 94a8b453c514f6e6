"""The supervisors' queue: what is late, ranked by legal risk and then by lateness; counts and the heat map behind it.

Permission is part of every statement (`AccessRules.supervised_cases`): a supervisor's figures are of what is below her.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, literal, select, tuple_

from engine.model import case_file, task
from engine.model_escalation import escalation
from engine.queries import lasting

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.access import AccessRules, Actor

PAGE = 50
COUNT_CAP = 100
#: age band → days since the level was reached: from, to (None: no end)
AGES: Final[Mapping[str, tuple[int, int | None]]] = {
    "d1": (0, 1),
    "d3": (1, 3),
    "d7": (3, 7),
    "d30": (7, 30),
    "more": (30, None),
}

_COLUMNS = (
    escalation.c.id,
    escalation.c.case_id,
    escalation.c.task_id,
    escalation.c.kind,
    escalation.c.element,
    escalation.c.period,
    escalation.c.clause,
    escalation.c.level,
    escalation.c.risk,
    escalation.c.since,
    escalation.c.chain,
    escalation.c.rung,
    escalation.c.climb_at,
    escalation.c.acknowledged_by,
    escalation.c.acknowledged_at,
    escalation.c.state,
    escalation.c.closed_at,
    escalation.c.ever_overdue,
    escalation.c.version,
    func.coalesce(task.c.name, escalation.c.element).label("name"),
    # the holder of today while it is open; the one who let it become late afterwards
    case((escalation.c.state == "open", task.c.post), else_=escalation.c.post).label("post"),
    case((escalation.c.state == "open", task.c.unit_id), else_=escalation.c.unit_id).label("unit_id"),
    case((escalation.c.state == "open", task.c.assignee_id), else_=escalation.c.assignee_id).label("assignee_id"),
    task.c.due_at,
    task.c.suspended_until,
    case_file.c.number,
    case_file.c.subject,
    case_file.c.unit_id.label("case_unit_id"),
)
_CASES = escalation.join(case_file, case_file.c.id == escalation.c.case_id)
_JOINED = _CASES.outerjoin(task, task.c.id == escalation.c.task_id)


@dataclass(frozen=True)
class EscalationRow:
    """One line of the queue. `subject` is masked; `case_unit_id`: where the matter belongs; `chain`: rungs of [post, unit id]."""

    id: int
    case_id: int
    task_id: int | None
    kind: str
    element: str
    period: str
    clause: str
    level: str
    risk: int
    since: datetime
    chain: list[list[list[Any]]]
    rung: int
    climb_at: datetime | None
    acknowledged_by: int | None
    acknowledged_at: datetime | None
    state: str
    closed_at: datetime | None
    ever_overdue: bool
    version: int
    name: str
    post: str | None
    unit_id: int | None
    assignee_id: int | None
    due_at: datetime | None
    suspended_until: date | None
    number: str
    subject: str
    case_unit_id: int


@dataclass(frozen=True)
class Cursor:
    """Where the next page begins: risk, instant and id of the last row shown."""

    risk: int
    since: datetime
    id: int

    def __str__(self) -> str:
        return f"{self.risk}~{self.since.isoformat()}~{self.id}"

    @classmethod
    def parse(cls, text: str | None) -> Cursor | None:
        """Read a cursor from an address; anything unreadable is the first page."""
        try:
            risk, since, number = (text or "").split("~")
            found = cls(int(risk), datetime.fromisoformat(since), int(number))
        except ValueError:
            return None
        fits = found.since.tzinfo is not None and abs(found.risk) < 2**31 and abs(found.id) < 2**62
        return found if fits else None


@dataclass(frozen=True)
class Filters:
    """What narrows the queue. `path`: cases of a unit and those below it; `unit_id`: of that unit alone; `seen`: acknowledged."""

    kind: str | None = None
    element: str | None = None
    level: str | None = None
    seen: bool | None = None
    age: str | None = None
    path: str | None = None
    unit_id: int | None = None
    state: str = "open"

    def clauses(self, now: datetime) -> list[ColumnElement[bool]]:
        """As conditions over `escalation` and `case_file`."""
        exact = ((escalation.c.kind, self.kind), (escalation.c.element, self.element), (escalation.c.level, self.level))
        found: list[ColumnElement[bool]] = [escalation.c.state == self.state]
        found += [column == value for column, value in exact if value]
        if self.seen is not None:
            seen = escalation.c.acknowledged_at.is_not(None)
            found.append(seen if self.seen else ~seen)
        if self.age is not None and self.age in AGES:
            found.append(_aged(self.age, now))
        if self.unit_id is not None:
            found.append(case_file.c.unit_id == self.unit_id)
        elif self.path is not None:
            found.append(case_file.c.path.startswith(self.path, autoescape=True))
        return found


@dataclass(frozen=True)
class Queue:
    """One page, and where the next begins."""

    rows: tuple[EscalationRow, ...]
    next: Cursor | None


@dataclass(frozen=True)
class Heat:
    """How many open escalations of one step, one unit and one age."""

    kind: str
    element: str
    unit_id: int
    path: str
    age: str
    count: int


def queue(
    connection: Connection,
    rules: AccessRules,
    actor: Actor,
    *,
    now: datetime,
    filters: Filters | None = None,
    after: Cursor | None = None,
    limit: int = PAGE,
) -> Queue:
    """One page of the queue: the gravest legal risk first, then what is late longest."""
    order = (escalation.c.risk, escalation.c.since, escalation.c.id)
    statement = _seen_by(rules, actor, select(*_COLUMNS).select_from(_JOINED), filters or Filters(), now)
    if after is not None:
        statement = statement.where(
            tuple_(*order)
            > tuple_(literal(after.risk), literal(after.since, escalation.c.since.type), literal(after.id))
        )
    found = connection.execute(statement.order_by(*order).limit(limit + 1)).mappings()
    rows = [EscalationRow(**row) for row in found]
    last = rows[limit - 1] if len(rows) > limit else None
    following = Cursor(last.risk, last.since, last.id) if last else None
    return Queue(tuple(rows[:limit]), following)


def one(connection: Connection, rules: AccessRules, actor: Actor, escalation_id: int) -> EscalationRow | None:
    """One escalation, open or not; None when it does not exist or she may not know of it."""
    statement = select(*_COLUMNS).select_from(_JOINED).where(escalation.c.id == escalation_id)
    found = connection.execute(statement.where(rules.supervised_cases(actor))).mappings().one_or_none()
    return EscalationRow(**found) if found is not None else None


def waiting(connection: Connection, rules: AccessRules, actor: Actor) -> int:
    """How many open ones below her nobody has acknowledged, counted up to COUNT_CAP (shown as “99+”)."""
    built = _waiting(rules, lasting.epoch(rules), lasting.timeless(actor))
    return int(built.asked(connection, lasting.moment(actor)).scalar() or 0)


@lru_cache(maxsize=lasting.KEPT)
def _waiting(rules: AccessRules, _epoch: int, actor: Actor) -> lasting.Built:
    unread = (escalation.c.state == "open", escalation.c.acknowledged_at.is_(None), rules.supervised_cases(actor))
    found = select(escalation.c.id).join(case_file, case_file.c.id == escalation.c.case_id).where(*unread)
    return lasting.built(select(func.count()).select_from(found.limit(COUNT_CAP).subquery()))


def heat(
    connection: Connection, rules: AccessRules, actor: Actor, *, now: datetime, filters: Filters | None = None
) -> tuple[Heat, ...]:
    """Open escalations counted by step, unit of the case and age; the filters of the queue hold."""
    bands = case(*((_aged(name, now), name) for name in AGES), else_="d1")
    keys = (escalation.c.kind, escalation.c.element, case_file.c.unit_id, case_file.c.path)
    counted = select(*keys, bands.label("age"), func.count().label("count")).select_from(_CASES)
    statement = _seen_by(rules, actor, counted, filters or Filters(), now).group_by(*keys, bands)
    return tuple(Heat(**row) for row in connection.execute(statement).mappings())


def ever_overdue(
    connection: Connection, rules: AccessRules, actor: Actor, *, since: datetime, until: datetime
) -> Mapping[tuple[str, str], tuple[int, int]]:
    """(kind, period) → how many clocks came up in a span of time, and how many of them were overdue once, done since or not."""
    late = func.sum(case((escalation.c.ever_overdue, 1), else_=0))
    statement = (
        select(escalation.c.kind, escalation.c.period, func.count(), late)
        .join(case_file, case_file.c.id == escalation.c.case_id)
        .where(escalation.c.raised_at >= since, escalation.c.raised_at < until, rules.supervised_cases(actor))
        .group_by(escalation.c.kind, escalation.c.period)
    )
    return {(kind, period): (raised, int(over)) for kind, period, raised, over in connection.execute(statement)}


def _seen_by(rules: AccessRules, actor: Actor, statement: Select[Any], filters: Filters, now: datetime) -> Select[Any]:
    """Narrowed, and only what she may know of."""
    return statement.where(*filters.clauses(now), rules.supervised_cases(actor))


def _aged(band: str, now: datetime) -> ColumnElement[bool]:
    first, last = AGES[band]
    young = escalation.c.since <= now - timedelta(days=first) if first else literal(True)
    if last is None:
        return young
    old = escalation.c.since > now - timedelta(days=last)
    return and_(young, old) if first else old
