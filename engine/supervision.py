"""What an organisation says about supervision: who stands above whom, how long they may leave it, what weighs most.

The rows are in `engine.model_escalation`, the verbs in `engine.commands.escalations`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

from engine.clock import Period, Unit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Row

    from engine.messages import Message
    from engine.process_type import CaseView, ProcessType

#: from a first reminder to a broken clock
LEVELS: Final = ("warn", "red", "broken")
#: the time a suspended step may go on waiting after its expected day has passed; no process type's own
WAITING: Final = "wait.overrun"

#: posts that are told together: (post, unit id) of each
Rung = tuple[tuple[str, int], ...]


class Supervision(Protocol):
    """What the organisation hands to the engine."""

    def chain(self, view: CaseView, process: ProcessType, period: Period) -> Sequence[Rung]:
        """Those a clock is lifted to, the nearest first, up to the top of the units."""

    def patience(self, view: CaseView, period: Period, level: str) -> Period:
        """How long an escalation may wait unacknowledged on one rung before it climbs to the next."""

    def waiting(self, view: CaseView, post: str) -> Period:
        """How long a step of a post may stay suspended after its expected day, and which posts learn that it has passed."""

    def stand_in(self, post: str, other: str) -> Message | None:
        """Why the work of a post may not be done by another one that stands above it; None when it may."""

    def risk(self, case: Row[Any], period: Period) -> int:
        """The legal risk of leaving it: 0 is the gravest. Law before house rule, danger before complaint before money."""


class PlainSupervision:
    """No tree of units: the superiors a period names are the only rung, and have one working day."""

    def chain(self, view: CaseView, process: ProcessType, period: Period) -> Sequence[Rung]:
        """The posts the period names."""
        told = tuple(process.superiors(view, period.escalates_to))
        return (told,) if told else ()

    def patience(self, view: CaseView, period: Period, level: str) -> Period:  # noqa: ARG002 - the same for all
        """One working day."""
        return Period(f"climb.{level}", 1, Unit.WORK, "—")

    def waiting(self, view: CaseView, post: str) -> Period:  # noqa: ARG002 - the same for all
        """Five working days; the head is told."""
        return Period(WAITING, 5, Unit.WORK, "—", ("HEAD",))

    def stand_in(self, post: str, other: str) -> Message | None:  # noqa: ARG002 - every superior may
        """Every superior may."""
        return None

    def risk(self, case: Row[Any], period: Period) -> int:  # noqa: ARG002 - all weigh the same
        """All the same."""
        return 0
