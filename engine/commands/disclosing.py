"""Write down a consent, take it back, give information to another body (V-12)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select, update

from engine.access import Permission
from engine.commands.loading import subject_of
from engine.commands.teams import opened
from engine.commands.telling import tell_post
from engine.disclosing import (
    BODY_NAMES,
    GIVERS,
    KIND_NAMES,
    PURPOSE_NAMES,
    Wanted,
    may_consent,
)
from engine.errors import InvalidAnswers, NotFound
from engine.events import Event, Kind
from engine.messages import N_, Message
from engine.model_disclosure import consent
from engine.sharing import consents_of, disclose, reckoned, write_consent

if TYPE_CHECKING:
    from engine.unit_of_work import UnitOfWork

LONGEST = 300
_ONE = select(consent).where(consent.c.id == bindparam("b_id"))
_TAKE_BACK = (
    update(consent)
    .where(consent.c.id == bindparam("b_id"), consent.c.withdrawn_at.is_(None))
    .values(withdrawn_at=bindparam("b_now"), withdrawn_by=bindparam("b_by"))
)


def record_consent(
    uow: UnitOfWork,
    *,
    case_id: int,
    recipient: str,
    purpose: str,
    kinds: Collection[str],
    given_on: str,
    expires_on: str,
    given_by: str = "SELF",
    age: int | None = None,
    guardian_is_abuser: bool = False,
    told: str = "",
) -> dict[str, Any]:
    """Write down a separate consent; ``{"case_id", "consent"}``.

    Days as "2026-06-30"; the last one still counts. `age`: of the person, when she is a minor. `told`: who gave it and how (the
    paper). NotFound, Forbidden; InvalidAnswers by field.
    """
    opened(uow, case_id, Permission.KEEP_CONSENT)
    first, last = _day(given_on), _day(expires_on)
    problems = _problems(uow.today, purpose, kinds, first, last)
    if not _is_body(uow, case_id, recipient):
        problems["recipient"] = [Message(N_("请选择接收方：同意只对一个接收方有效"))]
    refusal = None if given_by in GIVERS else Message(N_("请选择由谁同意"))
    refusal = refusal or may_consent(given_by, age, guardian_is_abuser=guardian_is_abuser)
    if refusal is not None:
        problems["given_by"] = [refusal]
    if len(told) > LONGEST:
        problems["told"] = [Message(N_("最多 {limit} 字，现为 {seen} 字"), {"limit": LONGEST, "seen": len(told)})]
    if problems:
        raise InvalidAnswers(problems)
    row = {"recipient": recipient, "purpose": purpose, "kinds": sorted(set(kinds)), "given_on": first}
    consent_id = write_consent(uow, case_id, {**row, "expires_on": last, "given_by": given_by}, told.strip())
    return {"case_id": case_id, "consent": consent_id}


def _is_body(uow: UnitOfWork, case_id: int, recipient: str) -> bool:
    """Whether information can go there: an outside body by its code, or a unit for which a form of the case brought a consent."""
    return recipient in BODY_NAMES or any(row.recipient == recipient for row in consents_of(uow.connection, case_id))


def _problems(
    today: date, purpose: str, kinds: Collection[str], first: date | None, last: date | None
) -> dict[str, list[Message]]:
    problems: dict[str, list[Message]] = {}
    if purpose not in PURPOSE_NAMES:
        problems["purpose"] = [Message(N_("请选择用途"))]
    if not kinds or not set(kinds) <= KIND_NAMES.keys():
        problems["kinds"] = [Message(N_("请勾选同意提供的信息类别"))]
    if first is None or first > today:
        problems["given_on"] = [Message(N_("请填写同意的日期，不晚于今天"))]
    if last is None or (first is not None and last < first):
        problems["expires_on"] = [Message(N_("请填写到期日（当日仍有效），不早于同意的日期"))]
    return problems


def withdraw_consent(uow: UnitOfWork, *, case_id: int, consent_id: int) -> dict[str, Any]:
    """She takes a consent back; it counts from this instant. ``{"case_id", "consent"}``. NotFound, Forbidden.

    What was given on it stays written down; a unit that saw the case by it alone sees it no longer.
    """
    opened(uow, case_id, Permission.KEEP_CONSENT)
    row = uow.connection.execute(_ONE, {"b_id": consent_id}).one_or_none()
    if row is None or row.case_id != case_id:
        raise _unknown(consent_id)
    ended = {"b_id": consent_id, "b_now": uow.now, "b_by": uow.actor.id}
    if uow.change(case_id, _TAKE_BACK, ended).rowcount != 1:
        raise _unknown(consent_id)
    content: dict[str, Any] = {"consent": consent_id, "recipient": row.recipient, "purpose": row.purpose}
    content |= reckoned(uow, case_id)
    subject = subject_of(uow.connection, uow.case(case_id))
    for post in uow.runtime.rules.posts_permitted(uow.connection, Permission.WITHDRAW_CASE, subject):
        tell_post(uow, case_id, post.code, post.unit_id, "consent.withdrawn")
    uow.record(Event(Kind.CONSENT_WITHDRAWN, case_id, content=content))
    return {"case_id": case_id, "consent": consent_id}


def give_information(
    uow: UnitOfWork,
    *,
    case_id: int,
    recipient: str,
    purpose: str,
    kinds: Collection[str],
    basis: str = "",
    note: str = "",
) -> dict[str, Any]:
    """Give information to another body and write it down; ``{"case_id", "disclosure"}``.

    `basis`: the code of a duty, "" when a consent covers it. `note`: number of the order, why. NotFound, Forbidden with what is
    missing; InvalidAnswers.
    """
    opened(uow, case_id, Permission.KEEP_CONSENT)
    if len(note) > LONGEST:
        limit = {"limit": LONGEST, "seen": len(note)}
        raise InvalidAnswers({"note": [Message(N_("最多 {limit} 字，现为 {seen} 字"), limit)]})
    wanted = Wanted(recipient, purpose, frozenset(kinds), uow.now, basis=basis)
    return {"case_id": case_id, "disclosure": disclose(uow, case_id, wanted, note.strip())}


def _unknown(consent_id: int) -> NotFound:
    return NotFound(what=Message(N_("同意书 {id}"), {"id": consent_id}))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None
