"""Training counts from its day to its last one; declarations are a year old on their anniversary (D3.2, D6)."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from engine.errors import Forbidden, NotFound
from engine.unit_of_work import UnitOfWork
from tests.workflows.organisation.test_appointing import at
from tests.workflows.organisation.test_units import record, refused, waiting
from tests.workflows.processes.loan import examples
from workflows import declarations, model
from workflows.declarations import confirm_declaration, declare_person, end_relative
from workflows.screening import screen
from workflows.training import may_score_risk, record_training, require_trained_for_risk, strike_training

SEC = "secadmin"


@pytest.mark.parametrize(
    ("day", "kind", "may"),
    [
        (date(2026, 5, 31), "RISK", False),
        (date(2026, 6, 1), "RISK", True),
        (date(2028, 5, 31), "RISK", True),
        (date(2028, 6, 1), "RISK", False),
        (date(2026, 6, 15), "RIGHTS", False),
    ],
)
def test_only_who_is_trained_on_that_day_may_score_risk(small_house, day, kind, may):
    house = small_house
    worker = house.actor("rightsworker").id
    made = house.act(record_training, SEC, account_id=worker, kind=kind, held_on="2026-06-01", valid_until="2028-05-31")
    with house.runtime.reading() as connection:
        assert may_score_risk(connection, worker, day) is may
        assert may_score_risk(connection, house.actor("hotline").id, day) is False
    house.clock.set_day(day)
    work = UnitOfWork(house.runtime, connection, house.actor("rightsworker"))
    with house.runtime.reading() as work.connection:
        if may:
            require_trained_for_risk(work)
        else:
            with pytest.raises(Forbidden):
                require_trained_for_risk(work)
    house.act(strike_training, SEC, training_id=made["training_id"])
    with house.runtime.reading() as connection:
        assert may_score_risk(connection, worker, day) is False
    assert record(house) == ["training.recorded", "training.struck"]


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"kind": "COOKING"}, {"kind"}),
        ({"held_on": "2026-06-16"}, {"held_on"}),
        ({"valid_until": "2026-05-31"}, {"valid_until"}),
        ({"valid_until": "2026-06-01"}, set()),
        ({"note": "长" * 121}, {"note"}),
        ({"account_id": 999, "kind": "", "held_on": ""}, {"account_id", "kind", "held_on"}),
    ],
)
def test_a_training_record_is_refused_with_what_is_wrong(small_house, given, wrong):
    house = small_house
    boxes = {"account_id": house.actor("hotline").id, "kind": "RISK", "held_on": "2026-06-01", **given}
    if wrong:
        assert refused(house, SEC, record_training, **boxes).keys() == wrong
    else:
        house.act(record_training, SEC, **boxes)


def test_training_is_recorded_by_the_right_people_and_never_by_oneself(small_house):
    house = small_house
    boxes = {"kind": "RISK", "held_on": "2026-06-01"}
    house.act(record_training, "rightshead", account_id=house.actor("hotline").id, **boxes)
    for login, whom in (("rightshead", "rightshead"), ("sysadmin", "hotline"), ("t1chair", "v1chair")):
        with pytest.raises(Forbidden):
            house.act(record_training, login, account_id=house.actor(whom).id, **boxes)
    with pytest.raises(NotFound):
        house.act(strike_training, SEC, training_id=999)


@pytest.mark.parametrize(
    ("day", "due"), [((2026, 6, 16), False), ((2027, 6, 14), False), ((2027, 6, 15), True), ((2028, 1, 1), True)]
)
def test_a_declaration_is_a_year_old_on_its_anniversary(small_house, day, due):
    house = small_house
    me = house.actor("v3chair").id
    with house.runtime.reading() as connection:
        assert declarations.is_due(connection, me, date(2026, 6, 15)), "she has never declared anything"
    assert house.act(confirm_declaration, "v3chair") == {"relatives": 0}
    with house.runtime.reading() as connection:
        assert declarations.is_due(connection, me, date(*day)) is due


def test_what_is_declared_counts_at_once_and_no_more_when_it_is_over(house):
    case_id = house.applied()
    boxes = {"name": "苏大禾", "relation": "SIBLING", "idcard": examples.W}
    house.act(declare_person, "v1chair", **boxes)
    assert house.open_task(case_id).post == "TOWN_CHAIR"
    assert waiting(house, "v1chair") == []
    me = house.actor("v1chair").id
    with house.runtime.reading() as connection:
        [kin] = declarations.mine(connection, house.runtime.vault, me)
        stored = connection.execute(select(model.relative).where(model.relative.c.account_id == me)).one()
    assert (kin.name, kin.relation) == ("苏大禾", "SIBLING")
    assert "苏大禾" not in str(stored)
    assert examples.W not in str(stored)
    with pytest.raises(NotFound):
        house.act(end_relative, "v2chair", relative_id=kin.id)
    at(house, (6, 16), 9, 0)
    house.act(end_relative, "v1chair", relative_id=kin.id)
    with house.runtime.reading() as connection:
        [kin] = declarations.mine(connection, house.runtime.vault, me)
        assert screen(connection, case_id, date(2026, 6, 16)).hits(me) == ()
    assert kin.ended_at is not None
    house.act(declare_person, "v1chair", **{**boxes, "relation": "SPOUSE"})
    with house.runtime.reading() as connection:
        assert [hit.relation for hit in screen(connection, case_id, date(2026, 6, 16)).hits(me)] == ["SPOUSE"]


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"name": ""}, {"name"}),
        ({"idcard": "110101198402148688"}, {"idcard"}),
        ({"relation": "FRIEND", "name": "1"}, {"relation", "name"}),
        ({"idcard": "", "name": ""}, {"idcard", "name"}),
    ],
)
def test_a_declaration_is_refused_whole_with_every_field_that_is_wrong(small_house, given, wrong):
    boxes = {"name": "苏大禾", "relation": "SIBLING", "idcard": examples.W, **given}
    assert refused(small_house, "v1chair", declare_person, **boxes).keys() == wrong
    with small_house.runtime.reading() as connection:
        assert declarations.mine(connection, small_house.runtime.vault, small_house.actor("v1chair").id) == []
