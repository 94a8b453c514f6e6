"""Reading printed pages back."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from pypdf import PdfReader

from engine.dossier import render
from tests.workflows.processes.loan.letters.records import PRINTED
from workflows.processes.loan.letters import BOOK

if TYPE_CHECKING:
    from engine.dossier.record import CaseRecord

MARK: dict[str, Any] = {"printed_by": "陈静", "printed_at": PRINTED}


def texts(pdf: bytes) -> list[str]:
    """The text of each page without blanks."""
    return ["".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages]


def sheet(record: CaseRecord | None, code: str, *, reveal: bool = True) -> list[str]:
    """The pages of one sheet as text."""
    return texts(render.render_sheet(BOOK, record, code, reveal=reveal, **MARK))


def outline(pdf: bytes) -> dict[str, int]:
    """Bookmark → page number, from 1."""
    reader = PdfReader(io.BytesIO(pdf))
    marks = [item for item in reader.outline if not isinstance(item, list)]
    return {str(item.title): (reader.get_destination_page_number(item) or 0) + 1 for item in marks}
