"""A mediation on screen: the check asked of her alone, the gate, the session, the agreement, P-09; the mediator sees her part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.browser.site import address, attach, fill, house, open_step, printed, sign_in, submit
from tests.workflows.processes.mediation import steps

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.browser.conftest import Windows
    from tests.workflows.processes.loan.house import LoanHouse

__all__ = ["address", "house"]

#: what the case manager knows and a mediator must not
KEPT = (steps.HER, steps.HIS, "13800000077", "13800000088", "杏花村12号", "不想让婆婆知道")


def appointed(house: LoanHouse) -> int:
    """A mediation whose mediator has told both their rights."""
    case_id = steps.refer(house)
    steps.her_consent(house, case_id, words="不想让婆婆知道")
    steps.his_consent(house, case_id)
    steps.appoint(house, case_id)
    steps.rights(house, case_id)
    return case_id


def shown(page: Page) -> list[str]:
    """What of KEPT stands anywhere in the page, seen or not."""
    content = page.content()
    return [each for each in KEPT if each in content]


def sit(house: LoanHouse, mediator: Page, address: str, screenshot: Callable[[Page, str], object]) -> None:
    """The session, after what its mediator is shown of the matter."""
    open_step(mediator, address, "调解会")
    assert "沈怀月" in mediator.content()
    assert mediator.get_by_text("和她联系、约时间都由权益部承办人安排").count() == 1
    assert shown(mediator) == []
    screenshot(mediator, "mediation-1-session")
    fill(mediator, steps.session(heldOn=steps.today(house)))
    submit(mediator)


def agree(house: LoanHouse, mediator: Page, address: str) -> None:
    """A forbidden clause is refused and nothing typed is lost; then what may be agreed."""
    open_step(mediator, address, "制作调解协议")
    wrong = steps.agreement(house)
    wrong["items"][0]["what"] = "男方支付抚养费，女方不得再报警"
    fill(mediator, wrong)
    mediator.locator("#submit").click()
    mediator.locator("#error-summary").get_by_text("不得约定不报警").wait_for()
    assert mediator.locator("[name='items.1.amount']").input_value() == "800.00"
    fill(mediator, {"items": [{"slot": 1, "what": "男方支付孩子本月抚养费"}]})
    submit(mediator)


def test_a_mediation_goes_from_the_check_to_a_signed_agreement_and_its_mediator_is_shown_no_number_and_no_address(
    house: LoanHouse, address: str, windows: Windows, screenshot: Callable[[Page, str], object]
) -> None:
    case_id = appointed(house)
    worker, mediator = windows.open(), windows.open()
    sign_in(worker, address, steps.WORKER)
    sign_in(mediator, address, steps.MEDIATOR)

    open_step(worker, address, "调解前单独核对")
    assert steps.HER in worker.content()
    said = {"checkedOn": steps.today(house), "aloneAgain": True, "stillWilling": True, "newViolence": False}
    fill(worker, {**steps.CALM, **said})
    submit(worker)
    assert steps.line(house, case_id).gate == "ALLOWED"

    sit(house, mediator, address, screenshot)
    agree(house, mediator, address)
    screenshot(mediator, "mediation-2-agreed")
    paper = printed(mediator, address, "P-09", case_id)
    assert all(each in paper for each in ("沈怀月", "程远山", "男方支付孩子本月抚养费", "800.00", "本人填写"))
    assert [each for each in KEPT if each in paper] == []
    assert printed(mediator, address, "dossier", case_id, status=403) == ""
    mediator.goto(f"{address}/cases/{case_id}?tab=forms")
    assert shown(mediator) == []

    open_step(mediator, address, "签名盖章")
    names = ("herSignedOn", "otherSignedOn", "mediatorSignedOn", "sealedOn")
    fill(mediator, {**dict.fromkeys(names, steps.today(house)), "signWay": "HAND", "copies": "3"})
    attach(mediator, "signedScan")
    submit(mediator, sign=True)
    assert steps.line(house, case_id).outcome == "agreed"
