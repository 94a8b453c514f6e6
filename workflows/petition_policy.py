"""What a county may decide about petitions, and the defaults (processes.md §0.3 pet.*, §2).

The time limits the law sets stand in `sla_table` with everything else of §0.3; here they are joined by the house's own, so that
one policy version of a county holds all the clocks of the petition.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from engine.clock import Period, Unit
from engine.messages import N_, Message
from workflows.parameters import Parameter, Parameters, Problems, Sort, wrong
from workflows.sla_table import SLA_PERIODS, warn


def _whole(name: str, label: str, clause: str, lowest: int, highest: int) -> Parameter:
    return Parameter(name, Sort.INTEGER, label, clause, Decimal(lowest), Decimal(highest))


_PARAMETERS = (
    _whole("collectiveMin", N_("几人以上为群体信访"), "S001-4", 2, 100),
    _whole("repeatMin", N_("第几次起为重复信访"), "S001-4", 2, 20),
    _whole("matchYears", N_("查找同一事项的年数"), "B2", 1, 20),
    Parameter(
        "villageSimple",
        Sort.CODES,
        N_("村级可以调处的类别"),
        "S001-3",
        choices=("FAMILY", "CUSTODY", "PROPERTY", "AID", "EDUCATION", "OTHER"),
    ),
    Parameter("countyCategories", Sort.CODES, N_("由县级办理的类别"), "S001-4", choices=("LAND", "DEMOLITION", "HARASSMENT")),
)  # fmt: skip
PETITION_PARAMETERS: Final[Mapping[str, Parameter]] = MappingProxyType({p.name: p for p in _PARAMETERS})

PETITION_A: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "collectiveMin": 5,
        "repeatMin": 2,
        "matchYears": 3,
        "villageSimple": ["FAMILY", "CUSTODY", "PROPERTY", "OTHER"],
        "countyCategories": ["LAND", "DEMOLITION"],
    }
)

_HOUSE = N_("信访办理时限表（默认值，县级可调）")
_BODY = N_("《妇女权益保障法》第七十三条及信访办理时限表（默认值，县级可调）")


def _period(key: str, amount: int, unit: Unit, escalates_to: str, warned: int = 1, clause: str = _HOUSE) -> Period:
    return Period(f"pet.{key}", amount, unit, clause, (escalates_to,), warns=(warn(warned),))


_OWN = (
    _period("match", 1, Unit.WORK, "RIGHTS_HEAD"),
    _period("objection.reply", 5, Unit.WORK, "RIGHTS_HEAD"),
    _period("dispute", 5, Unit.WORK, "COUNTY_CHAIR"),
    _period("body.answer", 30, Unit.CAL, "RIGHTS_HEAD", 5, _BODY),
    _period("urge", 5, Unit.WORK, "RIGHTS_HEAD"),
    _period("assigned.report", 30, Unit.CAL, "RIGHTS_HEAD", 5),
    _period("letter.answer", 30, Unit.CAL, "RIGHTS_HEAD", 5, _BODY),
    _period("deliver", 5, Unit.WORK, "RIGHTS_HEAD"),
    _period("answer", 15, Unit.CAL, "RIGHTS_HEAD", 3),
    _period("close", 5, Unit.WORK, "COUNTY_CHAIR"),
    _period("withdraw.check", 3, Unit.WORK, "RIGHTS_HEAD"),
    _period("withdraw.wait", 30, Unit.CAL, "RIGHTS_HEAD", 5),
    _period("withdraw.followup", 3, Unit.WORK, "RIGHTS_HEAD"),
)
#: the clocks that came with the table of §0.3 and belong to this process
_GIVEN: Final = ("pet", "hotline")
PETITION_PERIODS: Final[Mapping[str, Period]] = MappingProxyType(
    {
        **{key: period for key, period in SLA_PERIODS.items() if key.partition(".")[0] in _GIVEN},
        **{p.key: p for p in _OWN},
    }
)


def petition_contradictions(parameters: Parameters) -> Problems:
    """A category is the village's or the county's, not both."""
    seen = parameters.inputs
    both = set(seen["villageSimple"]) & set(seen["countyCategories"])
    if not both:
        return {}
    allowed = Message(N_("不与“{other}”重复"), {"other": Message(parameters.label("countyCategories"))})
    return {"villageSimple": [wrong(parameters.label("villageSimple"), "、".join(sorted(both)), allowed)]}
