"""Rules of the steps between application and disbursement, and what each leaves behind in case and registers."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from tests.workflows.processes.loan import examples
from tests.workflows.processes.loan.examples import depositor, payroll
from tests.workflows.processes.loan.reading import code_at, kinds, line, notes
from workflows.processes.loan.register import guarantee

if TYPE_CHECKING:
    from tests.workflows.processes.loan.house import LoanHouse

REASON = {"opinion": "REFUSE", "reason": "项目地点与申报不符，不予推荐"}


# village and township


def test_the_case_row_shows_a_masked_name_and_the_day_and_policy_of_the_application(house: LoanHouse) -> None:
    row = house.case(house.applied())
    assert (row.subject, row.applied_on, row.unit_id) == ("苏**", date(2026, 6, 15), house.unit("V1"))
    assert row.policy_id is not None
    assert len(row.subject_hash) == 64


@pytest.mark.parametrize(
    ("form", "login", "field"),
    [("village_review", "v1chair", "projectVisitedOn"), ("town_review", "t1chair", "siteVisitedOn")],
)
def test_what_has_not_happened_yet_is_not_confirmed(house: LoanHouse, form: str, login: str, field: str) -> None:
    case_id = house.applied()
    if form == "town_review":
        house.submit(case_id, "v1chair", examples.village_review())
    found = house.problems(case_id, login, getattr(examples, form)(**{field: "2026-06-16"}))
    assert "2026-06-16 还没有到" in str(found[field][0])


def test_a_returned_application_opens_with_what_was_typed_and_why_it_came_back(house: LoanHouse) -> None:
    case_id = house.applied()
    house.submit(case_id, "v1chair", examples.village_review(opinion="RETURN", reason="缺项目地点证明"))
    answers, told = notes(house, case_id, "v1chair")
    assert answers["amount"] == "50000.00"
    assert told == ["村级退回：缺项目地点证明"]
    house.clock.set_day(date(2026, 6, 25))
    house.submit(case_id, "v1chair", house.application(projectPlace="村西荒坡"))
    assert house.at(case_id) == ["T_VillageReview"]
    assert house.case(case_id).applied_on == date(2026, 6, 15)


def test_nobody_recommends_against_d1_or_d2(house: LoanHouse) -> None:
    case_id = house.applied(amount="80000.01")
    house.submit(case_id, "t1chair", examples.refusal(applicantObjects=True, objection="金额是按用途算的"))
    assert house.at(case_id) == ["T_TownReview"]
    found = house.problems(case_id, "t1chair", examples.town_review())
    assert code_at(found, "opinion") == {"AMOUNT_RANGE", "NO_VILLAGE"}


def test_s001_49_the_township_cannot_recommend_what_the_village_has_not_signed(house: LoanHouse) -> None:
    case_id = house.applied(amount="80000.01")
    house.submit(case_id, "t1chair", examples.refusal(applicantObjects=True, objection="金额是按用途算的"))
    house.submit(case_id, "t1chair", examples.town_review(opinion="RETURN", reason="请村级退回补正金额"))
    house.submit(case_id, "v1chair", examples.village_review(opinion="RETURN", reason="金额改为八万元以内"))
    house.submit(case_id, "v1chair", house.application(amount="80000.00"))
    house.submit(case_id, "v1chair", examples.village_review())
    house.submit(case_id, "t1chair", examples.town_review())
    assert house.at(case_id) == ["T_Credit"]


def test_an_objection_to_the_village_lets_the_township_decide(house: LoanHouse) -> None:
    case_id = house.applied()
    house.submit(case_id, "v1chair", examples.village_review(**REASON))
    assert line(house, case_id).refusal_codes == "VILLAGE_REFUSED"
    house.submit(case_id, "t1chair", examples.refusal(applicantObjects=True, objection="项目地点没有变过"))
    house.submit(case_id, "t1chair", examples.town_review())
    assert (house.at(case_id), line(house, case_id).refusal_codes) == (["T_Credit"], "")


@pytest.mark.parametrize(("amount", "blocked"), [("50000.00", False), ("50000.01", True)])
def test_above_the_policy_amount_the_township_visits_the_site(house: LoanHouse, amount: str, blocked: bool) -> None:
    case_id = house.applied(amount=amount)
    house.submit(case_id, "v1chair", examples.village_review())
    answers = examples.town_review(siteVisited=False, siteVisitedOn="")
    if blocked:
        assert code_at(house.problems(case_id, "t1chair", answers), "siteVisited") == {"SITE_VISIT"}
    else:
        house.submit(case_id, "t1chair", answers)
        assert house.at(case_id) == ["T_Credit"]


# refusal


def test_a_refusal_opens_with_its_reasons_and_the_complaint_path_and_is_confirmed_by_a_person(house: LoanHouse) -> None:
    case_id = house.applied(amount="80000.01")
    answers, _ = notes(house, case_id, "t1chair")
    assert answers["reasons"].startswith("1. 申请金额 80,000.01 元，政策为 20,000.00–80,000.00 元")
    assert "12338" in answers["complaintPath"]
    house.submit(case_id, "t1chair", examples.refusal(reasons=answers["reasons"]))
    assert (house.case(case_id).outcome, line(house, case_id).state) == ("notEligible", "refused")


@pytest.mark.parametrize(
    ("login", "form", "said", "code"),
    [
        ("v1chair", "village_review", "村妇联不予推荐：项目地点", "VILLAGE_REFUSED"),
        ("t1chair", "town_review", "乡镇妇联不予推荐：项目地点", "TOWN_REFUSED"),
    ],
)
def test_a_refusal_repeats_the_reason_of_who_refused(
    house: LoanHouse, login: str, form: str, said: str, code: str
) -> None:
    case_id = house.applied()
    if form == "town_review":
        house.submit(case_id, "v1chair", examples.village_review())
    house.submit(case_id, login, getattr(examples, form)(**REASON))
    assert said in notes(house, case_id, "t1chair")[0]["reasons"]
    house.submit(case_id, "t1chair", examples.refusal())
    assert (line(house, case_id).state, line(house, case_id).refusal_codes) == ("refused", code)


# the credit union


def test_the_credit_union_sees_the_case_from_the_moment_it_is_sent_and_is_told(house: LoanHouse) -> None:
    case_id = house.to_credit()
    assert ("CREDIT_OFFICER", "loan.dossier") in kinds(house, case_id)
    assert notes(house, case_id, "credit")[0] == {"approvedAmount": "50000.00", "termMonths": 24}


@pytest.mark.parametrize(
    ("changes", "path", "code"),
    [
        ({"approvedAmount": "49999.99"}, "approvedAmount", "APPROVED_AMOUNT"),
        ({"approvedAmount": "50000.01"}, "approvedAmount", "APPROVED_AMOUNT"),
        ({"decision": "AGREE_LESS", "reason": "还款能力"}, "approvedAmount", "APPROVED_AMOUNT"),
        (
            {"decision": "AGREE_LESS", "reason": "还款能力", "approvedAmount": "19999.99"},
            "approvedAmount",
            "APPROVED_AMOUNT",
        ),
        ({"termMonths": 25}, "termMonths", "TERM_RANGE"),
    ],
)
def test_l05_stays_within_the_application_and_the_policy(
    house: LoanHouse, changes: dict[str, Any], path: str, code: str
) -> None:
    assert code_at(house.problems(house.to_credit(), "credit", examples.credit(**changes)), path) == {code}


def test_a_longer_term_must_still_be_secured_by_the_deposit(house: LoanHouse) -> None:
    case_id = house.to_credit(termMonths=12, guarantors=[payroll(), depositor(depositMaturity="2027-12-31")])
    assert code_at(house.problems(case_id, "credit", examples.credit(termMonths=24)), "termMonths") == {"PROOF"}


def test_nothing_is_received_before_it_was_applied_for(house: LoanHouse) -> None:
    answers = examples.credit(receivedOn="2026-06-14")
    assert set(house.problems(house.to_credit(), "credit", answers)) == {"receivedOn"}


def test_l17_a_refusal_by_the_credit_union_consumes_nothing_and_the_chair_hears_of_it(house: LoanHouse) -> None:
    case_id = house.to_credit()
    house.submit(case_id, "credit", examples.credit(decision="REFUSE", reason="有逾期贷款"))
    row = line(house, case_id)
    assert (row.state, row.holds_hash, row.refusal_codes) == ("refusedByCredit", None, "CREDIT_REFUSED")
    assert ("VILLAGE_CHAIR", "loan.credit_refused") in kinds(house, case_id)
    assert house.at(house.applied()) == ["T_VillageReview"]


def less(house: LoanHouse) -> int:
    case_id = house.to_credit()
    house.submit(
        case_id, "credit", examples.credit(decision="AGREE_LESS", approvedAmount="28000.00", reason="还款能力")
    )
    return case_id


def test_l31_a_smaller_amount_needs_fewer_guarantors_but_all_stay_unless_released_in_writing(house: LoanHouse) -> None:
    case_id = less(house)
    _, told = notes(house, case_id, "v1chair")
    assert "申请 50,000.00 元，信用社批准 28,000.00 元" in told[0]
    assert told[1] == "贷款 28,000.00 元，需要担保人 1 名，现有 2 名"
    house.submit(case_id, "v1chair", {"accepts": True})
    assert house.at(case_id) == ["T_FinalCheck"]
    assert house.row(select(guarantee).where(guarantee.c.case_id == case_id, guarantee.c.state == "released")) is None
    assert line(house, case_id).approved_cents == 2_800_000


def test_l31_a_guarantor_is_released_by_a_letter(house: LoanHouse) -> None:
    case_id = less(house)
    assert set(house.problems(case_id, "v1chair", {"accepts": True, "released": "2"})) == {"releaseLetter"}
    house.upload(case_id, "v1chair", "releaseLetter")
    house.submit(case_id, "v1chair", {"accepts": True, "released": "2"})
    released = house.row(select(guarantee).where(guarantee.c.case_id == case_id, guarantee.c.state == "released"))
    assert released.slot == 2
    house.submit(case_id, "loanworker", examples.final_check())
    assert house.at(case_id) == ["T_Stamp"]


@pytest.mark.parametrize(
    ("amount", "slot", "said"), [("30000.01", "2", "只剩 1 名担保人，需要 2 名"), ("28000.00", "3", "没有第 3 位")]
)
def test_nobody_is_released_who_is_needed_or_does_not_exist(
    house: LoanHouse, amount: str, slot: str, said: str
) -> None:
    case_id = house.to_credit()
    house.submit(case_id, "credit", examples.credit(decision="AGREE_LESS", approvedAmount=amount, reason="还款能力"))
    house.upload(case_id, "v1chair", "releaseLetter")
    found = house.problems(case_id, "v1chair", {"accepts": True, "released": slot})
    assert said in str(found["released"][0])


def test_an_applicant_who_declines_the_smaller_amount_keeps_her_right(house: LoanHouse) -> None:
    case_id = less(house)
    house.submit(case_id, "v1chair", {"accepts": False})
    assert (house.case(case_id).outcome, line(house, case_id).state) == ("withdrawn", "withdrawn")
    assert ("CREDIT_OFFICER", "loan.withdrawn") in kinds(house, case_id)


def test_the_papers_of_a_guarantor_who_was_replaced_do_not_count_for_the_new_one(house: LoanHouse) -> None:
    case_id = house.applied()
    house.submit(case_id, "v1chair", examples.village_review(opinion="RETURN", reason="第一位担保人不再担保"))
    house.clock.set_day(date(2026, 6, 16))
    other = payroll(name="任国良", idcard=examples.idcard(date(1975, 2, 3), "M"))
    found = house.problems(case_id, "v1chair", house.application(guarantors=[other, depositor()]))
    assert code_at(found, "guarantors.1.proof") == {"PROOF"}
    assert "是更换之前那位担保人的材料" in str(found["guarantors.1.proof"][0])
    house.upload(case_id, "v1chair", "guarantors.1.proof")
    house.submit(case_id, "v1chair", house.application(guarantors=[other, depositor()]))
    house.submit(case_id, "v1chair", examples.village_review())
    house.submit(case_id, "t1chair", examples.town_review())
    house.submit(case_id, "credit", examples.credit())
    assert [n.split(" —— ")[0] for n in notes(house, case_id, "v1chair")[1]] == [
        "缺少“担保人 1 · 签名的承诺书（L-02）”"
    ]


def test_a_step_that_comes_round_again_keeps_the_facts_but_asks_the_opinion_anew(house: LoanHouse) -> None:
    case_id = house.applied()
    house.submit(case_id, "v1chair", examples.village_review())
    house.submit(case_id, "t1chair", examples.town_review(opinion="RETURN", reason="请写明家庭收入"))
    answers, told = notes(house, case_id, "v1chair")
    assert answers["remarks"] == examples.village_review()["remarks"]
    assert not {"opinion", "reason", "conflictDeclared"} & answers.keys()
    assert told[0] == "乡镇退回：请写明家庭收入"
