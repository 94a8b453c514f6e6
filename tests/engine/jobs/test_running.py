"""What becomes of a job: done, tried again later and later, failed for a person to see, called off, begun again after a crash."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from engine.commands.jobs import JobNotPossible, cancel_job, retry_job
from engine.errors import Forbidden, NotFound
from engine.jobs import forget
from engine.jobs_asking import State
from engine.jobs_running import perform
from engine.model_jobs import job
from engine.queries.jobs import GROUPS, PAGE, jobs_page
from tests.engine.acting import value
from tests.engine.jobs.acting import SHORT, Broken, ask, kind, row_of
from tests.engine.toy import ADMIN, READER


def give(house, job_id):
    """What the engine does when it takes a job; returns the run."""
    with house.runtime.database.engine.begin() as connection:
        connection.execute(update(job).where(job.c.id == job_id).values(state=State.QUEUED, run=job.c.run + 1))
    return row_of(house.runtime, job_id).run


def attempt(house, job_id):
    perform(house.runtime, job_id, give(house, job_id), "host-1")
    return row_of(house.runtime, job_id)


def fail(*_):
    raise Broken("王秀英")


def test_a_job_is_done_once_and_tells_how_far_it_is(house):
    seen = []

    def act(_, running):
        running.progress(1, 4)
        seen.append((running.ids, row_of(house.runtime, running.id).done))
        running.progress(4)

    with kind("count", act):
        job_id = ask(house.runtime, "count", once="count-1", batch=5)
        row = attempt(house, job_id)
        perform(house.runtime, job_id, row.run, "host-2")
    assert seen == [({"batch": 5}, 1)]
    assert (row.state, row.done, row.total, row.once, row.executor) == (State.DONE, 4, 4, None, "host-1")


def test_a_job_that_always_fails_is_tried_later_and_later_and_then_waits_for_a_person(house, caplog):
    with kind("fail", fail):
        job_id = ask(house.runtime, "fail", once="fail-1")
        for number, pause in ((1, SHORT[0]), (2, SHORT[1])):
            row = attempt(house, job_id)
            assert (row.state, row.attempt, row.next_at - house.clock.at) == (State.WAITING, number, pause)
        row = attempt(house, job_id)
        assert (row.state, row.attempt, row.error) == (State.FAILED, 3, "Broken")
        assert row.reference in caplog.text
        assert ask(house.runtime, "fail", once="fail-1") == job_id
        house.act(retry_job, ADMIN, job_id=job_id)
        row = row_of(house.runtime, job_id)
        assert (row.state, row.attempt, row.touched_by) == (State.WAITING, 0, ADMIN.id)


def test_a_worker_that_dies_each_time_ends_the_job_as_failed(house):
    ran = []

    def die(*_):
        ran.append(1)
        raise KeyboardInterrupt

    with kind("die", die):
        job_id = ask(house.runtime, "die")
        for _ in range(3):
            with pytest.raises(KeyboardInterrupt):
                attempt(house, job_id)
        row = attempt(house, job_id)
    assert (row.state, row.error, len(ran)) == (State.FAILED, "WorkerDied", 3)


def test_a_job_of_a_kind_this_software_does_not_know_fails_where_a_person_sees_it(house):
    with kind("old", lambda *_: None):
        job_id = ask(house.runtime, "old")
    row = attempt(house, job_id)
    assert (row.state, row.error) == (State.FAILED, "UnknownJob")


def test_a_job_called_off_while_it_runs_stops_where_it_next_asks(house):
    done = []

    def act(_, running):
        running.progress(1, 3)
        house.act(cancel_job, ADMIN, job_id=running.id)
        done.append(1)
        running.progress(2)
        done.append(2)

    with kind("long", act):
        row = attempt(house, ask(house.runtime, "long"))
    assert (done, row.state, row.touched_by) == ([1], State.CANCELLED, ADMIN.id)


def test_a_job_called_off_that_fails_or_whose_worker_dies_is_not_tried_again(house):
    def act(_, running):
        house.act(cancel_job, ADMIN, job_id=running.id)
        raise Broken

    with kind("long", act):
        row = attempt(house, ask(house.runtime, "long", once="long-1"))
    assert (row.state, row.once) == (State.CANCELLED, None)
    with kind("long", lambda *_: pytest.fail("it ran")):
        job_id = ask(house.runtime, "long")
        run = give(house, job_id)
        with house.runtime.database.engine.begin() as connection:
            connection.execute(update(job).where(job.c.id == job_id).values(state=State.STOPPING))
        perform(house.runtime, job_id, run, "host-2")
    assert row_of(house.runtime, job_id).state == State.CANCELLED


def test_what_comes_from_an_earlier_run_counts_no_more(house):
    with kind("copy", lambda *_: pytest.fail("it ran")):
        job_id = ask(house.runtime, "copy")
        old = give(house, job_id)
        give(house, job_id)
        perform(house.runtime, job_id, old, "host-1")
    assert row_of(house.runtime, job_id).state == State.QUEUED


@pytest.mark.parametrize(
    ("state", "retried", "cancelled"),
    [
        (State.WAITING, State.WAITING, State.CANCELLED),
        (State.QUEUED, None, State.CANCELLED),
        (State.RUNNING, None, State.STOPPING),
        (State.STOPPING, None, None),
        (State.DONE, None, None),
        (State.FAILED, State.WAITING, State.CANCELLED),
        (State.CANCELLED, State.WAITING, None),
    ],
)
def test_what_may_be_done_with_a_job_depends_on_its_state(house, state, retried, cancelled):
    with kind("copy", lambda *_: None):
        for command, wanted in ((retry_job, retried), (cancel_job, cancelled)):
            job_id = ask(house.runtime, "copy")
            with house.runtime.database.engine.begin() as connection:
                connection.execute(update(job).where(job.c.id == job_id).values(state=state))
            if wanted is None:
                with pytest.raises(JobNotPossible):
                    house.act(command, ADMIN, job_id=job_id)
            else:
                assert house.act(command, ADMIN, job_id=job_id)["state"] == wanted
            assert row_of(house.runtime, job_id).state == (wanted or state)


def test_the_clock_of_a_duty_cannot_be_called_off(house):
    with kind("duty", lambda *_: None, cancellable=False):
        job_id = ask(house.runtime, "duty")
        with pytest.raises(JobNotPossible, match="法定期限"):
            house.act(cancel_job, ADMIN, job_id=job_id)


def test_only_the_keeper_of_the_machine_may_see_and_touch_jobs(house):
    with kind("copy", lambda *_: None):
        job_id = ask(house.runtime, "copy")
    for command in (retry_job, cancel_job):
        with pytest.raises(Forbidden):
            house.act(command, READER, job_id=job_id)
        with pytest.raises(NotFound):
            house.act(command, ADMIN, job_id=999)
    with house.runtime.reading() as connection, pytest.raises(Forbidden):
        jobs_page(connection, house.runtime.rules, READER, group="open")


def test_jobs_are_listed_newest_first_and_page_by_page(house):
    with kind("copy", lambda *_: None):
        made = [ask(house.runtime, "copy", number=n) for n in range(PAGE + 2)]
    with house.runtime.reading() as connection:
        first = jobs_page(connection, house.runtime.rules, ADMIN, group="open")
        second = jobs_page(connection, house.runtime.rules, ADMIN, group="open", before=first.next)
    assert [row.id for row in (*first.rows, *second.rows)] == made[::-1]
    assert second.next is None
    assert first.counts == dict.fromkeys(GROUPS, 0) | {"open": PAGE + 2}


def test_jobs_that_ended_well_are_forgotten_after_a_month_and_failed_ones_never(house):
    with kind("copy", lambda *_: None), kind("fail", fail, attempts=1):
        done, failed = ask(house.runtime, "copy"), ask(house.runtime, "fail")
        attempt(house, done)
        attempt(house, failed)
    house.clock.at += timedelta(days=31)
    forget(house.runtime)
    assert value(house, select(job.c.id)) == failed
