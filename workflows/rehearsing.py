"""A rehearsal of an upgrade: a copy of the database is upgraded, and every running case is opened and moved on in memory.

Nothing of the house itself is touched, and of the copy only its tables' shape: no step is written. What is tried for each open
step: that its form and post are known, that its state opens, and that it can be completed with some facts the conditions ask
for; and for each running timer, that it can go off.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from sqlalchemy import MetaData, bindparam, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError

from engine.database import Database
from engine.errors import EngineError
from engine.flow import stepping
from engine.flow.drawing import Drawing, read_drawing
from engine.flow.faults import NoWayOn
from engine.flow.hardened_xml import read_xml
from engine.flow.sampling import samples
from engine.messages import N_, Message
from engine.model import case_file, instance
from engine.queries.versions import DRAWING, content_of
from workflows import schema
from workflows.posts import POST_NAMES

if TYPE_CHECKING:
    from engine.flow.definition import ParsedDefinition
    from engine.runtime import Runtime

_AT_ONCE = 500
_RUNNING = (
    select(instance.c.id, instance.c.definition_id, instance.c.state, case_file.c.number)
    .join(case_file, case_file.c.id == instance.c.case_id)
    .where(instance.c.status == "running", instance.c.id > bindparam("b_after"))
    .order_by(instance.c.id)
    .limit(_AT_ONCE)
)


class CannotCopy(EngineError):
    """The database could not be copied for the rehearsal; `why` says what is missing."""

    text = N_("无法复制数据库：{why}")


@dataclass(frozen=True)
class Failure:
    """One thing that would go wrong with one case: its number, the step (element id, "" for the whole case), why."""

    number: str
    element: str
    why: Message


@dataclass
class Report:
    """What was tried and what failed."""

    cases: int = 0
    tried: int = 0
    failures: list[Failure] = field(default_factory=list)


class _Alone:
    """Surroundings without a world: decisions and operations add nothing, because the samples hold their facts already."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def decide(self, _decision: str, _facts: dict[str, Any]) -> Mapping[str, Any]:
        """Nothing to add."""
        return {}

    def perform(self, _operation: str, _facts: dict[str, Any]) -> Mapping[str, Any]:
        """Nothing is done."""
        return {}

    def due(self, _key: str, _element: str) -> datetime:
        """Some day."""
        return self.now + timedelta(days=1)


@contextmanager
def upgraded_copy(url: str) -> Iterator[str]:
    """The URL of a copy of the database, at the newest revision; gone afterwards. CannotCopy."""
    copy = _sqlite_copy if make_url(url).get_backend_name() == "sqlite" else _postgres_copy
    with copy(make_url(url)) as copied:
        schema.upgrade(copied)
        yield copied


@contextmanager
def _sqlite_copy(url: URL) -> Iterator[str]:
    """By SQLite's own backup, which may run while others write."""
    source = Path(url.database or "")
    if not source.is_file():
        raise CannotCopy(why=Message(N_("没有找到数据库文件")))
    with TemporaryDirectory(prefix="halfsky-rehearsal-") as folder:
        target = Path(folder) / "copy.db"
        with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
            old.backup(new)
        yield f"sqlite:///{target}"


@contextmanager
def _postgres_copy(url: URL) -> Iterator[str]:
    """Row by row, from one moment of the running house, into a database of its own on the same server.

    No client programs are needed, whose versions seldom fit; the account must be allowed to create databases.
    """
    name = f"halfsky_rehearsal_{token_hex(4)}"
    whole = url.render_as_string(hide_password=False)
    copied = url.set(database=name).render_as_string(hide_password=False)
    with closing(_Administrator(whole)) as server:
        server.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
        try:
            schema.upgrade(copied, schema.current(whole) or "base")
            _copy_rows(whole, copied)
            yield copied
        finally:
            server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


