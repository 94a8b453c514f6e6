"""人员与关系 and 查阅记录: the team on a page, a purpose before a confidential case opens, and no trace of it elsewhere."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from engine.commands.classes import raise_class
from engine.commands.teams import add_member, appoint_manager, exclude
from engine.model import read_log
from tests.workflows.processes.loan import examples
from workflows.demo import PASSWORD
from workflows.model import unit

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.webui.visitors import Visitor
    from tests.workflows.processes.loan.house import LoanHouse

WHY = "涉及家庭暴力"
#: a second woman with a guarantor of her own
ANOTHER: dict[str, Any] = {
    "name": "许小满",
    "bankAccountName": "许小满",
    "idcard": examples.idcard(date(1991, 6, 6)),
    "birthDate": "1991-06-06",
    "amount": "30000.00",
    "guarantors": [examples.payroll(idcard=examples.idcard(date(1981, 1, 1), "M"), name="田大有")],
}
_ANEW = re.compile(rb'name="(csrf_token|_key|_paper[^"]*)" value="[^"]*"|<b class="reference">[^<]*</b>')


def plain(body: bytes) -> bytes:
    """A page without what is made anew each time it is sent: protection numbers, keys of forms, the number of a refusal."""
    return _ANEW.sub(b"", body)


@pytest.fixture
def secret(house: LoanHouse) -> int:
    """A loan at the township's step, C3, with the rights officer in charge."""
    case_id = house.applied()
    house.submit(case_id, "v1chair", examples.village_review())
    house.act(raise_class, "v1chair", case_id=case_id, to="C3", reason=WHY)
    manager = house.actor("rightsworker").id
    house.act(appoint_manager, "rightshead", case_id=case_id, account_id=manager, reason=WHY)
    return case_id


def opened(visitor: Visitor, case_id: int, purpose: str = "核对证据材料") -> Visitor:
    asked = visitor.get(f"/cases/{case_id}")
    form = {**asked.fields("//main//form"), "purpose": purpose}
    assert visitor.post(f"/cases/{case_id}/purpose", form).status == 303
    return visitor


def test_a_confidential_case_asks_what_for_once_a_session_and_shows_it_to_the_manager(
    house: LoanHouse, visit: Callable[[str], Visitor], secret: int
) -> None:
    manager = visit("rightsworker")
    asked = manager.get(f"/cases/{secret}?tab=team")
    assert "请写明用途" in asked.text
    assert "王" not in asked.text
    again = manager.post(f"/cases/{secret}/purpose", {**asked.fields("//main//form"), "purpose": "看"})
    assert again.status == 422
    answer = manager.post(f"/cases/{secret}/purpose", {**again.fields("//main//form"), "purpose": "准备第一次回访"})
    assert answer.location.endswith(f"/cases/{secret}?tab=team")
    shown = manager.get(answer.location).text
    assert "承办人" in shown
    assert "依职责可见：" in shown
    for address in (f"/cases/{secret}/print", f"/cases/{secret}"):
        assert "请写明用途" not in manager.get(address).text
    assert "请写明用途" in visit("rightsworker").get(f"/cases/{secret}").text, "another session asks again"
    log = manager.get(f"/cases/{secret}?tab=reads").text
    assert "准备第一次回访" in log
    assert "丁晚晴" in log


@pytest.mark.parametrize(
    "onward", ["//evil.example/x", "https://evil.example", "/\\evil.example", "/\t/evil.example", ""]
)
def test_the_purpose_leads_on_to_our_own_pages_only(visit: Callable[[str], Visitor], secret: int, onward: str) -> None:
    manager = visit("rightsworker")
    form = manager.get(f"/cases/{secret}").fields("//main//form")
    answer = manager.post(f"/cases/{secret}/purpose", {**form, "purpose": "核对证据", "next": onward})
    assert answer.location.endswith(f"/cases/{secret}")


def test_the_page_adds_members_excludes_and_changes_the_class(
    house: LoanHouse, visit: Callable[[str], Visitor], secret: int
) -> None:
    manager, head = opened(visit("rightsworker"), secret), opened(visit("rightshead"), secret)

    def send(visitor: Visitor, path: str, **typed: Any) -> Any:
        page = visitor.get(f"/cases/{secret}?tab=team")
        form = page.fields(f"//form[@action='/cases/{secret}/{path}']")
        return visitor.post(f"/cases/{secret}/{path}", {**form, **typed})

    t1chair, v2chair = house.actor("t1chair").id, house.actor("v2chair").id
    wrong = send(manager, "team/add", account=str(t1chair), reason="", until="2020-01-01")
    assert wrong.status == 422
    assert "截止日须在" in wrong.text
    assert send(manager, "team/add", account=str(t1chair), reason="乡镇签字").status == 303
    assert "周明霞" in manager.get(f"/cases/{secret}?tab=team").text
    assert opened(visit("t1chair"), secret).get(f"/cases/{secret}").status == 200
    assert send(manager, "team/exclude", account=str(v2chair), unit="", reason="对方亲属").status == 303
    assert "何春燕" in manager.get(f"/cases/{secret}?tab=team").text
    unproven = send(head, "class/lower", to="C2", reason="查明不涉及")
    assert (unproven.status, "查明不涉及" in unproven.all("//input[@id='lower-reason']")[0].value) == (422, True)
    assert send(head, "class/lower", to="C2", reason="查明不涉及", _password="不是这个密码").status == 422
    assert send(head, "class/lower", to="C2", reason="查明不涉及", _password=PASSWORD).status == 303
    assert "须由申请人以外的第二人确认" in head.get(f"/cases/{secret}?tab=team").text
    assert send(manager, "class/decide", agree="1").status == 422
    assert send(manager, "class/decide", agree="1", _password=PASSWORD).status == 303
    assert house.case(secret).confidentiality == "C2"


