"""A redacted dossier holds nothing of the person: not in its text, its metadata, its attachment, nor anywhere in its bytes."""

from __future__ import annotations

import io
import json
import re
from typing import TYPE_CHECKING, Any

import pikepdf
import pytest
from pypdf import PdfReader

from engine.commands.collaborating import add_comment
from engine.commands.printing import record_print
from engine.dossier import proof, render
from engine.dossier.redaction import MARK, redacted
from engine.dossier.verify import Status
from tests.workflows.processes.loan.house import opened
from workflows import catalogue, sheets
from workflows.form import SchemaForm, field_infos

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.dossier.record import CaseRecord
    from tests.databases import SqliteDatabases
    from tests.workflows.processes.loan.house import LoanHouse

BOOK = sheets.book_of("loan")
NUMBER = "审查-001-007"
NOTE = "邻居说她丈夫昨夜又来过杏花巷"


@pytest.fixture(scope="module")
def house(sqlite_databases: SqliteDatabases) -> Iterator[LoanHouse]:
    yield from opened(sqlite_databases)


@pytest.fixture(scope="module")
def case_id(house: LoanHouse) -> int:
    """A case corrected once, so that its history holds old and new values, with a note in its file."""
    case = house.to_credit(residence="杏花巷二十七号", ethnicity="傣族")
    house.act(add_comment, "t1chair", case_id=case, text=NOTE, in_file=True)
    return case


@pytest.fixture(scope="module")
def record(house: LoanHouse, case_id: int) -> CaseRecord:
    with house.runtime.reading() as connection:
        return sheets.load_record(house.runtime, connection, house.actor("loanhead"), case_id)


@pytest.fixture(scope="module")
def pdf(record: CaseRecord, house: LoanHouse) -> bytes:
    shown = redacted(record, BOOK.wording.personal)
    return render.render_dossier(
        BOOK, shown, reveal=True, printed_by="顾知微", printed_at=house.clock.now(), number=NUMBER
    )


@pytest.fixture(scope="module")
def pages(pdf: bytes) -> list[str]:
    """The text of each page, blanks left out."""
    return ["".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages]


def secrets_of(record: CaseRecord) -> set[str]:
    """Every personal value of every form, old versions too, in the ways it could be written."""
    found: set[str] = {NOTE, examples_name(record)[1:], record.number, *record.units[1:]}
    found |= {entry.actor for entry in record.entries if entry.actor_id}
    found |= {each.signer for each in record.signatures} | {each.unit for each in record.signatures} - {record.units[0]}

    def walk(value: Any, form: str, path: str) -> None:
        if isinstance(value, dict):
            for name, item in value.items():
                walk(item, form, f"{path}.{name}" if path else name)
        elif isinstance(value, list):
            for place, item in enumerate(value, 1):
                walk(item, form, f"{path}.{place}")
        elif isinstance(value, str) and len(value) > 1 and BOOK.wording.personal(form, path):
            found.add(value)

    for version in record.forms:
        walk(version.answers, version.key, "")
    numbers = [value for value in found if re.fullmatch(r"\d{11,17}[\dX]", value)]
    found.update(value[6:14] for value in numbers if len(value) == 18)
    found.update(paper.name for paper in record.papers)
    return found


def examples_name(record: CaseRecord) -> str:
    version = record.newest("apply")
    assert version is not None
    return str(version.answers["name"])


def everything_in(pdf: bytes) -> str:
    """Every string and every decoded stream but fonts and pictures, blanks left out."""
    parts: list[str] = []
    with pikepdf.open(io.BytesIO(pdf)) as opened_pdf:
        for each in opened_pdf.objects:
            if not isinstance(each, pikepdf.Stream):
                parts.append(str(each))
            elif "/Length1" not in each and each.get("/Subtype") not in ("/Image", "/OpenType", "/CIDFontType0C"):
                parts += [repr(dict(each)), each.read_bytes().decode("utf-8", "ignore")]
        parts.append(repr(dict(opened_pdf.docinfo)))
    return "".join("".join(parts).split())


def test_no_personal_value_is_anywhere_in_the_file(record: CaseRecord, pdf: bytes, pages: list[str]) -> None:
    hidden = secrets_of(record)
    assert len(hidden) > 20
    assert "杏花巷二十七号" in hidden
    content = "".join(pages) + everything_in(pdf)
    found = {value for value in hidden if "".join(value.split()) in content}
    assert not found
    (attached,) = PdfReader(io.BytesIO(pdf)).attachments[proof.ATTACHMENT]
    stated = json.loads(attached)
    assert stated["redacted"] is True
    assert not [value for value in hidden if value in attached.decode()]
    assert (stated["number"], stated["unit"]) == (f"BM-{record.case_id}", 0)
    people = {entry.actor_id for entry in record.entries}
    assert {entry["actor"] for entry in stated["history"]} == set(range(1, len(people) + 1)), "not the ids of accounts"
    assert {signed["unit"] for signed in stated["signatures"]} <= {0}


def test_what_was_done_and_in_which_posts_stays_readable(record: CaseRecord, pages: list[str]) -> None:
    text = "".join(pages)
    done = ("工作人员 1", "工作人员 2", "村妇联主席", "￥50,000.00元", "办理并提交", "信用社审批", "入卷说明")
    for told in (f"案卷号 BM-{record.case_id}", record.units[0], MARK, *done):
        assert "".join(told.split()) in text, told


def test_every_page_bears_reader_time_and_number(pages: list[str]) -> None:
    assert all(page.count(f"顾知微2026-06-1509:00:00{NUMBER}") == 3 for page in pages)


def test_a_redacted_print_is_told_to_be_genuine(house: LoanHouse, case_id: int, record: CaseRecord, pdf: bytes) -> None:
    shown = redacted(record, BOOK.wording.personal)
    entry = render.print_entry(BOOK, shown, "dossier", pdf, reveal=True)
    house.act(record_print, "loanhead", case_id=case_id, **entry)
    assert entry["masked"] is True
    assert sheets.verify_dossier(house.runtime, pdf).status is Status.GENUINE
    with house.runtime.reading() as connection:
        code = entry["digest"][:12]
        for number in (f"BM-{case_id}", record.number):
            assert len(sheets.printed(house.runtime, connection, house.actor("loanhead"), number, code)) == 1
        assert not sheets.printed(house.runtime, connection, house.actor("loanhead"), f"BM-{case_id + 1}", code)
        assert not sheets.printed(house.runtime, connection, house.actor("v2chair"), f"BM-{case_id}", code)


def test_only_fields_that_are_lists_or_measures_are_shown() -> None:
    """Whatever may be typed freely is left out; a new kind of field is, until somebody says otherwise."""
    shown: dict[str, set[str]] = {}
    for process in catalogue.load().values():
        for key, form in process.forms.items():
            assert isinstance(form, SchemaForm)
            for path, info in field_infos(form).items():
                if not info.personal and not info.is_file:
                    shown.setdefault(info.widget, set()).add(f"{key}.{path}")
    assert set(shown) == {"enum", "yesno", "bool", "money", "rate", "int", "date"}
    told = set().union(*shown.values())
    kept_back = {"apply.sex", "apply.birthDate", "apply.marital", "apply.education", "apply.guarantors.1.relation"}
    assert not told & kept_back
