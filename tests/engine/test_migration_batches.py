"""Batches of moved cases: a crash loses nothing, what is busy is tried again, and a batch is taken back where nobody acted."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, true, update

from engine import batches
from engine.access import SYSTEM
from engine.batches import work_batches
from engine.commands import migration
from engine.commands.cases import start_case
from engine.commands.migration import close_migration, migrate_case, start_migration, undo_migration
from engine.commands.tasks import claim_task
from engine.errors import BatchNotReady, Busy, Forbidden, NotFound
from engine.events import Kind
from engine.model import instance, task, timer
from engine.model_migration import migration_item
from engine.queries import migration as planned
from tests.engine.acting import read, written
from tests.engine.test_migration import AFTER_READING, BEFORE_READING, RELANED, genuine, items, move, publish, row, told
from tests.engine.toy import ADMIN, WRITER, ToyHouse


def test_a_batch_is_taken_back_case_by_case_except_where_somebody_has_acted(house: ToyHouse) -> None:
    touched, left = written(house), written(house)
    kept = [row(house, select(task).where(task.c.id == number)) for number in (touched, left)]
    batch = move(house, RELANED.replace(b"due('toy.read')", b"due('toy.other')"))
    house.act(claim_task, WRITER, task_id=touched, seen_version=2)
    house.act(undo_migration, ADMIN, batch_id=batch)
    work_batches(house.runtime)
    assert items(house, batch) == [("kept", [("acted", "")]), ("undone", [])]
    back = row(house, select(task).where(task.c.id == left))
    assert replace_version(back) == replace_version(kept[1])
    clocks = select(timer.c.period).where(timer.c.state == "armed", timer.c.level == "broken").order_by(timer.c.id)
    with house.runtime.reading() as connection:
        assert sorted(connection.execute(clocks).scalars()) == ["toy.other", "toy.read"]
    read(house, left, seen_version=back.version)
    assert genuine(house)
    with pytest.raises(BatchNotReady):
        house.act(undo_migration, ADMIN, batch_id=batch)


def replace_version(found: Any) -> dict[str, Any]:
    return {name: each for name, each in found._mapping.items() if name != "version"}


def test_a_closed_batch_keeps_nothing_to_go_back_to(house: ToyHouse) -> None:
    written(house)
    batch = move(house, AFTER_READING)
    house.act(close_migration, ADMIN, batch_id=batch)
    kept = row(house, select(migration_item.c.old_state, migration_item.c.old_tasks))
    assert (kept.old_state, kept.old_tasks) == (None, None)
    with pytest.raises(BatchNotReady):
        house.act(undo_migration, ADMIN, batch_id=batch)


def test_a_crash_in_the_middle_of_a_batch_loses_nothing_and_moves_no_case_twice(
    house: ToyHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        written(house)
    to_id = publish(house, AFTER_READING)
    batch = house.act(start_migration, ADMIN, kind="toy", from_id=1, to_id=to_id)["batch_id"]
    with house.runtime.reading() as connection:
        first = planned.items(connection, batch, true())[0].id
    house.act(migrate_case, SYSTEM, item_id=first)

    class Crash(BaseException):
        """The process is killed."""

    def killed(*_: Any, **__: Any) -> None:
        raise Crash

    with monkeypatch.context() as patched:
        patched.setattr(migration.moving, "move", killed)
        with pytest.raises(Crash):
            work_batches(house.runtime)
    assert [state for state, _ in items(house, batch)] == ["moved", "waiting", "waiting"]
    work_batches(house.runtime)
    work_batches(house.runtime)
    assert [state for state, _ in items(house, batch)] == ["moved"] * 3
    assert len(told(house, Kind.CASE_MIGRATED)) == 3


def test_a_case_others_work_on_is_tried_again_and_reported_when_it_stays_busy(
    house: ToyHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        written(house)
    to_id = publish(house, AFTER_READING)
    batch = house.act(start_migration, ADMIN, kind="toy", from_id=1, to_id=to_id)["batch_id"]
    whole = migration.moving.move
    asked: list[int] = []

    def busy(view: Any, *given: Any) -> Any:
        asked.append(view.case.id)
        if view.case.id == 2 or len(asked) < 4:
            raise Busy(by="version")
        return whole(view, *given)

    monkeypatch.setattr(migration.moving, "move", busy)
    work_batches(house.runtime)
    assert items(house, batch) == [("moved", []), ("failed", [("busy", "")])]
    assert asked.count(2) == 2 * batches.TRIES


def test_a_case_that_has_ended_or_moved_meanwhile_is_left_alone(house: ToyHouse) -> None:
    task_id = written(house)
    to_id = publish(house, AFTER_READING)
    batch = house.act(start_migration, ADMIN, kind="toy", from_id=1, to_id=to_id)["batch_id"]
    read(house, task_id)
    work_batches(house.runtime)
    assert items(house, batch) == [("refused", [("elsewhere", "")])]


def test_only_one_batch_of_a_kind_is_at_work_and_only_the_system_works_it(house: ToyHouse) -> None:
    written(house)
    to_id = publish(house, AFTER_READING)
    batch = house.act(start_migration, ADMIN, kind="toy", from_id=1, to_id=to_id)
    with pytest.raises(BatchNotReady):
        house.act(start_migration, ADMIN, kind="toy", from_id=1, to_id=to_id)
    with pytest.raises(Forbidden):
        house.act(migrate_case, ADMIN, item_id=1)
    with pytest.raises(BatchNotReady):
        house.act(undo_migration, ADMIN, batch_id=batch["batch_id"])
    with pytest.raises(NotFound):
        house.act(start_migration, ADMIN, kind="toy", from_id=1, to_id=1)
    with pytest.raises(NotFound):
        house.act(start_migration, ADMIN, kind="toy", from_id=1, to_id=99)


def test_the_dry_run_names_every_case_with_its_reasons_and_writes_nothing(house: ToyHouse) -> None:
    house.act(start_case, WRITER, kind="toy")
    for _ in range(2):
        written(house)
    to_id = publish(house, BEFORE_READING)
    with house.runtime.reading() as connection:
        route = house.runtime.routes.of(house.runtime, connection, 1, to_id, {})
        made = planned.plan(connection, route, 1, {}, cases=true())
        held = planned.plan(connection, route, 1, {}, cases=true(), reason=("skipped", "T_New"), offset=1, limit=1)
    assert (made.total, made.movable, dict(made.reasons)) == (3, 1, {("skipped", "T_New"): 2})
    assert [(line.here, line.moves) for line in made.shown] == [
        (("T_Write",), True),
        (("T_Read",), False),
        (("T_Read",), False),
    ]
    assert (held.matching, [line.number for line in held.shown]) == (2, ["T1-2026-WJ-0003"])
    assert told(house, Kind.CASE_MIGRATED) == []


def test_a_drawing_of_another_version_behind_the_record_of_a_case_is_found(house: ToyHouse) -> None:
    written(house)
    move(house, AFTER_READING)
    assert genuine(house)
    with house.runtime.database.engine.begin() as connection:
        connection.execute(update(instance).values(definition_id=1))
    assert not genuine(house)
