"""The doors on a phone and on a desk: signing in, enrolling, coming back after a session has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urljoin

import pyotp

from engine.access import SYSTEM
from engine.unit_of_work import unit_of_work
from tests.browser.site import address, fill, house, sign_in
from tests.browser.test_pages import look
from webui.app import create_app
from workflows import accounts
from workflows.demo import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable
    from wsgiref.types import WSGIApplication

    from playwright.sync_api import Page

    from tests.browser.conftest import Windows
    from tests.workflows.processes.loan.house import LoanHouse

__all__ = ["address", "house", "look"]

OWN = "七只喜鹊落在老槐树的北边枝头上"


def test_the_door_is_accessible_too(address: str, page: Page, look: Callable[[Page, str], None]) -> None:
    page.goto(f"{address}/login")
    look(page, "login")


def test_the_second_pages_of_the_door_are_accessible_too(
    house: LoanHouse,
    serve: Callable[[WSGIApplication], str],
    page: Page,
    look: Callable[[Page, str], None],
) -> None:
    """A house that asks for authenticators, and somebody with a start password."""
    with unit_of_work(house.runtime, SYSTEM) as work:
        accounts.give_password(work.connection, house.actor("countychair").id, PASSWORD)
    page.goto(f"{serve(create_app(house.runtime))}/login")
    page.get_by_label("账号", exact=True).fill("countychair")
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.get_by_role("heading", name="绑定动态码").wait_for()
    look(page, "login-enrol")
    page.locator("summary").click()
    secret = pyotp.TOTP((page.locator("details code").text_content() or "").replace(" ", ""))
    page.get_by_label("动态码", exact=True).fill(secret.at(house.clock.at))
    page.get_by_role("button", name="绑定").click()
    page.get_by_role("heading", name="恢复码").wait_for()
    look(page, "login-recovery")
    page.get_by_role("link", name="已经保存").click()
    page.get_by_role("heading", name="设置您自己的密码").wait_for()
    page.get_by_label("新密码", exact=True).fill(PASSWORD)
    page.get_by_label("再输入一次新密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="保存并登录").click()
    page.get_by_text("密码没有修改").wait_for()
    look(page, "login-own-password")
    page.get_by_label("新密码", exact=True).fill(OWN)
    page.get_by_label("再输入一次新密码", exact=True).fill(OWN)
    page.get_by_role("button", name="保存并登录").click()
    page.get_by_role("heading", name="收件箱", level=1).wait_for()
    page.goto(f"{urljoin(page.url, '/account/')}")
    look(page, "account-enrolled")
    page.get_by_role("button", name="退出", exact=True).click()
    page.get_by_label("账号", exact=True).fill("countychair")
    page.get_by_label("密码", exact=True).fill(OWN)
    page.get_by_role("button", name="登录").click()
    page.get_by_role("heading", name="输入动态码").wait_for()
    look(page, "login-code")


def test_appearance_and_language_are_chosen_in_the_footer(address: str, windows: Windows) -> None:
    page = windows.open(java_script_enabled=False)
    page.goto(f"{address}/login")
    page.get_by_role("button", name="深色").click()
    assert page.locator("html").get_attribute("data-theme") == "dark"
    page.get_by_role("button", name="English").click()
    page.get_by_role("heading", name="Sign in", level=1).wait_for()
    assert page.locator("html").get_attribute("lang") == "en"
    page.get_by_role("button", name="中文").click()
    page.get_by_role("heading", name="登录", level=1).wait_for()


def test_a_session_that_ends_while_she_types_costs_her_nothing(house: LoanHouse, address: str, page: Page) -> None:
    house.begin()
    sign_in(page, address, "v1chair")
    page.goto(f"{address}/tasks/1")
    fill(page, house.application(purpose="购买鸡苗一千只和饲料，另外搭建两间鸡舍，两年还清"))
    page.context.clear_cookies()
    page.locator("#submit").click()
    page.get_by_role("heading", name="登录已过期").wait_for()
    page.get_by_label("账号", exact=True).fill("v1chair")
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.get_by_text("已恢复您登录过期前填写的内容").wait_for()
    assert "另外搭建两间鸡舍" in page.locator("[name='purpose']").input_value()
