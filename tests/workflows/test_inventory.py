"""The inventory says of every column how it keeps what it holds about people, and of every keyed hash what it vouches for."""

from __future__ import annotations

import re
from pathlib import Path
from unittest.mock import MagicMock

from engine.model import case_file
from workflows import inventory, schema


def test_every_column_that_could_tell_about_a_person_is_in_the_inventory() -> None:
    assert case_file.metadata is schema.metadata()
    missing = inventory.unlisted(schema.metadata())
    assert missing == [], "say in workflows/inventory.py how these are kept"
    gone = set(inventory.COLUMNS) - {str(column) for column in inventory.telling(schema.metadata())}
    assert gone == set(), "these are no columns any more"
    vouched = {str(column) for column in inventory.columns(schema.metadata(), inventory.Kept.VOUCHED)}
    assert vouched == set(inventory.VOUCHED)
    named_so = {name for name in map(str, inventory.telling(schema.metadata())) if name.endswith("_sealed")}
    assert {inventory.COLUMNS[name] for name in named_so} == {inventory.Kept.SEALED}


def test_whatever_the_house_vouches_for_is_vouched_for_anew_by_the_next_key() -> None:
    """A call of `vouch` with a label that no recipe of the inventory has would leave its column under the old key."""
    known = {"entry", "head", "count", "anchor", "audit", "version", "organisation", "handover", "grant"}
    row = MagicMock()
    assert {content(row)[0] for content in inventory.VOUCHED.values()} == known
    said = set()
    for path in [*Path("engine").rglob("*.py"), *Path("workflows").rglob("*.py")]:
        text = path.read_text()
        said |= set(re.findall(r"\.vouch\(\s*\"(\w+)\"", text))
        said |= set(re.findall(r"Journal\(\s*\"\w+\",\s*\w+,\s*\"(\w+)\"", text))
    assert said == known
