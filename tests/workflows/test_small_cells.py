"""Small cells (D2): below five nothing is told, and nothing that could be reckoned from the rest."""

from __future__ import annotations

import pytest

from workflows.small_cells import LEAST, marks


@pytest.mark.parametrize(
    ("numbers", "told", "total"),
    [
        ([], [], ""),
        ([5, 9], ["", ""], ""),
        ([4, 3, 9], ["<5", "<5", ""], ""),
        ([0, 9, 7], ["<5", "", "*"], ""),
        ([4, 5], ["<5", "*"], ""),
        ([9, 9, 1], ["*", "", "<5"], ""),
        ([4], ["<5"], "<5"),
        ([0], ["<5"], "<5"),
        ([5], [""], ""),
    ],
)
def test_what_is_printed_in_place_of_figures_and_of_their_total(numbers, told, total):
    assert marks(numbers) == (told, total)


def test_no_small_figure_can_be_had_by_subtraction():
    """Whatever the figures are: what is not shown is never a single one below five beside a shown total."""
    for a in range(LEAST + 2):
        for b in range(LEAST + 2):
            for c in range(LEAST + 2):
                told, total = marks([a, b, c])
                hidden = [n for n, mark in zip((a, b, c), told, strict=True) if mark]
                assert total or len(hidden) != 1
                assert all(mark == "<5" for n, mark in zip((a, b, c), told, strict=True) if n < LEAST)
