"""Who gives posts, and what changes at the same moment: three keepers, two persons, terms with a last day (D1, D6, O01)."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import select

from engine.access import SYSTEM
from engine.clock import SHANGHAI
from engine.errors import Forbidden, InvalidAnswers, NotFound, ProposalClosed
from engine.unit_of_work import unit_of_work
from tests.workflows.organisation.test_units import record, refused, waiting
from tests.workflows.processes.loan import examples
from workflows import accounts, model, organisation, sessions
from workflows.appointing import appoint_post, decide_appointment, end_term, withdraw_appointment
from workflows.demo import PASSWORD
from workflows.passwords import password_problem
from workflows.staff import create_account, note_start_password, set_account_state, start_password

SEC, SYS = "secadmin", "sysadmin"
#: nobody's: an invented number with a right check digit
IDCARD = "110101198402148686"


def person(house, login="newchair", idcard=IDCARD, name="江映雪"):
    made = house.act(create_account, SYS, login_name=login, name=name, idcard=idcard)["account_id"]
    with unit_of_work(house.runtime, SYSTEM) as work:
        accounts.give_password(work.connection, made, PASSWORD)
    return made


def term(house, login, post):
    with house.runtime.reading() as connection:
        held = model.post_holding.c
        chosen = select(held.id).where(held.account_id == accounts.account_id(connection, login), held.post == post)
        return connection.execute(chosen).scalar_one()


def test_a_successor_gets_what_waits_and_the_leaver_loses_it_at_the_same_moment(house):
    case_id = house.applied()
    village = house.unit("V1")
    new = person(house)
    house.act(end_term, SEC, holding_id=term(house, "v1chair", "VILLAGE_CHAIR"), last_day="2026-06-14")
    assert house.actor("v1chair").posts == ()
    job = house.open_task(case_id)
    assert (job.post, job.acting_for, job.acting_reason) == ("TOWN_CHAIR", "VILLAGE_CHAIR", "VACANT"), (
        "the township acts from this moment, without waiting for a job"
    )
    assert waiting(house, "t1chair") == [case_id]
    house.act(appoint_post, SEC, account_id=new, post="VILLAGE_CHAIR", unit_id=village, since="2026-06-15")
    job = house.open_task(case_id)
    assert (job.post, job.unit_id, job.acting_for) == ("VILLAGE_CHAIR", village, None)
    assert waiting(house, "newchair") == [case_id]
    assert waiting(house, "t1chair") == []
    house.submit(case_id, "newchair", examples.village_review())
    assert record(house) == ["account.created", "post.ended", "handover.opened", "post.given"]


def at(house, day, hour, minute):
    house.clock.at = datetime(2026, *day, hour, minute, tzinfo=SHANGHAI)


def test_the_last_day_is_served_to_its_last_minute_and_then_sign_in_is_refused_and_sessions_are_dead(small_house):
    house = small_house
    house.act(end_term, SEC, holding_id=term(house, "v1chair", "VILLAGE_CHAIR"), last_day="2026-06-30")
    at(house, (6, 30), 23, 40)
    token = accounts.sign_in(house.runtime, "v1chair", PASSWORD).token
    for day, hour, minute, serves in [((6, 30), 23, 59, True), ((7, 1), 0, 0, False), ((7, 1), 0, 10, False)]:
        at(house, day, hour, minute)
        with house.runtime.reading() as connection:
            assert (sessions.session_of(connection, token, house.clock.now()) is not None) is serves
    with pytest.raises(accounts.SignInRefused, match="任期已届满"):
        accounts.sign_in(house.runtime, "v1chair", PASSWORD)


def test_far_reaching_posts_need_a_second_person(house):
    new = person(house)
    asked = {"account_id": new, "post": "RIGHTS_HEAD", "unit_id": house.unit("C1"), "since": "2026-06-15"}
    answer = house.act(appoint_post, SEC, **asked)
    number = answer["appointment_id"]
    assert answer["holding_id"] is None
    assert house.actor("newchair").posts == ()
    for login in (SEC, SYS, "logauditor", "t1chair"):
        with pytest.raises(Forbidden):
            house.act(decide_appointment, login, appointment_id=number, approve=True)
    assert refused(house, "countychair", decide_appointment, appointment_id=number, approve=False).keys() == {"reason"}
    house.act(decide_appointment, "countychair", appointment_id=number, approve=True)
    assert [post.code for post in house.actor("newchair").posts] == ["RIGHTS_HEAD"]
    with pytest.raises(ProposalClosed):
        house.act(decide_appointment, "countychair", appointment_id=number, approve=True)
    with pytest.raises(ProposalClosed):
        house.act(withdraw_appointment, SEC, appointment_id=number)
    assert record(house)[-3:] == ["post.proposed", "post.given", "post.approved"]


def test_a_term_approved_late_begins_on_the_day_of_the_approval(small_house):
    house = small_house
    new = person(house)
    asked = {"account_id": new, "post": "ARCHIVIST", "unit_id": house.unit("C1"), "since": "2026-06-15"}
    number = house.act(appoint_post, SEC, **asked, until="2026-06-20")["appointment_id"]
    other = house.act(appoint_post, SEC, **asked)["appointment_id"]
    at(house, (6, 18), 9, 0)
    house.act(decide_appointment, "countychair", appointment_id=number, approve=True)
    with house.runtime.reading() as connection:
        held = connection.execute(select(model.post_holding).where(model.post_holding.c.account_id == new)).one()
    assert (str(held.since), str(held.until)) == ("2026-06-18", "2026-06-20")
    assert "since" in refused(house, "countychair", decide_appointment, appointment_id=other, approve=True)
    house.act(decide_appointment, "countychair", appointment_id=other, approve=False, reason="重复")


@pytest.mark.parametrize(
    ("held", "wanted", "fits"),
    [
        ("SYS_ADMIN", "SEC_ADMIN", False),
        ("SYS_ADMIN", "LOG_AUDITOR", False),
        ("SYS_ADMIN", "LOAN_WORKER", False),
        ("LOG_AUDITOR", "STAT_CLERK", False),
        ("LOAN_WORKER", "SYS_ADMIN", False),
        ("LOAN_HEAD", "SEAL_KEEPER", False),
        ("SEAL_KEEPER", "COUNTY_CHAIR", False),
        ("SEAL_KEEPER", "STAT_CLERK", True),
        ("LOAN_WORKER", "LOAN_HEAD", True),
        ("LOAN_WORKER", "LOAN_WORKER", False),
    ],
)
def test_keepers_hold_nothing_else_and_the_seal_is_not_kept_by_who_approves(small_house, held, wanted, fits):
    house = small_house
    new = person(house)
    with house.runtime.database.writing() as connection:
        organisation.appoint(
            connection, account_id=new, post=held, unit_id=house.unit("C1"), since=house.clock.now().date()
        )
        connection.commit()
    asked = {"account_id": new, "post": wanted, "unit_id": house.unit("C1"), "since": "2026-06-15"}
    if fits:
        house.act(appoint_post, SEC, **asked)
    else:
        assert refused(house, SEC, appoint_post, **asked).keys() <= {"post", "since"}
    # before that term begins nothing is in the way, but one day of overlap is
    early = {**asked, "since": "2026-01-01", "until": "2026-06-14"}
    house.act(appoint_post, SEC, **early)
    if not fits and wanted != held:
        assert refused(house, SEC, appoint_post, **{**early, "until": "2026-06-15"})


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"post": "TOWN_CHAIR"}, {"post"}),
        ({"post": "APPLICANT"}, {"post"}),
        ({"since": "2027-06-17"}, {"since"}),
        ({"since": "2027-06-16"}, set()),
        ({"since": "tomorrow"}, {"since"}),
        ({"until": "2026-06-29"}, {"until"}),
        ({"until": "2026-07-01"}, set()),
        ({"since": "2026-06-30"}, {"since"}),
        ({"account_id": 999}, {"account_id"}),
        ({"desk_id": 1}, {"desk_id"}),
    ],
)
def test_an_appointment_is_refused_with_what_is_wrong(small_house, given, wrong):
    house = small_house
    house.act(end_term, SEC, holding_id=term(house, "v1chair", "VILLAGE_CHAIR"), last_day="2026-06-30")
    asked = {"account_id": person(house), "post": "VILLAGE_CHAIR", "unit_id": house.unit("V1"), "since": "2026-07-01"}
    if wrong:
        assert refused(house, SEC, appoint_post, **{**asked, **given}).keys() == wrong
    else:
        house.act(appoint_post, SEC, **{**asked, **given})


def test_nobody_appoints_or_dismisses_herself_or_the_last_keeper(small_house):
    house = small_house
    me = house.actor(SEC).id
    with pytest.raises(Forbidden):
        house.act(appoint_post, SEC, account_id=me, post="RIGHTS_HEAD", unit_id=house.unit("C1"), since="2026-06-15")
    with pytest.raises(Forbidden):
        house.act(end_term, SEC, holding_id=term(house, SEC, "SEC_ADMIN"), last_day="2026-06-30")
    for login, post in ((SYS, "SYS_ADMIN"), ("logauditor", "LOG_AUDITOR")):
        with pytest.raises(Forbidden, match="继任"):
            house.act(end_term, SEC, holding_id=term(house, login, post), last_day="2026-06-30")
    with pytest.raises(Forbidden, match="继任"):
        house.act(set_account_state, SYS, account_id=me, active=False)
    with pytest.raises(Forbidden):
        house.act(set_account_state, SYS, account_id=house.actor(SYS).id, active=False)


@pytest.mark.parametrize("login", ["sysadmin", "logauditor", "countychair", "rightshead", "v1chair"])
def test_nobody_but_the_security_administrator_appoints(small_house, login):
    house = small_house
    asked = {"account_id": house.actor("v2chair").id, "post": "LOAN_WORKER", "unit_id": house.unit("C1")}
    with pytest.raises(Forbidden):
        house.act(appoint_post, login, **asked, since="2026-06-15")
    with pytest.raises(Forbidden):
        house.act(end_term, login, holding_id=term(house, "v2chair", "VILLAGE_CHAIR"), last_day="2026-06-30")
    if login != SYS:
        with pytest.raises(Forbidden):
            house.act(create_account, login, login_name="x1", name="江映雪", idcard=IDCARD)


@pytest.mark.parametrize(
    ("day", "wrong"), [("2026-06-13", True), ("2026-06-14", False), ("2026-06-15", False), ("never", True)]
)
def test_a_term_ends_yesterday_at_the_earliest_so_that_nothing_done_becomes_undone(small_house, day, wrong):
    holding = term(small_house, "t2chair", "TOWN_CHAIR")
    if wrong:
        assert refused(small_house, SEC, end_term, holding_id=holding, last_day=day).keys() == {"last_day"}
        return
    small_house.act(end_term, SEC, holding_id=holding, last_day=day)
    assert bool(small_house.actor("t2chair").posts) is (day == "2026-06-15")
    with pytest.raises(NotFound):
        small_house.act(end_term, SEC, holding_id=999, last_day=day)
    with pytest.raises(InvalidAnswers):
        small_house.act(end_term, SEC, holding_id=holding, last_day="2026-06-20")


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"login_name": "v1chair"}, {"login_name"}),
        ({"login_name": " V1Chair "}, {"login_name"}),
        ({"login_name": "a"}, {"login_name"}),
        ({"name": ""}, {"name"}),
        ({"idcard": "110101198304128622"}, {"idcard"}),
        ({"idcard": "110101198402148687"}, {"idcard"}),
        ({"login_name": "", "name": "1", "idcard": ""}, {"login_name", "name", "idcard"}),
    ],
)
def test_one_person_has_one_account(small_house, given, wrong):
    boxes = {"login_name": "newchair", "name": "江映雪", "idcard": IDCARD, **given}
    assert refused(small_house, SYS, create_account, **boxes).keys() == wrong


def test_a_closed_account_lets_go_of_what_it_held_at_once(house):
    case_id = house.applied()
    house.act(set_account_state, SYS, account_id=house.actor("v1chair").id, active=False)
    assert house.open_task(case_id).post == "TOWN_CHAIR"
    with house.runtime.reading() as connection:
        chair = accounts.account_id(connection, "v1chair")
    house.act(set_account_state, SYS, account_id=chair, active=True)
    assert house.open_task(case_id).post == "VILLAGE_CHAIR"


def test_a_start_password_is_strong_and_only_its_handing_out_is_written_down(small_house):
    given = {start_password() for _ in range(20)}
    assert len(given) == 20
    assert not any(password_problem(each, "newchair") for each in given)
    small_house.act(note_start_password, SYS, account_id=person(small_house))
    with pytest.raises(Forbidden):
        small_house.act(note_start_password, SYS, account_id=small_house.actor(SYS).id)
    assert record(small_house) == ["account.created", "account.password"]
