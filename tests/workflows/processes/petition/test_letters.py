"""The petition's papers: each says what it must (条例 23, 34, 35; 妇保法 73), and the dossier keeps their order."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

import pytest

from engine.clock import SHANGHAI
from engine.dossier import render
from tests.workflows.processes.loan.letters.reading import outline, texts
from tests.workflows.processes.petition import examples
from workflows import sheets
from workflows.processes.petition.letters import BOOK

if TYPE_CHECKING:
    from engine.dossier.record import CaseRecord
    from tests.workflows.processes.petition.house import PetitionHouse

PRINTED = {"printed_by": "潘若兰", "printed_at": datetime(2026, 6, 15, 10, tzinfo=SHANGHAI)}


def record_of(house: PetitionHouse, case_id: int, login: str = "rightshead") -> CaseRecord:
    with house.runtime.reading() as connection:
        return sheets.load_record(house.runtime, connection, house.actor(login), case_id)


def read(record: CaseRecord, code: str) -> str:
    """The text of one printed sheet, without blanks."""
    return "".join("".join(texts(render.render_sheet(BOOK, record, code, reveal=True, **PRINTED))).split())


@pytest.fixture
def closed(house: PetitionHouse) -> CaseRecord:
    """An item that went all the way, with a letter to another body on it."""
    case_id = house.concluded()
    return record_of(house, case_id)


#: sheet → what must stand on it
SAID = {
    "P-01": ("顾小满", "孩子随父亲生活", "每月探望两次", "首问责任人", "按安全联系约定，不在本表填写"),
    "P-02": ("顾小满", "决定受理", "60日内办结", "延长不超过30日", "12338"),
    "P-07": ("顾小满", "诉求得到支持", "对方应当按协议协助探望", "第一千零八十六条", "30日内", "向上一级妇联请求复查"),
    "P-12": ("件件有着落", "诉求得到支持", "双方已按协议安排探望", "2026年6月15日"),
}


@pytest.mark.parametrize("code", SAID)
def test_a_paper_says_what_it_must(closed: CaseRecord, code: str) -> None:
    found = read(closed, code)
    assert [each for each in SAID[code] if each.replace(" ", "") not in found] == []


def test_a_paper_of_a_case_never_prints_how_she_can_be_reached(house: PetitionHouse) -> None:
    case_id = house.registered(
        safeChannel="PHONE",
        safeNumber="13900000022",
        safeTimes="1-5 09:00-11:30",
        codeWord="买菜",
        unsafeNumbers="13900000033",
    )
    found = read(record_of(house, case_id), "P-01")
    assert [each for each in ("13900000022", "13900000033", "13900000011", "买菜") if each in found] == []


def test_what_is_guided_elsewhere_is_told_where_and_why(house: PetitionHouse) -> None:
    case_id = house.registered(matterKind="COURT")
    house.triage(case_id, "GUIDE")
    house.submit(case_id, "rightsworker", examples.guide(house.today), "T_Guide")
    found = read(record_of(house, case_id), "P-03")
    wanted = ("示范县人民法院立案庭", "已经判决生效", "第二十二条", "12348", "当面告知并送达")
    assert [each for each in wanted if each not in found] == []


def test_a_forwarded_item_goes_with_a_letter_and_an_objection_comes_back_with_one(house: PetitionHouse) -> None:
    case_id = house.registered(at="T1")
    house.triage(case_id, "FORWARD", to="T1")
    found = read(record_of(house, case_id), "P-04")
    assert all(each in found for each in ("青禾镇妇联", "5个工作日内书面提出异议", "不得转给被反映的人"))
    house.submit(case_id, "t1chair", {"received": "OBJECT", "reason": "事项发生在县城，不在本镇"}, "T_Receive")
    found = read(record_of(house, case_id), "P-05")
    assert all(each in found for each in ("第二十三条", "事项发生在县城", "第二十四条"))


def test_there_is_no_letter_of_what_was_not_sent_not_objected_to_and_not_decided(house: PetitionHouse) -> None:
    accepted = house.accepted()
    record = record_of(house, accepted)
    assert [code for code, _ in sheets.available(record)] == ["P-01", "P-01R", "P-02"]
    told = outline(render.render_dossier(BOOK, record, reveal=True, **PRINTED))
    assert any("分流办理单" in each for each in told)
    assert not any("转送" in each for each in told)
    taken = house.registered(at="T1", idcard=examples.idcard(date(1979, 5, 4)), name="石小芹")
    house.triage(taken, "FORWARD", to="T1")
    house.submit(taken, "t1chair", {"received": "AGREE"}, "T_Receive")
    assert [code for code, _ in sheets.available(record_of(house, taken))] == ["P-01", "P-01R", "P-04"]
    house.plan(accepted)
    house.decide(accepted, "WITHDRAWN")
    assert "P-07" not in dict(sheets.available(record_of(house, accepted)))


def test_every_sheet_can_be_had_blank_on_one_page(house: PetitionHouse) -> None:
    long = {}
    for code, _ in sheets.blanks("petition"):
        pages = texts(sheets.render_blank("petition", code, **PRINTED))
        long |= {code: len(pages)} if len(pages) != 1 else {}
    assert long == {}


def test_the_dossier_keeps_the_order_of_the_process(closed: CaseRecord) -> None:
    pdf = sheets.render_dossier(closed, reveal=True, **PRINTED)
    titles = [title for title in outline(pdf) if title in {sheet.title for sheet in BOOK.sheets.values()}]
    assert titles == ["信访登记表", "信访事项受理告知书", "信访事项处理意见书", "结案报告"]
