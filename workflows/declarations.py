"""The yearly word of a member of staff on whom she is close to (D3.2), and the list she keeps of it.

ID numbers are kept as keyed hashes, names sealed: the list is shown to who wrote it and to nobody else. What a relative can be
recognised by is taken in by `workflows.declaring`, which holds it against the open cases at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from engine.access import Permission
from engine.clock import civil_date, full_years
from engine.errors import InvalidAnswers, NotFound
from engine.messages import N_, Message
from engine.reference import Kept
from workflows import model, organisation, organisation_log
from workflows.declaring import declare_kin
from workflows.model_organisation import declaration
from workflows.people import name_problem, normalise_name

if TYPE_CHECKING:
    from engine.unit_of_work import UnitOfWork

YEARLY: Final = "YEARLY"
CHANGE: Final = "CHANGE"

_r = model.relative.c
_MINE = select(model.relative).where(_r.account_id == bindparam("b_me")).order_by(_r.ended_at.is_not(None), _r.id)
_NAME = (
    update(model.relative)
    .where(_r.account_id == bindparam("b_me"), _r.id_hash == bindparam("b_hash"))
    .values(name_sealed=bindparam("b_name"))
)
_END = (
    update(model.relative)
    .where(_r.id == bindparam("b_id"), _r.account_id == bindparam("b_me"), _r.ended_at.is_(None))
    .values(ended_at=bindparam("b_now"))
)
_COUNT = select(func.count()).where(_r.account_id == bindparam("b_me"), _r.ended_at.is_(None))
_LAST = select(declaration.c.account_id, func.max(declaration.c.at)).group_by(declaration.c.account_id)


def _latest(connection: Connection) -> Mapping[int, datetime]:
    return {row[0]: row[1] for row in connection.execute(_LAST)}


_declared = Kept(_latest)


@dataclass(frozen=True)
class Kin:
    """One line of her own list."""

    id: int
    name: str
    relation: str
    declared_at: datetime
    ended_at: datetime | None


def declare_person(uow: UnitOfWork, *, name: str, relation: str, idcard: str = "", **known: str) -> dict[str, Any]:
    """Declare a relative by name and by what she can be recognised by (see `declare_kin`); ``{"marks"}``. It counts at once."""
    uow.require(Permission.DECLARE_RELATIVES, None)
    problems: dict[str, list[Message]] = {}
    if relation != "SELF" and (wrong := name_problem(name)) is not None:
        problems["name"] = [wrong]
    try:
        made = declare_kin(uow, relation=relation, idcard=idcard, **known)
    except InvalidAnswers as refused:
        raise InvalidAnswers({**problems, **refused.problems}) from refused
    if problems:
        raise InvalidAnswers(problems)
    if idcard.strip() and relation != "SELF":
        sealed = uow.runtime.vault.seal(normalise_name(name).encode())
        hashed = organisation.person_hash(uow.runtime.vault, idcard)
        uow.connection.execute(_NAME, {"b_me": uow.actor.id, "b_hash": hashed, "b_name": sealed})
    _note(uow, CHANGE)
    return made


def end_relative(uow: UnitOfWork, *, relative_id: int) -> dict[str, Any]:
    """Say that somebody is a relative no more; ``{"relative_id"}``. The line stays, and stops counting. NotFound for others'."""
    uow.require(Permission.DECLARE_RELATIVES, None)
    ended = uow.connection.execute(_END, {"b_id": relative_id, "b_me": uow.actor.id, "b_now": uow.now})
    if ended.rowcount != 1:
        raise NotFound(what=Message(N_("亲属申报 {id}"), {"id": relative_id}))
    _note(uow, CHANGE)
    uow.rescreen.add(None)
    return {"relative_id": relative_id}


def confirm_declaration(uow: UnitOfWork) -> dict[str, Any]:
    """Say once a year that the list is complete and true; ``{"relatives"}``: how many stand on it."""
    uow.require(Permission.DECLARE_RELATIVES, None)
    return {"relatives": _note(uow, YEARLY)}


def mine(uow_or_connection: Connection, vault: Any, account_id: int) -> list[Kin]:
    """Her own list, what counts first; the names are opened for her alone."""
    rows = uow_or_connection.execute(_MINE, {"b_me": account_id})
    return [Kin(r.id, _name(vault, r), r.relation, r.declared_at, r.ended_at) for r in rows]


def last_declared(connection: Connection, account_id: int) -> date | None:
    """The day of her last word, yearly or on a change; None when she has given none."""
    at = _declared.of(connection).get(account_id)
    return None if at is None else civil_date(at)


def is_due(connection: Connection, account_id: int, on: date) -> bool:
    """Whether her declaration is a year old on a day, or there is none."""
    last = last_declared(connection, account_id)
    return last is None or full_years(last, on) >= 1


def _note(uow: UnitOfWork, kind: str) -> int:
    count = int(uow.connection.execute(_COUNT, {"b_me": uow.actor.id}).scalar_one())
    row = {"account_id": uow.actor.id, "kind": kind, "relatives": count, "at": uow.now}
    uow.connection.execute(insert(declaration), row)
    organisation_log.write(uow, "relatives.declared", kind=kind, relatives=count)
    return count


def _name(vault: Any, row: Row[Any]) -> str:
    return "" if row.name_sealed is None else str(vault.open(row.name_sealed).decode())
