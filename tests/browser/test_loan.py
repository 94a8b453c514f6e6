"""One loan from entry to disbursement, by hand, in five people's browsers, and the dossier at the end."""

from __future__ import annotations

import io
import re
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


def open_first(page: Page, address: str) -> None:
    """Open the first line of the inbox."""
    page.goto(address)
    page.locator("tr[data-row] a").first.click()
    page.locator("#task-form").wait_for()


def enter(page: Page, house: LoanHouse, screenshot: Callable[[Page, str], object]) -> None:
    """The village chair types the application, attaches its papers, submits it, and signs for the village."""
    page.get_by_role("link", name="新建事项").click()
    page.get_by_role("button", name=re.compile("开始登记.*小额担保贷款")).click()
    fill(page, house.application())
    for path in examples.APPLICATION_PAPERS:
        attach(page, path)
    screenshot(page, "loan-1-apply")
    submit(page)
    page.get_by_role("link", name="接着办理：村级把关并签字").click()
    fill(page, examples.village_review())
    screenshot(page, "loan-2-village")
    submit(page, sign=True)


def work(page: Page, address: str, answers: dict[str, object], *, sign: bool = False, paper: str | None = None) -> None:
    """Somebody opens what waits for her, fills it in and submits it."""
    open_first(page, address)
    fill(page, answers)
    if paper:
        attach(page, paper)
    submit(page, sign=sign)


def print_dossier(page: Page, address: str) -> list[str]:
    """The pages of the dossier as text."""
    page.goto(f"{address}/cases/1")
    page.get_by_role("link", name="打印卷宗").click()
    hidden = page.locator("main form input[type=hidden]").all()
    fields = {box.get_attribute("name") or "": box.get_attribute("value") or "" for box in hidden}
    printed = page.request.post(page.url, form={**fields, "what": "dossier", "reveal": "1"}, timeout=90_000)
    assert printed.headers["content-type"] == "application/pdf"
    return [sheet.extract_text() for sheet in PdfReader(io.BytesIO(printed.body())).pages]


def test_a_loan_goes_from_entry_to_disbursement_in_five_sign_ins_and_its_dossier_prints(
    house: LoanHouse, address: str, windows: Windows, screenshot: Callable[[Page, str], object]
) -> None:
    people = {login: windows.open() for login in ("v1chair", "t1chair", "credit", "loanworker", "seal")}
    for login, window in people.items():
        sign_in(window, address, login)
    enter(people["v1chair"], house, screenshot)
    work(people["t1chair"], address, examples.town_review(), sign=True)
    work(people["credit"], address, examples.credit(), sign=True)
    work(people["loanworker"], address, examples.final_check(), sign=True)
    work(people["seal"], address, examples.stamp(), paper="scan")
    work(people["credit"], address, examples.disburse())
    assert (house.case(1).state, house.at(1)) == ("open", ["T_Repay"])

    pages = print_dossier(people["v1chair"], address)
    assert len(pages) > len(examples.APPLICATION_PAPERS)
    assert "苏小禾" in "".join(pages)
    people["v1chair"].goto(f"{address}/cases/1")
    people["v1chair"].get_by_text("贷款已发放").first.wait_for()
    screenshot(people["v1chair"], "loan-3-case")

    work(people["credit"], address, {"paidOn": examples.disburse()["disbursedOn"], "principal": "50000.00"})
    assert (house.case(1).state, house.case(1).outcome) == ("closed", "settled")
    people["v1chair"].goto(f"{address}/cases/1?tab=diagram")
    assert people["v1chair"].locator("[data-drawing]").count() == 2
    screenshot(people["v1chair"], "loan-4-settled")
