"""我的账号 and the doors that lead through a code: what a person sees and does about her own signing in."""

from __future__ import annotations

from datetime import timedelta

import pyotp
import pytest
from lxml import html
from sqlalchemy import func, select, update

from engine.access import SYSTEM
from engine.errors import Forbidden, NotNow
from engine.model import case_file, read_log
from engine.unit_of_work import unit_of_work
from tests.webui.visitors import SIGN_IN, Visitor
from webui.app import create_app
from webui.runtime import new_key
from workflows import api_tokens, factor_resets, throttle
from workflows.demo import PASSWORD
from workflows.model_sign_in import api_token

NEW = "七只喜鹊落在老槐树的北边枝头上"


@pytest.fixture
def real(house):
    """The same house, not as a demonstration: it asks for authenticators."""
    return create_app(house.runtime)


def knock(visitor, login, password=PASSWORD, **more):
    fields = {**visitor.get("/login").fields(SIGN_IN), "login": login, "password": password, **more}
    return visitor.post("/login", fields)


def secret_on(answer):
    """The authenticator that scans the page."""
    return pyotp.TOTP(answer.all("//details//code")[0].text.replace(" ", ""))


def send(visitor, path, **fields):
    return visitor.post(f"/account/{path}", {"csrf_token": visitor.token(), **fields})


def test_a_post_with_c3_enrols_at_the_door_and_is_asked_for_a_code_from_then_on(real, house):
    chair = Visitor(real)
    page = knock(chair, "countychair", next="/processes")
    assert page.status == 200
    assert chair.get("/").location.startswith("/login"), "nothing else opens"
    assert page.all("//p[@role='img']/*[local-name()='svg']")
    wrong = chair.post("/login/enrol", {**page.fields("//form[@action='/login/enrol']"), "code": "000000"})
    assert wrong.status == 422
    device = secret_on(wrong)
    assert device.secret == secret_on(page).secret
    codes = chair.post(
        "/login/enrol", {**wrong.fields("//form[@action='/login/enrol']"), "code": device.at(house.clock.at)}
    )
    assert len(codes.all("//ul[contains(@class,'codes')]/li")) == 10
    assert codes.all("//a[contains(@class,'btn')]")[0].get("href") == "/processes"
    assert chair.get("/processes").status == 200

    again = Visitor(real)
    asked = knock(again, "countychair")
    assert again.get("/").location.startswith("/login")
    house.clock.at += timedelta(seconds=30)
    entered = again.post(
        "/login/code", {**asked.fields("//form[@action='/login/code']"), "code": device.at(house.clock.at)}
    )
    assert (entered.status, entered.location) == (303, "/")
    assert again.get("/").status == 200
    assert again.get("/login/code").location.startswith("/login"), "that page is over"


def test_a_stranger_learns_nothing_from_the_second_pages(real):
    for path in ("/login/code", "/login/enrol"):
        stranger = Visitor(real)
        token = stranger.get("/login").fields(SIGN_IN)["csrf_token"]
        for answer in (stranger.get(path), stranger.post(path, {"csrf_token": token, "code": "123456"})):
            assert (answer.status, answer.location) == (303, "/login?next=/")


def test_the_password_is_changed_with_the_old_one_and_ends_every_other_session(visit):
    chair, elsewhere = visit("v1chair"), visit("v1chair")
    old = {"_password": PASSWORD}
    for fields, said in (
        ({**old, "new": "short", "again": "short"}, "至少 15 位"),
        ({**old, "new": "林秋月住在村口的那棵树旁边二十年", "again": "林秋月住在村口的那棵树旁边二十年"}, "姓名"),
        ({**old, "new": NEW, "again": NEW[1:]}, "不一致"),
        ({"_password": "wrong", "new": NEW, "again": NEW}, "密码不正确"),
    ):
        answer = send(chair, "password", **fields)
        assert answer.status == 422
        assert said in answer.text
    assert send(chair, "password", **old, new=NEW, again=NEW).location == "/account/?done=password"
    assert chair.get("/account/").status == 200
    assert elsewhere.get("/").location.startswith("/login")
    assert Visitor(chair.client.application).sign_in("v1chair", NEW)


def test_she_sees_where_she_is_signed_in_ends_it_and_hears_of_what_was_refused(site, visit):
    stranger = Visitor(site)
    for _ in range(3):
        knock(stranger, "v1chair", "wrong-wrong")
    chair, elsewhere = visit("v1chair"), visit("v1chair")
    assert "3 次登录或签字未成功" in chair.get("/").text
    page = chair.get("/account/")
    assert [row.text_content() for row in page.all("//section[@id='history']//tbody//td[1]")][:5] == [
        "已登录", "已登录", *["未登录：密码不正确"] * 3
    ]  # fmt: skip
    assert "未成功" not in chair.get("/").text, "she has looked"
    (other,) = page.all("//input[@name='session']")
    assert send(chair, "sessions/end", session=other.get("value")).status == 303
    assert elsewhere.get("/").location.startswith("/login")
    assert send(chair, "sessions/end", session="%" * 16).status == 303
    assert chair.get("/").status == 200
    third = visit("v1chair")
    assert send(chair, "sessions/end-all").location == "/login"
    assert {each.get("/").status for each in (chair, third)} == {303}


