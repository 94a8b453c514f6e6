"""Which dossiers an audit engagement lets its auditor into, for one case and as a WHERE clause, from the same scope.

An engagement counts on a day when it is approved, was not ended, and the day is one of its days. What it lets in is decided by
unit path, kind, the civil day the case was opened, class, and the sample drawn; everything else does not exist for the auditor.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, and_, select

from engine.access import Actor, Engagement, Post
from engine.clock import start_of_day
from engine.model import case_file
from engine.reference import Kept
from workflows.model_engagement import engagement

AUDITOR: Final = "CASE_AUDITOR"
#: classes of cases whose dossiers are shown with the person in them
OPEN_CLASSES: Final = ("C0", "C1", "C2")
_APPROVED = select(engagement).where(engagement.c.state == "approved").order_by(engagement.c.id)


def audits(connection: Connection, account_id: int, posts: Sequence[Post], on: date) -> tuple[Engagement, ...]:
    """The engagements of somebody with these posts that run on a day; nothing is asked for who is no auditor."""
    if not any(post.code == AUDITOR for post in posts):
        return ()
    mine = _approved.of(connection).get(account_id, ())
    return tuple(scope for since, until, scope in mine if since <= on <= until)


def _by_auditor(connection: Connection) -> Mapping[int, list[tuple[date, date, Engagement]]]:
    found: dict[int, list[tuple[date, date, Engagement]]] = {}
    for row in connection.execute(_APPROVED):
        found.setdefault(row.auditor_id, []).append((row.since, row.until, scope_of(row)))
    return found


_approved = Kept(_by_auditor)


def scope_of(row: Row[Any]) -> Engagement:
    """The scope of an engagement row, whatever its state."""
    return Engagement(
        id=row.id,
        path=row.path,
        kinds=frozenset(row.kinds),
        opened_from=start_of_day(row.opened_since),
        opened_before=start_of_day(row.opened_until + timedelta(days=1)),
        classes=frozenset((*OPEN_CLASSES, "C3") if row.confidential else OPEN_CLASSES),
        cases=None if row.cases is None else frozenset(row.cases),
    )


def within(scope: Engagement) -> ColumnElement[bool]:
    """`Engagement.covers` as a WHERE clause over `model.case_file`."""
    found = and_(
        case_file.c.path.like(f"{scope.path}%"),
        case_file.c.kind.in_(sorted(scope.kinds)),
        case_file.c.created_at >= scope.opened_from,
        case_file.c.created_at < scope.opened_before,
        case_file.c.confidentiality.in_(sorted(scope.classes)),
    )
    return found if scope.cases is None else and_(found, case_file.c.id.in_(sorted(scope.cases)))


def hers(actor: Actor) -> list[Engagement]:
    """Her running engagements in units above which she still holds the post of an auditor, and no other post has a part in."""
    paths = [post.path for post in actor.posts if post.code == AUDITOR]
    mine = (scope for scope in actor.engagements if any(scope.path.startswith(path) for path in paths))
    return [scope for scope in mine if not takes_part(actor.posts, scope.path)]


def takes_part(posts: Sequence[Post], path: str) -> bool:
    """Whether one of somebody's posts but that of an auditor lies in a line with the units below a path: her own work."""
    others = (post.path for post in posts if post.code != AUDITOR)
    return any(other.startswith(path) or path.startswith(other) for other in others)
