"""Copies with their receipts, and comments, opened for those who may read the case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, or_, select

from engine.access import AccessRules, Actor
from engine.fields import Vault
from engine.model import case_file
from engine.model_collaboration import case_copy, comment, comment_mention

MOST = 50
_COMMENTS = select(comment).where(comment.c.case_id == bindparam("b_case")).order_by(comment.c.id.desc()).limit(200)
_MENTIONS = (
    select(comment_mention)
    .join(comment, comment.c.id == comment_mention.c.comment_id)
    .where(comment.c.case_id == bindparam("b_case"))
)
_COPIES = (
    select(case_copy).where(case_copy.c.case_id == bindparam("b_case")).order_by(case_copy.c.id.desc()).limit(MOST)
)


@dataclass(frozen=True)
class Comment:
    """One comment; `mentions` are account ids."""

    id: int
    by_id: int
    at: datetime
    text: str
    in_file: bool
    mentions: tuple[int, ...]


def comments(connection: Connection, vault: Vault, case_id: int) -> tuple[Comment, ...]:
    """The comments of a case, the newest first, 200 at most. The caller has asked for permission."""
    named: dict[int, list[int]] = {}
    for row in connection.execute(_MENTIONS, {"b_case": case_id}):
        named.setdefault(row.comment_id, []).append(row.account_id)
    rows = connection.execute(_COMMENTS, {"b_case": case_id})
    return tuple(
        Comment(r.id, r.by_id, r.at, vault.open(r.text_sealed).decode(), r.in_file, tuple(named.get(r.id, ())))
        for r in rows
    )


def copies_of(connection: Connection, case_id: int) -> tuple[Row[Any], ...]:
    """To whom a case was copied, the latest first: rows of `case_copy`. The caller has asked for permission."""
    return tuple(connection.execute(_COPIES, {"b_case": case_id}))


def received(connection: Connection, rules: AccessRules, actor: Actor) -> tuple[Row[Any], ...]:
    """What was copied to her or to her posts, in cases she may read, the latest first, fifty at most."""
    return _listed(connection, rules, actor, _hers(actor))


def sent(connection: Connection, rules: AccessRules, actor: Actor) -> tuple[Row[Any], ...]:
    """What she copied to others, with its receipts, in cases she may read, the latest first, fifty at most."""
    return _listed(connection, rules, actor, case_copy.c.by_id == actor.id)


def _hers(actor: Actor) -> ColumnElement[bool]:
    posts = [(case_copy.c.unit_id == p.unit_id) & (case_copy.c.post == p.code) for p in actor.posts]
    return or_(case_copy.c.account_id == actor.id, *posts)


def _listed(
    connection: Connection, rules: AccessRules, actor: Actor, which: ColumnElement[bool]
) -> tuple[Row[Any], ...]:
    wanted = (
        select(case_copy, case_file.c.number, case_file.c.subject, case_file.c.kind)
        .join(case_file, case_file.c.id == case_copy.c.case_id)
        .where(which, rules.visible_cases(actor))
        .order_by(case_copy.c.id.desc())
        .limit(MOST)
    )
    return tuple(connection.execute(wanted))
