"""The direct call by step: the same rules as the page, told in JSON."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from engine.events import Kind
from engine.model import history
from tests.workflows.processes.loan import examples
from workflows.demo import PASSWORD

KEY = "direct-call-0001"


def call(visitor, case_id, element, body, key=KEY):
    headers = {"Accept": "application/json", "X-CSRFToken": visitor.token(), "Idempotency-Key": key}
    return visitor.client.post(f"/cases/{case_id}/steps/{element}", json=body, headers=headers)


def test_the_township_cannot_sign_before_the_village_and_the_attempt_is_recorded(house, visit):  # L27
    case_id = house.applied()
    answer = call(visit("t1chair"), case_id, "T_TownReview", {"answers": examples.town_review(), "password": PASSWORD})
    assert answer.status_code == 409
    assert "村级把关并签字" in answer.json["text"]
    assert house.at(case_id) == ["T_VillageReview"]
    last = house.row(select(history.c.kind).where(history.c.case_id == case_id).order_by(history.c.seq.desc()))
    assert last.kind == Kind.ATTEMPT_REFUSED


def test_a_step_is_done_once_however_often_the_call_is_sent(house, visit):
    case_id = house.applied()
    chair, body = visit("v1chair"), {"answers": examples.village_review(), "password": PASSWORD}
    first, again = (call(chair, case_id, "T_VillageReview", body) for _ in range(2))
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json == again.json
    assert house.at(case_id) == ["T_TownReview"]


@pytest.mark.parametrize(
    ("login", "body", "status"),
    [
        ("v1chair", {"answers": examples.village_review()}, 422),
        ("v1chair", {"answers": {}, "password": PASSWORD}, 422),
        ("v1chair", {"wrong": 1}, 422),
        ("v1chair", ["wrong"], 422),
        ("v2chair", {"answers": examples.village_review(), "password": PASSWORD}, 404),
        ("t1chair", {"answers": examples.village_review(), "password": PASSWORD}, 403),
    ],
    ids=["unsigned", "empty form", "no answers", "not an object", "not her case", "not her step"],
)
def test_what_the_page_refuses_the_call_refuses(house, visit, login, body, status):
    case_id = house.applied()
    assert call(visit(login), case_id, "T_VillageReview", body).status_code == status
    assert house.at(case_id) == ["T_VillageReview"]
