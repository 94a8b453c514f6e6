"""Signing in, staying signed in, and the proof before a signature."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select, update

from engine.access import SYSTEM
from engine.errors import NotFound, SignatureRequired
from engine.unit_of_work import unit_of_work
from tests.made_once import DEAR
from tests.workflows.conftest import APPLICATION_DATE
from workflows import accounts, model, organisation, passwords, sessions, throttle
from workflows.posts import UnitKind
from workflows.sign_in_policy import ORDINARY

PASSWORD = "right horse battery"
HASH = passwords.hash_password(PASSWORD)
TERM_ENDS = date(2026, 6, 30)


@pytest.fixture
def chair(runtime):
    """A village chair whose term ends on 30 June."""
    with unit_of_work(runtime, SYSTEM) as work:
        place = None
        for kind, code in ((UnitKind.COUNTY, "C1"), (UnitKind.TOWN, "T1"), (UnitKind.VILLAGE, "V1")):
            place = organisation.add_unit(
                work.connection, parent_id=place and place.id, kind=kind, name=code, code=code
            )
        account = accounts.add_account(work.connection, login="V1chair", name="林秋月", password_hash=HASH)
        organisation.appoint(
            work.connection,
            account_id=account,
            post="VILLAGE_CHAIR",
            unit_id=place.id,
            since=date(2021, 7, 1),
            until=TERM_ENDS,
        )
        organisation.appoint(
            work.connection,
            account_id=account,
            post="VILLAGE_CHAIR",
            unit_id=place.id,
            since=date(2020, 1, 1),
            until=date(2020, 12, 31),
        )
    return account


def session(runtime, token):
    with runtime.reading() as connection:
        return sessions.session_of(connection, token, runtime.clock.now())


def change(runtime, act):
    with unit_of_work(runtime, SYSTEM) as work:
        return act(work.connection)


def fail(runtime, times, login="v1chair", address="10.0.0.1"):
    for _ in range(times):
        with pytest.raises(accounts.SignInRefused) as refused:
            accounts.sign_in(runtime, login, "wrong", address=address)
        assert not isinstance(refused.value, accounts.TooManyAttempts)


def test_the_right_password_opens_a_session_with_the_posts_of_today(runtime, chair):
    signed_in = accounts.sign_in(runtime, " v1CHAIR ", PASSWORD)
    found = session(runtime, signed_in.token)
    assert (found.actor.id, found.actor.name, found.login) == (chair, "林秋月", "v1chair")
    assert [post.code for post in found.actor.posts] == ["VILLAGE_CHAIR"]
    assert found.actor.posts[0].path.count(".") == 4


def test_only_the_hash_of_a_token_is_stored(runtime, chair):
    token = accounts.sign_in(runtime, "v1chair", PASSWORD).token
    with runtime.reading() as connection:
        stored = connection.execute(select(model.login_session)).one()
    assert token not in map(str, stored)
    assert stored.token_hash == sessions.token_hash(token)


@pytest.mark.parametrize("login", ["v1chair", "nobody", ""])
def test_a_wrong_password_and_an_unknown_login_get_the_same_answer(runtime, chair, login):
    with pytest.raises(accounts.SignInRefused) as refused:
        accounts.sign_in(runtime, login, "wrong")
    assert str(refused.value) == "登录未成功：登录名或密码不正确"


def test_an_unknown_login_is_verified_against_a_hash_of_the_same_cost(runtime, chair, monkeypatch):
    verified = []
    monkeypatch.setattr(PasswordHasher, "verify", lambda _self, hashed, _password: verified.append(hashed) or True)
    with pytest.raises(accounts.SignInRefused):
        accounts.sign_in(runtime, "nobody", PASSWORD)
    assert [hashed.split("$")[1:4] for hashed in verified] == [HASH.split("$")[1:4]]


def test_a_closed_account_is_told_so_only_after_the_right_password(runtime, chair):
    change(runtime, lambda c: accounts.set_active(c, chair, active=False))
    with pytest.raises(accounts.SignInRefused, match="已停用"):
        accounts.sign_in(runtime, "v1chair", PASSWORD)
    with pytest.raises(accounts.SignInRefused, match="不正确"):
        accounts.sign_in(runtime, "v1chair", "wrong")


def test_login_is_refused_from_the_day_after_the_term_ends(runtime, chair, clock):
    clock.set_day(TERM_ENDS, 23)
    token = accounts.sign_in(runtime, "v1chair", PASSWORD).token
    assert session(runtime, token) is not None
    clock.set_day(TERM_ENDS + timedelta(1), 0)
    assert session(runtime, token) is None
    with pytest.raises(accounts.SignInRefused, match="没有有效的岗位"):
        accounts.sign_in(runtime, "v1chair", PASSWORD)


def test_a_session_ends_after_an_hour_without_a_request(runtime, chair, clock):
    token = accounts.sign_in(runtime, "v1chair", PASSWORD).token
    clock.at += ORDINARY.idle - timedelta(minutes=1)
    sessions.touch(runtime, session(runtime, token))
    clock.at += ORDINARY.idle - timedelta(seconds=1)
    assert session(runtime, token) is not None
    clock.at += timedelta(seconds=1)
    assert session(runtime, token) is None


def test_a_session_ends_after_twelve_hours_in_any_case(runtime, chair, clock):
    token = accounts.sign_in(runtime, "v1chair", PASSWORD).token
    opened_at = clock.at
    while clock.at < opened_at + ORDINARY.absolute - timedelta(minutes=30):
        clock.at += timedelta(minutes=30)
        sessions.touch(runtime, session(runtime, token))
    assert session(runtime, token) is not None
    clock.at = opened_at + ORDINARY.absolute
    assert session(runtime, token) is None


def test_a_request_within_the_same_minute_writes_nothing(runtime, chair, clock):
    token = accounts.sign_in(runtime, "v1chair", PASSWORD).token
    clock.at += timedelta(seconds=59)
    sessions.touch(runtime, session(runtime, token))
    assert session(runtime, token).seen_at == APPLICATION_DATE
    clock.at += timedelta(seconds=1)
    sessions.touch(runtime, session(runtime, token))
    assert session(runtime, token).seen_at == clock.at


def test_signing_out_ends_this_session_alone(runtime, chair):
    here, elsewhere = (accounts.sign_in(runtime, "v1chair", PASSWORD).token for _ in range(2))
    sessions.sign_out(runtime, here)
    sessions.sign_out(runtime, "unknown")
    assert session(runtime, here) is None
    assert session(runtime, elsewhere) is not None


def test_closing_an_account_ends_its_sessions_for_good(runtime, chair):
    token = accounts.sign_in(runtime, "v1chair", PASSWORD).token
    change(runtime, lambda c: accounts.set_active(c, chair, active=False))
    change(runtime, lambda c: accounts.set_active(c, chair, active=True))
    assert session(runtime, token) is None


def test_a_new_password_ends_every_session(runtime, chair):
    token = accounts.sign_in(runtime, "v1chair", PASSWORD).token
    change(runtime, lambda c: accounts.give_password(c, chair, "another good one"))
    assert session(runtime, token) is None
    assert accounts.sign_in(runtime, "v1chair", "another good one").account_id == chair


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("fourteen chars", "至少 15 位，现为 14 位"),
        ("aabbaabbaabbaabb", "过于简单"),
        ("password20260615", "过于简单"),
        ("qwertyuiop!@#$%^", "过于简单"),
        ("ｐａｓｓｗｏｒｄ１２３４５６７８", "过于简单"),
        ("P@ssw0rdP@ssw0rd", "过于简单"),
        ("my v1chair by the door", "登录名"),
        ("春眠不觉晓处处闻啼鸟林秋月夜来", "姓名"),
        ("x" * 300, "最多 256 位"),
    ],
)
def test_a_weak_password_is_refused(runtime, chair, password, said):
    with pytest.raises(accounts.SignInRefused, match=said):
        change(runtime, lambda c: accounts.give_password(c, chair, password))
    with pytest.raises(NotFound):
        change(runtime, lambda c: accounts.give_password(c, 999, PASSWORD))


def test_old_sessions_are_cleared_away_at_sign_in(runtime, chair, clock):
    accounts.sign_in(runtime, "v1chair", PASSWORD)
    clock.at += timedelta(days=1)
    accounts.sign_in(runtime, "v1chair", PASSWORD)
    with runtime.reading() as connection:
        assert connection.execute(select(func.count()).select_from(model.login_session)).scalar() == 1


def test_a_password_costs_what_owasp_recommends_for_argon2id(monkeypatch):
    monkeypatch.setattr(passwords, "_hasher", DEAR)
    assert passwords.hash_password(PASSWORD).startswith("$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.mark.parametrize(
    "earlier",
    [PasswordHasher(time_cost=1, memory_cost=1024), PasswordHasher(time_cost=3, memory_cost=65536, parallelism=4)],
    ids=["weaker", "the library's own"],
)
def test_a_hash_made_with_other_parameters_verifies_and_is_renewed_at_sign_in_only(runtime, chair, earlier):
    weak = earlier.hash(PASSWORD)
    stored = select(model.account.c.password_hash)
    change(runtime, lambda c: c.execute(update(model.account).values(password_hash=weak)))
    token = accounts.sign_in(runtime, "v1chair", PASSWORD).token
    with runtime.reading() as connection:
        renewed = connection.execute(stored).scalar()
    assert renewed != weak
    assert not passwords.is_outdated(renewed)
    accounts.reauthenticate(runtime, session(runtime, token).actor, PASSWORD)
    with runtime.reading() as connection:
        assert connection.execute(stored).scalar() == renewed


def test_reauthentication_proves_who_and_when(runtime, chair, clock):
    actor = session(runtime, accounts.sign_in(runtime, "v1chair", PASSWORD).token).actor
    clock.at += timedelta(minutes=5)
    proof = accounts.reauthenticate(runtime, actor, PASSWORD)
    assert (proof.account_id, proof.at, proof.method) == (chair, clock.at, "password")


def test_a_wrong_password_signs_nothing_and_counts_as_a_failure(runtime, chair):
    actor = session(runtime, accounts.sign_in(runtime, "v1chair", PASSWORD).token).actor
    for _ in range(throttle.FAILURES_PER_LOGIN):
        with pytest.raises(SignatureRequired, match="密码不正确，未签字"):
            accounts.reauthenticate(runtime, actor, "wrong")
    with pytest.raises(accounts.TooManyAttempts):
        accounts.reauthenticate(runtime, actor, PASSWORD)


def test_the_system_itself_cannot_sign(runtime, chair):
    with pytest.raises(SignatureRequired):
        accounts.reauthenticate(runtime, SYSTEM, PASSWORD)


def test_an_account_is_found_by_its_login(runtime, chair):
    with runtime.reading() as connection:
        assert accounts.account_id(connection, "V1chair ") == chair
        with pytest.raises(NotFound):
            accounts.account_id(connection, "nobody")
