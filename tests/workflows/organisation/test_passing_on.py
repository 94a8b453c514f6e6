"""换届: a confidential case of somebody whose term ends waits for whoever leads it; she alone is told and decides (D6)."""

from __future__ import annotations

from datetime import date

import pytest

from engine.commands.classes import raise_class
from engine.commands.teams import add_member, appoint_manager
from engine.errors import Forbidden, InvalidAnswers, NotFound
from tests.workflows.organisation.test_appointing import at
from tests.workflows.organisation.test_handover import can_open, end, succeed
from tests.workflows.organisation.test_units import waiting as inbox_of
from workflows.accounts import account_id
from workflows.passing_on import count, leaving, pass_on, waiting

WHY = "村主席换届，由继任者接续安全计划"


def accounts_id(house, login):
    """An account by its login, in office or not."""
    with house.runtime.reading() as connection:
        return account_id(connection, login)


def listed(house, login):
    now = house.clock.now()
    with house.runtime.reading() as connection:
        actor = house.actor(login)
        found = waiting(house.runtime, connection, actor, now.date(), now)
        assert count(house.runtime.rules, connection, actor, now.date()) == len(found)
    return found


@pytest.fixture
def secret(house):
    """A C3 case the village's chair took in, led by the county's rights officer; her term ends on 30 June."""
    case_id = house.applied()
    house.act(raise_class, "v1chair", case_id=case_id, to="C3", reason="涉及家庭暴力")
    manager = accounts_id(house, "rightsworker")
    house.act(appoint_manager, "rightshead", case_id=case_id, account_id=manager, reason=WHY, keep_intake=True)
    return case_id


def decide(house, login, case_id, leaver, to=0, reason=WHY):
    return house.act(pass_on, login, case_id=case_id, leaver_id=leaver, to=to, reason=reason)


def test_who_leads_the_case_and_nobody_else_is_told_and_passes_it_to_the_successor(house, secret):
    leaver = accounts_id(house, "v1chair")
    assert not listed(house, "rightsworker")
    with pytest.raises(InvalidAnswers) as early:
        decide(house, "rightsworker", secret, leaver)
    assert set(early.value.problems) == {"leaver"}, "her term does not end"
    end(house)
    heir = succeed(house)
    (found,) = listed(house, "rightsworker")
    assert (found.case_id, found.leaver_id, found.leads, found.ended_on) == (secret, leaver, False, date(2026, 6, 30))
    assert leaver not in {each.id for each in found.candidates}
    assert [each.case_id for each in listed(house, "rightshead")] == [secret]
    for login in ("v1chair", "t1chair", "countychair", "secadmin", "v2chair"):
        assert not listed(house, login), login
    for login, refusal in (("t1chair", NotFound), ("countychair", NotFound), ("v1chair", Forbidden)):
        with pytest.raises(refusal):
            decide(house, login, secret, leaver, heir)
    at(house, (7, 1), 9, 0)
    with pytest.raises(InvalidAnswers) as wrong:
        decide(house, "rightsworker", secret, leaver, leaver, reason=" ")
    assert set(wrong.value.problems) == {"to", "reason"}
    assert not can_open(house, "newchair", secret)
    decide(house, "rightsworker", secret, leaver, heir)
    assert can_open(house, "newchair", secret)
    assert inbox_of(house, "newchair") == [secret]
    assert not listed(house, "rightsworker")


def test_she_may_go_without_a_successor_but_not_as_the_manager(house, secret):
    leaver, manager = accounts_id(house, "v1chair"), accounts_id(house, "rightsworker")
    end(house)
    end(house, "rightsworker", "RIGHTS_WORKER")
    at(house, (7, 1), 9, 0)
    found = {each.leaver_id: each for each in listed(house, "rightshead")}
    assert {who: each.leads for who, each in found.items()} == {leaver: False, manager: True}
    decide(house, "rightshead", secret, leaver)
    for to in (0, leaver, accounts_id(house, "sysadmin")):
        with pytest.raises(InvalidAnswers) as wrong:
            decide(house, "rightshead", secret, manager, to)
        assert set(wrong.value.problems) == {"to"}, to
    head = accounts_id(house, "rightshead")
    decide(house, "rightshead", secret, manager, head)
    assert not listed(house, "rightshead")
    assert can_open(house, "rightshead", secret)


def test_who_goes_on_in_another_post_does_not_leave_and_an_ordinary_case_is_none_of_it(small_house):
    house = small_house
    leaver = accounts_id(house, "v1chair")
    ordinary = house.begin()
    house.act(add_member, "t1chair", case_id=ordinary, account_id=leaver, reason=WHY)
    with house.runtime.reading() as connection:
        assert leaver not in leaving(connection, house.clock.now().date())
    end(house)
    with house.runtime.reading() as connection:
        assert leaving(connection, date(2026, 5, 30)) == {}, "more than thirty days ahead"
        assert list(leaving(connection, date(2026, 5, 31))) == [leaver]
    with pytest.raises(InvalidAnswers) as wrong:
        decide(house, "t1chair", ordinary, leaver)
    assert set(wrong.value.problems) == {"leaver"}
