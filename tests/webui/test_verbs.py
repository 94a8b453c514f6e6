"""The further verbs on pages and by direct call: told before, done once, explained when refused, nothing typed lost."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from engine.commands.tasks import claim_task
from engine.events import Kind
from engine.model import history, task
from tests.workflows.processes.loan import examples
from workflows.accounts import account_id
from workflows.demo import PASSWORD

KEY = "verb-call-00000001"


def at_town(house):
    case_id = house.applied()
    house.submit(case_id, "v1chair", examples.village_review())
    return case_id, house.open_task(case_id)


def who(house, login):
    with house.runtime.reading() as connection:
        return account_id(connection, login)


def verb_page(visitor, task_id, verb, **typed):
    """From the task's form, with what was typed, to the page of a verb."""
    fields = {**visitor.get(f"/tasks/{task_id}").fields(), "_verb": verb, **typed}
    answer = visitor.post(f"/tasks/{task_id}/verbs", fields)
    assert answer.status == 303, answer.text
    assert answer.location.endswith(f"/tasks/{task_id}/verbs/{verb}")
    return visitor.get(answer.location)


def send(visitor, task_id, verb, page, **fields):
    form = f"//form[@action='/tasks/{task_id}/verbs/{verb}']"
    return visitor.post(f"/tasks/{task_id}/verbs/{verb}", {**page.fields(form), **fields})


def call(visitor, path, body, key=KEY):
    headers = {"Accept": "application/json", "X-CSRFToken": visitor.token(), "Idempotency-Key": key}
    return visitor.client.post(path, json=body, headers=headers)


def test_a_colleague_is_asked_first_signs_and_then_the_holder_submits(house, visit):
    case_id, row = at_town(house)
    chair = visit("t1chair")
    page = verb_page(chair, row.id, "add_signers", opinionText="半句")
    assert "都签署后您才能提交" in page.text
    answer = send(chair, row.id, "add_signers", page, people=str(who(house, "loanhead")), reason="数额偏大，请看")
    assert answer.status == 303, answer.text
    shown = chair.get(answer.location)
    assert "已请她们签署意见" in shown.text
    assert "还有 1 位没有签署意见" in shown.text
    assert not shown.all("//button[@id='submit']")
    seat = house.row(select(task).where(task.c.case_id == case_id, task.c.seat == "before"))
    head = visit("loanhead")
    asked = head.get(f"/tasks/{seat.id}")
    assert "数额偏大，请看" in asked.text
    fields = asked.fields("//form[@id='opinion-form']")
    wrong = head.post(f"/tasks/{seat.id}/opinion", {**fields, "_opinion": "还款来源清楚"})
    assert wrong.status == 422
    assert "还款来源清楚" in wrong.text
    done = head.post(
        f"/tasks/{seat.id}/opinion", {**fields, "_agrees": "1", "_opinion": "还款来源清楚", "_password": PASSWORD}
    )
    assert done.status == 303, done.text
    assert "您的意见已签署" in head.get(done.location).text
    assert "还款来源清楚" in chair.get(f"/tasks/{row.id}").text
    story = chair.get(f"/cases/{case_id}?tab=timeline").text
    assert "提交之前请她们签署：韩雪梅" in story
    assert "同意：还款来源清楚" in story
    house.submit(case_id, "t1chair", examples.town_review(), "T_TownReview")
    assert house.at(case_id) == ["T_Credit"]


def test_what_was_typed_is_kept_on_the_way_to_a_verb_and_back(house, visit):
    _, row = at_town(house)
    chair = visit("t1chair")
    fields = chair.get(f"/tasks/{row.id}").fields()
    box = next(name for name in fields if not name.startswith("_") and name != "csrf_token" and not fields[name])
    verb_page(chair, row.id, "add_signers", **{box: "半句"})
    assert chair.get(f"/tasks/{row.id}").fields()[box] == "半句"


