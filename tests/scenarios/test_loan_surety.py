"""Scenarios of the guarantors: their kind, who they are, how long their deposit lasts (D2, S001-53, S001-54, D3.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from engine.errors import Forbidden
from tests.scenarios.county import G1, G2, STAFF
from tests.scenarios.reading import Place, code_at, told
from tests.workflows.processes.loan.examples import depositor, payroll
from tests.workflows.processes.loan.house import codes

if TYPE_CHECKING:
    from tests.scenarios.county import County

SPOUSE = payroll(relation="SPOUSE")
TOWN_CHAIR = payroll(name="周明霞", idcard=STAFF["t1chair"])


def test_a_guarantor_from_a_private_company_is_refused_and_the_allowed_kinds_are_named(county: County) -> None:
    """L20."""
    problems = county.blocked(guarantors=[payroll(kind="PRIVATE_EMPLOYEE"), G2])
    assert code_at(problems, "guarantors.1.kind") == {"KIND"}
    assert "企业或个体从业人员" in told(problems)
    assert "财政拨款人员（在职在编）、有定期存款人员" in told(problems)
    assert "S001-53" in told(problems)


def test_a_village_committee_cannot_stand_surety(county: County) -> None:
    """L21 (民法典 683)."""
    committee = {"slot": 1, "party": "UNIT", "name": "杏花村村民委员会"}
    problems = county.blocked(guarantors=[committee, G2])
    assert codes(problems) == {"NOT_PERSON"}
    assert "民法典第 683 条" in told(problems)


def test_her_husband_may_not_stand_surety_unless_the_policy_lets_him(county: County) -> None:
    """L22."""
    assert code_at(county.blocked(guarantors=[SPOUSE, G2]), "guarantors.1.relation") == {"SPOUSE"}
    county.set_policy(allowSpouse=True)
    case_id = county.apply(guarantors=[SPOUSE, G2])
    assert (county.refusals(case_id), county.where(case_id)) == ([], "T_VillageReview")
    surety = county.decisions(case_id, "loan_guarantor")[0]
    assert (surety["outputs"]["code"], surety["parameters"]["allowSpouse"]) == ([], True)


def test_a_deposit_that_matures_before_the_loan_is_no_security(county: County) -> None:
    """L24: two years from 15 June 2026; the day before is too early, the day itself is not."""
    problems = county.blocked(guarantors=[G1, depositor(depositMaturity="2028-06-14")])
    assert code_at(problems, "guarantors.2.depositMaturity") == {"PROOF"}
    assert "2028-06-14" in told(problems)
    assert "2028-06-15" in told(problems)
    assert county.where(county.apply(guarantors=[G1, depositor(depositMaturity="2028-06-15")])) == "T_VillageReview"


def test_the_township_chair_who_must_sign_cannot_stand_surety_but_another_person_can(county: County) -> None:
    """L25, first way out: another guarantor."""
    problems = county.blocked(guarantors=[TOWN_CHAIR, G2])
    assert code_at(problems, "guarantors.1.idcard") == {"SIGNER"}
    assert "更换担保人，或勾选由上一级签字" in told(problems)
    assert county.until(county.apply(), "T_Credit")


def test_the_township_chair_who_stands_surety_signs_nothing_and_the_county_signs_for_her(county: County) -> None:
    """L25, second way out: the county signs step 6."""
    reason: dict[str, Any] = {"countySigns": True, "countySignsReason": "本镇只有她符合条件且自愿担保"}
    case_id = county.apply(guarantors=[TOWN_CHAIR, G2], **reason)
    county.village(case_id)
    assert county.place(case_id) == Place("LOAN_HEAD", "C1", "TOWN_CHAIR", "COUNTY_SIGNS")
    for login in ("t1chair", "t1vice"):
        with pytest.raises(Forbidden):
            county.town(case_id, login)
    county.town(case_id, "loanhead")
    signed = county.page(case_id).signatures[-1]
    assert (signed.form, signed.post, signed.acting_for) == ("town_review", "LOAN_HEAD", "TOWN_CHAIR")
    assert county.where(case_id) == "T_Credit"
