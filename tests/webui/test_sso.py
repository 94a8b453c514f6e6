"""Single sign-on against a real provider: a process of its own, on the loopback address alone."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
import requests
from cryptography.fernet import Fernet
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey

from tests.webui.visitors import Visitor
from webui.app import create_app
from webui.settings import from_environment
from workflows import accounts, openid, organisation, second_factor, single_sign_on
from workflows.single_sign_on import Provider, ProviderFailed

BACK = "http://localhost/login/sso/back"
PATIENCE = 20


@pytest.fixture(scope="module")
def issuer():
    """The provider's address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), "--require-nonce", "true"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        address = f"http://127.0.0.1:{port}"
        try:
            until = time.monotonic() + PATIENCE
            while True:
                try:
                    requests.get(f"{address}/.well-known/openid-configuration", timeout=1)
                    break
                except requests.RequestException:
                    assert process.poll() is None
                    assert time.monotonic() < until
                    time.sleep(0.05)
            yield address
        finally:
            process.terminate()
            process.wait(PATIENCE)


@pytest.fixture
def provider(issuer):
    return Provider(issuer, "halfsky", "a secret", BACK, "县政务平台", frozenset(("mfa",)))


@pytest.fixture
def site(house, provider):
    """A house that asks for authenticators, at the provider's time, where identity 7001 is the village's chair."""
    house.clock.at = datetime.now(UTC)
    link(house, provider, "v1chair", "7001")
    link(house, provider, "countychair", "9001")
    return create_app(house.runtime, provider=provider)


def link(house, provider, login, subject):
    with house.runtime.reading() as connection:
        account = accounts.account_id(connection, login)
    house.act(single_sign_on.link, "sysadmin", account_id=account, issuer=provider.issuer, subject=subject)


def known(issuer, subject, **claims):
    """Let the provider say this of somebody."""
    requests.put(f"{issuer}/users/{subject}", json=claims, timeout=PATIENCE).raise_for_status()


def consent(url, subject):
    """What the provider answers when somebody agrees there: the address it sends the browser back to."""
    answer = requests.post(url, data={"sub": subject}, timeout=PATIENCE, allow_redirects=False)
    assert answer.status_code == 302, answer.text
    parts = urlsplit(answer.headers["Location"])
    return f"{parts.path}?{parts.query}"


def begin(visitor, onward="/processes"):
    going = visitor.get(f"/login/sso?next={onward}")
    assert going.status == 303
    return going.location


def test_whoever_was_linked_comes_in_and_goes_where_she_wanted(site, issuer):
    known(issuer, "7001")
    chair = Visitor(site)
    assert "用县政务平台登录" in chair.get("/login?next=/processes").text
    url = begin(chair)
    asked = parse_qs(urlsplit(url).query)
    assert {name: asked[name] for name in ("response_type", "scope", "code_challenge_method", "redirect_uri")} == {
        "response_type": ["code"], "scope": ["openid"], "code_challenge_method": ["S256"], "redirect_uri": [BACK]
    }  # fmt: skip
    assert all(len(asked[name][0]) >= 43 for name in ("state", "nonce", "code_challenge"))
    back = consent(url, "7001")
    entered = chair.get(back)
    assert (entered.status, entered.location) == (303, "/processes")
    assert chair.get("/processes").status == 200
    assert "单点登录" in chair.get("/account/").text
    assert chair.get(back).status == 502, "once"


def test_nobody_is_let_in_who_was_not_linked_beforehand(site, issuer, house):
    known(issuer, "8000", email="v1chair")
    stranger = Visitor(site)
    refused = stranger.get(consent(begin(stranger), "8000"))
    assert refused.status == 401
    assert "没有与本系统的账号关联" in refused.text
    with house.runtime.reading() as connection:
        closed = accounts.account_id(connection, "v1chair")
    house.act(single_sign_on.unlink, "sysadmin", account_id=closed)
    assert stranger.get(consent(begin(stranger), "7001")).status == 401


def test_an_answer_counts_only_in_the_browser_that_asked_and_with_its_state(site, issuer):
    known(issuer, "7001")
    chair, attacker = Visitor(site), Visitor(site)
    url = begin(chair)
    assert attacker.get(consent(url, "7001")).status == 502, "no ticket"
    begin(attacker)
    assert attacker.get(consent(url, "7001")).status == 502, "another state"
    assert chair.get("/login/sso/back?error=access_denied&state=x").status == 502


def test_a_ticket_is_over_after_ten_minutes(site, issuer, house):
    known(issuer, "7001")
    chair = Visitor(site)
    url = begin(chair)
    house.clock.at += single_sign_on.LASTS + timedelta(seconds=1)
    assert "late" in chair.get(consent(url, "7001")).text


