"""来信来访记录本 on paper (P-14): a plain A4 table; who printed which part of it is recorded before it is handed out."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from engine.access import Permission
from engine.dossier import render
from engine.dossier.book import Book
from workflows import log_book, organisation_log
from workflows.processes.petition import wording

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from engine.access import Actor
    from engine.runtime import Runtime
    from engine.unit_of_work import UnitOfWork

BOOK: Final = Book(
    kind="petition",
    title="妇女信访",
    folder=Path(__file__).parent / "letters",
    sheets={},
    order=(),
    retention="",
    applicant=("", ""),
)
WORDS: Final = {
    "channel": lambda code: str(wording.label(wording.CHANNEL, code)),
    "category": lambda code: str(wording.label(wording.CATEGORY, code)),
    "way": lambda code: str(wording.label((*wording.WAY, *wording.VILLAGE_WAY), code)) if code else "",
    "outcome": lambda code: str(wording.label(wording.OUTCOME, code)) if code else "",
}


def print_book(
    runtime: Runtime, connection: Connection, actor: Actor, wanted: log_book.Asked, *, at: datetime
) -> tuple[bytes, dict[str, Any]]:
    """P-14 of a period as PDF, and the parameters of `record_book_print`. InvalidAnswers when it is too long."""
    entries = log_book.whole(runtime, connection, actor, wanted)
    units = [post.unit_id for post in actor.posts if post.code in log_book.keepers()]
    names = {"entries": entries, "asked": wanted, **WORDS}
    title = f"来信来访记录本 {wanted.since} 至 {wanted.until}"
    pdf = render.render_table(
        BOOK, f"{log_book.SHEET}.html", title, names, printed_by=actor.name, printed_at=at, number=log_book.SHEET
    )
    told = {"sheet": log_book.SHEET, "since": wanted.since.isoformat(), "until": wanted.until.isoformat()}
    chosen = {"channel": wanted.channel, "category": wanted.category, "units": units}
    cases = [entry.case_id for entry in entries]
    return pdf, {**told, **chosen, "case_ids": cases, "file": hashlib.sha256(pdf).hexdigest()}


def record_book_print(
    uow: UnitOfWork,
    *,
    sheet: str,
    since: str,
    until: str,
    channel: str,
    category: str,
    units: Sequence[int],
    case_ids: Sequence[int],
    file: str,
) -> dict[str, Any]:
    """Record a print of the log book, and that the items in it were read; ``{"entry"}``: its number in the record.

    Forbidden for who keeps no log book.
    """
    uow.require(Permission.SEE_LOG_BOOK, None)
    read = log_book.log_book_read(uow, case_ids=case_ids, what=f"book {sheet}")["read"]
    part = {"since": since, "until": until, "channel": channel, "category": category, "units": list(units)}
    made = organisation_log.write(uow, "book.printed", sheet=sheet, **part, lines=read, by=uow.actor.id, file=file)
    return {"entry": made}
