"""A call to 12338 by the keyboard alone: answered, typed, handed over, taken and registered as a petition, no mouse touched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from engine.model import case_file
from tests.browser.site import address, house
from workflows.demo import PASSWORD
from workflows.processes.petition.register import petition_register

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.workflows.processes.loan.house import LoanHouse

__all__ = ["address", "house"]

#: what somebody sees of where the caret stands
_RING = """() => { const e = document.activeElement, s = getComputedStyle(e);
    return s.outlineStyle !== "none" || s.boxShadow !== "none" || e.closest(".choice") !== null; }"""
#: more of these in a row, and the caret goes round without finding a field
_FARTHEST = 60
#: characters a minute of somebody who types with an input method, and keys a second besides
_TYPED, _PRESSED = 40, 2


class Keys:
    """Two hands on the keyboard; what they do is counted."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.pressed = 0
        self.characters = 0

    def press(self, key: str, times: int = 1) -> None:
        for _ in range(times):
            self.page.keyboard.press(key)
        self.pressed += times

    def write(self, text: str) -> None:
        self.page.keyboard.type(text)
        self.characters += len(text)

    def at(self) -> str:
        """The name of the field in which the caret stands, or the words of the link or button."""
        return str(self.page.evaluate("document.activeElement.name || document.activeElement.innerText || ''")).strip()

    def to(self, name: str) -> None:
        """Tab until there; the caret can be seen wherever it stops."""
        for _ in range(_FARTHEST):
            if self.at().startswith(name):
                return
            self.press("Tab")
            assert self.page.evaluate(_RING), self.at()
        raise AssertionError(name)

    def text(self, name: str, text: str) -> None:
        self.to(name)
        self.write(text)

    def choose(self, name: str, code: str) -> None:
        """Arrows in a list until the code is chosen; a space where nothing is chosen among buttons yet."""
        self.to(name)
        if self.page.evaluate("document.activeElement.type === 'radio' && !document.activeElement.checked"):
            self.press("Space")
        for _ in range(_FARTHEST):
            if self.page.evaluate("document.activeElement.value") == code:
                return
            self.press("ArrowDown")
        raise AssertionError(f"{name} {code}")

    def submit(self) -> None:
        self.press("Control+Enter")
        self.page.get_by_role("heading", name="您已办理此环节").wait_for()


def enter(page: Page, address: str, login: str) -> None:
    """Sign in without a mouse."""
    keys = Keys(page)
    page.goto(f"{address}/login")
    keys.text("login", login)
    keys.text("password", PASSWORD)
    keys.press("Enter")
    page.get_by_role("heading", name="收件箱", level=1).wait_for()


def answer(page: Page) -> Keys:
    """From the inbox to an open record by two keys; submitting it empty leads to its first field."""
    keys = Keys(page)
    keys.press("h")
    page.get_by_role("heading", name="12338 热线", level=1).wait_for()
    keys.press("n")
    page.locator("#task-form").wait_for()
    assert keys.at() == "safeChannel"  # safety first: the caret stands in it
    keys.press("Control+Enter")
    page.locator("#error-summary").wait_for()
    keys.press("Tab")
    keys.press("Enter")
    assert keys.at() == "safeChannel"
    return Keys(page)


def type_call(said: Keys) -> None:
    """An ordinary call that needs more than advice."""
    said.choose("safeChannel", "PHONE")
    said.text("safeNumber", "13900000011")
    said.text("safeTimes", "1-5 09:00-11:30")
    said.choose("violence", "false")
    said.choose("minorInvolved", "false")
    said.text("name", "顾小满")
    said.choose("category", "CUSTODY")
    said.to("toldCustody")
    said.press("Space")
    said.text("matter", "离婚后孩子随父亲生活，对方不让探望")
    said.text("claim", "希望每月探望两次")
    said.text("advice", "说明探望权，可以调解")
    said.choose("result", "HAND_OVER")


def take_over(page: Page, look: Callable[[str], None]) -> None:
    """From the inbox to the registered petition, with nothing typed."""
    keys = Keys(page)
    keys.press("j")
    keys.press("Enter")
    page.locator("#task-form").wait_for()
    look("take-over")
    keys.submit()
    keys.to("接着办理")
    keys.press("Enter")
    page.locator("#task-form").wait_for()
    look("register")
    keys.submit()
    assert keys.characters == 0


def test_a_call_is_entered_by_the_keyboard_alone_up_to_the_petition_it_became(
    house: LoanHouse,
    address: str,
    page: Page,
    screenshot: Callable[[Page, str], object],
    assert_accessible: Callable[[Page], None],
) -> None:
    def look(name: str) -> None:
        for width in (360, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            screenshot(page, f"hotline-{name}")

    enter(page, address, "hotline")
    said = answer(page)
    type_call(said)
    look("typed")
    assert_accessible(page)
    said.submit()
    look("handed-over")
    assert (said.pressed, said.characters) == (34, 64)
    assert said.characters / _TYPED + said.pressed / _PRESSED / 60 < 2
    assert house.at(1) == ["T_TakeOver"]
    page.goto(f"{address}/hotline/")
    look("list")
    page.context.clear_cookies()

    enter(page, address, "rightsworker")
    take_over(page, look)
    with house.runtime.reading() as connection:
        kinds = connection.execute(select(case_file.c.kind).order_by(case_file.c.id)).scalars().all()
        line = connection.execute(select(petition_register)).one()
    assert kinds == ["hotline_call", "petition"]
    assert (line.channel, line.category, line.call_id) == ("HOTLINE", "CUSTODY", 1)
    assert house.at(2) == ["T_Track", "T_Triage"]
