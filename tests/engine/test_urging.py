"""Urging asks, and is rate-limited; priority and follow-up days are shown, and none of the three moves a clock."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from engine.access import UrgeLimits
from engine.commands.priorities import set_follow_up, set_priority
from engine.commands.tasks import claim_task
from engine.commands.urging import UrgedAlready, next_urge, urge_task
from engine.errors import Forbidden, InvalidAnswers, NotFound, TaskNotReady
from engine.model import history, notice, task, timer
from engine.model_lists import follow_up, urge
from engine.queries.inbox import tasks
from engine.queries.marks import marks, priority
from engine.queries.narrowing import Filters
from tests.engine.acting import read, value, written
from tests.engine.toy import READER, READER_2, WRITER, person

if TYPE_CHECKING:
    from tests.engine.toy import ToyHouse

HEAD = person(5, "HEAD")


def notices(house: ToyHouse) -> list[Any]:
    with house.runtime.reading() as connection:
        wanted = select(notice.c.account_id, notice.c.post, notice.c.kind).order_by(notice.c.id)
        return [tuple(row) for row in connection.execute(wanted)]


def test_an_unclaimed_step_is_urged_at_its_post_and_a_claimed_one_at_its_holder(house: ToyHouse) -> None:
    waiting = written(house)
    house.act(urge_task, WRITER, task_id=waiting)
    house.act(claim_task, READER, task_id=waiting, seen_version=1)
    house.clock.at += timedelta(hours=4)
    assert house.act(urge_task, WRITER, task_id=waiting)["times"] == 2
    assert notices(house) == [(None, "READER", "task.urged"), (READER.id, "", "task.urged")]


def test_urging_again_is_refused_with_the_moment_from_which_it_is_possible(house: ToyHouse) -> None:
    waiting = written(house)
    house.act(urge_task, WRITER, task_id=waiting)
    house.clock.at += timedelta(hours=4) - timedelta(seconds=1)
    with pytest.raises(UrgedAlready) as refused:
        house.act(urge_task, WRITER, task_id=waiting)
    assert refused.value.params["next"] == "2026-06-15 13:00"
    house.act(urge_task, HEAD, task_id=waiting)
    house.clock.at += timedelta(seconds=1)
    house.act(urge_task, WRITER, task_id=waiting)
    assert value(house, select(func.count()).select_from(urge)) == 3


def test_the_fourth_urge_of_a_day_waits_for_midnight(house: ToyHouse) -> None:
    start = house.clock.at
    limits = UrgeLimits(timedelta(hours=4), 3)
    before = [start + timedelta(hours=h) for h in (8, 4, 0)]
    assert next_urge(before, limits, start + timedelta(hours=12)) == start + timedelta(hours=15)
    assert next_urge(before[:2], limits, start + timedelta(hours=12)) == start + timedelta(hours=12)
    assert next_urge([], limits, start) == start


@pytest.mark.parametrize("who", [READER, READER_2])
def test_nobody_urges_herself_or_her_own_post(house: ToyHouse, who: Any) -> None:
    with pytest.raises(Forbidden):
        house.act(urge_task, who, task_id=written(house))


def test_a_closed_step_and_an_unknown_one_cannot_be_urged(house: ToyHouse) -> None:
    waiting = written(house)
    read(house, waiting)
    with pytest.raises(TaskNotReady):
        house.act(urge_task, WRITER, task_id=waiting)
    with pytest.raises(NotFound):
        house.act(urge_task, WRITER, task_id=999)
    assert not notices(house)


def test_of_two_urges_of_one_moment_one_holds(house: ToyHouse) -> None:
    waiting = written(house)

    def again(key: str) -> str:
        try:
            house.runtime.execute(urge_task, actor=WRITER, key=key, task_id=waiting)
        except UrgedAlready:
            return "refused"
        return "urged"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(again, ["one", "two"])) == ["refused", "urged"]
    assert value(house, select(func.count()).select_from(urge)) == 1


def clocks(house: ToyHouse) -> list[Any]:
    with house.runtime.reading() as connection:
        due = connection.execute(select(task.c.id, task.c.due_at, task.c.rank_at).order_by(task.c.id)).all()
        return [*due, *connection.execute(select(timer.c.id, timer.c.due_at, timer.c.state).order_by(timer.c.id)).all()]


def test_none_of_the_three_moves_a_clock(house: ToyHouse) -> None:
    waiting = written(house)
    before = clocks(house)
    house.clock.at += timedelta(days=1)
    house.act(urge_task, WRITER, task_id=waiting)
    house.act(set_priority, HEAD, case_id=1, level="urgent", reason="母亲住院")
    house.act(set_follow_up, READER, task_id=waiting, day="2026-06-20")
    assert clocks(house) == before


def test_urgency_has_a_reason_that_readers_see_and_the_history_keeps(house: ToyHouse) -> None:
    waiting = written(house)
    assert house.act(set_priority, HEAD, case_id=1, level="urgent", reason=" 母亲 住院 ")["changed"]
    assert not house.act(set_priority, HEAD, case_id=1, level="urgent", reason="再说一次")["changed"]
    with house.runtime.reading() as connection:
        known = priority(connection, house.runtime.vault, 1)
        assert known is not None
        assert (known.level, known.reason, known.by_id) == ("urgent", "母亲 住院", HEAD.id)
        assert marks(connection, READER, [(waiting, 1)]).urgent == {1}
        assert b"\xe6\xaf\x8d" not in connection.exec_driver_sql("SELECT reason_sealed FROM case_priority").scalar_one()
    house.act(set_priority, HEAD, case_id=1, level="normal", reason="已出院")
    kinds = select(func.count()).where(history.c.kind == "case.priority")
    assert value(house, kinds) == 2
    with house.runtime.reading() as connection:
        now = house.clock.now()
        assert not tasks(connection, READER, "todo", now=now, filters=Filters(urgent=True)).rows
        assert tasks(connection, READER, "todo", now=now).rows


@pytest.mark.parametrize(
    ("level", "reason", "field"),
    [("asap", "急", "level"), ("urgent", "  ", "reason"), ("urgent", "急" * 301, "reason")],
)
def test_a_level_there_is_not_and_a_missing_reason_are_told(
    house: ToyHouse, level: str, reason: str, field: str
) -> None:
    written(house)
    with pytest.raises(InvalidAnswers) as refused:
        house.act(set_priority, HEAD, case_id=1, level=level, reason=reason)
    assert list(refused.value.problems) == [field]


def test_a_follow_up_day_is_her_own_and_narrows_her_list(house: ToyHouse) -> None:
    first, second = written(house), written(house)
    entries = value(house, select(func.count()).select_from(history))
    house.act(set_follow_up, READER, task_id=first, day="2026-06-16")
    house.act(set_follow_up, READER, task_id=second, day="2026-06-18")
    house.act(set_follow_up, READER, task_id=second, day="2026-06-17")
    house.clock.at += timedelta(days=1)
    now = house.clock.now()
    with house.runtime.reading() as connection:
        for follow, own in (("due", [first]), ("any", [first, second])):
            mine = Filters(follow=follow, account_id=READER.id)  # type: ignore[arg-type]
            assert [r.id for r in tasks(connection, READER, "todo", now=now, filters=mine).rows] == own
            others = Filters(follow=follow, account_id=READER_2.id)  # type: ignore[arg-type]
            assert not tasks(connection, READER_2, "todo", now=now, filters=others).rows
        assert marks(connection, READER, [(first, 1), (second, 2)]).follow_up[second] == date(2026, 6, 17)
        assert not marks(connection, READER_2, [(first, 1)]).follow_up
    house.act(set_follow_up, READER, task_id=first, day="")
    assert value(house, select(func.count()).select_from(follow_up)) == 1
    assert value(house, select(func.count()).select_from(history)) == entries, (
        "a private reminder is no part of the case"
    )


@pytest.mark.parametrize("day", ["2026-06-14", "2027-06-17", "morgen", "20260620x"])
def test_a_day_that_is_past_too_far_or_none_is_refused_with_what_is_allowed(house: ToyHouse, day: str) -> None:
    waiting = written(house)
    with pytest.raises(InvalidAnswers) as refused:
        house.act(set_follow_up, READER, task_id=waiting, day=day)
    assert refused.value.problems["day"][0].params == {"seen": day, "first": "2026-06-15", "last": "2027-06-16"}
