"""Drawings come in through the gate or not at all; histories are verified by the log auditor and by nobody else."""

from __future__ import annotations

import io
from datetime import date
from importlib import resources

import pytest
from pypdf import PdfReader
from sqlalchemy import func, select, update

import bpmn
from engine.model import definition, history
from tests.webui.visitors import attachment
from tests.workflows.processes.loan import examples
from workflows.processes.loan.letters import BOOK

DMN = resources.files(bpmn).joinpath("loan.dmn").read_bytes()
LOAN = resources.files(bpmn).joinpath("loan.bpmn").read_bytes()
FORM = "//form[@enctype='multipart/form-data'][.//input[@value='drawing']]"


def versions(house):
    with house.runtime.reading() as connection:
        return connection.execute(select(func.count()).select_from(definition)).scalar()


def send(visitor, content, name="loan.bpmn"):
    fields = {**visitor.get("/processes/loan").fields(FORM), "file": attachment(content, name)}
    return visitor.post("/processes/loan/proposals", fields)


def test_everybody_can_read_how_a_matter_is_handled_and_by_whom(visit):
    told = visit("credit").get("/processes/loan").text
    for part in ("村级把关并签字", "村妇联主席", "L-03", "本人签字", "退回补正"):
        assert part in told, part


def test_every_sheet_can_be_had_blank_and_leaves_no_trace_in_a_history(house, visit):
    chair = visit("v1chair")
    links = chair.get("/processes/loan").all("//section[@aria-labelledby='blanks-title']//a")
    assert [a.get("href").rpartition("/")[2] for a in links] == [f"{code}.pdf" for code in BOOK.sheets]
    answer = chair.get(links[0].get("href"))
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/pdf")
    told = "".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.body)).pages)
    assert links[0].text_content().split()[-1] in "".join(told.split())
    with house.runtime.reading() as connection:
        assert connection.execute(select(func.count()).select_from(history)).scalar() == 0


def test_a_sheet_that_does_not_exist_is_not_found_and_a_stranger_gets_none(visit):
    assert visit("v1chair").get("/processes/loan/blank/L-99.pdf").status == 404
    assert visit("").get("/processes/loan/blank/L-01.pdf").status == 303


