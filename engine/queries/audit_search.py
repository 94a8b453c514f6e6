"""What the log auditor may look up: acts, persons, times and numbers; never what a case contains (D1).

Of a confidential case (C3, C4) she is shown the bare number by which the database knows it, who acted, and when: not the business
number, which tells kind and place, nor post or step. A case she is excluded from she does not find at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, Table, and_, exists, func, literal, not_, select, tuple_

from engine.access import AccessRules, Actor, Permission
from engine.columns import Id, Instant
from engine.errors import Forbidden
from engine.messages import N_, Message
from engine.model import case_file, history, read_log
from engine.model_audit import audit_log
from engine.queries.inbox import Cursor

PAGE: Final = 50
#: rows of an export read at a time
PART: Final = 1000
#: classes whose cases are shown by their number
ORDINARY: Final = ("C0", "C1", "C2")
#: what can be looked through: its table and the column that says what was done
LOGS: Final[Mapping[str, tuple[Table, str]]] = {
    "acts": (history, "kind"),
    "reads": (read_log, "what"),
    "audits": (audit_log, "act"),
}


@dataclass(frozen=True)
class Asked:
    """What is looked for. `actors`: ids, None for everybody; `since` and `until`: the latter is not included."""

    log: str = "acts"
    actors: tuple[int, ...] | None = None
    case_id: int | None = None
    act: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Line:
    """One line of a log. `number`: the case as she may know it ("V1-2026-L-0001", or "#12"); `told`: an audit's own content."""

    id: int
    at: datetime
    actor_id: int
    act: str
    case_id: int | None = None
    number: str = ""
    seq: int | None = None
    post: str = ""
    element: str = ""
    task_id: int | None = None
    told: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Found:
    """A page of lines, the newest first, and where the next begins."""

    rows: tuple[Line, ...]
    next: Cursor | None


def require(rules: AccessRules, actor: Actor) -> None:
    """Forbidden for everybody but the log auditor."""
    if not rules.permits(actor, Permission.VERIFY_HISTORY, None):
        raise Forbidden(why=Message(N_("只有日志审计员可以查看审计记录")))


def case_named(connection: Connection, rules: AccessRules, actor: Actor, typed: str) -> int | None:
    """The case meant by "#12" or a business number; None for one she must not know of, exactly as for one that is not there."""
    if typed.startswith("#") and typed[1:].isascii() and typed[1:].isdigit() and len(typed) < 18:
        chosen = case_file.c.id == int(typed[1:])
    else:
        chosen = and_(case_file.c.number == typed, case_file.c.confidentiality.in_(ORDINARY))
    hers = and_(chosen, not_(rules.shut_out(actor)))
    found = connection.execute(select(case_file.c.id).where(hers)).scalar()
    return None if found is None else int(found)


def numbers(connection: Connection, rules: AccessRules, actor: Actor, ids: Iterable[int]) -> dict[int, str]:
    """What cases may be called before her: the business number of ordinary ones, "#12" for others; none she is excluded from."""
    hers = case_file.c.id.in_(set(ids)), not_(rules.shut_out(actor))
    rows = connection.execute(select(case_file.c.id, case_file.c.number, case_file.c.confidentiality).where(*hers))
    return {row.id: row.number if row.confidentiality in ORDINARY else f"#{row.id}" for row in rows}


def search(
    connection: Connection,
    rules: AccessRules,
    actor: Actor,
    asked: Asked,
    *,
    after: Cursor | None = None,
    size: int = PAGE,
) -> Found:
    """One page of a log. Forbidden."""
    require(rules, actor)
    table, what = LOGS[asked.log]
    wanted = _where(rules, actor, asked)
    if after is not None and after.at is not None:
        wanted.append(tuple_(table.c.at, table.c.id) < tuple_(literal(after.at, Instant()), literal(after.id, Id)))
    newest = select(table.c.id).where(*wanted).order_by(table.c.at.desc(), table.c.id.desc()).limit(size + 1)
    chosen = _columns(table, what)
    if "case_id" in table.c:
        chosen = chosen.join(case_file, case_file.c.id == table.c.case_id, isouter=True)
    chosen = chosen.where(table.c.id.in_(newest)).order_by(table.c.at.desc(), table.c.id.desc())
    rows = connection.execute(chosen, execution_options={}).all()
    last = rows[size - 1] if len(rows) > size else None
    return Found(tuple(_line(row) for row in rows[:size]), Cursor(last.at, last.id) if last is not None else None)


def count(connection: Connection, rules: AccessRules, actor: Actor, asked: Asked) -> int:
    """How many lines there are. Forbidden."""
    require(rules, actor)
    table, _ = LOGS[asked.log]
    counted = select(func.count()).select_from(table).where(*_where(rules, actor, asked))
    return int(connection.execute(counted).scalar_one())


def _where(rules: AccessRules, actor: Actor, asked: Asked) -> list[ColumnElement[bool]]:
    table, what = LOGS[asked.log]
    wanted: list[ColumnElement[bool]] = []
    if asked.actors is not None:
        wanted.append(table.c.actor_id.in_(asked.actors))
    if asked.act:
        wanted.append(table.c[what] == asked.act)
    if asked.since is not None:
        wanted.append(table.c.at >= asked.since)
    if asked.until is not None:
        wanted.append(table.c.at < asked.until)
    if "case_id" in table.c:
        if asked.case_id is not None:
            wanted.append(table.c.case_id == asked.case_id)
        guarded = and_(case_file.c.id == table.c.case_id, case_file.c.guarded, rules.shut_out(actor))
        wanted.append(not_(exists().where(guarded)))
    return wanted


def _columns(table: Table, what: str) -> Any:
    columns = [table.c.id, table.c.at, table.c.actor_id, table.c[what].label("act")]
    columns += [
        table.c[name] for name in ("case_id", "seq", "post", "element", "task_id", "content") if name in table.c
    ]
    if "case_id" in table.c:
        columns += [case_file.c.number.label("case_number"), case_file.c.confidentiality]
    return select(*columns)


def _line(row: Row[Any]) -> Line:
    known = dict(row._mapping)  # noqa: SLF001 - public, in spite of its name
    case_id = known.get("case_id")
    ordinary = known.get("confidentiality") in ORDINARY
    return Line(
        id=row.id,
        at=row.at,
        actor_id=row.actor_id,
        act=row.act,
        case_id=case_id,
        number="" if case_id is None else known["case_number"] if ordinary else f"#{case_id}",
        seq=known.get("seq"),
        post=(known.get("post") or "") if ordinary else "",
        element=(known.get("element") or "") if ordinary else "",
        task_id=known.get("task_id") if ordinary else None,
        told=known.get("content") or {},
    )


def parts(runtime: Any, actor: Actor, asked: Asked, upto: int) -> Iterator[Line]:
    """Every line up to an id, the newest first, read in parts: nobody's slowness holds a snapshot open. Forbidden."""
    after: Cursor | None = None
    while True:
        with runtime.reading() as connection:
            found = search(connection, runtime.rules, actor, asked, after=after, size=PART)
        yield from (line for line in found.rows if line.id <= upto)
        if found.next is None:
            return
        after = found.next
