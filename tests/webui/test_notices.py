"""Notices: unread until the person says she has seen them; only those of her own posts."""

from __future__ import annotations

from sqlalchemy import func, select

from engine.model import notice
from tests.workflows.processes.loan import examples


def unread(house):
    return house.row(select(func.count()).where(notice.c.read_at.is_(None)))[0]


def button(page):
    return page.fields("//form[contains(@action, 'notices/read')]")


def test_a_notice_stays_unread_until_its_reader_says_so(house, visit):
    case_id = house.to_credit()
    officer = visit("credit")
    page = officer.get("/?tab=notices")
    assert "1 条未读" in page.text
    officer.get(f"/cases/{case_id}")
    assert unread(house) == 1, "opening the case is not reading the notice"
    assert officer.post("/notices/read", button(page)).status == 303
    assert unread(house) == 0
    assert "未读" not in officer.get("/?tab=notices").text
    assert "有一件贷款材料送到信用社" in officer.get("/?tab=notices").text


def test_what_came_meanwhile_and_what_is_for_others_stays_unread(house, visit):
    first = house.to_credit()
    officer = visit("credit")
    form = button(officer.get("/?tab=notices"))
    house.submit(
        first,
        "credit",
        examples.credit(
            decision="REFUSE", approvedAmount=None, rate=None, termMonths=None, reason="信用不良，暂不能同意"
        ),
    )
    assert unread(house) == 2, "the village chair is told as well"
    officer.post("/notices/read", {**form, "newest": house.runtime.vault.seal(b"999").decode()})
    assert unread(house) == 1
    assert "1 条未读" in visit("v1chair").get("/?tab=notices").text


def test_an_odd_number_marks_nothing(house, visit):
    house.to_credit()
    officer = visit("credit")
    form = button(officer.get("/?tab=notices"))
    for odd in ("", "-1", "x", "9" * 40, "999"):
        assert (
            officer.post(
                "/notices/read", {**form, "newest": odd, "_key": f"odd-number-{len(odd):08d}{odd[:1] or 'n'}"}
            ).status
            == 303
        )
    assert unread(house) == 1
