"""The gate: nothing leaves the house to a person without a permit, and nobody else makes one (domain.md D4, decision 30).

`judge` answers whether something may go out, `issue` lets it go out once and writes that down, `redeem` gives the permit to
whatever prints or sends. A `Permit` cannot be made anywhere else; printing a sheet that is addressed to somebody, and every
sender to come, asks for one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, Protocol, runtime_checkable

from sqlalchemy import Connection, Row, bindparam, exists, insert, select

from engine.access import CONFIDENTIAL, SYSTEM, Actor
from engine.contact import Block, Channel, Known, Wish, objection
from engine.errors import Forbidden, NotFound
from engine.events import Event, Kind
from engine.messages import N_, Message
from engine.model import case_file
from engine.model_contact import contact_permit, safe_contact

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from engine.fields import Vault
    from engine.process_type import CaseView
    from engine.unit_of_work import UnitOfWork

#: how long a permit lasts: what was not done by then is asked for again
LASTS: Final = timedelta(minutes=30)
_ISSUED = object()

_OWN = (
    select(safe_contact.c.block_sealed, safe_contact.c.at)
    .where(safe_contact.c.case_id == bindparam("b_case"))
    .order_by(safe_contact.c.number.desc())
    .limit(1)
)
_newer = safe_contact.alias("newer")
_OTHERS = (
    select(safe_contact.c.block_sealed)
    .join(case_file, case_file.c.id == safe_contact.c.case_id)
    .where(
        case_file.c.subject_hash == bindparam("b_hash"),
        case_file.c.id != bindparam("b_case"),
        ~exists().where(_newer.c.case_id == safe_contact.c.case_id, _newer.c.number > safe_contact.c.number),
    )
)
_GUARDED = (
    select(case_file.c.id)
    .where(
        case_file.c.subject_hash == bindparam("b_hash"),
        case_file.c.id != bindparam("b_case"),
        case_file.c.confidentiality.in_(CONFIDENTIAL),
    )
    .limit(1)
)
_ATTEMPTS = (
    select(contact_permit.c.outcome, contact_permit.c.ended_at)
    .where(contact_permit.c.case_id == bindparam("b_case"), contact_permit.c.outcome != "")
    .order_by(contact_permit.c.id)
)
_ADD = insert(contact_permit)
_PERMIT = select(contact_permit).where(contact_permit.c.id == bindparam("b_id"))


@runtime_checkable
class Reachable(Protocol):
    """A process type whose forms hold the telephone number a person gave for the matter."""

    def phone(self, view: CaseView) -> str:
        """The number, "" for none."""


@runtime_checkable
class Addressing(Protocol):
    """A process type with sheets that are handed to others than the person of the case."""

    def receivers(self, view: CaseView, sheet: str) -> Sequence[str]:
        """Keyed hashes of those a sheet goes to; none when it goes to her, or to nobody."""


@dataclass(frozen=True)
class Permit:
    """That one thing may go out, once, now. `issued` is known to this module alone."""

    id: int
    case_id: int
    channel: Channel
    number: str
    text: str
    sheet: str
    until: datetime
    issued: object

    def __post_init__(self) -> None:
        if self.issued is not _ISSUED:
            raise TypeError("a permit is issued by engine.outgoing alone")


def known(connection: Connection, vault: Vault, case: Row[Any], *, given: str = "", person: str | None = None) -> Known:
    """What is known about reaching somebody from a case: the person of the case, or another one by keyed hash (`person`)."""
    who = person or case.subject_hash
    asked = {"b_case": case.id, "b_hash": who or ""}
    hers = person is None
    guarded = who is None or connection.execute(_GUARDED, asked).first() is not None
    guarded_here = case.confidentiality in CONFIDENTIAL
    row = connection.execute(_OWN, asked).first() if hers else None
    tried = connection.execute(_ATTEMPTS, asked).all() if hers else []
    own = None if row is None else Block.of(vault.open_json(row.block_sealed))
    unsafe = any(each.outcome == "unsafe" and (row is None or each.ended_at >= row.at) for each in tried)
    others = [Block.of(vault.open_json(sealed)) for (sealed,) in connection.execute(_OTHERS, asked)] if who else []
    return Known(
        own=own,
        others=others,
        guarded_here=guarded_here,
        guarded_elsewhere=guarded and not guarded_here,
        given=given,
        another=not hers,
        missed=sum(each.outcome == "missed" for each in tried),
        unsafe=unsafe,
    )


def judge(view: CaseView, wish: Wish, *, person: str | None = None, recorded: bool = False) -> Message | None:
    """Why something may not go to the person of a case (or to `person`, by keyed hash), None when it may. Writes nothing.

    `recorded`: it is written down afterwards, when it went out is not known to the minute, and the hours are not asked for.
    """
    process = getattr(view, "process", None)
    given = process.phone(view) if person is None and isinstance(process, Reachable) else ""
    found = known(view.connection, view.vault, view.case, given=given, person=person)
    if wish.channel is Channel.PHONE and not wish.number:
        wish = Wish(wish.channel, found.own.number if found.own else given, wish.text, wish.leaves_message)
    return objection(found, wish, None if recorded else view.now)


def issue(work: UnitOfWork, view: CaseView, wish: Wish, *, sheet: str = "", again: str = "") -> int:
    """Let one thing go out; returns the id of its permit. Forbidden with the reason.

    A sheet that goes to others is judged for each of them; it is one print, so one who may not be written to keeps it from all.
    The machine never tries again after an attempt that did not reach her; a person does, and says why (`again`).
    """
    case = view.case
    work.about = case.id
    others = _others(view, sheet)
    if not others:
        missed = known(view.connection, view.vault, case).missed
        if missed and work.actor == SYSTEM:
            raise Forbidden(why=Message(N_("上一次没有联系上：系统不自动再联系，由承办人决定")))
        if missed and not sheet and not again.strip():
            raise Forbidden(why=Message(N_("此前 {count} 次没有联系上：再次联系须写明理由"), {"count": missed}))
    for person in others or (None,):
        refusal = judge(view, wish, person=person)
        if refusal is not None:
            raise Forbidden(why=refusal)
    kept = {"number": wish.number, "text": wish.text, "message": wish.leaves_message, "again": again.strip()}
    row = {
        "case_id": case.id,
        "by_id": work.actor.id,
        "at": work.now,
        "until": work.now + LASTS,
        "channel": str(wish.channel),
        "wish_sealed": work.runtime.vault.seal_json(kept),
        "sheet": sheet,
    }
    permit_id = work.add(case.id, _ADD, row)
    told = {"permit": permit_id, "channel": str(wish.channel), "sheet": sheet, "reason": again.strip()}
    work.record(Event(Kind.CONTACT_PERMITTED, case.id, content={k: v for k, v in told.items() if v}))
    return permit_id


def _others(view: CaseView, sheet: str) -> Sequence[str]:
    """Those a sheet goes to instead of the person of the case."""
    process = getattr(view, "process", None)
    return process.receivers(view, sheet) if sheet and isinstance(process, Addressing) else ()


def redeem(connection: Connection, vault: Vault, actor: Actor, permit_id: int, now: datetime) -> Permit:
    """The permit itself, for whoever it was issued to, while it lasts; NotFound."""
    row = connection.execute(_PERMIT, {"b_id": permit_id}).one_or_none()
    if row is None or row.by_id != actor.id or row.until <= now or row.outcome:
        raise NotFound(what=Message(N_("联系许可 {id}"), {"id": permit_id}))
    kept = vault.open_json(row.wish_sealed)
    return Permit(
        row.id, row.case_id, Channel(row.channel), kept["number"], kept["text"], row.sheet, row.until, _ISSUED
    )
