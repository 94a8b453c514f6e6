"""Who belongs to a case by name, which other units it is shown to, and from whom it is kept, as the rules see it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from engine.access import Actor


class Role(StrEnum):
    """What somebody is in the team of a case; stored."""

    MANAGER = "manager"
    MEMBER = "member"
    INTAKE = "intake"
    #: let in for a day by two persons (break-glass): she reads, and does nothing
    GLASS = "glass"


@dataclass(frozen=True)
class Membership:
    """Somebody's place in the team of a case; `until` is the first instant at which it counts no more.

    `documents` are the ids of the only papers she may see, None for the whole case.
    """

    account_id: int
    role: str
    until: datetime | None = None
    documents: frozenset[int] | None = None

    def counts_for(self, actor: Actor) -> bool:
        """Whether it is hers and still counts at the moment she was asked about."""
        return self.account_id == actor.id and (self.until is None or (actor.at is not None and self.until > actor.at))


@dataclass(frozen=True)
class Share:
    """That a case is shown to another unit; `until` is the first instant at which it is no more, None without an end."""

    unit_id: int
    until: datetime | None = None

    def lasts(self, at: datetime | None) -> bool:
        """Whether it counts at a moment; at none that is known, only one without an end does."""
        return self.until is None or (at is not None and self.until > at)


@dataclass(frozen=True)
class Guard:
    """Who belongs to a case by name, and the keyed hashes of whom it is kept from. Subjects of rules carry it as `guard`."""

    members: tuple[Membership, ...] = ()
    excluded: frozenset[str] = frozenset()


#: the guard of a case that has neither team nor exclusion
UNGUARDED = Guard()
