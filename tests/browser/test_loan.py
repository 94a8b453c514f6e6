"""One loan from entry to disbursement, by hand, in five people's browsers, and the dossier at the end."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from pypdf import PdfReader

from tests.browser.site import address, attach, fill, house, sign_in, submit
from tests.workflows.processes.loan import examples

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.browser.conftest import Windows
    from tests.workflows.processes.loan.house import LoanHouse

__all__ = ["address", "house"]

Look = "Callable[[Page, str], object]"


def open_first(page: Page, address: str) -> None:
    """Open the first line of the inbox."""
    page.goto(address)
    page.locator("tr[data-row] a").first.click()
    page.locator("#task-form").wait_for()


def test_a_loan_goes_from_entry_to_disbursement_in_five_sign_ins_and_its_dossier_prints(
    house: LoanHouse, address: str, windows: Windows, screenshot: Callable[[Page, str], object]
) -> None:
    village, town, credit, county, seal = (windows.open() for _ in range(5))
    people = {"v1chair": village, "t1chair": town, "credit": credit, "loanworker": county, "seal": seal}
    for login, window in people.items():
        sign_in(window, address, login)

    village.get_by_role("link", name="新建事项").click()
    village.get_by_role("button", name="开始登记").click()
    fill(village, house.application())
    for path in examples.APPLICATION_PAPERS:
        attach(village, path)
    screenshot(village, "loan-1-apply")
    submit(village)

    village.get_by_role("link", name="接着办理：村级把关并签字").click()
    fill(village, examples.village_review())
    screenshot(village, "loan-2-village")
    submit(village, sign=True)

    open_first(town, address)
    fill(town, examples.town_review())
    submit(town, sign=True)

    open_first(credit, address)
    fill(credit, examples.credit())
    submit(credit, sign=True)

    open_first(county, address)
    fill(county, examples.final_check())
    submit(county, sign=True)

    open_first(seal, address)
    fill(seal, examples.stamp())
    attach(seal, "scan")
    submit(seal)

    open_first(credit, address)
    fill(credit, examples.disburse())
    submit(credit)
    assert house.case(1).outcome == "disbursed"

    village.goto(f"{address}/cases/1")
    village.get_by_text("贷款已发放").first.wait_for()
    screenshot(village, "loan-3-case")
    village.get_by_role("link", name="打印卷宗").click()
    fields = {
        i.get_attribute("name"): i.get_attribute("value") for i in village.locator("main form input[type=hidden]").all()
    }
    printed = village.request.post(village.url, form={**fields, "what": "dossier", "reveal": "1"})
    assert printed.headers["content-type"] == "application/pdf"
    pages = PdfReader(io.BytesIO(printed.body())).pages
    text = "".join(page.extract_text() for page in pages)
    assert len(pages) > len(examples.APPLICATION_PAPERS)
    assert "苏小禾" in text
