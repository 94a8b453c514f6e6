"""Duties and orders that stand in place of consent, as they come with the software: clause, first day, bodies, kinds of data.

A row of `model_disclosure.legal_basis` with the same code takes the place of one of these; further rows are added to them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final


@dataclass(frozen=True)
class Basis:
    """One duty; `kinds` None: what the purpose needs. `valid_until` is its last day, None when no end is known."""

    code: str
    clause: str
    title: str
    valid_from: date
    recipients: tuple[str, ...]
    purposes: tuple[str, ...]
    kinds: tuple[str, ...] | None
    valid_until: date | None = None


_DANGER: Final = ("IDENTITY", "CONTACT", "FACTS", "HEALTH", "CHILD", "WHEREABOUTS")
SHIPPED: Final = (
    Basis(
        "DVL14",
        "反家庭暴力法第14条",
        "无、限制民事行为能力人遭受家庭暴力的强制报告",
        date(2016, 3, 1),
        ("POLICE",),
        ("REPORT",),
        _DANGER,
    ),
    Basis(
        "DVL17",
        "反家庭暴力法第17条",
        "告诫书的通知与查访",
        date(2016, 3, 1),
        ("POLICE", "COMMITTEE"),
        ("WARNING",),
        ("IDENTITY", "FACTS"),
    ),
    Basis(
        "DVL23",
        "反家庭暴力法第23条",
        "代为申请人身安全保护令",
        date(2016, 3, 1),
        ("COURT",),
        ("PROTECTION",),
        ("IDENTITY", "CONTACT", "FACTS", "HEALTH", "CHILD"),
    ),
    Basis(
        "UMP11",
        "未成年人保护法第11条",
        "未成年人受侵害、疑似受侵害或面临危险的立即报告",
        date(2021, 6, 1),
        ("POLICE", "CIVIL_AFFAIRS", "EDUCATION"),
        ("REPORT",),
        _DANGER,
    ),
    Basis(
        "ORDER",
        "法院、检察院、公安机关的调取决定",
        "依法调取证据",
        date(1997, 1, 1),
        ("POLICE", "COURT", "PROCURATORATE"),
        ("EVIDENCE",),
        None,
    ),
)
