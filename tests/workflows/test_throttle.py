"""How many wrong passwords are looked at, and what a right one leaves behind."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from engine.access import SYSTEM
from engine.unit_of_work import unit_of_work
from workflows import accounts, model, organisation, passwords, sessions, throttle
from workflows.posts import UnitKind

PASSWORD = "right horse battery"
HASH = passwords.hash_password(PASSWORD)
_PLANNED = text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT sign_in_failure%'")


@pytest.fixture
def chair(runtime):
    """Somebody who may sign in."""
    with unit_of_work(runtime, SYSTEM) as work:
        county = organisation.add_unit(work.connection, parent_id=None, kind=UnitKind.COUNTY, name="C1", code="C1")
        account = accounts.add_account(work.connection, login="V1chair", name="林秋月", password_hash=HASH)
        since = work.today - timedelta(days=1)
        organisation.appoint(work.connection, account_id=account, post="LOAN_WORKER", unit_id=county.id, since=since)
    return account


def session(runtime, token):
    with runtime.reading() as connection:
        return sessions.session_of(connection, token, runtime.clock.now())


def fail(runtime, times, login="v1chair", address="10.0.0.1"):
    for _ in range(times):
        with pytest.raises(accounts.SignInRefused) as refused:
            accounts.sign_in(runtime, login, "wrong", address=address)
        assert not isinstance(refused.value, accounts.TooManyAttempts)


def test_after_five_failures_one_must_wait_and_is_told_how_long(runtime, chair, clock):
    fail(runtime, throttle.FAILURES_PER_LOGIN)
    clock.at += timedelta(minutes=4)
    with pytest.raises(accounts.TooManyAttempts) as refused:
        accounts.sign_in(runtime, "V1CHAIR", PASSWORD, address="10.0.0.2")
    assert refused.value.params == {"minutes": 11}
    clock.at += timedelta(minutes=11, seconds=1)
    assert accounts.sign_in(runtime, "v1chair", PASSWORD).account_id == chair


def test_attempts_made_while_waiting_do_not_lengthen_the_wait(runtime, chair, clock):
    fail(runtime, throttle.FAILURES_PER_LOGIN)
    for _ in range(3):
        clock.at += timedelta(minutes=4)
        with pytest.raises(accounts.TooManyAttempts):
            accounts.sign_in(runtime, "v1chair", "wrong")
    clock.at += timedelta(minutes=3, seconds=1)
    fail(runtime, 1)


@pytest.fixture
def quick(monkeypatch):
    """Verify without argon2, where only the counting matters."""
    monkeypatch.setattr(accounts, "verify", lambda hashed, password: hashed is not None and password == PASSWORD)


@pytest.mark.usefixtures("quick")
def test_success_forgets_the_failures_of_this_login_alone(runtime, chair):
    fail(runtime, 4)
    fail(runtime, 4, login="another")
    accounts.sign_in(runtime, "v1chair", PASSWORD)
    fail(runtime, 4)
    fail(runtime, 1, login="another")
    with pytest.raises(accounts.TooManyAttempts):
        accounts.sign_in(runtime, "another", "wrong")


@pytest.mark.usefixtures("quick")
def test_one_address_trying_many_logins_must_wait_as_well(runtime, chair):
    for number in range(throttle.FAILURES_PER_ADDRESS):
        fail(runtime, 1, login=f"guess{number}")
    with pytest.raises(accounts.TooManyAttempts):
        accounts.sign_in(runtime, "v1chair", PASSWORD, address="10.0.0.1")
    assert accounts.sign_in(runtime, "v1chair", PASSWORD, address="10.0.0.2").account_id == chair


def test_what_was_typed_as_a_login_is_never_stored(runtime, chair):
    fail(runtime, 1, login="my secret password", address="10.9.8.7")
    with runtime.reading() as connection:
        row = connection.execute(select(model.sign_in_failure)).one()
    assert {"my secret password", "10.9.8.7"}.isdisjoint(map(str, row))


def test_attempts_at_the_same_moment_are_all_counted(runtime, chair):
    answers = []

    def attempt():
        try:
            accounts.sign_in(runtime, "v1chair", "wrong")
        except accounts.SignInRefused as refused:
            answers.append(type(refused))

    threads = [threading.Thread(target=attempt) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers.count(accounts.SignInRefused) == throttle.FAILURES_PER_LOGIN
    assert answers.count(accounts.TooManyAttempts) == 8 - throttle.FAILURES_PER_LOGIN


def test_a_right_password_writes_no_failure_and_lets_the_next_attempt_in(runtime, chair):
    actor = session(runtime, accounts.sign_in(runtime, "v1chair", PASSWORD).token).actor
    for _ in range(throttle.FAILURES_PER_LOGIN + 1):
        accounts.reauthenticate(runtime, actor, PASSWORD)
    if (
        not runtime.database.is_sqlite
    ):  # nor takes anything back, at which the connection would let go of what it has planned
        with runtime.database.glancing() as connection:
            assert connection.execute(_PLANNED).scalar() == 1
    with runtime.reading() as connection:
        assert connection.execute(select(model.sign_in_failure)).all() == []


def test_wrong_signatures_have_a_budget_of_their_own_which_a_right_one_renews(runtime, chair):
    actor = session(runtime, accounts.sign_in(runtime, "v1chair", PASSWORD).token).actor
    fail(runtime, throttle.FAILURES_PER_LOGIN)

    def unsigned(times):
        for _ in range(times):
            with pytest.raises(accounts.WrongPassword):
                accounts.reauthenticate(runtime, actor, "wrong")

    unsigned(throttle.FAILURES_PER_LOGIN - 1)
    accounts.reauthenticate(runtime, actor, PASSWORD)
    unsigned(throttle.FAILURES_PER_LOGIN)
    with pytest.raises(accounts.TooManyAttempts):
        accounts.reauthenticate(runtime, actor, PASSWORD)


def test_an_attempt_waits_for_the_one_before_it_and_counts_what_came_of_it(runtime, chair, monkeypatch):
    fail(runtime, throttle.FAILURES_PER_LOGIN - 1)
    verifying, knocking, later = threading.Event(), threading.Event(), []

    def second():
        knocking.set()
        with pytest.raises(accounts.TooManyAttempts):
            accounts.sign_in(runtime, "v1chair", PASSWORD, address="10.0.0.2")
        later.append("refused")

    def slow(_hashed, _password):
        verifying.set()
        knocking.wait(timeout=10)
        thread.join(timeout=0.3)
        assert later == []  # it waits, whatever address it comes from
        return False

    monkeypatch.setattr(accounts, "verify", slow)
    thread = threading.Thread(target=second)
    first = threading.Thread(target=fail, args=(runtime, 1))
    first.start()
    assert verifying.wait(timeout=10)
    thread.start()
    for each in (first, thread):
        each.join(timeout=10)
    assert later == ["refused"]


@pytest.mark.usefixtures("quick")
def test_right_signatures_of_one_person_at_the_same_moment_are_all_good(runtime, chair):
    actor = session(runtime, accounts.sign_in(runtime, "v1chair", PASSWORD).token).actor
    given = []
    threads = [
        threading.Thread(target=lambda: given.append(accounts.reauthenticate(runtime, actor, PASSWORD).account_id))
        for _ in range(throttle.FAILURES_PER_LOGIN + 2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=10)
    assert given == [chair] * len(threads)


@pytest.mark.usefixtures("quick")
def test_nobody_waits_for_somebody_elses_attempt(runtime, chair):
    mine, hers = (throttle.Budget("signature", each) for each in ("1", "2"))
    with throttle.Attempt(runtime, mine, None) as outer, throttle.Attempt(runtime, hers, None) as inner:
        outer.right = inner.right = True
    assert throttle._turns._known == {}


def test_an_attempt_that_could_not_be_verified_counts_as_a_failure(runtime, chair, monkeypatch):
    def broken(_hashed, _password):
        raise MemoryError

    monkeypatch.setattr(accounts, "verify", broken)
    for _ in range(throttle.FAILURES_PER_LOGIN):
        with pytest.raises(MemoryError):
            accounts.sign_in(runtime, "v1chair", PASSWORD)
    with pytest.raises(accounts.TooManyAttempts):
        accounts.sign_in(runtime, "v1chair", PASSWORD)
