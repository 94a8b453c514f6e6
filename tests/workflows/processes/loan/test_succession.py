"""A confidential case that has lost everybody who could lead it is given to somebody by two persons, who learn nothing of it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update

from engine.commands.classes import raise_class
from engine.commands.teams import add_member, exclude
from engine.errors import Forbidden, InvalidAnswers, NotFound, SignatureRequired
from engine.model_lists import case_priority
from engine.model_teams import case_member
from engine.queries import opening
from engine.queries.case_page import readable_case
from engine.unit_of_work import unit_of_work
from tests.workflows.processes.loan.test_team_limits import leave, led, proof, told
from tests.workflows.processes.loan.test_teams import WHY
from workflows import model, succession_register, unled
from workflows.accounts import account_id
from workflows.model_succession import succession
from workflows.organisation import appoint, declare_relative
from workflows.successions import (
    SuccessionClosed,
    ask_succession,
    confirm_succession,
    note_succession,
    refuse_succession,
    report_succession,
)

if TYPE_CHECKING:
    from tests.workflows.processes.loan.house import LoanHouse

REASON = "原承办人已离任，案件无人能打开"


def sealed(house: LoanHouse) -> int:
    """A C4 case led by the rights worker, with a colleague of a township in the team."""
    case_id = led(house, "t2chair")
    house.act(raise_class, "rightsworker", case_id=case_id, to="C4", reason=WHY)
    return case_id


def another_worker(house: LoanHouse, login: str = "liaison") -> str:
    """A second rights worker of the county."""
    with unit_of_work(house.runtime, house.actor("secadmin")) as work:
        hers = account_id(work.connection, login)
        since = house.clock.now().date() - timedelta(days=9)
        appoint(work.connection, account_id=hers, post="RIGHTS_WORKER", unit_id=house.unit("C1"), since=since)
    return login


def handles(house: LoanHouse, login: str = "countychair") -> list[str]:
    with house.runtime.reading() as connection:
        return succession_register.handles(house.runtime, connection, house.actor(login), house.clock.now())


def waiting(house: LoanHouse, login: str) -> int:
    with house.runtime.reading() as connection:
        return succession_register.waiting(house.runtime, connection, house.actor(login), house.clock.now())


def asked(house: LoanHouse, to: str, login: str = "countychair", **changes: Any) -> int:
    given = {"handle": (handles(house) or ["?"])[0], "account_id": house.actor(to).id, "reason": REASON}
    given |= {"proof": proof(house, login), **changes}
    return int(house.act(ask_succession, login, **given)["request_id"])


def confirm(house: LoanHouse, request_id: int, login: str = "rightshead") -> bool:
    return bool(house.act(confirm_succession, login, request_id=request_id, proof=proof(house, login))["named"])


def sees(house: LoanHouse, login: str, case_id: int) -> bool:
    with house.runtime.reading() as connection:
        try:
            readable_case(house.runtime, connection, house.actor(login), case_id)
        except NotFound:
            return False
    return True


def test_two_persons_name_a_manager_for_a_sealed_case_that_lost_its_own_and_see_nothing(
    either_house: LoanHouse,
) -> None:
    house = either_house
    case_id = sealed(house)
    to = another_worker(house)
    assert handles(house) == []
    leave(house, "rightsworker")
    assert len(handles(house)) == waiting(house, "countychair") == 1, (
        "the member who stays cannot put anybody in charge"
    )
    for login in ("rightshead", "t1chair", "sysadmin", "secadmin", to):
        assert handles(house, login) == [], login
    assert house.case(case_id).number not in handles(house)[0]
    request = asked(house, to)
    for login, refusal in (("countychair", Forbidden), (to, NotFound), ("t2chair", NotFound), ("logauditor", NotFound)):
        with pytest.raises(refusal):
            confirm(house, request, login)
    assert not sees(house, to, case_id)
    with pytest.raises(SignatureRequired):
        house.act(confirm_succession, "rightshead", request_id=request, proof=None)
    assert confirm(house, request)
    assert handles(house) == []
    assert sees(house, to, case_id)
    assert sees(house, "t2chair", case_id)
    for login in ("countychair", "rightshead"):
        assert not sees(house, login, case_id), "naming lets neither of the two in"
    assert "team.manager" in told(house, to)
    assert house.row(select(case_priority.c.level).where(case_priority.c.case_id == case_id)).level == "urgent"
    lead = select(case_member.c.account_id).where(
        case_member.c.case_id == case_id, case_member.c.role == "manager", case_member.c.ended_at.is_(None)
    )
    assert house.row(lead).account_id == house.actor(to).id
    _review(house, case_id, request, to)


def _review(house: LoanHouse, case_id: int, request: int, to: str) -> None:
    assert waiting(house, to) == waiting(house, "logauditor") == 1
    with pytest.raises(InvalidAnswers):
        house.act(report_succession, to, request_id=request, text="好")
    for login in ("countychair", "rightshead", "t2chair"):
        with pytest.raises(NotFound):
            house.act(report_succession, login, request_id=request, text="团队齐全，当事人安全，无超期")
    house.act(report_succession, to, request_id=request, text="团队齐全，当事人安全，无超期")
    with pytest.raises(SuccessionClosed):
        house.act(report_succession, to, request_id=request, text="团队齐全，当事人安全，无超期")
    house.act(note_succession, "logauditor", request_id=request)
    assert waiting(house, to) == waiting(house, "logauditor") == 0
    with house.runtime.reading() as connection:
        kinds = [each.kind for each in opening.entries(connection, house.runtime.vault, case_id)]
        shown = {
            login: succession_register.lines(house.runtime, connection, house.actor(login), house.clock.now())
            for login in ("countychair", "logauditor", to)
        }
    assert "succession.reported" in kinds
    assert (shown["countychair"][0].report, shown["countychair"][0].number) == ("", "")
    assert shown["logauditor"][0].reason == ""
    assert shown[to][0].number == house.case(case_id).number


def test_an_ordinary_way_out_is_left_to_whoever_has_it(house: LoanHouse) -> None:
    case_id = led(house)
    leave(house, "rightsworker")
    assert handles(house) == [], "the head of the rights department appoints for C3"
    leave(house, "rightshead")
    assert len(handles(house)) == 1
    with house.runtime.reading() as connection:
        on, now = house.clock.now().date(), house.clock.now()
        (row,) = unled.unled(connection, house.runtime.rules, house.actor("countychair"), on, now)
    assert row.id == case_id


def test_whoever_is_kept_from_the_case_neither_counts_it_nor_is_named(either_house: LoanHouse) -> None:
    house = either_house
    case_id = sealed(house)
    to = another_worker(house)
    for kept in ("countychair", to):
        house.act(exclude, "rightsworker", case_id=case_id, account_id=house.actor(kept).id, reason=WHY)
    leave(house, "rightsworker")
    assert handles(house) == []
    with unit_of_work(house.runtime, house.actor("secadmin")) as work:
        since = house.clock.now().date() - timedelta(days=9)
        for login in ("hotline", "statclerk"):
            hers = account_id(work.connection, login)
            appoint(work.connection, account_id=hers, post="COUNTY_CHAIR", unit_id=house.unit("C1"), since=since)
    (handle,) = handles(house, "hotline")
    with pytest.raises(InvalidAnswers) as wrong:
        asked(house, to, handle=handle)
    assert set(wrong.value.problems) == {"handle"}, "she is told what is told of a handle there is not"
    request = asked(house, to, "hotline", handle=handle)
    assert not confirm(house, request), "who is named is kept from it"
    assert not sees(house, to, case_id)
    request = asked(house, "rightshead", "hotline", handle=handle)
    assert not confirm(house, request, "countychair"), "who confirms is kept from it"
    request = asked(house, "rightshead", "hotline", handle=handle)
    assert confirm(house, request, "statclerk")
    assert sees(house, "rightshead", case_id)


def test_nobody_close_to_the_case_is_named_and_nobody_names_herself(house: LoanHouse) -> None:
    case_id = sealed(house)
    to = another_worker(house)
    leave(house, "rightsworker")
    wrong = {
        "account": {"account_id": house.actor("countychair").id},
        "handle": {"handle": "0000-0000"},
        "reason": {"reason": "短"},
    }
    for field, changes in wrong.items():
        with pytest.raises(InvalidAnswers) as refused:
            asked(house, to, **changes)
        assert set(refused.value.problems) == {field}
    with pytest.raises(InvalidAnswers):
        asked(house, "t1chair")
    with pytest.raises(SignatureRequired):
        asked(house, to, proof=None)
    with pytest.raises(Forbidden):
        asked(house, to, "rightshead")
    with unit_of_work(house.runtime, house.actor("secadmin")) as work:
        hers = house.case(case_id).subject_hash
        known = {"relation": "SIBLING", "at": house.clock.now()}
        declare_relative(work.connection, account_id=house.actor(to).id, id_hash=hers, **known)
    assert not confirm(house, asked(house, to))
    request = asked(house, "rightshead")
    with pytest.raises(Forbidden, match="被指定人"):
        confirm(house, request)


def test_a_request_waits_a_day_once_for_each_case_and_falls_when_somebody_leads_it(house: LoanHouse) -> None:
    case_id = sealed(house)
    to = another_worker(house)
    leave(house, "rightsworker")
    first = asked(house, to)
    with pytest.raises(InvalidAnswers) as wrong:
        asked(house, to)
    assert set(wrong.value.problems) == {"handle"}
    house.act(refuse_succession, "rightshead", request_id=first)
    second = asked(house, to)
    house.clock.at += timedelta(hours=24)
    with pytest.raises(SuccessionClosed, match="24"):
        confirm(house, second)
    third = asked(house, to)
    with unit_of_work(house.runtime, house.actor("secadmin")) as work:
        back = model.post_holding.c.account_id == number_of(house, "rightsworker")
        work.connection.execute(update(model.post_holding).where(back).values(until=None))
    assert not confirm(house, third)
    with house.runtime.reading() as connection:
        found = connection.execute(select(succession.c.state).order_by(succession.c.id)).scalars().all()
    assert found == ["refused", "asked", "void"]
    assert not sees(house, to, case_id)


def number_of(house: LoanHouse, login: str) -> int:
    with house.runtime.reading() as connection:
        return account_id(connection, login)


def test_a_member_who_stays_puts_nobody_into_the_team(house: LoanHouse) -> None:
    case_id = sealed(house)
    leave(house, "rightsworker")
    with pytest.raises((Forbidden, NotFound)):
        house.act(add_member, "t2chair", case_id=case_id, account_id=house.actor("t1chair").id, reason=WHY)
