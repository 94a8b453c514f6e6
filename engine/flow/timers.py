"""Timers that never look at a clock: the due time is computed once, when they are armed, from the surroundings.

The library's timers compare with the wall clock whenever the case is touched, so a case could move because somebody
opened it. Ours fire only when :func:`engine.flow.stepping.fire` marks them; the timer table of the case decides when
that is.
"""

from __future__ import annotations

import ast
import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from SpiffWorkflow.bpmn.specs.event_definitions.timer import TimerEventDefinition

_DURATION = re.compile(
    r"P(?=.)(?:(\d{1,3})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,5})D)?"
    r"(?:T(?=.)(?:(\d{1,6})H)?(?:(\d{1,7})M)?(?:(\d{1,8})S)?)?"
)
_DUE_CALL = re.compile(r"""\s*due\(\s*(?:'([^'\\]+)'|"([^"\\]+)")\s*\)\s*""")


class NotATimer(ValueError):
    """The text is neither ``due('key')`` nor a quoted ISO 8601 duration."""


@dataclass(frozen=True, slots=True)
class Duration:
    """A calendar-aware ISO 8601 duration: months first (a day past the month's end becomes its last), then the rest."""

    months: int
    rest: timedelta

    def after(self, instant: datetime) -> datetime:
        """`instant` plus this duration, in the time zone of `instant`."""
        month0 = instant.year * 12 + instant.month - 1 + self.months
        year, month = divmod(month0, 12)
        day = min(instant.day, monthrange(year, month + 1)[1])
        return instant.replace(year=year, month=month + 1, day=day) + self.rest


def parse_duration(text: str) -> Duration:
    """``P1Y2M3W4DT5H6M7S`` in whole numbers; anything else raises NotATimer."""
    found = _DURATION.fullmatch(text)
    if found is None:
        raise NotATimer(text)
    years, months, weeks, days, hours, minutes, seconds = (int(g or 0) for g in found.groups())
    rest = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    return Duration(years * 12 + months, rest)


def quoted_duration(source: str) -> Duration:
    """The duration in the script expression `source`, e.g. ``"P3D"`` with its quotes; raises NotATimer."""
    try:
        value = ast.literal_eval(source.strip())
    except (ValueError, SyntaxError):
        raise NotATimer(source) from None
    if not isinstance(value, str):
        raise NotATimer(source)
    return parse_duration(value)


def due_key(source: str) -> str:
    """The key in ``due('key')``; raises NotATimer."""
    found = _DUE_CALL.fullmatch(source)
    if found is None:
        raise NotATimer(source)
    return found[1] or found[2]


class FlowTimer(TimerEventDefinition):  # type: ignore[misc]
    """A timer event that is armed once and fires only when told. `sla` or `duration`, never both."""

    def __init__(self, name: str, source: str, *, sla: str | None = None, duration: Duration | None = None) -> None:
        super().__init__(name, source)
        self.sla = sla
        self.duration = duration

    def has_fired(self, my_task: Any) -> bool:
        """Whether the mark of `fire` stands on the token; arms the timer the first time it is asked."""
        inner = my_task.internal_data
        if "due" not in inner:
            spec = my_task.task_spec
            asked = self._due(my_task.workflow.script_engine.surroundings, spec.attached_to or spec.element or "")
            inner["due"] = asked.isoformat()
        return bool(inner.get("event_fired"))

    def _due(self, surroundings: Any, element: str) -> datetime:
        due: datetime
        if self.sla is not None:
            due = surroundings.due(self.sla, element)
        elif self.duration is not None:
            due = self.duration.after(surroundings.now)
        if due.tzinfo is None:
            raise TypeError(f"due time of {self.name} has no time zone")
        return due
