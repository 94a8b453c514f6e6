"""Keep how she may be reached, ask to reach her, say what came of it (D4)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, insert, select, update

from engine.access import Permission
from engine.commands.context import CaseContext
from engine.commands.teams import opened
from engine.contact import Block, Channel, Wish, flaws, windows_of
from engine.errors import InvalidAnswers, NotFound
from engine.events import Event, Kind
from engine.fields import digest
from engine.messages import N_, Message
from engine.model_contact import contact_permit, safe_contact
from engine.outgoing import issue

if TYPE_CHECKING:
    from engine.unit_of_work import UnitOfWork

LONGEST = 120
OUTCOMES = {"reached": N_("联系到本人"), "missed": N_("没有联系上"), "unsafe": N_("他人接听或被发现")}
_LAST = select(func.coalesce(func.max(safe_contact.c.number), 0)).where(safe_contact.c.case_id == bindparam("b_case"))
_NEWEST = (
    select(safe_contact.c.block_sealed)
    .where(safe_contact.c.case_id == bindparam("b_case"))
    .order_by(safe_contact.c.number.desc())
    .limit(1)
)
_ADD = insert(safe_contact)
_PERMIT = select(contact_permit).where(contact_permit.c.id == bindparam("b_id"))
_END = (
    update(contact_permit)
    .where(contact_permit.c.id == bindparam("b_id"), contact_permit.c.outcome == "")
    .values(outcome=bindparam("b_outcome"), ended_at=bindparam("b_now"))
)
_TEXTS = ("number", "cover_story", "code_word", "trusted_person")


def set_contact(uow: UnitOfWork, *, case_id: int, block: Mapping[str, Any]) -> dict[str, Any]:
    """Lay down how she may be reached, as a new version; ``{"case_id", "number"}``.

    `block`: channel, number, windows (lines "1-5 09:00-11:30"), may_leave_message, cover_story, code_word, unsafe_numbers (one a
    line), shared_with_abuser, trusted_person; what is left out is empty, the channel NONE. NotFound, Forbidden, InvalidAnswers
    by field. The history says that it was laid down and by a digest what, never the words.
    """
    subject = opened(uow, case_id, Permission.KEEP_CONTACT)
    problems = {
        name: [
            Message(N_("最多 {limit} 字，现为 {seen} 字"), {"limit": LONGEST, "seen": len(str(block.get(name, "")))})
        ]
        for name in _TEXTS
        if len(str(block.get(name, ""))) > LONGEST
    }
    windows = windows_of(str(block.get("windows", "")))
    if windows is None:
        text = N_("每行写一个时段：星期（1 是周一）和起止时间，如“1-5 09:00-11:30”；止须晚于起，跨夜的分两行写")
        problems["windows"] = [Message(text)]
    made = _block(block, windows or ())
    for name, flaw in flaws(made, uow.case(case_id).number).items():
        problems.setdefault(name, [flaw])
    if problems:
        raise InvalidAnswers(problems)
    return {"case_id": case_id, "number": _lay_down(uow, subject.id, made.as_json())}


def carry_contact(uow: UnitOfWork, from_case: int, to: int) -> None:
    """Lay down for another case of the same woman how she may be reached by the first one; nothing when that says nothing.

    For commands that open a case from a case; asks no permission.
    """
    row = uow.connection.execute(_NEWEST, {"b_case": from_case}).first()
    if row is not None:
        _lay_down(uow, to, uow.runtime.vault.open_json(row.block_sealed))


def _lay_down(uow: UnitOfWork, case_id: int, block: Mapping[str, Any]) -> int:
    number = int(uow.connection.execute(_LAST, {"b_case": case_id}).scalar_one()) + 1
    kept = {**block, "salt": secrets.token_hex(16)}
    row = {
        "case_id": case_id,
        "number": number,
        "by_id": uow.actor.id,
        "at": uow.now,
        "block_sealed": uow.runtime.vault.seal_json(kept),
        "digest": digest(kept),
    }
    uow.add(case_id, _ADD, row)
    uow.record(Event(Kind.CONTACT_LAID_DOWN, case_id, content={"number": number, "digest": row["digest"]}))
    return number


def ask_contact(
    uow: UnitOfWork,
    *,
    case_id: int,
    channel: str,
    number: str = "",
    text: str = "",
    leaves_message: bool = False,
    sheet: str = "",
    again: str = "",
) -> dict[str, Any]:
    """Ask the gate; ``{"case_id", "permit"}``. NotFound, Forbidden with the reason, InvalidAnswers for a channel that is none.

    `sheet`: the sheet that is handed over in person.
    """
    permission = Permission.PRINT_CASE if sheet else Permission.KEEP_CONTACT
    opened(uow, case_id, permission)
    if channel not in set(Channel):
        raise InvalidAnswers({"channel": [Message(N_("没有这种联系方式"))]})
    case = uow.case(case_id)
    view = CaseContext(uow, case, uow.runtime.catalogue[case.kind])
    wish = Wish(Channel(channel), number.strip(), text.strip(), leaves_message)
    return {"case_id": case_id, "permit": issue(uow, view, wish, sheet=sheet, again=again)}


def record_contact(uow: UnitOfWork, *, case_id: int, permit_id: int, outcome: str) -> dict[str, Any]:
    """Say what came of a permitted contact: reached, missed, unsafe; once. NotFound, Forbidden, InvalidAnswers.

    Missed: nothing repeats by itself. Unsafe: no contact at all until it is laid down anew how she may be reached.
    """
    opened(uow, case_id, Permission.KEEP_CONTACT)
    row = uow.connection.execute(_PERMIT, {"b_id": permit_id}).one_or_none()
    if row is None or row.case_id != case_id:
        raise NotFound(what=Message(N_("联系许可 {id}"), {"id": permit_id}))
    if outcome not in OUTCOMES:
        raise InvalidAnswers({"outcome": [Message(N_("请选择联系结果"))]})
    ended = {"b_id": permit_id, "b_outcome": outcome, "b_now": uow.now}
    if uow.change(case_id, _END, ended).rowcount != 1:
        raise InvalidAnswers({"outcome": [Message(N_("这次联系的结果已经登记过"))]})
    content = {"permit": permit_id, "channel": row.channel, "outcome": outcome}
    uow.record(Event(Kind.CONTACT_MADE, case_id, content=content))
    return {"case_id": case_id, "permit": permit_id}


def _block(block: Mapping[str, Any], windows: Any) -> Block:
    numbers = str(block.get("unsafe_numbers", "")).replace("、", "\n").replace(",", "\n").split("\n")
    return Block(
        channel=str(block.get("channel") or "NONE"),
        windows=windows,
        may_leave_message=bool(block.get("may_leave_message")),
        unsafe_numbers=tuple(filter(None, (number.strip() for number in numbers))),
        shared_with_abuser=bool(block.get("shared_with_abuser")),
        **{name: str(block.get(name, "")).strip() for name in _TEXTS},
    )
