"""Two versions of the house beside each other, in turns: this tree and another, each with its own server and its own benchmarks.

    python -m benchmarks.compare /path/to/the/other/tree [--rounds 3] [--what completion http inbox]
                                                         [--databases sqlite postgresql]

The clock of a shared machine moves by a factor of two within minutes, so runs alternate (A B, then B A, and so on) and what
counts is the median of the quotients of neighbours. The other tree needs a `.venv`, or is run with this one's interpreter.
Quick: `--what completion` (processor time and statements in one process). The last line is one JSON object: for each figure
other, this, quotient.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.timing import middle

HERE = Path(__file__).resolve().parent.parent
_HTTP = re.compile(
    r"^(\w+), (\d clients?): ([\d.]+) completions/s .* p50 ([\d.]+) ms, .*? ([\d.]+) ms of the web processes"
)
_ERRORS = re.compile(r"errors (?!none)(.*)$")
_MEMORY = re.compile(r"web process: .*?([\d.]+) MB at most")
_INSIDE = re.compile(r"^(\w+): ([\d.]+) ms of processor time a completion \(least ([\d.]+)\), ([\d.]+) statements")
_PAGE = re.compile(r"p50 +([\d.]+) ms +p95 +[\d.]+ ms +([\d.]+) ms of the web process")
#: one run takes less than a minute
_ARGUMENTS = {
    "completion": ["--loans", "25", "--database"],
    "http": ["--no-normal", "--seconds", "3", "--databases"],
    "inbox": ["--sizes", "10000", "--requests", "30", "--database"],
}
_LONGEST = 600


@dataclass(frozen=True)
class Tree:
    """A checked-out version."""

    name: str
    root: Path

    def run(self, what: str, database: str) -> dict[str, float]:
        """The figures of one benchmark by name; those with “/s” are better when they are larger."""
        python = self.root / ".venv/bin/python"
        command = [
            str(python if python.exists() else sys.executable),
            "-m",
            f"benchmarks.{what}",
            *_ARGUMENTS[what],
            database,
        ]
        done = subprocess.run(command, cwd=self.root, capture_output=True, text=True, timeout=_LONGEST, check=False)
        if done.returncode:
            raise SystemExit(f"{self.name}: {' '.join(command)}\n{done.stderr[-2000:]}")
        return dict(_figures(what, database, done.stdout.splitlines()))


def _figures(what: str, database: str, lines: list[str]) -> Iterator[tuple[str, float]]:
    pages = [found for line in lines if (found := _PAGE.search(line))]
    if what == "inbox":
        yield f"inbox, {database}, p50 ms", middle([float(each[1]) for each in pages])
        yield f"inbox, {database}, processor ms a page", middle([float(each[2]) for each in pages])
    for line in lines:
        if wrong := _ERRORS.search(line):
            raise SystemExit(f"{what}: {wrong[1]}")
        if found := _HTTP.match(line):
            about = f"http, {database}, {found[2]}"
            yield f"{about}, completions/s", float(found[3])
            yield f"{about}, p50 ms", float(found[4])
            yield f"{about}, processor ms", float(found[5])
        if found := _INSIDE.match(line):
            about = f"in process, {database}, {found[1]}"
            yield f"{about}, processor ms", float(found[2])
            yield f"{about}, least processor ms", float(found[3])
            yield f"{about}, statements", float(found[4])
        if found := _MEMORY.search(line):
            yield f"http, {database}, MB at most", float(found[1])


def compare(trees: tuple[Tree, Tree], chosen: argparse.Namespace) -> dict[str, list[tuple[float, float]]]:
    """For each figure the pairs (other, this) of all rounds; each run is told as it ends."""
    pairs: dict[str, list[tuple[float, float]]] = {}
    for number in range(chosen.rounds):
        for what in chosen.what:
            for database in chosen.databases:
                seen = {tree.name: tree.run(what, database) for tree in (trees if number % 2 == 0 else trees[::-1])}
                other, this = (seen[tree.name] for tree in trees)
                for name in other.keys() & this.keys():
                    pairs.setdefault(name, []).append((other[name], this[name]))
                told = ", ".join(f"{n} {other[n]:g} → {this[n]:g}" for n in other if n in this)
                print(f"round {number + 1}, load {os.getloadavg()[0]:.1f}: {told}", flush=True)
    return pairs


def main() -> None:
    """Run, compare, tell."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("other", type=Path, help="the root of the other tree")
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--what", nargs="+", default=list(_ARGUMENTS), choices=tuple(_ARGUMENTS))
    asked.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"], choices=("sqlite", "postgresql"))
    chosen = asked.parse_args()
    began = time.monotonic()
    pairs = compare((Tree("other", chosen.other.resolve()), Tree("this", HERE)), chosen)
    figures = {}
    print(f"\n{'':<55}{'other':>10}{'this':>10}   this / other, each round")
    for name, found in sorted(pairs.items()):
        other, this = (middle(each) for each in zip(*found, strict=True))
        quotients = [b / a for a, b in found if a]
        figures[name] = [round(other, 3), round(this, 3), round(middle(quotients), 3)]
        print(
            f"{name:<55}{other:>10g}{this:>10g}   {middle(quotients):.2f}   ({' '.join(f'{q:.2f}' for q in quotients)})"
        )
    print(f"took {time.monotonic() - began:.0f} s")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
