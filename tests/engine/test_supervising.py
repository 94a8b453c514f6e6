"""Superiors act on what is late: acknowledge, take over, reassign; unread it climbs; two at once, only one acts."""

from __future__ import annotations

from datetime import date, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from engine.access import SYSTEM
from engine.climbing import climb_due
from engine.commands.climbing import climb_escalation, lift_overdue, miss_order
from engine.commands.orders import issue_order
from engine.commands.supervising import acknowledge_escalation, reassign, take_over
from engine.errors import EngineError, Forbidden, NotFound, StaleEscalation
from engine.model import task
from engine.model_escalation import escalation
from tests.engine.acting import read, value
from tests.engine.ladder import CHIEF, CLERK, HEAD, holder, kinds, later, notices, put_late, row
from tests.engine.toy import READER, READER_2, WRITER, ToyHouse, person


@pytest.fixture
def late(house: ToyHouse) -> int:
    """A late task."""
    return put_late(house)


@pytest.mark.usefixtures("late")
class TestClimbing:
    def test_left_unread_it_climbs_exactly_one_rung_and_stays_at_the_top(self, house: ToyHouse) -> None:
        assert later(house, minutes=59) == 0
        assert later(house, days=3) == 1
        assert climb_due(house.runtime) == 0
        assert (row(house).rung, row(house).climb_at, row(house).state) == (1, None, "open")
        assert notices(house, "CHIEF") == ["escalation.climbed"]
        assert later(house, days=30) == 0
        assert kinds(house).count("escalation.climbed") == 1

    def test_once_acknowledged_it_climbs_no_more(self, house: ToyHouse) -> None:
        house.act(acknowledge_escalation, HEAD, escalation_id=1, seen_version=1)
        assert later(house, days=9) == 0
        assert (row(house).rung, row(house).acknowledged_by) == (0, HEAD.id)

    def test_it_climbs_once_however_many_nodes_look(self, house: ToyHouse) -> None:
        house.clock.at += timedelta(days=1)
        ready = Barrier(3, timeout=60)

        def node() -> None:
            ready.wait()
            climb_due(house.runtime)

        nodes = [Thread(target=node) for _ in range(3)]
        for each in nodes:
            each.start()
        for each in nodes:
            each.join()
        assert (row(house).rung, kinds(house).count("escalation.climbed")) == (1, 1)

    def test_nobody_makes_it_climb_by_hand(self, house: ToyHouse) -> None:
        house.clock.at += timedelta(days=1)
        for command, what in ((climb_escalation, {"escalation_id": 1}), (miss_order, {"order_id": 1})):
            with pytest.raises(Forbidden):
                house.act(command, CHIEF, **what)
        assert row(house).rung == 0

    def test_a_command_before_its_time_lifts_nothing(self, house: ToyHouse) -> None:
        assert house.act(climb_escalation, SYSTEM, escalation_id=1) == {"climbed": False}


