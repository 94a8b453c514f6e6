"""挂起, 恢复 and 终止: what stands still, what goes on, what is refused meanwhile."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from engine.commands.cases import terminate_case
from engine.commands.returning import return_task
from engine.commands.suspending import resume_task, suspend_task
from engine.commands.tasks import claim_task, release_task, save_draft
from engine.commands.transferring import delegate_task, transfer_task
from engine.errors import Forbidden, InvalidAnswers, NotNow
from engine.jobs import fire_due
from engine.model import task, timer
from tests.engine.verbs.office import ANN, BEA, CAT, HEAD

LATER = date(2026, 7, 1)


def suspended(house: Any, element: str = "b") -> Any:
    case_id = house.start()
    house.submit(case_id, "a", ANN)
    row = house.row(case_id, element)
    house.verb(claim_task, BEA, row)
    house.verb(suspend_task, BEA, row, reason="等申请人补交证明", until=LATER)
    return row


def test_a_step_that_waits_for_papers_keeps_its_clock_still_and_goes_on_where_it_stopped(small: Any) -> None:
    house = small("line")
    row = suspended(house)
    house.clock.at += timedelta(days=30)
    assert fire_due(house.runtime) == 0
    house.verb(resume_task, BEA, row)
    again = house.task(row.id)
    assert again.suspended_at is None
    assert again.due_at - row.due_at >= timedelta(days=28)
    house.complete(again, BEA)


def test_a_clock_that_may_not_pause_runs_on(small: Any) -> None:
    house = small("line")
    house.process.pausing = False
    row = suspended(house)
    house.clock.at += timedelta(days=30)
    assert fire_due(house.runtime) >= 1
    assert house.task(row.id).overdue_since is not None


def test_what_waits_is_typed_on_but_not_decided_about(small: Any) -> None:
    house = small("line")
    row = suspended(house)
    house.act(save_draft, BEA, task_id=row.id, answers={"text": "半句"})
    for command, more in (
        (transfer_task, {"to": CAT.id, "reason": "x"}),
        (delegate_task, {"to": CAT.id, "note": "x"}),
        (return_task, {"target": "a", "reason": "x"}),
        (release_task, {}),
        (suspend_task, {"reason": "x", "until": LATER}),
    ):
        with pytest.raises(NotNow, match="挂起"):
            house.verb(command, BEA, row, **more)
    with pytest.raises(NotNow, match="挂起"):
        house.complete(row, BEA)
    with pytest.raises(Forbidden):
        house.verb(resume_task, CAT, row)
    house.verb(resume_task, BEA, row)
    with pytest.raises(NotNow, match="没有挂起"):
        house.verb(resume_task, BEA, row)


@pytest.mark.parametrize(
    ("until", "reason", "fields"), [(date(2026, 6, 15), "x", {"until"}), (date(2020, 1, 1), " ", {"until", "reason"})]
)
def test_waiting_needs_a_reason_and_a_day_to_come(small: Any, until: date, reason: str, fields: set[str]) -> None:
    house = small("line")
    case_id = house.start()
    with pytest.raises(InvalidAnswers) as refused:
        house.verb(suspend_task, ANN, house.row(case_id, "a"), reason=reason, until=until)
    assert set(refused.value.problems) == fields


def test_only_the_branch_that_waits_stands_still(small: Any) -> None:
    house = small("branches")
    row = suspended(house)
    case_id = row.case_id
    assert house.row(case_id, "c").suspended_at is None
    house.submit(case_id, "c", CAT)
    house.verb(resume_task, BEA, row)
    house.complete(row, BEA)
    assert house.at(case_id) == ["b2"]


def test_every_seat_waits_with_the_step(small: Any) -> None:
    house = small("several_all")
    case_id = house.start()
    house.submit(case_id, "a", ANN)
    bea, cat, _ = (r for r in house.rows(case_id) if r.element == "m")
    house.verb(suspend_task, BEA, bea, reason="等材料", until=LATER)
    with pytest.raises(NotNow, match="挂起"):
        house.opine(cat, CAT)


@pytest.mark.parametrize("name", ["line", "branches", "called", "several_all", "several_sequence"])
def test_a_termination_closes_everything_wherever_the_case_stands(small: Any, name: str) -> None:
    house = small(name)
    case_id = house.start()
    house.submit(case_id, "a", ANN)
    with pytest.raises(Forbidden):
        house.act(terminate_case, ANN, case_id=case_id, reason="x")
    with pytest.raises(InvalidAnswers):
        house.act(terminate_case, HEAD, case_id=case_id, reason=" ")
    assert house.act(terminate_case, HEAD, case_id=case_id, reason="材料系伪造")["ended"] == "stopped"
    with house.runtime.reading() as connection:
        assert connection.execute(select(func.count()).select_from(task).where(task.c.state != "closed")).scalar() == 0
        armed = select(func.count()).select_from(timer).where(timer.c.state.in_(("armed", "paused")))
        assert connection.execute(armed).scalar() == 0
    with pytest.raises(NotNow, match="办结"):
        house.act(terminate_case, HEAD, case_id=case_id, reason="x")
