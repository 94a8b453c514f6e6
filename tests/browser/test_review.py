"""Her review and her recheck on screen: day 31 is refused with the clause and nothing is lost; then P-08, twice, to the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from engine.access import SYSTEM
from engine.unit_of_work import unit_of_work
from tests.browser.site import fill, open_step, printed, sign_in, submit
from tests.scenarios.county import prepare
from tests.webui.visitors import compile_english, open_site
from tests.workflows.processes.petition.house import PetitionHouse
from tests.workflows.processes.petition_review.test_review import ASKED, DELIVERED, OPINION, decided, under_a_city
from workflows.model import account

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from wsgiref.types import WSGIApplication

    from playwright.sync_api import Page

    from tests.browser.conftest import Windows
    from tests.databases import SqliteDatabases

#: the letter reached her on Monday 25 May: her thirtieth day is Wednesday 24 June
REACHED, LAST, TOO_LATE = "2026-05-25", "2026-06-24", "2026-06-25"
CARRIED = {"done": "另行约定探望的时间和地点", "answered": "已当面告知"}


@pytest.fixture
def house(sqlite_databases: SqliteDatabases, tmp_path: Path) -> Iterator[PetitionHouse]:
    """A township's petition decided and delivered, its county under a city whose chair works here."""
    compile_english(tmp_path)
    house = PetitionHouse(sqlite_databases.create(prepare))
    under_a_city(house)
    with unit_of_work(house.runtime, SYSTEM) as work:
        known = work.connection.execute(
            select(account.c.password_hash).where(account.c.login == "t1chair")
        ).scalar_one()
        work.connection.execute(update(account).where(account.c.login == "citychair").values(password_hash=known))
    assert decided(house, REACHED, "t1chair", "T1") == 1
    house.on(TOO_LATE)
    yield house
    house.close()


def worked(page: Page, address: str, step: str, answers: dict[str, object], *, sign: bool = False) -> None:
    """She opens a step in her inbox, fills it in as it stands, and submits it."""
    open_step(page, address, step)
    fill(page, answers)
    submit(page, sign=sign)


def test_a_review_goes_to_the_county_and_a_recheck_to_the_city_and_each_letter_prints(
    house: PetitionHouse,
    windows: Windows,
    serve: Callable[[WSGIApplication], str],
    screenshot: Callable[[Page, str], object],
) -> None:
    address, number = serve(open_site(house)), house.case(1).number
    town, head, city = (windows.open() for _ in range(3))
    for page, login in ((town, "t1chair"), (head, "rightshead"), (city, "citychair")):
        sign_in(page, address, login)

    open_step(town, address, "登记是否申请复查")
    fill(town, {**ASKED, "askedOn": TOO_LATE})
    town.locator("#submit").click()
    wrong = town.locator("#error-summary")
    wrong.wait_for()
    assert LAST in wrong.inner_text()
    assert "第三十五条" in wrong.inner_text()
    assert town.locator("[name=reasons]").input_value() == ASKED["reasons"]
    assert house.where(1) == "T_ReviewWindow"
    screenshot(town, "review-1-too-late")
    fill(town, {"askedOn": LAST})
    submit(town)

    worked(head, address, "复查", OPINION, sign=True)
    letter = printed(town, address, "P-08")
    assert all(
        each in letter for each in ("复查意见书", number, "查询码", ASKED["reasons"], OPINION["text"], "请求复核")
    )
    worked(town, address, "送达复查意见", {**DELIVERED, "deliveredOn": TOO_LATE})

    worked(town, address, "登记是否申请复核", {**ASKED, "askedOn": TOO_LATE})
    worked(city, address, "复核", {**OPINION, "result": "CHANGED", "text": "应当另行安排探望的时间和地点"}, sign=True)
    letter = printed(town, address, "P-08F")
    assert all(each in letter for each in ("复核意见书", number, "查询码", "应当另行安排探望的时间和地点", "不再受理"))
    worked(town, address, "送达复核意见", {**DELIVERED, "deliveredOn": TOO_LATE, "helpOffered": "联系法律援助"})
    worked(town, address, "落实复核意见", {"doneOn": TOO_LATE, **CARRIED})
    assert (house.case(1).state, house.where(1)) == ("closed", "final")
