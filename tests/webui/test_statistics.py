"""统计: the month of the loans for who may see it; every number opens a list, and a month that is none is said to be none."""

from __future__ import annotations

import io

import pytest
from pypdf import PdfReader


@pytest.fixture
def case_id(house):
    return house.disbursed()


def test_the_month_is_shown_with_a_link_behind_every_number_and_the_list_names_the_case(visit, case_id):
    page = visit("loanhead").get("/statistics/loan?month=2026-06")
    assert page.status == 200
    assert "50,000.00" in page.text
    links = [a.get("href") for a in page.all("//td//a") if "code=DISBURSED" in a.get("href")]
    assert len(links) == 2
    listed = visit("loanhead").get(links[-1])
    assert "V1-2026-L-0001" in listed.text


def test_a_township_sees_its_own_figures_only(visit, case_id):
    mine, other = (visit(login).get("/statistics/loan?month=2026-06").text for login in ("t1chair", "t2chair"))
    assert "50,000.00" in mine
    assert "50,000.00" not in other
    answer = visit("t2chair").get("/statistics/loan/cases?month=2026-06&unit=1&code=APPLIED")
    assert answer.status == 403


def test_the_clerk_sees_figures_alone_and_no_small_cell(visit, case_id):
    clerk, head = visit("statclerk"), visit("loanhead")
    page = clerk.get("/statistics/loan?month=2026-06")
    assert any("统计" in a.text_content() for a in clerk.get("/").all("//nav//a"))
    assert "<5" in page.text
    assert not page.all("//main//td//a")
    total = page.all("//main//tbody/tr[last()]/td")[0].text_content().strip()
    assert (
        total == head.get("/statistics/loan?month=2026-06").all("//main//tbody/tr[last()]/td")[0].text_content().strip()
    )
    assert clerk.get("/statistics/loan/cases?month=2026-06&unit=1&code=APPLIED").status == 403
    pdf = clerk.get("/statistics/loan.pdf?month=2026-06")
    text = "".join("".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf.body)).pages)
    assert "<5" in text
    assert "小于5的数不显示" in text
    assert "<5" not in head.get("/statistics/loan?month=2026-06").text


def test_the_archivist_has_her_list_and_opens_nothing(house, visit, case_id):
    answer = visit("archivist").get("/archive/")
    assert answer.status == 200
    assert "V1-2026-L-0001" not in answer.text, "it goes on"
    assert visit("archivist").get(f"/cases/{case_id}").status == 404
    assert visit("countychair").get("/archive/").status == 403


@pytest.mark.parametrize("login", ["v1chair", "sysadmin", "credit", "seal"])
def test_nobody_else_sees_statistics(visit, login):
    assert visit(login).get("/statistics/loan").status == 403
    assert "统计" not in visit(login).get("/").text


@pytest.mark.parametrize("month", ["2026", "2026-13", "2026-7", "<b>", "2026-06-01"])
def test_what_is_no_month_is_refused_with_what_was_seen(visit, month):
    answer = visit("loanhead").get(f"/statistics/loan?month={month}")
    assert answer.status == 422
    assert "2026-07" in answer.text


def test_l_08_prints_the_same_figures(visit, case_id):
    answer = visit("loanhead").get("/statistics/loan.pdf?month=2026-06")
    assert answer.headers["Content-Type"] == "application/pdf"
    text = "".join("".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(answer.body)).pages)
    assert "贷款统计报表（2026-06）" in text
    assert "50,000.00" in text