class _Administrator:
    """Statements that no transaction may hold."""

    def __init__(self, url: str) -> None:
        self._database = Database(url, pool_size=1)

    def execute(self, statement: str) -> None:
        """One statement; CannotCopy with what the server says."""
        try:
            with self._database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql(statement)
        except DBAPIError as refused:
            said = str(refused.orig).strip().splitlines()[0]
            raise CannotCopy(why=Message(N_("数据库服务器拒绝了：{said}"), {"said": said})) from refused

    def close(self) -> None:
        """Let the server go."""
        self._database.dispose()


def _copy_rows(source: str, target: str) -> None:
    """Every table, those that are referred to first."""
    old, new = Database(source, pool_size=1), Database(target, pool_size=1)
    try:
        with old.reading() as reading, new.engine.begin() as writing:
            tables = MetaData()
            tables.reflect(reading)
            drivers: list[Any] = [each.connection.driver_connection for each in (reading, writing)]
            taking, giving = (driver.cursor() for driver in drivers)
            for table in tables.sorted_tables:
                if table.name == "alembic_version":
                    continue
                columns = ", ".join(f'"{column.name}"' for column in table.columns)
                giving.execute(f'TRUNCATE "{table.name}" CASCADE')
                with (
                    taking.copy(f'COPY "{table.name}" ({columns}) TO STDOUT') as rows,
                    giving.copy(f'COPY "{table.name}" ({columns}) FROM STDIN') as into,
                ):
                    for block in rows:
                        into.write(block)
    finally:
        old.dispose()
        new.dispose()


def rehearse(runtime: Runtime) -> Report:
    """Open and move on every running case of a (copied, upgraded) database, in memory."""
    report, after = Report(), 0
    drawings: dict[int, Drawing] = {}
    while True:
        with runtime.reading() as connection:
            rows = connection.execute(_RUNNING, {"b_after": after}).all()
            for number in {row.definition_id for row in rows} - drawings.keys():
                drawings[number] = read_drawing(read_xml(content_of(connection, DRAWING, number)))
        if not rows:
            return report
        for row in rows:
            report.cases += 1
            _try_case(runtime, row, drawings[row.definition_id], report)
        after = rows[-1].id


def _try_case(runtime: Runtime, row: Any, drawing: Drawing, report: Report) -> None:
    try:
        parsed = runtime.definitions.get(row.definition_id)
        step = stepping.peek(parsed, bytes(row.state))
    except EngineError as refused:
        report.failures.append(Failure(row.number, "", refused.message))
        return
    alone = _Alone(runtime.clock.now())
    for element in sorted({task.element for task in step.tasks}):
        report.tried += 1
        why = _unknown(runtime, parsed, element) or _try_task(parsed, drawing, step, element, alone)
        if why is not None:
            report.failures.append(Failure(row.number, element, why))
    for timer in step.timers:
        report.tried += 1
        try:
            stepping.fire(parsed, step.state, timer.id, alone)
        except EngineError as refused:
            report.failures.append(Failure(row.number, timer.element, refused.message))


def _unknown(runtime: Runtime, parsed: ParsedDefinition, element: str) -> Message | None:
    """What of an open step this software does not know."""
    info, process = parsed.elements[element], runtime.catalogue.get(parsed.key)
    if process is None:
        return Message(N_("没有名为 {key} 的事项类型"), {"key": parsed.key})
    if info.form is not None and info.form not in process.forms:
        return Message(N_("没有名为 {form} 的表单"), {"form": info.form})
    if info.lane is not None and info.lane not in POST_NAMES and info.lane != "APPLICANT":
        return Message(N_("没有名为 {post} 的岗位"), {"post": info.lane})
    return None


def _try_task(
    parsed: ParsedDefinition, drawing: Drawing, step: stepping.Step, element: str, alone: _Alone
) -> Message | None:
    """Complete the step with each sample; the reason when one fails, or when none leads on."""
    task = next(each for each in step.tasks if each.element == element)
    stuck: Message | None = None
    passed = False
    for facts in samples(drawing, element):
        try:
            stepping.complete(parsed, step.state, task.id, facts, alone)
        except NoWayOn as refused:
            stuck = refused.message
        except EngineError as refused:
            return refused.message
        else:
            passed = True
    return None if passed else stuck
