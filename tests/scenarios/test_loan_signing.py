"""Scenarios of the sign-offs: nobody signs for a relative, out of order, or over an incomplete file (S001-48, -49, -55, D3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.commands.signing import Reauthentication
from engine.commands.tasks import complete_step
from engine.errors import Forbidden, NotFound, TaskNotReady
from tests.scenarios.county import woman
from tests.scenarios.reading import Place, told
from tests.workflows.processes.loan import examples
from tests.workflows.processes.loan.house import codes
from workflows.demo import SISTER_IN_LAW_OF_V2CHAIR

if TYPE_CHECKING:
    from tests.scenarios.county import County

SISTER = {"idcard": SISTER_IN_LAW_OF_V2CHAIR, "birthDate": "1990-08-17"}
WITHOUT_PLEDGE = tuple(path for path in examples.APPLICATION_PAPERS if path != "guarantors.2.signedPledge")


def test_eligibility_counts_the_application_date_and_the_checker_sees_both_ages(county: County) -> None:
    """L13: fifty when she applied, fifty-one between the village's signature and the stamp."""
    case_id = county.apply(**woman("1975-06-20"))
    county.village(case_id)
    county.on("2026-06-22")
    county.until(case_id, "T_FinalCheck")
    assert "申请之日（2026-06-15）50 周岁，今天 51 周岁；是否符合条件以申请之日为准" in county.notes(
        case_id, "loanworker"
    )
    assert county.refusals(case_id) == []
    county.final(case_id)
    assert county.where(case_id) == "T_Stamp"


def test_a_chair_does_not_review_her_sister_in_law_and_another_person_does_step_six(county: County) -> None:
    """L26 (D3.5): the township acts in the village's place, marked 代办; the one who did may not sign for the township."""
    case_id = county.apply("v2chair", **SISTER)
    assert county.place(case_id) == Place("TOWN_CHAIR", "T1", "VILLAGE_CHAIR", "CONFLICT")
    with pytest.raises(Forbidden):
        county.village(case_id, "v2chair")
    county.village(case_id, "t1chair")
    signed = county.page(case_id).signatures[-1]
    assert (signed.form, signed.post, signed.acting_for) == ("village_review", "TOWN_CHAIR", "VILLAGE_CHAIR")
    opened = [o for e in county.entries(case_id) for o in e.get("opened", ()) if o["element"] == "T_VillageReview"]
    assert [(o["acting_for"], o["reason"]) for o in opened] == [("VILLAGE_CHAIR", "CONFLICT")]
    with pytest.raises(Forbidden, match="两个环节不能由同一人签字"):
        county.town(case_id, "t1chair")
    county.town(case_id, "t1vice")
    assert county.where(case_id) == "T_Credit"


def test_the_township_cannot_sign_before_the_village_and_the_attempt_is_logged(county: County) -> None:
    """L27: there is no task; a direct call of the API is told what is open now."""
    case_id = county.apply()
    chair = county.actor("t1chair")
    with pytest.raises(TaskNotReady, match="村级把关并签字"):
        county.act(
            complete_step,
            "t1chair",
            case_id=case_id,
            element="T_TownReview",
            answers=examples.town_review(),
            signature=Reauthentication(chair.id, county.clock.now()),
        )
    assert county.opened(case_id, "T_TownReview") == 0
    (attempt,) = county.entries(case_id, "attempt.refused")
    assert (attempt["actor"], attempt["command"], attempt["refusal"]) == (chair.id, "complete_step", "TaskNotReady")
    assert county.where(case_id) == "T_VillageReview"


@pytest.mark.parametrize("login", ["v2chair", "t2chair", "credit", "v9chair", "worker9", "sysadmin", "logauditor"])
def test_whoever_may_not_see_a_case_does_not_learn_where_it_stands(desk: County, login: str) -> None:
    case_id = desk.apply()
    with pytest.raises(NotFound):
        desk.act(complete_step, login, case_id=case_id, element="T_TownReview", answers=examples.town_review())


def test_an_unsigned_pledge_goes_back_to_its_owner_and_no_stamp_task_exists(county: County) -> None:
    """L29 (S001-55)."""
    case_id = county.apply(papers=WITHOUT_PLEDGE)
    county.until(case_id, "T_Supplement")
    assert county.place(case_id)[:2] == ("VILLAGE_CHAIR", "V1")
    assert ["担保人 2" in note and "承诺书" in note for note in county.notes(case_id, "v1chair")] == [True]
    assert county.opened(case_id, "T_Stamp") == county.opened(case_id, "T_FinalCheck") == 0
    (performed,) = [
        e for e in county.entries(case_id, "operation.performed") if e["operation"] == "loan.forms_complete"
    ]
    assert performed["facts"] == {"forms_complete": False, "forms_owner": "VILLAGE_CHAIR"}
    problems = county.problems(case_id, "v1chair", {"note": "已补"})
    assert set(problems) == {"guarantors.2.signedPledge"}
    county.attach(case_id, "v1chair", "guarantors.2.signedPledge")
    county.submit(case_id, "v1chair", {"note": "已补承诺书"})
    assert county.until(case_id, "T_Stamp")


def test_nobody_recommends_against_the_rules(county: County) -> None:
    """L35's other half: an objection lets the township look again; it cannot waive D1."""
    case_id = county.apply(amount="80000.01")
    county.objects(case_id)
    problems = county.problems(case_id, "t1chair", examples.town_review())
    assert "AMOUNT_RANGE" in codes(problems)
    assert "80,000.01" in told(problems)
