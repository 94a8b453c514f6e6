"""Small cells of a table of figures (D2): whoever may not open the cases must not learn of a single one from its figures.

A figure below five at village or township level is printed as “<5”. Where that leaves one figure that could be had by subtraction
from the total, the smallest other one is kept back too (complementary suppression), or the total when there is no other.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

LEAST: Final = 5
#: what is printed for a small figure, and for one that is kept back so that no small one can be reckoned
SMALL, KEPT_BACK = "<5", "*"


def marks(numbers: Sequence[int], hidden: Collection[int] = ()) -> tuple[list[str], str]:
    """What is printed in place of the figures of the units of one column ("" for the figure itself), and of its total.

    `hidden`: places of figures that are kept back whatever they are, since a small one could be had from them.
    """
    told = [SMALL if number < LEAST else KEPT_BACK if at in hidden else "" for at, number in enumerate(numbers)]
    if len(told) - told.count("") != 1:
        return told, ""
    open_ones = [at for at, mark in enumerate(told) if not mark]
    if not open_ones:
        return told, SMALL if sum(numbers) < LEAST else KEPT_BACK
    told[min(open_ones, key=lambda at: numbers[at])] = KEPT_BACK
    return told, ""


def betraying(parts: Sequence[int], wholes: Sequence[int]) -> set[int]:
    """The places where a part beside its whole would tell a small figure: all but one to four of it."""
    return {at for at, (part, whole) in enumerate(zip(parts, wholes, strict=True)) if 0 < whole - part < LEAST}
