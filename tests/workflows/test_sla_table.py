"""The table of time limits: every key of processes.md §0.3, what the law fixes, and the file a county brings in."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import func, select

from engine.access import SYSTEM
from engine.clock import Extension, Level, Unit, WarnPoint
from tests.workflows.conftest import APPLICATION_DATE
from workflows import model, policy
from workflows.loan_policy import LOAN_PERIODS, POLICY_A
from workflows.organisation import add_unit
from workflows.period_file import HEAD, RefusedPeriods, import_periods, read_periods, table
from workflows.period_rules import period_from, period_json, period_problems, wrong_period
from workflows.posts import UnitKind
from workflows.sla_table import SLA_PERIODS

#: processes.md §0.3, first column
KEYS = [
    "loan.village.review",
    "loan.township.review",
    "loan.credit.decision",
    "loan.stamp",
    "loan.correction",
    "pet.register",
    "pet.notice",
    "pet.objection",
    "pet.conclude",
    "pet.extend",
    "pet.review.ask",
    "pet.review.answer",
    "pet.village.handle",
    "hotline.handover",
    "dv.screen",
    "dv.risk.full",
    "dv.mandatoryReport",
    "dv.high.plan",
    "dv.conference.high",
    "dv.referral.reply",
    "pso.court",
    "pso.expiry.remind",
    "dv.followup",
    "warning.visit",
    "med.duration",
    "med.judicialConfirm",
    "lab.mediation",
    "lab.limitation",
    "aid.publicNotice",
    "reg",
    "visit.year",
]
EVERY = {**LOAN_PERIODS, **SLA_PERIODS}


@pytest.fixture
def county(connection):
    return add_unit(connection, parent_id=None, kind=UnitKind.COUNTY, name="县", code="C1").id


@pytest.fixture
def bring_in(connection, county):
    policy.add_policy(connection, county_id=county, scope="loan", valid_from=date(2014, 1, 1), label="首版", values=POLICY_A,
                      periods=LOAN_PERIODS, at=APPLICATION_DATE, by=SYSTEM.id)  # fmt: skip

    def brought(text: str, **changed):
        given = {"county_id": county, "valid_from": date(2026, 7, 1), "label": "新表", "at": APPLICATION_DATE, "by": 1}
        return import_periods(connection, text.encode(), **(given | changed))

    return brought


def line(**changed: str) -> str:
    plain = {"key": "pet.conclude", "amount": "50", "unit": "CAL", "clause": "《信访工作条例》第三十四条", "warns": "warn+40 red-3",
             "escalates_to": "COUNTY_CHAIR", "pauses": "否", "rolls": "否", "extend_by": "COUNTY_CHAIR", "extend_most": "20",
             "extend_times": "1", "extend_clause": "条例 34"} | changed  # fmt: skip
    return ",".join(plain[name] for name in HEAD) + "\n"


@pytest.mark.parametrize("key", KEYS)
def test_every_key_of_the_table_is_there(key):
    assert any(known == key or known.startswith(f"{key}.") for known in EVERY)


def test_the_defaults_keep_their_own_rules_and_every_one_warns_or_is_due_the_same_day():
    assert period_problems(SLA_PERIODS, SLA_PERIODS) == {}
    assert period_problems(LOAN_PERIODS, LOAN_PERIODS) == {}
    assert all(period.warns or period.amount == 0 for period in EVERY.values())


def test_a_recheck_alone_may_wait_for_its_hearing():
    assert [key for key, period in SLA_PERIODS.items() if period.pauses and key.startswith("pet.")] == [
        "pet.recheck.answer"
    ]


@pytest.mark.parametrize(
    "key", [key for key in SLA_PERIODS if key.split(".")[0] in ("pet", "dv") and key != "pet.recheck.answer"]
)
def test_no_policy_lets_a_petition_or_a_case_of_violence_wait(key):
    assert not SLA_PERIODS[key].pauses
    (wrong,) = wrong_period(replace(SLA_PERIODS[key], pauses=True))
    assert "不得暂停" in str(wrong)


@pytest.mark.parametrize(
    ("key", "changed", "word"),
    [
        ("pet.conclude", {"amount": 61}, "不超过法定的 60"),
        ("pet.notice", {"unit": Unit.WORK}, "法定的 CAL"),
        ("pet.review.ask", {"amount": 29}, "不少于法定的 30"),
        ("pet.conclude", {"extension": Extension(("COUNTY_CHAIR",), 31)}, "1 至 30"),
        ("pet.conclude", {"extension": Extension(("COUNTY_CHAIR",), 30, 2)}, "延期次数"),
        ("pet.notice", {"extension": Extension(("COUNTY_CHAIR",), 5)}, "不得延期"),
        ("reg.collect", {"amount": 231}, "月日四位数"),
        ("reg.collect", {"pauses": True}, "不能暂停"),
        ("med.duration", {"warns": (WarnPoint(Level.WARN, 31),)}, "0 至 30"),
        ("med.duration", {"warns": (WarnPoint(Level.BROKEN, 3),)}, "warn"),
        ("med.duration", {"warns": (WarnPoint(Level.WARN, 3), WarnPoint(Level.RED, 3))}, "互不重复"),
        ("med.duration", {"warns": (WarnPoint(Level.WARN, 3, True, ("NOBODY",)),)}, "NOBODY"),
        ("med.duration", {"escalates_to": ()}, "至少一个"),
        ("dv.screen", {"amount": -1}, "0 至 17520"),
    ],
)
def test_what_the_law_or_the_calendar_forbids_is_refused_with_what_is_allowed(key, changed, word):
    assert word in "；".join(map(str, wrong_period(replace(SLA_PERIODS[key], **changed))))


@pytest.mark.parametrize("key", EVERY)
def test_a_period_is_stored_and_read_back(key):
    assert period_from(key, period_json(EVERY[key])) == EVERY[key]


def test_a_period_of_before_there_were_warnings_is_read_without_any():
    stored = {"amount": 5, "unit": "WORK", "clause": "x", "escalates_to": ["TOWN_CHAIR"], "pauses": True}
    read = period_from("loan.village.review", stored)
    assert (read.warns, read.extension, read.rolls) == ((), None, False)


def test_the_table_goes_out_and_comes_back_the_same():
    assert {each.period.key: each.period for each in read_periods(table(EVERY).encode())} == EVERY


def test_a_file_makes_new_versions_of_the_policies_it_touches_and_leaves_the_rest(bring_in, connection, county):
    text = (
        ",".join(HEAD) + "\n" + line() + line(key="loan.stamp", amount="2", unit="WORK", warns="warn-1", extend_by="")
    )
    made = bring_in(text)
    assert sorted(each.scope for each in made) == ["loan", "petition"]
    old, new = (policy.policy_on(connection, county, "loan", date(2026, month, 1)) for month in (6, 7))
    assert (old.period("loan.stamp").amount, new.period("loan.stamp").amount) == (3, 2)
    assert new.period("loan.village.review") == LOAN_PERIODS["loan.village.review"]
    assert new.parameters.values == old.parameters.values
    conclude = policy.policy_on(connection, county, "petition", date(2026, 7, 1)).period("pet.conclude")
    assert (conclude.amount, conclude.warns) == (50, (WarnPoint(Level.WARN, 40, False), WarnPoint(Level.RED, 3)))
    assert conclude.extension == Extension(("COUNTY_CHAIR",), 20, 1, clause="条例 34")


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        (line(pauses="是"), "第 2 行：可否暂停"),
        (line(amount="六十"), "第 2 行：amount：现为“六十”，应为整数"),
        (line(unit="DAY"), "第 2 行：unit：现为“DAY”"),
        (line(key="pet.nothing"), "第 2 行：key：现为“pet.nothing”"),
        (line(warns="amber45"), "第 2 行：warns：现为“amber45”"),
        (line(rolls="maybe"), "第 2 行：rolls：现为“maybe”"),
        (line() + line(), "第 3 行：pet.conclude 重复出现"),
        (line(amount="90"), "第 2 行：时限长度：现为“90”，应为不超过法定的 60"),
        ("x\n", "第 2 行：应有 12 列"),
        ("", "没有任何时限"),
    ],
)  # fmt: skip
def test_a_wrong_cell_is_named_by_row_and_column_and_nothing_is_imported(bring_in, connection, text, wrong):
    before = connection.execute(select(func.count()).select_from(model.policy)).scalar()
    with pytest.raises(RefusedPeriods) as refused:
        bring_in(",".join(HEAD) + "\n" + text)
    assert wrong in str(refused.value)
    assert connection.execute(select(func.count()).select_from(model.policy)).scalar() == before


def test_a_file_with_another_head_or_of_another_kind_is_refused():
    for content in (b"a,b\n", b"\xff\xfe", b"x" * (256 * 1024 + 1)):
        with pytest.raises(RefusedPeriods):
            read_periods(content)
