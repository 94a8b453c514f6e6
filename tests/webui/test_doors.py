"""Who gets in: everything is closed unless it says otherwise, and a form is only taken from our own pages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from lxml import html
from werkzeug.routing import AnyConverter, IntegerConverter

from tests.webui.visitors import SIGN_IN, Visitor
from webui.app import Demo, create_app
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
    "progress.show",
    "progress.find",
    "progress.rate",
    "second_page.code",
    "second_page.take_code",
    "second_page.enrol",
    "second_page.take_enrolment",
    "second_page.change",
    "second_page.take_password",
    "sso.begin",
    "sso.back",
    "api.listed",
    "api.case",
}


def _addresses(site):
    for rule in site.url_map.iter_rules():
        values = {name: _some(each) for name, each in rule._converters.items()}
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            yield rule.endpoint, method, site.url_map.bind("localhost").build(rule.endpoint, values, method)


def _some(converter):
    """A value that fits there."""
    if isinstance(converter, AnyConverter):
        return min(converter.items)
    return 1 if isinstance(converter, IntegerConverter) else "loan"


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


def _holds(answer, address):
    """What every answer says about itself, whatever it is."""
    policy = dict(part.strip().partition(" ")[::2] for part in answer.headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'", address
    if "sandbox" not in policy:  # a drawing on its own has styles, and nothing else: no script, no form, no origin
        assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'", address
        assert "unsafe" not in str(policy), address
    else:
        assert (policy["sandbox"], policy["form-action"], policy.get("script-src")) == ("", "'none'", None), address
    assert answer.headers["X-Frame-Options"] == "DENY", address
    assert answer.headers["Referrer-Policy"] == "no-referrer", address
    assert answer.headers["X-Content-Type-Options"] == "nosniff", address
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin", address
    if not address.startswith("/static/"):
        assert "no-store" in answer.headers["Cache-Control"], address
    if answer.mimetype == "text/html" and answer.data:
        page = html.fromstring(answer.data)
        assert not page.xpath("//*[@style] | //style | //script[not(@src)] | //base | //iframe"), address
        assert not [name for each in page.iter() for name in each.attrib if name.startswith("on")], address
        for form in page.xpath("//form[@method='post']"):
            assert form.xpath(".//input[@name='csrf_token']"), (address, form.get("action"))


def test_every_address_answers_everybody_with_headers_that_forbid_what_is_not_ours(site, visit, house):
    """Every route by every method: to a stranger and to somebody who sees much, with a case there."""
    house.applied()
    people = [visit(login).client for login in ("", "countychair")]
    for endpoint, method, url in _addresses(site):
        for client in people:
            if endpoint == "auth.sign_out":
                continue
            with client.open(url, method=method) as answer:
                _holds(answer, url)
                assert answer.status_code < 500 or answer.status_code == 503, (method, url, answer.status_code)


def test_nothing_that_changes_anything_is_taken_without_the_protection_number_of_the_page(site, visit):
    """By every method but reading, signing out and in among them; programs have tokens, and read only."""
    chair = visit("v1chair")
    changing = [
        (endpoint, method, url)
        for endpoint, method, url in _addresses(site)
        if method not in ("GET", "HEAD", "OPTIONS")
    ]
    assert len(changing) > 40
    for endpoint, method, url in changing:
        answer = chair.client.open(url, method=method, data={"_key": "0123456789abcdef0123"})
        shown_again = getattr(
            site.view_functions[endpoint], "takes_expired_pages", False
        )  # with what was typed, if it is there
        assert answer.status_code in ({400, 404} if shown_again else {400}), (method, url, answer.status_code)
    assert chair.get("/").status == 200, "still signed in"
    assert not [url for _, _, url in changing if url.startswith("/api/")]


def test_every_cookie_is_kept_from_scripts_and_from_foreign_pages_and_with_https_from_the_clear(house):
    visitor = Visitor(create_app(house.runtime, demo=Demo(PASSWORD, ()), https=True))
    page = visitor.client.get("/login", base_url="https://localhost")
    token = html.fromstring(page.data).xpath("//form[@action='/login']//input[@name='csrf_token']")[0].get("value")
    fields = {"csrf_token": token, "login": "v1chair", "password": PASSWORD}
    entered = visitor.client.post("/login", data=fields, base_url="https://localhost")
    assert entered.status_code == 303
    given = page.headers.getlist("Set-Cookie") + entered.headers.getlist("Set-Cookie")
    assert {cookie.partition("=")[0] for cookie in given} == {"halfsky_page", "halfsky_session", "halfsky_device"}
    for cookie in given:
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert "Secure" in cookie
        assert "Domain" not in cookie
