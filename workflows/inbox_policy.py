"""What a county may decide about its inboxes: how often somebody may urge."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from engine.messages import N_
from workflows.parameters import Parameter, Parameters, Problems, Sort

_OURS = N_("本县政策")

_PARAMETERS = (
    Parameter("urgeHours", Sort.INTEGER, N_("两次催办至少间隔（小时）"), _OURS, Decimal(1), Decimal(168)),
    Parameter("urgePerDay", Sort.INTEGER, N_("同一环节每人每天最多催办（次）"), _OURS, Decimal(1), Decimal(20)),
)
INBOX_PARAMETERS: Final[Mapping[str, Parameter]] = MappingProxyType({p.name: p for p in _PARAMETERS})
#: what holds where a county has decided nothing
INBOX_DEFAULTS: Final[Mapping[str, Any]] = MappingProxyType({"urgeHours": 4, "urgePerDay": 3})


def inbox_contradictions(parameters: Parameters) -> Problems:  # noqa: ARG001 - the two say nothing about each other
    """None: each value stands for itself."""
    return {}
