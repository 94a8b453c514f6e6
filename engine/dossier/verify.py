"""Is this dossier what the house once printed? Genuine, altered or unknown, and if altered, what exactly differs.

The record inside the PDF is held against the tables as they stood at the entry it was printed at, form by form and entry by
entry; its digest against the register of prints; the file itself against the one handed out; the history chain against itself.
No stored value is ever told: a forger who guesses learns nothing, and a paper none of whose history is ours is simply unknown.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from pypdf import PdfReader
from pypdf.errors import PyPdfError
from sqlalchemy import Connection, Row, bindparam, select

from engine import audit
from engine.access import Permission
from engine.commands.loading import subject_of
from engine.dossier import proof
from engine.dossier.comparing import PARTS, Label, compare
from engine.dossier.loading import Nameless, read_record
from engine.dossier.redaction import Personal, number_meant, redacted
from engine.errors import EngineError
from engine.events import Kind
from engine.messages import N_, Message
from engine.model import case_file, history
from engine.process_type import forms_of
from engine.queries import opening

if TYPE_CHECKING:
    from datetime import datetime

    from engine.access import Actor
    from engine.dossier.record import CaseRecord
    from engine.runtime import Runtime

_UNREADABLE = (PyPdfError, ValueError, KeyError, OSError, RecursionError, AttributeError, TypeError)
_CASE = select(case_file).where(case_file.c.number == bindparam("b_number"))
_CASE_BY_ID = select(case_file).where(case_file.c.id == bindparam("b_id"))
_OURS = select(history.c.seq).where(history.c.case_id == bindparam("b_case"), history.c.hash == bindparam("b_hash"))


#: hex digits of a check code that somebody must have read off the paper
SHORTEST_CODE = 8


class Status(StrEnum):
    """The answer in one word."""

    GENUINE = "genuine"
    ALTERED = "altered"
    UNKNOWN = "unknown"


STATUS_NAMES: Mapping[Status, str] = {
    Status.GENUINE: N_("真实"),
    Status.ALTERED: N_("被改动"),
    Status.UNKNOWN: N_("查无此卷"),
}


@dataclass(frozen=True)
class Verdict:
    """`differences` says what is not as it was; `number` and `digest` are what the paper claims ("" when it claims nothing)."""

    status: Status
    differences: tuple[Message, ...] = ()
    number: str = ""
    digest: str = ""


def verify_dossier(
    runtime: Runtime,
    pdf: bytes,
    *,
    label: Callable[[str], Label] | None = None,
    personal: Callable[[str], Personal] | None = None,
) -> Verdict:
    """Judge a PDF. Never raises for what is in it. `label(kind)` names fields in the differences; paths stand there otherwise.

    `personal(kind)` says which fields a redacted print leaves out; without it, all of them.
    """
    attached = _attached(pdf)
    stated = None if attached is None else _stated(attached)
    if attached is None or stated is None:
        text = N_(
            "这份文件不含卷宗机读记录。单张表册请用编号和校验码在“核对纸质件”中查；若本应是整本卷宗，则附件已被删去"
        )
        return Verdict(Status.UNKNOWN, (Message(text),))
    code = proof.check_code(attached)
    with runtime.reading() as connection:
        case = _named(connection, stated["number"])
        if case is None or not _shares_history(connection, case.id, stated):
            return Verdict(Status.UNKNOWN, (Message(N_("本系统没有与此相符的案卷")),), stated["number"], code)
        expect = _Expect(personal(case.kind) if personal else (lambda _form, _path: True), stated)
        found = tuple(_differences(runtime, connection, case, expect, code, pdf, label))
    return Verdict(Status.ALTERED if found else Status.GENUINE, found, stated["number"], code)


@dataclass(frozen=True)
class Print:
    """A line of the register of prints: what left the house, when, by whom."""

    what: str
    at: datetime
    by_id: int
    masked: bool


def printed(runtime: Runtime, connection: Connection, actor: Actor, number: str, code: str) -> tuple[Print, ...]:
    """The prints of a case whose check code begins with `code` (8 hex digits or more, as on the paper and in its QR code).

    Empty for a case that is unknown or that the actor may not read: the two look alike.
    """
    wanted = "".join(code.split()).lower()
    case = _named(connection, number.strip().upper())
    if case is None or len(wanted) < SHORTEST_CODE or not _may_read(runtime, connection, actor, case):
        return ()
    entries = (e for e in opening.entries(connection, runtime.vault, case.id) if e.kind == Kind.PAPER_PRINTED)
    return tuple(
        Print(str(e.content["what"]), e.at, e.actor_id, bool(e.content["masked"]))
        for e in entries
        if str(e.content["digest"]).lower().startswith(wanted)
    )


def _named(connection: Connection, number: str) -> Row[Any] | None:
    """The case a paper is of: by its number, or by the one a redacted print bears instead."""
    case_id = number_meant(number)
    if case_id is not None:
        return connection.execute(_CASE_BY_ID, {"b_id": case_id}).one_or_none()
    return connection.execute(_CASE, {"b_number": number}).one_or_none()


def _may_read(runtime: Runtime, connection: Connection, actor: Actor, case: Row[Any]) -> bool:
    return runtime.rules.permits(actor, Permission.READ_CASE, subject_of(connection, case))


def _attached(pdf: bytes) -> bytes | None:
    try:
        found = PdfReader(io.BytesIO(pdf)).attachments.get(proof.ATTACHMENT)
    except _UNREADABLE:
        return None
    return bytes(found[0]) if found else None


def _stated(attached: bytes) -> dict[str, Any] | None:
    """The record a PDF carries, if it has the shape of one."""
    try:
        stated = json.loads(attached)
        fits = (
            stated["format"] == proof.FORMAT
            and isinstance(stated["number"], str)
            and isinstance(stated["masked"], bool)
            and isinstance(stated["head"]["seq"], int)
            and all(isinstance(item, dict) for part in PARTS for item in stated[part])
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return stated if fits else None


def _shares_history(connection: Connection, case_id: int, stated: Mapping[str, Any]) -> bool:
    """Whether any entry hash it states is really one of the case: only a true print knows one."""
    hashes = [str(entry.get("hash")) for entry in stated["history"]]
    return any(connection.execute(_OURS, {"b_case": case_id, "b_hash": each}).first() for each in hashes)


def _differences(
    runtime: Runtime,
    connection: Connection,
    case: Row[Any],
    expect: _Expect,
    code: str,
    pdf: bytes,
    label: Callable[[str], Label] | None,
) -> Iterator[Message]:
    stated = expect.stated
    titles = {key: str(form.title) for key, form in forms_of(runtime.catalogue, case.kind).items()}
    named = label(case.kind) if label else (lambda _form, path: path)
    yield from _chain(runtime, connection, case.id)
    try:
        record = read_record(runtime, connection, case, directory=Nameless(), upto=stated["head"]["seq"])
        prints = _prints(runtime, connection, case.id)
    except (EngineError, ValueError):
        yield Message(N_("在库内容无法读取，不能比对"))
        return
    expected = json.loads(proof.attachment(expect.of(record)))
    yield from compare(stated, expected, titles=titles, label=named)
    yield from _file_differences(pdf, [entry for entry in prints if entry.get("digest") == code])


@dataclass(frozen=True)
class _Expect:
    """What a PDF states, and how much of a record it leaves out."""

    personal: Personal
    stated: Mapping[str, Any]

    def of(self, record: CaseRecord) -> CaseRecord:
        """The record with as much left out as the PDF says it does."""
        if self.stated.get("redacted") is True:
            return redacted(record, self.personal)
        return record.masked() if self.stated["masked"] else record


def _file_differences(pdf: bytes, known: list[Mapping[str, Any]]) -> Iterator[Message]:
    """What the register of prints says about the file itself; `known` are the prints with its check code."""
    file = hashlib.sha256(pdf).hexdigest()
    if not known:
        yield Message(N_("打印登记中没有此校验码"))
    elif all(entry.get("file") not in ("", file) for entry in known):
        yield Message(N_("机读记录与在库一致，但文件与打印时交出的不同，页面请以在库记录为准"))
        yield from _page_differences(proof.page_codes(pdf), known[-1].get("pages") or [])


def _page_differences(mine: list[str], handed_out: list[str]) -> Iterator[Message]:
    if len(mine) != len(handed_out):
        counts = {"then": len(handed_out), "now": len(mine)}
        yield Message(N_("打印时共 {then} 页，现有 {now} 页"), counts)
    for number, (now, then) in enumerate(zip(mine, handed_out, strict=False), 1):
        if now != then:
            yield Message(N_("第 {number} 页与打印时不同"), {"number": number})


def _chain(runtime: Runtime, connection: Connection, case_id: int) -> Iterator[Message]:
    """What the case's own history chain says about the tables."""
    for fault in audit.verify(connection, runtime.vault, case_id).faults:
        yield Message(N_("在库记录：{why}"), {"why": fault.why})


def _prints(runtime: Runtime, connection: Connection, case_id: int) -> list[Mapping[str, Any]]:
    entries = opening.entries(connection, runtime.vault, case_id)
    return [entry.content for entry in entries if entry.kind == Kind.PAPER_PRINTED]
