"""CALFIX of scenarios.md: a test calendar, not the official one."""

from __future__ import annotations

from datetime import date

from engine.clock import Calendar

CALFIX = Calendar(
    {
        **{date(2026, 5, d): False for d in range(1, 6)},
        date(2026, 6, 19): False,
        **{date(2026, 10, d): False for d in range(1, 8)},
        date(2026, 5, 9): True,
        date(2026, 10, 10): True,
    },
    frozenset({2026}),
    {
        **{date(2026, 5, d): "劳动节" for d in range(1, 6)},
        date(2026, 6, 19): "端午节",
        **{date(2026, 10, d): "国庆节" for d in range(1, 8)},
        date(2026, 5, 9): "劳动节补班",
        date(2026, 10, 10): "国庆节补班",
    },
)
