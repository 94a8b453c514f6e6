"""A change of keys: the job that carries it out over everything the inventory lists, and the proof that an old key may go."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, func, select, update

from engine import rekeying, search_index
from engine.access import SYSTEM
from engine.commands.keys import JOB
from engine.errors import EngineError
from engine.fields import KeyState, KeyUse, Vault
from engine.jobs_asking import JobKind, Running, register
from engine.key_uses import alone, wait_for_others
from engine.keyring import Given
from engine.messages import N_
from engine.model_filed import blob
from engine.model_keys import key_use
from engine.model_search import search_pair, search_text
from engine.rekeying import Target
from engine.unit_of_work import unit_of_work
from workflows import inventory, schema
from workflows.inventory import Kept

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from engine.runtime import Runtime

log = logging.getLogger("halfsky.jobs")

_NOT_REMEMBERED: Final = {"halfsky_once": True}
#: rounds after which what is still behind is told: people went on writing while the change over was made
_ROUNDS: Final = 5


class NotListed(EngineError):
    """Columns that nobody has entered in `workflows.inventory`: they would be left behind."""

    text = N_("有未登记的数据列，不能更换或停用密钥：{columns}")


@dataclass(frozen=True)
class Need:
    """What still needs a key, by column, and what no key opens any more."""

    rows: dict[str, int]
    damaged: tuple[str, ...]


def targets() -> list[Target]:
    """Every column that a change of keys brings over row by row. NotListed."""
    metadata = schema.metadata()
    if found := inventory.unlisted(metadata):
        raise NotListed(columns=", ".join(found))
    made = [rekeying.sealed(column) for column in inventory.columns(metadata, Kept.SEALED)]
    vouched = inventory.columns(metadata, Kept.VOUCHED)
    return made + [rekeying.vouched(column, inventory.VOUCHED[str(column)]) for column in vouched]


def hashes() -> list[Target]:
    """Every column of keyed hashes."""
    return [rekeying.hashed(column) for column in inventory.columns(schema.metadata(), Kept.HASHED)]


def rekey(runtime: Runtime, running: Running) -> None:
    """Let the announced key count, and bring everything over to it."""
    every = targets()
    change_over(runtime)
    with runtime.reading() as connection:
        total = remaining(connection, runtime.vault)
    done, damaged = 0, set[str]()
    for _ in range(_ROUNDS):
        before = done
        for tally in _round(runtime, every):
            done += tally.done
            damaged.update(tally.damaged)
            running.progress(min(done, total), total)
        if done == before:
            break
    if damaged:  # tables, columns and ids
        log.error("rekey: no key opens %s values: %s", len(damaged), ", ".join(sorted(damaged)[:20]))
    running.progress(total, total)


REKEY: Final = register(JobKind(JOB, N_("更换密钥：重新加密"), rekey))


def remaining(connection: Connection, vault: Vault) -> int:
    """How many values are behind. NotListed."""
    return sum(rekeying.left(connection, vault, each) for each in targets()) + _files_and_texts(connection, vault)


def _round(runtime: Runtime, every: Sequence[Target]) -> Iterator[rekeying.Tally]:
    for each in every:
        yield from rekeying.bring_over(runtime, each)
    yield from rekeying.bring_over_files(runtime)
    yield from rekeying.bring_over_search(runtime)


def _files_and_texts(connection: Connection, vault: Vault) -> int:
    files = select(func.count()).select_from(blob).where(blob.c.key_sealed.is_(None))
    stale = select(search_pair.c.pair).where(search_pair.c.case_id == search_text.c.case_id, search_index.behind(vault))
    texts = select(func.count()).select_from(search_text).where(stale.exists())
    return sum(
        int(connection.execute(each, execution_options=_NOT_REMEMBERED).scalar() or 0) for each in (files, texts)
    )


def change_over(runtime: Runtime) -> bool:
    """Bring every keyed hash to the announced key and let it count, all in one transaction; False when none is announced.

    Hashes are compared with each other all over the house, so there is no instant at which two kinds of them stand there.
    """
    wait_for_others(runtime)
    with unit_of_work(runtime, SYSTEM) as work:
        alone(work.connection)
        uses = tuple(KeyUse(*row) for row in work.connection.execute(_USES))
        coming = next((use for use in uses if use.state == KeyState.ANNOUNCED), None)
        if coming is None:
            return False
        settled = tuple(use._replace(state=_then(use, coming)) for use in uses)
        runtime.vault.follow(uses)
        ahead = Vault(source=Given(runtime.vault.keys))
        ahead.follow(settled)
        for each in hashes():
            rekeying.bring_over_at_once(work.connection, ahead, each)
        for use in settled:
            told = {"b_id": use.key_id, "b_state": use.state, "b_at": work.now}
            work.connection.execute(_SETTLE, told)
    with runtime.reading():
        pass  # this process follows at once
    log.warning("key counts now: key=%s", coming.key_id)
    return True


_USES = select(key_use.c.key_id, key_use.c.step, key_use.c.state).order_by(key_use.c.step)
_SETTLE = (
    update(key_use)
    .where(key_use.c.key_id == bindparam("b_id"), key_use.c.state != bindparam("b_state"))
    .values(state=bindparam("b_state"), since=bindparam("b_at"))
)


def _then(use: KeyUse, coming: KeyUse) -> str:
    if use == coming:
        return KeyState.CURRENT
    return KeyState.OLD if use.state == KeyState.CURRENT else use.state


def need_of(runtime: Runtime, key_id: str) -> Need:
    """What still needs a key, found by opening and proving everything without it; rows are read a few at a time. NotListed."""
    rows, damaged = dict[str, int](), list[str]()
    with runtime.reading() as connection:
        without = runtime.vault.without(key_id)
        for target in targets():
            for row in _every(connection, target):
                if target.change(without, row) is not None:
                    continue
                if target.change(runtime.vault, row) is None:
                    damaged.append(f"{target.column} {rekeying.place_of(target, row)}")
                else:
                    rows[str(target.column)] = rows.get(str(target.column), 0) + 1
        for name, count in _others(connection, runtime.vault):
            if count:
                rows[name] = count
    return Need(rows, tuple(damaged))


def _every(connection: Connection, target: Target) -> Iterator[Any]:
    after: Any = None
    present = target.column.is_not(None) & (func.length(target.column) > 0)
    while True:
        found, after = rekeying.rows_of(connection, target, present, after)
        yield from found
        if after is None:
            return


def _others(connection: Connection, vault: Vault) -> Iterator[tuple[str, int]]:
    yield "blob.sealed, search_pair.pair", _files_and_texts(connection, vault)
    for each in hashes():
        yield str(each.column), rekeying.left(connection, vault, each)
