"""Who gets in: everything is closed unless it says otherwise, and a form is only taken from our own pages."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.webui.visitors import SIGN_IN
from webui.public import is_public
from workflows import accounts
from workflows.demo import PASSWORD
from workflows.sign_in_policy import ORDINARY

#: the second pages open only to whoever has just shown the right password, and say nothing to others; `api` asks for a token
PUBLIC = {
    "assets.serve",
    "auth.sign_in",
    "auth.enter",
    "auth.sign_out",
    "preferences.save",
    "second_page.code",
    "second_page.take_code",
    "second_page.enrol",
    "second_page.take_enrolment",
    "api.listed",
    "api.case",
}


def _addresses(site):
    for rule in site.url_map.iter_rules():
        values = {name: 1 if name.endswith("_id") else "loan" for name in rule.arguments}
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            yield rule.endpoint, method, site.url_map.bind("localhost").build(rule.endpoint, values, method)


def test_only_the_views_listed_here_are_public(site):
    assert {name for name, view in site.view_functions.items() if is_public(view)} == PUBLIC


def test_a_stranger_is_sent_to_the_sign_in_page_from_every_other_address(site, visit):
    stranger = visit("")
    for endpoint, method, url in _addresses(site):
        if endpoint in PUBLIC:
            continue
        answer = stranger.client.open(url, method=method)
        assert answer.status_code == (303 if method == "GET" else 401), (endpoint, method)
        assert b"password" in answer.data or answer.headers["Location"].startswith("/login"), endpoint


def test_a_stranger_does_not_even_learn_which_addresses_exist(visit):
    assert visit("").get("/no-such-page").location.startswith("/login")


def test_a_stranger_who_asks_for_json_is_told_so_in_json(visit):
    answer = visit("").client.get("/", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json["error"]) == (401, "SignInRequired")
    assert set(answer.json) == {"error", "text", "details", "reference"}
    assert "请先登录。" in answer.get_data(as_text=True), "Chinese as people read it, not as escapes"


@pytest.mark.parametrize(("login", "password"), [("v1chair", "wrong-wrong"), ("nobody", PASSWORD), ("", "")])
def test_a_wrong_sign_in_never_says_whether_the_account_exists(visit, login, password):
    stranger = visit("")
    fields = {**stranger.get("/login").fields(SIGN_IN), "login": login, "password": password}
    answer = stranger.post("/login", fields)
    assert answer.status == 401
    assert "登录名或密码不正确" in answer.text
    assert PASSWORD not in answer.all("//input[@id='password']")[0].get("value", "")


def test_after_five_failures_the_login_has_to_wait(visit):
    stranger = visit("")
    fields = {**stranger.get("/login").fields(SIGN_IN), "login": "v1chair", "password": "wrong-wrong"}
    seen = [stranger.post("/login", fields).status for _ in range(accounts.FAILURES_PER_LOGIN + 1)]
    assert seen == [401] * accounts.FAILURES_PER_LOGIN + [429]


def test_the_session_cookie_is_out_of_reach_of_scripts_and_foreign_pages(visit):
    stranger = visit("")
    fields = {**stranger.get("/login").fields(SIGN_IN), "login": "v1chair", "password": PASSWORD}
    cookie = next(c for c in stranger.post("/login", fields).headers.getlist("Set-Cookie") if "halfsky_session" in c)
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_signing_out_ends_the_session_in_the_house_too(visit):
    chair = visit("v1chair")
    cookie = chair.client.get_cookie("halfsky_session")
    assert chair.post("/logout", {"csrf_token": chair.token()}).status == 303
    chair.client.set_cookie("halfsky_session", cookie.value)
    assert chair.get("/").location.startswith("/login")


def test_an_idle_session_is_over(visit, house):
    chair = visit("v1chair")
    house.clock.at += ORDINARY.idle + timedelta(minutes=1)
    assert chair.get("/").location.startswith("/login")


@pytest.mark.parametrize("target", ["https://example.org/", "//example.org", "/\\example.org", "javascript:alert(1)"])
def test_signing_in_never_leads_to_another_host(visit, target):
    stranger = visit("")
    fields = {**stranger.get("/login").fields(SIGN_IN), "login": "v1chair", "password": PASSWORD}
    assert stranger.post("/login", {**fields, "next": target}).location == "/"


def test_signing_in_leads_to_the_page_that_was_asked_for(visit):
    stranger = visit("")
    asked = stranger.get("/cases/new").location
    fields = {**stranger.get(asked).fields(SIGN_IN), "login": "v1chair", "password": PASSWORD}
    assert stranger.post("/login", fields).location == "/cases/new"


def test_a_form_without_the_pages_protection_number_changes_nothing(visit, house):
    chair = visit("v1chair")
    answer = chair.post("/cases/new", {"kind": "loan", "_key": "0123456789abcdef0123"})
    assert (answer.status, chair.get("/?tab=started").all("//tr[@data-row]")) == (400, [])


def test_a_form_without_an_idempotency_key_changes_nothing(visit):
    chair = visit("v1chair")
    answer = chair.post("/cases/new", {"kind": "loan", "csrf_token": chair.token()})
    assert answer.status == 400
    assert "提交编号" in answer.text


def test_every_answer_forbids_foreign_scripts_styles_frames_and_hosts(visit):
    for answer in (visit("").get("/login"), visit("v1chair").get("/"), visit("v1chair").get("/cases/999")):
        policy = answer.headers["Content-Security-Policy"]
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert not answer.all("//*[@style or @onclick] | //style | //script[not(@src)]")
