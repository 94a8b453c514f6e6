"""Statements that are built once for each person and kept: what she may see is a large part of them, and it seldom changes.

They depend on her account and her posts; the moment she asks is a parameter (`b_at`). `engine.prepared` then has their text
ready. Who acts in another's place asks by statements built for the occasion.

A statement with all its clauses takes a hundred kilobytes, and hundreds of people work in a house: those who hold the like posts
share one, and of each person only the values are kept that stand in it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any, Final, cast

from sqlalchemy import BindParameter, Connection, Select, bindparam
from sqlalchemy.sql.visitors import replacement_traverse

from engine.access import AccessRules, Actor
from engine.columns import Instant
from engine.prepared import LONGEST

#: persons and lists for whom statements are kept
KEPT: Final = 512
#: statements that are shared among them
_SHARED: Final = 128
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


@dataclass(frozen=True)
class Built:
    """A statement with what it says of one person in its places."""

    statement: Select[Any]
    values: Mapping[str, Any]

    def asked(self, connection: Connection, more: Mapping[str, Any]) -> Any:
        """Its answer; `more` are the parameters that are no values of hers."""
        return connection.execute(self.statement, {**self.values, **more})


def built(statement: Select[Any]) -> Built:
    """A statement to be kept, as one that is shared with everybody whose own differs in values alone."""
    found = statement._generate_cache_key()  # noqa: SLF001 - the library tells no other way that two are built alike
    if found is None:
        return Built(statement, {})
    values = [(bind, _value(bind)) for bind in found.bindparams if not bind.required]
    # a list that no parameter is made of is part of the text, and so is where it stands
    key = found.key, tuple((place, value) for place, (bind, value) in enumerate(values) if _stays(bind, value))
    named = [(f"v{place}", bind, value) for place, (bind, value) in enumerate(values) if not _stays(bind, value)]
    with _guard:
        shared = _known.pop(key, None)
        if shared is None:
            shared = _open(statement, {bind: name for name, bind, _ in named})
        _known[key] = shared
        if len(_known) > _SHARED:
            _known.popitem(last=False)
    return Built(shared, {name: value for name, _, value in named})


def _value(bind: BindParameter[Any]) -> Any:
    return tuple(cast("Any", bind.effective_value)) if bind.expanding else bind.effective_value


def _stays(bind: BindParameter[Any], value: Any) -> bool:
    return bind.expanding and not 0 < len(value) <= LONGEST


def _open(statement: Select[Any], names: Mapping[BindParameter[Any], str]) -> Select[Any]:
    """The statement with parameters of these names where values stand."""

    def opened(element: Any, **_: Any) -> Any:
        name = names.get(element) if isinstance(element, BindParameter) else None
        return None if name is None else bindparam(name, type_=element.type, expanding=element.expanding)

    return cast("Select[Any]", replacement_traverse(statement, {}, opened))


_known: OrderedDict[Hashable, Select[Any]] = OrderedDict()
_guard: Final = Lock()
