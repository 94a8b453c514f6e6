"""P21: a petition whose mediation failed, from the plan to its end; and one that was settled by mediation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from engine.model import case_file
from tests.scenarios.county import prepare
from tests.workflows.processes.mediation import steps
from tests.workflows.processes.petition.house import PetitionHouse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.databases import Databases


@pytest.fixture
def desk_of_petitions(databases: Databases) -> Iterator[PetitionHouse]:
    url = databases.create(prepare)
    house = PetitionHouse(url)
    yield house
    genuine = house.is_genuine()
    house.close()
    databases.drop(url)
    assert genuine


def mediating(house):
    """A petition that waits for its mediation, and that mediation before its first session."""
    petition = house.accepted()
    house.plan(petition, mediate=True)
    with house.runtime.reading() as connection:
        wanted = select(case_file.c.id).where(case_file.c.kind == "mediation").order_by(case_file.c.id.desc())
        case_id = connection.execute(wanted).scalars().first()
    steps.her_consent(house, case_id, **steps.CALM)
    steps.his_consent(house, case_id)
    steps.appoint(house, case_id)
    steps.rights(house, case_id)
    steps.check(house, case_id)
    return petition, case_id


def result(house, result, **changes):
    return {"result": result, "endedOn": house.today, "onwardTold": result != "AGREED", **changes}


def test_p21_a_failed_mediation_is_told_of_as_not_agreed_and_closes_only_with_the_onward_path(desk_of_petitions):
    house = desk_of_petitions
    petition, case_id = mediating(house)
    assert "还没有结束" in house.wrong(petition, "rightsworker", "T_Mediation", result(house, "NOT_AGREED"))
    steps.hold(house, case_id, result="NOT_AGREED")
    steps.ended(house, case_id, "NOT_AGREED", toldHer="IN_PERSON", toldHerOn=house.today)
    assert steps.told_of(house, case_id, "mediation.result") == ["RIGHTS_WORKER"]
    assert "不一致" in house.wrong(petition, "rightsworker", "T_Mediation", result(house, "AGREED"))
    untold = result(house, "NOT_AGREED", onwardTold=False)
    assert "P-10" in house.wrong(petition, "rightsworker", "T_Mediation", untold)
    house.submit(petition, "rightsworker", result(house, "NOT_AGREED"), "T_Mediation")
    house.decide(petition, "NOT_AGREED")
    house.deliver(petition)
    house.answer(petition)
    house.finish(petition)
    assert (house.entry(petition).outcome, str(house.entry(petition).closed_on)) == ("NOT_AGREED", house.today)


def test_a_settled_petition_does_not_wait_for_the_last_instalment(desk_of_petitions):
    house = desk_of_petitions
    petition, case_id = mediating(house)
    steps.hold(house, case_id)
    steps.agree(house, case_id)
    steps.sign(house, case_id)
    assert house.at(case_id) == ["T_Confirm"]
    house.submit(petition, "rightsworker", result(house, "AGREED"), "T_Mediation")
    house.decide(petition, "SETTLED")
    assert "T_Deliver" in house.at(petition)
