"""Attached papers in the dossier: photos upright and without the camera's notes, PDF pages as they are, slips for the rest."""

from __future__ import annotations

import hashlib
import io
from functools import partial

import pydyf
import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, StreamObject

from engine.dossier.leaves import Frame, lay_in, open_paper
from engine.dossier.record import Paper
from engine.fields import Unreadable
from tests.engine.dossier.book import PRINTED, blank_pdf


def paper(content: bytes, media_type: str) -> Paper:
    """A paper with these bytes."""
    sha = hashlib.sha256(content).hexdigest()
    return Paper(1, "write", "photo", "a", media_type, len(content), sha, PRINTED, 1, "职员1", partial(bytes, content))


def picture(mode: str, size: tuple[int, int], kind: str, *, orientation: int = 1) -> bytes:
    """An image whose top left corner is red (index 1 of a palette)."""
    made = Image.new(mode, size)
    if mode == "P":
        made.putpalette([0, 0, 0, 255, 0, 0])
    made.paste(1 if mode == "P" else "red", (0, 0, size[0] // 4, size[1] // 4))
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x0110] = "a phone"
    written = io.BytesIO()
    made.save(written, kind, exif=exif)
    return written.getvalue()


def test_a_photo_is_turned_upright_and_loses_the_cameras_notes() -> None:
    found = open_paper(paper(picture("RGB", (400, 200), "JPEG", orientation=6), "image/jpeg"))

    with Image.open(io.BytesIO(found.image or b"")) as seen:
        assert seen.size == (200, 400)
        red, green, _ = seen.convert("RGB").getpixel((190, 10))  # type: ignore[misc]
        assert (red > 200, green < 60) == (True, True)
        assert not seen.getexif()
    assert found.pages == 1


def test_a_large_photo_is_reduced_to_what_paper_can_show() -> None:
    found = open_paper(paper(picture("RGB", (6000, 3000), "JPEG"), "image/jpeg"))
    with Image.open(io.BytesIO(found.image or b"")) as seen:
        assert max(seen.size) <= 2100


@pytest.mark.parametrize("mode", ["RGBA", "LA", "L", "P", "1"])
def test_every_kind_of_png_becomes_a_picture_on_white(mode: str) -> None:
    found = open_paper(paper(picture(mode, (80, 80), "PNG"), "image/png"))
    with Image.open(io.BytesIO(found.image or b"")) as seen:
        assert (seen.mode, seen.format) == ("RGB", "JPEG")
        if mode == "RGBA":
            assert min(seen.getpixel((70, 70))) > 240  # type: ignore[arg-type]


def locked_pdf() -> bytes:
    """A PDF behind a password."""
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    writer.encrypt("secret", algorithm="RC4-128")
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


@pytest.mark.parametrize(
    ("content", "media_type", "trouble"),
    [
        (b"\xff\xd8\xff\xe0 not a photo", "image/jpeg", "该图片已损坏，无法显示"),
        (b"%PDF-1.4 nothing", "application/pdf", "该 PDF 已损坏，无法展开"),
        (locked_pdf(), "application/pdf", "该 PDF 设有密码，无法展开"),
        (blank_pdf(201), "application/pdf", "该 PDF 有 201 页，超出可装订的 200 页"),
    ],
)
def test_a_paper_that_cannot_be_shown_becomes_a_slip_that_says_why(
    content: bytes, media_type: str, trouble: str
) -> None:
    found = open_paper(paper(content, media_type))
    assert (found.trouble, found.image, found.pdf, found.pages) == (trouble, None, None, 0)


def test_a_paper_whose_stored_bytes_were_altered_becomes_a_slip() -> None:
    def gone() -> bytes:
        raise Unreadable

    sealed = Paper(1, "write", "photo", "a", "image/png", 1, "0" * 64, PRINTED, 1, "职员1", gone)
    assert open_paper(sealed).trouble == str(Unreadable())


def test_the_pages_of_a_pdf_are_counted_before_anything_is_composed() -> None:
    assert open_paper(paper(blank_pdf(3), "application/pdf")).pages == 3


def target(pages: int) -> pydyf.PDF:
    """An empty dossier about to be written, pages of 600 × 800 points."""
    made = pydyf.PDF()
    resources = pydyf.Dictionary({"XObject": pydyf.Dictionary()})
    made.add_object(resources)
    for _ in range(pages):
        content = pydyf.Stream([b"0.5 0 0 0.5 0 0 cm"])
        made.add_object(content)
        page = {"Type": "/Page", "Parent": made.pages.reference, "MediaBox": pydyf.Array([0, 0, 600, 800])}
        made.add_page(pydyf.Dictionary({**page, "Contents": content.reference, "Resources": resources.reference}))
    return made


def drawn_pdf(*, rotate: int = 0) -> bytes:
    """One page of 200 × 100 points with content, nested resources and a link that must not come along."""
    writer = PdfWriter()
    page = writer.add_blank_page(200, 100)
    inner = StreamObject()
    inner.set_data(b"0 0 10 10 re f")
    inner.update({NameObject("/Type"): NameObject("/XObject"), NameObject("/Subtype"): NameObject("/Form")})
    inner[NameObject("/BBox")] = ArrayObject()
    held = DictionaryObject({NameObject("/Inner"): writer._add_object(inner)})
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/XObject"): held})
    content = StreamObject()
    content.set_data(b"/Inner Do /Inner Do")
    page[NameObject("/Contents")] = writer._add_object(content)
    page.rotate(rotate)
    writer.add_uri(0, "https://example.invalid/", (0, 0, 9, 9))
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


@pytest.mark.parametrize(
    ("rotate", "matrix"),
    [
        # 200 × 100 into 300 × 300 at (50, 60): scale 1.5, centred upwards by 75
        (0, "1.50000 0.00000 0.00000 1.50000 50.00000 135.00000"),
        # turned by 90°, 100 × 200: scale 1.5, centred to the right by 75
        (90, "0.00000 -1.50000 1.50000 0.00000 125.00000 360.00000"),
        (180, "-1.50000 0.00000 0.00000 -1.50000 350.00000 285.00000"),
    ],
)
def test_a_page_is_scaled_into_its_frame_centred_and_the_way_it_was_turned(rotate: int, matrix: str) -> None:
    made = target(2)
    lay_in(made, [Frame(1, 50, 60, 300, 300, drawn_pdf(rotate=rotate), 0)])
    written = io.BytesIO()
    made.write(written)
    pages = PdfReader(io.BytesIO(written.getvalue())).pages
    content = pages[1].get_contents()

    assert content is not None
    drawn = content.get_data().decode()
    assert "".join(drawn.split()) == "".join(f"/Artifact BMC q {matrix} cm /Paper0 Do Q EMC 0.5 0 0 0.5 0 0 cm".split())
    form = pages[1]["/Resources"]["/XObject"]["/Paper0"]  # type: ignore[index]
    assert form.get_data() == b"/Inner Do /Inner Do"
    assert form["/Resources"]["/XObject"]["/Inner"].get_data() == b"0 0 10 10 re f"
    assert b"example.invalid" not in written.getvalue()


def test_an_object_several_pages_share_is_copied_once() -> None:
    made = target(2)
    before = len(made.objects)
    content = drawn_pdf()
    lay_in(made, [Frame(0, 0, 0, 100, 100, content, 0), Frame(1, 0, 0, 100, 100, content, 0)])
    # two forms, one content stream a page, and the inner drawing once (its resources are direct)
    assert len(made.objects) - before == 2 * 2 + 1
