"""What moving running cases to another version would mean, case by case, and how a batch is getting on. Nothing is written.

A plan names cases by number and steps by element id; it tells of no person. Its lines come in the order of the cases.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, func, select

from engine.access import Permission
from engine.errors import InvalidAnswers, NotFound
from engine.flow.migrating import Route, Verdict
from engine.messages import N_, Message
from engine.model import case_file, instance, task
from engine.model_migration import migration_batch, migration_item
from engine.queries.versions import DRAWING, content_of

if TYPE_CHECKING:
    from datetime import date

    from engine.access import AccessRules, Actor
    from engine.runtime import Runtime

#: instances judged between two questions; so many states are in memory at most
_AT_ONCE = 500
_ROUTES_KEPT = 16

_RUNNING = (
    select(instance.c.id, instance.c.case_id, instance.c.state, case_file.c.number)
    .join(case_file, case_file.c.id == instance.c.case_id)
    .where(
        instance.c.definition_id == bindparam("b_from"),
        instance.c.status == "running",
        instance.c.id > bindparam("b_after"),
    )
    .order_by(instance.c.id)
    .limit(_AT_ONCE)
)
_STEPS = (
    select(task.c.instance_id, task.c.element, task.c.state)
    .where(task.c.instance_id.between(bindparam("b_first"), bindparam("b_last")))
    .distinct()
)
_BATCHES = (
    select(migration_batch).where(migration_batch.c.key == bindparam("b_key")).order_by(migration_batch.c.id.desc())
)
_BATCH = select(migration_batch).where(migration_batch.c.id == bindparam("b_id"))
_COUNTS = (
    select(migration_item.c.state, func.count())
    .join(case_file, case_file.c.id == migration_item.c.case_id)
    .where(migration_item.c.batch_id == bindparam("b_id"))
    .group_by(migration_item.c.state)
)
_ITEMS = (
    select(migration_item.c.id, migration_item.c.case_id, migration_item.c.state, migration_item.c.why,
           migration_item.c.at, case_file.c.number)
    .join(case_file, case_file.c.id == migration_item.c.case_id)
    .where(migration_item.c.batch_id == bindparam("b_id"))
    .order_by(migration_item.c.id)
)  # fmt: skip


@dataclass(frozen=True)
class PlanLine:
    """One running case: where it stands (element ids), and why it can or cannot move."""

    instance_id: int
    case_id: int
    number: str
    here: tuple[str, ...]
    verdict: Verdict
    skipped: tuple[str, ...]  #: behind its tokens and not acknowledged

    @property
    def moves(self) -> bool:
        """Whether it would be moved as things stand."""
        return not (self.verdict.obstacles or self.skipped)

    @property
    def reasons(self) -> tuple[tuple[str, str], ...]:
        """(code, element) of everything that speaks against it."""
        return (*((o.code, o.element) for o in self.verdict.obstacles), *(("skipped", e) for e in self.skipped))


@dataclass
class Plan:
    """All running cases of a version against another one. `shown`: one page of lines; `reasons`: how many cases have each."""

    total: int = 0
    movable: int = 0
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)
    shown: list[PlanLine] = field(default_factory=list)
    matching: int = 0


class Routes:
    """The routes of a house, read once for each pair of versions and renaming. Safe for threads: two may read the same."""

    def __init__(self) -> None:
        self._known: dict[Any, Route] = {}
        self._lock = Lock()

    def of(
        self, runtime: Runtime, connection: Connection, from_id: int, to_id: int, renamed: Mapping[str, str]
    ) -> Route:
        """The route between two stored versions. InvalidAnswers for names that are not in them."""
        name = (from_id, to_id, tuple(sorted(renamed.items())))
        known = self._known.get(name)
        if known is None:
            files = [content_of(connection, DRAWING, each) for each in (from_id, to_id)]
            known = Route(
                runtime.definitions.get(from_id), runtime.definitions.get(to_id), files[0], files[1], dict(renamed)
            )
            _refuse_wrong(known)
            with self._lock:
                if len(self._known) >= _ROUTES_KEPT:
                    self._known.clear()
                self._known[name] = known
        return known


def _refuse_wrong(route: Route) -> None:
    wrong = [
        Message(N_("原版中没有环节 {element}"), {"element": old})
        for old in route.renamed
        if old not in route.before.nodes
    ]
    wrong += [
        Message(N_("新版中没有环节 {element}"), {"element": new})
        for new in route.renamed.values()
        if new not in route.after.nodes
    ]
    if len(set(route.renamed.values())) < len(route.renamed):
        wrong.append(Message(N_("两个原环节不能对应同一个新环节")))
    taken = [new for old, new in route.renamed.items() if new in route.before.nodes and new != old]
    wrong += [
        Message(N_("新环节 {element} 在原版中已有同名环节；请把它也写明"), {"element": new})
        for new in taken
        if new not in route.renamed
    ]
    if wrong:
        raise InvalidAnswers({"mapping": wrong})


def lines(
    connection: Connection, route: Route, from_id: int, acknowledged: Mapping[str, str], cases: ColumnElement[bool]
) -> Iterator[PlanLine]:
    """Every running case of a version, judged, of those in `cases`. Cases that stand alike are judged once."""
    after, wanted = 0, _RUNNING.where(cases)
    while True:
        rows = connection.execute(wanted, {"b_from": from_id, "b_after": after}).all()
        if not rows:
            return
        after = rows[-1].id
        visited, open_at = _steps(connection, rows[0].id, after)
        for row in rows:
            verdict = route.verdict(bytes(row.state), frozenset(visited.get(row.id, ())))
            left = tuple(element for element in verdict.skipped if element not in acknowledged)
            here = tuple(sorted(open_at.get(row.id, ())))
            yield PlanLine(row.id, row.case_id, row.number, here, verdict, left)


def _steps(connection: Connection, first: int, last: int) -> tuple[dict[int, set[str]], dict[int, set[str]]]:
    """Instance id → the steps it has had, and those it has open."""
    had: dict[int, set[str]] = {}
    now: dict[int, set[str]] = {}
    for row in connection.execute(_STEPS, {"b_first": first, "b_last": last}):
        (had if row.state == "closed" else now).setdefault(row.instance_id, set()).add(row.element)
    return had, now


def visited_of(connection: Connection, instance_id: int) -> frozenset[str]:
    """The steps one instance has had."""
    return frozenset(_steps(connection, instance_id, instance_id)[0].get(instance_id, ()))


def plan(
    connection: Connection,
    route: Route,
    from_id: int,
    acknowledged: Mapping[str, str],
    *,
    cases: ColumnElement[bool],
    reason: tuple[str, str] | None = None,
    only: str = "",
    offset: int = 0,
    limit: int = 50,
) -> Plan:
    """The dry run over `cases` (those with MOVE_CASE: what is not hers to move stays on its version).

    `only`: "movable" or "held"; `reason`: (code, element) that a line must have to be shown.
    """
    made = Plan()
    for line in lines(connection, route, from_id, acknowledged, cases):
        made.total += 1
        made.movable += line.moves
        made.reasons.update(line.reasons)
        wanted = {"movable": line.moves, "held": not line.moves}.get(only, True)
        if wanted and (reason is None or reason in line.reasons):
            if offset <= made.matching < offset + limit:
                made.shown.append(line)
            made.matching += 1
    return made


def batches(connection: Connection, key: str) -> Sequence[Row[Any]]:
    """The batches of a process type, the newest first."""
    return connection.execute(_BATCHES, {"b_key": key}).all()


def batch_of(connection: Connection, batch_id: int) -> Row[Any]:
    """One batch; NotFound."""
    row = connection.execute(_BATCH, {"b_id": batch_id}).one_or_none()
    if row is None:
        raise NotFound(what=Message(N_("迁移批次 {id}"), {"id": batch_id}))
    return row


def may_settle(rules: AccessRules, connection: Connection, actor: Actor, batch: Row[Any], on: date) -> bool:
    """Whether a batch is hers to take back or to close: she began it, or who did moves cases no more."""
    if batch.created_by == actor.id:
        return True
    other = rules.person(connection, batch.created_by, on)
    return other is None or not rules.permits(other, Permission.MIGRATE_CASES, batch.key)


def counts(connection: Connection, batch_id: int, cases: ColumnElement[bool]) -> dict[str, int]:
    """Item state → how many, of those in `cases`."""
    return {row[0]: row[1] for row in connection.execute(_COUNTS.where(cases), {"b_id": batch_id})}


def items(
    connection: Connection,
    batch_id: int,
    cases: ColumnElement[bool],
    *,
    state: str = "",
    offset: int = 0,
    limit: int = 50,
) -> Sequence[Row[Any]]:
    """One page of a batch's items, of those in `cases`, of one state when it is given."""
    every = _ITEMS.where(cases)
    wanted = every.where(migration_item.c.state == bindparam("b_state")) if state else every
    given = {"b_id": batch_id, **({"b_state": state} if state else {})}
    return list(connection.execute(wanted.offset(offset).limit(limit), given))
