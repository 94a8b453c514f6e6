"""Two people, one task: one wins, the other keeps her text and sees both versions."""

from __future__ import annotations

from tests.workflows.processes.loan import examples
from webui import forms
from workflows.demo import PASSWORD


def _signed(visitor, task_id, answers):
    fields = visitor.get(f"/tasks/{task_id}").fields()
    return {**fields, **forms.flatten(answers), "_password": PASSWORD}


def test_of_two_who_submit_at_once_one_wins_and_the_other_gets_409_with_her_text_and_both_versions(house, visit):
    case_id = house.applied()
    house.submit(case_id, "v1chair", examples.village_review())
    task_id = house.open_task(case_id).id
    first, second = visit("t1chair"), visit("t1vice")
    hers = _signed(second, task_id, examples.town_review(remarks="我去看过，鸡舍已经搭好"))
    assert (
        first.post(f"/tasks/{task_id}", _signed(first, task_id, examples.town_review(remarks="材料齐全"))).status == 303
    )
    answer = second.post(f"/tasks/{task_id}", hers)
    assert answer.status == 409
    assert "我去看过，鸡舍已经搭好" in answer.text
    assert "材料齐全" in answer.text
    assert "周明霞" in answer.text
    (row,) = answer.all("//tr[contains(@class, 'changed')]")
    assert "审核说明" in row.text_content()
    assert house.at(case_id) == ["T_Credit"]


def test_a_page_older_than_a_claim_is_answered_409_and_can_be_sent_again(house, visit):
    case_id = house.applied()
    task_id = house.open_task(case_id).id
    chair = visit("v1chair")
    old = _signed(chair, task_id, examples.village_review(remarks="邻里关系好，信用好"))
    (form,) = chair.get("/").all("//form[contains(@action, '/claim')]")
    chair.post(form.action, dict(form.form_values()))
    answer = chair.post(f"/tasks/{task_id}", old)
    assert answer.status == 409
    assert answer.value("remarks").strip() == "邻里关系好，信用好"
    again = chair.post(f"/tasks/{task_id}", {**answer.fields(), "_password": PASSWORD})
    assert (again.status, house.at(case_id)) == (303, ["T_TownReview"])


def test_a_task_that_was_claimed_by_somebody_else_says_so(house, visit):
    case_id = house.applied()
    house.submit(case_id, "v1chair", examples.village_review())
    task_id = house.open_task(case_id).id
    vice, chair = visit("t1vice"), visit("t1chair")
    hers = _signed(vice, task_id, examples.town_review(remarks="我去看过"))
    chair.post(f"/tasks/{task_id}/claim", chair.get(f"/tasks/{task_id}").fields())
    assert "已由他人签收" in vice.get(f"/tasks/{task_id}").text
    answer = vice.post(f"/tasks/{task_id}", hers)
    assert answer.status in (403, 409)
    assert house.at(case_id) == ["T_TownReview"]


def test_who_submitted_in_another_tab_herself_is_told_so_and_an_unticked_box_is_no_difference(house, visit):
    case_id = house.applied()
    task_id = house.open_task(case_id).id
    chair = visit("v1chair")
    first, second = (_signed(chair, task_id, examples.village_review()) for _ in range(2))
    boxes = [name for name, value in first.items() if value == "false"]
    for name in boxes:
        del second[name]
    assert chair.post(f"/tasks/{task_id}", first).status == 303
    answer = chair.post(f"/tasks/{task_id}", second)
    assert answer.status == 409
    assert "您已在另一页面提交过" in answer.text
    assert "有人比您先" not in answer.text
    assert "可复制或打印" in answer.text
    assert not answer.all("//tr[contains(@class, 'changed')]")


def test_who_may_read_the_case_finds_the_way_to_it_from_a_task_that_is_over(house, visit):
    case_id = house.to_credit()
    task_id = house.open_task(case_id).id
    house.submit(case_id, "credit", examples.credit())
    answer = visit("credit").get(f"/tasks/{task_id}")
    assert answer.all(f"//main//a[@href='/cases/{case_id}']"), "查看全案"


def test_a_form_for_a_task_that_is_over_is_answered_409_with_the_text(house, visit):
    case_id = house.applied()
    task_id = house.open_task(case_id).id
    chair = visit("v1chair")
    fields = _signed(chair, task_id, examples.village_review(remarks="邻里关系好，信用好"))
    house.submit(case_id, "v1chair", examples.village_review())
    answer = chair.post(f"/tasks/{task_id}", fields)
    assert answer.status == 409
    assert "邻里关系好，信用好" in answer.text
