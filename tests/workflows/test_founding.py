"""A real installation begins with its county and four people, once, and they can let in everybody else."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import func, insert, select, update

from engine import audit
from engine.adopting import adopt
from engine.clock import SystemClock
from engine.database import Database
from engine.errors import Forbidden, InvalidAnswers
from engine.fields import Vault
from engine.queries.versions import DRAWING, all_in_force
from engine.runtime import Runtime
from tests.workflows.processes.loan.examples import idcard
from workflows import accounts, catalogue, model, organisation, schema
from workflows.appointing import appoint_post, end_term
from workflows.federation_rules import FederationRules
from workflows.founding import Founder, found
from workflows.organisation import actor_of, unit_by_code
from workflows.staff import create_account
from workflows.supervision import FederationSupervision

KEYS = Vault([Fernet.generate_key()])
FOUR = [
    Founder("SYS_ADMIN", "keeper", "江晚晴", idcard(date(1985, 4, 1))),
    Founder("SEC_ADMIN", "rights", "贺知秋", idcard(date(1984, 5, 2))),
    Founder("LOG_AUDITOR", "auditor", "柏如霜", idcard(date(1983, 6, 3))),
    Founder("COUNTY_CHAIR", "chair", "纪明珠", idcard(date(1975, 7, 4))),
]


@pytest.fixture
def runtime(databases):
    url = databases.create(schema.upgrade)
    made = Runtime(Database(url), KEYS, FederationRules(), catalogue.load(), SystemClock(), FederationSupervision())
    yield made
    made.database.dispose()
    databases.drop(url)


def begin(runtime, founders=FOUR, county="青阳县妇联", code="Q1"):
    return found(runtime, county_name=county, county_code=code, founders=founders)


def count(runtime, table):
    with runtime.reading() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar()


def test_four_people_can_sign_in_and_let_in_the_next_and_drawings_count(runtime):
    passwords = begin(runtime)
    assert set(passwords) == {"keeper", "rights", "auditor", "chair"}
    assert len(set(passwords.values())) == 4
    with runtime.reading() as connection:
        assert connection.execute(select(model.account.c.start_password).distinct()).scalars().all() == [True]
        county = unit_by_code(connection, "Q1")
        people = {f.post: actor_of(connection, accounts.account_id(connection, f.login), date.today()) for f in FOUR}
        assert set(all_in_force(connection, DRAWING, runtime.clock.now())) == set(catalogue.load())
    assert {post: actor.holds(post, county.id) for post, actor in people.items()} == dict.fromkeys(people, True)
    given = {"login_name": "worker", "name": "白露", "idcard": idcard(date(1990, 8, 5))}
    made = runtime.execute(create_account, actor=people["SYS_ADMIN"], key="a" * 20, **given).content["account_id"]
    post = {"account_id": made, "post": "LOAN_WORKER", "unit_id": county.id, "since": date.today().isoformat()}
    runtime.execute(appoint_post, actor=people["SEC_ADMIN"], key="b" * 20, until="", **post)
    with runtime.reading() as connection:
        assert actor_of(connection, made, date.today()).holds("LOAN_WORKER", county.id)


def test_a_start_password_opens_the_door_to_the_second_factor(runtime):
    passwords = begin(runtime)
    opened = accounts.sign_in(runtime, "chair", passwords["chair"])
    assert opened.stage == "enrol", "the chair may touch C3: an authenticator comes before anything else"


def test_it_is_done_once(runtime):
    begin(runtime)
    with pytest.raises(Forbidden, match="已有账号"):
        begin(runtime, code="Q2")
    assert count(runtime, model.unit) == 1


TWICE = Founder("SEC_ADMIN", "rights", "贺知秋", FOUR[0].idcard)


@pytest.mark.parametrize(
    ("founders", "county", "field"),
    [
        (FOUR[:3], "青阳县妇联", "post"),
        ([*FOUR, FOUR[0]], "青阳县妇联", "post"),
        ([*FOUR[:3], Founder("LOAN_HEAD", "chair", "纪明珠", FOUR[3].idcard)], "青阳县妇联", "post"),
        ([FOUR[0], TWICE, *FOUR[2:]], "青阳县妇联", "SEC_ADMIN.idcard"),
        (
            [FOUR[0], Founder("SEC_ADMIN", "KEEPER", "贺知秋", FOUR[1].idcard), *FOUR[2:]],
            "青阳县妇联",
            "SEC_ADMIN.login_name",
        ),
        ([Founder("SYS_ADMIN", "keeper", "江晚晴", "123"), *FOUR[1:]], "青阳县妇联", "SYS_ADMIN.idcard"),
        (FOUR, " ", "county"),
    ],
    ids=["three", "five", "another post", "one person twice", "one login twice", "no ID number", "no county"],
)
def test_what_is_wrong_is_told_by_field_and_nothing_is_written(runtime, founders, county, field):
    with pytest.raises(InvalidAnswers) as wrong:
        begin(runtime, founders, county)
    assert list(wrong.value.problems) == [field]
    assert (count(runtime, model.account), count(runtime, model.unit)) == (0, 0)


def said(runtime, *changes):
    with runtime.database.engine.connect() as connection:
        for change in changes:
            connection.execute(change)
        outcome = audit.verify(connection, runtime.vault)
        connection.rollback()
    return [str(fault.why) for fault in outcome.faults]


def test_a_post_nobody_gave_or_ended_is_found_from_the_first_day_on(runtime):
    begin(runtime)
    with runtime.reading() as connection:
        (mine, *_) = (dict(row) for row in connection.execute(select(model.post_holding)).mappings())
    terms, here = model.post_holding, model.post_holding.c.id == mine["id"]
    himself = insert(terms).values({**mine, "id": 77, "post": "RIGHTS_HEAD"})
    assert said(runtime) == []
    assert said(runtime, himself) == ["任职 77 与机构记录不符"]
    yesterday = mine["since"] - timedelta(days=1)
    for changed in ({"post": "RIGHTS_HEAD"}, {"account_id": 3}, {"since": yesterday}, {"until": mine["since"]}):
        assert said(runtime, update(terms).where(here).values(changed)) == [f"任职 {mine['id']} 与机构记录不符"], (
            changed
        )
    assert said(runtime, update(terms).where(here).values(id=77)) == [
        "任职 77 与机构记录不符",
        f"任职 {mine['id']} 与机构记录不符",
    ]
    with runtime.reading() as connection:
        keeper = actor_of(connection, accounts.account_id(connection, "rights"), date.today())
        chair = accounts.account_id(connection, "chair")
        (hers,) = connection.execute(select(terms.c.id).where(terms.c.account_id == chair)).scalars()
    ended = {"holding_id": hers, "last_day": date.today().isoformat()}
    runtime.execute(end_term, actor=keeper, key="c" * 20, **ended)
    assert said(runtime) == []
    assert said(runtime, update(terms).where(terms.c.id == hers).values(until=None)) == [f"任职 {hers} 与机构记录不符"]


def test_terms_from_before_there_was_a_record_count_until_they_were_taken_in_once(runtime):
    with runtime.database.engine.begin() as connection:
        county = organisation.add_unit(connection, parent_id=None, kind="COUNTY", name="青阳县妇联", code="Q1")
        account = accounts.add_account(connection, login="worker", name="白露", password_hash="x")
        term = {"account_id": account, "unit_id": county.id, "since": date(2026, 1, 1)}
        organisation.appoint(connection, post="LOAN_WORKER", **term)
    assert said(runtime) == []
    adopt(runtime)
    assert said(runtime) == []
    another = insert(model.post_holding).values(post="RIGHTS_HEAD", **term)
    assert said(runtime, another) == ["任职 2 与机构记录不符"]
