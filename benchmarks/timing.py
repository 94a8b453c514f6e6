"""Durations, and how they are told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Parts:
    """One completion in seconds: reading the state, letting the drawing move, writing the state."""

    load: float
    run: float
    save: float

    @property
    def total(self) -> float:
        """All three."""
        return self.load + self.run + self.save


def ms(seconds: float) -> float:
    """Milliseconds, to the microsecond."""
    return round(seconds * 1000, 3)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` (0..1) of the sorted values lie; 0.0 of nothing."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(len(ranked) * share))] if ranked else 0.0


def middle(values: Sequence[float]) -> float:
    """The median; 0.0 of nothing."""
    return median(values) if values else 0.0
