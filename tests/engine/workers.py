"""A second server on the same database: another runtime, in another thread or in a process of its own."""

from __future__ import annotations

import multiprocessing
from dataclasses import dataclass
from threading import Barrier, Thread
from typing import TYPE_CHECKING, Any

from engine.access import Actor
from engine.clock import FixedClock
from engine.database import Database
from engine.errors import EngineError
from engine.fields import Vault
from engine.jobs import sweep
from engine.runtime import Runtime
from tests.engine.toy import Toy, ToyHouse, ToyRules

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime


@dataclass(frozen=True)
class Request:
    """One request: command, who, under which key, with what."""

    command: Callable[..., Any]
    actor: Actor
    key: str
    parameters: dict[str, Any]


@dataclass(frozen=True)
class Place:
    """All that a second server needs to know."""

    url: str
    vault_key: bytes
    at: datetime

    def runtime(self) -> Runtime:
        """Connections, locks and caches of its own."""
        return Runtime(Database(self.url), Vault([self.vault_key]), ToyRules(), {"toy": Toy()}, FixedClock(self.at))


def place_of(house: ToyHouse) -> Place:
    """Where `house` stands."""
    url = house.runtime.database.engine.url.render_as_string(hide_password=False)
    return Place(url, house.key, house.clock.at)


def serve(place: Place, together: Any, requests: Sequence[Request]) -> list[Any]:
    """Answer requests from the moment on when every server is ready; a refusal is answered by its name. None: sweep."""
    runtime = place.runtime()
    answers: list[Any] = []
    together.wait(60)
    for request in requests:
        try:
            answer = runtime.execute(request.command, actor=request.actor, key=request.key, **request.parameters)
            answers.append(dict(answer.content))
        except EngineError as refusal:
            answers.append(type(refusal).__name__)
    if not requests:
        answers.append(sweep(runtime))
    runtime.database.dispose()
    return answers


def at_once(house: ToyHouse, *lists: Sequence[Request]) -> list[list[Any]]:
    """Each list of requests is answered by a server in a thread of its own, all at once; the answers in the same order."""
    place, together = place_of(house), Barrier(len(lists), timeout=60)
    answers: list[list[Any]] = [[] for _ in lists]

    def run(number: int) -> None:
        answers[number] = serve(place, together, lists[number])

    threads = [Thread(target=run, args=(number,)) for number in range(len(lists))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def in_processes(house: ToyHouse, *lists: Sequence[Request]) -> list[list[Any]]:
    """`at_once`, with a process for each server."""
    spawned = multiprocessing.get_context("spawn")
    with spawned.Manager() as shared, spawned.Pool(len(lists)) as pool:
        together = shared.Barrier(len(lists), timeout=60)
        work = [pool.apply_async(serve, (place_of(house), together, requests)) for requests in lists]
        return [job.get(120) for job in work]
