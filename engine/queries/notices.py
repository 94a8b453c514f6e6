"""Notices left for the posts a person holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, or_, select

from engine.access import AccessRules, Actor
from engine.model import case_file, notice
from engine.queries import guarded, lasting

LIMIT = 50


@dataclass(frozen=True)
class NoticeRow:
    """One notice; `kind` and `content` are codes and ids that the page puts into words."""

    id: int
    case_id: int
    number: str
    subject: str
    kind: str
    content: Mapping[str, Any]
    at: datetime
    read_at: datetime | None


def notices(
    connection: Connection, rules: AccessRules, actor: Actor, *, unread_only: bool = False
) -> tuple[NoticeRow, ...]:
    """The newest notices for this person's posts, and for herself as far as she may still read their cases."""
    built = _listed(rules, lasting.epoch(rules), lasting.timeless(actor), unread_only)
    return tuple(NoticeRow(**row) for row in built.asked(connection, lasting.moment(actor)).mappings())


@lru_cache(maxsize=lasting.KEPT)
def _listed(rules: AccessRules, _epoch: int, actor: Actor, unread_only: bool) -> lasting.Built:
    hers = (notice.c.account_id == actor.id) & rules.visible_cases(actor)
    pools = [(notice.c.unit_id == post.unit_id) & (notice.c.post == post.code) for post in actor.posts]
    statement = (
        select(
            notice.c.id,
            notice.c.case_id,
            case_file.c.number,
            case_file.c.subject,
            notice.c.kind,
            notice.c.content,
            notice.c.at,
            notice.c.read_at,
        )
        .join(case_file, case_file.c.id == notice.c.case_id)
        .where(or_(hers, *pools), guarded.known_case(rules, actor))
        .order_by(notice.c.id.desc())
        .limit(LIMIT)
    )
    if unread_only:
        statement = statement.where(notice.c.read_at.is_(None))
    return lasting.built(statement)
