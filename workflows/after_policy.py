"""What a county may decide about loans that were paid out, and the defaults (processes.md §1 step 13, D9; 民法典 692).

Days before and after the due date are parameters, so that the table D9 and the clocks of the drawing read the same number.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from itertools import pairwise
from types import MappingProxyType
from typing import Any, Final

from engine.clock import Period, Unit
from engine.messages import N_, Message
from workflows.parameters import Parameter, Parameters, Problems, Sort, wrong

_MONEY_TOP = Decimal("3000000.00")


def _days(name: str, label: str, lowest: int = 1, highest: int = 730) -> Parameter:
    return Parameter(name, Sort.INTEGER, label, "D9", Decimal(lowest), Decimal(highest))


def _months(name: str, label: str, clause: str, lowest: int, highest: int) -> Parameter:
    return Parameter(name, Sort.INTEGER, label, clause, Decimal(lowest), Decimal(highest))


_PARAMETERS = (
    _days("visitFirstDays", N_("放款后第几天第一次走访")),
    _months("visitEveryMonths", N_("以后每几个月走访一次"), "P1", 1, 24),
    _days("remindFirst", N_("到期前第几天第一次提醒")),
    _days("remindSecond", N_("到期前第几天第二次提醒")),
    _days("reminderFrom", N_("逾期第几天起为“提醒”")),
    _days("attentionFrom", N_("逾期第几天起为“关注”")),
    _days("riskFrom", N_("逾期第几天起为“风险”")),
    _days("defaultFrom", N_("逾期第几天起为“违约”")),
    _months("extensionMonths", N_("展期最长几个月"), "B5", 0, 36),
    _months("guaranteeMonths", N_("没有约定时的保证期间（月）"), "CC692", 1, 36),
    Parameter("villageDefaultRate", Sort.PERCENT, N_("村违约率上限（%）"), "P1", highest=Decimal("100.00")),
    Parameter("subsidyMaxAmount", Sort.MONEY, N_("贴息的本金上限（元）"), "B5", Decimal("0.01"), _MONEY_TOP),
    Parameter("subsidyMaxRate", Sort.PERCENT, N_("贴息的年利率上限（%）"), "B5", highest=Decimal("100.00")),
    _months("subsidyMaxMonths", N_("贴息最长几个月"), "B5", 1, 120),
    Parameter("interestYearDays", Sort.INTEGER, N_("计息年天数"), "P1", Decimal(360), Decimal(366)),
)
AFTER_PARAMETERS: Final[Mapping[str, Parameter]] = MappingProxyType({p.name: p for p in _PARAMETERS})

AFTER_A: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "visitFirstDays": 90,
        "visitEveryMonths": 6,
        "remindFirst": 30,
        "remindSecond": 7,
        "reminderFrom": 1,
        "attentionFrom": 15,
        "riskFrom": 60,
        "defaultFrom": 90,
        "extensionMonths": 12,
        "guaranteeMonths": 6,
        "villageDefaultRate": "5.00",
        "subsidyMaxAmount": "80000.00",
        "subsidyMaxRate": "10.00",
        "subsidyMaxMonths": 24,
        "interestYearDays": 360,
    }
)

_DEFAULT = N_("小额贷款贷后管理时限表（默认值，县级可调）")


def _period(key: str, amount: int, unit: Unit, escalates_to: str) -> Period:
    return Period(f"loan_after.{key}", amount, unit, _DEFAULT, (escalates_to,))


#: how long each piece of work may take once it is there, and the credit union's own day (`due`: 24:00 of the due date)
_PERIODS = (
    _period("visit.do", 10, Unit.WORK, "TOWN_CHAIR"),
    _period("remind", 3, Unit.WORK, "TOWN_CHAIR"),
    _period("town_visit", 5, Unit.WORK, "LOAN_HEAD"),
    _period("plan", 10, Unit.WORK, "LOAN_HEAD"),
    _period("plan.agree", 5, Unit.WORK, "LOAN_HEAD"),
    _period("guarantor", 10, Unit.CAL, "LOAN_HEAD"),
    _period("decide", 15, Unit.WORK, "COUNTY_CHAIR"),
    _period("recheck", 30, Unit.CAL, "LOAN_HEAD"),
    _period("extension", 10, Unit.WORK, "COUNTY_CHAIR"),
    _period("due", 0, Unit.CAL, "LOAN_WORKER"),
)
AFTER_PERIODS: Final[Mapping[str, Period]] = MappingProxyType({p.key: p for p in _PERIODS})

#: clocks that hang on a date of the loan → the parameter that says how many days away from it
ANCHORED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "loan_after.visit": "visitFirstDays",
        "loan_after.before.first": "remindFirst",
        "loan_after.before.second": "remindSecond",
        "loan_after.extension.open": "remindFirst",
        "loan_after.band.reminder": "reminderFrom",
        "loan_after.band.attention": "attentionFrom",
        "loan_after.band.risk": "riskFrom",
        "loan_after.band.default": "defaultFrom",
        "loan_after.extension.ask": "defaultFrom",
    }
)

_ASCENDING = ("reminderFrom", "attentionFrom", "riskFrom", "defaultFrom")


def after_contradictions(parameters: Parameters) -> Problems:
    """Bands must follow each other, and the second reminder comes after the first."""
    problems: Problems = {}
    seen = parameters.inputs
    for low, high in (*pairwise(_ASCENDING), ("remindSecond", "remindFirst")):
        if seen[low] >= seen[high]:
            allowed = Message(
                N_("小于“{other}”（{value}）"), {"other": Message(parameters.label(high)), "value": seen[high]}
            )
            problems[low] = [wrong(parameters.label(low), seen[low], allowed)]
    return problems
