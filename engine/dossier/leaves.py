"""The pages of attached papers: how many there will be, and how they are laid into the dossier.

A photo becomes one upright JPEG of at most 200 dots an inch. The pages of a PDF are counted before anything is composed, so that
the contents are right; the dossier leaves an empty frame for each and `lay_in` draws the original page into it, as vectors.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import pydyf
from PIL import Image, ImageOps, UnidentifiedImageError
from pypdf import PageObject, PdfReader, Transformation
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, PdfObject, StreamObject

from engine.documents import MAX_PAGES
from engine.dossier.record import Paper
from engine.errors import EngineError

#: an A4 frame at 200 dots an inch
LONGEST_SIDE = 2100
_BROKEN = (PyPdfError, ValueError, KeyError, OSError, RecursionError, AttributeError, TypeError)


@dataclass(frozen=True)
class Leaves:
    """What a paper brings: an image, or `pages` pages of a PDF; neither when it cannot be shown (`trouble` says why)."""

    paper: Paper
    image: bytes | None = None
    pdf: bytes | None = None
    pages: int = 0
    trouble: str = ""


@dataclass(frozen=True)
class Frame:
    """An empty place in the dossier for one page of a PDF: page index, and the rectangle in points from the bottom left."""

    page: int
    left: float
    bottom: float
    width: float
    height: float
    pdf: bytes
    source_page: int


def open_paper(paper: Paper) -> Leaves:
    """Open a paper and see what it brings; a paper that cannot be opened becomes a slip that says so, never an error."""
    try:
        content = paper.load()
    except EngineError as error:
        return Leaves(paper, trouble=str(error))
    if paper.media_type == "application/pdf":
        return _pdf(paper, content)
    return _image(paper, content)


def _pdf(paper: Paper, content: bytes) -> Leaves:
    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted:
            return Leaves(paper, trouble="该 PDF 设有密码，无法展开")
        pages = len(reader.pages)
        for page in reader.pages[:MAX_PAGES]:
            _ = page.mediabox, page.rotation
    except _BROKEN:
        return Leaves(paper, trouble="该 PDF 已损坏，无法展开")
    if not 1 <= pages <= MAX_PAGES:
        return Leaves(paper, trouble=f"该 PDF 有 {pages} 页，超出可装订的 {MAX_PAGES} 页")
    return Leaves(paper, pdf=content, pages=pages)


def _image(paper: Paper, content: bytes) -> Leaves:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content)) as opened:
                opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
                upright = ImageOps.exif_transpose(opened)
                upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
                return Leaves(paper, image=_jpeg(upright), pages=1)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return Leaves(paper, trouble="该图片已损坏，无法显示")


def _jpeg(picture: Image.Image) -> bytes:
    """The picture on white, without a profile or any of the camera's notes (place, device)."""
    if "A" in picture.getbands() or "transparency" in picture.info:
        layer = picture.convert("RGBA")
        picture = Image.new("RGB", layer.size, "white")
        picture.paste(layer, mask=layer.getchannel("A"))
    written = io.BytesIO()
    picture.convert("RGB").save(written, "JPEG", quality=85, optimize=True)
    return written.getvalue()


def lay_in(dossier: pydyf.PDF, frames: Sequence[Frame]) -> None:
    """Draw each frame's source page, scaled to fit and centred, into its page of a PDF that is about to be written.

    The pages come as vectors, outside the tagged text, without their links, scripts and form fields.
    """
    copies: dict[int, _Copier] = {}
    for number, frame in enumerate(frames):
        if id(frame.pdf) not in copies:
            copies[id(frame.pdf)] = _Copier(dossier, frame.pdf)
        copier = copies[id(frame.pdf)]
        source = copier.reader.pages[frame.source_page]
        _draw(dossier, copier, source, f"Paper{number}", frame)


