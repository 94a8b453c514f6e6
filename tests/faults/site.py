"""The real site as processes that can be killed: a web server and workers on one database, forked from a process that has imported."""

from __future__ import annotations

import logging
import multiprocessing
import signal
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import waitress

from engine import jobs, jobs_dbos
from engine.database import Database
from engine.fields import Vault
from engine.runtime import Runtime
from tests.engine.jobs.processes import RunningClock
from tests.workflows.processes.loan.house import KEY, MONDAY
from webui.app import create_app
from workflows import catalogue
from workflows.federation_rules import FederationRules
from workflows.supervision import FederationSupervision

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

THREADS = 4


@dataclass(frozen=True)
class Site:
    """Where the site is and which parts this process plays."""

    url: str
    key: bytes
    port: int
    web: bool
    works: bool

    def runtime(self) -> Runtime:
        """Connections and caches of its own, on a clock that goes on from a Monday."""
        vault, clock = Vault([self.key]), RunningClock(MONDAY)
        rules = FederationRules(vault)
        return Runtime(Database(self.url), vault, rules, catalogue.load(), clock, FederationSupervision())


def site_at(url: str, port: int, *, web: bool, works: bool) -> Site:
    """A part of the site on the database at `url`."""
    return Site(url, KEY, port, web, works)


def start(site: Site) -> BaseProcess:
    """Play it in a process of its own."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.faults.site"])
    process = context.Process(target=play, args=(site,), daemon=True)
    process.start()
    return process


def play(site: Site) -> None:
    """The child's whole life: pages, jobs, or both in one process as `halfsky serve` on SQLite."""
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    runtime = site.runtime()
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    if site.works:
        hurry()
        threading.Thread(target=jobs.run_forever, args=(runtime, ended, "host"), daemon=True).start()
    if site.web:
        app = create_app(runtime)
        server = waitress.create_server(app, host="127.0.0.1", port=site.port, threads=THREADS, ident=None)
        threading.Thread(target=server.run, daemon=True).start()
    ended.wait()


def hurry() -> None:
    """What comes round every minute comes round every second here."""
    jobs.SCHEDULES = jobs_dbos.SCHEDULES = tuple(replace(each, every=1) for each in jobs.SCHEDULES)


def answers(port: int, seconds: float = 30) -> None:
    """Wait until the web server takes connections; TimeoutError."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.02)
    raise TimeoutError(port)
