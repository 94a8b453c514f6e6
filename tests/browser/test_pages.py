"""Every page on a phone and on a desk, in the light and in the dark: accessible, nothing beside the screen, no script needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.commands.papers import add_paper
from tests.browser.addresses import PAGES
from tests.browser.conftest import SETTLED
from tests.browser.site import address, attach, fill, furnish, house, sign_in
from tests.workflows.processes.loan import examples

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.browser.conftest import Windows
    from tests.workflows.processes.loan.house import LoanHouse

__all__ = ["address", "house"]

BESIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
#: (width in CSS pixels, dark): each width and each colouring once; a page is loaded once and then looked at in each
LOOKS = [(1280, False), (360, True)]

#: ten pages at most in one go
TURNS = [
    pytest.param(login, paths[first : first + 10], id=f"{login}-{first}")
    for login, paths in PAGES.items()
    for first in range(0, len(paths), 10)
]


def name_of(login: str, path: str) -> str:
    return f"{login}{path}".replace("/", "-").replace("?", "-").replace("=", "-")


@pytest.fixture
def look(
    screenshot: Callable[[Page, str], Path], assert_accessible: Callable[[Page], None]
) -> Callable[[Page, str], None]:
    """`look(page, name)`: the open page in every look has nothing beside the screen and no fault of accessibility."""

    def check(page: Page, name: str) -> None:
        for width, dark in LOOKS:
            page.set_viewport_size({"width": width, "height": 740 if width < 600 else 800})
            # colours fade from one look into the other, and half-way they are nobody's: who asks for no motion sees none
            page.emulate_media(color_scheme="dark" if dark else "light", reduced_motion="reduce")
            screenshot(page, name + ("-dark" if dark else ""))
            assert page.evaluate(BESIDE) <= 0, f"{name} at {width}"
            assert_accessible(page)

    return check


@pytest.mark.parametrize(("login", "paths"), TURNS)
def test_every_page_is_accessible_and_fits_its_screen(
    house: LoanHouse, address: str, page: Page, look: Callable[[Page, str], None], login: str, paths: list[str]
) -> None:
    furnish(house)
    sign_in(page, address, login)
    for path in paths:
        page.goto(f"{address}{path}")
        page.wait_for_function(SETTLED)
        look(page, name_of(login, path))


def test_errors_are_announced_and_lead_to_their_fields(
    house: LoanHouse, address: str, page: Page, assert_accessible: Callable[[Page], None]
) -> None:
    house.begin()
    sign_in(page, address, "v1chair")
    page.goto(f"{address}/tasks/1")
    fill(page, house.application(amount="八万", idcard="11010519900504002"))
    page.locator("#submit").click()
    summary = page.locator("#error-summary")
    summary.wait_for()
    assert page.evaluate("document.activeElement.id") == "error-summary"
    assert_accessible(page)
    summary.get_by_role("link", name="申请贷款金额").click()
    assert page.evaluate("document.activeElement.id") == "f-amount"
    assert page.locator("#f-amount").input_value() == "八万"


def test_the_check_answers_while_she_types_and_the_draft_saves_itself(
    house: LoanHouse, address: str, page: Page
) -> None:
    house.begin()
    sign_in(page, address, "v1chair")
    page.goto(f"{address}/tasks/1")
    page.locator("[name='amount']").fill("八万")
    page.locator("[name='projectPlace']").fill("村东坡地")
    page.locator("#check a[href='#f-amount']").wait_for()
    page.locator("[data-draft]", has_text="已自动暂存").wait_for()
    page.reload()
    assert page.locator("[name='amount']").input_value() == "八万"


def test_a_refused_file_is_told_beside_its_field_and_a_good_one_is_listed(
    house: LoanHouse, address: str, page: Page
) -> None:
    house.begin(papers=())
    sign_in(page, address, "v1chair")
    page.goto(f"{address}/tasks/1")
    page.locator("[name='amount']").fill("50000")
    box = page.locator("[id='f-photos-box']")
    program = {"name": "照片.png", "mimeType": "image/png", "buffer": b"MZ" + bytes(600)}
    box.locator("input[type=file]").set_input_files(program)
    box.get_by_text("只接受 PDF、JPEG、PNG").wait_for()
    attach(page, "photos", "鸡舍.png")
    assert box.locator(".error").count() == 0
    assert page.locator("[name='amount']").input_value() == "50000"


def test_when_the_line_is_down_she_is_told_and_the_text_stays(house: LoanHouse, address: str, windows: Windows) -> None:
    house.begin()
    page = windows.open()
    sign_in(page, address, "v1chair")
    page.goto(f"{address}/tasks/1")
    page.context.set_offline(True)
    page.locator("[name='projectPlace']").fill("村东坡地")
    page.get_by_text("网络不通").wait_for()
    page.context.set_offline(False)
    windows.faults[:] = [fault for fault in windows.faults if "htmx:" not in fault]  # htmx logs what it could not send
    assert page.locator("[name='projectPlace']").input_value() == "村东坡地"


def test_what_an_answer_does_not_call_for_is_not_asked(house: LoanHouse, address: str, page: Page) -> None:
    house.begin()
    sign_in(page, address, "v1chair")
    page.goto(f"{address}/tasks/1")
    page.locator("[name='guarantors.1.party'][value='NATURAL']").check()
    page.locator("[name='guarantors.1.kind']").select_option("TIME_DEPOSIT")
    assert page.locator("[name='guarantors.1.depositAmount']").is_visible()
    assert not page.locator("[name='guarantors.1.monthlyPay']").is_visible()


def test_the_inbox_is_worked_with_the_keyboard_alone(house: LoanHouse, address: str, page: Page) -> None:
    furnish(house)
    sign_in(page, address, "t1chair")
    page.keyboard.press("?")
    assert page.locator("#keys").is_visible()
    page.locator("#keys").get_by_role("button", name="关闭").click()
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "sought"
    page.locator("h1").click()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="乡镇审核并签字", level=1).wait_for()
    page.go_back()
    page.keyboard.press("j")
    page.keyboard.press("c")
    page.get_by_role("button", name="取消签收").wait_for()


def test_two_escapes_hide_the_screen_and_its_title_and_two_more_bring_both_back(
    house: LoanHouse, address: str, page: Page
) -> None:
    furnish(house)
    sign_in(page, address, "v1chair")
    title = page.title()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    assert (page.locator("h1").is_visible(), page.title()) == (False, "首页")
    page.keyboard.press("a")
    assert not page.locator("h1").is_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    assert (page.locator("h1").is_visible(), page.title()) == (True, title)


def test_on_a_telephone_the_drawing_opens_at_the_current_step(house: LoanHouse, address: str, page: Page) -> None:
    furnish(house)
    sign_in(page, address, "t1chair")
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"{address}/cases/1?tab=diagram")
    step = page.locator("#canvas .djs-element[data-element-id='T_TownReview'].now")
    step.wait_for()
    page.wait_for_function("() => document.getElementById('drawing').hidden")
    drawn, canvas = step.bounding_box(), page.locator("#canvas").bounding_box()
    assert drawn is not None
    assert canvas is not None
    for start, size in (("x", "width"), ("y", "height")):
        assert abs(drawn[start] + drawn[size] / 2 - canvas[start] - canvas[size] / 2) < canvas[size] / 8
    assert drawn["width"] > 60


def test_the_drawing_is_shown_by_the_viewer_with_its_watermark(house: LoanHouse, address: str, page: Page) -> None:
    furnish(house)
    sign_in(page, address, "t1chair")
    page.goto(f"{address}/cases/1?tab=diagram")
    page.locator("#canvas .djs-element[data-element-id='T_TownReview'].now").wait_for()
    assert page.locator("#canvas .djs-element[data-element-id='T_Apply'].done").count() == 1
    assert page.locator(".bjs-powered-by").is_visible()


def test_without_a_script_a_case_is_entered_checked_saved_and_submitted(
    house: LoanHouse, address: str, windows: Windows
) -> None:
    house.begin()
    page = windows.open(java_script_enabled=False)
    sign_in(page, address, "v1chair")
    page.goto(f"{address}/tasks/1")
    fill(page, house.application())
    page.get_by_role("button", name="暂存").click()
    page.get_by_text("已暂存").wait_for()
    page.locator(".verbs").get_by_role("button", name="核对").click()
    page.get_by_role("heading", name="核对通过").wait_for()
    page.locator("#submit").click()
    page.get_by_role("heading", name="您已办理此环节").wait_for()
    page.goto(f"{address}/cases/1?tab=diagram")
    assert page.locator("#drawing svg").is_visible()


def test_paper_has_no_navigation_and_says_who_printed_it(house: LoanHouse, address: str, page: Page) -> None:
    furnish(house)
    sign_in(page, address, "t1chair")
    page.goto(f"{address}/cases/1?tab=forms")
    page.emulate_media(media="print")
    assert not page.locator("header.top").is_visible()
    assert page.get_by_text("打印人：周明霞").is_visible()


def test_a_paper_with_a_chinese_name_opens(page: Page, address: str, house: LoanHouse) -> None:
    case_id = house.begin("v1chair", papers=())
    row = house.open_task(case_id)
    added = house.act(
        add_paper, "v1chair", task_id=row.id, field="idcardCopy", name="身份证（正面）.png", content=examples.PNG
    )
    sign_in(page, address, "v1chair")
    answer = page.request.get(f"{address}/cases/papers/{added['paper_id']}")
    assert answer.status == 200
    assert answer.body() == examples.PNG
    assert "%E8%BA%AB%E4%BB%BD%E8%AF%81" in answer.headers["content-disposition"]
