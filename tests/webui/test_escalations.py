"""The 督办 page: what is late below her, why, since when, with whom; verbs that work without script; nothing beyond her unit."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine import jobs
from engine.commands.extensions import request_extension
from engine.commands.supervising import acknowledge_escalation
from tests.workflows.processes.loan import examples

ROWS = "//table[contains(@class, 'supervised')]/tbody/tr"
FORM = "//form[contains(@action, '{}')]"


@pytest.fixture
def late(house):
    """Escalation 1: the village has not reviewed a case in time; its superiors are the township's chairs, then the county's."""
    case_id = house.applied()
    house.clock.at += timedelta(days=20)
    assert jobs.sweep(house.runtime)
    return case_id


def lines(answer):
    return [" ".join(row.text_content().split()) for row in answer.all(ROWS)]


def send(visitor, verb, page="/escalations/1", **changes):
    """Open the page, fill one of its forms, send it."""
    (form,) = visitor.get(page).all(FORM.format(verb))
    return visitor.post(form.get("action"), {**dict(form.form_values()), **changes})


def test_a_row_says_why_it_is_here_since_when_with_whom_and_who_stands_above(late, visit):
    chair = visit("t1chair")
    (line,) = lines(chair.get("/escalations"))
    for part in (
        "村级把关并签字",
        "已超过期限",
        "已逾期",
        "自 2026-06-24 00:00 起",
        "办理时限表",
        "杏花村",
        "尚未签收",
        "乡镇妇联主席",
        "县妇联主席",
        "前无人查阅则上报一级",
    ):
        assert part in line, part
    (entry,) = chair.get("/").all("//header//nav//a[contains(., '督办')]")
    assert "1" in entry.text_content()
    notices = chair.get("/?tab=notices").all("//tbody/tr")
    assert any("超过期限" in row.text_content() for row in notices)


def test_the_old_address_leads_to_the_queue(visit):
    answer = visit("t1chair").get("/overdue")
    assert (answer.status, answer.location) == (302, "/escalations")


@pytest.mark.usefixtures("late")
def test_nobody_sees_beyond_her_unit_and_what_is_not_hers_does_not_exist(visit):
    other = visit("t2chair")
    assert lines(other.get("/escalations")) == []
    assert "没有督办事项" in other.get("/escalations").text
    village = visit("v1chair")
    assert "督办" not in "".join(a.text_content() for a in village.get("/").all("//header//nav//a"))
    assert village.get("/escalations").status == 403
    for visitor in (other, village, visit("credit")):
        assert visitor.get("/escalations/1").status == 404
        for verb in ("acknowledge", "take-over", "reassign", "order"):
            fields = {"csrf_token": visitor.token(), "_key": "k" * 20, "_version": "1", "to": "TOWN_CHAIR:1:1"}
            answer = visitor.post(f"/escalations/1/{verb}", {**fields, "text": "x", "reply_by": "2026-07-06"})
            assert answer.status == 404, verb


@pytest.mark.usefixtures("late")
def test_who_may_look_but_stands_not_above_has_no_buttons(visit):
    desk = visit("loanworker")
    page = desk.get("/escalations")
    assert len(lines(page)) == 1
    assert not page.all(FORM.format("acknowledge"))
    assert "督办由督办链上的上级进行" in desk.get("/escalations/1").text


@pytest.mark.usefixtures("late")
@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", 1),
        ("?kind=loan&element=T_VillageReview&level=broken&seen=no&age=d30", 1),
        ("?element=T_Stamp", 0),
        ("?level=warn", 0),
        ("?seen=yes", 0),
        ("?age=d1", 0),
        ("?age=nonsense&seen=nonsense&state=nonsense", 1),
        ("?kind=other", 0),
        ("?state=closed", 0),
        ("?after=nonsense", 1),
        ("?after=999~2026-06-24T00:00:00~1", 1),
        ("?after=132~2026-06-23T16:00:00%2B00:00~0", 1),
        ("?after=132~2026-06-23T16:00:00%2B00:00~1", 0),
        ("?unit=x", 1),
    ],
)
def test_the_address_narrows_and_pages_the_queue(visit, query, shown):
    page = visit("countychair").get(f"/escalations{query}")
    assert (page.status, len(lines(page))) == (200, shown)


@pytest.mark.usefixtures("late")
def test_every_number_of_the_heat_map_opens_its_list(house, visit):
    house.applied("v3chair", idcard=examples.idcard(examples.date(1988, 1, 2)), birthDate="1988-01-02")
    house.clock.at += timedelta(days=20)
    jobs.sweep(house.runtime)
    page = visit("countychair").get("/escalations?state=map")
    numbers = page.all("//div[@class='heat']//a") + page.all("//details[@class='heat-more']//td/a")
    assert len(numbers) >= 3
    for number in numbers:
        told = number.xpath(".//*[@class='total']") or [number]
        count = int("".join(c for c in told[0].text_content() if c.isdecimal()))
        address = number.get("href")
        assert len(lines(visit("countychair").get(address))) == count, address
    assert "没有积压" in visit("countychair").get("/escalations?state=map&level=warn&age=more").text


@pytest.mark.usefixtures("late")
def test_a_superior_acknowledges_from_the_list_and_it_is_seen_by_whom_and_when(visit):
    chair = visit("t1chair")
    answer = send(chair, "acknowledge", "/escalations")
    assert (answer.status, answer.location) == (303, "/escalations")
    (line,) = lines(chair.get("/escalations"))
    assert "周明霞已于 2026-07-05 09:00 查阅" in line
    assert lines(chair.get("/escalations?seen=yes")) == [line]
    assert not chair.get("/escalations").all(FORM.format("acknowledge"))
    assert "上级已阅督办" in chair.get("/cases/1?tab=timeline").text


@pytest.mark.usefixtures("late")
def test_whoever_was_slower_is_shown_both_and_loses_nothing_she_typed(house, visit):
    chair = visit("t1chair")
    (form,) = chair.get("/escalations/1").all(FORM.format("/order"))
    typed = {**dict(form.form_values()), "text": "请尽快办理这一件", "reply_by": "2026-07-08"}
    house.act(acknowledge_escalation, "countychair", escalation_id=1, seen_version=int(typed["_version"]))
    answer = chair.post("/escalations/1/order", typed)
    assert answer.status == 409
    assert "此督办事项在您打开之后已有变化" in answer.text
    assert "许婉清已于" in answer.text
    (text,) = answer.all("//textarea[@name='text']")
    assert text.text_content() == "请尽快办理这一件"
    again = chair.post("/escalations/1/order", {**dict(answer.all(FORM.format("/order"))[0].form_values())})
    assert again.status == 303


def test_an_order_is_answered_on_the_task_page_and_printed(late, house, visit):
    chair = visit("t1chair")
    wrong = send(chair, "/order", text="", reply_by="2026-06-01")
    assert wrong.status == 422
    assert wrong.all("//*[@id='error-summary']//a[@href='#f-text']")
    unreadable = send(chair, "/order", text="请说明", reply_by="明天")
    assert (unreadable.status, "明天" in unreadable.text) == (422, True)
    assert send(chair, "/order", text="请说明超期原因", reply_by="2026-07-08").status == 303
    task_id = house.open_task(late).id
    village = visit("v1chair")
    page = f"/tasks/{task_id}"
    assert "请说明超期原因" in village.get(page).text
    empty = send(village, "/reply", page, reply=" ")
    assert (empty.status, "请填写内容" in empty.text) == (422, True)
    assert send(village, "/reply", page, reply="入户未遇，已约定周三").location == page
    assert not village.get(page).all(FORM.format("/reply"))
    sheet = chair.get("/escalations/orders/1").text
    for part in ("V1-2026-L-0001-DB01", "请说明超期原因", "2026年7月8日", "入户未遇，已约定周三", "林秋月"):
        assert part in sheet, part
    assert visit("t2chair").get("/escalations/orders/1").status == 404
    told = chair.get("/cases/1?tab=timeline").text
    for part in ("答复督办单", "V1-2026-L-0001-DB01 请说明超期原因", "V1-2026-L-0001-DB01 入户未遇，已约定周三"):
        assert part in told, part


def test_a_superior_takes_over_and_is_led_to_the_task(late, house, visit):
    chair = visit("t1chair")
    answer = send(chair, "take-over")
    assert (answer.status, answer.location) == (303, f"/tasks/{house.open_task(late).id}")
    assert "代村妇联主席办理" in chair.get(answer.location).text
    assert "转给：青禾镇妇联 乡镇妇联主席" in chair.get("/cases/1?tab=timeline").text
    house.submit(late, "t1chair", examples.village_review())
    assert lines(chair.get("/escalations")) == []
    (ended,) = lines(chair.get("/escalations?state=closed"))
    assert "曾超期" in ended


@pytest.mark.usefixtures("late")
def test_the_work_is_given_to_another_person_and_only_to_those_who_may(house, visit):
    chair = visit("t1chair")
    assert send(chair, "reassign").status == 422
    places = chair.get("/escalations/1").all("//select[@name='to']//option/@value")
    town = next(value for value in places if value.startswith("TOWN_CHAIR") and not value.endswith(":0"))
    assert send(chair, "reassign", to="SYS_ADMIN:1:1").status == 403
    assert send(chair, "reassign", to=town).status == 303
    assert house.open_task(1).post == "TOWN_CHAIR"


def test_the_credit_unions_decision_is_urged_and_not_taken_from_it(house, visit):
    house.to_credit()
    house.clock.at += timedelta(days=30)
    jobs.sweep(house.runtime)
    head = visit("loanhead")
    page = head.get("/escalations/1")
    assert "信用社独立决定" in page.text
    assert not page.all(FORM.format("take-over"))
    values = page.all("//select[@name='to']//option/@value")
    assert all(value == "" or value.startswith("CREDIT_OFFICER") for value in values)


def test_a_lawful_extension_is_decided_where_the_matter_is_supervised(house, visit):
    case_id = house.to_credit()
    house.clock.at += timedelta(days=30)
    jobs.sweep(house.runtime)
    task_id = house.open_task(case_id).id
    asked = {"units": 5, "reason": "担保人出差，须等其回县后当面核实签字"}
    number = house.act(request_extension, "credit", task_id=task_id, **asked)["extension_id"]
    head = visit("loanhead")
    page = head.get("/escalations/1")
    assert "担保人出差" in page.text
    (form,) = page.all(FORM.format(f"/extensions/{number}"))
    fields = {**dict(form.form_values()), "note": "同意一次", "decision": "grant"}
    assert head.post(form.get("action"), fields).status == 303
    assert "同意延期" in head.get("/escalations/1").text
