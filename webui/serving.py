"""The web server: one process, or several that answer at one address and share the processors of the machine.

Several need PostgreSQL: SQLite has one writer, and one process is the fairest way to be it. The parent opens the address, starts
the others, puts another in the place of one that ends, and answers no request itself. Should the parent be killed, they end too.
"""

from __future__ import annotations

import gc
import logging
import os
import signal
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType
from typing import Any, NoReturn

import waitress

from engine import jobs
from webui.app import Demo, create_app
from webui.settings import Settings

log = logging.getLogger("halfsky.serve")

#: enough for a county: a page is answered in milliseconds, and SQLite has one writer anyway
THREADS = 8
#: seconds a job may take to end when the server stops; what has not ended is taken up at the next start
_JOBS_END = 15
#: seconds before another process takes the place of one that ended: one that cannot start is not started without end
_BEFORE_ANOTHER = 1.0
_WAITING = 1024
#: new objects before the youngest are searched for unreachable rings; searches before those a little older, and the oldest, are
_RINGS = (20_000, 20, 50)


_TOLD_TO_STOP = frozenset((signal.SIGTERM, signal.SIGINT))


@dataclass(frozen=True)
class Service:
    """What is served: an installation, with its jobs when `with_jobs`. `greet` is called once it can be reached."""

    place: Settings
    hint: Demo | None
    with_jobs: bool
    greet: Callable[[], None]

    def answer(self) -> None:
        """Answer requests in this process until it is told to stop."""
        self._answer({"host": self.place.host, "port": self.place.port}, with_jobs=self.with_jobs, ready=self.greet)

    def answer_in(self, processes: int) -> None:
        """Answer requests in so many processes until this one is told to stop; jobs run in the first of them."""
        family = socket.AF_INET6 if ":" in self.place.host else socket.AF_INET
        with socket.create_server((self.place.host, self.place.port), family=family, backlog=_WAITING) as at:
            self.greet()
            _look_after(
                processes, lambda number: self._answer({"sockets": [at]}, with_jobs=self.with_jobs and number == 0)
            )

    def _answer(self, where: dict[str, Any], *, with_jobs: bool, ready: Callable[[], None] | None = None) -> None:
        runtime = self.place.runtime()
        app = create_app(runtime, demo=self.hint, https=self.place.https, provider=self.place.provider())
        server = waitress.create_server(app, threads=THREADS, ident=None, **where, **behind(self.place.proxy),
                                        max_request_body_size=app.config["MAX_CONTENT_LENGTH"] + 1024 * 1024)  # fmt: skip
        signal.signal(signal.SIGTERM, _interrupt)
        thread, stop = jobs.start_thread(runtime, self.place.node) if with_jobs else (None, threading.Event())
        settle_memory()
        if ready is not None:
            ready()
        try:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _TOLD_TO_STOP)
            server.run()
        finally:
            stop.set()
            if thread is not None:
                thread.join(timeout=_JOBS_END)
            server.close()
            runtime.database.dispose()


def behind(proxy: str | None) -> dict[str, Any]:
    """How the server learns whence a request comes: from the connection, or from what this proxy adds to X-Forwarded-For.

    What anybody else says of that is dropped; so is what the proxy passes on besides the last address, which it saw itself.
    """
    if proxy is None:
        return {}
    return {"trusted_proxy": proxy, "trusted_proxy_count": 1, "trusted_proxy_headers": {"x-forwarded-for"}}


def settle_memory() -> None:
    """Let the search for unreachable rings leave out what stays for good, and come less often.

    Whatever a server has when it begins it keeps; looking through all of it again and again cost a twelfth of the processor
    time of a submission, in pauses of a tenth of a second (docs/performance.md). Rings made afterwards are still found.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_RINGS)


def _look_after(count: int, work: Callable[[int], None]) -> None:
    """Keep `count` processes at work, each with its number, until told to stop; then stop them and wait for them."""
    running: dict[int, int] = {}
    stopping = threading.Event()
    ended, alive = os.pipe()

    def stop(*_: object) -> None:
        stopping.set()
        for process in running:
            os.kill(process, signal.SIGTERM)

    def begin(number: int) -> None:
        # whoever is told to stop meanwhile hears it afterwards, in the right process
        signal.pthread_sigmask(signal.SIG_BLOCK, _TOLD_TO_STOP)
        if not stopping.is_set():  # asked when nobody can interrupt any more: a process begun later would never be told
            process = os.fork()
            if process == 0:
                os.close(alive)
                _work(number, work, ended)
            running[process] = number
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _TOLD_TO_STOP)

    for told in _TOLD_TO_STOP:
        signal.signal(told, stop)
    for number in range(count):
        begin(number)
    while running:
        process, _ = os.wait()
        number = running.pop(process)
        if not stopping.is_set():
            log.error("web process %s ended; another takes its place", process)
            stopping.wait(_BEFORE_ANOTHER)
        begin(number)


def _work(number: int, work: Callable[[int], None], parent: int) -> NoReturn:
    """What a process does from its first instant to its last."""
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    status = 1
    try:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
        work(
            number
        )  # hears what it was told meanwhile once it can answer: while starting, an interruption could get lost
        status = 0
    except KeyboardInterrupt:
        status = 0
    except Exception:
        log.exception("a web process could not do its work")
    finally:
        logging.shutdown()
        os._exit(status)


def _end_with(parent: int) -> None:
    """End this process when its parent is gone, which alone holds the other end of the pipe."""
    os.read(parent, 1)
    os.kill(os.getpid(), signal.SIGTERM)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
