"""Printing a loan that was really taken from step to step, and verifying what was printed."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from engine.commands.contact import ask_contact
from engine.commands.printing import record_print
from engine.dossier.verify import Status
from engine.errors import NotFound
from engine.outgoing import redeem
from engine.process_type import forms_of
from tests.workflows.processes.loan import examples
from tests.workflows.processes.loan.letters.reading import texts
from workflows import sheets

if TYPE_CHECKING:
    from engine.dossier.record import CaseRecord
    from tests.workflows.processes.loan.house import LoanHouse


def record_of(house: LoanHouse, case_id: int, login: str = "loanworker") -> CaseRecord:
    """The case as a person may print it."""
    with house.runtime.reading() as connection:
        return sheets.load_record(house.runtime, connection, house.actor(login), case_id)


def mark(house: LoanHouse, login: str = "loanworker") -> dict[str, Any]:
    """Who prints, and when."""
    return {"printed_by": house.actor(login).name, "printed_at": house.clock.now()}


def test_l01_the_dossier_of_a_disbursed_loan_holds_all_its_sheets_and_is_genuine(house: LoanHouse) -> None:
    case_id = house.disbursed()
    record = record_of(house, case_id)
    pdf = sheets.render_dossier(record, reveal=True, **mark(house))
    house.act(record_print, "loanworker", case_id=case_id, **sheets.print_entry(record, "dossier", pdf, reveal=True))

    assert [code for code, _ in sheets.available(record)] == ["L-01", "L-02", "L-03", "L-04", "L-05", "L-06"]
    text = "".join(texts(pdf))
    for told in ("苏小禾", "人民币伍万元整", "贷款已发放", "登记放款，占用享受次数", "需要2名担保人", "用印登记簿"):
        assert told in text, told
    verdict = sheets.verify_dossier(house.runtime, pdf)
    assert (verdict.status, verdict.differences, verdict.number) == (Status.GENUINE, (), record.number)


def test_a_returned_application_prints_its_second_version_and_what_changed(house: LoanHouse) -> None:
    case_id = house.applied()
    house.submit(case_id, "v1chair", examples.village_review(opinion="RETURN", reason="缺项目地点证明"))
    house.clock.set_day(date(2026, 6, 17))
    house.submit(case_id, "v1chair", house.application(projectPlace="村西荒坡"))
    text = "".join(texts(sheets.render_dossier(record_of(house, case_id), reveal=False, **mark(house))))
    for told in ("第2版", "项目地点：村东坡地→村西荒坡", "110105********"):
        assert told in text, told
    assert examples.W not in text


def test_l02_the_refusal_letter_gives_reasons_sources_and_the_way_to_complain(house: LoanHouse) -> None:
    case_id = house.applied(amount="80000.01")
    house.submit(case_id, "t1chair", examples.refusal())
    record = record_of(house, case_id)
    given = house.act(ask_contact, "loanworker", case_id=case_id, channel="IN_PERSON", sheet="L-07")["permit"]
    with house.runtime.reading() as connection:
        permit = redeem(connection, house.runtime.vault, house.actor("loanworker"), given, house.clock.now())
    text = "".join(texts(sheets.render_sheet(record, "L-07", reveal=True, permit=permit, **mark(house))))
    answers = record.newest("confirm_refusal")
    assert answers is not None
    for told in (
        "苏小禾：",
        "捌万元零壹分",
        "申请金额80,000.01元，政策为20,000.00–80,000.00元",
        "乡妇联工作计划2014",
        "三、异议和申诉途径",
        "".join(answers.answers["reasons"].split()),
    ):
        assert told in text, told


def test_a_sheet_the_case_does_not_have_yet_is_not_found(house: LoanHouse) -> None:
    record = record_of(house, house.applied())
    assert [code for code, _ in sheets.available(record)] == ["L-01", "L-02"]
    with pytest.raises(NotFound):
        sheets.render_sheet(record, "L-05", reveal=True, **mark(house))


@pytest.mark.parametrize("kind", ["nothing", "../loan", "loan.letters", ""])
def test_a_kind_of_case_without_paper_is_not_found(kind: str) -> None:
    with pytest.raises(NotFound):
        sheets.book_of(kind)


def test_a_blank_form_is_printed_without_a_case_and_an_unknown_one_is_not_found(house: LoanHouse) -> None:
    (page,) = texts(sheets.render_blank("loan", "L-03", **mark(house)))
    assert "村级把关意见表" in page
    with pytest.raises(NotFound):
        sheets.render_blank("loan", "L-99", **mark(house))


def test_who_may_not_read_a_case_finds_nothing_to_print(house: LoanHouse) -> None:
    case_id = house.applied()
    with pytest.raises(NotFound):
        record_of(house, case_id, "v2chair")


def test_every_form_of_the_drawing_has_a_sheet_or_words_to_be_printed_with(house: LoanHouse) -> None:
    book = sheets.book_of("loan")
    forms = forms_of(house.runtime.catalogue, "loan")
    assert {key for sheet in book.sheets.values() for key in (sheet.form, *sheet.also)} <= set(forms)
    assert [key for key in forms if not book.wording.sections(key)] == []
    assert {code for form in forms.values() for code in form.sheets} == set(book.sheets)
