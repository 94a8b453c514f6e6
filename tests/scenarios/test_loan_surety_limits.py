"""Limits of D2 beyond the listed scenarios: every code alone and together, how many, how long, how often."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.scenarios.county import G1, G2, STAFF, woman
from tests.scenarios.reading import code_at, told
from tests.workflows.processes.loan import examples
from tests.workflows.processes.loan.examples import DEPOSITOR, PAYROLL, W, depositor, payroll
from tests.workflows.processes.loan.house import codes

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.scenarios.county import County


def old_form(number: str) -> str:
    """The 15 digits a number had before 1999."""
    return number[:6] + number[8:17]


@pytest.mark.parametrize(
    ("guarantor", "path", "code"),
    [
        pytest.param(payroll(kind="PRIVATE_EMPLOYEE"), "1.kind", "KIND", id="private employee"),
        pytest.param({**payroll(kind="OTHER"), "employer": None, "monthlyPay": None}, "1.kind", "KIND", id="other"),
        pytest.param(payroll(kind="FISCAL_RETIRED"), "1.kind", "KIND", id="G11 retired"),
        pytest.param(payroll(kind="FISCAL_CONTRACT"), "1.kind", "KIND", id="G11 contract"),
        pytest.param(payroll(idcard=W), "1.idcard", "SELF", id="herself"),
        pytest.param(payroll(idcard=old_form(W)), "1.idcard", "SELF", id="herself by her old number"),
        pytest.param(payroll(relation="SPOUSE"), "1.relation", "SPOUSE", id="her husband"),
        pytest.param(payroll(idcard=STAFF["v1chair"]), "1.idcard", "SIGNER", id="her village chair"),
        pytest.param(payroll(idcard=STAFF["t1vice"]), "1.idcard", "SIGNER", id="the vice chair of her township"),
        pytest.param(depositor(1, idcard=PAYROLL, depositMaturity="2026-06-14"), "1.depositMaturity", "PROOF", id="a deposit that has ended"),
    ],
)  # fmt: skip
def test_each_reason_alone_stands_at_its_field(desk: County, guarantor: dict[str, Any], path: str, code: str) -> None:
    problems = desk.blocked(guarantors=[guarantor, G2])
    assert code_at(problems, f"guarantors.{path}") == {code}
    assert "依据" in told(problems)


@pytest.mark.parametrize("number", [DEPOSITOR, old_form(DEPOSITOR)])
def test_one_person_does_not_count_twice(desk: County, number: str) -> None:
    problems = desk.blocked(guarantors=[payroll(idcard=number), G2])
    assert codes(problems) == {"DUP", "COUNT"}
    assert set(problems) == {"guarantors", "guarantors.2.idcard"}


def test_a_guarantor_without_proof_does_not_stand_surety(desk: County) -> None:
    papers = tuple(p for p in examples.APPLICATION_PAPERS if p != "guarantors.1.proof")
    assert code_at(desk.blocked(papers=papers), "guarantors.1.proof") == {"PROOF"}


def test_all_reasons_against_all_guarantors_are_told_at_once(desk: County) -> None:
    first = payroll(idcard=W, kind="FISCAL_RETIRED", relation="SPOUSE")
    second = depositor(idcard=STAFF["t1chair"], depositMaturity="2026-12-31")
    third = {"slot": 3, "party": "UNIT", "name": "杏花村村民委员会"}
    papers = ("unemploymentEvidence",)
    problems = desk.blocked(guarantors=[first, second, third], papers=papers)
    assert {path.removeprefix("guarantors.") for path in problems} == {
        "1.idcard", "1.kind", "1.relation", "1.proof", "2.idcard", "2.depositMaturity", "2.proof", "3.party",
    }  # fmt: skip
    assert codes(problems) == {"SELF", "KIND", "SPOUSE", "PROOF", "SIGNER", "NOT_PERSON"}


@pytest.mark.parametrize(
    ("policy", "guarantor"),
    [
        ({"allowRetired": True}, payroll(kind="FISCAL_RETIRED")),
        ({"allowContract": True}, payroll(kind="FISCAL_CONTRACT")),
        ({"allowSpouse": True}, payroll(relation="SPOUSE")),
        ({"allowedKinds": ["FISCAL_PAYROLL", "TIME_DEPOSIT", "PRIVATE_EMPLOYEE"]}, payroll(kind="PRIVATE_EMPLOYEE")),
    ],
)
def test_the_county_may_allow_more(desk: County, policy: dict[str, Any], guarantor: dict[str, Any]) -> None:
    assert desk.blocked(guarantors=[guarantor, G2])
    desk.set_policy(**policy)
    assert desk.where(desk.apply(guarantors=[guarantor, G2])) == "T_VillageReview"


@pytest.mark.parametrize(
    ("policy", "other"), [("allowRetired", "FISCAL_CONTRACT"), ("allowContract", "FISCAL_RETIRED")]
)
def test_allowing_the_retired_does_not_allow_contract_staff_nor_the_reverse(
    desk: County, policy: str, other: str
) -> None:
    desk.set_policy(**{policy: True})
    assert code_at(desk.blocked(guarantors=[payroll(kind=other), G2]), "guarantors.1.kind") == {"KIND"}


@pytest.mark.parametrize(
    ("boundary", "amount", "needed"),
    [
        ("UPPER_INCLUSIVE", "29999.99", 1),
        ("UPPER_INCLUSIVE", "30000.00", 1),
        ("UPPER_INCLUSIVE", "30000.01", 2),
        ("UPPER_EXCLUSIVE", "29999.99", 1),
        ("UPPER_EXCLUSIVE", "30000.00", 2),
        ("UPPER_EXCLUSIVE", "30000.01", 2),
    ],
)
def test_how_many_guarantors_thirty_thousand_needs_is_the_countys_switch(
    desk: County, boundary: str, amount: str, needed: int
) -> None:
    """G1."""
    desk.set_policy(boundary=boundary)
    if needed == 2:
        assert code_at(desk.blocked(amount=amount, guarantors=[G1]), "guarantors") == {"COUNT"}
    case_id = desk.apply(amount=amount, guarantors=[G1, G2][:needed])
    assert desk.decisions(case_id, "loan_guarantors_needed")[-1]["outputs"] == {"needed": needed}


def test_a_third_guarantor_is_welcome_and_is_held_to_the_same_rules(desk: County) -> None:
    third = payroll(3, idcard=STAFF["v3chair"], name="阿芝·乌呷")
    papers = (*examples.APPLICATION_PAPERS, "guarantors.3.proof", "guarantors.3.signedPledge")
    assert code_at(desk.blocked(guarantors=[G1, G2, third]), "guarantors.3.proof") == {"PROOF"}
    case_id = desk.until(desk.apply(guarantors=[G1, G2, third], papers=papers), "T_Stamp")
    assert desk.guarantees(case_id) == {1: "active", 2: "active", 3: "active"}


def test_nobody_stands_in_a_fourth_place_and_somebody_must_stand(desk: County) -> None:
    assert set(desk.blocked(guarantors=[G1, G2, payroll(4)])) == {"guarantors"}
    assert set(desk.blocked(guarantors=[])) == {"guarantors"}
    assert set(desk.blocked(guarantors=[G1, payroll(1, idcard=DEPOSITOR)])) == {"guarantors"}


@pytest.mark.parametrize(
    ("today", "months", "maturity", "allowed"),
    [
        ("2026-06-15", 24, "2028-06-15", True),
        ("2026-06-15", 24, "2028-06-14", False),
        ("2026-06-15", 1, "2026-07-15", True),
        ("2026-06-15", 1, "2026-07-14", False),
        ("2026-01-31", 1, "2026-02-28", True),
        ("2026-01-31", 1, "2026-02-27", False),
        ("2026-02-28", 24, "2028-02-28", True),
        ("2024-02-29", 12, "2025-02-28", True),
    ],
)
def test_a_deposit_lasts_until_the_day_the_loan_ends(
    desk: County, today: str, months: int, maturity: str, allowed: bool
) -> None:
    desk.on(today)
    terms: dict[str, Any] = {"termMonths": months, "guarantors": [G1, depositor(depositMaturity=maturity)]}
    if allowed:
        assert desk.where(desk.apply(**terms)) == "T_VillageReview"
    else:
        assert code_at(desk.blocked(**terms), "guarantors.2.depositMaturity") == {"PROOF"}


# how many loans one person may stand surety for (maxActive 2)


def other(number: int) -> dict[str, Any]:
    """Another woman whose only guarantor is G1."""
    return {**woman("1990-05-04", serial=number), "guarantors": [G1], "amount": "20000.00"}


def test_the_third_loan_at_once_is_too_many_for_a_guarantor(desk: County) -> None:
    desk.apply(**other(1))
    assert desk.where(desk.apply("v3chair", **other(2))) == "T_VillageReview"
    problems = desk.blocked(**other(3))
    assert code_at(problems, "guarantors.1.idcard") == {"OVERLOAD"}
    assert "已为 2 笔贷款担保（在办的申请也计算在内），政策为同时最多 2 笔" in told(problems)


def withdrawn(desk: County, case_id: int) -> None:
    desk.withdraw(case_id)


def refused(desk: County, case_id: int) -> None:
    desk.village(case_id, opinion="REFUSE", reason="项目地点与申报不符")
    desk.refuse(case_id)


def refused_by_credit(desk: County, case_id: int) -> None:
    desk.until(case_id, "T_Credit")
    desk.credit(case_id, decision="REFUSE", reason="征信有逾期记录")


def lapsed(desk: County, case_id: int) -> None:
    desk.village(case_id, opinion="RETURN", reason="请补充材料")
    desk.on("2026-07-02")
    desk.sweep()
    desk.lapse(case_id, "LAPSE")


def settled(desk: County, case_id: int) -> None:
    desk.until(case_id, "T_Disburse")
    desk.disburse(case_id)
    desk.settle(case_id)


@pytest.mark.parametrize(
    "ended", [withdrawn, refused, refused_by_credit, lapsed, settled], ids=lambda end: end.__name__
)
def test_what_has_ended_no_longer_weighs_on_a_guarantor(desk: County, ended: Callable[[County, int], None]) -> None:
    first = desk.apply(**other(1))
    desk.apply(**other(2))
    ended(desk, first)
    assert desk.where(desk.apply(**other(3))) == "T_VillageReview"


def test_a_loan_that_was_paid_out_weighs_on_until_it_is_settled(desk: County) -> None:
    first = desk.until(desk.apply(**other(1)), "T_Disburse")
    desk.disburse(first)
    desk.apply(**other(2))
    assert codes(desk.blocked(**other(3))) == {"OVERLOAD"}


def test_a_guarantor_released_in_writing_may_stand_for_another(desk: County) -> None:
    both = {**other(1), "amount": "50000.00", "guarantors": [depositor(1), payroll(2)]}
    first = desk.until(desk.apply(**both), "T_Credit")
    desk.apply(**other(2))
    assert codes(desk.blocked(**other(3))) == {"OVERLOAD"}
    desk.credit(first, decision="AGREE_LESS", approvedAmount="28000.00", reason="还款能力有限")
    desk.attach(first, "v1chair", "releaseLetter")
    desk.submit(first, "v1chair", {"accepts": True, "released": "2"})
    assert desk.guarantees(first) == {1: "active", 2: "released"}
    assert desk.where(desk.apply(**other(3))) == "T_VillageReview"


def test_correcting_an_application_does_not_count_its_own_guarantors_twice(desk: County) -> None:
    desk.apply(**other(1))
    case_id = desk.apply(**other(2))
    desk.village(case_id, opinion="RETURN", reason="请核对电话")
    desk.correct(case_id, **{**other(2), "phone": "13800000009"})
    assert desk.where(case_id) == "T_VillageReview"
