"""Find cases by number, ID number or words: only those the asker may read, and so many at a time.

Permission is part of the statement; a case she may not read is not found, as if it did not exist.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import Connection, Row, Select, select, union

from engine import search_index
from engine.access import Actor
from engine.model import case_file
from engine.model_search import search_pair, search_text
from engine.queries.case_list import CaseRow, case_rows
from engine.queries.inbox import Cursor, Page

if TYPE_CHECKING:
    from engine.runtime import Runtime

FIELDS = ("name", "words")
LONGEST = 40
PAGE = 50
#: pairs asked of the database; a longer word is told apart by the rest when its texts are opened
_PAIRS = 6
_BATCH = 100
#: batches of candidates that are opened for one page at most
_ROUNDS = 10

State = Literal["open", "closed"]


@dataclass(frozen=True)
class Sought:
    """What to look for: the beginning of a case number, the keyed hash of an ID number, or words; and in which state."""

    number: str = ""
    subject_hash: str = ""
    words: str = ""
    state: State | None = None


def find(
    runtime: Runtime, connection: Connection, actor: Actor, sought: Sought, *, after: Cursor | None = None
) -> Page[CaseRow]:
    """One page of the cases found, the newest first. Nothing sought finds nothing."""
    statement = _narrowed(runtime, actor, sought)
    if statement is None:
        return Page((), None)
    word = search_index.normalised(sought.words)
    found: list[Row[Any]] = []
    last = after.id if after is not None else None
    for _ in range(_ROUNDS):
        rows = connection.execute(_batch(statement, last)).all()
        found += [row for row in rows if _holds(runtime, row, word)]
        if len(rows) < _BATCH or len(found) > PAGE:
            break
        last = rows[-1].id
    shown = found[:PAGE]
    following = Cursor(None, shown[-1].id) if len(found) > PAGE else None
    return Page(case_rows(connection, shown), following)


def _narrowed(runtime: Runtime, actor: Actor, sought: Sought) -> Select[Any] | None:
    statement = (
        select(case_file, search_text.c.text_sealed)
        .outerjoin(search_text, search_text.c.case_id == case_file.c.id)
        .where(runtime.rules.visible_cases(actor))
    )
    if sought.state:
        statement = statement.where(case_file.c.state == sought.state)
    word = search_index.normalised(sought.words)
    if sought.number:
        return statement.where(case_file.c.number.startswith(sought.number, autoescape=True))
    if sought.subject_hash:
        return statement.where(case_file.c.subject_hash == sought.subject_hash)
    if len(word) >= search_index.SHORTEST:
        return statement.where(case_file.c.id.in_(_with_pairs(runtime, word)))
    return statement.where(case_file.c.subject.startswith(word, autoescape=True)) if word else None


def _with_pairs(runtime: Runtime, word: str) -> Any:
    """The ids of the cases that hold every pair of a word in one field, by any of the keys that are on their way."""
    cut = word[: _PAIRS + 1]
    made = [pairs for field in FIELDS for pairs in search_index.pairs_by_step(runtime.vault, field, cut)]
    return union(*map(_holding, made)).subquery().select()


def _holding(pairs: Collection[int]) -> Select[Any]:
    first, *others = sorted(pairs)
    ids = select(search_pair.c.case_id).where(search_pair.c.pair == first)
    for pair in others:
        other = search_pair.alias()
        same = select(other.c.pair).where(other.c.pair == pair, other.c.case_id == search_pair.c.case_id)
        ids = ids.where(same.exists())
    return ids


def _batch(statement: Select[Any], before: int | None) -> Select[Any]:
    if before is not None:
        statement = statement.where(case_file.c.id < before)
    return statement.order_by(case_file.c.id.desc()).limit(_BATCH)


def _holds(runtime: Runtime, row: Row[Any], word: str) -> bool:
    if len(word) < search_index.SHORTEST:
        return True
    return row.text_sealed is not None and search_index.holds(runtime.vault, row.text_sealed, word)
