"""The printer: the same input gives the same file, nothing outside is reached, what is typed stays text."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pikepdf
import pytest
from pypdf import PdfReader

from engine.dossier import proof, render
from engine.dossier.render import render_dossier, render_sheet
from tests.engine.dossier.book import BOOK, IDCARD, PRINTED, read_case, record_of
from tests.engine.toy import ToyHouse, published
from tests.made_once import DRAWN_AGAIN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.dossier.record import CaseRecord
    from tests.databases import SqliteDatabases


@pytest.fixture
def record(sqlite_databases: SqliteDatabases) -> Iterator[CaseRecord]:
    """A toy case that waits to be read; one database is enough, paper does not know where its words were stored."""
    url = sqlite_databases.create(published)
    house = ToyHouse(url)
    yield record_of(house, read_case(house))
    house.close()
    sqlite_databases.drop(url)


def text_of(pdf: bytes) -> list[str]:
    """The text of each page without blanks."""
    return ["".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages]


def test_everything_but_the_print_mark_is_the_same_from_print_to_print(
    record: CaseRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(render, "_pdf", DRAWN_AGAIN)

    def made(minutes: int) -> bytes:
        at = PRINTED + timedelta(minutes=minutes)
        return render_dossier(BOOK, record, reveal=True, printed_by="职员2", printed_at=at)

    assert made(0) == made(0)
    once, later = text_of(made(0)), text_of(made(1))
    assert [page.replace("10:03:04", "") for page in once] == [page.replace("10:04:04", "") for page in later]
    assert "打印：2026-06-1610:03:04职员2" in once[0]


def test_the_attached_record_has_an_ascii_name_and_hashes_to_the_code_on_the_cover(record: CaseRecord) -> None:
    pdf = render_dossier(BOOK, record, reveal=True, printed_by="职员2", printed_at=PRINTED)
    reader = PdfReader(io.BytesIO(pdf))
    (content,) = reader.attachments["halfsky-record.json"]
    code = proof.check_code(content)

    assert list(reader.attachments) == ["halfsky-record.json"]
    assert code in text_of(pdf)[0]
    assert code[:16].upper() in text_of(pdf)[1]
    assert json.loads(content)["forms"][0]["answers"]["text"] == "扩建大棚"


def test_a_dossier_is_pdf_a_3a_in_chinese_with_its_fonts_inside(record: CaseRecord) -> None:
    pdf = render_dossier(BOOK, record, reveal=True, printed_by="职员2", printed_at=PRINTED)
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        with opened.open_metadata() as known:
            assert (known["pdfaid:part"], known["pdfaid:conformance"]) == ("3", "A")
        assert str(opened.Root.Lang) == "zh-CN"
        assert len(opened.Root.OutputIntents) == 1
        fonts = [o for o in opened.objects if isinstance(o, pikepdf.Dictionary) and o.get("/Type") == "/FontDescriptor"]
        assert fonts
        assert all("/FontFile3" in font or "/FontFile2" in font for font in fonts)


@pytest.mark.parametrize(
    "typed",
    [
        "<script>alert(1)</script>",
        "<img src='file:///etc/passwd'><img src='http://127.0.0.1:9/'>",
        "</td></tr></table><h1>假标题</h1>",
        "{{ 7 * 7 }}{% include 'page.css' %}",
        '" style="display:none',
    ],
)
def test_what_is_typed_is_printed_as_it_was_typed(record: CaseRecord, typed: str) -> None:
    version = record.forms[0]
    hostile = replace(record, forms=(replace(version, answers={**version.answers, "text": typed}),))
    pdf = render_sheet(BOOK, hostile, "T-01", reveal=True, printed_by=typed, printed_at=PRINTED)

    (page,) = text_of(pdf)
    assert page.count("".join(typed.split())) >= 1


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "http://127.0.0.1:9/x", "data:text/plain,x", "halfsky:other", "halfsky:"]
)
def test_the_printer_fetches_the_papers_of_this_print_and_nothing_else(url: str) -> None:
    fetch = render._closed_fetcher({"paper-1": b"jpeg"})
    with pytest.raises(ValueError, match="nothing outside"):
        fetch(url)
    assert fetch("halfsky:paper-1").read() == b"jpeg"


def test_identity_numbers_are_masked_unless_the_reader_may_see_them(record: CaseRecord) -> None:
    pages = {
        reveal: "".join(text_of(render_dossier(BOOK, record, reveal=reveal, printed_by="职员2", printed_at=PRINTED)))
        for reveal in (True, False)
    }
    assert IDCARD in pages[True]
    assert IDCARD not in pages[False]
    assert "999901********1228" in pages[False]
    assert "王**玩具事项卷宗" in pages[False]
    assert "材料清单（脱敏打印，原件未附）" in pages[False]


def test_a_blank_sheet_needs_no_case() -> None:
    (page,) = text_of(render_sheet(BOOK, None, "T-01", reveal=False, printed_by="职员2", printed_at=PRINTED))
    assert "玩具申请表" in page
    assert "第1页共1页" in page


def test_a_sheet_nobody_defined_is_a_programming_error(record: CaseRecord) -> None:
    with pytest.raises(KeyError):
        render_sheet(BOOK, record, "T-99", reveal=True, printed_by="职员2", printed_at=PRINTED)
