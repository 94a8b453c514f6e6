"""A complaint about staff is lowered by people of the unit above alone, and by nobody who is close to the accused (D2, D3.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from engine.commands.classes import ask_lowering, decide_lowering
from engine.commands.teams import appoint_manager, end_exclusion
from engine.errors import Forbidden
from engine.model_teams import case_exclusion, class_change
from engine.unit_of_work import unit_of_work
from tests.workflows.processes.loan.test_team_limits import proof
from tests.workflows.processes.loan.test_teams import WHY
from workflows import model
from workflows.complaints import complain_about
from workflows.organisation import account_id_hash, declare_relative

if TYPE_CHECKING:
    from tests.workflows.processes.loan.house import LoanHouse


def complained(house: LoanHouse, accused: str = "t1chair") -> int:
    """A loan that has become a complaint about the township, with the county in charge."""
    case_id = house.applied()
    account = house.actor(accused).id
    house.act(complain_about, "loanhead", case_id=case_id, account_id=account, reason="反映其收受好处")
    return case_id


def led_by(house: LoanHouse, login: str, case_id: int) -> None:
    house.act(appoint_manager, "rightshead", case_id=case_id, account_id=house.actor(login).id, reason=WHY)


def lowered(house: LoanHouse, asks: str, confirms: str, case_id: int) -> str:
    """Ask and confirm; the class afterwards, or what the second person is told."""
    house.act(ask_lowering, asks, case_id=case_id, to="C2", reason=WHY, proof=proof(house, asks))
    return confirmed_by(house, confirms, case_id)


def confirmed_by(house: LoanHouse, login: str, case_id: int) -> str:
    asked = house.row(select(class_change.c.id).where(class_change.c.state == "asked")).id
    decided = {"case_id": case_id, "change_id": asked, "agree": True, "proof": proof(house, login)}
    try:
        return str(house.act(decide_lowering, login, **decided)["class"])
    except Forbidden as refused:
        return str(refused)


def readmitted(house: LoanHouse, case_id: int) -> None:
    """Every exclusion of the case is ended."""
    with house.runtime.reading() as connection:
        of_case = select(case_exclusion.c.id).where(case_exclusion.c.case_id == case_id)
        known = connection.execute(of_case).scalars().all()
    for exclusion_id in known:
        house.act(end_exclusion, "rightshead", case_id=case_id, exclusion_id=exclusion_id, reason=WHY)


def test_people_of_the_unit_above_lower_it_together(either_house: LoanHouse) -> None:
    house = either_house
    case_id = complained(house)
    led_by(house, "rightsworker", case_id)
    assert lowered(house, "rightshead", "rightsworker", case_id) == "C2"


def test_nobody_of_a_unit_that_is_not_above_confirms(house: LoanHouse) -> None:
    case_id = complained(house)
    led_by(house, "t2chair", case_id)
    assert "上一级" in lowered(house, "rightshead", "t2chair", case_id)
    assert house.case(case_id).confidentiality == "C3"


def test_the_accused_and_their_unit_confirm_nothing_also_when_they_are_let_in_again(either_house: LoanHouse) -> None:
    house = either_house
    case_id = complained(house)
    readmitted(house, case_id)
    led_by(house, "t1vice", case_id)
    assert "被投诉人" in lowered(house, "rightshead", "t1vice", case_id)
    led_by(house, "t1chair", case_id)
    assert "被投诉人" in confirmed_by(house, "t1chair", case_id)
    assert house.case(case_id).confidentiality == "C3"


def test_nor_do_their_relatives_nor_one_person_under_two_accounts(house: LoanHouse) -> None:
    case_id = complained(house)
    led_by(house, "rightsworker", case_id)
    with unit_of_work(house.runtime, house.actor("rightsworker")) as work:
        hers = account_id_hash(work.connection, house.actor("t1chair").id)
        assert hers
        known = {"relation": "SPOUSE", "at": house.clock.now()}
        declare_relative(work.connection, account_id=house.actor("rightsworker").id, id_hash=hers, **known)
    assert "近亲属" in lowered(house, "rightshead", "rightsworker", case_id)
    with unit_of_work(house.runtime, house.actor("secadmin")) as work:
        same = account_id_hash(work.connection, house.actor("rightshead").id)
        here = model.account.c.id == house.actor("rightsworker").id
        work.connection.execute(update(model.account).where(here).values(id_hash=same))
        work.connection.execute(update(model.relative).values(ended_at=house.clock.now()))
    assert "第二人" in confirmed_by(house, "rightsworker", case_id)
