"""What the rules of visibility cost: one house with them, and the same with rules that keep nobody from anything.

    python -m benchmarks.visibility [--database sqlite] [--loans 20] [--size 10000] [--requests 40]

The pages of the inbox and the loan's completions, each asked of the application itself in turns with and without, in one process
on one database, so that nothing else differs. The rules without are made here; the product has no switch for them. Processor
time is this process's own, PostgreSQL's work is in the wall time alone. The last line is one JSON object: for each figure
without, with, quotient.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, event, false, true

from benchmarks import client, house, loans, population
from benchmarks.completion import InProcess, by_web
from benchmarks.house import House
from benchmarks.timing import middle, ms
from engine.access import Actor, Permission
from engine.clock import civil_date
from engine.runtime import Runtime
from webui.serving import settle_memory
from workflows.federation_rules import FederationRules
from workflows.passwords import hash_password

_WARM = 3
_NEXT = re.compile(rb'href="(/\?[^"]*after=[^"]*)"')
#: figure → (without, with), one pair for each time
Pairs = dict[str, list[tuple[float, float]]]


class Unruled(FederationRules):
    """Everybody sees every case and may do everything with it. Which pages somebody has at all stays as it is."""

    def permits(self, actor: Actor, permission: Permission, subject: Any) -> bool:
        """Yes, of whatever case or task it is asked; as ever, when it is asked of none."""
        return subject is not None or super().permits(actor, permission, subject)

    def cases_with(self, permission: Permission, actor: Actor) -> ColumnElement[bool]:  # noqa: ARG002
        """Every case."""
        return true()

    def shut_out(self, actor: Actor) -> ColumnElement[bool]:  # noqa: ARG002
        """From none."""
        return false()

    def _listed(self, clauses: Any, actor: Actor) -> ColumnElement[bool]:  # noqa: ARG002
        return true()


class Watch:
    """Processor time, wall time and statements of what is done, into pairs."""

    def __init__(self, runtime: Runtime) -> None:
        self.pairs: Pairs = {}
        self._sent = 0
        event.listen(runtime.database.engine, "before_cursor_execute", self._see)

    def _see(self, *_: Any) -> None:
        self._sent += 1

    def both(self, what: str, number: int, acts: tuple[Callable[[], Any], Callable[[], Any]], *, kept: bool) -> None:
        """Do it without and with the rules, the one first and then the other first; `kept`: it counts."""
        seen: list[tuple[float, float, float]] = [(0.0, 0.0, 0.0)] * 2
        for side in (0, 1) if number % 2 else (1, 0):
            began = time.perf_counter(), time.process_time(), self._sent
            acts[side]()
            ended = time.perf_counter(), time.process_time(), self._sent
            seen[side] = (ended[0] - began[0], ended[1] - began[1], ended[2] - began[2])
        if kept:
            for place, name in enumerate(("wall ms", "processor ms", "statements")):
                scale = 1.0 if name == "statements" else 1000.0
                pair = (seen[0][place] * scale, seen[1][place] * scale)
                self.pairs.setdefault(f"{what}, {name}", []).append(pair)


def inbox(runtime: Runtime, chosen: argparse.Namespace) -> Pairs:
    """The pages of a county desk and a township chair."""
    land = population.build(runtime, hash_password(house.PASSWORD))
    population.fill(runtime, land, chosen.size)
    links: Any = [InProcess(each) for each in _sides(runtime)]
    people = {login: client.sign_in(links[0], login, house.PASSWORD) for login in ("bt0", "bdesk")}
    settle_memory()
    watch = Watch(runtime)
    first = links[1].ask("GET", "/", people["bdesk"]).body
    found = _NEXT.search(gzip.decompress(first) if first[:2] == b"\x1f\x8b" else first)
    if found is None:
        raise SystemExit("the desk's list has no second page")
    path, _, query = found[1].decode().replace("&amp;", "&").partition("?")
    pages = {"chair": ("bt0", "/", ""), "desk": ("bdesk", "/", ""), "desk, second page": ("bdesk", path, query)}
    for name, (login, where, more) in pages.items():
        for number in range(chosen.requests + _WARM):
            acts = [lambda link=link: _asked(link, people[login], where, more) for link in links]  # noqa: B023
            watch.both(f"inbox, {name}", number, (acts[0], acts[1]), kept=number >= _WARM)
    return watch.pairs


def _asked(link: Any, person: client.Person, path: str, query: str) -> None:
    status = link.ask("GET", path, person, more=query).status
    if status != 200:
        raise SystemExit(f"{path}: status {status}")


def completions(runtime: Runtime, chosen: argparse.Namespace) -> Pairs:
    """The seven steps of a loan as form POSTs, two loans beside each other."""
    villages, today = house.add_people(runtime, 1), civil_date(runtime.clock.now())
    typist = house.actor(runtime, loans.login_of("village", 0))
    ready = []
    for number in range(1, 2 * (chosen.loans + _WARM) + 1):
        case = loans.prepare(runtime, typist, house.new_key)
        ready.append({"case": case, "steps": loans.steps(number, 0, villages[0], today, house.PASSWORD)})
    acts = [by_web(each) for each in _sides(runtime)]
    find = client.lookup(chosen.url)
    settle_memory()
    watch = Watch(runtime)
    for number in range(chosen.loans + _WARM):
        pair = ready[2 * number : 2 * number + 2]
        for steps in zip(*(loan["steps"] for loan in pair), strict=True):
            tasks: list[Any] = [find(loan["case"], step["element"]) for loan, step in zip(pair, steps, strict=True)]
            does = [lambda side=side: acts[side](steps[side], tasks[side]) for side in (0, 1)]  # noqa: B023
            watch.both("completion", number, (does[0], does[1]), kept=number >= _WARM)
    return watch.pairs


def _sides(runtime: Runtime) -> tuple[Runtime, Runtime]:
    return replace(runtime, rules=Unruled(runtime.vault)), runtime


@contextmanager
def _house(chosen: argparse.Namespace) -> Iterator[Runtime]:
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="halfsky-benchmark-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        sqlite = f"sqlite:///{folder}/h.db"
        chosen.url = sqlite if chosen.database == "sqlite" else stack.enter_context(house.postgres_server())
        runtime = House(folder, chosen.url).create()
        stack.callback(runtime.database.dispose)
        yield runtime


def main() -> None:
    """Measure and tell."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--database", default="sqlite", choices=("sqlite", "postgresql"))
    asked.add_argument("--loans", type=int, default=20)
    asked.add_argument("--size", type=int, default=10_000, help="open tasks of the inbox")
    asked.add_argument("--requests", type=int, default=40)
    chosen = asked.parse_args()
    figures = {}
    print(f"{'':<45}{'without':>10}{'with':>10}   with / without")
    for part in (inbox, completions):
        with _house(chosen) as runtime:
            pairs = part(runtime, chosen)
        for name, found in pairs.items():
            without, ruled = (middle(side) for side in zip(*found, strict=True))
            quotient = middle([b / a for a, b in found if a])
            figures[name] = [ms(without / 1000), ms(ruled / 1000), round(quotient, 3)]
            print(f"{name:<45}{without:>10.2f}{ruled:>10.2f}   {quotient:.3f}", flush=True)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
