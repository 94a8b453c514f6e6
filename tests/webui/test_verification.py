"""卷宗核验: a dossier that is brought back is judged by its file; a paper print is looked up by its number and code."""

from __future__ import annotations

import io
import json

import pikepdf
import pytest
from pypdf import PdfReader

from engine.dossier.proof import ATTACHMENT, check_code
from tests.webui.visitors import attachment

NUMBER = "V1-2026-L-0001"


@pytest.fixture
def dossier(house, visit):
    """A dossier printed by the township chair."""
    case_id = house.to_credit()
    chair = visit("t1chair")
    page = chair.get(f"/cases/{case_id}/print")
    form = {**page.fields("//main//form"), "what": "dossier", "reveal": "1"}
    return chair.client.post(f"/cases/{case_id}/print", data=form).get_data()


def bring(visitor, content, name="dossier.pdf"):
    return visitor.post("/verify", {"csrf_token": visitor.token(), "dossier": attachment(content, name)})


def look_up(visitor, number, code):
    return visitor.post("/verify/printed", {"csrf_token": visitor.token(), "number": number, "code": code})


def code_of(pdf):
    return check_code(PdfReader(io.BytesIO(pdf)).attachments[ATTACHMENT][0])


def forged(pdf):
    with pikepdf.open(io.BytesIO(pdf)) as book:
        spec = book.attachments[ATTACHMENT]
        record = json.loads(spec.get_file().read_bytes())
        for form in record["forms"]:
            if form["form"] == "apply":
                form["answers"]["amount"] = "80000.00"
        book.attachments[ATTACHMENT] = pikepdf.AttachedFileSpec(book, json.dumps(record).encode(), filename=ATTACHMENT)
        out = io.BytesIO()
        book.save(out)
    return out.getvalue()


def test_what_the_house_printed_is_genuine_and_what_was_changed_is_named(visit, dossier):
    genuine = bring(visit("loanworker"), dossier)
    assert genuine.status == 200
    assert "真实" in genuine.text
    assert NUMBER in genuine.text
    altered = bring(visit("loanworker"), forged(dossier))
    assert "被改动" in altered.text
    assert "申请贷款金额" in altered.text
    assert "50,000" not in altered.text
    assert "50000" not in altered.text, "no stored value is told"


def test_a_paper_print_is_found_by_number_and_code_by_those_who_may_read_the_case(visit, dossier):
    code = code_of(dossier)
    found = look_up(visit("t1chair"), NUMBER.lower(), code[:8].upper())
    assert "打印登记中有这一份" in found.text
    assert "周明霞" in found.text
    for login, number, typed in (
        ("t2chair", NUMBER, code),
        ("sysadmin", NUMBER, code),
        ("t1chair", NUMBER, "0" * 16),
        ("t1chair", NUMBER, code[:7]),
        ("t1chair", "V1-2026-L-9999", code),
    ):
        answer = look_up(visit(login), number, typed)
        assert "打印登记中没有这一份" in answer.text, (login, number, typed)
        assert "周明霞" not in answer.text


@pytest.mark.parametrize("content", [b"%PDF-1.7\nbroken", b"not a PDF", b"\0" * 100], ids=["broken", "text", "noise"])
def test_any_other_file_is_unknown_and_never_an_error(visit, content):
    answer = bring(visit("v1chair"), content)
    assert answer.status == 200
    assert "查无此卷" in answer.text


def test_no_file_is_told_at_its_field(visit):
    visitor = visit("v1chair")
    answer = visitor.post("/verify", {"csrf_token": visitor.token()})
    assert answer.status == 422
    assert "请选择要核验的 PDF 文件" in answer.text


def test_a_dossier_larger_than_a_paper_may_be_is_still_taken_in(visit):
    answer = bring(visit("v1chair"), b"%PDF-1.7\n" + b"0" * (12 * 1024 * 1024))
    assert answer.status == 200
    assert "查无此卷" in answer.text


def test_a_stranger_is_asked_to_sign_in(visit):
    assert visit("").get("/verify").status == 303
