"""After how long a matter that no superior has looked at climbs to the next one, and how long a step may wait in vain.

Policy data of scope "supervision".
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from engine.clock import Period, Unit
from engine.messages import N_
from engine.supervision import WAITING

_CLAUSE = N_("督办事项逐级上报的时限（默认值，县级可调）")

_WAITS = N_("挂起事项的督办时限（默认值，县级可调）")


def _climb(key: str, amount: int, unit: Unit) -> Period:
    return Period(key, amount, unit, _CLAUSE, ("COUNTY_CHAIR",))


#: by level of the escalation; where life is in danger, by the hour
_PERIODS = (
    _climb("climb.warn", 2, Unit.WORK),
    _climb("climb.red", 1, Unit.WORK),
    _climb("climb.broken", 1, Unit.WORK),
    _climb("climb.danger.warn", 4, Unit.HOUR),
    _climb("climb.danger.red", 2, Unit.HOUR),
    _climb("climb.danger.broken", 1, Unit.HOUR),
    # a step that is still suspended so long after the day on which the papers were expected
    Period(WAITING, 5, Unit.WORK, _WAITS, ("COUNTY_CHAIR",)),
)
CLIMBING: Final[Mapping[str, Period]] = MappingProxyType({period.key: period for period in _PERIODS})
