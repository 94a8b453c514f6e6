"""Who has fallen silent: a process whose count of beats stands still for a minute has died, and what it had begun is taken up.

The watcher goes by its own stopwatch and by a number in the database, so that clocks that differ or jump mislead nobody. Only
what DBOS offers to any client is used: list what is under way, have it taken up again.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final, Protocol

from sqlalchemy import select

from engine.model_jobs import executor

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.jobs_seats import Seat

log = logging.getLogger("halfsky.jobs")

SILENT_SECONDS: Final = 60.0
_BEATS = select(executor.c.id, executor.c.beats)


class UnderWay(Protocol):
    """One piece of work in the job engine."""

    workflow_id: str
    executor_id: str | None


class Engine(Protocol):
    """What is asked of the job engine."""

    def list_workflows(self, *, status: str, load_input: bool, load_output: bool) -> Sequence[UnderWay]:
        """What is under way."""

    def resume_workflows(self, workflow_ids: list[str]) -> object:
        """Have it taken up by whoever lives."""


class Watch:
    """What one process has seen of the others."""

    def __init__(self, seat: Seat, engine: Engine) -> None:
        self._seat = seat
        self._engine = engine
        #: executor → the beats last seen, and when by our stopwatch that number was new
        self._seen: dict[str, tuple[int, float]] = {}

    def look(self, now: float) -> list[str]:
        """Have the work of silent processes taken up; `now` is in seconds of a stopwatch. Returns what was taken up."""
        with self._seat.runtime.reading() as connection:
            beats = {row.id: row.beats for row in connection.execute(_BEATS)}
        silent = self._silent(beats, now)
        if not silent or not self._seat.alone_watching():
            return []
        try:
            # asked again: another watcher may have had it taken up just before
            left = [each.workflow_id for each in self._pending() if each.executor_id in silent]
            if left:
                self._engine.resume_workflows(left)
                log.warning("taken up from silent processes: executors=%s count=%s", sorted(silent), len(left))
            return left
        finally:
            self._seat.stop_watching()

    def _pending(self) -> Sequence[UnderWay]:
        return self._engine.list_workflows(status="PENDING", load_input=False, load_output=False)

    def _silent(self, beats: Mapping[str, int], now: float) -> set[str]:
        """Who has not been heard of for a minute: executors with a row, and those that only the engine knows."""
        owners = {each.executor_id for each in self._pending() if each.executor_id}
        for each in beats.keys() | owners:
            count = beats.get(each, -1)
            if each not in self._seen or self._seen[each][0] != count:
                self._seen[each] = (count, now)
        return {each for each in owners - {self._seat.id} if now - self._seen[each][1] >= SILENT_SECONDS}
