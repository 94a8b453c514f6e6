"""More time, lawfully: asked for with a reason, decided by another person in the post the rule names, once, within the maximum."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from engine.clock import Extension, Level, Period, Unit, WarnPoint, due_day
from engine.commands import periods
from engine.commands.extensions import AlreadyDecided, approve_extension, refuse_extension, request_extension
from engine.commands.loading import load_task, view_of
from engine.errors import Forbidden, InvalidAnswers, TaskNotReady
from engine.jobs import sweep
from engine.model import notice, period_use, task, timer
from engine.model_clocks import clock_extension
from engine.model_escalation import escalation
from engine.queries import clocks
from engine.queries.opening import entries
from tests.engine.acting import read, value, written
from tests.engine.toy import READER, READER_2, ToyHouse, person

if TYPE_CHECKING:
    from collections.abc import Mapping

HEAD = person(7, "HEAD")
REASON = "卷宗材料须向外地调取核实，五日内不能完成"
RULE = Period(
    "toy.read", 5, Unit.WORK, "S0", ("HEAD",), pauses=True, warns=(WarnPoint(Level.WARN, 1),),
    extension=Extension(("HEAD",), 5, 1, 10, "S0-1"),
)  # fmt: skip


@pytest.fixture
def toy(house: ToyHouse) -> ToyHouse:
    setattr(house.process, "period", lambda view, key: replace(RULE, key=key))  # noqa: B010
    return house


def ask(toy: ToyHouse, task_id: int, **changed: Any) -> Mapping[str, Any]:
    given = {"units": 3, "reason": REASON, **changed}
    return toy.act(
        request_extension,
        changed.pop("actor", READER),
        task_id=task_id,
        **{k: v for k, v in given.items() if k != "actor"},
    )


def due(toy: ToyHouse, task_id: int) -> date:
    return due_day(value(toy, select(task.c.due_at).where(task.c.id == task_id)))


def armed(toy: ToyHouse) -> list[tuple[str, date]]:
    with toy.runtime.reading() as connection:
        rows = connection.execute(select(timer).where(timer.c.state == "armed").order_by(timer.c.due_at)).all()
    return [(row.level, due_day(row.due_at)) for row in rows]


def kinds(toy: ToyHouse) -> list[str]:
    with toy.runtime.reading() as connection:
        return [entry.kind for entry in entries(connection, toy.runtime.vault, 1)]


def test_a_granted_extension_moves_the_clock_its_warning_and_the_task_and_is_told(toy: ToyHouse) -> None:
    task_id = written(toy)
    assert (due(toy, task_id), armed(toy)) == (
        date(2026, 6, 22),
        [("warn", date(2026, 6, 18)), ("broken", date(2026, 6, 22))],
    )
    asked = ask(toy, task_id)
    assert due(toy, task_id) == date(2026, 6, 22)
    told = toy.act(approve_extension, HEAD, extension_id=asked["extension_id"], note="同意")
    assert (told["old_due_at"][:10], told["new_due_at"][:10]) == ("2026-06-23", "2026-06-26")
    assert due(toy, task_id) == date(2026, 6, 25)
    assert armed(toy) == [("warn", date(2026, 6, 23)), ("broken", date(2026, 6, 25))]
    assert kinds(toy)[-2:] == ["extension.asked", "extension.granted"]
    with toy.runtime.reading() as connection:
        posts = connection.execute(select(notice.c.post, notice.c.kind).order_by(notice.c.id)).all()
        (clock,) = clocks.clocks_of(toy.runtime, connection, READER, [task_id])
        row = connection.execute(select(clock_extension)).one()
    assert [tuple(p) for p in posts] == [("HEAD", "extension.asked"), ("READER", "extension.granted")]
    assert (clock.explanation.total, clock.left, clock.may_ask) == (8, 0, False)
    assert (row.state, row.clause, row.form, row.decided_by) == ("granted", "S0-1", "P-06", 7)
    assert REASON.encode() not in row.reason_sealed
    assert clock.asked[0].reason == REASON
    assert read(toy, task_id)["ended"] == "done"
    assert armed(toy) == []


def test_a_warning_moves_no_token_and_goes_with_its_step(toy: ToyHouse) -> None:
    task_id = written(toy)
    toy.clock.set_day(date(2026, 6, 19))
    before = value(toy, select(task.c.version).where(task.c.id == task_id))
    assert sweep(toy.runtime) == 1
    assert (kinds(toy)[-1], value(toy, select(escalation.c.level))) == ("period.warned", "warn")
    assert value(toy, select(task.c.overdue_since).where(task.c.id == task_id)) is None
    assert (sweep(toy.runtime), before) == (0, 1)
    toy.clock.set_day(date(2026, 6, 23))
    assert sweep(toy.runtime) == 1
    assert value(toy, select(func.count()).select_from(escalation)) == 1
    assert value(toy, select(escalation.c.level)) == "broken"


def test_a_late_sweep_tells_that_it_is_broken_and_not_that_it_would_soon_be(toy: ToyHouse) -> None:
    written(toy)
    toy.clock.set_day(date(2026, 7, 20))
    assert (sweep(toy.runtime), sweep(toy.runtime)) == (1, 0)
    assert "period.warned" not in kinds(toy)


def test_what_was_once_overdue_stays_counted_and_gets_a_new_deadline(toy: ToyHouse) -> None:
    task_id = written(toy)
    toy.clock.set_day(date(2026, 6, 24))
    sweep(toy.runtime)
    since = value(toy, select(task.c.overdue_since).where(task.c.id == task_id))
    number = ask(toy, task_id)["extension_id"]
    toy.act(approve_extension, HEAD, extension_id=number)
    assert due(toy, task_id) == date(2026, 6, 25)
    assert armed(toy) == [("again", date(2026, 6, 25))]
    assert value(toy, select(escalation.c.state)) == "closed"
    assert value(toy, select(task.c.overdue_since).where(task.c.id == task_id)) == since
    toy.clock.set_day(date(2026, 6, 26))
    assert (sweep(toy.runtime), sweep(toy.runtime)) == (1, 0)
    assert (value(toy, select(escalation.c.state)), value(toy, select(escalation.c.ever_overdue))) == ("open", True)
    assert value(toy, select(task.c.overdue_since).where(task.c.id == task_id)) == since
    assert read(toy, task_id)["ended"] == "done"
    assert armed(toy) == []


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"units": 6}, "units"), ({"units": 0}, "units"), ({"units": "三"}, "units"), ({"units": True}, "units"),
        ({"reason": "太忙"}, "reason"), ({"reason": " " * 40}, "reason"), ({"units": -1, "reason": ""}, "reason"),
    ],
)  # fmt: skip
def test_what_is_asked_for_wrongly_is_refused_by_field(toy: ToyHouse, changed: dict[str, Any], field: str) -> None:
    task_id = written(toy)
    with pytest.raises(InvalidAnswers) as refused:
        ask(toy, task_id, **changed)
    assert field in refused.value.problems
    assert value(toy, select(func.count()).select_from(clock_extension)) == 0


def test_one_request_at_a_time_and_as_often_as_the_rule_says(toy: ToyHouse) -> None:
    task_id = written(toy)
    first = ask(toy, task_id)["extension_id"]
    with pytest.raises(InvalidAnswers):
        ask(toy, task_id)
    toy.act(refuse_extension, HEAD, extension_id=first, reason="现有材料足以办理")
    assert due(toy, task_id) == date(2026, 6, 22)
    second = ask(toy, task_id)["extension_id"]
    toy.act(approve_extension, HEAD, extension_id=second)
    with pytest.raises(InvalidAnswers) as refused:
        ask(toy, task_id, units=1)
    assert "最多延期 1 次" in str(refused.value.problems["units"][0])
    with pytest.raises(AlreadyDecided):
        toy.act(approve_extension, HEAD, extension_id=first)


def test_nobody_decides_without_the_post_nor_about_her_own_request_nor_after_the_step(toy: ToyHouse) -> None:
    task_id = written(toy)
    both = person(2, "READER", "HEAD")
    number = ask(toy, task_id)["extension_id"]
    for actor in (READER, READER_2, both):
        with pytest.raises(Forbidden):
            toy.act(approve_extension, actor, extension_id=number)
    with pytest.raises(InvalidAnswers):
        toy.act(refuse_extension, HEAD, extension_id=number, reason=" ")
    read(toy, task_id)
    with pytest.raises(TaskNotReady):
        toy.act(approve_extension, HEAD, extension_id=number)


def test_a_period_whose_rule_allows_none_is_not_extended(house: ToyHouse) -> None:
    task_id = written(house)
    with pytest.raises(Forbidden, match="不得延期"):
        ask(house, task_id)


def test_who_may_not_work_on_the_task_may_not_ask(toy: ToyHouse) -> None:
    task_id = written(toy)
    with pytest.raises(Forbidden):
        ask(toy, task_id, actor=HEAD)


def waiting(uow: Any, *, task_id: int, go_on: bool = False) -> dict[str, Any]:
    """A verb that lets a task wait, as the engine's own do."""
    job = load_task(uow, task_id)
    verb = periods.resume_all if go_on else periods.pause_all
    return {"periods": verb(view_of(uow, job), job)}


