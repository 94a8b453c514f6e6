"""What a county may decide about mediation, and the defaults (processes.md §6, D5).

How long a mediation may last and how long its agreement can be confirmed are statutory or house limits of the table "sla"
(`med.duration`, `med.judicialConfirm`); here stand the county's own time limits for the steps, and what the gate reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from engine.clock import Period, Unit
from engine.messages import N_
from workflows.parameters import Parameter, Parameters, Problems, Sort
from workflows.sla_table import warn

_PARAMETERS = (
    Parameter("riskFreshDays", Sort.INTEGER, N_("危险评估几天内有效，过期须先重新评估"), "D5", Decimal(0), Decimal(7)),
    Parameter("warningMonths", Sort.INTEGER, N_("几个月内违反过告诫书的不得调解"), "D5", Decimal(6), Decimal(60)),
)
MEDIATION_PARAMETERS: Final[Mapping[str, Parameter]] = MappingProxyType({p.name: p for p in _PARAMETERS})
MEDIATION_A: Final[Mapping[str, Any]] = MappingProxyType({"riskFreshDays": 7, "warningMonths": 6})

_DEFAULT = N_("调解办理时限表（默认值，县级可调）")


def _period(key: str, amount: int, unit: Unit, escalates_to: str) -> Period:
    return Period(f"med.{key}", amount, unit, _DEFAULT, (escalates_to,), warns=(warn(1),) if amount > 1 else ())


_PERIODS = (
    _period("consent", 5, Unit.WORK, "RIGHTS_HEAD"),
    _period("appoint", 3, Unit.WORK, "RIGHTS_HEAD"),
    _period("sign", 5, Unit.WORK, "RIGHTS_HEAD"),
    _period("told", 3, Unit.WORK, "RIGHTS_HEAD"),
    _period("perform", 3, Unit.WORK, "RIGHTS_HEAD"),
)
MEDIATION_PERIODS: Final[Mapping[str, Period]] = MappingProxyType({p.key: p for p in _PERIODS})


def mediation_contradictions(parameters: Parameters) -> Problems:  # noqa: ARG001 - no two of them can contradict
    """None: a county may be stricter with each of them, and its bounds keep it from being milder."""
    return {}
