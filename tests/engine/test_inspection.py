"""Hostile files: bombs, loops, lies and cut ends are refused within a bounded time, and the house goes on."""

from __future__ import annotations

import io
import os
import signal
import struct
import time
import zlib
from threading import Thread

import pytest
from PIL import Image

from engine import documents, inspection
from engine.errors import RefusedUpload
from engine.inspection import IMAGE, PDF, Inspector, answer, look_into
from tests.engine.test_documents import pdf, picture

CATALOG = b"<</Type/Catalog/Pages 2 0 R>>"


def drawn(*objects: bytes) -> bytes:
    """A PDF of these objects, numbered from 1, with a right cross-reference table."""
    made, places = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(made))
        made += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    end = b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (size, len(made))
    return made + b"xref\n0 %d\n0000000000 65535 f \n" % size + table + end


def packed(filters: bytes, payload: bytes) -> bytes:
    """A PDF whose catalogue stands in a compressed object stream."""
    made = b"%PDF-1.7\n"
    first = len(made)
    made += b"1 0 obj\n<</Type/ObjStm/N 2/First 10/Filter%b/Length %d>>\nstream\n%b\nendstream\nendobj\n" % (
        filters,
        len(payload),
        payload,
    )
    second = len(made)
    rows = bytes(6) + b"\1" + first.to_bytes(4, "big") + bytes(1)
    rows += b"\2\0\0\0\1\0" + b"\2\0\0\0\1\1" + b"\1" + second.to_bytes(4, "big") + bytes(1)
    made += b"4 0 obj\n<</Type/XRef/Size 5/W[1 4 1]/Root 2 0 R/Length %d>>\nstream\n%b\nendstream\nendobj\n" % (
        len(rows),
        rows,
    )
    return made + b"startxref\n%d\n%%%%EOF" % second


def inner() -> bytes:
    """What unpacks to 70 MB."""
    return b"2 0 3 31  <</Type/Catalog/Pages 3 0 R>>  <</Type/Pages/Count 1/Kids[]>>" + b" " * 70_000_000


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png_with(name: bytes, content: bytes) -> bytes:
    """A small picture with one chunk more behind its header."""
    whole = picture()
    return whole[:33] + chunk(name, content) + whole[33:]


def progressive(side: int) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (side, side)).save(made, "JPEG", progressive=True)
    return made.getvalue()


HOSTILE = {
    "a page tree that branches for ever": lambda: drawn(
        CATALOG, *(b"<</Type/Pages/Count 1/Kids[%d 0 R %d 0 R]>>" % (n, n) for n in range(3, 60)), b"<</Type/Page>>"
    ),
    "a page tree that contains itself": lambda: drawn(CATALOG, b"<</Type/Pages/Count 1/Kids[2 0 R]>>"),
    "a hundred thousand pages that say they are one": lambda: drawn(
        CATALOG, b"<</Type/Pages/Count 1/Kids[%b]>>" % (b"3 0 R " * 100_000), b"<</Type/Page>>"
    ),
    "a stream that unpacks to 70 MB": lambda: packed(b"/FlateDecode", zlib.compress(inner(), 1)),
    "a stream packed twice": lambda: packed(b"[/FlateDecode/FlateDecode]", zlib.compress(zlib.compress(inner(), 1))),
    "a quarter of a million objects and no table": lambda: (
        b"%PDF-1.4\n" + b"1 0 obj\n<</Type/Catalog>>\nendobj\n" * 250_000
    ),
    "brackets in brackets": lambda: drawn(CATALOG, b"[" * 200_000 + b"]" * 200_000),
    "a PDF that is a page of HTML": lambda: b"%PDF-1.7\n<html><script>alert(1)</script></html>",
    "a text chunk that unpacks to a gigabyte": lambda: png_with(
        b"zTXt", b"c\0\0" + zlib.compress(bytes(200_000_000), 1)
    ),
    "a picture larger than its bytes": lambda: picture()[:16] + struct.pack(">II", 7000, 7000) + picture()[24:],
    "more pixels than fit": lambda: picture()[:16] + struct.pack(">II", 60_000, 60_000) + chunk(b"IDAT", b""),
}


@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_file_is_refused_in_bounded_time(make: object) -> None:
    content = make()  # type: ignore[operator]
    before = time.process_time()
    began = time.monotonic()
    with pytest.raises(RefusedUpload):
        documents.inspect(content)
    assert time.process_time() - before < 1, "the work is done elsewhere"
    assert time.monotonic() - began < inspection.WALL_SECONDS


def test_vector_pictures_are_not_pictures_here() -> None:
    with pytest.raises(RefusedUpload, match="只接受"):
        documents.inspect(b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script/></svg>')


def test_a_photograph_of_a_good_camera_comes_in() -> None:
    assert documents.inspect(progressive(5000)).media_type == "image/jpeg"


def test_the_next_file_is_looked_into_after_one_that_took_the_process_along() -> None:
    inspector = Inspector()
    assert inspector.inspect(PDF, packed(b"/FlateDecode", zlib.compress(inner(), 1))) == {"heavy": True}
    assert inspector.inspect(PDF, pdf(3)) == {"pages": 3}
    assert inspector._process is not None
    os.kill(inspector._process.pid, signal.SIGKILL)
    inspector._process.wait()
    assert inspector.inspect(IMAGE, picture()) == {"pages": 1}
    inspector.close()
    inspector.close()


def test_a_process_that_does_not_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspection, "WALL_SECONDS", 0.2)
    inspector = Inspector()
    process = inspector._running()
    os.kill(process.pid, signal.SIGSTOP)
    assert inspector.inspect(IMAGE, picture()) == {"heavy": True}
    inspector.close()


def test_files_that_come_at_once_are_told_apart() -> None:
    found: dict[int, object] = {}

    def look(pages: int) -> None:
        found[pages] = documents.inspect(pdf(pages)).pages

    threads = [Thread(target=look, args=(pages,)) for pages in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {pages: pages for pages in range(1, 9)}


def test_a_file_that_was_looked_into_is_not_looked_into_again(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = documents.inspect(pdf(7))
    monkeypatch.setattr(documents.inspector, "inspect", None)
    assert documents.inspect(pdf(7)) == seen


@pytest.mark.parametrize(
    ("kind", "content", "finding"),
    [
        (PDF, pdf(2), {"pages": 2}),
        (PDF, pdf(password="x"), {"locked": True}),
        (PDF, b"%PDF-1.7", {"damaged": True}),
        (IMAGE, picture(), {"pages": 1}),
        (IMAGE, picture(size=(8000, 8000), mode="1"), {"pixels": [8000, 8000]}),
        (IMAGE, picture()[:50], {"damaged": True}),
    ],
    ids=["pdf", "locked", "broken", "png", "huge", "cut"],
)
def test_what_there_is_to_say_of_a_file(kind: bytes, content: bytes, finding: object) -> None:
    assert look_into(kind, content) == finding


def test_a_file_that_fills_the_memory_is_too_heavy(monkeypatch: pytest.MonkeyPatch) -> None:
    def fill(_content: bytes) -> None:
        raise MemoryError

    monkeypatch.setattr(inspection, "_pdf", fill)
    assert look_into(PDF, b"") == {"heavy": True}


def test_requests_are_answered_in_order_until_there_are_no_more() -> None:
    asked, told = io.BytesIO(), io.BytesIO()
    for content in (pdf(1), pdf(2)):
        asked.write(struct.pack(">cQ", PDF, len(content)) + content)
    asked.seek(0)
    answer(asked, told)
    assert told.getvalue() == b'{"pages": 1}\n{"pages": 2}\n'