#: what an outsider of every kind can open without knowing an id
PLACES = (
    "/",
    "/?tab=claimable",
    "/?tab=done",
    "/?tab=started",
    "/?tab=notices",
    "/escalations",
    "/escalations?state=closed",
    "/statistics/loan?month=2026-06",
    "/statistics/loan/cases?month=2026-06&code=APPLIED&unit=1",
    "/search?number=V1-2026-L-0002",
    "/processes/loan",
)


@pytest.mark.parametrize("kept_from", ["C3", "excluded"])
def test_an_outsiders_pages_are_the_same_with_and_without_the_case(
    house: LoanHouse, visit: Callable[[str], Visitor], kept_from: str
) -> None:
    """Two states of a database that differ by one case alone: byte for byte the same, but for the keys of forms."""
    house.applied()
    outsiders = ("t1chair", "countychair", "sysadmin")
    outsiders = ("t1chair",) if kept_from == "excluded" else outsiders
    visitors = {login: visit(login) for login in (*outsiders, "v1chair")}

    def pages() -> dict[tuple[str, str], bytes]:
        everywhere = [(login, place) for login in outsiders for place in PLACES]
        asked = [*everywhere, ("v1chair", "/?tab=started")]
        return {(login, place): plain(visitors[login].get(place).body) for login, place in asked}

    before = pages()
    other = house.applied(**ANOTHER)
    if kept_from == "C3":
        house.act(raise_class, "v1chair", case_id=other, to="C3", reason=WHY)
    else:
        house.act(exclude, "v1chair", case_id=other, account_id=house.actor("t1chair").id, reason=WHY)
    house.submit(other, "v1chair", examples.village_review())
    after = pages()
    assert {login for login, place in before if before[login, place] != after[login, place]} == {"v1chair"}


def test_who_was_refused_stands_in_the_read_log(house: LoanHouse, visit: Callable[[str], Visitor], secret: int) -> None:
    stranger = visit("t1chair")
    token = stranger.get("/").fields("(//form[.//input[@name='csrf_token']])[1]")
    assert stranger.post(f"/cases/{secret}/class/raise", {**token, "_key": "k" * 20, "to": "C4"}).status == 404
    log = opened(visit("rightsworker"), secret).get(f"/cases/{secret}?tab=reads").text
    assert "越权尝试" in log
    assert "周明霞" in log


def test_only_who_leads_or_began_sees_the_read_log(
    house: LoanHouse, visit: Callable[[str], Visitor], secret: int
) -> None:
    house.act(add_member, "rightsworker", case_id=secret, account_id=house.actor("t1chair").id, reason="乡镇签字")
    member = opened(visit("t1chair"), secret)
    assert "查阅记录" not in member.get(f"/cases/{secret}").text
    count = house.row(select(func.count()).select_from(read_log).where(read_log.c.case_id == secret))[0]
    assert count > 0


def test_a_complaint_about_staff_is_written_down_and_who_may_know_no_more_is_not_told_where_it_is(
    house: LoanHouse, visit: Callable[[str], Visitor]
) -> None:
    case_id = house.applied()
    house.submit(case_id, "v1chair", examples.village_review())
    village, address = visit("v1chair"), f"/cases/{case_id}/complaint"
    page = village.get(address)
    names = [option.text for option in page.all("//select[@id='f-account']/option")]
    assert any("乡镇妇联主席" in name for name in names)
    assert not any("林秋月" in name for name in names), "not about herself"
    assert address in village.get(f"/cases/{case_id}?tab=team").all("//main//a/@href")
    sent = {**page.fields("//main//form"), "account": str(house.actor("t1chair").id), "reason": ""}
    wrong = village.post(address, sent)
    assert (wrong.status, wrong.all("//select[@id='f-account']/option[@selected]/@value")) == (422, [sent["account"]])
    assert "请写明理由，1 至 300 字（现为 0 字）" in wrong.text
    above = {**sent, "account": str(house.actor("loanworker").id), "reason": "拖延不办"}
    refused = village.post(address, {**wrong.fields("//main//form"), **above, "_key": "k" * 20})
    assert (refused.status, refused.all("//textarea")[0].text) == (403, "拖延不办")
    assert "请书面转送" in refused.text
    done = village.post(address, {**refused.fields("//main//form"), **sent, "reason": "收受好处"})
    assert done.location == "/complaints/recorded"
    told = village.get(done.location).text
    county = house.row(select(unit.c.name).where(unit.c.code == "C1")).name
    assert "投诉已登记" in told
    assert county not in told
    assert village.get(f"/cases/{case_id}").status == village.get(address).status == 404
    opened(visit("rightshead"), case_id)
    assert house.case(case_id).confidentiality == "C3"
