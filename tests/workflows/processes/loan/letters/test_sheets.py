"""The printed forms L-01 to L-07 (processes.md §0.5): what is filled in stands there, what is not stays a line to write on."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from pdfua import validate

from engine.dossier import render
from tests.workflows.processes.loan.letters import records
from tests.workflows.processes.loan.letters.reading import MARK, sheet
from workflows.processes.loan.letters import BOOK

#: what follows a loan has tests of its own (tests/workflows/processes/loan_after)
CODES = tuple(code for code in BOOK.sheets if code <= "L-07")


def of(code: str) -> Any:
    """A record that has the sheet."""
    return records.refused_record() if code == "L-07" else records.loan_record()


@pytest.mark.parametrize(
    ("code", "printed"),
    [
        ("L-01", ["沈小梅", records.APPLICANT_ID, "￥80,000.00元", "人民币捌万元整", "女", "✓种植", "□养殖", "柳湾村妇女联合会"]),
        ("L-01", ["✓是□否", "✓村委会“无工资性就业”证明", "欧阳文娟", "阿依古丽·买买提", "4人", "1990年5月4日", "✓我同意妇联"]),
        ("L-02", ["欧阳文娟", "✓财政拨款人员（在职在编）", "￥5,260.00元", "云溪县石桥镇中心小学", "第1位担保人"]),
        ("L-03", ["✓同意推荐", "□退回补正", "周桂兰", "村妇联主席", "2026年6月16日09:12", "签字意味着责任", "S001-48", "（村妇联盖章）"]),
        ("L-04", ["✓同意推荐", "吴秀英", "乡镇妇联主席", "石桥镇妇女联合会", "2026年6月22日", "（乡镇妇联盖章）"]),
        ("L-05", ["✓同意，减少金额", "￥60,000.00元", "人民币陆万元整", "年利率4.3500%", "24个月", "郑国强", "没有，所有担保人继续担保"]),
        ("L-06", ["✓核准用印", "YX-2026-0118", "3份", "冯晓燕", "陈静", "2026年7月6日", "（县妇联盖章）"]),
        ("L-07", ["沈小梅：", "年满51周岁", "您对本告知有异议的", "✓当面送达", "✓无异议", "2026年6月18日", "乡妇联工作计划2014第61条"]),
    ],
)  # fmt: skip
def test_a_sheet_shows_what_was_filled_in(code: str, printed: list[str]) -> None:
    text = "".join(sheet(of(code), code))
    assert [each for each in printed if each not in text] == []
    assert "编号" in text
    assert "打印：2026-07-2016:30:12陈静" in text


@pytest.mark.parametrize("code", CODES)
def test_nothing_empty_is_printed_as_a_word(code: str) -> None:
    for record in (of(code), None):
        assert not re.search("None|undefined|null", "".join(sheet(record, code)))


@pytest.mark.parametrize(
    ("code", "pages"), [("L-01", 1), ("L-02", 2), ("L-03", 1), ("L-04", 1), ("L-05", 1), ("L-06", 1), ("L-07", 1)]
)
def test_a_sheet_filled_in_as_usual_takes_no_more_paper_than_it_must(code: str, pages: int) -> None:
    found = sheet(of(code), code)
    assert len(found) == pages
    assert [f"第{n}页共{pages}页" in text for n, text in enumerate(found, 1)] == [True] * pages


@pytest.mark.parametrize("code", CODES)
def test_every_sheet_can_be_printed_blank_to_be_filled_in_by_hand(code: str) -> None:
    pages = sheet(None, code)
    text = "".join(pages)
    assert BOOK.sheets[code].title in text
    assert "校验码" not in text.replace("表单校验码", "")
    assert "✓" not in text
    assert len(pages) == 1


@pytest.mark.parametrize("code", CODES)
def test_below_c2_no_identity_number_or_telephone_is_printed_in_full(code: str) -> None:
    text = "".join(sheet(of(code), code, reveal=False))
    assert not re.search(r"(?<!\d)\d{17}[\dX](?!\d)", text)
    assert not re.search(r"(?<!\d)1[3-9]\d{9}(?!\d)", text)


def test_the_masked_application_keeps_the_ends_of_numbers_and_the_year_of_birth() -> None:
    text = "".join(sheet(records.loan_record(), "L-01", reveal=False))
    for shown in ("999901********1228", "139****0001", "1990年**月**日", "沈小梅"):
        assert shown in text


def test_each_of_three_guarantors_has_a_pledge_of_her_own_and_rare_characters_are_printed() -> None:
    apply = {**records.APPLICATION, "guarantors": list(records.GUARANTORS)}
    pages = sheet(records.loan_record(apply=apply), "L-02")
    assert len(pages) == 3
    assert ["欧阳文娟" in pages[0], "阿依古丽·买买提" in pages[1], "𠮷䶮" in pages[2]] == [True, True, True]
    assert "人民币陆万元整" in pages[1]


def test_a_very_long_purpose_goes_on_to_the_next_page_under_its_own_heading() -> None:
    purpose = "扩建两个大棚，购买钢架、薄膜和滴灌设备；" * 95
    pages = sheet(records.loan_record(apply={**records.APPLICATION, "purpose": purpose}), "L-01")
    assert len(pages) == 2
    assert "四、申请贷款" in pages[0]
    assert pages[1].index("四、申请贷款") < pages[1].index("大棚")
    assert sum(page.count("滴") for page in pages) == 95


def test_empty_optional_fields_leave_their_cells_empty() -> None:
    blank = dict.fromkeys(("ethnicity", "education", "residence", "projectName", "jobsCreated", "ownFunds"))
    (page,) = sheet(records.loan_record(apply={**records.APPLICATION, **blank}), "L-01")
    assert "民族" in page
    assert "￥20,000.00" not in page


def test_who_acts_in_place_of_another_is_said_beside_the_signature() -> None:
    record = records.loan_record()
    acting = tuple(
        replace(s, post="乡镇妇联主席", acting_for="村妇联主席") if s.form == "village_review" else s
        for s in record.signatures
    )
    assert "代办：由乡镇妇联主席代村妇联主席办理" in "".join(sheet(replace(record, signatures=acting), "L-03"))


def test_a_signature_on_an_earlier_version_does_not_stand_on_the_newest() -> None:
    record = records.loan_record(upto="village_review")
    newer = records.form_version(9, "village_review", records.VILLAGE, records.PRINTED, 11, version=2)
    text = "".join(sheet(replace(record, forms=(*record.forms, newer)), "L-03"))
    assert "第2版" in text
    assert "电子签字" not in text


def test_a_pledge_says_whether_its_signed_original_was_received() -> None:
    signed = records.paper(8, "apply", "guarantors.1.signedPledge", "承诺书.jpg", "image/jpeg", b"")
    first, second = sheet(records.loan_record(papers=(signed,)), "L-02")
    assert "已收签名的承诺书（材料8）" in first
    assert "签名的承诺书尚未收到" in second


def test_a_refusal_by_the_credit_union_shows_its_reason_and_no_amount() -> None:
    refusal = {
        **records.CREDIT,
        "decision": "REFUSE",
        "approvedAmount": None,
        "rate": None,
        "termMonths": None,
        "reason": "征信有逾期",
    }
    text = "".join(sheet(records.loan_record(upto="credit", credit=refusal), "L-05"))
    assert "✓不同意" in text
    assert "征信有逾期" in text
    assert "人民币陆万" not in text


@pytest.mark.parametrize("code", CODES)
def test_a_sheet_has_no_accessibility_error_the_checker_knows(code: str, tmp_path: Any) -> None:
    path = tmp_path / "sheet.pdf"
    path.write_bytes(render.render_sheet(BOOK, of(code), code, reveal=True, **MARK))
    report = validate(str(path))
    assert [f"{f.rule_id} {f.message}" for f in report.findings if f.severity.name == "ERROR"] == []


def test_the_refusal_gives_the_rules_own_reason_whatever_the_chair_wrote_and_her_words_beside_it() -> None:
    refused = records.refused_record()
    worded = records.form_version(
        3, "confirm_refusal", {**records.REFUSAL, "reasons": "经研究不予推荐。"}, records.PRINTED, 12, version=2
    )
    text = "".join(sheet(replace(refused, forms=(*refused.forms, worded)), "L-07"))
    assert text.index("一、依据") < text.index("年龄不符（依据：乡妇联工作计划2014第61条") < text.index("二、说明")
    assert text.index("二、说明") < text.index("经研究不予推荐。") < text.index("三、异议和申诉途径")


def test_a_long_refusal_never_leaves_issuer_date_and_seal_alone_on_a_page() -> None:
    refused = records.refused_record()
    for lines in range(12, 40, 3):
        answers = {
            **records.REFUSAL,
            "reasons": "\n".join(f"{n}. 申请材料与实地查看的情况不一致。" for n in range(lines)),
        }
        worded = records.form_version(3, "confirm_refusal", answers, records.PRINTED, 12, version=2)
        pages = sheet(replace(refused, forms=(*refused.forms, worded)), "L-07")
        sealed = next(page for page in pages if "（盖章）" in page)
        assert "可以再次申请" in sealed
        assert sum("送达回执" in page and "申请人（签名）" in page for page in pages) == 1