SCRIPTED = LOAN.replace(
    b"<bpmn:startEvent", b'<bpmn:scriptTask id="S"><bpmn:script>1</bpmn:script></bpmn:scriptTask><bpmn:startEvent', 1
)
HOSTILE = [
    ("a script", SCRIPTED, "S"),
    ("no drawing at all", b"PK\x03\x04", "XML"),
    ("an entity bomb", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', ""),
    ("nothing", b"", ""),
]


@pytest.mark.parametrize(("kind", "content", "told"), HOSTILE, ids=[h[0] for h in HOSTILE])
def test_a_drawing_that_may_not_run_is_refused_with_its_reasons_and_changes_nothing(house, visit, kind, content, told):
    before = versions(house)
    answer = send(visit("sysadmin"), content)
    assert answer.status == 422, kind
    (note,) = answer.all("//div[contains(@class, 'danger')]")
    assert told in note.text_content()
    assert note.xpath(".//li")
    assert versions(house) == before


def test_a_good_drawing_is_proposed_compared_and_approved_by_another(house, visit):
    before = versions(house)
    changed = LOAN.replace("填写贷款申请表".encode(), "填写申请表".encode())
    proposed = send(visit("sysadmin"), changed)
    assert proposed.status == send(visit("sysadmin"), changed).status == 303
    assert versions(house) == before
    page = proposed.location.partition("?")[0]
    told = visit("sysadmin").get(page)
    assert "名称由“填写贷款申请表”改为“填写申请表”" in told.text
    assert not told.all("//form[contains(@action, 'approve')]")
    chair = visit("countychair")
    form = "//form[contains(@action, 'approve')]"
    assert chair.post(f"{page}/approve", chair.get(page).fields(form)).status == 303
    assert versions(house) == before + 1
    assert "第 2 版" in chair.get("/processes/loan").text


def test_the_comparison_colours_both_drawings_and_a_refusal_keeps_the_old_one(house, visit):
    changed = LOAN.replace(b"<bpmn:flowNodeRef>T_Stamp<", b"<bpmn:flowNodeRef>T_StampX<").replace(
        b"<bpmn:flowNodeRef>T_FinalCheck<", b"<bpmn:flowNodeRef>T_Stamp</bpmn:flowNodeRef><bpmn:flowNodeRef>T_FinalCheck<")  # fmt: skip
    changed = changed.replace(b"<bpmn:flowNodeRef>T_StampX</bpmn:flowNodeRef>", b"")
    before = versions(house)
    page = send(visit("sysadmin"), changed).location.partition("?")[0]
    chair = visit("countychair")
    told = chair.get(page)
    assert "办理岗位由“印章管理员”改为“县妇联贷款专干”" in told.text
    assert len(told.all("//*[@data-state='changed']")) == 2
    form = "//form[contains(@action, 'refuse')]"
    assert chair.post(f"{page}/refuse", chair.get(page).fields(form)).status == 422
    assert chair.post(f"{page}/refuse", {**chair.get(page).fields(form), "reason": "印章须由专人"}).status == 303
    assert "印章须由专人" in visit("sysadmin").get(page).text
    assert versions(house) == before


def test_a_rule_changed_in_the_tables_is_told_cell_by_cell_and_counts_for_later_applications(house, visit):
    changed = DMN.replace("申请之日年满 {seen} 周岁".encode(), "申请当日 {seen} 周岁".encode(), 1)
    admin = visit("sysadmin")
    fields = admin.get("/processes/loan").fields("//form[.//input[@value='tables']]")
    answer = admin.post("/processes/loan/proposals", {**fields, "file": attachment(changed, "loan.dmn")})
    page = answer.location.partition("?")[0]
    chair = visit("countychair")
    told = chair.get(page).text
    assert "loan_eligibility.age_range" in told
    assert "由“申请之日年满 {seen} 周岁" in told
    assert chair.post(f"{page}/approve", chair.get(page).fields("//form[contains(@action, 'approve')]")).status == 303
    house.clock.set_day(date(2026, 6, 16))
    with house.runtime.reading() as connection:
        process = house.runtime.catalogue["loan"]
        used = [house.runtime.tables.on(connection, process, date(2026, 6, day)) for day in (15, 16)]
    assert [tables["loan_eligibility"].version for tables in used] == [1, 2]


UNFIT = [
    (b"<text>sex</text>", b"<text>shoe_size</text>", "shoe_size"),
    (b'<text>"AGE_RANGE"</text>', b'<text>"TOO_TALL"</text>', "TOO_TALL"),
    (b'decision id="loan_guarantors_needed"', b'decision id="another"', "loan_guarantors_needed"),
    ("{limit} 周岁".encode(), "{who} 周岁".encode(), "loan_eligibility.age_range"),
]


@pytest.mark.parametrize(("old", "new", "said"), UNFIT, ids=[u[2] for u in UNFIT])
def test_tables_the_loan_could_not_work_with_are_refused_with_the_place(house, visit, old, new, said):
    assert old in DMN
    admin = visit("sysadmin")
    fields = {**admin.get("/processes/loan").fields("//form[.//input[@value='tables']]"), "note": "试一试"}
    answer = admin.post(
        "/processes/loan/proposals", {**fields, "file": attachment(DMN.replace(old, new, 1), "loan.dmn")}
    )
    assert answer.status == 422
    assert said in answer.text
    assert "试一试" in answer.text


@pytest.mark.parametrize("login", ["v1chair", "countychair", "logauditor"])
def test_only_the_system_administrator_may_upload(house, visit, login):
    visitor = visit(login)
    assert not visitor.get("/processes/loan").all(FORM)
    fields = {"csrf_token": visitor.token(), "_key": "0123456789abcdef0123", "file": attachment(LOAN, "loan.bpmn")}
    assert visitor.post("/processes/loan/proposals", fields).status == 403


def test_an_unknown_process_is_not_found(visit):
    assert visit("sysadmin").get("/processes/nothing").status == 404


def test_the_auditor_verifies_every_history_and_sees_no_content(house, visit):
    case_id = house.applied()
    auditor = visit("logauditor")
    answer = auditor.post("/audit", {"csrf_token": auditor.token(), "number": ""})
    assert "全部一致" in answer.text
    assert examples.W not in answer.text
    assert auditor.get(f"/cases/{case_id}").status == 404


def test_an_altered_entry_is_found_and_named(house, visit):
    case_id = house.applied()
    changed = update(history).where(history.c.case_id == case_id, history.c.seq == 2).values(actor_id=4711)
    with house.runtime.database.engine.begin() as connection:
        connection.execute(changed)
    auditor = visit("logauditor")
    answer = auditor.post("/audit", {"csrf_token": auditor.token(), "number": "V1-2026-L-0001"})
    assert "发现" in answer.text
    assert "第 2 条" in answer.text
    assert "V1-2026-L-0001" in answer.text


def test_a_number_nobody_knows_is_said_to_be_unknown(visit):
    auditor = visit("logauditor")
    assert "没有业务号为" in auditor.post("/audit", {"csrf_token": auditor.token(), "number": "X"}).text


def test_nobody_else_may_verify(visit):
    chair = visit("countychair")
    assert chair.get("/audit").status == 403
    assert chair.post("/audit", {"csrf_token": chair.token()}).status == 403
