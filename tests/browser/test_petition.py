"""A woman comes to the township's desk; her petition goes to its decision letter, and her review to the county, on screen alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.browser.site import address, fill, house, open_step, printed, sign_in, submit
from tests.workflows.processes.petition import examples
from webui import forms

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.workflows.processes.loan.house import LoanHouse

__all__ = ["address", "house"]
TODAY = "2026-06-15"
#: what an ordinary walk-in takes at the desk: characters typed, and keys that move or choose; docs/petitions.md tells it
TYPED = (62, 45)
#: how often Tab stops in the form: at each box that can be seen, once at a row of choices
STOPS = """() => {
    const seen = [...document.querySelectorAll("#task-form :is(input, select, textarea, summary, a[href], button)")].filter(
        (box) => box.type !== "hidden" && !box.disabled && box.offsetParent !== null && !box.closest(".verbs") &&
        (box.tagName === "SUMMARY" || !box.closest("details:not([open])")));
    const rows = new Set(seen.filter((box) => box.type === "radio").map((box) => box.name));
    return seen.filter((box) => box.type !== "radio").length + rows.size + 1;
}"""
#: a slow typist of Chinese; keys that only move on or choose are two a second
CHARACTERS_A_MINUTE, KEYS_A_MINUTE = 40, 120


def look(page: Page, screenshot: Callable[[Page, str], object], name: str) -> None:
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        screenshot(page, f"petition-{name}-{width}")


def effort(page: Page, answers: dict[str, object]) -> tuple[int, int]:
    """What of the answers the form does not know yet: characters to type, keys to choose with, and one for each stop on the way."""
    characters, keys = 0, page.evaluate(STOPS)
    for path, text in forms.flatten(answers).items():
        box = page.locator(f"#task-form [name='{path}']")
        kind = box.first.get_attribute("type")
        if kind == "radio":
            chosen = page.locator(f"#task-form [name='{path}']:checked")
            keys += not (chosen.count() and chosen.get_attribute("value") == text)
        elif kind == "checkbox":
            keys += box.is_checked() != (text == "true")
        elif box.input_value() != text:
            chooses = box.evaluate("e => e.tagName") == "SELECT"
            characters, keys = (characters, keys + 1) if chooses else (characters + len(text), keys)
    return characters, keys


def test_a_petition_goes_from_a_walk_in_to_its_decision_letter(
    house: LoanHouse, address: str, page: Page, screenshot: Callable[[Page, str], object]
) -> None:
    sign_in(page, address, "t1chair")
    page.get_by_role("link", name="新建事项").click()
    page.get_by_role("button", name=re.compile("开始登记.*妇女信访")).click()
    page.locator("#submit").click()
    page.locator("#error-summary").wait_for()
    look(page, screenshot, "1-refused")
    told = examples.register(house.unit("T1"), TODAY)
    characters, keys = effort(page, told)
    assert (characters, keys) == TYPED, "tell it in docs/petitions.md"
    assert characters / CHARACTERS_A_MINUTE + keys / KEYS_A_MINUTE < 2
    fill(page, told)
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
