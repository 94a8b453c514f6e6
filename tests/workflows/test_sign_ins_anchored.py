"""What was tried at the doors is closed off by the anchors, let go of in its time, and never kept waiting by them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import delete, insert, select, update

from engine import audit, sealed_logs
from engine.access import SYSTEM
from engine.anchoring import make_anchor
from engine.unit_of_work import unit_of_work
from workflows import accounts, sign_in_history
from workflows.model_sign_in import KEPT, sign_in_record
from workflows.whereabouts import Origin

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from engine.clock import FixedClock
    from engine.runtime import Runtime

_record = sign_in_record.c
HERE = Origin("inside", "Windows · Firefox")
FOUND = "日志 sign_in_record 中"


def tried(runtime: Runtime, result: str = "refused", *, nobody: bool = False) -> datetime:
    with unit_of_work(runtime, SYSTEM) as work:
        known = None if nobody else 1
        sign_in_history.record(work.connection, known, work.now, result=result, how="password", origin=HERE)
        return work.now


def found(runtime: Runtime, *changes: Any) -> list[str]:
    """What verification says after some statements, which are then undone."""
    with runtime.database.engine.connect() as connection:
        for change in changes:
            connection.execute(change)
        outcome = audit.verify(connection, runtime.vault)
        connection.rollback()
    return [str(fault.why) for fault in outcome.faults]


def shown(runtime: Runtime) -> list[int]:
    """The ids of the attempts at an account there are."""
    with runtime.reading() as connection:
        of = select(_record.id).where(_record.account_id.is_not(None)).order_by(_record.id)
        return list(connection.execute(of, execution_options={}).scalars())


@pytest.fixture
def door(runtime: Runtime, clock: FixedClock) -> Runtime:
    """Five attempts at one account and one at none, on two days, each closed off by its anchor."""
    with unit_of_work(runtime, SYSTEM) as work:
        accounts.add_account(work.connection, login="worker", name="林秋月", password_hash="x")
    for results in (("refused", "half", "waiting"), ("entered", "refused")):
        for result in results:
            tried(runtime, result)
        tried(runtime, nobody=True)
        make_anchor(runtime)
        clock.at += timedelta(days=1)
    return runtime


def edits(runtime: Runtime) -> Iterable[tuple[str, Any]]:
    with runtime.reading() as connection:
        row = dict(connection.execute(select(sign_in_record).where(_record.id == 2)).mappings().one())
    here = _record.id == 2
    changes = [
        *({name: "x"} for name in ("result", "how", "place", "device")),
        {"account_id": None}, {"at": row["at"] + timedelta(seconds=1)}, {"waited_id": 1}, {"id": 99},
    ]  # fmt: skip
    yield from ((str(change), update(sign_in_record).where(here).values(change)) for change in changes)
    yield "deleted", delete(sign_in_record).where(here)
    yield "all deleted", delete(sign_in_record)
    yield "put in", insert(sign_in_record).values({**row, "id": -1})


def test_an_attempt_that_is_edited_taken_away_or_put_in_is_found(door: Runtime) -> None:
    assert found(door) == []
    assert [name for name, change in edits(door) if not any(FOUND in why for why in found(door, change))] == []
    assert found(door, delete(sign_in_record).where(_record.account_id.is_(None))) == [], "nobody's are no part of it"
    tried(door)
    assert found(door) == [], "later than the newest anchor"


def test_attempts_are_let_go_of_by_an_anchor_when_their_time_is_over_and_cannot_be_put_back(
    door: Runtime, clock: FixedClock
) -> None:
    with door.reading() as connection:
        (row, *_) = [dict(each) for each in connection.execute(select(sign_in_record)).mappings()]
    everything = shown(door)
    first = clock.at - timedelta(days=2)
    clock.at = first + KEPT - timedelta(microseconds=1)
    make_anchor(door)
    assert shown(door) == everything, "not a moment before"
    clock.at = first + KEPT
    make_anchor(door)
    assert shown(door) == everything[3:], "the day of the first anchor, whole"
    assert found(door) == []
    assert any("早已清除的时段" in why for why in found(door, insert(sign_in_record).values(row)))
    assert any(FOUND in why for why in found(door, delete(sign_in_record)))
    clock.at += timedelta(days=-30)  # a clock that was put back brings nothing back
    make_anchor(door)
    clock.at += timedelta(days=300)
    make_anchor(door)
    assert len(shown(door)) == 2, "the last ones wait for a newer: SQLite would give their ids anew"
    tried(door)
    make_anchor(door)
    assert len(shown(door)) == 1
    assert found(door) == []


def test_who_waited_for_her_code_is_two_rows_and_one_line(door: Runtime, clock: FixedClock) -> None:
    since = tried(door, "waiting")
    clock.at += timedelta(minutes=1)
    with unit_of_work(door, SYSTEM) as work:
        assert sign_in_history.refused_since(work.connection, 1) == 2
        assert sign_in_history.waited(work.connection, 1, since, work.now, "totp") == 1
        assert sign_in_history.refused_since(work.connection, 1) == 0
        shown = [(row.result, row.how) for row in sign_in_history.newest(work.connection, 1)]
        assert shown[:2] == [("entered", "totp"), ("refused", "password")]
        assert [result for result, _ in shown].count("waiting") == 1, "the one that was given up"
        assert sign_in_history.waited(work.connection, 1, work.now, work.now, "totp") == 0


def test_somebody_who_never_ends_holds_up_neither_the_anchor_nor_who_comes_after(
    door: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    if door.database.is_sqlite:
        pytest.skip("there is one writer at a time")
    monkeypatch.setattr(sealed_logs, "PATIENCE", 50)
    row = {"account_id": 1, "at": door.clock.now(), "result": "refused", "how": "password", "place": "x", "device": "y"}
    with door.database.engine.connect() as held:
        held.execute(insert(sign_in_record), row)
        make_anchor(door)
        tried(door)
        held.rollback()
    make_anchor(door)
    assert found(door) == []
    last = _record.id == shown(door)[-1]
    assert any(FOUND in why for why in found(door, delete(sign_in_record).where(last)))
