"""The tree is that of RFC 6962: root and paths follow its recursive definition, and no other path leads to the root."""

from __future__ import annotations

import hashlib

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.merkle import leaf_hash, node_hash, path_to, root_from, root_of

LEAVES = st.lists(st.binary(max_size=8), min_size=1, max_size=40)


def by_definition(leaves: list[bytes]) -> bytes:
    """Section 2.1, word for word."""
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\1" + by_definition(leaves[:split]) + by_definition(leaves[split:])).digest()


@settings(max_examples=60)
@given(leaves=LEAVES, data=st.data())
def test_every_leaf_has_a_path_to_the_root_and_no_other_has_it(leaves: list[bytes], data: st.DataObject) -> None:
    root, count = root_of(iter(leaves))
    assert (root, count) == (by_definition(leaves), len(leaves))
    index = data.draw(st.integers(0, len(leaves) - 1))
    path = path_to(leaves, index)
    assert root_from(leaves[index], index, count, path) == root
    assert root_from(leaves[index] + b"x", index, count, path) != root
    assert root_from(leaves[index], index, count, [*path, b"0" * 32]) is None
    if path:
        assert root_from(leaves[index], index, count, path[:-1]) is None
    for place in {-1, count}:
        assert root_from(leaves[index], place, count, path) is None


def test_a_node_cannot_be_shown_for_a_leaf() -> None:
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert leaf_hash(left + right) != node_hash(left, right)


def test_nothing_has_the_root_of_nothing() -> None:
    assert root_of([]) == (hashlib.sha256(b"").digest(), 0)
