"""Statements that are built once for each person and kept: what she may see is a large part of them, and it seldom changes.

They depend on her account and her posts; the moment she asks is a parameter (`b_at`). `engine.prepared` then has their text
ready. Who acts in another's place asks by statements built for the occasion.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, cast

from sqlalchemy import bindparam

from engine.access import AccessRules, Actor
from engine.columns import Instant

#: persons and lists for whom statements are kept
KEPT: Final = 512
_AT: Final = cast("Any", bindparam("b_at", type_=Instant()))


def timeless(actor: Actor) -> Actor:
    """The same person with the moment as a parameter; two of them are equal when account and posts are."""
    return replace(actor, at=_AT)


def moment(actor: Actor) -> Mapping[str, Any]:
    """The parameter of statements built for `timeless(actor)`."""
    return {"b_at": actor.at}


def epoch(rules: AccessRules | None) -> int:
    """Of the rules: a statement built in an earlier one is not asked again."""
    return 0 if rules is None else rules.epoch()
