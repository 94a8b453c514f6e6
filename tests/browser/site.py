"""The demo county behind a real browser: fixtures `house` and `address`, and what a person does with hands and eyes."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from pypdf import PdfReader
from sqlalchemy import select

from engine.commands.orders import issue_order
from engine.jobs import sweep
from engine.model_escalation import escalation
from tests.webui.visitors import compile_english, open_site
from tests.workflows.processes.loan import examples
from tests.workflows.processes.loan.house import LoanHouse, opened
from webui import forms
from workflows.analysis_versions import fix_analysis
from workflows.demo import PASSWORD
from workflows.reception import plan_day
from workflows.sweep_rounds import set_quarter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path
    from typing import Any
    from wsgiref.types import WSGIApplication

    from playwright.sync_api import Page

    from tests.databases import SqliteDatabases

PNG = io.BytesIO()
Image.new("RGB", (40, 30), "white").save(PNG, "PNG")


@pytest.fixture
def house(sqlite_databases: SqliteDatabases, tmp_path: Path) -> Iterator[LoanHouse]:
    """The demo county on Monday 15 June 2026."""
    compile_english(tmp_path)
    yield from opened(sqlite_databases)


@pytest.fixture
def address(house: LoanHouse, serve: Callable[[WSGIApplication], str]) -> str:
    """Where it can be visited."""
    return serve(open_site(house))


def furnish(house: LoanHouse) -> None:
    """Case 1 waits in the township and is late, with an order to answer; case 2 has been opened in the village.

    The analysis of May has been fixed, and a volunteer lawyer is on a roster.
    """
    here = house.unit("C1")
    house.act(fix_analysis, "rightsworker", unit_id=here, span="2026-05", measures="由权益部会同调处中心上门调解")
    day = {"held_on": "2026-07-20", "starts": "09:00", "ends": "11:30", "place": "县妇联一楼", "capacity": "8"}
    house.act(plan_day, "rightshead", unit_id=here, receiver_id=house.actor("lawyer").id, kind="LAWYER", **day)
    first = house.applied()
    house.submit(first, "v1chair", examples.village_review())
    house.begin()
    house.clock.at += timedelta(days=9)
    assert sweep(house.runtime)
    asked = {
        "text": "请说明原因并尽快办结",
        "reply_by": house.clock.at.date(),
        "seen_version": house.row(select(escalation.c.version)).version,
    }
    house.act(issue_order, "loanhead", escalation_id=1, **asked)
    house.act(set_quarter, "rightshead", unit_id=house.unit("C1"), quarter="2026-Q2")


def sign_in(page: Page, address: str, login: str) -> None:
    """Sign in with a demo account."""
    page.goto(f"{address}/login")
    page.get_by_label("账号", exact=True).fill(login)
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.get_by_role("heading", name="收件箱", level=1).wait_for()


def fill(page: Page, answers: Mapping[str, Any]) -> None:
    """Fill the open form by hand, field by field; groups that are folded are opened."""
    for path, text in forms.flatten(answers).items():
        box = page.locator(f"#task-form [name='{path}']")
        kind = box.first.get_attribute("type")
        folded = page.locator(f"details:not([open]):has([name='{path}']) > summary")
        if folded.count():
            folded.first.click()
        if kind == "radio":
            page.locator(f"#task-form [name='{path}'][value='{text}']").check()
        elif kind == "checkbox":
            box.set_checked(text == "true")
        elif box.evaluate("e => e.tagName") == "SELECT":
            box.select_option(text)
        else:
            box.fill(text)


def attach(page: Page, path: str, name: str = "证明.png") -> None:
    """Choose a file for a field and wait until its name stands beside it."""
    field = page.locator(f"[id='{forms.field_id(path)}-box']")
    field.locator("input[type=file]").set_input_files({"name": name, "mimeType": "image/png", "buffer": PNG.getvalue()})
    field.get_by_role("link", name=name).wait_for()


def submit(page: Page, *, sign: bool = False) -> None:
    """Press the first verb, with the own password where the step is signed."""
    if sign:
        page.get_by_label("再次输入您本人的登录密码").fill(PASSWORD)
    page.locator("#submit").click()
    page.get_by_role("heading", name="您已办理此环节").wait_for()


def open_step(page: Page, address: str, name: str) -> None:
    """Open the step of that name in the inbox."""
    page.goto(address)
    page.locator("tr[data-row]").filter(has_text=name).get_by_role("link").first.click()
    page.locator("#task-form").wait_for()


def printed(page: Page, address: str, sheet: str, case_id: int = 1, *, status: int = 200) -> str:
    """The text of one sheet without blanks, as the print page gives it; "" when it is refused with another `status`."""
    page.goto(f"{address}/cases/{case_id}")
    page.get_by_role("link", name="打印卷宗").click()
    hidden = page.locator("main form input[type=hidden]").all()
    fields = {box.get_attribute("name") or "": box.get_attribute("value") or "" for box in hidden}
    answer = page.request.post(page.url, form={**fields, "what": sheet, "reveal": "1"}, timeout=90_000)
    assert answer.status == status
    if status != 200:
        return ""
    assert answer.headers["content-type"] == "application/pdf"
    return "".join("".join(each.extract_text().split()) for each in PdfReader(io.BytesIO(answer.body())).pages)
