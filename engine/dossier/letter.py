"""Letters the house itself writes, whatever the process: that a period was extended (P-06), by whom, why, until when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.dossier.book import Book
from engine.dossier.compose import Layout, Piece, Printing, bound
from engine.dossier.pages import filled
from engine.dossier.record import CaseRecord
from engine.fields import digest


def extension_letter(book: Book, record: CaseRecord, told: Mapping[str, Any], printing: Printing) -> tuple[Layout, str]:
    """The letter as pages, and its check code: the digest of what it tells.

    `told`: sheet, step, unit, units, unit_name, old, new (civil dates), reason, period (its name), clause, note, approver and
    approver_post, decided_at, asked_by and asked_post, asked_at, progress (her code of inquiry, or "").
    """
    code = digest({"number": record.number, **{name: str(value) for name, value in told.items()}})
    html = filled(book, "extension.html", record=record, title=book.title, **told)
    pieces = [Piece(str(told["sheet"]), "延期告知书", html)]
    return bound(book, record, "延期告知书", pieces, printing, code), code
