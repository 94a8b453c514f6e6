"""The working page of a task: what is typed is kept, what is wrong is named, what is submitted acts once."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from engine.model import history, idempotency
from engine.model_filed import form_version
from tests.webui.visitors import SIGN_IN
from tests.workflows.processes.loan import examples
from webui import forms
from workflows.demo import PASSWORD
from workflows.processes.loan.register import loan_register

SUBMITTED = "//button[@id='submit']"


def typed(answers):
    """Answers as a browser would send them."""
    return forms.flatten(answers)


@pytest.fixture
def application(house):
    """An application with its papers, ready to be typed: (case id, task id, what to type)."""
    case_id = house.begin()
    return case_id, house.open_task(case_id).id, typed(house.application())


def count(house, table):
    with house.runtime.reading() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar()


def test_a_complete_application_goes_to_the_village_review(house, visit, application):
    case_id, task_id, answers = application
    chair = visit("v1chair")
    answer = chair.submit(task_id, **answers)
    assert (answer.status, answer.location) == (303, f"/tasks/{task_id}")
    assert house.at(case_id) == ["T_VillageReview"]
    told = chair.get(answer.location)
    assert "您已办理此环节" in told.text
    assert "村级把关并签字" in told.text


def test_the_same_post_twice_acts_once_and_answers_the_same(house, visit, application):
    _, task_id, answers = application
    chair = visit("v1chair")
    fields = {**chair.get(f"/tasks/{task_id}").fields(), **answers}
    first, second = (chair.post(f"/tasks/{task_id}", fields) for _ in range(2))
    assert (first.status, first.location) == (second.status, second.location) == (303, f"/tasks/{task_id}")
    assert count(house, form_version) == 1


def test_a_signed_post_twice_acts_once_too(house, visit):
    case_id = house.applied()
    task_id = house.open_task(case_id).id
    chair = visit("v1chair")
    fields = {**chair.get(f"/tasks/{task_id}").fields(), **typed(examples.village_review()), "_password": PASSWORD}
    answers = [chair.post(f"/tasks/{task_id}", fields) for _ in range(2)]
    assert [a.status for a in answers] == [303, 303]
    assert house.at(case_id) == ["T_TownReview"]


def test_every_problem_is_named_at_once_and_every_line_leads_to_its_field(visit, application):
    _, task_id, answers = application
    wrong = {**answers, "idcard": "11010519900504002", "sex": "", "amount": "80000.001", "guarantors.1.phone": "12"}
    answer = visit("v1chair").submit(task_id, **wrong)
    assert answer.status == 422
    links = answer.all("//*[@id='error-summary']//a/@href")
    assert set(links) >= {"#f-idcard", "#f-sex", "#f-amount", "#f-guarantors-1-phone"}
    for link in links:
        assert answer.all(f"//*[@id='{link[1:]}']"), link
    assert not answer.all("//*[@aria-invalid='true'][not(@aria-describedby)]")


def test_what_was_typed_stands_in_the_boxes_after_an_error(visit, application):
    _, task_id, answers = application
    wrong = {**answers, "amount": "八万", "purpose": "太短 <b>&"}
    shown = visit("v1chair").submit(task_id, **wrong).fields()
    for path, text in wrong.items():
        assert shown[path].strip() == text, path


def test_an_id_number_that_contradicts_the_sex_is_a_field_error_and_changes_neither_l14(visit, application):
    _, task_id, answers = application
    answer = visit("v1chair").submit(task_id, **{**answers, "sex": "M"})
    assert answer.status == 422
    assert (answer.value("sex"), answer.value("idcard")) == ("M", examples.W)


def test_nothing_is_lost_when_she_leaves_after_an_error(visit, application):
    _, task_id, answers = application
    chair = visit("v1chair")
    chair.submit(task_id, **{**answers, "amount": "八万"})
    assert chair.get(f"/tasks/{task_id}").value("amount") == "八万"


REFUSED = [("19999.99", "金额"), ("80000.01", "金额")]


@pytest.mark.parametrize(("amount", "told"), REFUSED)
def test_an_application_that_would_be_refused_is_explained_before_anything_happens(
    house, visit, application, amount, told
):
    case_id, task_id, answers = application
    before = count(house, history)
    answer = visit("v1chair").submit(task_id, **{**answers, "amount": amount})
    assert answer.status == 422
    (refusal,) = answer.all("//section[contains(@class, 'refusal')]")
    assert told in refusal.text_content()
    assert "20,000.00" in refusal.text_content() or "20000.00" in refusal.text_content()
    assert house.at(case_id) == ["T_Apply"]
    assert count(house, form_version) == count(house, loan_register) == 0
    assert count(house, history) == before
    assert answer.all("//button[@name='anyway']")


def test_she_may_register_it_anyway_and_a_person_confirms_the_refusal_l06(house, visit, application):
    case_id, task_id, answers = application
    answer = visit("v1chair").submit(task_id, **{**answers, "amount": "80000.01"}, anyway="1")
    assert answer.status == 303
    assert house.at(case_id) == ["T_ConfirmRefusal"]


def test_two_guarantors_are_asked_for_above_thirty_thousand_l04(house, visit, application):
    case_id, task_id, answers = application
    one = {path: text for path, text in answers.items() if not path.startswith("guarantors.2.")}
    answer = visit("v1chair").submit(task_id, **{**one, "amount": "30000.01"})
    assert answer.status == 422
    assert house.at(case_id) == ["T_Apply"]


def test_a_draft_is_kept_for_her_and_shown_to_nobody_else(house, visit, application):
    _, task_id, _ = application
    chair = visit("v1chair")
    fields = {**chair.get(f"/tasks/{task_id}").fields(), "purpose": "先写一半", "guarantors.2.name": "罗玉芬"}
    assert chair.post(f"/tasks/{task_id}/draft", fields).status == 303
    again = chair.get(f"/tasks/{task_id}")
    assert again.value("purpose").strip() == "先写一半"
    assert again.value("guarantors.2.name") == "罗玉芬"
    assert "暂存的内容" in again.text
    assert "先写一半" not in visit("t1chair").get(f"/tasks/{task_id}").text


def test_the_autosave_answers_with_the_time(visit, application):
    _, task_id, _ = application
    chair = visit("v1chair")
    fields = {**chair.get(f"/tasks/{task_id}").fields(), "purpose": "先写一半"}
    answer = chair.client.post(f"/tasks/{task_id}/draft", data=fields, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "09:00" in answer.get_data(as_text=True)


def test_the_check_changes_nothing_and_says_what_is_missing_and_what_is_wrong(house, visit, application):
    _, task_id, answers = application
    before = count(house, history), count(house, idempotency)
    chair = visit("v1chair")
    fields = {**chair.get(f"/tasks/{task_id}").fields(), **answers, "amount": "八万", "phone": ""}
    answer = chair.client.post(f"/tasks/{task_id}/check", data=fields, headers={"HX-Request": "true"})
    told = answer.get_data(as_text=True)
    assert 'href="#f-amount"' in told
    assert "还有 1 项没有填写" in told
    assert (count(house, history), count(house, idempotency)) == before


def test_without_a_script_the_check_is_a_page_of_its_own(visit, application):
    _, task_id, answers = application
    chair = visit("v1chair")
    fields = {**chair.get(f"/tasks/{task_id}").fields(), **answers}
    answer = chair.post(f"/tasks/{task_id}/check", fields)
    assert answer.status == 200
    assert "核对通过" in answer.text


@pytest.mark.parametrize(("password", "told"), [("", "再次输入"), ("not-hers-at-all", "密码不正确")])
def test_a_signature_needs_her_own_password_again_s001_48(house, visit, password, told):
    case_id = house.applied()
    task_id = house.open_task(case_id).id
    answer = visit("v1chair").submit(task_id, **typed(examples.village_review()), _password=password)
    assert answer.status == 422
    assert told in answer.text
    assert answer.value("remarks").strip() == examples.village_review()["remarks"]
    assert not answer.all("//input[@type='password']/@value")
    assert house.at(case_id) == ["T_VillageReview"]


def test_whoever_signs_sees_what_lies_before_her(house, visit):
    case_id = house.applied()
    house.submit(case_id, "v1chair", examples.village_review())
    page = visit("t1chair").get(f"/tasks/{house.open_task(case_id).id}")
    assert examples.W in page.text
    assert "同意推荐" in page.text
    assert page.all("//a[contains(@href, '/papers/')]")


def test_sending_back_needs_a_reason_and_keeps_it_when_it_is_missing(house, visit):
    case_id = house.applied()
    house.submit(case_id, "v1chair", examples.village_review())
    task_id = house.open_task(case_id).id
    chair = visit("t1chair")
    fields = {**chair.get(f"/tasks/{task_id}").fields(), "_target": "T_Correct", "_reason": " ", "remarks": "看过了"}
    answer = chair.post(f"/tasks/{task_id}/return", fields)
    assert (answer.status, answer.value("remarks").strip()) == (422, "看过了")
    assert "退回原因" in answer.text
    answer = chair.post(f"/tasks/{task_id}/return", {**answer.fields(), "_reason": "缺存单复印件"})
    assert (answer.status, house.at(case_id)) == (303, ["T_Correct"])
    assert "缺存单复印件" in visit("v1chair").get(f"/tasks/{house.open_task(case_id).id}").text


def test_a_task_of_another_post_can_neither_be_worked_on_nor_drafted(house, visit):
    case_id = house.applied()
    task_id = house.open_task(case_id).id
    stranger = visit("v2chair")
    assert stranger.get(f"/tasks/{task_id}").status == 404
    fields = {"csrf_token": stranger.token(), "_key": "0123456789abcdef0123", "_version": "1", "_kind": "loan"}
    sent = stranger.post(f"/tasks/{task_id}", {**fields, "_form": "village_review", **typed(examples.village_review())})
    assert sent.status in (403, 404, 422)
    assert house.at(case_id) == ["T_VillageReview"]


def test_a_task_is_claimed_and_given_back(house, visit):
    case_id = house.applied()
    task_id = house.open_task(case_id).id
    chair = visit("v1chair")
    (form,) = chair.get("/").all("//form[contains(@action, '/claim')]")
    assert chair.post(form.action, dict(form.form_values())).status == 303
    assert house.open_task(case_id).assignee_id == house.actor("v1chair").id
    assert chair.post(f"/tasks/{task_id}/release", chair.get(f"/tasks/{task_id}").fields()).status == 303
    assert house.open_task(case_id).assignee_id == 0


def test_a_page_from_before_another_sign_in_loses_nothing(visit, application):
    _, task_id, answers = application
    chair = visit("v1chair")
    fields = {**chair.get(f"/tasks/{task_id}").fields(), **answers}
    chair.client.delete_cookie("halfsky_page")
    answer = chair.post(f"/tasks/{task_id}", fields)
    assert answer.status == 400
    assert answer.value("purpose").strip() == answers["purpose"]
    assert chair.post(f"/tasks/{task_id}", answer.fields()).status == 303


def test_a_form_that_arrives_after_the_session_has_ended_comes_back_after_signing_in(house, visit, application):
    case_id, task_id, answers = application
    chair = visit("v1chair")
    fields = {**chair.get(f"/tasks/{task_id}").fields(), **answers, "_password": "never parked"}
    chair.client.delete_cookie("halfsky_session")
    door = chair.post(f"/tasks/{task_id}", fields)
    assert door.status == 401
    assert "已加密保存" in door.text
    assert answers["purpose"].encode() not in door.body
    entered = chair.post("/login", {**door.fields(SIGN_IN), "login": "v1chair", "password": PASSWORD})
    assert entered.location.startswith(f"/tasks/{task_id}")
    restored = chair.get(entered.location)
    assert "已恢复" in restored.text
    assert restored.value("purpose").strip() == answers["purpose"]
    assert restored.value("guarantors.2.idcard") == answers["guarantors.2.idcard"]
    assert house.at(case_id) == ["T_Apply"]


def test_parked_text_is_not_given_to_somebody_else_at_the_same_machine(visit, application):
    _, task_id, answers = application
    chair = visit("v1chair")
    fields = {**chair.get(f"/tasks/{task_id}").fields(), **answers}
    chair.client.delete_cookie("halfsky_session")
    door = chair.post(f"/tasks/{task_id}", fields)
    entered = chair.post("/login", {**door.fields(SIGN_IN), "login": "v2chair", "password": PASSWORD})
    assert answers["purpose"] not in chair.get(entered.location).text


def test_a_foreign_page_cannot_park_anything(visit, application):
    _, task_id, answers = application
    stranger = visit("")
    door = stranger.post(f"/tasks/{task_id}", {**answers, "csrf_token": "x"}, **{"Sec-Fetch-Site": "cross-site"})
    assert door.status == 401
    assert not door.all("//input[@name='parked']")


def test_a_condition_on_a_list_known_only_at_run_time_is_told_in_its_words(visit, application):
    answer = visit("v1chair").get(f"/tasks/{application[1]}")
    assert "其他地方（不在本县）”" in answer.text
    assert "“0”" not in answer.text
