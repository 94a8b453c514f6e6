"""Random verbs on thousands of cases, and the table of docs/verbs.md: which verb went through how often on which node.

    python -m benchmarks.verbs 400 --first 0 --store walks.jsonl
    python -m benchmarks.verbs 40 --first 5000 --store walks-pg.jsonl --server postgresql://…

The argument is the number of histories for each drawing, numbered from ``--first``: what happens in a history depends on its
drawing and its number alone. After every verb everything is checked that `tests/engine/verbs/whole.py` checks; the first
history that breaks anything is told with its last steps. What has been walked stands in ``--store`` (one line of JSON for every
twenty histories), is not walked again, and is added up in the table, whoever walked it.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.databases import PostgresDatabases
from tests.engine.verbs.drawings import DRAWINGS, KINDS
from tests.engine.verbs.guiding import VERBS
from tests.engine.verbs.office import OfficeHouse
from tests.engine.verbs.walking import Walk

AT_ONCE = 20  # histories in one database
#: files of databases that live a few seconds need no disk
_MEMORY = Path("/dev/shm")


def main() -> None:
    """Walk what has not been walked, then print the table in Markdown."""
    asked = argparse.ArgumentParser()
    asked.add_argument("histories", type=int)
    asked.add_argument("--first", type=int, default=0)
    asked.add_argument("--store", type=Path, default=Path("walks.jsonl"))
    asked.add_argument("--server", default="", help="URL of a PostgreSQL server in which databases may be made")
    given = asked.parse_args()
    walked = _lines(given.store)
    known = {(line["drawing"], line["first"], line["count"]) for line in walked}
    for first in range(given.first, given.first + given.histories, AT_ONCE):
        for name in DRAWINGS:
            count = min(AT_ONCE, given.first + given.histories - first)
            if (name, first, count) not in known:
                with given.store.open("a") as store:
                    store.write(json.dumps(_walked(name, first, count, given.server), ensure_ascii=False) + "\n")
        print(first, file=sys.stderr, flush=True)
    _print(_lines(given.store))


def _lines(store: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in store.read_text().splitlines()] if store.exists() else []


@contextmanager
def _database(server: str) -> Iterator[str]:
    if server:
        databases = PostgresDatabases(server)
        url = databases.create()
        yield url
        databases.drop(url)
        return
    folder = Path(tempfile.mkdtemp(dir=_MEMORY if _MEMORY.is_dir() else None))
    yield f"sqlite:///{folder / 'office.db'}"
    shutil.rmtree(folder)


def _walked(name: str, first: int, count: int, server: str) -> dict[str, object]:
    begun = time.process_time()
    done: Counter[tuple[str, str]] = Counter()
    refused: Counter[str] = Counter()
    with _database(server) as url:
        house = OfficeHouse(url, name)
        house.name_deputies()
        for number in range(first, first + count):
            walk = Walk(house, number)
            try:
                walk.go()
            except BaseException:
                print(f"history {number} of {name}", file=sys.stderr)
                raise
            done += walk.done
            refused += walk.refused
        house.close()
    told = {f"{verb} {kind}": times for (verb, kind), times in done.items()}
    seconds = round(time.process_time() - begun, 1)
    return {"drawing": name, "first": first, "count": count, "done": told, "refused": refused, "seconds": seconds}


def _print(lines: list[dict[str, object]]) -> None:
    done: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    for line in lines:
        done.update(line["done"])
        refused.update(line["refused"])
    total, seconds = sum(line["count"] for line in lines), sum(line["seconds"] for line in lines)
    print(
        f"{total} histories, {done.total()} verbs done, {refused.total()} refused, {seconds:.0f} s of processor time\n"
    )
    print("| verb | " + " | ".join(KINDS) + " | refused |")
    print("|---" * (len(KINDS) + 2) + "|")
    for verb, (_, named) in VERBS.items():
        print(f"| {named} | " + " | ".join(str(done[f"{verb} {kind}"]) for kind in KINDS) + f" | {refused[verb]} |")


if __name__ == "__main__":
    main()
