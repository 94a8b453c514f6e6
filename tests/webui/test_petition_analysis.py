"""信访研判 on the page: figures with their bars, each opening its list; who sees figures alone opens nothing."""

from __future__ import annotations

import io

import pytest
from pypdf import PdfReader

from tests.scenarios.county import prepare
from tests.workflows.processes.petition.house import PetitionHouse

PAGE = "/statistics/petition?span=2026-06"


@pytest.fixture
def house(sqlite_databases):
    url = sqlite_databases.create(prepare)
    house = PetitionHouse(url)
    yield house
    house.close()
    sqlite_databases.drop(url)


@pytest.fixture
def case_id(house):
    return house.registered()


def cells(answer, title):
    """The cells of the row that begins with a title."""
    row = answer.all(f"//main//tr[th[normalize-space()='{title}']]")[0]
    return [" ".join(cell.text_content().split()) for cell in row.findall("td")]


def test_the_desk_sees_figures_with_bars_and_opens_the_list_behind_each(visit, case_id):
    head = visit("rightshead")
    page = head.get(PAGE)
    assert any("信访研判" in a.text_content() for a in head.get("/").all("//nav//a"))
    assert cells(page, "收到") == ["1", "0"]
    assert cells(page, "子女抚养") == ["", "1", "0"]
    assert page.all("//svg[@class='figure-bar']/rect/@width") == ["100.0", "100.0"]
    links = {a.get("href") for a in page.all("//main//td//a")}
    for code in ("RECEIVED", "CATEGORY.CUSTODY", "CHANNEL.VISIT"):
        link = next(link for link in links if link.endswith(f"code={code}"))
        assert "C1-2026-P-0001" in head.get(link).text
    assert head.get("/statistics/petition/cases?span=2026-06&code=NONE").status == 404
    assert head.get("/statistics/petition/cases?span=2026-06&code=RECEIVED&unit=999").status == 404


def test_the_analysis_is_printed_with_the_same_figures(visit, case_id):
    answer = visit("rightshead").get("/statistics/petition.pdf?span=2026-06")
    assert answer.headers["Content-Type"] == "application/pdf"
    text = "".join("".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(answer.body)).pages)
    assert "信访研判（2026-06）" in text
    assert "收到10" in text
    assert "子女抚养10" in text


def test_the_clerk_sees_figures_and_opens_nothing(visit, case_id):
    page = visit("statclerk").get(PAGE)
    assert cells(page, "收到") == ["1", "0"]
    assert not page.all("//main//table//a")
    assert visit("statclerk").get("/statistics/petition/cases?span=2026-06&code=RECEIVED").status == 403


@pytest.mark.parametrize("span", ["2026-13", "2026-Q5", "<b>", "2026-06-01"])
def test_what_is_no_span_is_refused_with_what_was_seen(visit, span):
    answer = visit("rightshead").get(f"/statistics/petition?span={span}")
    assert answer.status == 422
    assert "2026-Q3" in answer.text
