"""Drawings come in through the gate or not at all; histories are verified by the log auditor and by nobody else."""

from __future__ import annotations

import io
from importlib import resources

import pytest
from pypdf import PdfReader
from sqlalchemy import func, select, update

import bpmn
from engine.model import definition, history
from tests.webui.visitors import attachment
from tests.workflows.processes.loan import examples
from workflows.processes.loan.letters import BOOK

LOAN = resources.files(bpmn).joinpath("loan.bpmn").read_bytes()
FORM = "//form[@enctype='multipart/form-data']"


def versions(house):
    with house.runtime.reading() as connection:
        return connection.execute(select(func.count()).select_from(definition)).scalar()


def send(visitor, content, name="loan.bpmn"):
    fields = {**visitor.get("/processes/loan").fields(FORM), "bpmn": attachment(content, name)}
    return visitor.post("/processes/loan", fields)


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


def test_a_good_drawing_becomes_the_next_version_and_the_same_again_does_not(house, visit):
    before = versions(house)
    changed = LOAN.replace("填写贷款申请表".encode(), "填写申请表".encode())
    assert send(visit("sysadmin"), changed).status == 303
    assert send(visit("sysadmin"), changed).status == 303
    assert versions(house) == before + 1


@pytest.mark.parametrize("login", ["v1chair", "countychair", "logauditor"])
def test_only_the_system_administrator_may_upload(house, visit, login):
    visitor = visit(login)
    assert not visitor.get("/processes/loan").all(FORM)
    fields = {"csrf_token": visitor.token(), "_key": "0123456789abcdef0123", "bpmn": attachment(LOAN, "loan.bpmn")}
    assert visitor.post("/processes/loan", fields).status == 403


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
