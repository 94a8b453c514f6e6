"""Completions a second over HTTP: the real server, the real loan, the real forms, on both databases.

    python -m benchmarks.http [--seconds 3] [--databases sqlite postgresql] [--no-normal]

A client takes a loan through all seven steps, each as the person whose step it is: application, village, township, credit
union, county check, stamp (with a scan uploaded in the same request), disbursement. Every completion is one form POST with
session cookie, protection number and idempotency key, permission, conflict checks, decision tables, clocks, signature,
sealed forms and chained history, answered 303. Starts and papers are prepared beforehand and not counted. Clients are
processes of their own on the same cores. The last line is one JSON object.

Five of the seven steps are signed with the person's own password. Verifying it costs tens of milliseconds of processor time
on purpose (argon2id). The main figures use accounts whose stored hash was made with the least cost, to show what everything
else costs; the server is unchanged, argon2 reads the cost from the hash. A further line gives the normal cost.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks import house, loans
from benchmarks.client import Connection, at_the_door
from benchmarks.house import House
from benchmarks.timing import middle, ms, percentile
from engine.clock import civil_date
from engine.runtime import Runtime

_CLIENTS = 8
#: loans kept ready a second of measuring: more than this machine finishes
_SUPPLY = {1: 50, 8: 60}
_NORMAL_SUPPLY = 10
Supply = list[list[dict[str, Any]]]


class Bench:
    """One installation with cases waiting, and runs against it."""

    def __init__(self, place: House) -> None:
        self.place = place
        self.runtime: Runtime = place.create()
        self.villages = house.add_people(self.runtime, _CLIENTS)
        self.today = civil_date(self.runtime.clock.now())
        self.people: dict[str, dict[str, Any]] = {}
        self.number = 0

    def prepare(self, clients: int, count: float) -> Supply:
        """`count` loans that wait for their application, shared out among the first `clients` clients."""
        supply: Supply = [[] for _ in range(clients)]
        actors = {client: house.actor(self.runtime, loans.login_of("village", client)) for client in range(clients)}
        for place in range(int(count)):
            client = place % clients
            case = loans.prepare(self.runtime, actors[client], house.new_key)
            self.number += 1
            village = self.villages[client]
            steps = loans.steps(self.number, client, village, self.today, house.PASSWORD)
            supply[client].append({"case": case, "steps": steps})
        return supply

    def sign_in(self) -> None:
        """Everybody has a session and the protection number of a page, before anything is measured."""
        link = Connection(self.place.port)
        for login, token in house.open_sessions(self.runtime).items():
            person = at_the_door(link, login, token)
            self.people[login] = {"cookies": person.cookies, "number": person.number}

    def run(self, supply: Supply, seconds: float) -> dict[str, Any]:
        """A client for each part of the supply, all at once, for so many seconds; rate, latencies and errors."""
        running = [self._client(place, part) for place, part in enumerate(supply)]
        for process in running:
            process.stdout.readline()
        start = time.monotonic() + 0.1
        for process in running:
            process.stdin.write(f"{start} {start + seconds}\n".encode())
            process.stdin.flush()
        time.sleep(max(0.0, start - time.monotonic()))
        used = self.place.processor_seconds()
        answers = [json.loads(process.communicate()[0]) for process in running]
        used = self.place.processor_seconds() - used
        latencies = [value for answer in answers for values in answer["seen"].values() for value in values]
        errors = {told: n for answer in answers for told, n in answer["errors"].items()}
        if any(answer["dry"] for answer in answers):
            errors["a client ran out of loans"] = 1
        steps = {e: [v for a in answers for v in a["seen"].get(e, [])] for e, _, _ in loans.STEPS}
        return {
            "rate": round(len(latencies) / seconds, 1),
            "p50_ms": ms(middle(latencies)),
            "p95_ms": ms(percentile(latencies, 0.95)),
            "count": len(latencies),
            "errors": errors,
            "cpu_ms": ms(used / max(1, len(latencies))),
            "client_ms": ms(sum(answer["used"] for answer in answers) / max(1, len(latencies))),
            "steps": {e: ms(middle(values)) for e, values in steps.items()},
        }

    def _client(self, place: int, part: list[dict[str, Any]]) -> Any:
        plan = {"port": self.place.port, "database": self.place.url, "people": self.people, "loans": part}
        file = self.place.folder / f"plan{place}.json"
        file.write_text(json.dumps(plan))
        command = [sys.executable, "-m", "benchmarks.client", str(file)]
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def measure(name: str, place: House, chosen: argparse.Namespace) -> tuple[dict[str, Any], float]:
    """All runs on one database; its figures and the peak memory of the web process."""
    bench = Bench(place)
    few = bench.prepare(1, 2)
    alone = bench.prepare(1, _SUPPLY[1] * chosen.seconds)
    together = bench.prepare(_CLIENTS, _SUPPLY[_CLIENTS] * chosen.seconds)
    normal = name == "sqlite" and not chosen.no_normal
    dear = bench.prepare(_CLIENTS, _NORMAL_SUPPLY * chosen.seconds + _CLIENTS) if normal else []
    place.start(1 if name == "sqlite" else chosen.processes)
    try:
        if name == "sqlite":
            house.until_jobs_rest(bench.runtime)
        bench.sign_in()
        house.store_hash(bench.runtime, light=True)
        bench.run(few, 0.5)
        one, eight = bench.run(alone, chosen.seconds), bench.run(together, chosen.seconds)
        _tell(name, 1, one)
        _tell(name, _CLIENTS, eight)
        if normal:
            house.store_hash(bench.runtime, light=False)
            _tell(f"{name}, passwords at normal cost", _CLIENTS, bench.run(dear, chosen.seconds))
        peak = place.peak()
        print(f"  web process: {place.memory():.0f} MB resident, {peak:.0f} MB at most", flush=True)
    finally:
        place.stop()
        bench.runtime.database.dispose()
    figures = {
        "c1": one["rate"], "c8": eight["rate"], "p50_ms": eight["p50_ms"], "p95_ms": eight["p95_ms"],
        "errors": sum(one["errors"].values()) + sum(eight["errors"].values()),
    }  # fmt: skip
    return figures, peak


def _tell(name: str, clients: int, run: dict[str, Any]) -> None:
    print(f"{name}, {clients} client{'s' if clients > 1 else ''}: {run['rate']} completions/s ({run['count']} counted), "
          f"p50 {run['p50_ms']} ms, p95 {run['p95_ms']} ms, {run['cpu_ms']} ms of the web processes and "
          f"{run['client_ms']} ms of the clients each, "
          f"errors {run['errors'] or 'none'}")  # fmt: skip
    print("  p50 by step: " + ", ".join(f"{e} {v}" for e, v in run["steps"].items()), flush=True)


def main() -> None:
    """Measure and tell."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--seconds", type=float, default=2.5, help="length of each run")
    asked.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"], choices=("sqlite", "postgresql"))
    asked.add_argument("--processes", type=int, default=2, help="web processes on PostgreSQL; SQLite has one")
    asked.add_argument("--no-normal", action="store_true", help="leave out the run with passwords at normal cost")
    chosen = asked.parse_args()
    began = time.monotonic()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; signed steps with passwords at the least argon2 cost "
          "unless said otherwise")  # fmt: skip
    figures: dict[str, Any] = {}
    peaks = []
    for name in chosen.databases:
        with ExitStack() as stack:
            folder = Path(tempfile.mkdtemp(prefix="halfsky-benchmark-"))
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            url = stack.enter_context(house.postgres_server()) if name == "postgresql" else f"sqlite:///{folder}/h.db"
            figures[name], peak = measure(name, House(folder, url), chosen)
            peaks.append(peak)
    print(f"took {time.monotonic() - began:.0f} s")
    print(json.dumps({**figures, "web_rss_mb": round(max(peaks), 1)}))


if __name__ == "__main__":
    main()
