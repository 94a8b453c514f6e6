"""A woman comes to the township's desk; her petition goes to its decision letter, and her review to the county, on screen alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.browser.site import address, fill, house, open_step, printed, sign_in, submit
from tests.workflows.processes.petition import examples

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.workflows.processes.loan.house import LoanHouse

__all__ = ["address", "house"]
TODAY = "2026-06-15"


def look(page: Page, screenshot: Callable[[Page, str], object], name: str) -> None:
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        screenshot(page, f"petition-{name}-{width}")


def test_a_petition_goes_from_a_walk_in_to_its_decision_letter(
    house: LoanHouse, address: str, page: Page, screenshot: Callable[[Page, str], object]
) -> None:
    sign_in(page, address, "t1chair")
    page.get_by_role("link", name="新建事项").click()
    page.get_by_role("button", name=re.compile("开始登记.*妇女信访")).click()
    page.locator("#submit").click()
    page.locator("#error-summary").wait_for()
    look(page, screenshot, "1-refused")
    fill(page, examples.register(house.unit("T1"), TODAY))
    look(page, screenshot, "2-register")
    submit(page)
    assert house.at(1) == ["T_Track", "T_Triage"]

    open_step(page, address, "分流")
    look(page, screenshot, "3-triage")
    fill(page, examples.triage())
    submit(page)
    open_step(page, address, "受理")
    fill(page, examples.accept(TODAY))
    submit(page)
    open_step(page, address, "计划")
    fill(page, examples.plan())
    submit(page)
    open_step(page, address, "处理意见")
    fill(page, examples.decide())
    look(page, screenshot, "4-decide")
    submit(page, sign=True)
    assert "T_Deliver" in house.at(1)
    page.goto(f"{address}/cases/1")
    look(page, screenshot, "5-case")
    page.goto(f"{address}/cases/1?tab=diagram")
    look(page, screenshot, "6-diagram")
    assert "顾小满" in printed(page, address, "P-01")
