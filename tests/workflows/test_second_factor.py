"""Codes, recovery codes, and the way in while a login is locked (decision 32)."""

from __future__ import annotations

import threading
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import func, select

from engine.access import SYSTEM
from engine.database import Database
from engine.errors import InvalidAnswers
from engine.runtime import Runtime
from engine.unit_of_work import unit_of_work
from workflows import (
    accounts,
    entering,
    model,
    model_sign_in,
    organisation,
    passwords,
    second_factor,
    sessions,
    throttle,
)
from workflows.entering import Caller
from workflows.federation_rules import FederationRules
from workflows.posts import UnitKind
from workflows.sign_in_policy import STRICT
from workflows.whereabouts import origin

PASSWORD = "right horse battery"
HASH = passwords.hash_password(PASSWORD)
HERE = Caller("10.0.0.9", origin("10.0.0.9"))


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Verify without argon2, where only the counting matters."""
    monkeypatch.setattr(accounts, "verify", lambda hashed, password: hashed is not None and password == PASSWORD)


@pytest.fixture
def people(runtime):
    """A loan worker, who may have an authenticator, and the county's chair, who must."""
    made = {}
    with unit_of_work(runtime, SYSTEM) as work:
        county = organisation.add_unit(work.connection, parent_id=None, kind=UnitKind.COUNTY, name="C1", code="C1")
        for login, post in (("worker", "LOAN_WORKER"), ("chair", "COUNTY_CHAIR")):
            made[login] = accounts.add_account(work.connection, login=login, name=login, password_hash=HASH)
            since = work.today - timedelta(days=1)
            organisation.appoint(work.connection, account_id=made[login], post=post, unit_id=county.id, since=since)
    return made


def enrol(runtime, account):
    """An authenticator (a function of the clock) and recovery codes for an account."""
    with unit_of_work(runtime, SYSTEM) as work:
        shown = second_factor.begin(work.connection, runtime.vault, account, "login", work.now)
        secret = pyotp.TOTP(shown.secret.replace(" ", ""))
        codes = second_factor.confirm(work.connection, runtime.vault, account, secret.at(work.now), work.now)
    return secret, codes


@pytest.fixture
def authenticator(runtime, people, clock):
    """The worker's, whose first code was used half a minute ago."""
    secret, codes = enrol(runtime, people["worker"])
    clock.at += timedelta(seconds=30)
    return secret, codes


def attempt(runtime, password, code="", address="10.0.0.1", login="worker", device=""):
    """What signing in answers: the stage, or the refusal's text."""
    try:
        return accounts.sign_in(runtime, login, password, code=code, address=address, device=device).stage
    except accounts.SignInRefused as refused:
        return refused.render()


@pytest.mark.parametrize(("seconds", "stage"), [(-61, None), (-30, "full"), (0, "full"), (30, "full"), (61, None)])
def test_a_code_counts_one_step_early_or_late(runtime, authenticator, clock, seconds, stage):
    secret, _ = authenticator
    clock.at += timedelta(minutes=5)
    code = secret.at(clock.at + timedelta(seconds=seconds))
    assert (attempt(runtime, PASSWORD, code) == "full") is (stage is not None)


def test_a_code_counts_once_and_no_older_one_after_it(runtime, authenticator, clock):
    secret, _ = authenticator
    clock.at += timedelta(minutes=5)
    older, code = secret.at(clock.at - timedelta(seconds=30)), secret.at(clock.at)
    assert attempt(runtime, PASSWORD, code) == "full"
    assert attempt(runtime, PASSWORD, code) != "full"
    assert attempt(runtime, PASSWORD, older) != "full"


