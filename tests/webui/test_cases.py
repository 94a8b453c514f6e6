"""The case page: whoever may read the case sees all of it, nobody else learns that it exists."""

from __future__ import annotations

import io

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from engine.events import Kind
from engine.model import case_file, history, read_log
from tests.workflows.processes.loan import examples
from webui import timeline

TABS = ["overview", "timeline", "diagram", "forms", "papers", "signatures"]


@pytest.fixture
def case_id(house):
    return house.to_credit()


@pytest.mark.parametrize("tab", TABS)
def test_every_tab_names_the_case_and_says_where_it_stands(visit, case_id, tab):
    answer = visit("t1chair").get(f"/cases/{case_id}?tab={tab}")
    assert answer.status == 200
    assert "V1-2026-L-0001" in answer.text
    assert "信用社审批" in answer.text


@pytest.mark.parametrize("outsider", ["v2chair", "t2chair", "sysadmin", "logauditor"])
@pytest.mark.parametrize("page", ["", "?tab=timeline", "/drawing.bpmn", "/withdraw", "/print"])
def test_for_everybody_else_the_case_does_not_exist(visit, case_id, outsider, page):
    answer = visit(outsider).get(f"/cases/{case_id}{page}")
    missing = visit(outsider).get(f"/cases/999{page}")
    assert (answer.status, missing.status) == (404, 404)
    assert "V1-2026-L" not in answer.text


def test_the_credit_union_sees_a_case_from_the_moment_it_was_sent_to_her(house, visit):
    case_id = house.applied()
    assert visit("credit").get(f"/cases/{case_id}").status == 404
    house.submit(case_id, "v1chair", examples.village_review())
    house.submit(case_id, "t1chair", examples.town_review())
    assert visit("credit").get(f"/cases/{case_id}").status == 200


def test_the_credit_union_does_not_see_the_history(visit, case_id):
    answer = visit("credit").get(f"/cases/{case_id}?tab=timeline")
    assert "环环相扣" not in answer.text
    assert "时间线" not in [a.text_content() for a in answer.all("//ul[@class='tabs']//a")]


def test_the_timeline_tells_who_did_what_and_where_it_went(visit, case_id):
    told = visit("t1chair").get(f"/cases/{case_id}?tab=timeline").text
    for part in ("办理：村级把关并签字", "林秋月 · 村妇联主席", "转到：乡镇审核并签字", "本人签字", "移送协办单位"):
        assert part in told, part


def test_every_kind_of_entry_has_its_words():
    assert set(timeline.WHAT) == set(Kind)


def test_a_correction_is_kept_as_a_second_version_and_the_change_is_shown(house, visit):
    case_id = house.applied()
    house.submit(case_id, "v1chair", examples.village_review(opinion="RETURN", reason="金额写错"))
    house.submit(case_id, "v1chair", house.application(amount="40000.00"))
    told = visit("v1chair").get(f"/cases/{case_id}?tab=forms").text
    assert "第 2 版改动了 1 项" in told
    assert "50,000.00 元" in told
    assert "40,000.00 元" in told


def test_id_numbers_are_masked_where_the_case_is_only_read(visit, case_id):
    told = visit("t1chair").get(f"/cases/{case_id}?tab=forms").text
    assert examples.W not in told
    assert examples.W[:6] in told


def test_the_drawing_marks_what_is_done_and_where_the_case_stands(visit, case_id):
    answer = visit("t1chair").get(f"/cases/{case_id}?tab=diagram")
    (canvas,) = answer.all("//*[@id='canvas']")
    assert "T_TownReview" in canvas.get("data-done")
    assert canvas.get("data-now") == '["T_Credit"]'
    assert answer.all("//*[@id='drawing']/*[local-name()='svg']")
    drawn = visit("t1chair").get(canvas.get("data-source"))
    assert drawn.headers["Content-Type"].startswith("application/xml")


