"""Scenarios of the way a loan takes: less money, corrections, clocks, a new policy, a withdrawal."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from engine.clock import SHANGHAI
from tests.scenarios.county import G1, G2, woman
from tests.scenarios.reading import Told
from tests.workflows.processes.loan import examples
from tests.workflows.processes.loan.house import codes

if TYPE_CHECKING:
    from tests.scenarios.county import County


def test_a_smaller_amount_needs_fewer_guarantors_but_both_stay_unless_released_in_writing(county: County) -> None:
    """L31: 28 000 granted on 50 000."""
    case_id = county.until(county.apply(guarantors=[G1, G2]), "T_Credit")
    county.credit(case_id, decision="AGREE_LESS", approvedAmount="28000.00", reason="还款能力有限")
    assert county.where(case_id) == "T_AcceptLess"
    assert "贷款 28,000.00 元，需要担保人 1 名，现有 2 名" in county.notes(case_id, "v1chair")
    county.submit(case_id, "v1chair", {"accepts": True})
    needed = county.decisions(case_id, "loan_guarantors_needed")
    assert [d["outputs"]["needed"] for d in needed] == [2, 1]
    assert needed[-1]["inputs"]["amount"] == "28000.00"
    assert county.guarantees(case_id) == {1: "active", 2: "active"}
    county.until(case_id, "T_Disburse")
    county.disburse(case_id)
    assert (county.line(case_id).requested_cents, county.line(case_id).disbursed_cents) == (5_000_000, 2_800_000)


def test_a_returned_application_keeps_its_first_version_and_the_village_clock_pauses(county: County) -> None:
    """L32: one of five working days used before the return; four are left after the resubmission ten days later."""
    case_id = county.apply()
    assert county.due(case_id) == "2026-06-23"
    county.on("2026-06-16")
    county.village(case_id, opinion="RETURN", reason="项目地点写得不清楚")
    assert (county.where(case_id), county.due(case_id)) == ("T_Correct", "2026-07-01")
    assert county.notes(case_id, "v1chair") == ["村级退回：项目地点写得不清楚"]
    county.on("2026-06-26")
    # three days before the end of the correction is a Sunday: the warning is given on the Friday before
    assert (county.sweep(), county.where(case_id)) == (1, "T_Correct")
    county.correct(case_id, projectPlace="村北三号坡地")
    first, second = county.versions(case_id, "apply")
    assert (first["projectPlace"], second["projectPlace"]) == ("村东坡地", "村北三号坡地")
    changed = county.entries(case_id, "task.completed")[-1]
    assert (changed["number"], changed["changes"]) == (
        2,
        [{"path": "projectPlace", "old": "村东坡地", "new": "村北三号坡地"}],
    )
    assert (county.where(case_id), county.due(case_id)) == ("T_VillageReview", "2026-07-02")
    assert county.case(case_id).applied_on == date(2026, 6, 15)


def test_a_village_that_does_nothing_is_due_after_five_working_days_and_reported_the_day_after(county: County) -> None:
    """L34: 19 June is a holiday; due 2026-06-23, told to the township on the 24th, decided by nobody."""
    case_id = county.apply()
    assert county.due(case_id) == "2026-06-23"
    county.on("2026-06-23", 23, 59)
    warned = Told("TOWN_CHAIR", "T1", "period.warn")
    assert (county.sweep(), county.notices(case_id)) == (1, [warned])
    assert county.open_task(case_id).overdue_since is None
    county.on("2026-06-24", 0)
    assert county.sweep() == 1
    assert county.notices(case_id) == [warned, Told("TOWN_CHAIR", "T1", "period.broken")]
    (broken,) = county.entries(case_id, "period.broken")
    assert broken["period"] == "loan.village.review"
    assert datetime.fromisoformat(broken["due_at"]) == datetime(2026, 6, 24, tzinfo=SHANGHAI)
    assert county.where(case_id) == "T_VillageReview"
    assert county.open_task(case_id).overdue_since is not None
    assert county.sweep() == 0
    county.village(case_id)
    assert county.where(case_id) == "T_TownReview"


def test_an_application_of_june_is_decided_by_the_policy_of_june_and_one_of_july_by_that_of_july(
    county: County,
) -> None:
    """L35."""
    case_id = county.apply(amount="90000.00")
    county.on("2026-07-06")
    county.objects(case_id)
    assert "AMOUNT_RANGE" in codes(
        county.problems(case_id, "t1chair", examples.town_review(siteVisitedOn=county.today))
    )
    county.town(case_id, opinion="REFUSE", reason="超过政策规定的金额")
    county.refuse(case_id)
    assert county.where(case_id) == "notEligible"
    assert "首版" in county.decisions(case_id)[-1]["policy_version"]
    later = county.apply(amount="90000.00")
    assert (county.refusals(later), county.where(later)) == ([], "T_VillageReview")
    decision = county.decisions(later)[-1]
    assert decision["policy_version"].startswith("政策乙（2026-07-01 起")
    assert decision["parameters"]["maxAmount"] == "300000.00"


def test_a_correction_in_july_stays_under_the_policy_of_the_application_date(county: County) -> None:
    """L35: neither amount nor date is renewed by sending the form again."""
    case_id = county.apply()
    county.on("2026-06-29")
    county.village(case_id, opinion="RETURN", reason="请核对金额")
    county.on("2026-07-02")
    county.correct(case_id, amount="90000.00")
    assert county.refusals(case_id) == ["AMOUNT_RANGE"]
    assert (county.line(case_id).applied_on, county.where(case_id)) == (date(2026, 6, 15), "T_ConfirmRefusal")


def test_under_a_policy_of_three_times_a_second_loan_is_allowed_and_the_first_is_shown(county: County) -> None:
    """L36."""
    county.on("2024-03-04")
    first = county.until(county.apply(), "T_Disburse")
    county.disburse(first)
    county.settle(first)
    county.on("2026-06-30")
    refused = county.apply()
    assert county.refusals(refused) == ["ALREADY_ENJOYED"]
    county.refuse(refused)
    county.on("2026-07-02")
    second = county.apply(priorLoanDeclared=True, priorLoanCount=1)
    decision = county.decisions(second)[-1]
    assert (county.refusals(second), county.where(second)) == ([], "T_VillageReview")
    assert (decision["inputs"]["prior_disbursed"], decision["parameters"]["maxTimes"]) == (1, 3)
    for element, login in (("T_VillageReview", "v1chair"), ("T_TownReview", "t1chair"), ("T_FinalCheck", "loanworker")):
        county.until(second, element)
        assert any("2024-03-04" in note and "50,000.00" in note for note in county.notes(second, login)), element


def test_a_withdrawal_between_township_and_credit_union_consumes_nothing_and_the_credit_union_is_told(
    county: County,
) -> None:
    """L42."""
    case_id = county.until(county.apply(), "T_Credit")
    assert county.withdraw(case_id) == "withdrawn"
    assert (county.where(case_id), county.line(case_id).state, county.consumed(case_id)) == (
        "withdrawn",
        "withdrawn",
        0,
    )
    assert county.notices(case_id)[-1] == Told("CREDIT_OFFICER", "X1", "loan.withdrawn")
    (said,) = county.entries(case_id, "case.withdrawn")
    assert said["reason"] == "申请人改做别的生意"
    assert county.refusals(county.apply()) == []


def test_two_women_of_one_village_do_not_disturb_each_other(county: County) -> None:
    """The other side of L19: another woman is another right."""
    first, second = county.apply(), county.apply(**woman("1990-05-04", serial=1))
    assert (county.where(first), county.where(second)) == ("T_VillageReview", "T_VillageReview")
