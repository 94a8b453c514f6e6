"""Urge, priority and follow-up days on the pages: who finds the button, what the lists show, what a refusal says."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from engine.commands.priorities import set_priority
from engine.commands.urging import urge_task
from engine.errors import Forbidden, NotFound
from tests.workflows.processes.loan import examples
from workflows import policy


def lines(answer):
    return [" ".join(row.text_content().split()) for row in answer.all("//tr[@data-row]")]


def in_township(house):
    case_id = house.applied()
    house.submit(case_id, "v1chair", examples.village_review())
    return case_id


def send(visitor, page, part, **changes):
    (form,) = [f for f in page.all("//main//form") if part in (f.action or "")]
    return visitor.post(form.action, {**dict(form.form_values()), **changes})


def test_who_started_a_case_urges_the_township_and_is_told_when_she_may_again(house, visit):
    case_id = in_township(house)
    village = visit("v1chair")
    page = village.get(f"/cases/{case_id}?tab=collab")
    answer = send(village, page, "/urge")
    assert answer.status == 303
    assert "已催办，办理人会看到通知" in village.get(answer.location).text
    assert "此件被催办" in visit("t1chair").get("/?tab=notices").text
    again = send(village, village.get(answer.location), "/urge")
    assert again.status == 429
    assert "2026-06-15 13:00 起可以再次催办" in again.text
    (line,) = lines(visit("t1chair").get("/"))
    assert "催办 1" in line


@pytest.mark.parametrize("login", ["t1chair", "v2chair", "seal", "credit", "sysadmin"])
def test_who_neither_started_nor_supervises_or_has_it_herself_urges_nothing(house, login):
    case_id = in_township(house)
    with pytest.raises((Forbidden, NotFound)):
        house.act(urge_task, login, task_id=house.open_task(case_id).id)


@pytest.mark.parametrize("login", ["v1chair", "loanhead", "loanworker", "countychair"])
def test_the_starter_and_the_supervisors_may_urge(house, login):
    case_id = in_township(house)
    house.act(urge_task, login, task_id=house.open_task(case_id).id)


def test_the_countys_policy_says_how_often(house):
    case_id = in_township(house)
    with house.runtime.database.writing() as connection:
        policy.add_policy(
            connection,
            county_id=house.unit("C1"),
            scope="inbox",
            valid_from=date(2026, 6, 1),
            label="催办",
            values={"urgeHours": 1, "urgePerDay": 5},
            periods={},
            at=house.clock.now(),
            by=1,
        )
        connection.commit()
    for _ in range(5):
        house.act(urge_task, "v1chair", task_id=house.open_task(case_id).id)
        house.clock.at += timedelta(hours=1)
    with pytest.raises(Exception, match="2026-06-16 00:00"):
        house.act(urge_task, "v1chair", task_id=house.open_task(case_id).id)


def test_a_supervisor_marks_a_case_urgent_and_a_missing_reason_keeps_the_page(house, visit):
    case_id = in_township(house)
    head = visit("loanhead")
    page = head.get(f"/cases/{case_id}?tab=collab")
    empty = send(head, page, "/priority", reason=" ")
    assert empty.status == 422
    assert "请写明理由" in empty.text
    assert send(head, page, "/priority", reason="春耕在即").status == 303
    chair = visit("t1chair")
    assert "紧急" in lines(chair.get("/"))[0]
    assert lines(chair.get("/?urgent=1"))
    assert "春耕在即" in chair.get(f"/cases/{case_id}?tab=timeline").text
    assert "春耕在即" in chair.get(f"/tasks/{house.open_task(case_id).id}").text


def test_a_village_chair_cannot_make_her_own_case_urgent(house, visit):
    case_id = in_township(house)
    assert "标为紧急" not in visit("v1chair").get(f"/cases/{case_id}?tab=collab").text
    with pytest.raises(Forbidden):
        house.act(set_priority, "v1chair", case_id=case_id, level="urgent", reason="急")


def test_a_follow_up_day_shows_in_her_own_list_alone(house, visit):
    case_id = in_township(house)
    chair = visit("t1chair")
    page = chair.get(f"/tasks/{house.open_task(case_id).id}")
    assert send(chair, page, "/follow-up", day="2026-06-20").status == 303
    assert "跟进 6月20日" in lines(chair.get("/"))[0]
    assert "跟进 6月20日" not in lines(visit("t1vice").get("/"))[0]
    assert lines(chair.get("/?follow=any"))
    assert not lines(chair.get("/?follow=due"))
    wrong = send(chair, page, "/follow-up", day="2025-01-01", _key="another-key-of-this-page")
    assert wrong.status == 422
    assert "2026-06-15" in wrong.text


def test_the_list_is_narrowed_to_one_village(house, visit):
    in_township(house)
    chair = visit("t1chair")
    assert lines(chair.get(f"/?unit={house.unit('V1')}"))
    assert not lines(chair.get(f"/?unit={house.unit('V2')}"))
    options = [o.text_content() for o in chair.get("/").all("//select[@id='unit']/option")]
    assert options == ["全部单位", "青禾镇杏花村妇联", "青禾镇柳湾村妇联"]


def test_the_credit_union_sees_nothing_of_how_the_federation_works_together(house, visit):
    case_id = house.to_credit()
    page = visit("credit").get(f"/cases/{case_id}?tab=collab")
    assert page.status == 200
    assert "协作" not in page.text
