"""Signing in while the account changes, and with logins no keyboard makes."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from engine.access import SYSTEM
from engine.errors import NotFound
from engine.unit_of_work import unit_of_work
from tests.workflows.test_accounts import HASH, PASSWORD, change, session
from workflows import accounts, model, organisation, sessions
from workflows.posts import UnitKind

NEW = "another good one"


@pytest.fixture
def worker(runtime, clock):
    """A loan worker of a county."""
    with unit_of_work(runtime, SYSTEM) as work:
        county = organisation.add_unit(work.connection, parent_id=None, kind=UnitKind.COUNTY, name="C1", code="C1")
        account = accounts.add_account(work.connection, login="worker", name="林秋月", password_hash=HASH)
        term = {"account_id": account, "post": "LOAN_WORKER", "unit_id": county.id, "since": clock.at.date()}
        organisation.appoint(work.connection, **term)
    return account


@pytest.mark.parametrize(
    "meanwhile",
    [
        lambda connection, account: accounts.give_password(connection, account, NEW),
        lambda connection, account: accounts.set_active(connection, account, active=False),
    ],
    ids=["new password", "account closed"],
)
def test_what_changes_while_a_password_is_being_verified_counts(runtime, worker, monkeypatch, meanwhile):
    """Verifying takes long and holds no transaction; a session opened on what was read before it would outlive the change."""
    verify = accounts.verify

    def slowly(hashed, password):
        right = verify(hashed, password)
        change(runtime, lambda connection: meanwhile(connection, worker))
        return right

    monkeypatch.setattr(accounts, "verify", slowly)
    with pytest.raises(accounts.SignInRefused):
        accounts.sign_in(runtime, "worker", PASSWORD)
    with runtime.reading() as connection:
        assert connection.execute(select(func.count()).select_from(model.login_session)).scalar() == 0


@pytest.mark.parametrize("login", ["\x00", "nobody\x00", "' OR 1=1 --", "x" * 100_000])
def test_a_login_nobody_could_type_is_a_wrong_one(runtime, worker, login):
    with pytest.raises(accounts.SignInRefused):
        accounts.sign_in(runtime, login, PASSWORD)


def test_each_sign_in_has_a_token_of_its_own_and_a_made_up_one_opens_nothing(runtime, worker):
    first, second = (accounts.sign_in(runtime, "worker", PASSWORD).token for _ in range(2))
    assert first != second
    assert session(runtime, first).actor.id == worker
    for made_up in ("", "x", first[:-1], sessions.token_hash(first)):
        assert session(runtime, made_up) is None


def test_nobody_becomes_the_system(runtime, worker):
    with runtime.reading() as connection, pytest.raises(NotFound):
        organisation.actor_of(connection, SYSTEM.id, runtime.clock.now().date())
    with unit_of_work(runtime, SYSTEM) as work:
        assert accounts.add_account(work.connection, login="other", name="乙", password_hash=HASH) > SYSTEM.id