def test_an_authenticator_is_set_up_asked_for_at_signatures_changed_and_taken_off(house, visit):
    chair = visit("v1chair")
    assert send(chair, "authenticator", _password="wrong").status == 422
    assert send(chair, "authenticator", _password=PASSWORD).location == "/account/?done=pending"
    device = secret_on(chair.get("/account/"))
    assert send(chair, "authenticator/confirm", code="000000").status == 422
    shown = send(chair, "authenticator/confirm", code=device.at(house.clock.at))
    codes = [li.text_content() for li in shown.all("//ul[contains(@class,'codes')]/li")]
    assert len(codes) == 10

    case_id = house.begin()
    task = chair.get(f"/tasks/{house.open_task(case_id).id}")
    assert not task.all("//input[@name='_code']"), "the first step is not signed"
    renewed = send(chair, "recovery", _password=PASSWORD)
    assert renewed.status == 422
    assert "同时填写登录密码和动态码" in renewed.text
    fresh = send(chair, "recovery", _password=PASSWORD, _code=codes[0])
    assert codes[1] not in fresh.text
    house.clock.at += timedelta(seconds=30)
    assert send(chair, "authenticator/remove", _password=PASSWORD, _code=device.at(house.clock.at)).status == 303
    assert chair.get("/account/").all("//h2[@id='code-title']/following-sibling::span")[0].text == "未绑定"


def test_a_keeper_cannot_do_without_an_authenticator(house, visit):
    keeper = visit("sysadmin")
    send(keeper, "authenticator", _password=PASSWORD)
    device = secret_on(keeper.get("/account/"))
    send(keeper, "authenticator/confirm", code=device.at(house.clock.at))
    house.clock.at += timedelta(seconds=30)
    refused = send(keeper, "authenticator/remove", _password=PASSWORD, _code=device.at(house.clock.at))
    assert refused.status == 409
    assert "不能解除绑定" in refused.text


def token_of(visitor, *scopes, days="30"):
    made = send(visitor, "tokens", _password=PASSWORD, name="台账核对", days=days, scopes=list(scopes))
    return made, (made.all("//div[contains(@class,'note')]//code") or [html.fromstring("<i></i>")])[0].text


def asks(site, path, token, **headers):
    client = site.test_client()
    return client.get(f"/api/v1/{path}", headers={"Authorization": f"Bearer {token}", **headers})


def test_a_token_reads_what_its_scopes_name_and_nothing_of_a_confidential_case(site, house, visit):
    first, second = house.applied(), house.begin()
    chair = visit("v1chair")
    _, token = token_of(chair, "inbox.read", "case.read")
    assert token.startswith(api_tokens.PREFIX)
    assert token not in chair.get("/account/").body.decode(), "shown once"
    tasks = asks(site, "inbox", token).json["tasks"]
    assert {task["case_id"] for task in tasks} == {first, second}
    found = asks(site, f"cases/{first}", token)
    assert (found.json["number"], found.headers["Cache-Control"]) == (tasks[0]["number"], "no-store")
    assert "Set-Cookie" not in found.headers
    with unit_of_work(house.runtime, SYSTEM) as work:
        work.connection.execute(update(case_file).where(case_file.c.id == first).values(confidentiality="C3"))
        logged = select(func.count()).where(read_log.c.what == "api", read_log.c.case_id == first)
        assert work.connection.execute(logged).scalar() == 1
    missing, secret = asks(site, "cases/999999", token), asks(site, f"cases/{first}", token)
    assert (
        (secret.status_code, secret.json["error"]) == (missing.status_code, missing.json["error"]) == (404, "NotFound")
    )
    assert {task["case_id"] for task in asks(site, "inbox", token).json["tasks"]} == {second}
    assert asks(site, "inbox?tab=started", token).status_code == 422

    _, narrow = token_of(chair, "inbox.read")
    assert asks(site, f"cases/{second}", narrow).status_code == 403
    with house.runtime.reading() as connection:
        stored = " ".join(map(str, connection.execute(select(api_token)).all()))
    assert token not in stored


def test_a_token_ends_when_it_expires_is_ended_or_its_owner_signs_out_everywhere(site, house, visit):
    chair = visit("v1chair")
    short, ended, last = (token_of(chair, "inbox.read", days=days)[1] for days in ("1", "30", "30"))
    chair.client.set_cookie("halfsky_session", "", path="/api")
    assert asks(site, "inbox", "").status_code == 401
    assert visit("v1chair").get("/api/v1/inbox").status == 401, "a cookie is not looked at"
    send(chair, "tokens/2/end")
    assert [asks(site, "inbox", token).status_code for token in (short, ended, last)] == [200, 401, 200]
    house.clock.at += timedelta(days=1)
    chair = visit("v1chair")
    assert [asks(site, "inbox", token).status_code for token in (short, last)] == [401, 200]
    assert send(visit("t1chair"), "tokens/3/end").status == 404, "only her own"
    send(chair, "sessions/end-all")
    assert asks(site, "inbox", last).status_code == 401


