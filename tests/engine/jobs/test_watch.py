"""A process that falls silent for a minute by the watcher's own stopwatch has its work taken up, once, by one watcher."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from sqlalchemy import insert, text, update

from engine.jobs_seats import SeatLost, SeatTaken, take_seat
from engine.jobs_watch import Watch
from engine.model_jobs import executor
from tests.engine.toy import ToyHouse, published


@dataclass
class Begun:
    workflow_id: str
    executor_id: str | None


@dataclass
class Engine:
    """A job engine that only remembers."""

    begun: list[Begun]
    resumed: list[str] = field(default_factory=list)

    def list_workflows(self, *, status, load_input, load_output):
        assert (status, load_input, load_output) == ("PENDING", False, False)
        return self.begun

    def resume_workflows(self, workflow_ids):
        self.resumed += workflow_ids
        self.begun = [each for each in self.begun if each.workflow_id not in workflow_ids]


@pytest.fixture
def seat(house):
    taken = take_seat(house.runtime, "a")
    yield taken
    taken.release()


@pytest.fixture
def other(house):
    """Another process, whose row beats when told to."""
    with house.runtime.database.engine.begin() as connection:
        row = {"id": "b-1", "token": "x", "beats": 1, "since": house.clock.at, "beat_at": house.clock.at}
        connection.execute(insert(executor), row)

    def beat():
        with house.runtime.database.engine.begin() as connection:
            connection.execute(update(executor).where(executor.c.id == "b-1").values(beats=executor.c.beats + 1))

    return beat


def test_what_a_silent_process_had_begun_is_taken_up_after_a_minute_and_not_twice(seat, other):
    engine = Engine([Begun("w1", "b-1"), Begun("w2", "a-1")])
    watch = Watch(seat, engine)
    assert [watch.look(now) for now in (0.0, 30.0, 59.9)] == [[], [], []]
    assert watch.look(60.0) == ["w1"]
    assert watch.look(70.0) == []
    assert engine.resumed == ["w1"]


def test_a_process_that_beats_is_left_alone_however_its_clock_stands(seat, other, house):
    engine = Engine([Begun("w1", "b-1")])
    watch = Watch(seat, engine)
    for now in range(0, 300, 10):
        if now % 50 == 0:
            other()
        house.clock.at = house.clock.at.replace(year=2020 + now % 7)
        assert watch.look(float(now)) == []


def test_work_of_a_process_nobody_knows_is_taken_up_too(seat):
    engine = Engine([Begun("w1", "gone-1"), Begun("w2", None)])
    watch = Watch(seat, engine)
    assert [watch.look(0.0), watch.look(61.0)] == [[], ["w1"]]


def test_two_processes_never_share_a_seat(house, seat):
    if house.runtime.database.is_sqlite:
        with pytest.raises(SeatTaken, match="SQLite 只允许一个"):
            take_seat(house.runtime, "a")
        return
    second = take_seat(house.runtime, "a")
    assert (seat.id, second.id) == ("a-1", "a-2")
    assert take_seat_and_leave(house, "a") == "a-3"
    assert not second.alone_watching() if seat.alone_watching() else pytest.fail("nobody may watch")
    seat.stop_watching()
    assert second.alone_watching()
    second.release()
    assert seat.alone_watching()


def take_seat_and_leave(house, name):
    taken = take_seat(house.runtime, name)
    taken.release()
    return taken.id


def test_a_seat_is_the_same_after_a_restart(house, seat):
    seat.beat()
    seat.release()
    assert take_seat_and_leave(house, "a") == "a-1"


@pytest.mark.postgresql
def test_a_process_whose_connection_was_cut_keeps_its_seat_unless_another_took_it(postgresql_databases):
    url = postgresql_databases.create(published)
    house = ToyHouse(url)
    seat = take_seat(house.runtime, "a")
    cut_all(house)
    seat.beat()
    cut_all(house)
    other = take_seat(house.runtime, "a")
    assert other.id == seat.id
    with pytest.raises(SeatLost, match="a-1"):
        seat.beat()
    other.beat()
    seat.release()
    other.release()
    house.close()
    postgresql_databases.drop(url)


def cut_all(house):
    """As a restart of the server, or a router that forgets, would."""
    others = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"
    house.runtime.database.dispose()
    with house.runtime.database.engine.connect() as connection:
        connection.execute(text(others))
