"""What is late is lifted to the superiors: one escalation for each piece of work and clock, and it decides nothing."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine.access import SYSTEM
from engine.clock import SHANGHAI, Period, Unit
from engine.commands.context import CaseContext
from engine.commands.escalations import raise_escalation, settle_escalation
from engine.jobs import sweep
from engine.model import history, notice, task
from engine.model_escalation import escalation
from engine.unit_of_work import unit_of_work
from tests.engine.acting import read, value, written

if TYPE_CHECKING:
    from tests.engine.toy import ToyHouse

CLOCK = Period("toy.read", 5, Unit.WORK, "S0", ("HEAD",))
SINCE = datetime(2026, 6, 18, tzinfo=SHANGHAI)


def rows(house: ToyHouse) -> list[Any]:
    with house.runtime.reading() as connection:
        return list(connection.execute(select(escalation).order_by(escalation.c.id)).mappings())


def kinds(house: ToyHouse) -> list[str]:
    with house.runtime.reading() as connection:
        found = connection.execute(select(history.c.kind).order_by(history.c.id)).scalars()
        return [kind for kind in found if kind.startswith("escalation")]


def lift(house: ToyHouse, task_id: int, level: str, since: datetime = SINCE) -> Any:
    with unit_of_work(house.runtime, SYSTEM) as work:
        view = CaseContext(work, work.case(1), house.process)
        return raise_escalation(view, task_id=task_id, element="T_Read", period=CLOCK, level=level, since=since)


def late(house: ToyHouse) -> int:
    """A task whose clock broke."""
    task_id = written(house)
    house.clock.set_day(date(2026, 6, 23), hour=0)
    assert sweep(house.runtime) == 1
    return task_id


def test_a_broken_clock_makes_one_escalation_with_its_clause_and_its_superiors(house: ToyHouse) -> None:
    task_id = late(house)
    (row,) = rows(house)
    assert (row["task_id"], row["period"], row["clause"], row["level"]) == (task_id, "toy.read", "S0", "broken")
    assert (row["post"], row["unit_id"], row["chain"], row["state"]) == ("READER", 1, [[["HEAD", 1]]], "open")
    assert (row["since"], row["ever_overdue"]) == (datetime(2026, 6, 23, tzinfo=SHANGHAI), True)
    assert value(house, select(task.c.escalated).where(task.c.id == task_id)) == "broken"
    assert kinds(house) == ["escalation.raised"]


def test_a_later_level_raises_the_same_escalation_and_an_earlier_one_changes_nothing(house: ToyHouse) -> None:
    task_id = written(house)
    assert lift(house, task_id, "warn") == [{"post": "HEAD", "unit": 1}]
    assert rows(house)[0]["ever_overdue"] is False
    assert lift(house, task_id, "red")
    house.clock.set_day(date(2026, 6, 23), hour=0)
    assert sweep(house.runtime) == 1
    with house.runtime.reading() as connection:
        told = list(connection.execute(select(notice.c.kind).order_by(notice.c.id)).scalars())
    assert told == ["period.warn", "period.red", "period.broken"]
    assert lift(house, task_id, "warn") == []
    (row,) = rows(house)
    assert (row["level"], row["version"]) == ("broken", 3)
    assert kinds(house) == ["escalation.raised"] * 3


def test_it_closes_with_the_task_and_what_was_overdue_stays_counted(house: ToyHouse) -> None:
    task_id = late(house)
    read(house, task_id)
    (row,) = rows(house)
    assert (row["state"], row["climb_at"], row["ever_overdue"]) == ("closed", None, True)
    assert row["closed_at"] == house.clock.at
    assert value(house, select(task.c.escalated).where(task.c.id == task_id)) is None
    assert kinds(house) == ["escalation.raised", "escalation.closed"]


def test_a_warning_that_was_heeded_closes_and_counts_as_kept(house: ToyHouse) -> None:
    task_id = written(house)
    lift(house, task_id, "warn")
    read(house, task_id)
    (row,) = rows(house)
    assert (row["state"], row["ever_overdue"]) == ("closed", False)


def test_a_clock_that_moved_settles_its_escalation_and_may_raise_it_again(house: ToyHouse) -> None:
    task_id = written(house)
    lift(house, task_id, "red")
    with unit_of_work(house.runtime, SYSTEM) as work:
        settle_escalation(CaseContext(work, work.case(1), house.process), task_id=task_id, reason="moved")
    assert rows(house)[0]["state"] == "closed"
    assert lift(house, task_id, "warn")
    (row,) = rows(house)
    assert (row["state"], row["level"], row["closed_at"]) == ("open", "warn", None)
