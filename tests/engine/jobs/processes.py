"""Workers as processes of their own, to be watched, killed and replaced. Run in a child made by `start`."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from engine import jobs, jobs_watch
from engine.clock import SystemClock
from tests.engine.jobs.acting import Broken
from tests.engine.workers import place_of

if TYPE_CHECKING:
    from datetime import datetime
    from multiprocessing.process import BaseProcess
    from pathlib import Path

    from engine.jobs import Running
    from engine.runtime import Runtime
    from tests.engine.toy import ToyHouse
    from tests.engine.workers import Place


class RunningClock:
    """A clock that goes, from another day on."""

    def __init__(self, start: datetime) -> None:
        self._ahead = start - SystemClock().now()

    def now(self) -> datetime:
        return SystemClock().now() + self._ahead


@dataclass(frozen=True)
class Orders:
    """How a worker of a test differs from a real one: quicker to give others up, slower at each timer, told in a file."""

    place: Place
    told: Path
    silent: float = 60.0
    pause: float = 0.0


def start(orders: Orders) -> BaseProcess:
    """A worker in a process of its own; the first one of a run imports, the others are forked from it."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.engine.jobs.processes", "engine.jobs_dbos"])
    process = context.Process(target=work, args=(orders,), daemon=True)
    process.start()
    return process


def kill(process: BaseProcess) -> None:
    """As a power cut would."""
    process.kill()
    process.join(10)


def stop(*processes: BaseProcess) -> None:
    """As the system would."""
    for process in processes:
        process.terminate()
    for process in processes:
        process.join(20)
        assert process.exitcode == 0


def orders(house: ToyHouse, told: Path, **more: Any) -> Orders:
    """Orders for workers of a house."""
    return Orders(place_of(house), told, **more)


def lines(told: Path) -> list[list[str]]:
    """What the workers have told so far, in words."""
    return [line.split() for line in told.read_text().splitlines()] if told.exists() else []


def work(given: Orders) -> None:
    """The child's whole life."""
    runtime = given.place.runtime()
    runtime.clock = RunningClock(given.place.at)
    jobs_watch.SILENT_SECONDS = given.silent
    teach(given)
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    try:
        jobs.worker(runtime, "host").run(ended)
    except jobs.EngineError as refused:
        tell(given.told, "refused", type(refused).__name__)


def teach(given: Orders) -> None:
    """Tell each timer that fires, and know a few kinds of jobs."""
    fire = jobs._run_timer

    def run_timer(runtime: Runtime, timer_id: int) -> bool:
        tell(given.told, "begun", timer_id)
        time.sleep(given.pause)
        fired = fire(runtime, timer_id)
        if fired:
            tell(given.told, "fired", timer_id)
        return fired

    def good(_: Runtime, running: Running) -> None:
        tell(given.told, "good", running.id)

    def bad(_: Runtime, running: Running) -> None:
        tell(given.told, "bad", running.id)
        raise Broken

    def slow(_: Runtime, running: Running) -> None:
        tell(given.told, "slow", running.id)
        for step in range(3):
            running.progress(step, 3)
            time.sleep(given.pause)
        tell(given.told, "slept", running.id)

    jobs._run_timer = run_timer
    at_once = (timedelta(seconds=1),)
    for name, act in (("good", good), ("bad", bad), ("slow", slow)):
        jobs.register(jobs.JobKind(name, "试验", act, attempts=2, back_off=at_once))


def tell(told: Path, *words: object) -> None:
    """Append a line; one write, so that lines of several processes do not mix."""
    with told.open("a") as file:
        file.write(" ".join(map(str, (*words, os.getpid()))) + "\n")
