"""D1 and D2 on real cases: who may have the loan, and who may stand surety (processes.md §0.4)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from engine.model import history
from tests.workflows.processes.loan import examples
from tests.workflows.processes.loan.examples import depositor, idcard, payroll
from tests.workflows.processes.loan.house import LoanHouse, codes, set_policy
from workflows.demo import PEOPLE
from workflows.processes.loan.application import application
from workflows.processes.loan.decisions import Eligibility, eligibility
from workflows.processes.loan.guarantors import sureties
from workflows.processes.loan.register import loan_register

if TYPE_CHECKING:
    from engine.process_type import Problems

STAFF = {p.login: p.idcard for p in PEOPLE}


def born(day: str) -> dict[str, Any]:
    return {"birthDate": day, "idcard": idcard(date.fromisoformat(day))}


def judged(house: LoanHouse, case_id: int) -> Eligibility:
    with house.runtime.reading() as connection:
        view = house.view(connection, case_id, "v1chair")
        return eligibility(view, application(view))


def refused(house: LoanHouse, case_id: int) -> dict[str, str]:
    return {r.code: str(r.message) for r in judged(house, case_id).refusals}


def outcome(house: LoanHouse, **changes: Any) -> dict[str, str]:
    """Apply; the codes with their sentences. The drawing must have gone where they send it."""
    case_id = house.applied(**changes)
    found = refused(house, case_id)
    assert house.at(case_id) == (["T_ConfirmRefusal"] if found else ["T_VillageReview"])
    return found


def guarantor_problems(house: LoanHouse, *guarantors: dict[str, Any], **changes: Any) -> Problems:
    case_id = house.begin()
    return house.problems(case_id, "v1chair", house.application(guarantors=list(guarantors), **changes))


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        pytest.param({"amount": "20000.00", "guarantors": [payroll()]}, set(), id="L01 lowest amount"),
        pytest.param({"amount": "19999.99"}, {"AMOUNT_RANGE"}, id="L02 a cent too little"),
        pytest.param({"amount": "80000.00"}, set(), id="L05 highest amount"),
        pytest.param({"amount": "80000.01"}, {"AMOUNT_RANGE"}, id="L06 a cent too much"),
        pytest.param(born("2008-06-15"), set(), id="L08 eighteenth birthday today"),
        pytest.param(born("2008-06-16"), {"AGE_RANGE"}, id="L09 eighteen tomorrow"),
        pytest.param(born("1976-06-14"), set(), id="L10 fifty full years"),
        pytest.param(born("1975-06-16"), set(), id="fifty until the day before the 51st birthday (G3)"),
        pytest.param(born("1975-06-15"), {"AGE_RANGE"}, id="L12 fifty-first birthday today"),
        pytest.param({"sex": "M", "idcard": idcard(date(1990, 5, 4), "M")}, {"NOT_FEMALE"}, id="women only"),
        pytest.param({"unemployed": False}, {"EMPLOYED"}, id="employed"),
        pytest.param({"priorLoanDeclared": True}, {"ALREADY_ENJOYED"}, id="a loan she declares counts"),
        pytest.param({"hukou": 0, "hukouElsewhere": "外县"}, {"NOT_IN_AREA"}, id="hukou in another county"),
        pytest.param(
            {"amount": "80000.01", **born("1975-06-15"), "priorLoanDeclared": True},
            {"AMOUNT_RANGE", "AGE_RANGE", "ALREADY_ENJOYED"},
            id="every failing condition is named at once",
        ),
    ],
)
def test_d1_names_every_condition_that_fails(house: LoanHouse, changes: dict[str, Any], found: set[str]) -> None:
    assert set(outcome(house, **changes)) == found


def test_a_refusal_names_the_value_seen_the_limit_the_clause_and_the_policy(house: LoanHouse) -> None:
    found = outcome(house, amount="80000.01", **born("1975-06-15"))
    assert found["AGE_RANGE"].startswith(
        "申请之日年满 51 周岁，政策为 18–50 周岁 —— 依据：S001-52《乡妇联工作计划 2014 第61条"
    )
    assert "80,000.01 元，政策为 20,000.00–80,000.00 元" in found["AMOUNT_RANGE"]
    assert all("妇女小额担保贷款政策（首版）" in text for text in found.values())


@pytest.mark.parametrize(
    ("policy_changes", "changes", "found"),
    [
        ({"evidenceKinds": ["REGISTRATION"]}, {}, {"NO_EVIDENCE"}),
        ({"excludedProjects": ["BREEDING"]}, {}, {"PROJECT_EXCLUDED"}),
        ({"areaRequired": False}, {"hukou": 0, "hukouElsewhere": "外县"}, set()),
        ({"maxTimes": 3}, {"priorLoanDeclared": True, "priorLoanCount": 2}, set()),
        ({"maxTimes": 3}, {"priorLoanDeclared": True, "priorLoanCount": 3}, {"ALREADY_ENJOYED"}),
        ({"maxAmount": "300000.00", "maxAge": 60}, {"amount": "300000.00", **born("1966-06-15")}, set()),
    ],
)
def test_every_number_of_d1_is_policy(
    house: LoanHouse, policy_changes: dict[str, Any], changes: dict[str, Any], found: set[str]
) -> None:
    set_policy(house, **policy_changes)
    assert set(outcome(house, **changes)) == found


def test_l13_l35_age_and_policy_are_those_of_the_application_date(house: LoanHouse) -> None:
    case_id = house.applied(**born("1975-06-16"))
    house.clock.set_day(date(2026, 7, 1))
    set_policy(house, maxAge=40)
    assert refused(house, case_id) == {}
    with house.runtime.reading() as connection:
        subject = application(house.view(connection, case_id, "v1chair"))
    assert (subject.age, subject.age_on(date(2026, 7, 1))) == (50, 51)


def test_l35_a_refused_amount_stays_refused_under_the_policy_of_its_day_and_a_new_application_passes(
    house: LoanHouse,
) -> None:
    case_id = house.applied(amount="90000.00")
    house.clock.set_day(date(2026, 7, 1))
    set_policy(house, maxAmount="300000.00")
    assert set(refused(house, case_id)) == {"AMOUNT_RANGE"}
    other = house.applied(amount="90000.00", idcard=idcard(date(1990, 5, 4), serial=3))
    assert refused(house, other) == {}


@pytest.mark.parametrize(
    ("amount", "boundary", "needed"),
    [
        ("29999.99", "UPPER_INCLUSIVE", 1),
        ("30000.00", "UPPER_INCLUSIVE", 1),
        ("30000.01", "UPPER_INCLUSIVE", 2),
        ("29999.99", "UPPER_EXCLUSIVE", 1),
        ("30000.00", "UPPER_EXCLUSIVE", 2),
    ],
)
def test_l03_l04_thirty_thousand_needs_one_guarantor_unless_the_county_decides_otherwise(
    house: LoanHouse, amount: str, boundary: str, needed: int
) -> None:
    set_policy(house, boundary=boundary)
    if needed == 1:
        assert outcome(house, amount=amount, guarantors=[payroll()]) == {}
    else:
        found = guarantor_problems(house, payroll(), amount=amount)
        assert set(found) == {"guarantors"}
        assert "需要 2 名担保人，现有 1 名" in str(found["guarantors"][0])
        assert "S001-54" in str(found["guarantors"][0])


@pytest.mark.parametrize(
    ("guarantor", "path", "code", "said"),
    [
        pytest.param(payroll(kind="PRIVATE_EMPLOYEE"), "kind", "KIND", "政策允许：财政拨款人员（在职在编）、有定期存款人员", id="L20"),
        pytest.param(payroll(kind="FISCAL_RETIRED"), "kind", "KIND", "财政供养退休人员", id="G11 retired"),
        pytest.param(payroll(kind="FISCAL_CONTRACT"), "kind", "KIND", "财政供养单位合同制人员", id="G11 contract"),
        pytest.param({"slot": 1, "party": "UNIT", "name": "杏花村村民委员会"}, "party", "NOT_PERSON", "只能由自然人担保", id="L21"),
        pytest.param(payroll(idcard=examples.W), "idcard", "SELF", "申请人本人", id="herself"),
        pytest.param(payroll(relation="SPOUSE"), "relation", "SPOUSE", "由配偶以外的人担保", id="L22"),
        pytest.param(payroll(idcard=examples.DEPOSITOR), "idcard", "DUP", "同一人担保了 2 次", id="the same person twice"),
        pytest.param(payroll(idcard=STAFF["t1chair"]), "idcard", "SIGNER", "乡镇妇联主席", id="L25 township signer"),
        pytest.param(payroll(idcard=STAFF["v1chair"]), "idcard", "SIGNER", "村妇联主席", id="L25 village signer"),
    ],
)  # fmt: skip
def test_d2_refuses_a_guarantor_at_the_field_that_is_wrong(
    house: LoanHouse, guarantor: dict[str, Any], path: str, code: str, said: str
) -> None:
    found = guarantor_problems(house, guarantor, depositor())
    slot = 2 if code == "DUP" else 1
    assert codes(found) - {"COUNT"} == {code}
    assert said in str(found[f"guarantors.{slot}.{path}"][0])


def test_l24_a_deposit_may_not_mature_before_the_loan(house: LoanHouse) -> None:
    found = guarantor_problems(house, payroll(), depositor(depositMaturity="2028-06-14"))
    assert set(found) == {"guarantors.2.depositMaturity"}
    assert "到期日为 2028-06-14，不得早于贷款到期日 2028-06-15" in str(found["guarantors.2.depositMaturity"][0])
    assert outcome(house, guarantors=[payroll(), depositor(depositMaturity="2028-06-15")]) == {}


def test_a_guarantor_without_proof_is_told_once_with_the_clause(house: LoanHouse) -> None:
    case_id = house.begin(papers=("unemploymentEvidence", "guarantors.2.proof"))
    found = house.problems(case_id, "v1chair", house.application())
    assert set(found) == {"guarantors.1.proof"}
    assert [m.params["code"] for m in found["guarantors.1.proof"]] == ["PROOF"]


def test_an_application_without_evidence_of_unemployment_is_incomplete(house: LoanHouse) -> None:
    case_id = house.begin(papers=("guarantors.1.proof", "guarantors.2.proof"))
    assert set(house.problems(case_id, "v1chair", house.application())) == {"unemploymentEvidence"}


@pytest.mark.parametrize(
    ("allowed", "guarantor"),
    [
        ({"allowSpouse": True}, payroll(relation="SPOUSE")),
        ({"allowRetired": True}, payroll(kind="FISCAL_RETIRED")),
        ({"allowContract": True}, payroll(kind="FISCAL_CONTRACT")),
        ({"allowedKinds": ["FISCAL_PAYROLL", "TIME_DEPOSIT", "PRIVATE_EMPLOYEE"]}, payroll(kind="PRIVATE_EMPLOYEE")),
    ],
)
def test_l22_g11_who_may_stand_surety_is_policy(
    house: LoanHouse, allowed: dict[str, Any], guarantor: dict[str, Any]
) -> None:
    set_policy(house, **allowed)
    assert outcome(house, guarantors=[guarantor, depositor()]) == {}


def test_nobody_stands_surety_for_more_loans_than_the_policy_allows(house: LoanHouse) -> None:
    for serial in (1, 2):
        assert outcome(house, idcard=idcard(date(1990, 5, 4), serial=serial)) == {}
    found = guarantor_problems(house, payroll(), depositor())
    assert codes(found) == {"OVERLOAD"}
    assert "已为 2 笔贷款担保（在办的申请也计算在内），政策为同时最多 2 笔" in str(found["guarantors.1.idcard"][0])


def test_l25_a_signer_may_stand_surety_when_the_level_above_signs(house: LoanHouse) -> None:
    answers = {"countySigns": True, "countySignsReason": "本镇只有她符合条件且自愿担保"}
    assert outcome(house, guarantors=[payroll(idcard=STAFF["t1chair"]), depositor()], **answers) == {}


def test_the_chair_of_another_village_signs_nothing_here_and_may_stand_surety(house: LoanHouse) -> None:
    assert outcome(house, guarantors=[payroll(idcard=STAFF["v2chair"]), depositor()]) == {}


def test_a_term_beyond_the_policy_is_told_with_both_numbers(house: LoanHouse) -> None:
    found = house.problems(house.begin(), "v1chair", house.application(termMonths=25))
    assert "期限 25 个月，政策最长 24 个月" in str(found["termMonths"][0])


def test_decisions_are_recorded_with_inputs_rules_and_policy_version(house: LoanHouse) -> None:
    case_id = house.applied(amount="80000.01")
    with house.runtime.reading() as connection:
        rows = connection.execute(
            select(history).where(history.c.case_id == case_id, history.c.kind == "decision.made")
        )
        told = [house.runtime.vault.open_json(row.content_sealed) for row in rows]
    assert [d["table"] for d in told] == [
        "loan_eligibility",
        "loan_guarantors_needed",
        "loan_guarantor",
        "loan_guarantor",
    ]
    first = told[0]
    assert first["inputs"]["amount"] == "80000.01"
    assert first["hits"][0]["rule"] == "loan_eligibility.amount_range"
    assert first["hits"][0]["clause"] == "S001-51、G2"
    assert "首版" in first["policy_version"]
    line = house.row(select(loan_register).where(loan_register.c.case_id == case_id))
    assert line.refusal_codes == "AMOUNT_RANGE"


def test_the_live_check_says_what_submitting_would_lead_to_and_records_nothing(house: LoanHouse) -> None:
    case_id = house.begin()
    with house.runtime.reading() as connection:
        view = house.view(connection, case_id, "v1chair")
        process = house.runtime.catalogue["loan"]
        values = process.forms["apply"].load(house.application(amount="80000.01", guarantors=[payroll()]))
        check = process.check(view, "apply", values)
        assert not view.work.events
    assert codes(check.problems) == {"COUNT"}
    assert any("80,000.01" in str(m) for m in check.refusals)
    assert {d.table for d in check.decisions} == {"loan_eligibility", "loan_guarantors_needed", "loan_guarantor"}


def test_a_live_check_of_a_half_typed_application_does_not_fail(house: LoanHouse) -> None:
    case_id = house.begin()
    form = house.runtime.catalogue["loan"].forms["apply"]
    for answers in (
        {},
        {"amount": "5"},
        {"guarantors": [{"slot": 1, "name": "方立群"}]},
        {"termMonths": 3, "idcard": examples.W},
    ):
        with house.runtime.reading() as connection:
            view = house.view(connection, case_id, "v1chair")
            values, _ = form.attempt(answers)
            assert house.runtime.catalogue["loan"].check(view, "apply", values).decisions
            assert sureties(view, application(view, values)).present == len(answers.get("guarantors", ()))
