"""Time passes by itself: what is due fires once, decides nothing, and no person makes it happen."""

from __future__ import annotations

from datetime import date, datetime
from threading import Event
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from engine import jobs
from engine.access import SYSTEM
from engine.clock import SHANGHAI
from engine.commands.timers import fire_timer
from engine.errors import Forbidden
from engine.jobs import run_forever, start_thread, sweep
from engine.jobs_asking import State
from engine.jobs_running import perform
from engine.jobs_seats import SeatTaken
from engine.model import notice, task, timer
from engine.model_jobs import job
from tests.engine.acting import read, value, written
from tests.engine.jobs.acting import wait_until
from tests.engine.toy import READER, ToyHouse, person, published

if TYPE_CHECKING:
    from tests.databases import SqliteDatabases


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
        connection.execute(update(timer).where(timer.c.id == 1).values(token=999))
    house.clock.set_day(date(2026, 7, 1))
    assert sweep(house.runtime) == 1
    assert value(house, select(task.c.overdue_since).where(task.c.id == second)) is not None
    assert value(house, select(task.c.overdue_since).where(task.c.id == first)) is None
    assert "timer failed: timer=1" in caplog.text


def test_a_timer_that_fails_gets_a_job_of_its_own_and_fires_when_that_is_tried_again(
    house: ToyHouse, caplog: pytest.LogCaptureFixture
) -> None:
    written(house)
    with house.runtime.database.engine.begin() as connection:
        connection.execute(update(timer).values(token=timer.c.token + 999))
    house.clock.set_day(date(2026, 7, 1))
    assert [sweep(house.runtime), sweep(house.runtime)] == [0, 0]
    assert caplog.text.count("timer failed: timer=1") == 1
    number = value(house, select(job.c.id).where(job.c.once == "timer-1"))
    with house.runtime.database.engine.begin() as connection:
        connection.execute(update(timer).values(token=timer.c.token - 999))
        connection.execute(update(job).values(state=State.QUEUED, run=1))
    perform(house.runtime, number, 1, "host-1")
    of_timer = select(job.c.state).where(job.c.id == number)
    assert (value(house, of_timer), value(house, select(timer.c.state))) == (State.DONE, "fired")


def test_what_fails_in_a_round_is_logged_and_the_rest_of_the_round_goes_on(
    house: ToyHouse, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    written(house)
    house.clock.set_day(date(2026, 7, 1))

    def fail(_: object) -> None:
        raise OSError("no disk")

    monkeypatch.setattr(jobs, "SCHEDULES", (jobs.Schedule("fails", "试验", fail), *jobs.SCHEDULES))
    assert sweep(house.runtime) == 1
    assert "schedule failed: schedule=fails" in caplog.text


def test_jobs_run_beside_the_server_until_they_are_stopped(sqlite_databases: SqliteDatabases) -> None:
    house = ToyHouse(sqlite_databases.create(published))
    written(house)
    house.clock.set_day(date(2026, 7, 1))
    thread, stop = start_thread(house.runtime)
    wait_until(lambda: value(house, select(timer.c.state)) == "fired", 30)
    stop.set()
    thread.join(20)
    assert not thread.is_alive()
    house.close()


def test_a_worker_that_ends_is_started_again_and_says_once_why_it_may_not_work(
    house: ToyHouse, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    ends: list[Exception] = [OSError("gone"), SeatTaken(file="a.worker"), SeatTaken(file="a.worker")]
    stop = Event()

    def run(_: Event) -> None:
        if ends:
            raise ends.pop(0)
        stop.set()

    monkeypatch.setattr(jobs, "worker", lambda *_: SimpleNamespace(run=run))
    monkeypatch.setattr(jobs, "START_AGAIN", 0.01)
    run_forever(house.runtime, stop)
    assert "worker ended; it starts again" in caplog.text
    assert caplog.text.count("a.worker") == 1
