"""A session that was opened before its owner came into the team of a confidential case does not open that case (decision 32)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.commands.classes import raise_class
from tests.webui.test_own_account import knock, secret_on
from tests.webui.visitors import SIGN_IN, Visitor
from webui.app import create_app
from workflows.demo import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.workflows.processes.loan.house import LoanHouse


@pytest.mark.parametrize("page", ["/cases/{case}", "/tasks/{task}", "/cases/{case}/print"])
def test_who_joins_a_confidential_team_signs_in_again_with_a_code_before_she_sees_the_case(
    house: LoanHouse, page: str
) -> None:
    case_id = house.applied()
    address = page.format(case=case_id, task=house.open_task(case_id).id)
    chair = Visitor(create_app(house.runtime))
    assert knock(chair, "v1chair").status == 303
    assert chair.get(address).status == 200
    house.act(raise_class, "v1chair", case_id=case_id, to="C3", reason="涉及家庭暴力")
    asked = chair.get(address)
    assert (asked.status, "须以动态码登录" in asked.text) == (401, True)
    assert "王" not in asked.text
    assert chair.get("/").location.startswith("/login"), "a stolen session ends with it"
    typed = {**asked.fields(SIGN_IN), "login": "v1chair", "password": PASSWORD}
    enrol = chair.post("/login", typed)
    fields = enrol.fields("//form[@action='/login/enrol']")
    done = chair.post("/login/enrol", {**fields, "code": secret_on(enrol).at(house.clock.at)})
    assert done.all("//a[contains(@class,'btn')]")[0].get("href") == address
    assert "请写明用途" in chair.get(address).text


@pytest.mark.parametrize("print_of", ["print", "v-12"])
def test_nothing_of_a_confidential_case_is_printed_in_a_session_that_has_not_said_what_for(
    house: LoanHouse, visit: Callable[[str], Visitor], print_of: str
) -> None:
    """D2: every read of C3 is logged with its purpose; a form that is sent by itself is a read like any other."""
    case_id = house.applied()
    house.act(raise_class, "v1chair", case_id=case_id, to="C3", reason="涉及家庭暴力")
    chair = visit("v1chair")
    sent = {"csrf_token": chair.token(), "_key": "k" * 20, "what": "L-01"}
    asked = chair.post(f"/cases/{case_id}/{print_of}", sent)
    assert "请写明用途" in asked.text
    purpose = {**asked.fields("//main//form"), "purpose": "向当事人出示"}
    assert chair.post(f"/cases/{case_id}/purpose", purpose).location == f"/cases/{case_id}"
    assert "pdf" in chair.client.post(f"/cases/{case_id}/{print_of}", data={**sent, "what": "L-02"}).content_type