def test_a_withdrawal_needs_a_reason_and_ends_the_case_l42(house, visit, case_id):
    chair = visit("v1chair")
    page = chair.get(f"/cases/{case_id}/withdraw")
    form = "//main//form[@method='post']"
    answer = chair.post(f"/cases/{case_id}/withdraw", {**page.fields(form), "reason": "  "})
    assert (answer.status, house.case(case_id).state) == (422, "open")
    assert chair.post(f"/cases/{case_id}/withdraw", {**answer.fields(form), "reason": "家里有变故"}).status == 303
    assert house.case(case_id).outcome == "withdrawn"
    assert "申请人放弃" in chair.get(f"/cases/{case_id}").text


def test_who_may_not_withdraw_is_told_who_may_before_she_types_anything(house, visit, case_id):
    credit = visit("credit")
    answer = credit.get(f"/cases/{case_id}/withdraw")
    assert answer.status == 403
    assert "村妇联主席" in answer.text
    assert not answer.all("//main//textarea")
    fields = {"csrf_token": credit.token(), "_key": "k" * 20, "reason": "她说不贷了"}
    refused = credit.post(f"/cases/{case_id}/withdraw", fields)
    assert (refused.status, house.case(case_id).state) == (403, "open")
    assert "她说不贷了" in refused.text
    assert "case.withdraw" not in refused.text


def test_a_case_that_is_over_is_not_withdrawn_again_and_the_reason_typed_survives(house, visit, case_id):
    chair, other = visit("v1chair"), visit("t1chair")
    fields = other.get(f"/cases/{case_id}/withdraw").fields("//main//form[@method='post']")
    page = chair.get(f"/cases/{case_id}/withdraw").fields("//main//form[@method='post']")
    chair.post(f"/cases/{case_id}/withdraw", {**page, "reason": "家里有变故"})
    late = other.post(f"/cases/{case_id}/withdraw", {**fields, "reason": "她来电话撤回"})
    assert late.status == 409
    assert "此件已办结，不能再撤回" in late.text
    assert "她来电话撤回" in late.text
    again = other.get(f"/cases/{case_id}/withdraw")
    assert (again.status, again.all("//main//textarea")) == (409, [])


def test_reading_is_remembered(house, visit, case_id):
    visit("t1chair").get(f"/cases/{case_id}?tab=papers")
    row = house.row(select(read_log).where(read_log.c.case_id == case_id))
    assert (row.what, row.actor_id) == ("papers", house.actor("t1chair").id)


@pytest.mark.parametrize("what", ["dossier", "L-01"])
def test_a_print_is_a_pdf_and_stands_in_the_history(house, visit, case_id, what):
    chair = visit("t1chair")
    page = chair.get(f"/cases/{case_id}/print")
    fields = {**page.fields("//main//form[@method='post']"), "what": what}
    answer = chair.post(f"/cases/{case_id}/print", fields)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/pdf")
    assert len(PdfReader(io.BytesIO(answer.body)).pages) >= 1
    printed = select(history).where(history.c.case_id == case_id, history.c.kind == "paper.printed")
    row = house.row(printed)
    assert house.runtime.vault.open_json(row.content_sealed)["what"] == what


def test_a_new_case_is_opened_by_those_who_may_and_leads_to_its_first_form(house, visit):
    chair = visit("v1chair")
    page = chair.get("/cases/new")
    fields = page.fields("//main//form[@method='post'][.//input[@value='loan']]")
    assert not page.all("//main//form[.//input[@value='mediation']]")  # it begins in other cases alone
    first, second = (chair.post("/cases/new", fields) for _ in range(2))
    assert first.status == 303
    assert first.location == second.location
    assert chair.get(first.location).all("//form[@id='task-form']")
    with house.runtime.reading() as connection:
        assert len(connection.execute(select(case_file)).all()) == 1


def test_who_opens_no_cases_is_told_who_does(visit):
    answer = visit("credit").get("/cases/new")
    assert "村妇联主席或乡镇妇联主席" in answer.text
    credit = visit("credit")
    sent = {"csrf_token": credit.token(), "_key": "0123456789abcdef0123", "kind": "loan"}
    assert credit.post("/cases/new", sent).status == 403
