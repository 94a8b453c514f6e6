"""A superior orders and wants an answer by a day; an answer that does not come brings the matter up again."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from engine.climbing import climb_due
from engine.commands.orders import issue_order, reply_order
from engine.errors import Forbidden, InvalidAnswers, NotFound, TaskNotReady
from engine.model import task
from engine.model_escalation import supervision_order
from tests.engine.acting import read, value
from tests.engine.ladder import HEAD, kinds, later, notices, put_late, row
from tests.engine.toy import READER, STRANGER, WRITER, ToyHouse


@pytest.fixture
def late(house: ToyHouse) -> int:
    """A late task."""
    return put_late(house)


class TestOrders:
    def order(self, house: ToyHouse, **more: Any) -> Any:
        asked = {"text": "请说明原因并于本周办结", "reply_by": date(2026, 6, 25), "seen_version": 1, **more}
        return house.act(issue_order, HEAD, escalation_id=1, **asked)

    def orders(self, house: ToyHouse) -> list[Any]:
        with house.runtime.reading() as connection:
            return list(connection.execute(select(supervision_order)).all())

    def test_an_order_is_answered_by_whoever_has_the_work(self, house: ToyHouse, late: int) -> None:
        self.order(house)
        (sent,) = self.orders(house)
        assert (sent.number, sent.state) == ("T1-2026-WJ-0001-DB01", "open")
        assert notices(house, "READER") == ["order.issued"]
        with pytest.raises(Forbidden):
            house.act(reply_order, WRITER, order_id=1, text="已办")
        house.act(reply_order, READER, order_id=1, text="  材料今天补齐  ")
        (answered,) = self.orders(house)
        assert house.runtime.vault.open_json(answered.reply_sealed) == "材料今天补齐"
        assert (answered.state, answered.replied_by) == ("replied", READER.id)
        assert notices(house, "HEAD")[-1] == "order.replied"
        with pytest.raises(Forbidden, match="已经答复"):
            house.act(reply_order, READER, order_id=1, text="再答")
        assert kinds(house).count("order.replied") == 1
        assert value(house, select(task.c.state).where(task.c.id == late)) == "open"

    @pytest.mark.usefixtures("late")
    def test_who_may_not_know_of_the_case_is_told_what_is_told_of_no_order(self, house: ToyHouse) -> None:
        self.order(house)
        told = []
        for number in (1, 99):
            with pytest.raises(NotFound) as refused:
                house.act(reply_order, STRANGER, order_id=number, text="已办")
            told.append(str(refused.value).replace(str(number), "N"))
        assert told[0] == told[1]

    @pytest.mark.usefixtures("late")
    def test_what_is_wrong_with_an_order_is_told_at_once(self, house: ToyHouse) -> None:
        with pytest.raises(InvalidAnswers) as refused:
            self.order(house, text=" ", reply_by=date(2026, 6, 22))
        assert set(refused.value.problems) == {"text", "reply_by"}
        with pytest.raises(InvalidAnswers):
            self.order(house, text="字" * 2001)
        with pytest.raises(InvalidAnswers):
            self.order(house, reply_by=date(2026, 9, 22))
        assert self.orders(house) == []

    @pytest.mark.usefixtures("late")
    def test_an_answer_that_does_not_come_brings_it_up_again_unread(self, house: ToyHouse) -> None:
        self.order(house)
        assert row(house).acknowledged_by == HEAD.id
        house.clock.set_day(date(2026, 6, 25), hour=23)
        assert climb_due(house.runtime) == 0
        house.clock.set_day(date(2026, 6, 26), hour=0)
        assert climb_due(house.runtime) == 1
        assert climb_due(house.runtime) == 0
        assert (row(house).acknowledged_by, row(house).rung) == (None, 0)
        assert notices(house, "HEAD")[-1] == "order.missed"
        assert later(house, hours=1) == 1
        assert row(house).rung == 1
        house.act(reply_order, READER, order_id=1, text="迟到的答复")
        (sent,) = self.orders(house)
        assert (sent.state, sent.late_at is not None) == ("replied", True)

    def test_orders_end_with_the_work(self, house: ToyHouse, late: int) -> None:
        self.order(house)
        read(house, late)
        (sent,) = self.orders(house)
        assert sent.state == "closed"
        house.clock.at += timedelta(days=30)
        assert climb_due(house.runtime) == 0
        with pytest.raises((TaskNotReady, Forbidden)):
            house.act(reply_order, READER, order_id=1, text="已办")
