"""The words of a matter, and how alike two accounts of it read: a hint for whoever decides, never a decision (P2 step 3)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from engine.search_index import normalised

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.fields import Vault

#: pairs of neighbouring characters two accounts must share, and what part of the shorter one, to be told as alike
LEAST: Final = 4
PART: Final = 0.3
_SIGNS: Final = re.compile(r"[\W_]+")


def searchable(answers: Mapping[str, Any]) -> Mapping[str, str]:
    """What a petition is found by: her name, and the words of the matter and the claim."""
    words = "\n".join(str(answers.get(name) or "") for name in ("matter", "claim", "accused"))
    return {"name": str(answers.get("name") or ""), "words": words}


def name_of(vault: Vault, name: str | None) -> str | None:
    """The keyed hash of a name, however it is spaced or dotted; None without one. Many bear the same: it proves nothing."""
    plain = normalised(name or "")
    return vault.lookup("petition.name", plain) if plain else None


def alike(one: str, other: str) -> bool:
    """Whether much of the shorter account stands in the other, in whatever order; short ones are like nothing."""
    first, second = _pairs(one), _pairs(other)
    shared = len(first & second)
    return shared >= LEAST and shared >= PART * min(len(first), len(second))


def _pairs(text: str) -> frozenset[str]:
    plain = _SIGNS.sub("", normalised(text))
    return frozenset(plain[i : i + 2] for i in range(len(plain) - 1))
