"""Scenarios at the moment a woman applies: amount, age, her number, her earlier applications (D1, S001-50 to S001-52)."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from engine.dossier.compose import Printing, dossier
from engine.dossier.loading import load_record
from tests.scenarios.county import G1, G2, woman
from tests.scenarios.reading import Told, told
from tests.workflows.processes.loan.examples import W, idcard
from workflows.processes.loan.letters import BOOK
from workflows.sheets import OrganisationNames

if TYPE_CHECKING:
    from tests.scenarios.county import County


def sheets(county: County, case_id: int) -> list[str]:
    """The sheet codes in the contents of the printed dossier, in order, each once."""
    actor = county.actor("countychair")
    with county.runtime.reading() as connection:
        record = load_record(county.runtime, connection, actor, case_id, directory=OrganisationNames())
    html = dossier(BOOK, record, Printing(actor.name, county.clock.now())).html
    return list(dict.fromkeys(re.findall(r'<td class="c">(L-\d\d)</td>', html)))


def test_the_lowest_amount_with_one_guarantor_goes_the_whole_way_in_order(county: County) -> None:
    """L01: eligible, one guarantor, village → township → credit union → stamp; all sheets; one line in the statistics."""
    case_id = county.apply(amount="20000.00", guarantors=[G1])
    assert county.refusals(case_id) == []
    assert county.decisions(case_id, "loan_guarantors_needed")[-1]["outputs"] == {"needed": 1}
    county.village(case_id)
    county.town(case_id)
    county.credit(case_id)
    county.final(case_id)
    county.stamp(case_id)
    assert sheets(county, case_id) == ["L-01", "L-02", "L-03", "L-04", "L-05", "L-06"]
    county.disburse(case_id)
    assert county.where(case_id) == "T_Repay"
    assert county.passed(case_id) == [
        "T_Apply", "T_VillageReview", "T_TownReview", "T_Credit", "T_FinalCheck", "T_Stamp", "T_Disburse", "T_Repay",
    ]  # fmt: skip
    signed = [entry["form"] for entry in county.entries(case_id, "form.signed")]
    assert signed == ["village_review", "town_review", "credit", "final_check"]
    row = county.line(case_id)
    assert (row.state, row.disbursed_cents, row.disbursed_on) == ("disbursed", 2_000_000, date(2026, 6, 15))
    assert county.consumed(case_id) == 1


def test_amount_one_fen_below_the_minimum_is_refused_and_never_reaches_the_village(county: County) -> None:
    """L02: AMOUNT_RANGE with value, limits, clause and policy in the history; L-07 only after a person has confirmed."""
    case_id = county.apply(amount="19999.99", guarantors=[G1])
    assert county.where(case_id) == "T_ConfirmRefusal"
    decision = county.decisions(case_id)[-1]
    (hit,) = decision["hits"]
    assert (hit["outputs"], hit["rule"], hit["clause"]) == (
        {"code": "AMOUNT_RANGE"},
        "loan_eligibility.amount_range",
        "S001-51、G2",
    )
    assert hit["seen"] == {"amount": "19999.99"}
    assert (decision["parameters"]["minAmount"], decision["parameters"]["maxAmount"]) == ("20000.00", "80000.00")
    assert decision["policy_version"].startswith("妇女小额担保贷款政策（首版）（2014-01-01 起")
    assert "19,999.99 元，政策为 20,000.00–80,000.00 元" in county.proposed(case_id, "t1chair")["reasons"]
    assert "L-07" not in sheets(county, case_id)
    county.refuse(case_id)
    assert (county.where(case_id), sheets(county, case_id)[-1]) == ("notEligible", "L-07")
    assert county.opened(case_id, "T_VillageReview") == 0
    assert (county.line(case_id).state, county.line(case_id).refusal_codes) == ("refused", "AMOUNT_RANGE")
    assert county.consumed(case_id) == 0


@pytest.mark.parametrize(
    ("changes", "age"),
    [
        pytest.param({"amount": "80000.00"}, 36, id="L05 the highest amount"),
        pytest.param({"amount": "30000.00", "guarantors": [G1]}, 36, id="L03 thirty thousand with one guarantor"),
        pytest.param(woman("2008-06-15"), 18, id="L08 eighteen today"),
        pytest.param(woman("1976-06-14"), 50, id="L10 fifty full years"),
    ],
)
def test_who_stands_exactly_on_a_limit_is_eligible(county: County, changes: dict[str, Any], age: int) -> None:
    case_id = county.apply(**changes)
    assert (county.refusals(case_id), county.where(case_id)) == ([], "T_VillageReview")
    assert county.decisions(case_id)[-1]["inputs"]["age"] == age
    assert county.place(case_id)[:2] == ("VILLAGE_CHAIR", "V1")


@pytest.mark.parametrize(
    ("changes", "code", "seen", "clause"),
    [
        pytest.param({"amount": "80000.01"}, "AMOUNT_RANGE", {"amount": "80000.01"}, "S001-51、G2", id="L06"),
        pytest.param(woman("2008-06-16"), "AGE_RANGE", {"age": 17}, "S001-52、G3", id="L09 eighteen tomorrow"),
        pytest.param(woman("1975-06-15"), "AGE_RANGE", {"age": 51}, "S001-52、G3", id="L12 fifty-one today"),
    ],
)
def test_who_stands_just_beyond_a_limit_is_refused_with_value_limit_and_clause(
    county: County, changes: dict[str, Any], code: str, seen: dict[str, Any], clause: str
) -> None:
    case_id = county.apply(**changes)
    (hit,) = county.decisions(case_id)[-1]["hits"]
    assert (hit["outputs"]["code"], hit["seen"], hit["clause"]) == (code, seen, clause)
    assert county.where(case_id) == "T_ConfirmRefusal"
    assert county.opened(case_id, "T_VillageReview") == 0
    county.refuse(case_id)
    assert (county.line(case_id).refusal_codes, county.consumed(case_id)) == (code, 0)


@pytest.mark.parametrize(
    ("number", "path", "said"),
    [
        pytest.param(idcard(date(1990, 5, 4), "M"), "sex", "号码第 17 位是 1，性别应为男", id="L14 sex contradicts the number"),
        pytest.param(W[:-1] + ("0" if W[-1] != "0" else "1"), "idcard", "校验码不符", id="L15 wrong check digit"),
    ],
)  # fmt: skip
def test_a_number_that_cannot_be_hers_is_a_field_error_and_nothing_is_changed_silently(
    county: County, number: str, path: str, said: str
) -> None:
    case_id = county.begin()
    problems = county.problems(case_id, "v1chair", county.form(idcard=number))
    assert set(problems) == {path}
    assert said in told(problems)
    assert (county.where(case_id), county.stored(case_id, "apply"), county.line(case_id)) == ("T_Apply", None, None)


def test_a_refusal_by_the_credit_union_does_not_consume_her_right(county: County) -> None:
    """L17 (G4)."""
    county.on("2024-06-17")
    first = county.until(county.apply(), "T_Credit")
    county.credit(first, decision="REFUSE", reason="征信有逾期记录")
    assert county.where(first) == "refusedByCredit"
    assert Told("VILLAGE_CHAIR", "V1", "loan.credit_refused") in county.notices(first)
    assert county.consumed(first) == 0
    county.on("2026-06-15")
    second = county.apply()
    assert (county.refusals(second), county.where(second)) == ([], "T_VillageReview")
    assert county.decisions(second)[-1]["inputs"]["prior_disbursed"] == 0


def test_a_withdrawal_between_stamp_and_disbursement_does_not_consume_her_right(county: County) -> None:
    """L18 (G4)."""
    county.on("2025-06-16")
    first = county.until(county.apply(), "T_Disburse")
    assert county.withdraw(first) == "withdrawnAfterStamp"
    assert (county.line(first).state, county.consumed(first)) == ("withdrawn", 0)
    assert county.notices(first)[-1] == Told("CREDIT_OFFICER", "X1", "loan.withdrawn")
    county.on("2026-06-15")
    second = county.apply()
    assert (county.refusals(second), county.where(second)) == ([], "T_VillageReview")


def test_a_second_open_application_is_refused_and_both_chairs_are_told(county: County) -> None:
    """L19."""
    first = county.apply()
    second = county.apply("v2chair")
    assert county.refusals(second) == ["DUPLICATE_OPEN"]
    assert (county.where(first), county.where(second)) == ("T_VillageReview", "T_ConfirmRefusal")
    assert county.notices(second) == [
        Told("VILLAGE_CHAIR", "V2", "loan.duplicate"),
        Told("VILLAGE_CHAIR", "V1", "loan.duplicate"),
    ]
    county.refuse(second)
    assert (county.where(second), county.line(first).state) == ("notEligible", "open")


def test_one_guarantor_above_thirty_thousand_blocks_until_a_second_is_added(county: County) -> None:
    """L04 (G1): nothing is stored before the second guarantor stands there."""
    case_id = county.begin()
    problems = county.problems(case_id, "v1chair", county.form(amount="30000.01", guarantors=[G1]))
    assert set(problems) == {"guarantors"}
    assert "30,000.01" in told(problems)
    assert "30,000.00" in told(problems)
    assert "需要 2 名担保人，现有 1 名" in told(problems)
    assert "S001-54" in told(problems)
    assert (county.where(case_id), county.line(case_id)) == ("T_Apply", None)
    county.submit(case_id, "v1chair", county.form(amount="30000.01", guarantors=[G1, G2]))
    assert (county.refusals(case_id), county.where(case_id)) == ([], "T_VillageReview")