def test_village_takes_its_review_back(house, visit):
    case_id = house.applied()
    row = house.open_task(case_id)
    house.submit(case_id, "v1chair", examples.village_review())
    chair = visit("v1chair")
    assert "撤回办理" in chair.get(f"/tasks/{row.id}").text
    page = chair.get(f"/tasks/{row.id}/verbs/recall")
    assert send(chair, row.id, "recall", page, reason=" ").status == 422
    answer = send(chair, row.id, "recall", page, reason="数额写错")
    assert answer.status == 303, answer.text
    assert house.at(case_id) == ["T_VillageReview"]
    assert "已收回" in chair.get(answer.location).text
    house.submit(case_id, "v1chair", examples.village_review())
    house.act(claim_task, "t1chair", task_id=house.open_task(case_id).id, seen_version=1)
    refused = chair.get(f"/tasks/{row.id}/verbs/recall")
    assert refused.status == 409


def test_the_head_terminates_and_the_others_are_told_why_not(house, visit):
    case_id, row = at_town(house)
    assert visit("t1chair").get(f"/tasks/{row.id}/verbs/terminate").status == 409
    head = visit("loanhead")
    page = head.get(f"/tasks/{row.id}/verbs/terminate")
    assert "不能恢复" in page.text
    answer = send(head, row.id, "terminate", page, reason="材料系伪造")
    assert answer.status == 303
    assert house.case(case_id).state == "closed"
    last = house.row(select(history.c.kind).where(history.c.case_id == case_id).order_by(history.c.seq.desc()))
    assert last.kind == Kind.CASE_TERMINATED


@pytest.mark.parametrize(
    ("verb", "body", "status", "said"),
    [
        ("fly", {}, 404, "没有“fly”这个操作"),
        ("transfer", {"to": "x", "reason": "r"}, 422, "请选择一位同事"),
        ("transfer", {"to": 1, "reason": "r"}, 422, "可选的账号"),
        ("hand_back", {}, 409, "不是委派"),
        ("add_signers", {"people": "1", "place": "before", "reason": "r"}, 422, "一位或几位"),
        ("recall", {"reason": "r"}, 403, None),
        ("transfer", {"to": 1, "reason": "r", "version": 9}, 409, "第 9 版"),
        ("terminate", {"reason": "r"}, 403, None),
    ],
)
def test_a_direct_call_is_refused_in_words(house, visit, verb, body, status, said):
    case_id, _ = at_town(house)
    answer = call(visit("t1chair"), f"/cases/{case_id}/steps/T_TownReview/{verb}", body)
    assert answer.status_code == status, answer.json
    if said:
        assert said in str(answer.json)
    assert house.at(case_id) == ["T_TownReview"]


def test_a_direct_call_does_it_once(house, visit):
    case_id, _ = at_town(house)
    body = {"people": [who(house, "loanhead")], "place": "before", "reason": "请看"}
    chair = visit("t1chair")
    first, again = (call(chair, f"/cases/{case_id}/steps/T_TownReview/add_signers", body) for _ in range(2))
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json == again.json
    assert house.at(case_id) == ["T_TownReview", "T_TownReview"]


def test_colleagues_are_asked_to_sign_in_the_order_of_their_turns(house, visit):
    case_id, row = at_town(house)
    chair = visit("t1chair")
    page = verb_page(chair, row.id, "add_signers")
    head, worker = (who(house, login) for login in ("loanhead", "loanworker"))
    fields = {"people": [str(head), str(worker)], "reason": "请依次看", "in_order": "1", f"turn_{head}": "2"}
    answer = send(chair, row.id, "add_signers", page, **fields, **{f"turn_{worker}": "2"})
    assert (answer.status, "各不相同" in answer.text) == (422, True)
    assert "请依次看" in answer.text
    answer = send(chair, row.id, "add_signers", page, **fields, **{f"turn_{worker}": "1"})
    assert answer.status == 303, answer.text
    with house.runtime.reading() as connection:
        asked = connection.execute(
            select(task.c.assignee_id, task.c.state)
            .where(task.c.case_id == case_id, task.c.seat == "before")
            .order_by(task.c.id)
        ).all()
    assert [tuple(each) for each in asked] == [(worker, "open"), (head, "waiting")]
    assert "依次签署，以此为序" in chair.get(f"/cases/{case_id}?tab=timeline").text
    key = "in-order-call-00001"
    body = {"people": [who(house, "countychair")], "place": "after", "in_order": True, "reason": "再看"}
    assert call(chair, f"/cases/{case_id}/steps/{row.element}/add_signers", body, key).status_code == 200
