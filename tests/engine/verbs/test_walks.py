"""Random verbs on every kind of drawing: the case stays whole after each. benchmarks/verbs.py tries thousands of histories."""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

import pytest

from tests.engine.verbs.drawings import DRAWINGS
from tests.engine.verbs.walking import Walk

HISTORIES = int(os.environ.get("HALFSKY_TEST_WALKS", "0")) or 2


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_case_stays_whole_whatever_is_done_to_it(small: Any, name: str) -> None:
    house = small(name)
    house.name_deputies()
    done: Counter[Any] = Counter()
    for number in range(HISTORIES):
        walk = Walk(house, 100_000 + 7 * number)
        walk.go(30)
        done += walk.done
    assert len({verb for verb, _ in done}) > 5


@pytest.mark.parametrize("name", ["branches", "nested"])
def test_the_same_holds_on_either_database(office: Any, name: str) -> None:
    house = office(name)
    house.name_deputies()
    done: Counter[Any] = Counter()
    for number in range(2):
        walk = Walk(house, 200_000 + 11 * number)
        walk.go(20)
        done += walk.done
    assert done.total() > 15
