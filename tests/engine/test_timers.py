"""Time passes by itself: what is due fires once, decides nothing, and no person makes it happen."""

from __future__ import annotations

from datetime import date, datetime
from threading import Event, Thread
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from engine.access import SYSTEM
from engine.clock import SHANGHAI
from engine.commands.timers import fire_timer
from engine.errors import Forbidden
from engine.jobs import run_forever, start_thread, sweep
from engine.model import case_file, notice, task, timer
from tests.engine.acting import read, value, written
from tests.engine.toy import READER, ToyHouse, person

if TYPE_CHECKING:
    from collections.abc import Callable


def test_a_broken_period_is_lifted_to_the_superiors_and_decides_nothing(house: ToyHouse) -> None:
    task_id = written(house)
    house.clock.set_day(date(2026, 6, 22), hour=23)
    assert sweep(house.runtime) == 0
    house.clock.set_day(date(2026, 6, 23), hour=0)
    assert sweep(house.runtime) == 1
    assert sweep(house.runtime) == 0
    assert value(house, select(notice.c.post)) == "HEAD"
    assert value(house, select(task.c.overdue_since).where(task.c.id == task_id)) is not None
    assert read(house, task_id)["ended"] == "done"


def test_a_timer_that_is_not_due_is_left_alone(house: ToyHouse) -> None:
    written(house)
    timer_id = value(house, select(timer.c.id))
    assert house.act(fire_timer, SYSTEM, timer_id=timer_id) == {"fired": False}


def test_no_person_makes_time_pass(house: ToyHouse) -> None:
    written(house)
    house.clock.set_day(date(2026, 7, 1))
    for actor in (READER, person(0, "READER")):
        with pytest.raises(Forbidden):
            house.act(fire_timer, actor, timer_id=1)
    assert value(house, select(timer.c.state)) == "armed"


def test_a_clock_set_back_in_the_middle_of_a_sweep_loses_no_timer(house: ToyHouse) -> None:
    written(house)
    late, early = datetime(2026, 7, 1, tzinfo=SHANGHAI), house.clock.at
    readings = [late, early]
    house.runtime.clock = SimpleNamespace(now=lambda: readings.pop(0) if readings else late)
    assert sweep(house.runtime) == 0
    assert sweep(house.runtime) == 1


def test_a_timer_that_fails_is_logged_by_id_and_holds_up_no_other(
    house: ToyHouse, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = written(house), written(house)
    with house.runtime.database.engine.begin() as connection:
        connection.execute(update(case_file).where(case_file.c.id == 1).values(kind="gone"))
    house.clock.set_day(date(2026, 7, 1))
    assert sweep(house.runtime) == 1
    assert value(house, select(task.c.overdue_since).where(task.c.id == second)) is not None
    assert value(house, select(task.c.overdue_since).where(task.c.id == first)) is None
    assert "timer failed: timer=1" in caplog.text


def wait_until(true: Callable[[], bool]) -> None:
    waited = Event()
    for _ in range(500):
        if true():
            return
        waited.wait(0.01)
    raise AssertionError("it never happened")


def test_jobs_run_beside_the_server_until_they_are_stopped(house: ToyHouse) -> None:
    written(house)
    house.clock.set_day(date(2026, 7, 1))
    thread, stop = start_thread(house.runtime)
    wait_until(lambda: value(house, select(timer.c.state)) == "fired")
    stop.set()
    thread.join(5)
    assert not thread.is_alive()


def test_a_round_that_fails_is_logged_and_the_next_one_comes(house: ToyHouse, caplog: pytest.LogCaptureFixture) -> None:
    written(house)
    late = datetime(2026, 7, 1, tzinfo=SHANGHAI)
    asked: list[int] = []

    def now() -> datetime:
        asked.append(1)
        if len(asked) == 1:
            raise OSError("no clock")
        return late

    house.runtime.clock = SimpleNamespace(now=now)
    stop = Event()
    thread = Thread(target=run_forever, args=(house.runtime, stop, 0.01))
    thread.start()
    wait_until(lambda: value(house, select(timer.c.state)) == "fired")
    stop.set()
    thread.join(5)
    assert "sweep failed" in caplog.text
