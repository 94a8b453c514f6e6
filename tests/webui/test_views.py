"""Saved views: her own, bounded, with counts that are true or say that there is more; never what was searched for."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from engine.commands.suspending import suspend_task
from engine.commands.views import MOST, drop_view, save_view
from engine.errors import InvalidAnswers, NotFound
from engine.model_lists import saved_view
from engine.queries import inbox
from engine.queries.narrowing import Filters
from tests.webui.test_attention import in_township, send
from tests.webui.test_inbox import lines, woman
from tests.workflows.processes.loan import examples


def test_a_view_is_kept_counted_opened_and_forgotten(house, visit):
    in_township(house)
    chair = visit("t1chair")
    page = chair.get(f"/?element=T_TownReview&unit={house.unit('V1')}")
    assert send(chair, page, "/views", name=" 杏花村 待审 ").status == 303
    page = chair.get("/")
    (link,) = page.all("//nav[@aria-label='常用视图']//a")
    assert " ".join(link.text_content().split()) == "杏花村 待审 1"
    assert len(lines(chair.get(link.get("href")))) == 1
    assert not visit("t1vice").get("/").all("//nav[@aria-label='常用视图']")
    assert send(chair, page, "/drop").status == 303
    assert not chair.get("/").all("//nav[@aria-label='常用视图']")


def test_what_was_searched_for_is_not_kept_and_a_nameless_or_empty_view_is_refused(house, visit):
    house.act(
        save_view,
        "t1chair",
        name="一",
        filters={"tab": "todo", "band": "week", "person": "x" * 64, "words": "苏", "number": "V1"},
    )
    assert house.row(select(saved_view.c.filters))[0] == {"tab": "todo", "band": "week"}
    for name, filters in (
        ("", {"band": "week"}),
        ("很" * 21, {"band": "week"}),
        ("空", {"tab": "todo", "number": "V1"}),
    ):
        with pytest.raises(InvalidAnswers):
            house.act(save_view, "t1chair", name=name, filters=filters)


def test_the_same_name_is_replaced_and_there_are_so_many_at_most(house):
    for number in range(MOST):
        house.act(save_view, "t1chair", name=f"视图{number}", filters={"band": "week"})
    house.act(save_view, "t1chair", name="视图0", filters={"band": "today"})
    with pytest.raises(InvalidAnswers):
        house.act(save_view, "t1chair", name="再一个", filters={"band": "week"})
    with pytest.raises(NotFound):
        house.act(drop_view, "t1vice", view_id=1)


def test_a_count_says_when_there_was_more_to_look_at(house, monkeypatch):
    for serial in (1, 2, 3):
        house.applied(**woman(serial))

    def counted(**narrowing):
        with house.runtime.reading() as connection:
            more = {"now": house.clock.now(), "filters": Filters(**narrowing), "rules": house.runtime.rules}
            return inbox.count_of(connection, house.actor("v1chair"), "todo", **more)

    assert counted(element="T_VillageReview") == (3, False)
    assert counted(suspended=True) == (0, False)
    monkeypatch.setattr(inbox, "SEEN", 2)
    assert counted(element="T_VillageReview") == (2, True)


def test_suspended_tasks_can_be_listed_alone(house, visit):
    first, second = in_township(house), house.applied(**woman(4))
    house.submit(second, "v1chair", examples.village_review())
    chair = visit("t1chair")
    assert not lines(chair.get("/?suspended=1"))
    job = house.open_task(first)
    house.act(suspend_task, "t1chair", task_id=job.id, reason="等材料", until=date(2026, 6, 20), seen_version=1)
    (line,) = lines(chair.get("/?suspended=1"))
    assert "V1-2026-L-0001" in line


def test_a_view_bent_by_hand_opens_the_plain_list(house, visit):
    in_township(house)
    house.act(save_view, "t1chair", name="弯", filters={"tab": "nonsense", "band": "never", "unit": "x", "element": ""})
    assert visit("t1chair").get("/").status == 200
