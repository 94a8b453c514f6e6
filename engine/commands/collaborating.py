"""抄送 and 留言: let others who may read a case know of it, and talk about it beside its forms.

Neither widens who may read: whoever is copied or mentioned must be permitted already, and a refusal does not tell a colleague
who is not from one who does not exist.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, insert

from engine.access import Actor, Permission
from engine.commands.loading import CaseSubject, may_read, subject_of
from engine.commands.telling import tell_person, tell_post
from engine.errors import InvalidAnswers, NotFound
from engine.events import Event, Kind
from engine.fields import digest
from engine.messages import N_, Message
from engine.model_collaboration import case_copy, comment, comment_mention

if TYPE_CHECKING:
    from engine.unit_of_work import UnitOfWork

MOST_RECEIVERS = 20
MOST_NOTE = 300
MOST_TEXT = 2000
MOST_MENTIONS = 10


def copy_case(uow: UnitOfWork, *, case_id: int, to: Sequence[str], note: str = "") -> dict[str, Any]:
    """Send a copy to persons ("person:7") and posts ("post:TOWN_CHAIR:3"); returns ``{"case_id", "copies": [ids]}``.

    Each of them must be allowed to read the case by the rules as they are. NotFound, Forbidden; InvalidAnswers with "to" or
    "note"; then nothing was sent to anybody.
    """
    case, subject = _opened(uow, case_id, Permission.COPY_CASE)
    text = " ".join(note.split())
    problems: dict[str, list[Message]] = {}
    if len(text) > MOST_NOTE:
        problems["note"] = [Message(N_("附言最多 {limit} 字，现为 {seen} 字"), {"limit": MOST_NOTE, "seen": len(text)})]
    receivers = list(dict.fromkeys(to))
    if not 1 <= len(receivers) <= MOST_RECEIVERS:
        bounds = {"limit": MOST_RECEIVERS, "seen": len(receivers)}
        problems["to"] = [Message(N_("请选择 1 至 {limit} 个抄送对象（现为 {seen} 个）"), bounds)]
    rows = [] if problems else [_receiver(uow, subject, each) for each in receivers]
    if None in rows:
        text = N_("所选的对象中有不能查看此件的：抄送不扩大知悉范围。未抄送给任何人，请重新选择")
        problems["to"] = [Message(text)]
    if problems:
        raise InvalidAnswers(problems)
    sealed = uow.runtime.vault.seal(text.encode())
    copies = []
    for row in (row for row in rows if row is not None):
        plain = {"case_id": case.id, "by_id": uow.actor.id, "note_sealed": sealed, "at": uow.now}
        copies.append(uow.add(case.id, insert(case_copy), {**plain, **row}))
        _tell(uow, case.id, row, "case.copied", by=uow.actor.id)
    content = {"copies": copies, "to": rows, "note": text}
    uow.record(Event(Kind.CASE_COPIED, case.id, content=content))
    return {"case_id": case.id, "copies": copies}


def add_comment(
    uow: UnitOfWork, *, case_id: int, text: str, mentions: Sequence[int] = (), in_file: bool = False
) -> dict[str, Any]:
    """Write a comment that nobody can change; returns ``{"case_id", "comment_id"}``. Who is mentioned gets a notice.

    With `in_file` it is part of the file (入卷) and its text stands in the history and in the dossier; otherwise the history
    holds its digest alone. NotFound, Forbidden; InvalidAnswers with "text" or "mentions".
    """
    case, subject = _opened(uow, case_id, Permission.COMMENT_CASE)
    plain = text.replace("\r\n", "\n").strip()
    problems: dict[str, list[Message]] = {}
    if not 1 <= len(plain) <= MOST_TEXT:
        bounds = {"limit": MOST_TEXT, "seen": len(plain)}
        problems["text"] = [Message(N_("留言须有 1 至 {limit} 字（现为 {seen} 字）"), bounds)]
    named = sorted({number for number in mentions if number != uow.actor.id})
    if len(named) > MOST_MENTIONS or any(_person(uow, subject, n, Permission.COMMENT_CASE) is None for n in named):
        bounds = {"limit": MOST_MENTIONS}
        text = N_("只能提及能查看此件留言的同事，最多 {limit} 位；请从名单中选")
        problems["mentions"] = [Message(text, bounds)]
    if problems:
        raise InvalidAnswers(problems)
    row = {
        "case_id": case.id,
        "by_id": uow.actor.id,
        "at": uow.now,
        "text_sealed": uow.runtime.vault.seal(plain.encode()),
        "in_file": in_file,
    }
    comment_id = uow.add(case.id, insert(comment), row)
    for number in named:
        uow.connection.execute(insert(comment_mention), {"comment_id": comment_id, "account_id": number})
        tell_person(uow, case.id, number, "comment.mentioned", by=uow.actor.id, comment=comment_id)
    said = {"comments": [{"id": comment_id, "digest": digest(plain)}], "mentions": named, "in_file": in_file}
    uow.record(Event(Kind.COMMENT_ADDED, case.id, content={**said, **({"text": plain} if in_file else {})}))
    return {"case_id": case.id, "comment_id": comment_id}


def _opened(uow: UnitOfWork, case_id: int, permission: Permission) -> tuple[Row[Any], CaseSubject]:
    case = uow.case(case_id)
    uow.about = case_id
    if not may_read(uow, case):
        raise NotFound(what=Message(N_("案件 {id}"), {"id": case_id}))
    subject = subject_of(uow.connection, case)
    uow.require(permission, subject)
    return case, subject


def _receiver(uow: UnitOfWork, subject: CaseSubject, receiver: str) -> dict[str, Any] | None:
    """The columns that name a receiver, None when it is none that may read the case."""
    kind, _, rest = receiver.partition(":")
    if kind == "person":
        number = _number(rest)
        return None if _person(uow, subject, number) is None else {"account_id": number, "unit_id": 0, "post": ""}
    code, _, unit = rest.partition(":")
    place = uow.runtime.rules.post(uow.connection, code, _number(unit)) if kind == "post" else None
    if place is None or not uow.runtime.rules.permits(Actor(-1, "", (place,)), Permission.READ_CASE, subject):
        return None
    return {"account_id": 0, "unit_id": place.unit_id, "post": place.code}


def _person(
    uow: UnitOfWork, subject: CaseSubject, number: int, permission: Permission = Permission.READ_CASE
) -> Actor | None:
    found = uow.runtime.rules.person(uow.connection, number, uow.today)
    return found if found is not None and uow.runtime.rules.permits(found, permission, subject) else None


def _tell(uow: UnitOfWork, case_id: int, row: dict[str, Any], kind: str, **content: Any) -> None:
    if row["account_id"]:
        tell_person(uow, case_id, row["account_id"], kind, **content)
    else:
        tell_post(uow, case_id, row["post"], row["unit_id"], kind, **content)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 18 else -1
