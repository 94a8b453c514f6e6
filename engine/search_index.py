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

from sqlalchemy import ColumnElement, Connection, bindparam, delete, insert, select, update

from engine.fields import Vault
from engine.model_search import search_pair, search_text

#: of a longer text the beginning is searched
MOST = 300
SHORTEST = 2
_BLANK = re.compile(r"[\s·]+")
_PAIR_DIGITS = 12
_BITS = 4 * _PAIR_DIGITS

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
    """The keyed hashes (48 bits, the step of the key above) of the pairs of a normalised text, as they are made now.

    Those of one field say nothing about another's.
    """
    return pairs_by_step(vault, field, text)[-1]


def pairs_by_step(vault: Vault, field: str, text: str) -> tuple[frozenset[int], ...]:
    """The same at every step of the keys, the oldest first: until a change of keys has come to it, a case has those of before."""
    cut = {text[i : i + 2] for i in range(len(text) - 1)}
    every = [vault.lookups(f"search {field}", pair) for pair in sorted(cut)]
    steps = range(vault.step)
    return tuple(frozenset(_number(made[step], step) for made in every) for step in steps)


def _number(hashed: str, step: int) -> int:
    return step << _BITS | int(hashed[:_PAIR_DIGITS], 16)


def behind(vault: Vault) -> ColumnElement[bool]:
    """Of the pairs those that were made at an earlier step. Asked of one case at a time, so not by the index of pairs."""
    return search_pair.c.pair + 0 < (vault.step - 1) << _BITS


def renew(connection: Connection, vault: Vault, case_id: int) -> None:
    """Make the pairs of a case anew from its sealed texts; Unreadable."""
    sealed = connection.execute(_KNOWN.with_for_update(), {"b_case": case_id}).scalar()
    if sealed is not None:
        found = vault.open_json(sealed)
        connection.execute(_DROP, {"b_case": case_id})
        _write(connection, vault, case_id, found)


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
    _write(connection, vault, case_id, found)
    return True


def _write(connection: Connection, vault: Vault, case_id: int, found: Mapping[str, str]) -> None:
    every = {pair for field, text in found.items() for pair in pairs(vault, field, text)}
    rows: list[dict[str, Any]] = [{"pair": pair, "case_id": case_id} for pair in sorted(every)]
    if rows:
        connection.execute(_ADD, rows)


def holds(vault: Vault, sealed: bytes, sought: str) -> bool:
    """Whether a normalised word stands in one of the sealed texts of a case."""
    return any(sought in text for text in vault.open_json(sealed).values())
