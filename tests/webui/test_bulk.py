"""The same for many tasks: each row is told beforehand what would happen, and afterwards what did."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from engine import jobs
from engine.commands.assigning import assign_task
from engine.errors import Forbidden, NotFound, StaleTask
from engine.model import task
from engine.model_lists import urge
from tests.webui.test_inbox import woman
from tests.workflows.processes.loan import examples


def two_in_township(house):
    ids = [house.applied(**woman(serial)) for serial in (1, 2)]
    for case_id in ids:
        house.submit(case_id, "v1chair", examples.village_review())
    return [house.open_task(case_id) for case_id in ids]


def ask(visitor, verb, picks, **more):
    fields = {"csrf_token": visitor.token(), "verb": verb, "pick": list(picks), **more}
    return visitor.post("/bulk/", fields)


def confirm(visitor, page):
    (form,) = [f for f in page.all("//main//form") if f.action == "/bulk/do"]
    fields = {}
    for name, value in form.form_values():
        fields.setdefault(name, []).append(value)
    return visitor.post("/bulk/do", fields), fields


def cells(page):
    return [" ".join(c.text_content().split()) for c in page.all("//tbody//td[last()]")]


def test_claiming_tells_for_each_row_what_would_happen_and_does_it_once(house, visit):
    first, second = two_in_township(house)
    chair = visit("t1chair")
    boxes = chair.get("/").all("//input[@name='pick']/@value")
    assert boxes == [f"{first.id}:1", f"{second.id}:1"]
    page = ask(chair, "claim", [boxes[0], f"{second.id}:7", "9999:1"])
    assert cells(page)[0] == "可以"
    assert "您看到的是第 7 版" in cells(page)[1]
    assert "没有找到" in cells(page)[2]
    assert (
        house.row(select(func.count()).where(task.c.assignee_id == house.actor("t1chair").id, task.c.state == "open"))[
            0
        ]
        == 0
    )
    done, fields = confirm(chair, page)
    assert cells(done) == ["已办"]
    assert "已办 1 件" in done.text
    again = chair.post("/bulk/do", fields)
    assert cells(again) == ["已办"], "the same page sent twice does it once and says the same"
    assert house.open_task(first.case_id).version == 2


def test_one_row_that_is_refused_holds_up_none_of_the_others(house, visit):
    first, second = two_in_township(house)
    chair = visit("t1chair")
    page = ask(chair, "claim", [f"{first.id}:1", f"{second.id}:1"])
    vice = visit("t1vice")
    vice.post(f"/tasks/{first.id}/claim", {"csrf_token": vice.token(), "_key": "of-the-vice-chair-1", "_version": "1"})
    done, _ = confirm(chair, page)
    assert cells(done)[0].startswith("没有办成")
    assert cells(done)[1] == "已办"


def test_a_supervisor_assigns_to_those_who_may_do_it(house, visit):
    first, second = two_in_township(house)
    head = visit("loanhead")
    page = ask(head, "assign", [f"{first.id}:1", f"{second.id}:1"])
    offered = [o.text_content() for o in page.all("//select[@name='account']/option")]
    assert sorted(offered) == ["吴海棠", "周明霞"]
    vice = str(house.actor("t1vice").id)
    done, _ = confirm(head, ask(head, "assign", [f"{first.id}:1", f"{second.id}:1"], account=vice))
    assert cells(done) == ["已办", "已办"]
    assert {house.open_task(t.case_id).assignee_id for t in (first, second)} == {house.actor("t1vice").id}
    assert "指派给您" in visit("t1vice").get("/?tab=notices").text


def test_urging_many_tells_which_were_urged_already(house, visit):
    first, second = two_in_township(house)
    head = visit("loanhead")
    confirm(head, ask(head, "urge", [str(first.id)]))
    page = ask(head, "urge", [str(first.id), str(second.id)])
    assert "可以再次催办" in cells(page)[0]
    confirm(head, page)
    assert house.row(select(func.count()).select_from(urge))[0] == 2


def test_the_supervision_list_offers_urging_and_assigning(house, visit):
    two_in_township(house)
    house.clock.at += timedelta(days=20)
    jobs.sweep(house.runtime)
    page = visit("loanhead").get("/escalations")
    page = page if page.status == 200 else visit("loanhead").get(page.location)
    assert len(page.all("//input[@name='pick']")) == 2
    assert page.all("//form[@id='bulk']//button/@value") == ["urge", "assign"]


@pytest.mark.parametrize(
    ("verb", "picks"), [("approve", ["1:1"]), ("claim", []), ("claim", [f"{n}:1" for n in range(1, 202)]), ("", ["1"])]
)
def test_an_unknown_verb_nothing_ticked_and_too_many_are_refused(house, visit, verb, picks):
    two_in_township(house)
    assert ask(visit("t1chair"), verb, picks).status == 422


def test_a_stranger_learns_nothing_of_tasks_she_may_not_see(house, visit):
    first, _ = two_in_township(house)
    for verb in ("claim", "urge"):
        page = ask(visit("t2chair"), verb, [f"{first.id}:1"])
        assert "V1-2026" not in page.text
        assert "没有找到" in cells(page)[0]


def test_who_may_not_assign_and_who_may_not_be_assigned(house):
    first, second = two_in_township(house)
    vice = house.actor("t1vice").id
    with pytest.raises(Forbidden):
        house.act(assign_task, "v1chair", task_id=first.id, account_id=vice)
    with pytest.raises(NotFound):
        house.act(assign_task, "t2chair", task_id=first.id, account_id=vice)
    for nobody in (house.actor("v1chair").id, house.actor("t2chair").id, 9999):
        with pytest.raises(Forbidden):
            house.act(assign_task, "loanhead", task_id=first.id, account_id=nobody)
    with pytest.raises(StaleTask):
        house.act(assign_task, "loanhead", task_id=first.id, account_id=vice, seen_version=9)
    house.act(assign_task, "t1chair", task_id=second.id, account_id=vice, seen_version=1)
    with pytest.raises(Forbidden):
        house.act(assign_task, "t1chair", task_id=second.id, account_id=vice)
