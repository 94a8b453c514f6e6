"""Random verbs on thousands of cases, and the table of docs/verbs.md: which verb went through how often on which node.

    python -m benchmarks.verbs 300

The argument is the number of histories for each drawing. After every verb of every history everything is checked that
`tests/engine/verbs/walking.py` checks; the first history that breaks anything is told with its last steps.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.engine.verbs.office import DRAWINGS, OfficeHouse
from tests.engine.verbs.walking import WEIGHTS, Walk

KINDS = ("single", "branch", "called", "all", "any", "sequence")
AT_ONCE = 20  # histories in one database


def main(histories: int) -> None:
    """Walk, then print the table in Markdown."""
    done: Counter[tuple[str, str]] = Counter()
    refused: Counter[str] = Counter()
    for name in DRAWINGS:
        for first in range(0, histories, AT_ONCE):
            with tempfile.TemporaryDirectory() as folder:
                house = OfficeHouse(f"sqlite:///{Path(folder) / 'office.db'}", name)
                for number in range(first, min(first + AT_ONCE, histories)):
                    walk = Walk(house, f"{name} {number}")
                    walk.go()
                    done += walk.done
                    refused += walk.refused
                house.close()
        print(name, done.total(), file=sys.stderr, flush=True)
    print(f"{histories * len(DRAWINGS)} histories, {done.total()} verbs done, {refused.total()} refused\n")
    print("| verb | " + " | ".join(KINDS) + " | refused |")
    print("|---" * (len(KINDS) + 2) + "|")
    for verb in WEIGHTS:
        print(f"| {verb} | " + " | ".join(str(done[verb, kind]) for kind in KINDS) + f" | {refused[verb]} |")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
