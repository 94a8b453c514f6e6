"""Limits of D1 beyond the listed scenarios: every code alone and all at once, ages by the calendar, amounts as people type them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from tests.scenarios.county import G1, woman
from tests.scenarios.reading import told
from tests.workflows.processes.loan.examples import idcard
from tests.workflows.processes.loan.house import codes

if TYPE_CHECKING:
    from tests.scenarios.county import County

MAN = {"sex": "M", "idcard": idcard(date(1990, 5, 4), "M"), "birthDate": "1990-05-04"}
ELSEWHERE = {"hukou": 0, "hukouElsewhere": "外省某县"}


@pytest.mark.parametrize(
    ("policy", "changes", "code", "seen"),
    [
        pytest.param({}, MAN, "NOT_FEMALE", {"sex": "M"}, id="1 not a woman"),
        pytest.param({}, woman("1970-01-01"), "AGE_RANGE", {"age": 56}, id="2 too old"),
        pytest.param({}, {"unemployed": False}, "EMPLOYED", {"unemployed": False}, id="3 employed"),
        pytest.param(
            {"evidenceKinds": ["REGISTRATION"]}, {}, "NO_EVIDENCE", {"unemployed": True, "has_evidence": False}, id="3 no accepted evidence"
        ),
        pytest.param({}, {"priorLoanDeclared": True}, "ALREADY_ENJOYED", {"prior_disbursed": 1}, id="4 declared"),
        pytest.param({}, {"amount": "100000.00"}, "AMOUNT_RANGE", {"amount": "100000.00"}, id="6 amount"),
        pytest.param({}, ELSEWHERE, "NOT_IN_AREA", {"in_area": False}, id="7 registered elsewhere"),
        pytest.param({"excludedProjects": ["BREEDING", "OTHER"]}, {}, "PROJECT_EXCLUDED", {"project_excluded": True}, id="8 project"),
    ],
)  # fmt: skip
def test_each_condition_alone_refuses_with_the_one_value_it_looked_at(
    desk: County, policy: dict[str, Any], changes: dict[str, Any], code: str, seen: dict[str, Any]
) -> None:
    if policy:
        desk.set_policy(**policy)
    case_id = desk.apply(**changes)
    (hit,) = desk.decisions(case_id)[-1]["hits"]
    assert (hit["outputs"]["code"], hit["seen"]) == (code, seen)
    assert hit["clause"].startswith("S001-") or code in ("NOT_IN_AREA", "PROJECT_EXCLUDED")
    assert hit["annotations"]["message"]
    assert desk.where(case_id) == "T_ConfirmRefusal"
    desk.refuse(case_id)
    assert (desk.line(case_id).state, desk.line(case_id).refusal_codes) == ("refused", code)


def test_everything_that_fails_is_told_at_once(desk: County) -> None:
    """一次性告知: eight codes in one decision, eight reasons in one notice."""
    desk.set_policy(excludedProjects=["BREEDING"])
    man = {**MAN, **ELSEWHERE, "idcard": idcard(date(1970, 1, 1), "M"), "birthDate": "1970-01-01"}
    everything = {"unemployed": False, "priorLoanDeclared": True, "amount": "80000.01"}
    first = desk.apply("v2chair", **man)
    second = desk.apply("v3chair", **man, **everything)
    assert desk.refusals(first) == ["NOT_FEMALE", "AGE_RANGE", "NOT_IN_AREA", "PROJECT_EXCLUDED"]
    assert desk.refusals(second) == [
        "NOT_FEMALE", "AGE_RANGE", "EMPLOYED", "ALREADY_ENJOYED", "DUPLICATE_OPEN", "AMOUNT_RANGE", "NOT_IN_AREA",
        "PROJECT_EXCLUDED",
    ]  # fmt: skip
    reasons = str(desk.proposed(second, "t2chair")["reasons"]).splitlines()
    assert [line.split(".")[0] for line in reasons] == [str(number) for number in range(1, 9)]


@pytest.mark.parametrize(
    ("today", "born", "age"),
    [
        ("2026-02-28", "2008-02-29", 17),
        ("2026-03-01", "2008-02-29", 18),
        ("2028-02-29", "2010-02-28", 18),
        ("2028-02-29", "2010-03-01", 17),
        ("2026-02-28", "2008-02-28", 18),
        ("2026-02-28", "1975-03-01", 50),
        ("2026-02-28", "1975-02-28", 51),
        ("2026-06-30", "2008-06-30", 18),
        ("2026-06-30", "2008-07-01", 17),
        ("2025-12-31", "2007-12-31", 18),
        ("2025-12-31", "2008-01-01", 17),
        ("2026-01-01", "2008-01-01", 18),
        ("2026-01-01", "1975-01-01", 51),
        ("2026-01-01", "1975-01-02", 50),
        ("2026-06-15", "1975-06-16", 50),
    ],
)
def test_age_is_full_years_by_the_calendar(desk: County, today: str, born: str, age: int) -> None:
    """G3: the birthday counts as reached; who was born on 29 February waits for 1 March in a common year."""
    desk.on(today)
    limits = {"guarantors": [{**G1}], "amount": "20000.00"}
    case_id = desk.apply(**woman(born), **limits)
    assert desk.decisions(case_id)[-1]["inputs"]["age"] == age
    assert desk.refusals(case_id) == ([] if 18 <= age <= 50 else ["AGE_RANGE"])


@pytest.mark.parametrize(
    ("today", "born", "found"),
    [("2029-02-28", "1968-02-29", []), ("2029-03-01", "1968-02-29", ["AGE_RANGE"])],
)
def test_sixty_lasts_until_the_first_of_march_for_a_woman_born_on_a_leap_day(
    desk: County, today: str, born: str, found: list[str]
) -> None:
    """POLICY-B: up to 60."""
    desk.on(today)
    case_id = desk.apply(**woman(born), guarantors=[G1], amount="20000.00")
    assert desk.refusals(case_id) == found


@pytest.mark.parametrize(("hour", "minute", "day", "found"), [(23, 59, 14, ["AGE_RANGE"]), (0, 0, 15, [])])
def test_a_birthday_begins_at_midnight_in_shanghai(
    desk: County, hour: int, minute: int, day: int, found: list[str]
) -> None:
    """Midnight in Shanghai is four in the afternoon in UTC."""
    desk.on(date(2026, 6, day), hour, minute)
    assert desk.refusals(desk.apply(**woman("2008-06-15"))) == found


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("20000", "20000.00"),
        ("20000.0", "20000.00"),
        ("８００００", "80000.00"),
        ("８０，０００．００", "80000.00"),
        ("80,000", "80000.00"),
        (" 30 000.00 ", "30000.00"),
        ("￥50,000.00元", "50000.00"),
        (50000, "50000.00"),
    ],
)
def test_amounts_are_read_as_people_write_them(desk: County, typed: Any, read: str) -> None:
    case_id = desk.apply(amount=typed)
    assert (desk.stored(case_id, "apply") or {})["amount"] == read
    assert desk.where(case_id) == "T_VillageReview"


def test_what_is_no_amount_is_an_error_at_the_field_and_is_never_rounded(desk: County) -> None:
    case_id = desk.begin()
    wrong = [
        "20 000.001", "20000.001", "20000.000", "79999.999", "-50000", "−50000", "+50000", "1e5", "5E4", "8,0000", "80,00",
        "五万", "8万", "NaN", "Infinity", "0x4e20", "50000.00.00", "5000²", "9" * 13, "0", "0.00", "", "  ", 50000.0, True, None,
        ["50000"], {"amount": "50000"}, "50000\u200b", "50000;DROP",
    ]  # fmt: skip
    for typed in wrong:
        problems = desk.problems(case_id, "v1chair", desk.form(amount=typed))
        assert set(problems) == {"amount"}, typed
        assert codes(problems) == set(), typed
    assert "不会四舍五入" in told(desk.problems(case_id, "v1chair", desk.form(amount="20000.001")))
    assert (desk.where(case_id), desk.stored(case_id, "apply")) == ("T_Apply", None)


@pytest.mark.parametrize(
    ("amount", "found"),
    [("19999.99", ["AMOUNT_RANGE"]), ("20000.00", []), ("20000.01", []), ("79999.99", []), ("80000.00", []), ("80000.01", ["AMOUNT_RANGE"])],
)  # fmt: skip
def test_two_and_eight_ten_thousand_are_both_included(desk: County, amount: str, found: list[str]) -> None:
    """G2."""
    assert desk.refusals(desk.apply(amount=amount)) == found


@pytest.mark.parametrize(
    ("applied", "amount", "found"),
    [
        ("2026-06-30", "80000.01", ["AMOUNT_RANGE"]),
        ("2026-07-01", "80000.01", []),
        ("2026-07-01", "300000.00", []),
        ("2026-07-01", "300000.01", ["AMOUNT_RANGE"]),
    ],
)
def test_a_policy_counts_from_its_first_day(desk: County, applied: str, amount: str, found: list[str]) -> None:
    """POLICY-B from 1 July: its first day included, the last day of June not."""
    desk.on("2026-06-15")
    case_id = desk.begin()
    desk.on(applied, 0)
    desk.submit(case_id, "v1chair", desk.form(amount=amount))
    assert desk.refusals(case_id) == found
    assert desk.line(case_id).applied_on == date.fromisoformat(applied)


@pytest.mark.parametrize(("code", "found"), [("V9", ["NOT_IN_AREA"]), ("T9", ["NOT_IN_AREA"]), ("V3", []), ("T2", [])])
def test_her_registration_decides_the_county_and_moves_the_case_inside_it(
    desk: County, code: str, found: list[str]
) -> None:
    """D5: hukou village. A township stands for women without a village unit; another county's is elsewhere."""
    case_id = desk.apply(hukou=desk.unit(code))
    assert desk.refusals(case_id) == found
    assert desk.code(desk.case(case_id).unit_id) == ("V1" if found else code)
    desk.set_policy(areaRequired=False)
    desk.withdraw(case_id, "loanworker")
    assert desk.refusals(desk.apply(hukou=desk.unit(code))) == []


@pytest.mark.parametrize(("declared", "found"), [(2, []), (3, ["ALREADY_ENJOYED"])])
def test_declared_and_registered_loans_are_not_added_up(desk: County, declared: int, found: list[str]) -> None:
    """POLICY-B, three times: one loan registered here may be one of those she declares."""
    desk.on("2026-03-02")
    first = desk.until(desk.apply(), "T_Disburse")
    desk.disburse(first)
    desk.on("2026-07-01")
    case_id = desk.apply(priorLoanDeclared=True, priorLoanCount=declared)
    assert desk.refusals(case_id) == found
    assert desk.decisions(case_id)[-1]["inputs"]["prior_disbursed"] == declared
