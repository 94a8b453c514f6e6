"""Whom a row of a table lets in and whom it refuses: what both tables, of the routes and of the commands, are written in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.access.knocking import CLOSED, IN, MISSING, REFUSED

#: the end of a line of either table
WHO = r"in: *([^:]*?) *(?:refused: *([^:]*?))? *(?:missing: *(.*))?"


@dataclass(frozen=True)
class Who:
    """Names by outcome; `*` is everybody who holds a post today, and counts where no name does. Nobody named: missing."""

    in_: frozenset[str]
    refused: frozenset[str]
    missing: frozenset[str]

    @property
    def named(self) -> frozenset[str]:
        """Everybody who stands in the row, and `*`."""
        return self.in_ | self.refused | self.missing

    def expected(self, label: str) -> str:
        """What comes of it when somebody tries; CLOSED for those whose term has ended."""
        place, _, post = label.partition(".")
        if place == "gone":
            return CLOSED
        name = label if place == "away" or not post else post
        rules = ((IN, self.in_), (REFUSED, self.refused), (MISSING, self.missing))
        named = [told for told, names in rules if name in names]
        return next(iter([*named, *(told for told, names in rules if "*" in names)]), MISSING)


def who(*groups: str | None) -> dict[str, frozenset[str]]:
    """The three groups WHO has found, for a `Who`."""
    return dict(zip(("in_", "refused", "missing"), (frozenset((each or "").split()) for each in groups), strict=True))


def lines(table: str) -> list[str]:
    """The lines of a table beside this file, without comments."""
    found = (Path(__file__).parent / table).read_text("utf-8").splitlines()
    return [line for line in found if line and not line.startswith("#")]
