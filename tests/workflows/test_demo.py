"""The demo county: complete, invented, and the same after loading it twice."""

from __future__ import annotations

from collections import Counter

import pytest
from sqlalchemy import func, select

from engine.model import case_file, definition, task
from engine.model_filed import form_version
from tests.workflows.conftest import APPLICATION_DATE
from tests.workflows.processes.loan.house import opened
from workflows import (
    accounts,
    demo,
    demo_cases,
    demo_desk,
    demo_petitions,
    model,
    organisation,
    people,
    petition_analysis,
    policy,
    schema,
)
from workflows.model_reception import reception_day
from workflows.posts import POST_KIND, UnitKind
from workflows.processes.hotline_call.register import hotline_register
from workflows.processes.petition.indicators import CATEGORY
from workflows.processes.petition.register import petition_register
from workflows.screening import Screen
from workflows.spans import Span


@pytest.fixture
def county(databases):
    """The demo county with every process type."""
    for house in opened(databases):
        yield house.runtime


def rows_in_every_table(runtime):
    with runtime.reading() as connection:
        tables = schema.metadata().sorted_tables
        return {t.name: connection.execute(select(func.count()).select_from(t)).scalar_one() for t in tables}


def test_loading_the_demo_twice_changes_nothing(county):
    before = rows_in_every_table(county)
    demo.create_demo(county)
    assert rows_in_every_table(county) == before


def test_every_listed_person_signs_in_and_holds_her_post(county):
    with county.reading() as connection:
        for person in demo.PEOPLE:
            actor = organisation.actor_of(
                connection, accounts.account_id(connection, person.login), county.clock.now().date()
            )
            place = organisation.unit(connection, actor.posts[0].unit_id)
            assert [(post.code, place.code) for post in actor.posts] == [(person.post, person.unit)]
    signed_in = accounts.sign_in(county, "v3chair", demo.PASSWORD)
    assert signed_in.name == "阿芝·乌呷"


def test_the_start_banner_names_login_person_post_and_unit():
    listed = {line.login: (line.name, line.post, line.unit) for line in demo.sign_ins()}
    assert listed["t1vice"] == ("吴海棠", "乡镇妇联主席", "青禾镇妇联")
    assert listed["sysadmin"][2] == "示范县妇联"
    assert len(listed) == len(demo.PEOPLE) == 27


def test_the_county_has_two_townships_three_villages_and_a_credit_union(county):
    with county.reading() as connection:
        top = organisation.unit_by_code(connection, demo.COUNTY_CODE)
        kinds = Counter(unit.kind for unit in organisation.below(connection, top.id))
        villages = {
            u.code: organisation.ancestors(connection, u.id)[0].code
            for u in organisation.below(connection, top.id, UnitKind.VILLAGE)
        }
    assert {kind: kinds[kind] for kind in (UnitKind.TOWN, UnitKind.VILLAGE, UnitKind.CREDIT_UNION)} == {
        UnitKind.TOWN: 2,
        UnitKind.VILLAGE: 3,
        UnitKind.CREDIT_UNION: 1,
    }
    assert kinds[UnitKind.DEPARTMENT] == 5
    assert villages == {"V1": "T1", "V2": "T1", "V3": "T2"}


def test_every_post_of_the_county_is_held_and_one_township_has_two_chairs():
    held = Counter((person.post, person.unit) for person in demo.PEOPLE)
    assert held["TOWN_CHAIR", "T1"] == 2
    #: the demo county has nobody above it
    assert {post for post, _ in held} == POST_KIND.keys() - {"UPPER_CHAIR"}


def test_every_number_is_valid_and_belongs_to_one_person():
    numbers = [person.idcard for person in demo.PEOPLE] + [idcard for _, idcard, _ in demo.RELATIVES]
    assert [people.idcard_problem(number) for number in numbers] == [None] * len(numbers)
    assert len(set(numbers)) == len(numbers)
    assert people.sex_of(demo.SISTER_IN_LAW_OF_V2CHAIR) == "F"


def test_the_sister_in_law_of_the_chair_of_v2_is_known_as_such(county):
    hashed = organisation.person_hash(county.vault, demo.SISTER_IN_LAW_OF_V2CHAIR)
    with county.reading() as connection:
        v2chair, v1chair = (accounts.account_id(connection, login) for login in ("v2chair", "v1chair"))
        party = Screen(connection, (("APPLICANT", 0, "idcard", hashed),), APPLICATION_DATE.date())
        assert [hit.relation for hit in party.hits(v2chair)] == ["IN_LAW"]
        assert party.hits(v1chair) == ()


def test_no_id_number_is_stored_readable(county):
    with county.reading() as connection:
        stored = [str(row) for table in (model.account, model.relative) for row in connection.execute(select(table))]
    assert not any(person.idcard in row for row in stored for person in demo.PEOPLE)


def test_policy_a_and_the_official_calendar_are_in_force(county):
    with county.reading() as connection:
        top = organisation.unit_by_code(connection, demo.COUNTY_CODE)
        today = county.clock.now().date()
        assert policy.policy_on(connection, top.id, "loan", today).parameters.integer("maxAge") == 50
        assert rows_in_every_table(county)["calendar_day"] > 500


