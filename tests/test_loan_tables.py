"""The loan's decision tables D1 and D2, rule by rule and on both sides of every limit (S001-50..54)."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from engine.decision_xml import read_tables
from engine.decisions import load_tables

if TYPE_CHECKING:
    from engine.decision_xml import TableSource

DMN = (Path(__file__).parent.parent / "bpmn" / "loan.dmn").read_bytes()
TABLES = load_tables(DMN)
POLICY_A: dict[str, Any] = {
    "minAge": 18,
    "maxAge": 50,
    "maxTimes": 1,
    "minAmount": Decimal("20000.00"),
    "maxAmount": Decimal("80000.00"),
    "oneGuarantorMax": Decimal("30000.00"),
    "boundary": "UPPER_INCLUSIVE",
    "allowSpouse": False,
    "maxActive": 2,
    "allowedKinds": ("FISCAL_PAYROLL", "TIME_DEPOSIT"),
    "allowRetired": False,
    "allowContract": False,
}
WOMAN: dict[str, Any] = {
    "sex": "F",
    "age": 36,
    "unemployed": True,
    "has_evidence": True,
    "prior_disbursed": 0,
    "open_application": False,
    "amount": Decimal("30000.00"),
    "in_area": True,
    "project_excluded": False,
}
PAYROLL: dict[str, Any] = {
    "kind": "FISCAL_PAYROLL",
    "is_person": True,
    "is_applicant": False,
    "is_spouse": False,
    "is_duplicate": False,
    "is_signer": False,
    "active_guarantees": 0,
    "proof_ok": True,
    "matures_before_loan": False,
    "payroll_status": "ON_POST",
}
DEPOSIT = {**PAYROLL, "kind": "TIME_DEPOSIT", "payroll_status": None}


def codes(table: str, facts: dict[str, Any], **policy: Any) -> list[str]:
    """The codes of every rule that was hit, each with its clause."""
    decision = TABLES[table].decide(facts, parameters={**POLICY_A, **policy})
    return [f"{hit.outputs['code']} {hit.clause}" for hit in decision.hits]


def needed(amount: str, **policy: Any) -> Any:
    facts = {"amount": Decimal(amount)}
    return TABLES["loan_guarantors_needed"].decide(facts, parameters={**POLICY_A, **policy}).outputs["needed"]


def test_the_file_holds_the_three_tables_of_the_loan() -> None:
    assert set(TABLES) == {"loan_eligibility", "loan_guarantors_needed", "loan_guarantor"}


def test_a_woman_who_meets_every_condition_is_told_nothing() -> None:
    assert codes("loan_eligibility", WOMAN) == []


@pytest.mark.parametrize(
    ("fact", "value", "hit"),
    [
        ("sex", "M", "NOT_FEMALE S001-52"),
        ("unemployed", False, "EMPLOYED S001-52、G18"),
        ("has_evidence", False, "NO_EVIDENCE S001-52、G18"),
        ("prior_disbursed", 1, "ALREADY_ENJOYED S001-50、G4"),
        ("open_application", True, "DUPLICATE_OPEN S001-50、G4"),
        ("in_area", False, "NOT_IN_AREA 本县政策"),
        ("project_excluded", True, "PROJECT_EXCLUDED 本县政策"),
    ],
)
def test_each_condition_not_met_has_its_own_code_and_clause(fact: str, value: object, hit: str) -> None:
    assert codes("loan_eligibility", {**WOMAN, fact: value}) == [hit]


@pytest.mark.parametrize(("age", "met"), [(17, False), (18, True), (50, True), (51, False)])
def test_she_is_eighteen_to_fifty_full_years_old_both_included(age: int, met: bool) -> None:
    assert codes("loan_eligibility", {**WOMAN, "age": age}) == ([] if met else ["AGE_RANGE S001-52、G3"])


@pytest.mark.parametrize(
    ("amount", "met"), [("19999.99", False), ("20000.00", True), ("80000.00", True), ("80000.01", False)]
)
def test_the_amount_is_twenty_to_eighty_thousand_both_included(amount: str, met: bool) -> None:
    hits = codes("loan_eligibility", {**WOMAN, "amount": Decimal(amount)})
    assert hits == ([] if met else ["AMOUNT_RANGE S001-51、G2"])


def test_every_condition_that_is_not_met_is_told_at_once() -> None:
    facts = {**WOMAN, "sex": "M", "age": 51, "unemployed": False, "amount": Decimal("80000.01"), "prior_disbursed": 1}
    found = [hit.split()[0] for hit in codes("loan_eligibility", facts)]
    assert found == ["NOT_FEMALE", "AGE_RANGE", "EMPLOYED", "ALREADY_ENJOYED", "AMOUNT_RANGE"]


def test_the_missing_proof_is_asked_for_only_where_there_is_something_to_prove() -> None:
    facts = {**WOMAN, "unemployed": False, "has_evidence": False}
    assert codes("loan_eligibility", facts) == ["EMPLOYED S001-52、G18"]


def test_another_policy_moves_the_limits_without_touching_the_table() -> None:
    facts = {**WOMAN, "age": 60, "amount": Decimal("300000.00"), "prior_disbursed": 2}
    assert codes("loan_eligibility", facts, maxAge=60, maxAmount=Decimal("300000.00"), maxTimes=3) == []


@pytest.mark.parametrize(
    ("amount", "guarantors"), [("20000.00", 1), ("29999.99", 1), ("30000.00", 1), ("30000.01", 2), ("80000.00", 2)]
)
def test_up_to_thirty_thousand_one_guarantor_and_two_above(amount: str, guarantors: int) -> None:
    assert needed(amount) == guarantors


def test_exactly_thirty_thousand_is_read_in_her_favour_unless_the_policy_says_otherwise() -> None:
    assert needed("30000.00") == 1
    assert needed("30000.00", boundary="UPPER_EXCLUSIVE") == 2
    assert needed("29999.99", boundary="UPPER_EXCLUSIVE") == 1


@pytest.mark.parametrize("guarantor", [PAYROLL, DEPOSIT], ids=["payroll", "deposit"])
def test_a_guarantor_on_the_payroll_or_with_a_deposit_is_accepted(guarantor: dict[str, Any]) -> None:
    assert codes("loan_guarantor", guarantor) == []


@pytest.mark.parametrize(
    ("guarantor", "change", "hit"),
    [
        (PAYROLL, {"kind": "PRIVATE_EMPLOYEE"}, "KIND S001-53"),
        (PAYROLL, {"payroll_status": "RETIRED"}, "KIND S001-53、G11"),
        (PAYROLL, {"payroll_status": "CONTRACT"}, "KIND S001-53、G11"),
        (PAYROLL, {"is_person": False}, "NOT_PERSON 民法典第 683 条、S001-53"),
        (DEPOSIT, {"is_applicant": True}, "SELF S001-53"),
        (DEPOSIT, {"is_spouse": True}, "SPOUSE 本县政策"),
        (DEPOSIT, {"is_duplicate": True}, "DUP S001-54"),
        (DEPOSIT, {"is_signer": True}, "SIGNER S001-48"),
        (DEPOSIT, {"active_guarantees": 2}, "OVERLOAD 本县政策"),
        (PAYROLL, {"proof_ok": False}, "PROOF S001-53"),
        (DEPOSIT, {"proof_ok": False}, "PROOF S001-53"),
        (DEPOSIT, {"matures_before_loan": True}, "PROOF S001-53"),
    ],
)
def test_each_reason_against_a_guarantor_has_its_code_and_clause(
    guarantor: dict[str, Any], change: dict[str, Any], hit: str
) -> None:
    assert codes("loan_guarantor", {**guarantor, **change}) == [hit]


@pytest.mark.parametrize(
    ("change", "policy"),
    [
        ({"is_spouse": True}, {"allowSpouse": True}),
        ({"payroll_status": "RETIRED"}, {"allowRetired": True}),
        ({"payroll_status": "CONTRACT"}, {"allowContract": True}),
        ({"active_guarantees": 2}, {"maxActive": 3}),
        ({"kind": "PRIVATE_EMPLOYEE", "payroll_status": None}, {"allowedKinds": ("PRIVATE_EMPLOYEE",)}),
    ],
)
def test_the_policy_of_the_county_may_allow_it(change: dict[str, Any], policy: dict[str, Any]) -> None:
    assert codes("loan_guarantor", {**PAYROLL, **change})
    assert codes("loan_guarantor", {**PAYROLL, **change}, **policy) == []


def test_every_reason_against_one_guarantor_is_told_at_once() -> None:
    facts = {**PAYROLL, "is_spouse": True, "is_signer": True, "active_guarantees": 5, "proof_ok": False}
    assert [hit.split()[0] for hit in codes("loan_guarantor", facts)] == ["SPOUSE", "SIGNER", "OVERLOAD", "PROOF"]


@pytest.mark.parametrize("table", read_tables(DMN).tables, ids=lambda table: table.key)
def test_every_rule_has_a_sentence_with_the_value_seen_and_the_limit(table: TableSource) -> None:
    assert table.rules
    for rule in table.rules:
        assert re.search(r"[\u4e00-\u9fff]", rule.annotations["message"]), rule.id
        assert set(re.findall(r"{(\w*)}", rule.annotations["message"])) == {"seen", "limit"}, rule.id
