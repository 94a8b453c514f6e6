"""The credit union grants less (AGREE_LESS): what may be granted, who stays bound, and what a later return makes of it (L31)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from tests.scenarios.county import G1, G2
from tests.scenarios.reading import code_at, told
from tests.workflows.processes.loan import examples
from tests.workflows.processes.loan.examples import depositor, payroll
from tests.workflows.processes.loan.house import codes

if TYPE_CHECKING:
    from tests.scenarios.county import County

LESS = {"decision": "AGREE_LESS", "reason": "还款能力有限"}


@pytest.mark.parametrize(
    ("changes", "path", "code"),
    [
        ({**LESS, "approvedAmount": "50000.00"}, "approvedAmount", "APPROVED_AMOUNT"),
        ({**LESS, "approvedAmount": "50000.01"}, "approvedAmount", "APPROVED_AMOUNT"),
        ({**LESS, "approvedAmount": "19999.99"}, "approvedAmount", "APPROVED_AMOUNT"),
        ({"approvedAmount": "49999.99"}, "approvedAmount", "APPROVED_AMOUNT"),
        ({"approvedAmount": "50000.01"}, "approvedAmount", "APPROVED_AMOUNT"),
        ({"termMonths": 25}, "termMonths", "TERM_RANGE"),
    ],
)
def test_what_is_granted_is_what_was_asked_for_or_less_and_never_below_the_minimum(
    desk: County, changes: dict[str, Any], path: str, code: str
) -> None:
    case_id = desk.until(desk.apply(), "T_Credit")
    assert code_at(desk.problems(case_id, "credit", examples.credit(**changes)), path) == {code}
    assert desk.where(case_id) == "T_Credit"


def test_what_is_missing_and_what_is_wrong_with_the_rest_are_told_at_once(desk: County) -> None:
    """一次性告知: nobody mends the reason and the rate only to hear then that the amount is too high."""
    case_id = desk.until(desk.apply(), "T_Credit")
    typed = examples.credit(
        decision="AGREE_LESS", approvedAmount="50000.01", rate="4.35001", termMonths=25, reason=None
    )
    problems = desk.problems(case_id, "credit", typed)
    assert set(problems) == {"approvedAmount", "rate", "termMonths", "reason"}
    without = {**typed, "termMonths": None, "receivedOn": None}
    assert {"approvedAmount", "termMonths", "receivedOn"} < set(desk.problems(case_id, "credit", without))
    assert desk.where(case_id) == "T_Credit"


@pytest.mark.parametrize(("granted", "needed"), [("20000.00", 1), ("30000.00", 1), ("30000.01", 2), ("49999.99", 2)])
def test_the_guarantors_needed_follow_the_amount_granted(desk: County, granted: str, needed: int) -> None:
    case_id = desk.until(desk.apply(), "T_Credit")
    desk.credit(case_id, **LESS, approvedAmount=granted)
    assert desk.where(case_id) == "T_AcceptLess"
    desk.attach(case_id, "v1chair", "releaseLetter")
    answers = {"accepts": True, "released": "2"}
    if needed == 2:
        assert code_at(desk.problems(case_id, "v1chair", answers), "released") == {"COUNT"}
        answers = {"accepts": True}
    desk.submit(case_id, "v1chair", answers)
    assert desk.where(desk.until(case_id, "T_Disburse")) == "T_Disburse"
    desk.disburse(case_id)
    assert desk.line(case_id).disbursed_cents == int(granted.replace(".", ""))


def test_once_before_at_the_credit_union_it_cannot_agree(desk: County) -> None:
    """S001-50: the credit union asks its own records."""
    case_id = desk.until(desk.apply(), "T_Credit")
    assert set(desk.problems(case_id, "credit", examples.credit(onceCheck=False))) == {"onceCheck"}
    desk.credit(case_id, decision="REFUSE", onceCheck=False, reason="本社查询到已享受过")
    assert desk.where(case_id) == "refusedByCredit"


def released(county: County) -> int:
    """28 000 of 50 000 accepted; G2 was released in writing; the county sends the file back to the township."""
    case_id = county.until(county.apply(guarantors=[G1, G2]), "T_Credit")
    county.credit(case_id, **LESS, approvedAmount="28000.00")
    county.attach(case_id, "v1chair", "releaseLetter")
    county.submit(case_id, "v1chair", {"accepts": True, "released": "2"})
    county.final(case_id, decision="RETURN", reason="抽查记录不完整")
    return case_id


def test_after_a_return_the_smaller_amount_still_stands(desk: County) -> None:
    case_id = released(desk)
    assert "贷款 28,000.00 元，需要担保人 1 名，现有 1 名" in desk.notes(case_id, "t1chair")
    desk.town(case_id)
    assert desk.where(case_id) == "T_Credit"


def test_the_credit_union_cannot_go_back_to_an_amount_that_needs_who_was_released(desk: County) -> None:
    """It never raises the guarantors needed silently."""
    case_id = released(desk)
    desk.town(case_id)
    problems = desk.problems(case_id, "credit", examples.credit(approvedAmount="50000.00"))
    assert code_at(problems, "approvedAmount") == {"COUNT"}
    desk.credit(case_id, **LESS, approvedAmount="28000.00")
    desk.submit(case_id, "v1chair", {"accepts": True})
    desk.until(case_id, "T_Disburse")
    desk.disburse(case_id)
    assert (desk.where(case_id), desk.guarantees(case_id)) == ("T_Repay", {1: "active", 2: "released"})


def test_the_last_guarantor_is_not_released(desk: County) -> None:
    case_id = released(desk)
    desk.town(case_id)
    desk.credit(case_id, **LESS, approvedAmount="25000.00")
    assert code_at(desk.problems(case_id, "v1chair", {"accepts": True, "released": "1"}), "released") == {"COUNT"}
    problems = desk.problems(case_id, "v1chair", {"accepts": True, "released": "2"})
    assert "没有第 2 位担保人" in told(problems)


def test_who_was_released_in_writing_is_not_bound_again_by_sending_the_form_again(desk: County) -> None:
    case_id = released(desk)
    desk.later(hours=1)
    desk.send_back(case_id, "t1chair", "T_Correct")
    assert codes(desk.problems(case_id, "v1chair", desk.form())) == {"COUNT"}
    desk.correct(case_id, amount="28000.00")
    assert (desk.where(case_id), desk.guarantees(case_id)) == ("T_VillageReview", {1: "active", 2: "released"})


def test_another_person_in_the_place_of_the_released_one_counts(desk: County) -> None:
    case_id = released(desk)
    desk.later(hours=1)
    desk.send_back(case_id, "t1chair", "T_Correct")
    desk.later(hours=1)
    desk.attach(case_id, "v1chair", "guarantors.2.proof", "guarantors.2.signedPledge")
    other = depositor(idcard=examples.idcard(date(1979, 3, 4), serial=5), name="祁建芳")
    desk.correct(case_id, guarantors=[G1, other])
    assert desk.guarantees(case_id) == {1: "active", 2: "active"}
    desk.until(case_id, "T_Disburse")
    desk.disburse(case_id)
    assert desk.line(case_id).disbursed_cents == 5_000_000


def test_a_smaller_amount_below_the_visiting_limit_still_needs_the_visit_for_what_was_asked(desk: County) -> None:
    case_id = desk.until(desk.apply(amount="50000.01"), "T_TownReview")
    problems = desk.problems(case_id, "t1chair", examples.town_review(siteVisited=False, siteVisitedOn=""))
    assert code_at(problems, "siteVisited") == {"SITE_VISIT"}
    other = desk.until(desk.apply(idcard=examples.idcard(date(1991, 5, 4)), birthDate="1991-05-04"), "T_TownReview")
    desk.town(other, siteVisited=False, siteVisitedOn="")
    assert desk.where(other) == "T_Credit"


def test_a_longer_term_than_the_deposit_lasts_is_not_granted(desk: County) -> None:
    short = [payroll(), depositor(depositMaturity="2027-06-15")]
    case_id = desk.until(desk.apply(termMonths=12, guarantors=short), "T_Credit")
    problems = desk.problems(case_id, "credit", examples.credit(termMonths=13))
    assert code_at(problems, "termMonths") == {"PROOF"}
    desk.credit(case_id, termMonths=12)
    assert desk.where(case_id) == "T_FinalCheck"
