"""Bring what is stored over to the key that counts, row by row, while people work: each row only if it is still as it was read.

Nothing is remembered of how far it is: what is done shows in the rows themselves. So it may be stopped, killed and begun again
at any time, by several at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    LargeBinary,
    Row,
    Table,
    and_,
    bindparam,
    func,
    literal,
    not_,
    select,
    tuple_,
    update,
)

from engine import blobs, search_index
from engine.access import SYSTEM
from engine.errors import Busy
from engine.fields import Unreadable, Vault
from engine.model_filed import blob
from engine.model_search import search_pair, search_text
from engine.unit_of_work import unit_of_work

if TYPE_CHECKING:
    from engine.runtime import Runtime

T = TypeVar("T")

#: rows read and written at a time: a person's own step waits at most for so many
AT_ONCE: Final = 200
#: short values that are changed within one transaction
_WITHIN_ONE: Final = 5_000
#: bytes of one column read at a time, unless one value alone has more
ENOUGH: Final = 4 * 1024 * 1024
#: cases whose words are brought over at a time
_CASES: Final = 20
#: how often one batch that met others is tried again
_TRIES: Final = 5
_NOT_REMEMBERED: Final = {"halfsky_once": True}

#: the new value of one row; None: no key opens or proves the old one
Change = Callable[[Vault, Row[Any]], Any]


@dataclass
class Tally:
    """What a round did: rows brought over, and rows that no key opens."""

    done: int = 0
    damaged: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Target:
    """One column to bring over: how to tell what is behind, and the new value of a row (None: no key opens or proves it)."""

    column: Column[Any]
    behind: Callable[[Vault], ColumnElement[bool]]
    change: Change

    @property
    def table(self) -> Table:
        """Its table."""
        return self.column.table

    def places(self) -> list[Column[Any]]:
        """The primary key."""
        return list(self.table.primary_key)


def sealed(column: Column[Any]) -> Target:
    """A column of `Vault.seal`, bytes or text."""
    is_bytes = isinstance(column.type, LargeBinary)

    def behind(vault: Vault) -> ColumnElement[bool]:
        mark: Any = vault.mark if is_bytes else vault.mark.decode()
        start = func.substr(column, 1, len(mark), type_=column.type)
        return and_(column.is_not(None), start != literal(mark, column.type), func.length(column) > 0)

    def change(vault: Vault, row: Row[Any]) -> Any:
        old = row._mapping[column]  # noqa: SLF001 - public, in spite of its name
        try:
            new = vault.seal(vault.open(old if is_bytes else old.encode()))
        except Unreadable:
            return None
        return new if is_bytes else new.decode()

    return Target(column, behind, change)


def vouched(column: Column[Any], content: Callable[[Any], tuple[Any, ...]]) -> Target:
    """A column of `Vault.vouch` over `content` of the row; what was not vouched for before is not vouched for now."""

    def behind(vault: Vault) -> ColumnElement[bool]:
        return and_(column != "", not_(column.like(f"%.{vault.step}"))) if vault.step > 1 else literal(value=False)

    def change(vault: Vault, row: Row[Any]) -> Any:
        said = content(row)
        old = row._mapping[column]  # noqa: SLF001 - public, in spite of its name
        return vault.vouch(*said) if vault.vouches(old, *said) else None

    return Target(column, behind, change)


def hashed(column: Column[Any]) -> Target:
    """A column of `Vault.lookup`."""

    def behind(vault: Vault) -> ColumnElement[bool]:
        if vault.step == 1:
            return literal(value=False)
        return and_(column.is_not(None), column != "", not_(column.like(f"%.{vault.step}")))

    def change(vault: Vault, row: Row[Any]) -> Any:
        return vault.raised(row._mapping[column])  # noqa: SLF001 - public, in spite of its name

    return Target(column, behind, change)


def left(connection: Connection, vault: Vault, target: Target) -> int:
    """How many rows of a column are behind."""
    counted = select(func.count()).select_from(target.table).where(target.behind(vault))
    return int(connection.execute(counted, execution_options=_NOT_REMEMBERED).scalar() or 0)


def rows_of(
    connection: Connection, target: Target, where: ColumnElement[bool], after: Any, most: int = 0
) -> tuple[Sequence[Row[Any]], Any]:
    """The next rows of a column's table in the order of its primary key, and after which place to go on (None: no further).

    At most `most` (AT_ONCE) of them, of large ones only so many as have ENOUGH bytes together; other columns of bytes are left
    out.
    """
    places, most = target.places(), most or AT_ONCE
    ahead = select(*places, func.length(target.column)).where(where).order_by(*places).limit(most)
    if after is not None:
        ahead = ahead.where(_beyond(places, after))
    known = connection.execute(ahead, execution_options=_NOT_REMEMBERED).all()
    if not known:
        return (), None
    taken, size = 0, 0
    while taken < len(known) and (taken == 0 or size + known[taken][-1] <= ENOUGH):
        size += known[taken][-1]
        taken += 1
    last = tuple(known[taken - 1][:-1])
    wanted = [c for c in target.table.c if c is target.column or not isinstance(c.type, LargeBinary)]
    within = [where, ~_beyond(places, last), *([_beyond(places, after)] if after is not None else [])]
    rows = connection.execute(select(*wanted).where(*within).order_by(*places), execution_options=_NOT_REMEMBERED).all()
    return rows, last if taken < len(known) or len(known) == most else None


def _beyond(places: Sequence[Column[Any]], place: Any) -> ColumnElement[bool]:
    return tuple_(*places) > tuple_(*(literal(value) for value in place))


def place_of(target: Target, row: Row[Any]) -> tuple[Any, ...]:
    """The primary key of a row."""
    return tuple(row._mapping[column] for column in target.places())  # noqa: SLF001 - public, in spite of its name


def bring_over(runtime: Runtime, target: Target) -> Iterator[Tally]:
    """Bring a column over, a transaction for each batch, telling after each what it did."""
    after: Any = None
    while True:
        tally, after = _tried(_batch, runtime, target, after)
        yield tally
        if after is None:
            return


def bring_over_at_once(connection: Connection, vault: Vault, target: Target) -> int:
    """Bring a column over within one transaction; returns how many rows."""
    after, done = None, 0
    while True:
        rows, after = rows_of(connection, target, target.behind(vault), after, _WITHIN_ONE)
        changes, _ = _changes(vault, target, rows)
        if changes:
            connection.execute(_change_of(target), changes)
        done += len(changes)
        if after is None:
            return done


def _tried(batch: Callable[..., T], *arguments: Any) -> T:
    for _ in range(_TRIES - 1):
        try:
            return batch(*arguments)
        except Busy:
            continue
    return batch(*arguments)


def _batch(runtime: Runtime, target: Target, after: Any) -> tuple[Tally, Any]:
    vault = runtime.vault
    with runtime.reading() as connection:
        rows, following = rows_of(connection, target, target.behind(vault), after)
    changes, damaged = _changes(vault, target, rows)
    if changes:
        with unit_of_work(runtime, SYSTEM) as work:
            work.connection.execute(_change_of(target), changes)
    return Tally(len(changes), damaged), following


def _changes(vault: Vault, target: Target, rows: Sequence[Row[Any]]) -> tuple[list[dict[str, Any]], list[str]]:
    changes, damaged = [], []
    for row in rows:
        new = target.change(vault, row)
        if new is None:
            damaged.append(f"{target.column} {place_of(target, row)}")
        else:
            at = {f"b_{c.name}": row._mapping[c] for c in target.places()}  # noqa: SLF001 - see above
            changes.append({**at, "b_old": row._mapping[target.column], "b_new": new})  # noqa: SLF001 - see above
    return changes, damaged


def _change_of(target: Target) -> Any:
    place = [column == bindparam(f"b_{column.name}") for column in target.places()]
    same = target.column == bindparam("b_old")
    return update(target.table).where(*place, same).values({target.column: bindparam("b_new")})


def bring_over_files(runtime: Runtime) -> Iterator[Tally]:
    """Bring the files that were sealed whole into pieces, one in memory at a time."""
    wanted = select(blob.c.id).where(blob.c.key_sealed.is_(None), blob.c.id > bindparam("b_after")).order_by(blob.c.id)
    yield from _few_by_few(runtime, wanted.limit(AT_ONCE), blobs.renew, str(blob.c.sealed), 1)


def bring_over_search(runtime: Runtime) -> Iterator[Tally]:
    """Bring over what cases are found by, case by case; meanwhile a search asks for both."""
    of_case = search_pair.c.case_id == search_text.c.case_id
    stale = select(search_pair.c.pair).where(of_case, search_index.behind(runtime.vault)).exists()
    wanted = select(search_text.c.case_id).where(stale, search_text.c.case_id > bindparam("b_after"))
    ordered = wanted.order_by(search_text.c.case_id).limit(AT_ONCE)
    yield from _few_by_few(runtime, ordered, search_index.renew, str(search_pair.c.pair), _CASES)


Renew = Callable[[Connection, Vault, int], Any]


def _few_by_few(runtime: Runtime, wanted: Any, renew: Renew, name: str, few: int) -> Iterator[Tally]:
    after: int | None = 0
    while after is not None:
        with runtime.reading() as connection:
            ids = connection.execute(wanted, {"b_after": after}).scalars().all()
        for start in range(0, len(ids), few):
            yield _tried(_renewed, runtime, renew, ids[start : start + few], name)
        after = ids[-1] if ids else None


def _renewed(runtime: Runtime, renew: Renew, numbers: Sequence[int], name: str) -> Tally:
    tally = Tally()
    with unit_of_work(runtime, SYSTEM) as work:
        for number in numbers:
            try:
                renew(work.connection, runtime.vault, number)
                tally.done += 1
            except Unreadable:
                tally.damaged.append(f"{name} ({number},)")
    return tally