def test_a_post_with_c3_shows_a_code_unless_the_provider_says_that_it_saw_one(site, issuer, house):
    known(issuer, "9001")
    chair = Visitor(site)
    enrolling = chair.get(consent(begin(chair), "9001"))
    secret = pyotp.TOTP(enrolling.all("//details//code")[0].text.replace(" ", ""))
    assert chair.get("/").location.startswith("/login")
    with house.runtime.reading() as connection:
        account = accounts.account_id(connection, "countychair")
        assert not second_factor.is_enrolled(connection, account)
    fields = enrolling.fields("//form[@action='/login/enrol']")
    assert fields["next"] == "/processes"
    assert chair.post("/login/enrol", {**fields, "code": secret.at(house.clock.at)}).status == 200
    again = Visitor(site)
    assert "输入动态码" in again.get(consent(begin(again), "9001")).text
    known(issuer, "9001", amr=["pwd", "mfa"])
    assert Visitor(site).get(consent(begin(again), "9001")).status == 502
    assert again.get(consent(begin(again), "9001")).location == "/processes"


def signed(key, alg="RS256", **claims):
    return jwt.encode({"alg": alg, "kid": key.kid}, claims, key)


def test_an_id_token_is_checked_in_every_part(house, provider, monkeypatch):
    key, other = RSAKey.generate_key(2048, {"kid": "1"}), RSAKey.generate_key(2048, {"kid": "1"})
    keys = KeySet([key]).as_dict()
    now = datetime.now(UTC)
    at = int(now.timestamp())
    good = {"iss": provider.issuer, "aud": "halfsky", "sub": "7001", "exp": at + 60, "iat": at, "nonce": "n"}
    shared = OctKey.import_key("a secret of sixteen bytes or more", {"kid": "1"})
    tokens = {
        "as it must be": signed(key, **good),
        "another issuer": signed(key, **{**good, "iss": "https://elsewhere"}),
        "another audience": signed(key, **{**good, "aud": "other"}),
        "several audiences": signed(key, **{**good, "aud": ["halfsky", "other"]}),
        "handed to another": signed(key, **{**good, "azp": "other"}),
        "over": signed(key, **{**good, "exp": at - 61}),
        "from the future": signed(key, **{**good, "iat": at + 120}),
        "another nonce": signed(key, **{**good, "nonce": "m"}),
        "no nonce": signed(key, **{name: value for name, value in good.items() if name != "nonce"}),
        "nobody": signed(key, **{name: value for name, value in good.items() if name != "sub"}),
        "another key": signed(other, **good),
        "a key that clients share": signed(shared, "HS256", **good),
        "not signed": signed(key, **good).rpartition(".")[0] + ".",
    }
    ends = {"token_endpoint": "", "jwks_uri": "", "authorization_endpoint": ""}
    monkeypatch.setattr(openid, "_metadata", lambda _: ends)
    monkeypatch.setattr(openid, "_fetched", lambda _: keys)
    accepted = []
    for name, token in tokens.items():
        client = type("Client", (), {"fetch_token": lambda self, *_, token=token, **__: {"id_token": token}})
        monkeypatch.setattr(openid, "_client", lambda _, made=client: made())
        try:
            openid.claims(provider, "code", {"verifier": "v", "nonce": "n"}, now)
            accepted.append(name)
        except ProviderFailed:
            continue
    assert accepted == ["as it must be"]


def test_a_provider_is_asked_over_https_or_on_this_machine_and_must_be_who_it_is_said_to_be(house, provider, issuer):
    for asked in (
        Provider("http://sso.example.org", "halfsky", "s"),
        Provider(f"{issuer}/", "halfsky", "s"),
        Provider("http://127.0.0.1:9", "halfsky", "s"),
    ):
        with pytest.raises(ProviderFailed):
            single_sign_on.begin(house.runtime, asked, "/")


def test_linking_is_for_administrators_of_the_unit_and_one_identity_has_one_account(house, provider):
    link(house, provider, "v1chair", "7001")
    for login, by in (("v2chair", "sysadmin"), ("v2chair", "v1chair")):
        with house.runtime.reading() as connection:
            account = accounts.account_id(connection, login)
        with pytest.raises(single_sign_on.EngineError):
            house.act(single_sign_on.link, by, account_id=account, issuer=provider.issuer, subject="7001")
    with house.runtime.reading() as connection:
        assert organisation.actor_of(connection, account, house.clock.at.date()).id == account


def test_half_a_set_up_is_none_and_is_told(tmp_path):
    secret = tmp_path / "secret"
    given = {"HALFSKY_DATA": str(tmp_path), "HALFSKY_OIDC_ISSUER": "https://sso.example.org", "HALFSKY_OIDC_CLIENT": "h",
             "HALFSKY_OIDC_SECRET_FILE": str(secret), "HALFSKY_KEYS": Fernet.generate_key().decode()}  # fmt: skip
    place = from_environment(given)
    assert place.provider() is None
    assert place.provider_lacks() == ["HALFSKY_PUBLIC_URL", "HALFSKY_OIDC_SECRET_FILE"]
    secret.write_text("a secret\n")
    whole = from_environment({**given, "HALFSKY_PUBLIC_URL": "https://halfsky.example.org/"}).provider()
    assert whole == Provider("https://sso.example.org", "h", "a secret", "https://halfsky.example.org/login/sso/back")
    assert "a secret" not in repr(whole)


def test_without_a_provider_its_doors_lead_nowhere(house):
    stranger = Visitor(create_app(house.runtime))
    assert [stranger.get(path).status for path in ("/login/sso", "/login/sso/back")] == [404, 404]
    assert not stranger.get("/login").all("//a[contains(@href,'sso')]")