class TestActing:
    def test_a_superior_shows_that_she_looked(self, house: ToyHouse, late: int) -> None:
        answer = house.act(acknowledge_escalation, HEAD, escalation_id=1, seen_version=1)
        assert answer == {"escalation_id": 1, "case_id": 1, "version": 2}
        again = house.act(acknowledge_escalation, HEAD, escalation_id=1, seen_version=2)
        assert again["version"] == 2
        assert kinds(house).count("escalation.acknowledged") == 1
        assert value(house, select(task.c.escalated).where(task.c.id == late)) == "broken"

    def test_the_same_request_twice_acts_once(self, house: ToyHouse, late: int) -> None:
        first = house.act(take_over, HEAD, once="a" * 20, escalation_id=1, seen_version=1)
        assert house.act(take_over, HEAD, once="a" * 20, escalation_id=1, seen_version=1) == first
        assert kinds(house).count("task.taken_over") == 1
        assert first["task_id"] == late

    def test_who_takes_over_has_the_work_and_can_finish_it(self, house: ToyHouse, late: int) -> None:
        house.act(take_over, HEAD, escalation_id=1, seen_version=1)
        assert holder(house) == ("HEAD", HEAD.id, "READER", "SUPERVISION")
        with pytest.raises(Forbidden):
            read(house, late, seen_version=2)
        assert read(house, late, actor=HEAD, seen_version=2)["ended"] == "done"
        assert row(house).state == "closed"

    def test_four_eyes_and_conflicts_hold_for_superiors_too(self, house: ToyHouse, late: int) -> None:
        house.process.barred = frozenset({HEAD.id})
        with pytest.raises(Forbidden, match="利害关系"):
            house.act(take_over, HEAD, escalation_id=1, seen_version=1)
        with pytest.raises(Forbidden, match="不能代办"):
            house.act(take_over, CHIEF, escalation_id=1, seen_version=1)
        assert holder(house) == ("READER", 0, None, None)
        assert kinds(house).count("attempt.refused") == 2

    def test_the_work_goes_to_another_person_of_the_post(self, house: ToyHouse, late: int) -> None:
        given = {"post": "READER", "unit_id": 1, "seen_version": 1}
        house.act(reassign, HEAD, escalation_id=1, account_id=READER_2.id, **given)
        assert holder(house) == ("READER", READER_2.id, None, None)
        assert notices(house, "READER") == ["task.reassigned"]
        with pytest.raises(Forbidden):
            read(house, late, seen_version=2)
        assert read(house, late, actor=READER_2, seen_version=2)["ended"] == "done"

    @pytest.mark.parametrize(
        ("given", "why"),
        [
            ({"post": "READER", "unit_id": 2, "account_id": 2}, "只能改派给"),
            ({"post": "WRITER", "unit_id": 1, "account_id": 1}, "只能改派给"),
            ({"post": "READER", "unit_id": 1, "account_id": 99}, "不任该岗位"),
            ({"post": "READER", "unit_id": 1, "account_id": 3}, "利害关系"),
            ({"post": "READER", "unit_id": 1, "account_id": 0}, "无须改派"),
            ({"post": "CHIEF", "unit_id": 1, "account_id": 6}, "不能代办"),
        ],
    )
    @pytest.mark.usefixtures("late")
    def test_whom_it_may_not_go_to_is_explained(self, house: ToyHouse, given: dict[str, Any], why: str) -> None:
        house.process.barred = frozenset({READER_2.id})
        with pytest.raises(Forbidden, match=why):
            house.act(reassign, HEAD, escalation_id=1, seen_version=1, **given)
        assert holder(house) == ("READER", 0, None, None)

    @pytest.mark.usefixtures("late")
    def test_it_may_go_back_to_everyone_of_the_post(self, house: ToyHouse) -> None:
        house.act(take_over, HEAD, escalation_id=1, seen_version=1)
        house.act(reassign, CHIEF, escalation_id=1, post="READER", unit_id=1, account_id=0, seen_version=2)
        assert holder(house) == ("READER", 0, None, None)

    @pytest.mark.usefixtures("late")
    def test_only_who_stands_above_acts_and_others_do_not_learn_of_it(self, house: ToyHouse) -> None:
        for actor, refusal in ((READER, NotFound), (WRITER, NotFound), (CLERK, Forbidden)):
            with pytest.raises(refusal):
                house.act(acknowledge_escalation, actor, escalation_id=1, seen_version=1)
        with pytest.raises(NotFound):
            house.act(acknowledge_escalation, HEAD, escalation_id=9, seen_version=1)

    @pytest.mark.usefixtures("late")
    def test_nobody_looks_after_her_own_lateness(self, house: ToyHouse) -> None:
        both = person(5, "HEAD", "READER")
        for command, more in (
            (acknowledge_escalation, {}),
            (issue_order, {"text": "快办", "reply_by": date(2026, 6, 25)}),
        ):
            with pytest.raises(Forbidden, match="由您的上级督办"):
                house.act(command, both, escalation_id=1, seen_version=1, **more)

    def test_what_is_over_takes_no_more_verbs(self, house: ToyHouse, late: int) -> None:
        read(house, late)
        with pytest.raises(StaleEscalation):
            house.act(acknowledge_escalation, HEAD, escalation_id=1, seen_version=1)
        with pytest.raises(Forbidden, match="已经结束"):
            house.act(take_over, HEAD, escalation_id=1, seen_version=2)

    @pytest.mark.usefixtures("late")
    def test_two_superiors_at_once_and_only_one_acts(self, house: ToyHouse) -> None:
        ready, done, refused = Barrier(2, timeout=60), [], []

        def act(command: Any, actor: Any, key: str) -> None:
            ready.wait()
            try:
                house.runtime.execute(command, actor=actor, key=key, escalation_id=1, seen_version=1)
                done.append(command)
            except EngineError as error:
                refused.append(type(error))

        both = [
            Thread(target=act, args=(take_over, HEAD, "h" * 20)),
            Thread(target=act, args=(acknowledge_escalation, CHIEF, "c" * 20)),
        ]
        for each in both:
            each.start()
        for each in both:
            each.join()
        assert (len(done), refused) == (1, [StaleEscalation])
        assert row(house).version == 2


def test_what_was_late_before_there_were_escalations_is_lifted_once(house: ToyHouse, late: int) -> None:
    with house.runtime.database.engine.begin() as connection:
        connection.execute(delete(escalation))
        connection.execute(update(task).values(escalated=None))
    assert climb_due(house.runtime) == 1
    assert climb_due(house.runtime) == 0
    assert (row(house).task_id, row(house).level, row(house).chain[0]) == (late, "broken", [["HEAD", 1]])
    with pytest.raises(Forbidden):
        house.act(lift_overdue, HEAD, task_id=late)
