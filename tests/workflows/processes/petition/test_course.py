"""One item from the desk to its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.workflows.processes.petition.house import PetitionHouse


def test_an_accepted_item_goes_from_the_desk_to_its_answer_and_is_closed(either_house: PetitionHouse) -> None:
    house = either_house
    case_id = house.registered()
    assert house.where(case_id) == "T_Track+T_Triage"
    house.triage(case_id)
    house.accept(case_id)
    assert house.where(case_id) == "T_Decide+T_Plan+T_Track"
    house.plan(case_id)
    house.decide(case_id)
    house.deliver(case_id)
    house.answer(case_id)
    house.finish(case_id)
    assert house.where(case_id) == "T_ReviewWindow"
    line = house.entry(case_id)
    assert (line.state, line.outcome, line.satisfaction, line.overdue) == ("concluded", "SUPPORTED", "5", False)
