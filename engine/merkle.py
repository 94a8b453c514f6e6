"""A Merkle tree as in RFC 6962, section 2.1: one value over many leaves, and short proofs that a leaf is among them.

Leaves are hashed behind a 0 byte and nodes behind a 1 byte, so that a node can never be shown for a leaf. The tree over n leaves
splits at the greatest power of two below n. Hashes are SHA-256.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Final

#: the root over no leaves at all
EMPTY: Final = hashlib.sha256(b"").digest()


def leaf_hash(leaf: bytes) -> bytes:
    """The hash of one leaf."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees side by side."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(leaves: Iterable[bytes]) -> tuple[bytes, int]:
    """The root over the leaves and their number; as many hashes are held at a time as the tree is high."""
    standing: list[tuple[int, bytes]] = []
    count = 0
    for leaf in leaves:
        count += 1
        size, hashed = 1, leaf_hash(leaf)
        while standing and standing[-1][0] == size:
            hashed = node_hash(standing.pop()[1], hashed)
            size *= 2
        standing.append((size, hashed))
    if not standing:
        return EMPTY, 0
    _, root = standing.pop()
    while standing:
        root = node_hash(standing.pop()[1], root)
    return root, count


def path_to(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The hashes beside the way from a leaf (by its place, from 0) up to the root, the lowest first; IndexError."""
    if not 0 <= index < len(leaves):
        raise IndexError(index)
    level = [leaf_hash(leaf) for leaf in leaves]
    path: list[bytes] = []
    while len(level) > 1:
        beside = index ^ 1
        if beside < len(level):
            path.append(level[beside])
        above = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        # a last one without a neighbour goes up as it is: that is the split at the greatest power of two
        level = above + level[len(level) & ~1 :]
        index //= 2
    return path


def root_from(leaf: bytes, index: int, count: int, path: Sequence[bytes]) -> bytes | None:
    """The root to which a path leads from the leaf at place `index` of `count`; None when no tree has such a path."""
    if not 0 <= index < count:
        return None
    hashed, last, rest = leaf_hash(leaf), count - 1, list(path)
    while last:
        if index % 2 or index < last:
            if not rest:
                return None
            beside = rest.pop(0)
            hashed = node_hash(beside, hashed) if index % 2 else node_hash(hashed, beside)
        index, last = index // 2, last // 2
    return None if rest else hashed
