"""The inbox shows what is hers, in the order in which it is due, and never more than she may see."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.workflows.processes.loan import examples
from workflows.demo import PASSWORD


def lines(answer):
    return [" ".join(row.text_content().split()) for row in answer.all("//tr[@data-row]")]


def woman(serial, **changes):
    born = date(1985, 3, 1 + serial)
    idcard = examples.idcard(born, serial=serial)
    payroll = examples.payroll(idcard=examples.idcard(date(1975, 2, 1 + serial), "M"))
    depositor = examples.depositor(idcard=examples.idcard(date(1976, 4, 1 + serial)))
    own = {"idcard": idcard, "birthDate": born.isoformat(), "guarantors": [payroll, depositor]}
    return {**own, **changes}


@pytest.mark.parametrize("tab", ["todo", "claimable", "done", "started", "notices"])
def test_an_empty_list_says_so_in_words(visit, tab):
    answer = visit("v1chair").get(f"/?tab={tab}")
    assert answer.status == 200
    assert answer.all("//div[@class='empty']//h2")


def test_a_line_says_what_whose_where_and_by_when(house, visit):
    house.applied()
    (line,) = lines(visit("v1chair").get("/"))
    for part in ("村级把关并签字", "妇女小额担保贷款", "V1-2026-L-0001", "苏**", "杏花村", "还剩", "6月23日"):
        assert part in line, part
    assert "苏小禾" not in line


def test_the_most_urgent_comes_first(house, visit):
    first = house.applied(**woman(1))
    house.clock.at += timedelta(days=2)
    house.applied(**woman(2))
    assert house.case(first).number in lines(visit("v1chair").get("/"))[0]


def test_what_belongs_to_another_village_is_not_there(house, visit):
    house.applied()
    assert not lines(visit("v2chair").get("/"))
    assert not lines(visit("sysadmin").get("/"))


def test_a_claimed_task_leaves_the_lists_of_the_others(house, visit):
    case_id = house.applied()
    house.submit(case_id, "v1chair", examples.village_review())
    chair, vice = visit("t1chair"), visit("t1vice")
    assert len(lines(vice.get("/"))) == 1
    (form,) = chair.get("/?tab=claimable").all("//form[contains(@action, '/claim')]")
    assert chair.post(form.action, dict(form.form_values())).status == 303
    assert "我已签收" in chair.get("/").text
    assert not lines(chair.get("/?tab=claimable"))
    assert not lines(vice.get("/"))


def test_what_was_done_and_what_was_started_can_be_found_again(house, visit):
    case_id = house.applied()
    house.submit(case_id, "v1chair", examples.village_review())
    chair = visit("v1chair")
    assert "村级把关并签字" in " ".join(lines(chair.get("/?tab=done")))
    (started,) = lines(chair.get("/?tab=started"))
    assert "乡镇审核并签字" in started


def narrowed(visitor, **fields):
    page = visitor.get("/")
    return visitor.post("/", {**page.fields("//form[@role='search']"), **fields})


def test_a_case_number_finds_its_case(house, visit):
    house.applied(**woman(1))
    house.applied(**woman(2))
    chair = visit("v1chair")
    answer = narrowed(chair, sought="V1-2026-L-0002")
    assert answer.status == 303
    (line,) = lines(chair.get(answer.location))
    assert "V1-2026-L-0002" in line


def test_an_id_number_finds_her_case_and_never_stands_in_an_address(house, visit):
    person = woman(3)
    house.applied(**person)
    house.applied(**woman(4))
    chair = visit("v1chair")
    answer = narrowed(chair, sought=person["idcard"])
    assert person["idcard"] not in answer.location
    assert len(lines(chair.get(answer.location))) == 1
    assert person["idcard"] not in chair.get(answer.location).text


UNCLEAR = [
    ("110101", "18 位"),
    ("11010519900504020X", "校验码不符"),
    ("禾" * 41, "1 至 40 个字"),
]


@pytest.mark.parametrize(("sought", "told"), UNCLEAR)
def test_a_search_that_can_find_nothing_says_why_and_keeps_what_was_typed_out_of_the_address(visit, sought, told):
    answer = narrowed(visit("v1chair"), sought=sought)
    assert (answer.status, answer.location) == (422, "")
    assert told in answer.text
    assert "换一个业务号" not in answer.text
    assert answer.fields("//form[@role='search']")["sought"] == sought


@pytest.mark.parametrize("sought", ["V1-2026-L-0001", "v1-2026", "V1"])
def test_the_beginning_of_a_case_number_is_searched_for(visit, sought):
    assert narrowed(visit("v1chair"), sought=sought).status == 303


def test_lists_are_narrowed_by_step_and_by_due_band(house, visit):
    house.applied(**woman(1))
    chair = visit("v1chair")
    assert lines(chair.get("/?element=T_VillageReview"))
    assert not lines(chair.get("/?element=T_TownReview"))
    assert not lines(chair.get("/?band=overdue"))
    assert "没有符合条件的事项" in chair.get("/?band=overdue").text
    assert lines(chair.get("/?band=later")) or lines(chair.get("/?band=week"))


@pytest.mark.parametrize(
    "address", ["/?after=nonsense", "/?band=none&tab=none", "/?tab=started&after=~x", "/?element='--"]
)
def test_a_bent_address_is_the_first_page(visit, address):
    assert visit("v1chair").get(address).status == 200


def test_a_long_list_is_paged_without_losing_or_repeating_a_line(house, visit):
    for serial in range(1, 5):
        house.applied(**woman(serial))
    chair = visit("v1chair")
    seen, address = [], "/?tab=todo&size=3"
    while address:
        page = chair.get(address)
        seen += lines(page)
        following = page.all("//a[@rel='next']/@href")
        address = following[0] if following else None
    assert len(seen) == len(set(seen)) == 4


def test_the_name_of_the_person_signed_in_and_her_post_stand_on_every_page(visit):
    (who,) = visit("v1chair").get("/").all("//div[@class='who']/div")
    assert " ".join(who.text_content().split()) == "林秋月 村妇联主席" or "林秋月" in who.text_content()
    assert PASSWORD not in who.text_content()
