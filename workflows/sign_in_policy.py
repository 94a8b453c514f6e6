"""What signing in takes and how long it lasts, by what a person may touch (decision 32). Data, in one place.

Whoever by her post comes into touch with C3 and C4 content (domain D1, D2), administers the house or reads its log (等保 三员),
lets others in, or is a member of the team of such a case, needs an authenticator and has shorter sessions.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, bindparam, exists, select

from engine.access import CONFIDENTIAL, Post
from engine.model import case_file
from engine.model_teams import case_member

#: posts of domain D1 whose work is with C3 or C4 by itself; village and township chairs only when they join a case team
CONFIDENTIAL_POSTS: Final = frozenset(
    (
        "RIGHTS_HEAD",
        "RIGHTS_WORKER",
        "COUNTY_CHAIR",
        "HOTLINE_AGENT",
        "MEDIATOR",
        "LAWYER_VOL",
        "COUNSELLOR",
        "CASE_AUDITOR",
    )
)
#: posts without case content whose power over the house is the same danger
KEEPERS: Final = frozenset(("SYS_ADMIN", "SEC_ADMIN", "LOG_AUDITOR"))
#: who lets others in: approves the posts that reach far, and takes a lost authenticator off
OPENERS: Final = frozenset(("COUNTY_CHAIR", "UPPER_CHAIR"))
#: whoever holds one of these has an authenticator, whatever she has in hand
STRICT_POSTS: Final = CONFIDENTIAL_POSTS | KEEPERS | OPENERS


@dataclass(frozen=True)
class Limits:
    """How long a session lasts: `idle` without a request, `absolute` in any case."""

    idle: timedelta
    absolute: timedelta


ORDINARY: Final = Limits(timedelta(minutes=60), timedelta(hours=12))
STRICT: Final = Limits(timedelta(minutes=15), timedelta(hours=8))


_member = case_member.c
_IN_A_TEAM = select(
    exists().where(
        _member.account_id == bindparam("b_account"),
        _member.ended_at.is_(None),
        _member.until.is_(None) | (_member.until > bindparam("b_now")),
        case_file.c.id == _member.case_id,
        case_file.c.confidentiality.in_(CONFIDENTIAL),
    )
)


def is_strict(connection: Connection, account_id: int, posts: Iterable[Post], now: datetime) -> bool:
    """Whether an account with these posts touches C3 or C4, by a post or in a case team, keeps the house or lets others in."""
    held = {post.code for post in posts}
    if held & STRICT_POSTS:
        return True
    return bool(connection.execute(_IN_A_TEAM, {"b_account": account_id, "b_now": now}).scalar())


def limits(*, strict: bool) -> Limits:
    """How long such a person's session lasts."""
    return STRICT if strict else ORDINARY
