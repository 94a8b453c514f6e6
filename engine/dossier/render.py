"""HTML → PDF. The only place that imports WeasyPrint, and only when something is printed.

The printer reaches nothing: no network, no file. An image is one of the papers handed in, or it is not there. Output is
PDF/A-3a: tagged, with its fonts inside; everything but the print mark is the same from print to print.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from engine.dossier import compose, leaves, letter, proof
from engine.dossier.book import Book
from engine.dossier.compose import Layout, Printing
from engine.dossier.pages import shown_in
from engine.dossier.record import CaseRecord

if TYPE_CHECKING:
    from weasyprint import Document

VARIANT = "pdf/a-3a"
_SRGB = "--halfsky-srgb"
_POINTS_PER_PIXEL = 0.75
_FRAME_WIDTH, _FRAME_HEIGHT = 169 / 25.4 * 72, 232 / 25.4 * 72


def render_sheet(
    book: Book, record: CaseRecord | None, sheet: str, *, reveal: bool, printed_by: str, printed_at: datetime
) -> bytes:
    """One sheet ("L-01") as PDF; a blank form when `record` is None. Identity numbers are masked unless `reveal`.

    `printed_at` is an aware instant. Raises KeyError when the book has no such sheet.
    """
    shown = record if record is None or reveal else record.masked()
    layout = compose.single(book, shown, book.sheets[sheet], Printing(printed_by, printed_at))
    return _pdf(layout, printed_at, {})


def render_dossier(
    book: Book, record: CaseRecord, *, reveal: bool, printed_by: str, printed_at: datetime, number: str = ""
) -> bytes:
    """The whole file as PDF, the machine-readable record attached (`proof.ATTACHMENT`).

    Without `reveal` identity numbers are masked and the papers left out; its digests then are keyed (see `record.FormVersion`).
    A record that is masked or redacted already stays so. With the `number` of this one print, it bears that, its reader and the
    time across every page, over attached papers too.
    """
    shown = record if reveal else record.masked()
    layout = compose.dossier(book, shown, Printing(printed_by, printed_at, number))
    return _pdf(layout, printed_at, {proof.ATTACHMENT: proof.attachment(shown)})


def render_letter(
    book: Book, record: CaseRecord, told: Mapping[str, Any], *, printed_by: str, printed_at: datetime
) -> tuple[bytes, dict[str, Any]]:
    """The letter about an extension (see `letter`) as PDF, and what `record_print` must be told of it besides the case."""
    layout, code = letter.extension_letter(book, record, told, Printing(printed_by, printed_at))
    pdf = _pdf(layout, printed_at, {})
    file = hashlib.sha256(pdf).hexdigest()
    return pdf, {"what": told["sheet"], "digest": code, "masked": False, "file": file, "pages": proof.page_codes(pdf)}


def render_table(
    book: Book,
    template: str,
    title: str,
    names: Mapping[str, Any],
    *,
    printed_by: str,
    printed_at: datetime,
    number: str = "",
    code: str = "",
) -> bytes:
    """A page of figures, or a list, as PDF: a template of `book` with `names`, a number at its head and a code at its foot."""
    printing = Printing(printed_by, printed_at)
    return _pdf(compose.table(book, template, title, names, printing, number, code), printed_at, {})


def print_entry(book: Book, record: CaseRecord, what: str, pdf: bytes, *, reveal: bool) -> dict[str, Any]:
    """What `engine.commands.printing.record_print` must be told of a PDF made by this module, besides the case."""
    shown = record if reveal else record.masked()
    single = book.sheets.get(what)
    version = None if single is None else shown_in(shown, single).newest(single.form)
    digest = version.digest if version else proof.check_code(proof.attachment(shown))
    file = hashlib.sha256(pdf).hexdigest()
    return {"what": what, "digest": digest, "masked": shown.is_masked, "file": file, "pages": proof.page_codes(pdf)}


def _pdf(layout: Layout, printed_at: datetime, attached: Mapping[str, bytes]) -> bytes:
    from weasyprint import HTML, Attachment  # noqa: PLC0415 - slow to load; most processes never print
    from weasyprint.css import ColorProfile  # noqa: PLC0415

    at = printed_at.astimezone(UTC)
    fetch = _closed_fetcher(layout.images)
    attachments = [
        Attachment(
            string=content, name=name, description="卷宗机读记录", created=at, modified=at, relationship="Data",
            url_fetcher=fetch,
        )
        for name, content in attached.items()
    ]  # fmt: skip
    options: dict[str, Any] = {"pdf_variant": VARIANT, "attachments": attachments or None, "output_intent": _SRGB}
    colours = {_SRGB: ColorProfile(io.BytesIO(_icc()), _SRGB, "relative-colorimetric", (["r"], ["g"], ["b"]))}
    document = HTML(string=layout.html, url_fetcher=fetch, base_url="halfsky:").render(
        color_profiles=colours, **options
    )
    frames = _frames(document, layout)
    made: bytes = document.write_pdf(
        finisher=lambda _document, pdf: leaves.lay_in(pdf, frames),
        pdf_identifier=hashlib.sha256(layout.html.encode()).hexdigest()[:32],
        **options,
    )
    return made


@lru_cache(maxsize=1)
def _icc() -> bytes:
    """The sRGB profile WeasyPrint brings along; left to itself it would leave the file open at every print."""
    return (files("weasyprint.pdf") / "sRGB2014.icc").read_bytes()


def _closed_fetcher(images: Mapping[str, bytes]) -> Any:
    """A fetcher that knows the papers of this print and nothing else."""
    from weasyprint.urls import URLFetcherResponse  # noqa: PLC0415 - see above

    def fetch(url: str) -> Any:
        name = url.removeprefix("halfsky:")
        if name == url or name not in images:
            raise ValueError("nothing outside the dossier may be loaded")
        return URLFetcherResponse(url, images[name], {"Content-Type": "image/jpeg"})

    return fetch


def _frames(document: Document, layout: Layout) -> list[leaves.Frame]:
    """Where the empty frames for PDF pages lie, in points from the bottom left."""
    places: dict[str, tuple[int, float, float, float]] = {}
    for index, page in enumerate(document.pages):
        for name, place in page.anchors.items():
            places[name] = (index, place[0], place[1], page.height)
    found = []
    for each in layout.frames:
        for number in range(each.pages):
            index, x, y, height = places[f"leaf-{each.paper.id}-{number + 1}"]
            bottom = (height - y) * _POINTS_PER_PIXEL - _FRAME_HEIGHT
            content = each.pdf or b""
            found.append(
                leaves.Frame(index, x * _POINTS_PER_PIXEL, bottom, _FRAME_WIDTH, _FRAME_HEIGHT, content, number)
            )
    return found
