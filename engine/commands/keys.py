"""Announce a key, and lay one to rest. Ids of keys only; what they are never comes here."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, insert, select, update

from engine.access import SYSTEM, Permission
from engine.errors import EngineError, Forbidden
from engine.fields import KeyState
from engine.jobs_asking import enqueue
from engine.messages import N_, Message
from engine.model import case_file
from engine.model_keys import key_use
from engine.unit_of_work import UnitOfWork

#: the kind of job that brings everything over to the announced key (`workflows.rekeying`)
JOB = "rekey"

_ALL = select(key_use).order_by(key_use.c.step)
_ANY_CASE = select(case_file.c.id, case_file.c.last_seq, case_file.c.last_hash, case_file.c.last_mac).limit(1)
_ADD = insert(key_use)
_REST = (
    update(key_use)
    .where(key_use.c.key_id == bindparam("b_id"), key_use.c.state == KeyState.OLD)
    .values(state=KeyState.RESTED, since=bindparam("b_at"), by_id=bindparam("b_by"))
)


class KeyNotPossible(EngineError):
    """A key may not be announced or laid to rest now."""

    text = N_("密钥 {key} 目前不能这样处理：{why}")


def adopt_keys(uow: UnitOfWork) -> dict[str, Any]:
    """Write down which keys a house uses that has never said so; ``{"keys"}``, how many. Only the system does this.

    KeyNotPossible when they did not make what is there.
    """
    if uow.actor != SYSTEM:
        raise Forbidden(why=Message(N_("密钥由系统登记")))
    if uow.connection.execute(_ALL).first() is not None:
        return {"keys": 0}
    case = uow.connection.execute(_ANY_CASE).one_or_none()
    vault = uow.runtime.vault
    if case is not None and not vault.vouches(case.last_mac, "head", case.id, case.last_seq, case.last_hash):
        raise KeyNotPossible(key=vault.keys[-1].id, why=Message(N_("数据库不是用它建立的，请放回原来的密钥文件")))
    return {"keys": _adopt(uow, "")}


def announce_key(uow: UnitOfWork, *, key_id: str) -> dict[str, Any]:
    """Say that a key is to count, and ask for the job that brings everything over; ``{"job"}``.

    A key that was announced already, or counts and has not everything yet, only gets its job (again). Forbidden, KeyNotPossible.
    """
    uow.require(Permission.MANAGE_JOBS, None)
    _adopt(uow, key_id)
    rows = uow.connection.execute(_ALL).all()
    known = {row.key_id: row for row in rows}
    found = known.get(key_id)
    if found is None:
        if any(row.state == KeyState.ANNOUNCED for row in rows):
            raise KeyNotPossible(key=key_id, why=Message(N_("另一把密钥正在启用")))
        step = max(row.step or 0 for row in rows) + 1
        uow.connection.execute(_ADD, _row(uow, key_id, step, KeyState.ANNOUNCED))
    elif found.state not in (KeyState.ANNOUNCED, KeyState.CURRENT):
        raise KeyNotPossible(key=key_id, why=Message(N_("它已被更换")))
    return {"job": enqueue(uow, JOB, once=JOB)}


def rest_key(uow: UnitOfWork, *, key_id: str) -> dict[str, Any]:
    """Let an old key count no more, once it was proved that nothing needs it; ``{"key"}``. Forbidden, KeyNotPossible."""
    uow.require(Permission.MANAGE_JOBS, None)
    told = {"b_id": key_id, "b_at": uow.now, "b_by": uow.actor.id}
    if uow.connection.execute(_REST, told).rowcount != 1:
        raise KeyNotPossible(key=key_id, why=Message(N_("它还在使用，或早已停用")))
    return {"key": key_id}


def _adopt(uow: UnitOfWork, announced: str) -> int:
    """The keys of a house that has said nothing yet: the last of its file hashes and counts, the others only ever sealed."""
    if uow.connection.execute(_ALL).first() is not None:
        return 0
    keys = [key.id for key in uow.runtime.vault.keys if key.id != announced]
    rows = [_row(uow, key_id, None, KeyState.OLD) for key_id in keys[:-1]]
    rows += [_row(uow, key_id, 1, KeyState.CURRENT) for key_id in keys[-1:]]
    for row in rows:
        uow.connection.execute(_ADD, row)
    return len(rows)


def _row(uow: UnitOfWork, key_id: str, step: int | None, state: KeyState) -> dict[str, Any]:
    return {"key_id": key_id, "step": step, "state": state, "since": uow.now, "by_id": uow.actor.id}
