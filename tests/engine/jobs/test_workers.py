"""Workers as real processes on the job engine: each timer fires once whoever dies, and nothing that fails holds up the rest."""

from __future__ import annotations

import logging
import os
import time
from collections import Counter

import pytest
from sqlalchemy import func, select

from engine import audit
from engine.jobs_asking import State
from engine.model import history, timer
from engine.model_jobs import executor, job, schedule
from tests.engine.acting import value, written
from tests.engine.jobs.acting import ask, kind, row_of, wait_until
from tests.engine.jobs.processes import kill, lines, orders, start, stop
from tests.engine.toy import ToyHouse, published

log = logging.getLogger("halfsky.tests")

#: `HALFSKY_LONG=1`: the full numbers, with the real minute of silence
LONG = os.environ.get("HALFSKY_LONG") == "1"
TIMERS = 1_000 if LONG else 200


@pytest.fixture
def cluster(postgresql_databases):
    url = postgresql_databases.create(published)
    house = ToyHouse(url)
    yield house
    house.close()
    postgresql_databases.drop(url)


def armed(house, count):
    """So many cases whose period is broken now."""
    for _ in range(count):
        written(house)
    house.clock.set_day(house.clock.at.date().replace(month=7))


def left(house):
    return value(house, select(func.count()).select_from(timer).where(timer.c.state == "armed"))


def each_fired_once(house, told, count, untold=0):
    """By the workers' own account, by the timers, and by the histories, which must be whole.

    `untold`: firings a killed worker may have committed and no longer told of.
    """
    fired = Counter(line[1] for line in lines(told) if line[0] == "fired")
    broken = (
        select(history.c.case_id, func.count()).where(history.c.kind == "period.broken").group_by(history.c.case_id)
    )
    with house.runtime.reading() as connection:
        times = [row[1] for row in connection.execute(broken)]
        sound = audit.verify(connection, house.runtime.vault).genuine
    assert count - untold <= len(fired) <= count
    assert set(fired.values()) == {1}
    assert (len(times), set(times), sound, left(house)) == (count, {1}, True, 0)


@pytest.mark.postgresql
def test_three_workers_fire_each_timer_exactly_once(cluster, tmp_path):
    armed(cluster, TIMERS)
    told = tmp_path / "told"
    begun = time.monotonic()
    workers = [start(orders(cluster, told)) for _ in range(3)]
    wait_until(lambda: left(cluster) == 0, 90)
    took = time.monotonic() - begun
    for worker in workers:
        kill(worker)
    each_fired_once(cluster, told, TIMERS)
    by = Counter(line[2] for line in lines(told) if line[0] == "fired")
    log.warning("%s timers, 3 workers: %.1f s, shares %s", TIMERS, took, sorted(by.values()))
    assert len(by) > 1
    assert value(cluster, select(func.count()).select_from(executor)) == 3


@pytest.mark.postgresql
def test_when_a_worker_is_killed_in_the_middle_the_others_finish_and_nothing_fires_twice(cluster, tmp_path):
    armed(cluster, TIMERS)
    told = tmp_path / "told"
    given = orders(cluster, told, silent=60.0 if LONG else 3.0, pause=0.02)
    workers = [start(given) for _ in range(3)]
    wait_until(lambda: any(line[0] == "fired" for line in lines(told)), 60)
    victim = next(worker for worker in workers if str(worker.pid) == lines(told)[0][-1])
    kill(victim)
    begun = time.monotonic()
    wait_until(lambda: left(cluster) == 0, 90)
    log.warning("killed; the rest of %s timers after %.1f s", TIMERS, time.monotonic() - begun)
    for worker in workers:
        kill(worker)
    each_fired_once(cluster, told, TIMERS, untold=1)


@pytest.mark.postgresql
def test_a_job_that_always_fails_ends_as_failed_and_blocks_no_other(cluster, tmp_path):
    told = tmp_path / "told"
    names = ("bad", "good", "slow")
    with kind("bad", print), kind("good", print), kind("slow", print):
        made = {name: [ask(cluster.runtime, name) for _ in range(3)] for name in names}
    worker = start(orders(cluster, told, silent=3.0, pause=0.3))
    states = {"bad": State.FAILED, "good": State.DONE, "slow": State.DONE}
    ids = [job_id for several in made.values() for job_id in several]
    ended = (State.DONE, State.FAILED)
    wait_until(lambda: all(row_of(cluster.runtime, job_id).state in ended for job_id in ids), 60)
    kill(worker)
    for name in names:
        rows = [row_of(cluster.runtime, job_id) for job_id in made[name]]
        assert {(row.state, row.attempt) for row in rows} == {(states[name], 2 if name == "bad" else 1)}
    assert Counter(line[0] for line in lines(told)) == {"bad": 6, "good": 3, "slow": 3, "slept": 3}
    with cluster.runtime.reading() as connection:
        rounds = connection.execute(select(schedule)).all()
    assert {(row.turn, row.error) for row in rounds} == {(1, None)}


@pytest.mark.postgresql
def test_a_job_whose_worker_is_killed_is_begun_again_by_another(cluster, tmp_path):
    told = tmp_path / "told"
    with kind("slow", print):
        job_id = ask(cluster.runtime, "slow")
    workers = [start(orders(cluster, told, silent=3.0, pause=0.5)) for _ in range(2)]
    wait_until(lambda: bool(lines(told)), 60)
    victim = next(worker for worker in workers if str(worker.pid) == lines(told)[0][-1])
    kill(victim)
    wait_until(lambda: row_of(cluster.runtime, job_id).state == State.DONE, 60)
    for worker in workers:
        kill(worker)
    row = row_of(cluster.runtime, job_id)
    assert (row.attempt, [line[0] for line in lines(told)]) == (2, ["slow", "slow", "slept"])


def test_one_process_runs_the_jobs_of_a_sqlite_database_and_a_killed_one_goes_on_where_it_was(
    sqlite_databases, tmp_path
):
    url = sqlite_databases.create(published)
    house = ToyHouse(url)
    armed(house, 20)
    told = tmp_path / "told"
    given = orders(house, told, pause=0.05)
    first = start(given)
    wait_until(lambda: any(line[0] == "fired" for line in lines(told)), 60)
    second = start(given)
    second.join(30)
    assert [line[1] for line in lines(told) if line[0] == "refused"] == ["SeatTaken"]
    kill(first)
    third = start(given)
    wait_until(lambda: left(house) == 0, 60)
    stop(third)
    assert len({line[-1] for line in lines(told) if line[0] == "fired"}) == 2
    told.write_text("".join(line + "\n" for line in told.read_text().splitlines() if not line.startswith("refused")))
    each_fired_once(house, told, 20)
    assert value(house, select(func.count()).select_from(executor)) == 1
    assert value(house, select(func.count()).select_from(job).where(job.c.once.startswith("timer-"))) == 0
    house.close()
    sqlite_databases.drop(url)