def test_of_two_machines_that_are_shown_a_code_at_once_one_takes_it(runtime, authenticator, clock):
    secret, _ = authenticator
    other = Runtime(Database(runtime.database.engine.url.render_as_string(hide_password=False)), runtime.vault,
                    FederationRules(), {}, clock)  # fmt: skip
    code, stages, together = secret.at(clock.at), [], threading.Barrier(4, timeout=20)

    def enter(node):
        together.wait()
        stages.append(attempt(node, PASSWORD, code))

    threads = [threading.Thread(target=enter, args=(node,)) for node in (runtime, other) * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    other.database.dispose()
    assert [stage == "full" for stage in stages].count(True) == 1
    assert len(stages) == 4


def test_without_a_code_the_right_password_opens_nothing_but_the_next_page(runtime, authenticator, clock):
    opened = accounts.sign_in(runtime, "worker", PASSWORD)
    assert opened.stage == "code"
    with runtime.reading() as connection:
        assert sessions.session_of(connection, opened.token, clock.now()) is None
    with pytest.raises(accounts.SignInRefused, match="动态码或恢复码不正确"):
        entering.enter_code(runtime, opened.token, "000000", HERE)
    entered = entering.enter_code(runtime, opened.token, authenticator[0].at(clock.at), HERE)
    with runtime.reading() as connection:
        assert sessions.session_of(connection, entered.token, clock.now()).failed_before == 1
        assert sessions.waiting(connection, opened.token, clock.now()) is None
    with pytest.raises(entering.Stale):
        entering.enter_code(runtime, opened.token, authenticator[1][0], HERE)


def test_the_page_for_the_code_waits_five_minutes_and_takes_five_wrong_codes(runtime, authenticator, clock):
    opened = accounts.sign_in(runtime, "worker", PASSWORD)
    for _ in range(throttle.FAILURES_PER_LOGIN):
        with pytest.raises(accounts.SignInRefused, match="不正确"):
            entering.enter_code(runtime, opened.token, "000000", HERE)
    with pytest.raises(accounts.TooManyAttempts):
        entering.enter_code(runtime, opened.token, authenticator[0].at(clock.at), HERE)
    clock.at += timedelta(minutes=5)
    with pytest.raises(entering.Stale):
        entering.enter_code(runtime, opened.token, authenticator[0].at(clock.at), HERE)


def test_a_recovery_code_stands_in_for_a_code_once_and_is_not_stored(runtime, people, authenticator):
    _, codes = authenticator
    assert attempt(runtime, PASSWORD, codes[0].lower()) == "full"
    assert attempt(runtime, PASSWORD, codes[0]) != "full"
    with runtime.reading() as connection:
        assert second_factor.recovery_left(connection, people["worker"]) == second_factor.RECOVERY_CODES - 1
        stored = " ".join(connection.execute(select(model_sign_in.recovery_code.c.code_hash)).scalars())
        sealed = connection.execute(select(model_sign_in.second_factor.c.sealed)).scalar()
    assert not any(code.replace("-", "") in stored for code in codes)
    assert authenticator[0].secret.encode() not in sealed
    with unit_of_work(runtime, SYSTEM) as work:
        second_factor.renew_recovery(work.connection, runtime.vault, people["worker"], work.now)
    assert attempt(runtime, PASSWORD, codes[1]) != "full"


def test_a_sealed_secret_is_worth_nothing_in_another_row(runtime, people, authenticator, clock):
    enrol(runtime, people["chair"])
    clock.at += timedelta(minutes=1)
    hers = model_sign_in.second_factor.c
    with unit_of_work(runtime, SYSTEM) as work:
        stolen = select(hers.sealed).where(hers.account_id == people["worker"]).scalar_subquery()
        moved = model_sign_in.second_factor.update().where(hers.account_id == people["chair"]).values(sealed=stolen)
        work.connection.execute(moved)
    assert attempt(runtime, PASSWORD, authenticator[0].at(clock.at), login="chair") != "full"


def test_a_post_that_touches_c3_enrols_before_anything_else_and_has_short_sessions(runtime, people, clock):
    opened = accounts.sign_in(runtime, "chair", PASSWORD)
    assert opened.stage == "enrol"
    with runtime.reading() as connection:
        assert sessions.session_of(connection, opened.token, clock.now()) is None
    shown = entering.begin_enrolment(runtime, opened.token)
    assert entering.begin_enrolment(runtime, opened.token).secret == shown.secret, "a page that is loaded again"
    with pytest.raises(InvalidAnswers):
        entering.finish_enrolment(runtime, opened.token, "000000", HERE)
    code = pyotp.TOTP(shown.secret.replace(" ", "")).at(clock.at)
    entered, codes = entering.finish_enrolment(runtime, opened.token, code, HERE)
    assert len(set(codes)) == second_factor.RECOVERY_CODES
    with runtime.reading() as connection:
        session = sessions.session_of(connection, entered.token, clock.now())
    assert (session.idle, session.expires_at - clock.at) == (STRICT.idle, STRICT.absolute)
    assert attempt(runtime, PASSWORD, login="chair") == "code", "from now on a code is asked for"
    assert attempt(runtime, PASSWORD, code, login="chair") != "full", "the first code was used"


def lock(runtime, attempts, addresses, code=""):
    """So many wrong passwords from so many addresses; how often each answer came."""
    answers = {}
    for number in range(attempts):
        said = attempt(runtime, "wrong", code, address=f"198.51.100.{number % addresses}")
        answers[said] = answers.get(said, 0) + 1
    return answers


def test_whoever_is_locked_out_by_others_gets_in_with_password_and_code(runtime, authenticator, clock):
    answers = lock(runtime, 200, 50)
    assert sorted(answers.values()) == [throttle.FAILURES_PER_LOGIN, 200 - throttle.FAILURES_PER_LOGIN]
    assert "15 分钟" in attempt(runtime, PASSWORD), "the right password alone is not looked at"
    lock(runtime, 20, 50, code="123456")
    assert attempt(runtime, PASSWORD, "000000") == attempt(runtime, "wrong", authenticator[0].at(clock.at))
    assert attempt(runtime, PASSWORD, authenticator[0].at(clock.at)) == "full"
    assert "15 分钟" in attempt(runtime, PASSWORD), "the login stays locked for those who have no code"


def test_the_way_in_with_both_has_a_small_budget_for_those_who_have_one(runtime, authenticator, clock):
    lock(runtime, throttle.FAILURES_PER_LOGIN, 5)
    said = {attempt(runtime, PASSWORD, f"{n:06}", address=f"192.0.2.{n}") for n in range(throttle.FAILURES_PER_LOGIN)}
    said.add(attempt(runtime, PASSWORD, authenticator[0].at(clock.at)))
    said.add(attempt(runtime, "wrong", "000000"))
    assert len(said) == 1, "nothing tells that the password was right, nor that the budget is spent"
    clock.at += throttle.WINDOW
    assert attempt(runtime, PASSWORD, authenticator[0].at(clock.at)) == "full"


def test_a_browser_that_is_known_is_not_locked_out_by_others(runtime, people):
    device = accounts.sign_in(runtime, "worker", PASSWORD).device
    lock(runtime, 100, 2)
    assert attempt(runtime, PASSWORD, device=device, address="198.51.100.0") == "full"
    assert attempt(runtime, PASSWORD, device="made up") != "full"
    wrong = [attempt(runtime, "wrong", device=device) for _ in range(throttle.FAILURES_PER_LOGIN)]
    assert {"不正确" in text for text in wrong} == {True}
    assert "分钟" in attempt(runtime, PASSWORD, device=device), "its own budget"
    assert accounts.sign_in(runtime, "chair", PASSWORD, device=device).stage == "enrol", "and nobody else's"


def test_an_unknown_login_is_answered_like_a_known_one_at_every_turn(runtime, authenticator):
    turns = [*[("wrong", "")] * 4, ("wrong", "123456"), *[("wrong", "")] * 2, *[("wrong", "123456")] * 7, ("wrong", "")]
    course = {
        login: [attempt(runtime, *turn, login=login, address=f"{address}.{n}") for n, turn in enumerate(turns)]
        for login, address in (("worker", "192.0.2"), ("nobody", "198.51.100"))
    }
    assert course["worker"] == course["nobody"]
    with runtime.reading() as connection:
        of = model_sign_in.sign_in_record.c.account_id
        counted = connection.execute(select(func.count(of), func.count() - func.count(of))).one()
    assert counted[0] == counted[1], "and both leave as many rows"


def test_a_hundred_failures_in_a_day_lock_a_login_whatever_the_pauses(runtime, authenticator, clock):
    for _ in range(throttle.FAILURES_PER_DAY // throttle.FAILURES_PER_LOGIN):
        lock(runtime, throttle.FAILURES_PER_LOGIN, 5)
        clock.at += timedelta(minutes=14) + timedelta(seconds=1)
        clock.at += throttle.WINDOW - timedelta(minutes=14)
    assert "分钟" in attempt(runtime, PASSWORD)
    assert attempt(runtime, PASSWORD, authenticator[0].at(clock.at)) == "full"


def test_a_signature_takes_password_and_code_and_the_code_once(runtime, people, authenticator, clock):
    with runtime.reading() as connection:
        actor = organisation.actor_of(connection, people["worker"], clock.now().date())
    code = authenticator[0].at(clock.at)
    with pytest.raises(accounts.CodeNeeded):
        accounts.reauthenticate(runtime, actor, PASSWORD)
    assert accounts.reauthenticate(runtime, actor, PASSWORD, code=code).method == "password+totp"
    for password, again in ((PASSWORD, code), ("wrong", authenticator[1][0]), (PASSWORD, "000000")):
        with pytest.raises(accounts.WrongPasswordOrCode):
            accounts.reauthenticate(runtime, actor, password, code=again)
    assert accounts.reauthenticate(runtime, actor, PASSWORD, code=authenticator[1][0]).method == "password+backup"


def test_a_session_goes_on_under_another_token_and_the_old_one_ends(runtime, people, clock):
    opened = accounts.sign_in(runtime, "worker", PASSWORD)

    def session(token):
        with runtime.reading() as connection:
            return sessions.session_of(connection, token, clock.now())

    assert sessions.renew(runtime, session(opened.token)) is None, "the token is young"
    clock.at += sessions.RENEW_AFTER
    renewed = sessions.renew(runtime, session(opened.token))
    assert session(opened.token) is not None, "what is under way goes on"
    assert renewed.expires_at == opened.expires_at
    clock.at += sessions.GRACE
    assert session(opened.token) is None
    assert session(renewed.token).actor.id == people["worker"]


def test_nothing_that_was_shown_stands_in_a_table(runtime, people, authenticator, clock):
    opened = accounts.sign_in(runtime, "worker", PASSWORD, code=authenticator[0].at(clock.at), address="203.0.113.7")
    with runtime.reading() as connection:
        rows = [
            str(row)
            for table in (model.login_session, model_sign_in.known_device, model_sign_in.sign_in_record)
            for row in connection.execute(select(table)).all()
        ]
    assert rows
    assert not any(shown in row for row in rows for shown in (opened.token, opened.device, "203.0.113.7"))
