"""The pages of an audit: asked for and approved by two, the auditor's dossiers, their prints; and no way beside them."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta

import pytest
from sqlalchemy import select

from engine.commands.cases import start_case
from engine.commands.classes import raise_class
from engine.model import read_log
from tests.scenarios.auditing import Job
from workflows import audit_printing, sheets
from workflows.model_engagement import engagement

ASK = "//form[@action='/engagements']"


@pytest.fixture
def cases(house):
    """A loan to audit, and one of class C3."""
    plain, secret = (house.act(start_case, "v1chair", kind="loan")["case_id"] for _ in range(2))
    house.act(raise_class, "v1chair", case_id=secret, to="C3", reason="当事人遭受家庭暴力，须保密")
    return plain, secret


@pytest.fixture
def engaged(house, visit, cases):
    """An engagement asked for and approved on the pages."""
    until = (house.clock.at + timedelta(days=3)).date().isoformat()
    head = visit("loanhead")
    fields = {**head.get("/engagements").fields(ASK), "kinds": "loan"}
    short = head.post("/engagements", {**fields, "until": until, "reason": "看看", "confidential": "1"})
    assert (short.status, "至少 10 个字" in short.text) == (422, True)
    asked = head.post("/engagements", {**short.fields(ASK), "reason": "按年度计划抽查小额贷款案卷"})
    assert asked.status == 303, asked.text
    page = visit("countychair").get(asked.location)
    assert "按年度计划抽查小额贷款案卷" in page.text
    chair = visit("countychair")
    form = chair.get(asked.location).fields(f"//form[@action='{asked.location}/approve']")
    refused = chair.post(f"{asked.location}/refuse", form)
    assert (refused.status, "请写明不批准的理由" in refused.text) == (422, True)
    assert chair.post(f"{asked.location}/approve", form).status == 303
    return asked.location


@pytest.mark.parametrize(
    ("confidential", "told"), [("1", {"caseauditor"}), ("0", {"caseauditor", "loanhead", "countychair"})]
)
def test_how_many_confidential_cases_there_are_is_told_to_nobody_but_their_auditor(
    house, visit, cases, confidential, told
):
    """A sample of one number would tell who asks whether there is such a case, a sample of a village how many it has (D2)."""
    number = house.case(cases[1]).number
    until = (house.clock.at + timedelta(days=3)).date().isoformat()
    fields = {"until": until, "reason": "按年度计划抽查小额贷款案卷", "sample": "numbers", "numbers": number}
    head, chair = visit("loanhead"), visit("countychair")
    asked = head.post(
        "/engagements",
        {**head.get("/engagements").fields(ASK), "kinds": "loan", **fields, "confidential": confidential},
    )
    form = chair.get(asked.location).fields(f"//form[@action='{asked.location}/approve']")
    assert chair.post(f"{asked.location}/approve", form).status == 303
    visitors = {"caseauditor": visit("caseauditor"), "loanhead": head, "countychair": chair}
    assert {who for who, each in visitors.items() if "件中抽得" in each.get(asked.location).text} == told


def run(house, batch_id):
    audit_printing.print_batch_now(house.runtime, Job({"batch": batch_id}))


def test_the_auditor_lists_opens_and_prints_what_she_was_engaged_for(house, visit, cases, engaged, monkeypatch):
    auditor = visit("caseauditor")
    page = auditor.get(engaged)
    assert [box.get("value") for box in page.all("//input[@name='case']")] == [str(each) for each in cases]
    open_one = auditor.get(f"{engaged}/cases/{cases[0]}")
    assert (open_one.status, "只读" in open_one.text) == (200, True)
    secret = auditor.get(f"{engaged}/cases/{cases[1]}")
    assert "■■（保密）" in secret.text
    fields = {**page.fields(f"//form[@action='{engaged}/batches']"), "case": str(cases[0])}
    begun = auditor.post(f"{engaged}/batches", fields)
    assert (begun.status, begun.location) == (303, "/engagements/batches/1")
    assert "0%" in auditor.get(begun.location).text
    monkeypatch.setattr(sheets, "render_dossier", lambda *_, number, **__: f"%PDF {number}".encode())
    monkeypatch.setattr(sheets, "print_entry", lambda *_, **__: {**_ENTRY})
    run(house, 1)
    done = auditor.get(begun.location)
    assert "100%" in done.text
    assert "已印 1，未成 0，共 1" in done.text
    pdf = auditor.get("/engagements/batches/1/1.pdf")
    number = house.row(select(engagement.c.number)).number
    assert (pdf.status, pdf.body) == (200, f"%PDF {number}-01-001".encode())
    with zipfile.ZipFile(io.BytesIO(auditor.get("/engagements/batches/1/all.zip").body)) as packed:
        assert packed.namelist() == [f"{number}-01-001.pdf"]
    with house.runtime.reading() as connection:
        said = connection.execute(select(read_log.c.what).filter_by(case_id=cases[0])).scalars().all()
    assert {"audit list 1", "audit view 1", "audit print 1", "audit file 1"} <= set(said)
    _after(house, auditor, engaged, cases)


_ENTRY = {"what": "dossier", "digest": "0" * 64, "masked": True, "file": "0" * 64, "pages": ["0" * 16]}


def _after(house, auditor, engaged, cases):
    """The day after, nothing of it is hers but what is written down; and every attempt stays."""
    house.clock.at += timedelta(days=4)
    auditor.sign_in("caseauditor")
    for path in (f"{engaged}/cases/{cases[0]}", "/engagements/batches/1/1.pdf", "/engagements/batches/1/all.zip"):
        assert auditor.get(path).status == 404, path
    with house.runtime.reading() as connection:
        refused = {
            page: connection.execute(select(read_log.c.case_id).filter_by(what=f"refused:audits.{page}"))
            .scalars()
            .all()
            for page in ("show", "file", "archive")
        }
    assert set(map(tuple, refused.values())) == {(cases[0],)}
    register = auditor.get(engaged)
    assert not register.all("//input[@name='case']")
    assert "已到期" in register.text
    assert "文件不能再取" in auditor.get("/engagements/batches/1").text


@pytest.mark.parametrize("login", ["caseauditor", "logauditor", "sysadmin", "secadmin"])
def test_no_ordinary_page_of_a_case_opens_to_who_keeps_or_audits(house, visit, cases, engaged, login):
    visitor = visit(login)
    case_id = cases[0]
    tabs = [
        f"/cases/{case_id}?tab={tab}" for tab in ("overview", "timeline", "forms", "papers", "signatures", "collab")
    ]
    doors = [
        *tabs,
        f"/cases/{case_id}/print",
        f"/cases/{case_id}/drawing.bpmn",
        f"/cases/{case_id}/withdraw",
        "/tasks/1",
    ]
    for path in doors:
        assert visitor.get(path).status in (403, 404), path
    assert not visitor.get("/").all("//tr[@data-row]")
    assert visitor.get("/cases/987654").status == 404
    with house.runtime.reading() as connection:
        said = connection.execute(select(read_log.c.case_id).where(read_log.c.what.like("refused:%"))).scalars().all()
    assert said == [case_id] * len(doors) + [0]
    if login != "caseauditor":
        assert visitor.get(f"{engaged}/cases/{case_id}").status == 404
        assert visitor.get("/engagements/batches/1").status == 404


def test_who_asks_for_prints_of_somebody_else_leaves_a_line_about_no_case(house, visit):
    for path in ("1.pdf", "all.zip"):
        assert visit("loanhead").get(f"/engagements/batches/7/{path}").status == 404
    with house.runtime.reading() as connection:
        said = connection.execute(select(read_log.c.case_id, read_log.c.what).order_by(read_log.c.id)).all()
    assert [tuple(row) for row in said] == [(0, "refused:audits.file"), (0, "refused:audits.archive")]


def test_only_those_concerned_see_an_engagement(visit, engaged):
    for login, status in (("logauditor", 200), ("loanhead", 200), ("rightshead", 404), ("v1chair", 404)):
        assert visit(login).get(engaged).status == status, login
    assert "按年度计划" not in visit("logauditor").get(engaged).text
    assert visit("v1chair").get("/engagements").status == 403
