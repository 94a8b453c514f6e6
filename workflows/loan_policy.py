"""What a county may decide about the loan, and the values of the seed (POLICY-A): processes.md §0.3, §0.4 D1 and D2, §1."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from engine.clock import Extension, Period, Unit
from engine.messages import N_, Message
from workflows.parameters import Parameter, Parameters, Problems, Sort, wrong
from workflows.sla_table import warn

_MONEY_TOP = Decimal("3000000.00")
_PROJECTS = ("PLANTING", "BREEDING", "PROCESSING", "SERVICE", "OTHER")
_EVIDENCE = ("REGISTRATION", "VILLAGE_STATEMENT", "FIRST_TIME")
_GUARANTORS = ("FISCAL_PAYROLL", "FISCAL_RETIRED", "FISCAL_CONTRACT", "TIME_DEPOSIT", "PRIVATE_EMPLOYEE", "OTHER")


def _money(name: str, label: str, clause: str) -> Parameter:
    return Parameter(name, Sort.MONEY, label, clause, Decimal("0.01"), _MONEY_TOP)


def _whole(name: str, label: str, clause: str, lowest: int, highest: int) -> Parameter:
    return Parameter(name, Sort.INTEGER, label, clause, Decimal(lowest), Decimal(highest))


_PARAMETERS = (
    _whole("minAge", N_("最低年龄（周岁）"), "S001-52", 16, 100),
    _whole("maxAge", N_("最高年龄（周岁）"), "S001-52", 16, 100),
    _money("minAmount", N_("最低贷款金额（元）"), "S001-51"),
    _money("maxAmount", N_("最高贷款金额（元）"), "S001-51"),
    _whole("maxTimes", N_("每人可享受次数"), "S001-50", 1, 20),
    _money("oneGuarantorMax", N_("一名担保人的金额上限（元）"), "S001-54"),
    Parameter(
        "boundary",
        Sort.CODE,
        N_("恰为上限时"),
        "G1",
        choices=("UPPER_INCLUSIVE", "UPPER_EXCLUSIVE"),
    ),
    _whole("maxTerm", N_("最长贷款期限（月）"), "P1", 1, 120),
    Parameter("allowSpouse", Sort.FLAG, N_("配偶可以担保"), "D2"),
    _whole("maxActive", N_("同一人同时担保的笔数上限"), "D2", 1, 20),
    Parameter("allowedKinds", Sort.CODES, N_("可接受的担保人类别"), "S001-53", Decimal(1), choices=_GUARANTORS),
    Parameter("allowRetired", Sort.FLAG, N_("财政供养退休人员可以担保"), "G11"),
    Parameter("allowContract", Sort.FLAG, N_("财政供养合同制人员可以担保"), "G11"),
    Parameter("excludedProjects", Sort.CODES, N_("不予支持的项目"), "D1", choices=_PROJECTS),
    Parameter("areaRequired", Sort.FLAG, N_("须为本县户籍"), "D1"),
    _money("siteVisitAbove", N_("超过此金额乡镇须实地抽查（元）"), "P1"),
    Parameter("evidenceKinds", Sort.CODES, N_("可接受的未就业证明"), "G18", Decimal(1), choices=_EVIDENCE),
    Parameter("subsidyRate", Sort.PERCENT, N_("财政贴息比例（%）"), "P1", highest=Decimal("100.00")),
)
LOAN_PARAMETERS: Final[Mapping[str, Parameter]] = MappingProxyType({p.name: p for p in _PARAMETERS})

#: POLICY-A, the seed defaults (scenarios.md, Fixtures)
POLICY_A: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "minAge": 18,
        "maxAge": 50,
        "minAmount": "20000.00",
        "maxAmount": "80000.00",
        "maxTimes": 1,
        "oneGuarantorMax": "30000.00",
        "boundary": "UPPER_INCLUSIVE",
        "maxTerm": 24,
        "allowSpouse": False,
        "maxActive": 2,
        "allowedKinds": ["FISCAL_PAYROLL", "TIME_DEPOSIT"],
        "allowRetired": False,
        "allowContract": False,
        "excludedProjects": [],
        "areaRequired": True,
        "siteVisitAbove": "50000.00",
        "evidenceKinds": ["REGISTRATION", "VILLAGE_STATEMENT", "FIRST_TIME"],
        "subsidyRate": "100.00",
    }
)

_DEFAULT = N_("小额贷款办理时限表（默认值，县级可调）")
_CORRECTION = N_("一次性告知后的补正期限（默认值，县级可调）")
_LONGER = N_("信用社审批确需延长的，经县妇联发展部部长批准（默认值，县级可调）")


#: the credit union may be given more time, once, by the federation's head of loans (a house rule, so a parameter)
_CREDIT_LONGER = Extension(("LOAN_HEAD",), 5, 1, 10, _LONGER, "P-06")


def _period(
    key: str,
    amount: int,
    unit: Unit,
    escalates_to: str,
    warned: int,
    *,
    pauses: bool = False,
    rolls: bool = False,
    extension: Extension | None = None,
) -> Period:
    clause = _CORRECTION if key == "loan.correction" else _DEFAULT
    return Period(key, amount, unit, clause, (escalates_to,), pauses, rolls, (warn(warned),), extension)


#: the time limits of POLICY-A: key, amount, unit, whom a broken one is escalated to, how many units before the end it warns,
#: whether it pauses during correction, and whether it is the applicant's own, which never ends on a day off
_PERIODS = (
    _period("loan.village.review", 5, Unit.WORK, "TOWN_CHAIR", 1, pauses=True),
    _period("loan.township.review", 5, Unit.WORK, "LOAN_HEAD", 1, pauses=True),
    _period("loan.credit.decision", 10, Unit.WORK, "LOAN_HEAD", 2, pauses=True, extension=_CREDIT_LONGER),
    _period("loan.final", 3, Unit.WORK, "LOAN_HEAD", 1, pauses=True),
    _period("loan.stamp", 3, Unit.WORK, "COUNTY_CHAIR", 1),
    _period("loan.correction", 15, Unit.CAL, "TOWN_CHAIR", 3, rolls=True),
    _period("loan.lapse", 5, Unit.WORK, "LOAN_HEAD", 1),
    _period("loan.refusal", 5, Unit.WORK, "LOAN_HEAD", 1),
    _period("loan.disburse", 30, Unit.CAL, "LOAN_WORKER", 5),
)
LOAN_PERIODS: Final[Mapping[str, Period]] = MappingProxyType({p.key: p for p in _PERIODS})


def loan_contradictions(parameters: Parameters) -> Problems:
    """Values that are each allowed but exclude one another."""
    problems: Problems = {}
    for low, high in (("minAge", "maxAge"), ("minAmount", "maxAmount"), ("oneGuarantorMax", "maxAmount")):
        seen = parameters.inputs
        if seen[low] > seen[high]:
            allowed = Message(
                N_("不大于“{other}”（{value}）"), {"other": Message(parameters.label(high)), "value": seen[high]}
            )
            problems[low] = [wrong(parameters.label(low), seen[low], allowed)]
    return problems
