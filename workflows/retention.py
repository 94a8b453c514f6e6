"""How long a closed dossier is kept (档案法实施条例 2024 art. 19-24, 39; 档案局令第8号; domain.md B6), as data.

Every federation fixes its own table, approved by the archive office of its level; this one is the default.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from engine.access import CONFIDENTIAL
from engine.messages import N_

#: years of a confidential dossier: domestic violence, minors, complaints about staff
CONFIDENTIAL_YEARS: Final = 30
#: years of other dossiers by kind of case, and of kinds that are not named
YEARS: Final[Mapping[str, int]] = MappingProxyType({"loan": 10})
ORDINARY_YEARS: Final = 10
#: after so many years a county's dossiers go to the county archive
TRANSFER_AFTER: Final = 10


class Stage(StrEnum):
    """Where a closed dossier is in its life."""

    KEPT = "kept"
    TRANSFER = "transfer"
    APPRAISE = "appraise"


STAGE_NAMES: Final[Mapping[Stage, str]] = MappingProxyType(
    {
        Stage.KEPT: N_("在本单位保管"),
        Stage.TRANSFER: N_("应移交县档案馆"),
        Stage.APPRAISE: N_("保管期限已满，待鉴定（未经鉴定不得销毁）"),
    }
)


@dataclass(frozen=True)
class Term:
    """How many years a dossier is kept, and the last day of them."""

    years: int
    until: date
    stage: Stage


def term_of(kind: str, confidentiality: str, ended_on: date, today: date) -> Term:
    """The term of a dossier that was closed on a day, counted from that day."""
    years = CONFIDENTIAL_YEARS if confidentiality in CONFIDENTIAL else YEARS.get(kind, ORDINARY_YEARS)
    until = _after(ended_on, years)
    stage = Stage.KEPT
    if today > until:
        stage = Stage.APPRAISE
    elif today > _after(ended_on, TRANSFER_AFTER):
        stage = Stage.TRANSFER
    return Term(years, until, stage)


def _after(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return date(day.year + years, 2, 28)
