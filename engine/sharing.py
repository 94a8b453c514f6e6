"""Consents, what was given to other bodies, and the sight of a case that rests on them, written down (V-12, PIPL 23).

A unit that a case was handed to sees it by what covered the handing over: while that lasts, and no day longer. The end stands
with the share itself, so that every list and every page asks one column of it; it is reckoned anew whenever a consent is given or
taken back, and whenever a duty is relied on. Nothing has to happen for it to come.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from engine.chains import instant
from engine.disclosing import Wanted, bases, cover, ends
from engine.errors import Forbidden
from engine.events import Event, Kind
from engine.messages import Message
from engine.model import case_share
from engine.model_disclosure import consent, disclosure

if TYPE_CHECKING:
    from datetime import datetime

    from engine.unit_of_work import UnitOfWork

#: in the content of an entry: {unit: [when its sight ends or None, the disclosure it rests on or None]}
SHARES = "shares"

_CONSENTS = select(consent).where(consent.c.case_id == bindparam("b_case")).order_by(consent.c.id)
_GIVEN = select(disclosure).where(disclosure.c.case_id == bindparam("b_case")).order_by(disclosure.c.id)
_SHARES = select(case_share).where(case_share.c.case_id == bindparam("b_case")).order_by(case_share.c.unit_id)
_ADD = insert(disclosure)
_ADD_CONSENT = insert(consent)
_SHARE = insert(case_share)
_END = (
    update(case_share)
    .where(case_share.c.case_id == bindparam("b_case"), case_share.c.unit_id == bindparam("b_unit"))
    .values(until=bindparam("b_until"), disclosure_id=bindparam("b_disclosure"))
)


def consents_of(connection: Connection, case_id: int) -> list[Row[Any]]:
    """Every consent of a case, withdrawn and expired ones too."""
    return list(connection.execute(_CONSENTS, {"b_case": case_id}))


def shares(connection: Connection, case_id: int) -> list[Row[Any]]:
    """The units a case was handed to, also those that see it no more: rows of `case_share`."""
    return list(connection.execute(_SHARES, {"b_case": case_id}))


def disclose(work: UnitOfWork, case_id: int, wanted: Wanted, note: str = "") -> int:
    """Write down that information is given, before it is; returns the id. Forbidden with the reason when nothing covers it."""
    work.about = case_id
    found = cover(consents_of(work.connection, case_id), bases.of(work.connection), wanted)
    if isinstance(found, Message):
        raise Forbidden(why=found)
    row = {
        "case_id": case_id,
        "recipient": wanted.recipient,
        "purpose": wanted.purpose,
        "kinds": sorted(wanted.kinds),
        "at": wanted.at,
        "by_id": work.actor.id,
        "consent_id": found.consent_id,
        "basis": found.basis,
        "note_sealed": work.runtime.vault.seal(note.encode()),
    }
    disclosure_id = work.add(case_id, _ADD, row)
    told: dict[str, Any] = {"disclosure": disclosure_id, "recipient": wanted.recipient, "purpose": wanted.purpose}
    told |= {"kinds": sorted(wanted.kinds), "consent": found.consent_id, "basis": found.basis}
    told = {name: value for name, value in told.items() if value is not None}
    work.record(Event(Kind.DISCLOSED, case_id, content=told | reckoned(work, case_id)))
    return disclosure_id


def write_consent(work: UnitOfWork, case_id: int, row: dict[str, Any], told: str) -> int:
    """Write and record a consent; for commands that have asked and checked."""
    sealed = work.runtime.vault.seal(told.encode())
    kept = {**row, "case_id": case_id, "told_sealed": sealed, "at": work.now, "by_id": work.actor.id}
    consent_id = work.add(case_id, _ADD_CONSENT, kept)
    said = {name: value.isoformat() if isinstance(value, date) else value for name, value in row.items()}
    work.record(Event(Kind.CONSENT_GIVEN, case_id, content={"consent": consent_id, **said, **reckoned(work, case_id)}))
    return consent_id


def share(work: UnitOfWork, case_id: int, wanted: Wanted) -> None:
    """Let a unit (`wanted.recipient`, "unit:7") see a case from now on, for as long as what covers it lasts.

    Nothing is written for one that sees it already. Forbidden with the reason when nothing covers it.
    """
    unit_id = int(wanted.recipient.removeprefix("unit:"))
    known = {row.unit_id: row for row in shares(work.connection, case_id)}.get(unit_id)
    if known is not None and (known.until is None or known.until > work.now):
        return
    rested = disclose(work, case_id, wanted)
    lasting = _reckon(work, case_id, wanted)
    until = None if lasting is None else lasting.at
    if known is None:
        row = {"case_id": case_id, "unit_id": unit_id, "since": work.now, "until": until, "disclosure_id": rested}
        work.change(case_id, _SHARE, row)
    else:
        _put(work, case_id, unit_id, until, rested)
    content = {"unit": unit_id, SHARES: {str(unit_id): told_of(until, rested)}}
    work.record(Event(Kind.CASE_SHARED, case_id, content=content))


def inherit(work: UnitOfWork, case_id: int, old: int, heir: int) -> None:
    """Let the unit that takes another's place see what that one sees, on the same ground and as long."""
    found = {row.unit_id: row for row in shares(work.connection, case_id)}
    known, before = found.get(heir), found.get(old)
    if before is None or (known is not None and (known.until is None or known.until > work.now)):
        return
    if known is None:
        row = {"case_id": case_id, "unit_id": heir, "since": work.now}
        work.change(case_id, _SHARE, {**row, "until": before.until, "disclosure_id": before.disclosure_id})
    else:
        _put(work, case_id, heir, before.until, before.disclosure_id)
    content = {"unit": heir, SHARES: {str(heir): told_of(before.until, before.disclosure_id)}}
    work.record(Event(Kind.CASE_SHARED, case_id, content=content))


def reckoned(work: UnitOfWork, case_id: int) -> dict[str, Any]:
    """Set the end of every share anew by what counts now; what of it belongs into the entry of the act, `{}` for nothing."""
    told: dict[str, Any] = {}
    for row in shares(work.connection, case_id):
        rested = _rested(work, case_id, row.disclosure_id)
        if rested is None:
            continue
        lasting = _reckon(work, case_id, Wanted(rested.recipient, rested.purpose, frozenset(rested.kinds), work.now))
        until = lasting.at if lasting is not None else _over(row.until, work.now)
        if until != row.until:
            _put(work, case_id, row.unit_id, until, row.disclosure_id)
            told[str(row.unit_id)] = told_of(until, row.disclosure_id)
    return {SHARES: told} if told else {}


def told_of(until: datetime | None, disclosure_id: int | None) -> list[Any]:
    """What an entry says of a share."""
    return [None if until is None else instant(until), disclosure_id]


def _over(until: datetime | None, now: datetime) -> datetime:
    return now if until is None else min(until, now)


def _reckon(work: UnitOfWork, case_id: int, wanted: Wanted) -> Any:
    given = work.connection.execute(_GIVEN, {"b_case": case_id})
    return ends(consents_of(work.connection, case_id), given, bases.of(work.connection), wanted)


def _rested(work: UnitOfWork, case_id: int, disclosure_id: int | None) -> Row[Any] | None:
    given = work.connection.execute(_GIVEN, {"b_case": case_id})
    return next((row for row in given if row.id == disclosure_id), None)


def _put(work: UnitOfWork, case_id: int, unit_id: int, until: datetime | None, disclosure_id: int | None) -> None:
    said = {"b_case": case_id, "b_unit": unit_id, "b_until": until, "b_disclosure": disclosure_id}
    work.change(case_id, _END, said)
