"""Random verbs on every kind of drawing: the case stays whole after each. benchmarks/verbs.py tries thousands of histories."""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

import pytest

from tests.engine.verbs.office import DRAWINGS
from tests.engine.verbs.walking import Walk

HISTORIES = int(os.environ.get("HALFSKY_TEST_WALKS", "0")) or 2


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_case_stays_whole_whatever_is_done_to_it(small: Any, name: str) -> None:
    house = small(name)
    done: Counter[Any] = Counter()
    for number in range(HISTORIES):
        walk = Walk(house, f"{name} {number}")
        walk.go(50)
        done += walk.done
    assert len({verb for verb, _ in done}) > 3


@pytest.mark.parametrize("name", ["branches", "several_sequence"])
def test_the_same_holds_on_either_database(office: Any, name: str) -> None:
    house = office(name)
    done: Counter[Any] = Counter()
    for number in range(2):
        walk = Walk(house, f"{name} of both {number}")
        walk.go(20)
        done += walk.done
    assert done.total() > 5
