"""Verifying the whole log with several processes: the chains of cases are shared out, everything beside them is done here."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from engine import anchors, audit
from engine.anchors import Anchor
from engine.audit import Extent, Verification, Walked
from engine.model import history
from engine.runtime import Runtime
from engine.walking import walk
from webui.settings import Settings

#: below so many entries one process is done before others have started
WORTH_SHARING = 50_000
#: pieces for each process, so that none waits long for the last
_PIECES = 8

Progress = Callable[[Walked], None]
_here: Runtime | None = None


@dataclass(frozen=True)
class Wanted:
    """What is asked for: bytes of papers too, the root of every anchor, an anchor kept outside, so many processes (0: choose)."""

    papers: bool = True
    deep: bool = False
    kept: Anchor | None = None
    processes: int = 0


def verify_all(place: Settings, runtime: Runtime, wanted: Wanted, progress: Progress | None = None) -> Verification:
    """Verify every case; the same result with any number of processes.

    Each piece is read under one snapshot of its own: a chain and its head are written in one transaction, so any will do. What is
    counted over all cases is counted under one snapshot here.
    """
    with runtime.reading() as connection:
        processes = wanted.processes or (min(2, os.cpu_count() or 1) if entries(connection) > WORTH_SHARING else 1)
        if processes == 1:
            return audit.verify(
                connection, runtime.vault, papers=wanted.papers, deep=wanted.deep, kept=wanted.kept, progress=progress
            )
        newest = anchors.newest(connection)
        held = wanted.kept.seq if wanted.kept is not None else newest.seq if newest is not None else 0
        last = audit.last_case(connection)
    size = max(1, -(-last // (processes * _PIECES)))
    pieces = [Extent(first, min(first + size - 1, last), wanted.papers, held) for first in range(1, last + 1, size)]
    context = multiprocessing.get_context("spawn")
    total = Walked()
    with ProcessPoolExecutor(processes, context, initializer=_begin, initargs=(place,)) as pool:
        for walked in pool.map(_piece, pieces):
            total.add(walked)
            if progress is not None:
                progress(total)
    with runtime.reading() as connection:
        return audit.conclude(connection, runtime.vault, total, deep=wanted.deep, kept=wanted.kept)


def entries(connection: Connection) -> int:
    """How many entries there are, near enough."""
    return int(connection.execute(select(func.max(history.c.id)), execution_options={}).scalar() or 0)


def _begin(place: Settings) -> None:
    globals()["_here"] = place.runtime()


def _piece(extent: Extent) -> Walked:
    if _here is None:
        raise RuntimeError("not begun")
    with _here.reading() as connection:
        return walk(connection, _here.vault, extent)
