"""An entry that an anchor covers can be proved with a file and a root, and with nothing else; no altered file proves anything."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from engine import anchors, proofs
from engine.errors import NotFound
from engine.model import case_file
from engine.proofs import BadProof, NotAnchored

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.engine.anchored import Told


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The place of every single value in a proof."""
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(inner, (*path, key))
    else:
        yield path


def altered(proof: Any, path: tuple[Any, ...]) -> Any:
    changed = copy.deepcopy(proof)
    inside = changed
    for key in path[:-1]:
        inside = inside[key]
    old = inside[path[-1]]
    inside[path[-1]] = (
        old + 1 if isinstance(old, int) else "x" if old is None else ("1" if old[:1] == "0" else "0") + old[1:]
    )
    return changed


def test_every_anchored_entry_of_every_case_can_be_proved_and_no_other(told: Told) -> None:
    with told.house.runtime.reading() as connection:
        newest = anchors.newest(connection)
        assert newest is not None
        for case_id, last, _ in list(anchors.heads(connection, newest.seq))[:2]:
            for seq in (None, *range(1, last + 1)):
                proof = json.loads(json.dumps(proofs.prove(connection, case_id, seq)))
                shown = proofs.check(proof, proof["anchor"]["root"])
                row = anchors.numbered(connection, shown.anchor.seq)
                assert row is not None
                assert row.root == shown.anchor.root
                assert (shown.case_id, shown.seq) == (case_id, last if seq is None else seq)
        unanchored = connection.execute(select(case_file.c.last_seq).where(case_file.c.id == 1)).scalar_one() + 1
        with pytest.raises((NotAnchored, NotFound)):
            proofs.prove(connection, 1, unanchored)
        with pytest.raises(NotAnchored):
            proofs.prove(connection, 4, 1)
        with pytest.raises((NotAnchored, NotFound)):
            proofs.prove(connection, 1, 0)


def test_a_proof_of_which_any_one_value_was_changed_proves_nothing(told: Told) -> None:
    with told.house.runtime.reading() as connection:
        proof = proofs.prove(connection, 1, 2, anchor_seq=3)
    root = proof["anchor"]["root"]
    assert proofs.check(proof, root.upper()).seq == 2
    places = list(leaves(proof))
    assert len(places) > 25
    for path in places:
        with pytest.raises(BadProof):
            proofs.check(altered(proof, path), root)
    for broken in (None, [], {}, {**proof, "entries": []}, {**proof, "path": "x"}, {**proof, "place": "0"}):
        with pytest.raises(BadProof):
            proofs.check(broken, root)


def test_a_genuine_proof_does_not_hold_against_the_root_of_another_anchor(told: Told) -> None:
    with told.house.runtime.reading() as connection:
        proof = proofs.prove(connection, 1, 2, anchor_seq=2)
        other = proofs.prove(connection, 1, 2, anchor_seq=3)["anchor"]["root"]
    with pytest.raises(BadProof, match="根值"):
        proofs.check(proof, other)
