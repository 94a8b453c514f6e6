"""What comes round is begun by one process, a minute after the last time, and at once when the clock was set back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine import jobs_turns
from engine.access import SYSTEM
from engine.errors import Busy
from engine.jobs import Schedule
from engine.unit_of_work import unit_of_work

EACH = Schedule("each", "试验", lambda _: None)


def take(house, row, seat="a-1"):
    with unit_of_work(house.runtime, SYSTEM) as work:
        return jobs_turns.take(work, EACH, row, seat)


def due(house):
    return jobs_turns.comes_round(house.runtime, EACH, jobs_turns.last(house.runtime, "each"))


def test_a_turn_is_taken_once_by_whoever_is_first(house):
    assert due(house)
    assert take(house, None) == 1
    if not house.runtime.database.is_sqlite:
        with pytest.raises(Busy):
            take(house, None)
    row = jobs_turns.last(house.runtime, "each")
    house.clock.at += timedelta(seconds=60)
    assert [take(house, row, seat) for seat in ("a-1", "b-1")] == [2, None]


def end(house):
    jobs_turns.end(house.runtime, "each", jobs_turns.last(house.runtime, "each").turn, None)


def test_it_comes_round_after_a_minute_and_not_before(house):
    take(house, None)
    end(house)
    house.clock.at += timedelta(seconds=59)
    assert not due(house)
    house.clock.at += timedelta(seconds=1)
    assert due(house)


def test_turns_do_not_pile_up_behind_a_long_one_and_one_that_never_ends_is_given_up(house):
    take(house, None)
    house.clock.at += timedelta(seconds=179)
    assert not due(house)
    house.clock.at += timedelta(seconds=1)
    assert due(house)


def test_a_clock_set_back_by_an_hour_stops_nothing(house):
    take(house, None)
    end(house)
    house.clock.at -= timedelta(hours=1)
    assert due(house)
    assert take(house, jobs_turns.last(house.runtime, "each")) == 2
    end(house)
    assert not due(house)
    house.clock.at += timedelta(seconds=60)
    assert due(house)


def test_how_a_turn_ended_stands_in_its_row_unless_a_later_one_has_begun(house, caplog):
    take(house, None)
    jobs_turns.end(house.runtime, "each", 1, OSError("no disk"))
    row = jobs_turns.last(house.runtime, "each")
    assert (row.error, row.reference in caplog.text) == ("OSError", True)
    house.clock.at += timedelta(seconds=60)
    take(house, row)
    jobs_turns.end(house.runtime, "each", 1, OSError("late"))
    jobs_turns.end(house.runtime, "each", 2, None)
    row = jobs_turns.last(house.runtime, "each")
    assert (row.turn, row.error, row.failed_at) == (2, None, None)
