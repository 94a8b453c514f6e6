"""The search box and its results: by number, ID number, name and words; what was typed stays out of the address."""

from __future__ import annotations

import pytest

from engine.commands.indexing import index_all
from engine.model_search import search_pair, search_text
from tests.webui.test_inbox import lines, woman


def sought(visitor, typed, page="/search/"):
    fields = visitor.get(page).fields("//form[@role='search']")
    return visitor.post("/" if page.startswith("/?") or page == "/" else page, {**fields, "sought": typed})


@pytest.mark.parametrize("box", ["/", "/?tab=started", "/search/"])
@pytest.mark.parametrize("typed", ["小禾", "苏小禾", "养鸡", "蛋鸡"])
def test_a_name_or_a_word_of_two_characters_finds_the_case_from_every_box(house, visit, box, typed):
    house.applied(purpose="购买鸡苗和饲料，扩大养鸡规模，向县城超市销售蛋鸡和鸡蛋")
    chair = visit("v1chair")
    answer = sought(chair, typed, box)
    assert answer.status == 303
    assert typed not in answer.location
    results = chair.get(answer.location)
    assert "V1-2026-L-0001" in lines(results)[0]
    assert "苏小禾" not in " ".join(lines(results))


def test_an_id_number_is_found_in_the_list_of_what_she_started(house, visit):
    person = woman(3)
    house.applied(**person)
    house.applied(**woman(4))
    chair = visit("v1chair")
    answer = sought(chair, person["idcard"], "/?tab=started")
    assert "tab=started" in answer.location
    assert person["idcard"] not in answer.location
    assert len(lines(chair.get(answer.location))) == 1


def test_a_case_she_may_not_read_is_not_found_by_any_way(house, visit):
    house.applied()
    stranger = visit("t2chair")
    for typed in ("苏小禾", "V1-2026-L-0001", house.application()["idcard"]):
        answer = sought(stranger, typed)
        assert answer.status == 303
        page = stranger.get(answer.location)
        assert "没有这样的案件，或者您无权查看" in page.text
    nothing = stranger.get(sought(stranger, "子虚乌有").location)
    assert "没有这样的案件，或者您无权查看" in nothing.text


@pytest.mark.parametrize(
    "address", ["/search/?words=bent", "/search/?words=%FF", "/search/?after=x&number=V1", "/search/?state=x"]
)
def test_a_bent_address_finds_nothing_and_breaks_nothing(visit, address):
    assert visit("v1chair").get(address).status == 200


def test_results_can_be_narrowed_to_open_and_closed_cases(house, visit):
    house.applied()
    chair = visit("v1chair")
    address = sought(chair, "苏小禾").location
    assert lines(chair.get(f"{address}&state=open"))
    assert not lines(chair.get(f"{address}&state=closed"))


def test_cases_of_before_the_search_are_found_once_they_are_indexed(house, visit):
    house.applied()
    with house.runtime.database.writing() as connection:
        connection.execute(search_pair.delete())
        connection.execute(search_text.delete())
        connection.commit()
    chair = visit("v1chair")
    address = sought(chair, "小禾").location
    assert not lines(chair.get(address))
    assert index_all(house.runtime) == (1, 1)
    assert index_all(house.runtime) == (1, 0)
    assert lines(chair.get(address))
