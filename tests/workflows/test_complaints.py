"""A complaint about staff goes one level up as C3 and never to the accused's unit (D3.4); confidential visits say nothing (D4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from engine.commands.context import CaseContext
from engine.commands.guarded_work import settle
from engine.commands.progress import discreet
from engine.errors import Forbidden, InvalidAnswers, NotFound
from engine.model import case_file, task
from engine.queries.case_page import readable_case
from engine.unit_of_work import UnitOfWork
from tests.workflows.processes.loan import examples
from tests.workflows.processes.loan.house import opened
from workflows.complaints import complain_about, next_higher

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.databases import Databases
    from tests.workflows.processes.loan.house import LoanHouse


@pytest.fixture
def house(databases: Databases) -> Iterator[LoanHouse]:
    yield from opened(databases)


def sees(house: LoanHouse, login: str, case_id: int) -> bool:
    with house.runtime.reading() as connection:
        try:
            readable_case(house.runtime, connection, house.actor(login), case_id)
        except NotFound:
            return False
    return True


def test_the_next_level_is_that_above_the_highest_unit_of_the_accused(house: LoanHouse) -> None:
    with house.runtime.reading() as connection:
        work = UnitOfWork(house.runtime, connection, house.actor("t1chair"))
        found = {
            login: next_higher(work, house.actor(login).id)[1]
            for login in ("v1chair", "t1chair", "loanworker", "credit")
        }
    names = {login: None if unit is None else unit.code for login, unit in found.items()}
    assert names == {"v1chair": "T1", "t1chair": "C1", "loanworker": None, "credit": "C1"}


def test_a_complaint_about_the_township_is_lifted_to_the_county_and_closed_to_the_township(house: LoanHouse) -> None:
    case_id = house.applied()
    house.submit(case_id, "v1chair", examples.village_review())
    accused = house.actor("t1chair").id
    with pytest.raises(InvalidAnswers) as wrong:
        house.act(complain_about, "loanhead", case_id=case_id, account_id=10**6, reason="")
    assert set(wrong.value.problems) == {"reason", "account"}
    told = house.act(complain_about, "loanhead", case_id=case_id, account_id=accused, reason="反映其收受好处")
    assert told == {"case_id": case_id, "unit": house.unit("C1"), "class": "C3"}
    row = house.case(case_id)
    assert (row.unit_id, row.confidentiality, row.guarded) == (house.unit("C1"), "C3", True)
    for login in ("t1chair", "t1vice", "v1chair", "v2chair"):
        assert not sees(house, login, case_id), login
    assert sees(house, "loanhead", case_id), "who wrote it down stays until somebody is in charge"
    moved = house.open_task(case_id)
    assert (moved.unit_id, moved.assignee_id) == (house.unit("C1"), 0)
    assert moved.post != "TOWN_CHAIR"


def test_a_complaint_about_the_highest_level_here_is_not_dealt_with_here(house: LoanHouse) -> None:
    case_id = house.applied()
    with pytest.raises(Forbidden, match="上一级妇联"):
        house.act(complain_about, "v1chair", case_id=case_id, account_id=house.actor("loanworker").id, reason="投诉")
    assert house.case(case_id).confidentiality == "C2"


def test_nobody_writes_down_a_complaint_about_herself_nor_without_the_right(house: LoanHouse) -> None:
    case_id = house.applied()
    house.submit(case_id, "v1chair", examples.village_review())
    with pytest.raises(InvalidAnswers) as wrong:
        house.act(complain_about, "v1chair", case_id=case_id, account_id=house.actor("v1chair").id, reason="有人反映我")
    assert set(wrong.value.problems) == {"account"}
    accused = house.actor("t1chair").id
    with pytest.raises(Forbidden):
        house.act(complain_about, "seal", case_id=case_id, account_id=accused, reason="收受好处")
    with pytest.raises(NotFound):
        house.act(complain_about, "v2chair", case_id=case_id, account_id=accused, reason="收受好处")
    assert house.case(case_id).confidentiality == "C2"


def test_a_visit_in_a_confidential_case_has_a_neutral_name_on_every_list(house: LoanHouse) -> None:
    case_id = house.applied()
    process = house.runtime.catalogue["loan_after"]
    with house.runtime.database.writing() as connection:
        work = UnitOfWork(house.runtime, connection, house.actor("v1chair"))
        here = (task.c.case_id == case_id) & (task.c.state == "open")
        work.connection.execute(update(task).where(here).values(kind="loan_after", element="T_Visit", name="贷后走访"))
        view = CaseContext(work, work.case(case_id), process)
        assert discreet(view, "T_Visit") is None
        work.connection.execute(update(case_file).where(case_file.c.id == case_id).values(confidentiality="C3"))
        view.case = work.fresh(case_id)
        assert discreet(view, "T_Visit") == "妇女走访"
        assert discreet(view, "T_Extension") is None
        settle(work, case_id)
        assert work.connection.execute(select(task.c.name).where(here)).scalar_one() == "妇女走访"
        work.connection.rollback()
        work._changed.clear()
