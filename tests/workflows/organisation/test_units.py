"""Units come, move and close, and everything that hangs on them follows in the same moment (domain D1)."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from engine import audit
from engine.errors import EngineError, Forbidden, InvalidAnswers
from engine.journal import TOLD
from engine.model import case_file, history
from engine.queries import inbox
from tests.workflows.processes.loan import examples
from workflows import organisation, organisation_log
from workflows.model_organisation import organisation_log as organisation_table
from workflows.units import close_unit, count_women, create_unit, move_unit, rename_unit

BY = "sysadmin"


def paths(house):
    with house.runtime.reading() as connection:
        cases = dict(connection.execute(select(case_file.c.id, case_file.c.path)).all())
        return cases, {code: organisation.unit_by_code(connection, code).path for code in ("C1", "T1", "T2", "V1")}


def waiting(house, login):
    with house.runtime.reading() as connection:
        found = inbox.tasks(
            connection, house.actor(login), "claimable", now=house.clock.now(), rules=house.runtime.rules
        )
        return [row.case_id for row in found.rows]


def record(house):
    with house.runtime.reading() as connection:
        assert list(organisation_log.JOURNAL.differences(connection, house.runtime.vault, {})) == []
        by_people = organisation_table.c.act != TOLD
        return list(connection.execute(select(organisation_table.c.act).where(by_people)).scalars())


def refused(house, login, command, **parameters):
    with pytest.raises(InvalidAnswers) as wrong:
        house.act(command, login, **parameters)
    return {field: str(found[0]) for field, found in wrong.value.problems.items()}


def test_a_village_that_moves_takes_its_cases_and_what_waits_in_them_along(house):
    case_id = house.applied()
    house.submit(case_id, "v1chair", examples.village_review())
    assert waiting(house, "t1chair") == [case_id]
    answer = house.act(move_unit, BY, unit_id=house.unit("V1"), parent_id=house.unit("T2"))
    assert answer == {"unit_id": house.unit("V1"), "units": 1, "cases": 1}
    cases, units = paths(house)
    assert cases[case_id] == units["V1"] == f"{units['T2']}{house.unit('V1')}."
    assert waiting(house, "t1chair") == []
    assert waiting(house, "t2chair") == [case_id]
    with pytest.raises(EngineError):
        house.submit(case_id, "t1chair", examples.town_review())
    with house.runtime.reading() as connection:
        assert audit.verify(connection, house.runtime.vault).faults == ()
    assert record(house) == ["unit.moved"]


def test_a_township_that_moves_takes_its_whole_subtree_and_a_neighbour_with_a_like_number_stays(house):
    city = None
    case_id = house.applied()
    before = paths(house)
    with house.runtime.database.writing() as connection:
        city = organisation.add_unit(connection, parent_id=None, kind=organisation.UnitKind.CITY, name="市", code="S1")
        connection.commit()
    assert "parent_id" in refused(house, BY, move_unit, unit_id=house.unit("V1"), parent_id=house.unit("V2"))
    assert "parent_id" in refused(house, BY, move_unit, unit_id=house.unit("T1"), parent_id=house.unit("V1"))
    with pytest.raises(Forbidden):
        house.act(move_unit, BY, unit_id=house.unit("C1"), parent_id=city.id)
    assert paths(house) == before
    assert house.act(move_unit, BY, unit_id=house.unit("V1"), parent_id=house.unit("T1"))["units"] == 0
    assert case_id in before[0]


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"kind": "VILLAGE"}, {"kind"}),
        ({"kind": "NOTHING"}, {"kind"}),
        ({"code": "T1"}, {"code"}),
        ({"code": "代码"}, {"code"}),
        ({"code": ""}, {"code"}),
        ({"code": "A" * 13}, {"code"}),
        ({"name": "  "}, {"name"}),
        ({"name": "镇" * 61}, {"name"}),
        ({"name": "镇" * 60, "code": "A" * 12}, set()),
        ({"name": "", "code": "T1", "kind": "COUNTY"}, {"kind", "code", "name"}),
    ],
)
def test_a_new_unit_is_refused_with_every_field_that_is_wrong(small_house, given, wrong):
    house = small_house
    boxes = {"parent_id": house.unit("C1"), "kind": "TOWN", "name": "东岭乡妇联", "code": "T8", **given}
    if wrong:
        assert refused(house, BY, create_unit, **boxes).keys() == wrong
    else:
        made = house.act(create_unit, BY, **boxes)["unit_id"]
        with house.runtime.reading() as connection:
            assert organisation.unit(connection, made).name == boxes["name"]


def test_a_closed_village_leaves_its_open_cases_to_its_heir_and_keeps_the_closed_ones(house):
    case_id = house.applied()
    village, heir, today = house.unit("V1"), house.unit("V2"), "2026-06-15"
    found = refused(house, BY, close_unit, unit_id=village, last_day=today)
    assert "任期" in found["unit_id"]
    assert refused(house, BY, close_unit, unit_id=village, last_day="2026-06-16", successor_id=heir)["last_day"]
    assert refused(house, BY, close_unit, unit_id=village, last_day=today, successor_id=house.unit("T2"))[
        "successor_id"
    ]
    with house.runtime.database.writing() as connection:
        for holding in connection.execute(select(organisation.model.post_holding).where(organisation.model.post_holding.c.unit_id == village)).all():  # fmt: skip
            organisation.end_post(connection, holding.id, house.clock.now().date())
        connection.commit()
    assert "承接" in refused(house, BY, close_unit, unit_id=village, last_day=today)["unit_id"]
    assert house.act(close_unit, BY, unit_id=village, last_day=today, successor_id=heir)["cases"] == 1
    case = house.case(case_id)
    job = house.open_task(case_id)
    assert (case.unit_id, job.unit_id) == (heir, heir)
    assert case.number.startswith("V1-"), "a number that was given stays"
    assert waiting(house, "v2chair") == [case_id]
    with house.runtime.reading() as connection:
        assert "case.moved" in list(connection.execute(select(history.c.kind)).scalars())
        assert audit.verify(connection, house.runtime.vault).faults == ()
        county = organisation.unit_by_code(connection, "C1")
        assert village not in [u.id for u in organisation.below(connection, county.id)]
    assert refused(house, BY, close_unit, unit_id=village, last_day=today, successor_id=heir)["unit_id"]
    assert "已于" in refused(house, BY, move_unit, unit_id=village, parent_id=house.unit("T2"))["unit_id"]


def test_only_the_system_administrator_changes_units_and_only_below_her(small_house):
    for login in ("countychair", "secadmin", "logauditor", "t1chair"):
        with pytest.raises(Forbidden):
            small_house.act(rename_unit, login, unit_id=small_house.unit("V1"), name="新名")
    small_house.act(rename_unit, BY, unit_id=small_house.unit("V1"), name=" 新 名 ")
    with small_house.runtime.reading() as connection:
        assert organisation.unit_by_code(connection, "V1").name == "新 名"


@pytest.mark.parametrize(
    ("women", "day", "unit", "wrong"),
    [
        ("30", "2026-06-15", "W1", None),
        ("0", "2026-06-01", "P1", None),
        ("-1", "2026-06-15", "W1", "women"),
        ("٣٠", "2026-06-15", "W1", "women"),
        ("99999999999", "2026-06-15", "W1", "women"),
        ("30", "2026-06-16", "W1", "counted_on"),
        ("30", "soon", "W1", "counted_on"),
        ("30", "2026-06-15", "V1", "unit_id"),
    ],
)
def test_women_are_counted_in_work_units_alone_and_not_ahead_of_time(small_house, women, day, unit, wrong):
    boxes = {"unit_id": small_house.unit(unit), "women": women, "counted_on": day}
    if wrong is None:
        small_house.act(count_women, BY, **boxes)
    else:
        assert refused(small_house, BY, count_women, **boxes).keys() == {wrong}