def test_the_drawing_of_every_process_type_is_published_once(county):
    with county.reading() as connection:
        published = connection.execute(select(definition.c.key, definition.c.version)).all()
    assert sorted(published) == [(key, 1) for key in sorted(county.catalogue)]


def test_an_installation_without_people_has_a_county_a_policy_and_a_calendar(connection):
    named = {"county_name": "甲县妇联", "county_code": "510000", "at": APPLICATION_DATE}
    county = demo.create_installation(connection, **named)
    assert demo.create_installation(connection, **named) == county
    assert (
        policy.policy_on(connection, county.id, "loan", APPLICATION_DATE.date()).label == "妇女小额担保贷款政策（首版）"
    )
    assert connection.execute(select(func.count()).select_from(model.account)).scalar() == 0


def test_the_demo_loans_wait_each_at_a_step_of_its_own_and_are_opened_once(county):
    assert demo_cases.create_demo_cases(county) == len(demo_cases.LOANS)
    assert demo_cases.create_demo_cases(county) == 0
    with county.reading() as connection:
        waiting = Counter(connection.execute(select(task.c.element).where(task.c.state == "open")).scalars())
        late = connection.execute(select(func.count()).where(task.c.due_at < county.clock.now())).scalar()
    loan_steps = {"T_VillageReview": 2, "T_TownReview": 1, "T_Correct": 1, "T_Credit": 1, "T_FinalCheck": 1}
    assert waiting >= Counter({**loan_steps, "T_Disburse": 1, "T_ConfirmRefusal": 1})
    assert late


def actor_named(runtime, login):
    with runtime.reading() as connection:
        today = runtime.clock.now().date()
        return organisation.actor_of(connection, accounts.account_id(connection, login), today, runtime.clock.now())


def papers_by_hand(runtime):
    """Month → (category → items, items), from the sealed P-01 of every item that is not confidential."""
    papers = (
        select(form_version.c.answers_sealed)
        .join(case_file, case_file.c.id == form_version.c.case_id)
        .where(form_version.c.form == "register", case_file.c.kind == "petition", case_file.c.confidentiality == "C2")
    )
    with runtime.reading() as connection:
        told = [runtime.vault.open_json(sealed) for sealed in connection.execute(papers).scalars()]
    months = {each["receivedOn"][:7] for each in told}
    of_month = {month: [each["category"] for each in told if each["receivedOn"].startswith(month)] for month in months}
    return {month: (dict(Counter(categories)), len(categories)) for month, categories in of_month.items()}


def every_month_is_counted_as_by_hand(county, items):
    typed = papers_by_hand(county)
    assert sum(n for _, n in typed.values()) == items
    today, rightshead = county.clock.now().date(), actor_named(county, "rightshead")
    for month, (categories, received) in typed.items():
        with county.reading() as connection:
            top = petition_analysis.top_of(connection, rightshead, 0)
            found = petition_analysis.analysis(county, connection, rightshead, top, Span.named(month), today).total
        assert found.number("RECEIVED") == received, month
        assert {code: found.number(CATEGORY + code) for code in categories} == categories, month


def test_sixty_petitions_are_brought_and_each_way_ends_where_it_says(county, monkeypatch):
    assert len(demo_petitions.PETITIONS) == 60
    one_each = tuple({each.way: each for each in reversed(demo_petitions.PETITIONS)}.values())
    more = tuple(each for each in demo_petitions.PETITIONS if each.way == "mediated" and each not in one_each)
    monkeypatch.setattr(demo_petitions, "PETITIONS", (*one_each[::-1], *more))
    assert demo_petitions.create_demo_petitions(county) == len(demo_petitions.WAYS) + 2
    demo_desk.answer_calls(county)
    demo_desk.sweep_disputes(county)
    with county.reading() as connection:
        days = connection.execute(
            select(reception_day.c.state, reception_day.c.received_by).order_by(reception_day.c.id)
        ).all()
        calls = Counter(connection.execute(select(hotline_register.c.result, hotline_register.c.taken_by)).all())
        states = Counter(connection.execute(select(petition_register.c.state)).scalars())
        waiting = Counter(connection.execute(select(task.c.element).where(task.c.state == "open")).scalars())
    assert days == [("held", "substitute"), ("missed", None), ("held", "receiver"), ("planned", None)]
    assert calls == {("HAND_OVER", None): 2, ("ADVISED", None): 2}
    assert states == {"registered": 3, "accepted": 12, "guided": 1, "concluded": 3, "joined": 1}
    steps = {
        "T_ReviewWindow": 1,
        "T_ReviewOutside": 1,
        "T_WithdrawCheck": 1,
        "T_Deliver": 1,
        "T_Receive": 1,
        "T_Screen": 1,
        "T_Sweep": 2,
        # the three mediations and the conference that were called
        "T_Mediation": 3,
        "T_ConsentOther": 1,
        "T_Session": 1,
        "T_Confirm": 1,
        "T_SendMinutes": 1,
    }
    assert waiting >= Counter(steps)
    every_month_is_counted_as_by_hand(county, sum(states.values()) - 1)  # one tells of violence and is in no figure
