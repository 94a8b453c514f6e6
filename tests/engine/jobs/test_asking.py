"""A job is part of the change that asked for it: there when that is there, and never otherwise. It tells of nobody."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from engine.access import SYSTEM
from engine.commands.cases import start_case
from engine.jobs import enqueue, register
from engine.jobs_asking import KINDS, State
from engine.model import case_file
from engine.model_jobs import job
from engine.unit_of_work import unit_of_work
from tests.engine.acting import value
from tests.engine.jobs.acting import Broken, ask, kind, row_of
from tests.engine.toy import WRITER


@pytest.fixture(autouse=True)
def known():
    with kind("copy", lambda *_: None) as made:
        yield made


def start_with_job(work, *, fails):
    opened = start_case(work, kind="toy")
    enqueue(work, "copy", case=opened["case_id"])
    if fails:
        raise Broken
    return opened


def test_a_change_that_is_rolled_back_leaves_no_job_and_a_change_that_is_not_leaves_both(house):
    with pytest.raises(Broken):
        house.act(start_with_job, WRITER, fails=True)
    assert (value(house, select(func.count(case_file.c.id))), value(house, select(func.count(job.c.id)))) == (0, 0)
    opened = house.act(start_with_job, WRITER, fails=False)
    row = row_of(house.runtime, value(house, select(job.c.id)))
    assert (row.ids, row.state, row.asked_by) == ({"case": opened["case_id"]}, State.WAITING, WRITER.id)


def test_while_a_job_is_not_done_with_a_second_of_its_name_is_the_same_one(house):
    first, second = ask(house.runtime, "copy", once="copy-7", case=7), ask(house.runtime, "copy", once="copy-7", case=7)
    assert first == second
    assert ask(house.runtime, "copy", once="copy-8", case=8) != first


@pytest.mark.parametrize("bad", ["王秀英", "a b", "", "x" * 65, 1.5, None, True, ["1"]])
def test_nothing_a_person_typed_can_stand_in_a_job(house, bad):
    with pytest.raises(ValueError, match="copy"):
        ask(house.runtime, "copy", about=bad)
    assert value(house, select(func.count(job.c.id))) == 0


def test_a_kind_nobody_has_registered_is_a_defect_found_at_once(house):
    with unit_of_work(house.runtime, SYSTEM) as work, pytest.raises(ValueError, match="nothing"):
        enqueue(work, "nothing")


def test_two_kinds_of_one_name_are_a_defect_found_at_once(known):
    assert register(known) is known
    with pytest.raises(ValueError, match="copy"):
        register(type(known)("copy", "另一", lambda *_: None))
    assert KINDS["copy"] is known
