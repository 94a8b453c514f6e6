"""Small cells (D2): below five nothing is told, and nothing that could be reckoned from the rest."""

from __future__ import annotations

import pytest

from workflows.small_cells import LEAST, betraying, marks


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


def test_a_part_beside_its_whole_tells_no_small_rest():
    """Whatever the figures are: a part that is shown leaves nothing of its whole, or five and more; nor can one be subtracted."""
    parts_of = [
        (part, whole) for whole in (0, 4, 5, 9, 14) for part in {0, 4, 5, whole - 1, whole} if 0 <= part <= whole
    ]
    for one in parts_of:
        for other in parts_of:
            parts, wholes = zip(one, other, strict=True)
            told, total = marks(parts, betraying(parts, wholes))
            shown = [whole - part for mark, part, whole in zip(told, parts, wholes, strict=True) if not mark]
            assert all(rest == 0 or rest >= LEAST for rest in shown)
            assert total or told.count("") != 1


@pytest.mark.parametrize(
    ("numbers", "hidden", "told", "total"),
    [
        ([9, 8, 7], {0}, ["*", "", "*"], ""),
        ([9, 8], {0, 1}, ["*", "*"], ""),
        ([9], {0}, ["*"], "*"),
        ([3, 9], {0}, ["<5", "*"], ""),
    ],
)
def test_what_is_kept_back_for_another_reason_is_not_left_alone_either(numbers, hidden, told, total):
    assert marks(numbers, hidden) == (told, total)
