"""A start password opens the page on which she chooses her own, and nothing else (decision 32)."""

from __future__ import annotations

import itertools

import pytest
from sqlalchemy import select

from engine.access import SYSTEM
from engine.errors import InvalidAnswers
from engine.unit_of_work import unit_of_work
from workflows import accounts, api_tokens, entering, first_sign_in, model, organisation, passwords, sessions
from workflows.entering import Caller
from workflows.posts import UnitKind
from workflows.whereabouts import origin

START, OWN = "kd7qm-w2xhp-r9tvn", "七只喜鹊落在老槐树的北边枝头上"
HERE = Caller("10.0.0.9", origin("10.0.0.9"))
QUICK = passwords.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Hash with little work."""
    monkeypatch.setattr(passwords, "_hasher", QUICK)


@pytest.fixture
def worker(runtime):
    """A loan worker with a start password."""
    with unit_of_work(runtime, SYSTEM) as work:
        county = organisation.add_unit(work.connection, parent_id=None, kind=UnitKind.COUNTY, name="青阳县", code="C1")
        hashed = passwords.hash_password("long ago and forgotten")
        made = accounts.add_account(work.connection, login="worker", name="林秋月", password_hash=hashed)
        organisation.appoint(
            work.connection, account_id=made, post="LOAN_WORKER", unit_id=county.id, since=work.today, desk_id=None
        )
    return made


def give(runtime, account, password=START):
    with unit_of_work(runtime, SYSTEM) as work:
        accounts.give_password(work.connection, account, password)


def actor_behind(runtime, token):
    with runtime.reading() as connection:
        return sessions.session_of(connection, token, runtime.clock.now())


@pytest.mark.parametrize(
    ("shown", "enrolled", "required", "start"),
    list(itertools.product((False, True), repeat=4)),
    ids=lambda v: str(int(v)),
)
def test_her_own_password_comes_after_the_second_factor_and_before_everything_else(shown, enrolled, required, start):
    stage = entering.stage_of(shown=shown, enrolled=enrolled, required=required, start_password=start)
    if not shown and (enrolled or required):
        assert stage == ("code" if enrolled else "enrol")
    else:
        assert stage == ("change" if start else "full")


def test_nobody_acts_until_she_has_chosen_and_then_the_start_password_is_over(runtime, worker):
    give(runtime, worker)
    opened = accounts.sign_in(runtime, "worker", START)
    assert (opened.stage, opened.device, actor_behind(runtime, opened.token)) == ("change", None, None)
    for new, again, field in (("short", "short", "new"), (START, START, "new"), ("我们青阳县的七只喜鹊落在槐树上",) * 2 + ("new",), (OWN, OWN[1:], "again")):  # fmt: skip
        with pytest.raises(InvalidAnswers) as wrong:
            first_sign_in.choose_password(runtime, opened.token, new, again, HERE)
        assert list(wrong.value.problems) == [field]
    entered = first_sign_in.choose_password(runtime, opened.token, OWN, OWN, HERE)
    assert (entered.stage, actor_behind(runtime, entered.token).actor.id) == ("full", worker)
    with pytest.raises(entering.Stale):
        first_sign_in.choose_password(runtime, opened.token, OWN + "二", OWN + "二", HERE)
    with pytest.raises(accounts.SignInRefused):
        accounts.sign_in(runtime, "worker", START)
    assert accounts.sign_in(runtime, "worker", OWN).stage == "full"


def test_a_page_that_waits_is_over_when_another_start_password_is_given(runtime, worker):
    give(runtime, worker)
    opened = accounts.sign_in(runtime, "worker", START)
    give(runtime, worker, "another-7qm-w2xhp")
    with pytest.raises(entering.Stale):
        first_sign_in.choose_password(runtime, opened.token, OWN, OWN, HERE)


def test_a_start_password_given_later_silences_her_tokens_and_a_renewed_hash_keeps_it_one(runtime, worker, monkeypatch):
    with unit_of_work(runtime, SYSTEM) as work:
        lasts = api_tokens.LONGEST
        token = api_tokens.make(work.connection, worker, work.now, name="a", scopes=["inbox.read"], lasts=lasts)
    assert api_tokens.bearer(runtime, token, "").actor.id == worker
    give(runtime, worker)
    with pytest.raises(api_tokens.NoToken):
        api_tokens.bearer(runtime, token, "")
    monkeypatch.setattr(accounts, "is_outdated", lambda _hash: True)
    for _ in range(2):
        assert accounts.sign_in(runtime, "worker", START).stage == "change"
    with runtime.reading() as connection:
        assert connection.execute(select(model.account.c.start_password)).scalar_one() is True
