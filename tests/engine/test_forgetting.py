"""Kept answers do not pile up for ever, and stay long enough."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from engine.commands.cases import start_case
from engine.jobs import REMEMBERED, sweep
from engine.model import idempotency
from tests.engine.acting import value
from tests.engine.toy import WRITER

if TYPE_CHECKING:
    from tests.engine.toy import ToyHouse


@pytest.mark.parametrize(("age", "kept"), [(REMEMBERED, 1), (REMEMBERED + timedelta(seconds=1), 0)])
def test_an_answer_is_remembered_for_thirty_days(house: ToyHouse, age: timedelta, kept: int) -> None:
    house.act(start_case, WRITER, once="asked", kind="toy")
    house.clock.at += age
    sweep(house.runtime)
    assert value(house, select(func.count()).where(idempotency.c.key == "asked")) == kept
