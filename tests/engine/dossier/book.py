"""A book for the toy house: one sheet, one form without a sheet, papers of one field."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pypdf import PdfWriter

from engine.commands import cases, papers, tasks
from engine.commands.printing import record_print
from engine.dossier import proof
from engine.dossier.book import Book, Part, Sheet, Wording
from engine.dossier.loading import load_record
from engine.dossier.render import print_entry, render_dossier
from tests.engine.toy import READER, WRITER, ToyHouse

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy import Connection

    from engine.dossier.record import CaseRecord

PRINTED = datetime(2026, 6, 16, 2, 3, 4, tzinfo=UTC)
IDCARD = "999901199005041228"
BOOK = Book(
    kind="toy",
    title="玩具事项",
    folder=Path(__file__).parent / "letters",
    sheets={"T-01": Sheet("T-01", "玩具申请表", "T-01.html", "write")},
    order=(Part("T-01"), Part(title="照片", papers=(("write", "photo"),))),
    retention="10 年",
    applicant=("write", "name"),
    wording=Wording(label=lambda _form, path: {"text": "文字", "idcard": "证件"}.get(path, path)),
)


class Directory:
    """Names of the toy house."""

    def units(self, connection: Connection) -> Mapping[int, str]:
        return {1: "玩具县"}

    def people(self, connection: Connection, ids: Collection[int]) -> Mapping[int, str]:
        return {number: f"职员{number}" for number in ids}

    def posts(self) -> Mapping[str, str]:
        return {"WRITER": "填表人", "READER": "审核人"}

    def periods(self) -> dict[str, str]:
        return {"toy.read": "审核期限"}

    def policy(self, connection: Connection, policy_id: int | None) -> str:
        return ""


def read_case(house: ToyHouse) -> int:
    """A toy case that was written, with a paper, and waits to be read."""
    begun = house.act(cases.start_case, WRITER, kind="toy")
    house.act(papers.add_paper, WRITER, task_id=begun["task_id"], field="photo", name="照片.pdf", content=blank_pdf())
    house.act(
        tasks.complete_task,
        WRITER,
        task_id=begun["task_id"],
        answers={"name": "王小芳", "text": "扩建大棚", "idcard": IDCARD},
        seen_version=1,
    )
    return int(begun["case_id"])


def blank_pdf(pages: int = 1, width: float = 200, height: float = 100) -> bytes:
    """A PDF of empty pages; sizes in points."""
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(width, height)
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


def record_of(house: ToyHouse, case_id: int) -> CaseRecord:
    """The case as the reader may print it."""
    with house.runtime.reading() as connection:
        return load_record(house.runtime, connection, READER, case_id, directory=Directory())


def handed_out(house: ToyHouse, case_id: int, record: CaseRecord, pdf: bytes, *, reveal: bool, **more: Any) -> bytes:
    """Write the print into the history, as the web does before it hands the file out."""
    entry = {**print_entry(BOOK, record, "dossier", pdf, reveal=reveal), **more}
    house.act(record_print, READER, case_id=case_id, **entry)
    return pdf


def printed(house: ToyHouse, case_id: int, *, reveal: bool = True) -> bytes:
    """Print the dossier for real."""
    record = record_of(house, case_id)
    pdf = render_dossier(BOOK, record, reveal=reveal, printed_by="职员2", printed_at=PRINTED)
    return handed_out(house, case_id, record, pdf, reveal=reveal)


def slip(house: ToyHouse, case_id: int, *, reveal: bool = True, **more: Any) -> bytes:
    """One empty page with the dossier's record inside: all that verification looks at, without the time to draw."""
    record = record_of(house, case_id)
    pdf = carrying(proof.attachment(record if reveal else record.masked()))
    return handed_out(house, case_id, record, pdf, reveal=reveal, **more)


def carrying(record: bytes) -> bytes:
    """A PDF of one empty page with a record attached."""
    writer = PdfWriter()
    writer.add_blank_page(595, 842)
    writer.add_attachment(proof.ATTACHMENT, record)
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()