def test_a_task_that_waits_stands_still_and_goes_on_with_the_days_it_had(toy: ToyHouse) -> None:
    task_id = written(toy)
    toy.clock.set_day(date(2026, 6, 17))
    assert toy.act(waiting, READER, task_id=task_id)["periods"] == ["toy.read"]
    assert toy.act(waiting, READER, task_id=task_id)["periods"] == []
    assert value(toy, select(task.c.due_at).where(task.c.id == task_id)) is None
    with pytest.raises(InvalidAnswers):
        ask(toy, task_id)
    toy.clock.set_day(date(2026, 7, 20))
    assert sweep(toy.runtime) == 0
    assert toy.act(waiting, READER, task_id=task_id, go_on=True)["periods"] == ["toy.read"]
    assert (due(toy, task_id), armed(toy)) == (
        date(2026, 7, 23),
        [("warn", date(2026, 7, 21)), ("broken", date(2026, 7, 23))],
    )
    assert kinds(toy)[-2:] == ["period.paused", "period.resumed"]
    assert toy.act(waiting, READER, task_id=task_id, go_on=True)["periods"] == []


def test_a_step_that_ends_while_it_waits_leaves_no_clock(toy: ToyHouse) -> None:
    task_id = written(toy)
    toy.act(waiting, READER, task_id=task_id)
    read(toy, task_id)
    assert value(toy, select(func.count()).select_from(timer).where(timer.c.state.in_(("armed", "paused")))) == 0


def test_statutory_clocks_and_broken_ones_do_not_wait(toy: ToyHouse) -> None:
    task_id = written(toy)
    setattr(toy.process, "period", lambda view, key: replace(RULE, key=key, pauses=False))  # noqa: B010
    assert toy.act(waiting, READER, task_id=task_id)["periods"] == []
    setattr(toy.process, "period", lambda view, key: replace(RULE, key=key))  # noqa: B010
    toy.clock.set_day(date(2026, 7, 1))
    sweep(toy.runtime)
    assert toy.act(waiting, READER, task_id=task_id)["periods"] == []
    assert value(toy, select(period_use.c.paused_at)) is None


def test_looking_at_clocks_moves_none(toy: ToyHouse) -> None:
    task_id = written(toy)
    toy.clock.set_day(date(2026, 6, 30))
    before = armed(toy), kinds(toy), due(toy, task_id)
    with toy.runtime.reading() as connection:
        (clock,) = clocks.clocks_of(toy.runtime, connection, READER, [task_id])
    assert clock.explanation.last_day == before[2]
    assert (armed(toy), kinds(toy), due(toy, task_id)) == before
