"""Policy as data: what applies when, what may be entered, and the seed values of POLICY-A."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from engine.access import SYSTEM
from engine.clock import Period, Unit
from engine.errors import InvalidAnswers, NotFound
from tests.workflows.conftest import APPLICATION_DATE
from workflows import policy
from workflows.loan_policy import LOAN_PARAMETERS, LOAN_PERIODS, POLICY_A
from workflows.organisation import add_unit
from workflows.posts import POST_KIND, UnitKind

POLICY_B = {**POLICY_A, "maxAmount": "300000.00", "maxTimes": 3, "maxAge": 60}


@pytest.fixture
def county(connection):
    return add_unit(connection, parent_id=None, kind=UnitKind.COUNTY, name="县", code="C1").id


@pytest.fixture
def add(connection, county):
    """Add a version of the loan policy of POLICY-A, changed as asked."""

    def added(**changed):
        given = {
            "county_id": county,
            "scope": "loan",
            "valid_from": date(2014, 1, 1),
            "label": "首版",
            "values": POLICY_A,
            "periods": LOAN_PERIODS,
            "at": APPLICATION_DATE,
            "by": SYSTEM.id,
        }
        return policy.add_policy(connection, **(given | changed))

    return added


def problems_of(add, **changed):
    with pytest.raises(InvalidAnswers) as refused:
        add(**changed)
    return {field: "；".join(map(str, messages)) for field, messages in refused.value.problems.items()}


def test_policy_a_reads_back_in_its_types(add):
    read = add().parameters.inputs
    assert read["minAge"] == 18
    assert read["maxAge"] == 50
    assert (read["minAmount"], read["maxAmount"]) == (Decimal("20000.00"), Decimal("80000.00"))
    assert (read["oneGuarantorMax"], read["boundary"]) == (Decimal("30000.00"), "UPPER_INCLUSIVE")
    assert read["allowedKinds"] == ("FISCAL_PAYROLL", "TIME_DEPOSIT")
    assert (read["maxTimes"], read["maxTerm"], read["maxActive"]) == (1, 24, 2)
    assert (read["allowSpouse"], read["allowRetired"], read["allowContract"]) == (False, False, False)
    assert read.keys() == LOAN_PARAMETERS.keys() == POLICY_A.keys()


@pytest.mark.parametrize(
    ("key", "amount", "unit", "escalates_to", "pauses"),
    [
        ("loan.village.review", 5, Unit.WORK, "TOWN_CHAIR", True),
        ("loan.township.review", 5, Unit.WORK, "LOAN_HEAD", True),
        ("loan.credit.decision", 10, Unit.WORK, "LOAN_HEAD", True),
        ("loan.final", 3, Unit.WORK, "LOAN_HEAD", True),
        ("loan.stamp", 3, Unit.WORK, "COUNTY_CHAIR", False),
        ("loan.correction", 15, Unit.CAL, "TOWN_CHAIR", False),
        ("loan.lapse", 5, Unit.WORK, "LOAN_HEAD", False),
        ("loan.refusal", 5, Unit.WORK, "LOAN_HEAD", False),
        ("loan.disburse", 30, Unit.CAL, "LOAN_WORKER", False),
    ],
)
def test_the_time_limits_of_policy_a(add, key, amount, unit, escalates_to, pauses):
    period = add().period(key)
    assert (period.key, period.amount, period.unit) == (key, amount, unit)
    assert (period.escalates_to, period.pauses) == ((escalates_to,), pauses)
    assert period.clause


def test_every_time_limit_is_listed_above(add):
    found = add()
    assert len(found.periods) == 9
    with pytest.raises(NotFound, match=r"loan\.unknown"):
        found.period("loan.unknown")


@pytest.mark.parametrize(
    ("on", "limit"),
    [
        (date(2026, 6, 15), "80000.00"),
        (date(2026, 6, 30), "80000.00"),
        (date(2026, 7, 1), "300000.00"),
        (date(2027, 1, 1), "300000.00"),
    ],
)
def test_a_policy_applies_from_its_first_day(connection, county, add, on, limit):
    add()
    add(valid_from=date(2026, 7, 1), label="2026 版", values=POLICY_B)
    assert policy.policy_on(connection, county, "loan", on).parameters.decimal("maxAmount") == Decimal(limit)


def test_of_two_versions_with_the_same_first_day_the_later_entered_applies(connection, county, add):
    for values in (POLICY_A, POLICY_B):
        newest = add(valid_from=date(2026, 7, 1), values=values)
    assert policy.policy_on(connection, county, "loan", date(2026, 7, 1)) == newest


def test_before_the_first_version_nothing_applies(connection, county, add):
    add()
    with pytest.raises(NotFound, match="2013-12-31"):
        policy.policy_on(connection, county, "loan", date(2013, 12, 31))
    with pytest.raises(NotFound):
        policy.policy_by_id(connection, 999)


def test_another_countys_policy_does_not_apply(connection, add):
    add()
    other = add_unit(connection, parent_id=None, kind=UnitKind.COUNTY, name="邻县", code="C2").id
    with pytest.raises(NotFound):
        policy.policy_on(connection, other, "loan", date(2026, 6, 15))


def test_a_case_keeps_the_version_it_was_given(connection, add):
    first = add()
    add(valid_from=date(2026, 7, 1), values=POLICY_B)
    assert policy.policy_by_id(connection, first.id) == first
    assert first.version == f"首版（2014-01-01 起，第 {first.id} 号）"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("maxAge", 101, "最高年龄（周岁）：现为“101”，应为 16 至 100 的整数"),
        ("maxAge", "50", "整数"),
        ("maxAge", True, "现为“是”"),
        ("maxAmount", "80000.001", "最多两位小数"),
        ("maxAmount", "-1", "最多两位小数"),
        ("maxAmount", 80000.5, "最多两位小数"),
        ("maxAmount", True, "最多两位小数"),
        ("maxAmount", "9999999.00", "0.01 至 3000000.00 元"),
        ("subsidyRate", "100.01", "0 至 100.00"),
        ("allowSpouse", 0, "“是”或“否”"),
        ("boundary", "LOWER", "UPPER_INCLUSIVE、UPPER_EXCLUSIVE"),
        ("allowedKinds", [], "若干项"),
        ("allowedKinds", ["FRIEND"], "现为“FRIEND”"),
        ("allowedKinds", ["TIME_DEPOSIT", "TIME_DEPOSIT"], "不重复"),
        ("allowedKinds", "TIME_DEPOSIT", "若干项"),
    ],
)
def test_a_value_that_is_not_allowed_is_refused_with_what_is(add, name, value, said):
    found = problems_of(add, values={**POLICY_A, name: value})
    assert found.keys() == {name}
    assert said in found[name]


def test_money_is_stored_with_two_places_however_it_was_typed(add):
    parameters = add(values={**POLICY_A, "maxAmount": 80000, "minAmount": "２０，０００元"}).parameters
    assert parameters.values["maxAmount"] == "80000.00"
    assert parameters.values["minAmount"] == "20000.00"


@pytest.mark.parametrize(
    ("low", "value"),
    [("minAge", 51), ("minAmount", "80000.01"), ("oneGuarantorMax", "80000.01")],
)
def test_a_lower_bound_above_the_upper_one_is_refused(add, low, value):
    found = problems_of(add, values={**POLICY_A, low: value})
    assert "应为不大于" in found[low]


def test_every_problem_is_told_at_once(add):
    values = {name: value for name, value in POLICY_A.items() if name != "maxAge"} | {"minAge": 1, "surprise": 1}
    periods = {key: period for key, period in LOAN_PERIODS.items() if key != "loan.stamp"} | {
        "loan.new": LOAN_PERIODS["loan.final"]
    }
    found = problems_of(add, values=values, periods=periods, label=" ")
    assert found.keys() == {"maxAge", "minAge", "surprise", "loan.stamp", "loan.new", "label"}
    assert found["maxAge"] == "缺少“最高年龄（周岁）”"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"amount": -1}, "0 至 500"),
        ({"amount": 501}, "0 至 500"),
        ({"amount": True}, "0 至 500"),
        ({"amount": 731, "unit": Unit.CAL}, "0 至 730"),
        ({"clause": " "}, "时限依据"),
        ({"escalates_to": ()}, "逾期提醒的岗位"),
        ({"escalates_to": ("NOBODY",)}, "现为“NOBODY”"),
    ],
)
def test_a_time_limit_that_is_not_allowed_is_refused(add, changed, said):
    periods = {**LOAN_PERIODS, "loan.stamp": replace(LOAN_PERIODS["loan.stamp"], **changed)}
    found = problems_of(add, periods=periods)
    assert found.keys() == {"loan.stamp"}
    assert said in found["loan.stamp"]


def test_after_the_first_version_nothing_takes_effect_in_the_past(add):
    add()
    assert "今天（2026-06-15）或以后" in problems_of(add, valid_from=date(2026, 6, 14))["valid_from"]
    assert add(valid_from=date(2026, 6, 15)).valid_from == date(2026, 6, 15)


def test_a_parameter_read_as_something_else_is_a_programming_error(add):
    parameters = add().parameters
    with pytest.raises(KeyError, match="integer"):
        parameters.flag("maxAge")
    assert parameters.label("maxAge") == "最高年龄（周岁）"
    assert parameters.clause("maxAge") == "S001-52"


def test_broken_time_limits_of_the_seed_are_escalated_to_posts_that_exist():
    assert {post for period in LOAN_PERIODS.values() for post in period.escalates_to} <= POST_KIND.keys()
    assert all(isinstance(period, Period) for period in LOAN_PERIODS.values())
