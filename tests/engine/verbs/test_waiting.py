"""挂起至: when the expected day has passed, who suspended the step and her superior are told; it is lifted if it stands on."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from engine.climbing import climb_due
from engine.clock import SHANGHAI
from engine.commands.returning import return_task
from engine.commands.suspending import resume_task, suspend_task
from engine.commands.tasks import claim_task
from engine.commands.waiting import lift_waiting, remind_waiting
from engine.errors import Forbidden
from engine.model import notice
from engine.model_escalation import escalation
from tests.engine.verbs.office import ANN, BEA, CAT

#: a Tuesday; five working days on is the Tuesday after
UNTIL = date(2026, 6, 30)


def suspended(house: Any, element: str = "b", until: date = UNTIL) -> Any:
    case_id = house.start()
    house.submit(case_id, "a", ANN)
    row = house.row(case_id, element)
    house.verb(claim_task, BEA, row)
    house.verb(suspend_task, BEA, house.task(row.id), reason="等证明", until=until)
    return house.task(row.id)


def at(house: Any, day: date, hour: int = 0, minute: int = 0) -> int:
    house.clock.at = datetime(day.year, day.month, day.day, hour, minute, tzinfo=SHANGHAI)
    return climb_due(house.runtime)


def told(house: Any, kind: str = "wait.passed") -> list[tuple[str, int | None]]:
    with house.runtime.reading() as connection:
        rows = connection.execute(select(notice.c.post, notice.c.account_id).where(notice.c.kind == kind))
        return [tuple(row) for row in rows]


def lifted(house: Any) -> list[Any]:
    with house.runtime.reading() as connection:
        return list(connection.execute(select(escalation).where(escalation.c.period == "wait.overrun")).all())


def test_the_day_itself_counts_and_the_first_minute_after_it_reminds_once(office: Any) -> None:
    house = office("line")
    suspended(house)
    assert at(house, UNTIL, 23, 59) == 0
    assert told(house) == []
    assert at(house, UNTIL + timedelta(days=1)) == 1
    assert told(house) == [("", BEA.id), ("HEAD", None)]
    assert at(house, UNTIL + timedelta(days=1), 9) == 0
    assert len(told(house)) == 2


def test_what_stands_on_is_lifted_after_the_time_of_the_policy_and_settled_when_it_goes_on(office: Any) -> None:
    house = office("line")
    row = suspended(house)
    at(house, date(2026, 7, 1))
    assert at(house, date(2026, 7, 7), 23, 59) == 0
    assert lifted(house) == []
    assert at(house, date(2026, 7, 8)) >= 1
    (found,) = lifted(house)
    assert (found.level, found.state, found.task_id) == ("broken", "open", row.id)
    assert house.task(row.id).suspended_at is not None  # nothing resumes it but a person
    house.verb(resume_task, BEA, row)
    assert [each.state for each in lifted(house)] == ["closed"]


def test_a_step_that_was_resumed_and_suspended_again_is_told_of_by_its_new_day(small: Any) -> None:
    house = small("line")
    row = suspended(house)
    at(house, date(2026, 7, 1))
    house.verb(resume_task, BEA, row)
    house.verb(suspend_task, BEA, row, reason="还要等", until=date(2026, 7, 20))
    assert at(house, date(2026, 7, 20), 12) == 0
    assert lifted(house) == []
    assert at(house, date(2026, 7, 21)) == 1
    assert len(told(house)) == 4


def test_several_seats_wait_together_and_are_told_of_once(small: Any) -> None:
    house = small("several_all")
    case_id = house.start()
    house.submit(case_id, "a", ANN)
    seat = next(r for r in house.rows(case_id) if r.element == "m" and r.assignee_id == BEA.id)
    house.verb(suspend_task, BEA, seat, reason="等证明", until=UNTIL)
    assert at(house, UNTIL + timedelta(days=1)) == 1
    # the other seats: Cat's own, and the one of whoever holds the post
    assert told(house) == [("", BEA.id), ("", CAT.id), ("CLERK", None), ("HEAD", None)]


def test_nobody_is_told_of_what_no_longer_waits(small: Any) -> None:
    house = small("branches")
    row = suspended(house)
    other = next(r for r in house.rows(row.case_id) if r.element == "c")
    house.verb(return_task, CAT, other, target="a", reason="重来", whole=True)
    assert at(house, UNTIL + timedelta(days=1)) == 0
    assert told(house) == []


@pytest.mark.parametrize(("command", "name"), [(remind_waiting, "task_id"), (lift_waiting, "reminder_id")])
def test_nobody_makes_time_pass(small: Any, command: Any, name: str) -> None:
    house = small("line")
    row = suspended(house)
    with pytest.raises(Forbidden):
        house.act(command, BEA, **{name: row.id})