def _draw(dossier: pydyf.PDF, copier: _Copier, source: PageObject, name: str, frame: Frame) -> None:
    left, bottom, right, top = (float(edge) for edge in source.cropbox)
    turn = Transformation().rotate(-source.rotation)
    corners = [turn.apply_on((x, y)) for x in (left, right) for y in (bottom, top)]
    low_x, low_y = min(x for x, _ in corners), min(y for _, y in corners)
    width, height = max(x for x, _ in corners) - low_x, max(y for _, y in corners) - low_y
    scale = min(frame.width / max(width, 1), frame.height / max(height, 1))
    x = frame.left + (frame.width - width * scale) / 2
    y = frame.bottom + (frame.height - height * scale) / 2
    placed = turn.translate(-low_x, -low_y).scale(scale).translate(x, y)
    contents = source.get_contents()
    extra = {
        "Type": "/XObject",
        "Subtype": "/Form",
        "BBox": _numbers(left, bottom, right, top),
        "Resources": copier.written(source.get("/Resources") or DictionaryObject()),
    }
    form = pydyf.Stream([contents.get_data() if contents is not None else b""], extra, compress=True)
    dossier.add_object(form)
    page = dossier.objects[dossier.pages["Kids"][3 * frame.page]]
    resources = dossier.objects[int(page["Resources"].split()[0])]
    resources["XObject"][name] = form.reference
    drawn = f"/Artifact BMC q {' '.join(f'{round(n, 5) + 0.0:.5f}' for n in placed.ctm)} cm /{name} Do Q EMC"
    below = pydyf.Stream([drawn.encode()])  # what the page itself bears (its watermark) stands over the paper
    dossier.add_object(below)
    page["Contents"] = b"[" + below.reference + b" " + page["Contents"] + b"]"


class _Copied(pydyf.Object):  # type: ignore[misc]
    """An object of a paper under its number in the dossier."""

    body = b"null"
    is_stream = False

    @property
    def data(self) -> bytes:
        """What is written."""
        return self.body

    @property
    def compressible(self) -> bool:
        """Streams stand by themselves."""
        return not self.is_stream


class _Copier:
    """Copies what the pages of one paper need, each object once."""

    def __init__(self, dossier: pydyf.PDF, pdf: bytes) -> None:
        self.reader = PdfReader(io.BytesIO(pdf))
        self._dossier = dossier
        self._known: dict[int, _Copied] = {}
        self._waiting: list[tuple[_Copied, PdfObject | None]] = []

    def written(self, thing: PdfObject) -> bytes:
        """An object as bytes that may stand in the dossier; everything it refers to is copied there first."""
        found = self._bytes(thing)
        while self._waiting:
            copy, source = self._waiting.pop()
            copy.is_stream = isinstance(source, StreamObject)
            copy.body = self._stream(source) if isinstance(source, StreamObject) else self._bytes(source)
        return found

    def _bytes(self, thing: PdfObject | None) -> bytes:
        if isinstance(thing, IndirectObject):
            return self._refer(thing)
        if isinstance(thing, DictionaryObject):
            return b"<<" + b" ".join(self._bytes(k) + b" " + self._bytes(thing.raw_get(k)) for k in thing) + b">>"
        if isinstance(thing, ArrayObject):
            return b"[" + b" ".join(self._bytes(list.__getitem__(thing, index)) for index in range(len(thing))) + b"]"
        if thing is None:
            return b"null"
        plain = io.BytesIO()
        thing.write_to_stream(plain)
        return plain.getvalue()

    def _refer(self, reference: IndirectObject) -> bytes:
        copy = self._known.get(reference.idnum)
        if copy is None:
            copy = self._known[reference.idnum] = _Copied()
            self._dossier.add_object(copy)
            self._waiting.append((copy, reference.get_object()))
        return bytes(copy.reference)

    def _stream(self, stream: StreamObject) -> bytes:
        body = bytes(stream._data)  # noqa: SLF001 - the encoded bytes as they are; pypdf would decode images
        entries = b" ".join(
            self._bytes(key) + b" " + self._bytes(stream.raw_get(key)) for key in stream if key != "/Length"
        )
        return b"<<" + entries + f"/Length {len(body)}>>\nstream\n".encode() + body + b"\nendstream"


def _numbers(*values: float) -> bytes:
    return b"[" + " ".join(f"{value:.4f}" for value in values).encode() + b"]"
