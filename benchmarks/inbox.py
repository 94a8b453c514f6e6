"""How long the inbox takes over HTTP while the number of open tasks in the county grows from a thousand to a hundred thousand.

    python -m benchmarks.inbox [--sizes 1000 10000 100000] [--requests 60] [--database sqlite] [--plans]

The pages: the list of a township chair with forty tasks, of a county desk whose pool holds two fifths of everything, its
second page, and the list narrowed by step. Every figure is the time from the request to the last byte of the page, sent by
the real server. The first load is what a browser transfers on its first visit: the page and every file it names, gzip as the
server sends it. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import shutil
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from sqlalchemy import event

from benchmarks import house, population
from benchmarks.client import Connection, Person, sign_in
from benchmarks.house import House
from benchmarks.timing import middle, ms, percentile
from engine.queries import inbox
from engine.runtime import Runtime
from workflows.passwords import hash_password

_FILES = re.compile(rb'(?:href|src)="(/assets/[^"#]+)[^"]*"')
#: requests before those that are counted
_WARM = 3
_GZIP = "Accept-Encoding: gzip\r\n"
_NEXT = re.compile(rb'href="(/\?[^"]*after=[^"]*)"')


def pages(link: Connection, people: dict[str, Person]) -> dict[str, tuple[Person, str]]:
    """What is asked for, by the name it is told under."""
    desk = people["bdesk"]
    first = _plain(link.ask("GET", "/", desk, more=_GZIP).body)
    found = _NEXT.search(first)
    if found is None:
        raise SystemExit("the desk's list has no second page")
    return {
        "township chair, 40 tasks": (people["bt0"], "/"),
        "county desk": (desk, "/"),
        "county desk, second page": (desk, found[1].decode().replace("&amp;", "&")),
        "county desk, one step": (desk, "/?tab=todo&element=T_FinalCheck"),
        "county desk, to claim": (desk, "/?tab=claimable"),
    }


def _plain(body: bytes) -> bytes:
    return gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body


def timed(link: Connection, person: Person, path: str, count: int) -> list[float]:
    """Seconds of `count` requests, after a few that are not counted."""
    found = []
    for number in range(count + _WARM):
        began = time.perf_counter()
        reply = link.ask("GET", path, person, more=_GZIP)
        if reply.status != 200:
            raise SystemExit(f"{path}: status {reply.status}")
        if number >= _WARM:
            found.append(time.perf_counter() - began)
    return found


def first_load(link: Connection, person: Person) -> tuple[int, dict[str, int]]:
    """Bytes of the page, and of every file it names, as transferred; files are cached for a year afterwards."""
    page = link.ask("GET", "/", person, more=_GZIP).body
    files = sorted({name.decode() for name in _FILES.findall(_plain(page))})
    return len(page), {name.rsplit("/", 1)[-1]: len(link.ask("GET", name, person, more=_GZIP).body) for name in files}


def plans(runtime: Runtime, login: str) -> list[str]:
    """How the database reads each statement of the list: its own plan, line by line."""
    told: list[str] = []
    who = house.actor(runtime, login)
    explain = "EXPLAIN QUERY PLAN " if runtime.database.is_sqlite else "EXPLAIN "

    def ask(_link: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith("SELECT"):
            told.append(f"  {' '.join(statement.split())[:100]}…")
            cursor.execute(explain + statement, parameters)
            told.extend(f"      {row[-1]}" for row in cursor.fetchall())

    event.listen(runtime.database.engine, "before_cursor_execute", ask)
    try:
        with runtime.reading() as connection:
            inbox.counts(connection, who)
            inbox.tasks(connection, who, "todo", now=runtime.clock.now())
    finally:
        event.remove(runtime.database.engine, "before_cursor_execute", ask)
    return told


def measure(place: House, chosen: argparse.Namespace) -> dict[str, Any]:
    """Fill, ask, tell, size by size."""
    runtime = place.create()
    land = population.build(runtime, hash_password(house.PASSWORD))
    place.start()
    try:
        if runtime.database.is_sqlite:
            house.until_jobs_rest(runtime)
        link = Connection(place.port)
        people = {login: sign_in(link, login, house.PASSWORD) for login in ("bt0", "bdesk")}
        figures: dict[str, float] = {}
        for size in chosen.sizes:
            population.fill(runtime, land, size)
            everything: list[float] = []
            print(f"{size:,} open tasks")
            for name, (person, path) in pages(link, people).items():
                used = place.processor_seconds()
                found = timed(link, person, path, chosen.requests)
                used = (place.processor_seconds() - used) / (chosen.requests + _WARM)
                everything += found
                told = (
                    f"p50 {ms(middle(found)):7.2f} ms   p95 {ms(percentile(found, 0.95)):7.2f} ms   "
                    f"{ms(used):6.2f} ms of the web process"
                )
                print(f"  {name:<28}{told}", flush=True)
            figures[str(size)] = ms(percentile(everything, 0.95))
        page, files = first_load(link, people["bdesk"])
        print(f"page {page:,} B; files {', '.join(f'{name} {size:,} B' for name, size in files.items())}")
        if chosen.plans:
            print("\n".join(plans(runtime, "bdesk")))
    finally:
        place.stop()
        runtime.database.dispose()
    return {"p95_ms": figures, "page_bytes": page, "first_load_bytes": page + sum(files.values())}


def main() -> None:
    """Measure and tell."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    asked.add_argument("--requests", type=int, default=60, help="for each page and size")
    asked.add_argument("--database", default="sqlite", choices=("sqlite", "postgresql"))
    asked.add_argument("--plans", action="store_true", help="show how the database reads the list")
    chosen = asked.parse_args()
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="halfsky-benchmark-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        on_server = chosen.database == "postgresql"
        url = stack.enter_context(house.postgres_server()) if on_server else f"sqlite:///{folder}/h.db"
        figures = measure(House(folder, url), chosen)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
