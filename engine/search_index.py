"""What a case is found by: names and words, never in the clear in the database (decision 21).

A text is normalised and cut into pairs of neighbouring characters; each pair is kept as a keyed hash beside the case. A word of
two characters, the commonest Chinese word, is one pair, so it is found as easily as a long one. Whether the pairs of a case stand
in the right order is read from its words, which lie sealed beside them: what is found is what a plain search would find.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from engine.fields import Vault
from engine.model_search import search_pair, search_text

#: of a longer text the beginning is searched
MOST = 300
SHORTEST = 2
_BLANK = re.compile(r"[\s·]+")
_PAIR_DIGITS = 12

_KNOWN = select(search_text.c.text_sealed).where(search_text.c.case_id == bindparam("b_case"))
_DROP = delete(search_pair).where(search_pair.c.case_id == bindparam("b_case"))
_ADD = insert(search_pair)
_KEEP = insert(search_text)
_RESEAL = (
    update(search_text).where(search_text.c.case_id == bindparam("b_case")).values(text_sealed=bindparam("b_sealed"))
)


def normalised(text: str) -> str:
    """As it is compared: full-width like half-width, small like capital letters, without blanks and middle dots."""
    return _BLANK.sub("", unicodedata.normalize("NFKC", text).casefold())[:MOST]


def pairs(vault: Vault, field: str, text: str) -> frozenset[int]:
    """The keyed hashes (48 bits) of the pairs of a normalised text; those of one field say nothing about another's."""
    cut = {text[i : i + 2] for i in range(len(text) - 1)}
    return frozenset(int(vault.lookup(f"search {field}", pair)[:_PAIR_DIGITS], 16) for pair in cut)


def store(connection: Connection, vault: Vault, case_id: int, texts: Mapping[str, str]) -> bool:
    """Let a case be found by these texts (field → text) and no others; True when that changed anything."""
    found = {field: normal for field, text in texts.items() if (normal := normalised(text))}
    known = connection.execute(_KNOWN, {"b_case": case_id}).scalar()
    if known is not None and vault.open_json(known) == found:
        return False
    sealed = vault.seal_json(found)
    if known is None:
        connection.execute(_KEEP, {"case_id": case_id, "text_sealed": sealed})
    else:
        connection.execute(_DROP, {"b_case": case_id})
        connection.execute(_RESEAL, {"b_case": case_id, "b_sealed": sealed})
    every = {pair for field, text in found.items() for pair in pairs(vault, field, text)}
    rows: list[dict[str, Any]] = [{"pair": pair, "case_id": case_id} for pair in sorted(every)]
    if rows:
        connection.execute(_ADD, rows)
    return True


def holds(vault: Vault, sealed: bytes, sought: str) -> bool:
    """Whether a normalised word stands in one of the sealed texts of a case."""
    return any(sought in text for text in vault.open_json(sealed).values())
