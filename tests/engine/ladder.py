"""Two superiors above the readers of the toy house, and a task that is late."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine.climbing import climb_due
from engine.clock import Period, Unit
from engine.jobs import sweep
from engine.messages import Message
from engine.model import history, notice, task
from engine.model_escalation import escalation
from tests.engine.acting import written
from tests.engine.toy import ToyHouse, person

if TYPE_CHECKING:
    from collections.abc import Sequence

HEAD, CHIEF, CLERK = person(5, "HEAD"), person(6, "CHIEF"), person(7, "CLERK")
FREE = {"READER": (2, 3), "HEAD": (5,), "CHIEF": (6,)}


class Ladder:
    """Two rungs, one hour each."""

    def chain(self, _view: Any, _process: Any, _period: Period) -> Sequence[Any]:
        return ((("HEAD", 1),), (("CHIEF", 1),))

    def patience(self, _view: Any, _period: Period, level: str) -> Period:
        return Period(f"climb.{level}", 1, Unit.HOUR, "—")

    def stand_in(self, _post: str, other: str) -> Message | None:
        return Message("不能代办") if other == "CHIEF" else None

    def risk(self, _case: Any, _period: Period) -> int:
        return 3


def put_late(house: ToyHouse) -> int:
    """The id of a task whose clock broke at 00:00 on 23 June; its superiors are HEAD, then CHIEF."""
    house.runtime.supervision = Ladder()
    house.process.free = lambda _view, _element, post, _unit: FREE.get(post, ())  # type: ignore[method-assign]
    task_id = written(house)
    house.clock.set_day(date(2026, 6, 23), hour=0)
    assert sweep(house.runtime) == 1
    return task_id


def row(house: ToyHouse) -> Any:
    with house.runtime.reading() as connection:
        return connection.execute(select(escalation)).one()


def holder(house: ToyHouse) -> tuple[Any, ...]:
    with house.runtime.reading() as connection:
        found = connection.execute(select(task).where(task.c.element == "T_Read")).one()
    return found.post, found.assignee_id, found.acting_for, found.acting_reason


def notices(house: ToyHouse, post: str) -> list[str]:
    with house.runtime.reading() as connection:
        return list(
            connection.execute(select(notice.c.kind).where(notice.c.post == post).order_by(notice.c.id)).scalars()
        )


def kinds(house: ToyHouse) -> list[str]:
    with house.runtime.reading() as connection:
        return list(connection.execute(select(history.c.kind).order_by(history.c.id)).scalars())


def later(house: ToyHouse, **more: float) -> int:
    house.clock.at += timedelta(**more)
    return climb_due(house.runtime)