def test_tokens_and_guesses_at_tokens_are_limited_by_the_minute(site, house, visit, monkeypatch):
    monkeypatch.setattr(api_tokens, "PER_MINUTE", 3)
    monkeypatch.setattr(throttle, "FAILURES_PER_ADDRESS", 2)
    _, token = token_of(visit("v1chair"), "inbox.read")
    assert [asks(site, "inbox", token).status_code for _ in range(4)] == [200, 200, 200, 429]
    assert [asks(site, "inbox", f"hsk_{n}").status_code for n in range(3)] == [401, 401, 429]
    house.clock.at += timedelta(minutes=1)
    assert asks(site, "inbox", token).status_code == 200


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": " ", "days": "30", "scopes": ["inbox.read"]}, "写明令牌的用途"),
        ({"name": "核对", "days": "366", "scopes": ["inbox.read"]}, "1 至 365 天"),
        ({"name": "核对", "days": "30", "scopes": ["everything"]}, "至少选择一项范围"),
        ({"name": "核对", "days": "30"}, "至少选择一项范围"),
    ],
)
def test_a_token_has_a_purpose_an_end_and_scopes(visit, fields, said):
    answer = send(visit("v1chair"), "tokens", _password=PASSWORD, **fields)
    assert answer.status == 422
    assert said in answer.text


def enrolled(house, visitor):
    """An authenticator for whoever is signed in."""
    send(visitor, "authenticator", _password=PASSWORD)
    device = secret_on(visitor.get("/account/"))
    assert send(visitor, "authenticator/confirm", code=device.at(house.clock.at)).status == 200
    return device


def test_a_lost_authenticator_is_taken_off_by_two_persons_and_by_neither_alone(house, visit):
    lost, security, chair = visit("t1chair"), visit("secadmin"), visit("countychair")
    enrolled(house, lost)

    def acts(visitor, path="", **fields):
        form = {"csrf_token": visitor.token(), "_key": new_key(), "_password": PASSWORD, **fields}
        return visitor.post(f"/organisation/authenticators/{path}", form)

    asked = {"login": "t1chair", "reason": "手机丢失，当面核对身份证"}
    assert acts(chair, **asked).status == 403, "who grants does not ask"
    assert acts(security, login="t2chair", reason="手机丢失").status == 422, "has none"
    assert acts(security, **{**asked, "reason": " "}).status == 422
    assert acts(security, _password="wrong", **asked).status == 422
    assert acts(security, **asked).status == 303
    assert [acts(visitor, "1", grant="1").status for visitor in (security, lost)] == [403, 403]
    assert "手机丢失" in chair.get("/organisation/authenticators/").text
    assert lost.get("/").status == 200
    assert acts(chair, "1", grant="1").status == 303
    assert lost.get("/").location.startswith("/login"), "signed out everywhere"
    assert knock(lost, "t1chair").status == 303, "no code is asked for"
    assert acts(chair, "1", grant="1").status == 409, "once"


def test_a_request_to_take_an_authenticator_off_is_over_after_a_day_and_may_be_refused(house, visit):
    enrolled(house, visit("t1chair"))

    def ask(login):
        asked = {"login": login, "reason": "手机丢失，当面核对身份证"}
        by, key = house.actor("secadmin"), new_key()
        return house.runtime.execute(factor_resets.ask_reset, actor=by, key=key, **asked).content["reset_id"]

    first, second = ask("t1chair"), ask("t1chair")
    assert house.act(factor_resets.decide_reset, "countychair", reset_id=first, grant=False) == {"granted": False}
    house.clock.at += factor_resets.LASTS + timedelta(seconds=1)
    for reset_id in (first, second):
        with pytest.raises(NotNow):
            house.act(factor_resets.decide_reset, "countychair", reset_id=reset_id, grant=True)
    assert knock(visit(""), "t1chair").status == 200, "the code is still asked for"
    enrolled(house, visit("countychair"))
    with pytest.raises(Forbidden):
        house.act(factor_resets.decide_reset, "countychair", reset_id=ask("countychair"), grant=True)


def test_numbers_that_no_print_bears_are_looked_up_five_times_in_a_row(visit):
    guesser = visit("v1chair")
    fields = {"csrf_token": guesser.token(), "number": "V1-2026-D-0001", "code": "ABCD"}
    seen = [guesser.post("/verify/printed", fields).status for _ in range(throttle.FAILURES_PER_LOGIN + 1)]
    assert seen == [200] * throttle.FAILURES_PER_LOGIN + [429]
