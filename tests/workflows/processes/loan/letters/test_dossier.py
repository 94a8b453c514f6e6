"""The bound loan dossier (processes.md §1 “Dossier”): order, contents with real page numbers, papers, history, digests."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from pdfua import validate
from pypdf import PdfReader

from engine.dossier import proof, render
from tests.workflows.processes.loan.letters import records
from tests.workflows.processes.loan.letters.reading import MARK, outline, texts
from workflows.processes.loan.letters import BOOK

if TYPE_CHECKING:
    from pathlib import Path

    from engine.dossier.record import CaseRecord

ORDER = [
    "妇女小额担保财政贴息贷款申请表",
    "身份证复印件",
    "未就业证明",
    "项目照片或证明",
    "担保人承诺书（欧阳文娟）",
    "担保人 1 · 工资证明或存单复印件",
    "担保人承诺书（阿依古丽·买买提）",
    "担保人 2 · 工资证明或存单复印件",
    "村级把关意见表",
    "乡镇审核意见表",
    "信用社审批表",
    "借款合同复印件",
    "用印审批单（盖章登记）",
    "盖章后的表册扫描件",
    "放款登记",
    "办理流程图",
    "办理记录",
    "校验清单",
]


def printed(record: CaseRecord, *, reveal: bool = True) -> bytes:
    """The dossier as PDF."""
    return render.render_dossier(BOOK, record, reveal=reveal, **MARK)


@pytest.fixture(scope="module")
def record() -> CaseRecord:
    """A disbursed loan with photos, scans and a contract of three pages."""
    return records.loan_record(papers=records.some_papers())


@pytest.fixture(scope="module")
def pdf(record: CaseRecord) -> bytes:
    """Its dossier."""
    return printed(record)


@pytest.fixture(scope="module")
def pages(pdf: bytes) -> list[str]:
    """Its text."""
    return texts(pdf)


def test_the_pieces_stand_in_dossier_order(pdf: bytes) -> None:
    assert list(outline(pdf)) == ["案卷封面", "卷内目录", *ORDER]


def test_the_page_numbers_in_the_contents_are_those_of_the_pages(pdf: bytes) -> None:
    where = outline(pdf)
    lines = PdfReader(io.BytesIO(pdf)).pages[where["卷内目录"] - 1].extract_text().splitlines()
    told = {}
    for line in lines:
        found = re.match(r"(\d+) (?:(?:L-0\d|材料|表) \S+ )?(.+?)(?: \d{4}-\d\d-\d\d)? (\d+)(?: \S+)?$", line)
        if found:
            told[found[2]] = int(found[3])
    assert told == {title: where[title] for title in ORDER}


def test_every_page_says_which_of_how_many_it_is(pages: list[str]) -> None:
    assert [f"第{n}页共{len(pages)}页" in text for n, text in enumerate(pages, 1)] == [True] * len(pages)


def test_the_cover_names_person_number_period_pieces_pages_and_retention(record: CaseRecord, pages: list[str]) -> None:
    code = proof.check_code(proof.attachment(record))
    for told in (
        "沈小梅妇女小额担保财政贴息贷款卷宗",
        "999901-2026-DK-0007",
        "云溪县妇女联合会·石桥镇妇女联合会·柳湾村妇女联合会",
        "2026年6月15日至2026年7月13日",
        f"{len(ORDER)}件",
        f"{len(pages)}页",
        "10年，自贷款结清之日起算",
        "贷款已发放",
        code[:32],
        code[32:],
        "halfsky-record.json",
    ):
        assert told in pages[0], told


def test_the_pages_of_an_attached_pdf_lie_in_the_dossier_as_they_are(pdf: bytes, pages: list[str]) -> None:
    first = outline(pdf)["借款合同复印件"]
    for offset in range(3):
        page = pages[first - 1 + offset]
        assert "CONTRACT" in page
        assert f"第{offset + 1}张" in page
        assert f"第{offset + 1}页/共3页" in page
        assert f"第{first + offset}页共{len(pages)}页" in page


def test_photos_lie_upright_in_the_dossier(pdf: bytes) -> None:
    images = PdfReader(io.BytesIO(pdf)).pages[0].images  # all pages share one dictionary of images
    sizes = sorted(image.image.size for image in images if image.image is not None)
    # the statement was taken with the phone turned (EXIF 6): 1600 × 1200 as stored
    assert sizes == [(1200, 1600), (1400, 700), (1600, 1000), (2000, 1500)]


def test_the_diagram_has_a_page_across(pdf: bytes) -> None:
    page = PdfReader(io.BytesIO(pdf)).pages[outline(pdf)["办理流程图"] - 1]
    assert page.mediabox.width > page.mediabox.height


def test_the_history_lists_every_entry_with_person_post_and_hash(
    record: CaseRecord, pdf: bytes, pages: list[str]
) -> None:
    where = outline(pdf)
    text = "".join(pages[where["办理记录"] - 1 : where["校验清单"] - 1])
    assert f"共{len(record.entries)}条" in text
    for entry in record.entries:
        assert entry.hash[:8] in text
    for told in ("立案登记", "签字", "周桂兰", "乡镇妇联主席", "《信用社审批表》第1版"):
        assert told in text


def test_the_digest_list_names_forms_signatures_papers_and_the_chain_head(
    record: CaseRecord, pdf: bytes, pages: list[str]
) -> None:
    text = "".join(pages[outline(pdf)["校验清单"] - 1 :])
    for digest in (
        *(version.digest for version in record.forms),
        *(signature.digest for signature in record.signatures),
        *(paper.sha256 for paper in record.papers),
        record.head[1],
    ):
        assert digest[:32] in text
        assert digest[32:] in text


def test_a_change_is_told_with_its_old_and_new_value() -> None:
    begun = records.loan_record(upto="apply")
    changes = [
        {"path": "amount", "old": "80000.00", "new": "60000.00"},
        {"path": "guarantors.0.phone", "old": "13900000011", "new": None},
        {"path": "hukou", "old": 3, "new": 2},
        {"path": "purpose", "old": "长" * 80, "new": "短"},
    ]
    content = {"form": "apply", "number": 2, "changes": changes}
    entry = replace(begun.entries[-1], seq=3, content=content)
    text = "".join(texts(printed(replace(begun, entries=(*begun.entries, entry)))))
    for told in (
        "更改4项",
        "申请贷款金额：￥80,000.00元→￥60,000.00元",
        "担保人1·联系电话：13900000011→（空）",
        "户籍所在村（社区）：柳湾村妇女联合会→石桥镇妇女联合会",
        f"贷款用途：{'长' * 60}……（共80字）→短",
    ):
        assert told in text, told


def test_a_refused_loan_ends_with_its_letter() -> None:
    where = outline(printed(records.refused_record()))
    assert list(where)[-4:] == ["不予推荐告知书", "办理流程图", "办理记录", "校验清单"]


def test_a_case_that_has_only_begun_can_be_printed() -> None:
    pages = texts(printed(replace(records.loan_record(upto="apply"), entries=(), forms=(), drawings=())))
    assert "（办理中）" in pages[0]


def test_a_paper_no_part_of_the_order_names_is_not_lost() -> None:
    stray = records.paper(9, "apply", "somethingElse", "补充.pdf", "application/pdf", records.scan(1, text="STRAY"))
    where = outline(printed(records.loan_record(papers=(stray,))))
    assert "somethingElse" in where


def test_a_masked_dossier_lists_its_papers_and_shows_none_of_them(record: CaseRecord) -> None:
    pdf = printed(record, reveal=False)
    text = "".join(texts(pdf))
    assert "本卷为脱敏打印" in text
    assert "沈**妇女小额担保财政贴息贷款卷宗" in text
    for paper in record.papers:
        assert paper.sha256[:32] in text
    assert records.APPLICANT_ID not in text
    assert "CONTRACT" not in text
    assert not any(page.images for page in PdfReader(io.BytesIO(pdf)).pages)
    assert all(version.digest[:16] not in text for version in record.forms)


def test_no_watermark_and_nothing_hidden_stands_in_the_text(pages: list[str]) -> None:
    assert not re.search("仅供|严禁|禁止复制", "".join(pages))


def test_a_dossier_has_no_accessibility_error_the_checker_knows(pdf: bytes, tmp_path: Path) -> None:
    path = tmp_path / "dossier.pdf"
    path.write_bytes(pdf)
    report: Any = validate(str(path))
    assert [f"{f.rule_id} {f.message}" for f in report.findings if f.severity.name == "ERROR"] == []
