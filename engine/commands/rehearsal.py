"""The world of a move that is only tried, for pages that say beforehand what it would lead to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Rehearsed:
    """The world of a move that is only tried: nothing is asked, nothing starts."""

    now: datetime

    def decide(self, decision: str, facts: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: ARG002 - a move decides nothing
        """Nothing."""
        return {}

    def perform(self, operation: str, facts: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: ARG002 - nor does anything
        """Nothing."""
        return {}

    def due(self, sla: str, element: str) -> datetime:  # noqa: ARG002 - no clock is armed
        """Now."""
        return self.now
