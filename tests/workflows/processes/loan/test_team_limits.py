"""What nobody does alone with a confidential case, and who hears of it when whoever was in charge is gone (D2, D3.1, D4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update

from engine.commands.classes import ask_lowering, decide_lowering, raise_class
from engine.commands.signing import Reauthentication
from engine.commands.teams import add_member, appoint_manager, exclude
from engine.errors import Forbidden, InvalidAnswers, NotFound, NotNow, SignatureRequired
from engine.model import notice
from engine.model_filed import document
from engine.queries import notices
from engine.unit_of_work import unit_of_work
from tests.workflows.processes.loan.test_teams import WHY, raised, seen
from workflows import model
from workflows.complaints import complain_about
from workflows.incidents import log_incident

if TYPE_CHECKING:
    from tests.workflows.processes.loan.house import LoanHouse


def led(house: LoanHouse, *members: str) -> int:
    """A C3 case with the rights worker in charge, and these members."""
    case_id = raised(house)
    house.act(appoint_manager, "rightshead", case_id=case_id, account_id=house.actor("rightsworker").id, reason=WHY)
    for login in members:
        house.act(add_member, "rightsworker", case_id=case_id, account_id=house.actor(login).id, reason=WHY)
    return case_id


def proof(house: LoanHouse, login: str, **changes: Any) -> Reauthentication:
    return replace(Reauthentication(house.actor(login).id, house.clock.now()), **changes)


def told(house: LoanHouse, login: str) -> set[str]:
    """The kinds of notices somebody finds."""
    with house.runtime.reading() as connection:
        return {row.kind for row in notices.notices(connection, house.runtime.rules, house.actor(login))}


def leave(house: LoanHouse, login: str) -> None:
    """Her term ended yesterday."""
    yesterday = house.clock.now().date() - timedelta(days=1)
    with unit_of_work(house.runtime, house.actor("secadmin")) as work:
        hers = model.post_holding.c.account_id == house.actor(login).id
        work.connection.execute(update(model.post_holding).where(hers).values(until=yesterday))


def why_not_sealed(house: LoanHouse, login: str, case_id: int) -> str:
    """What is wrong with the class C4, as somebody is told who asks for it."""
    with pytest.raises(InvalidAnswers) as refused:
        house.act(raise_class, login, case_id=case_id, to="C4", reason=WHY)
    assert set(refused.value.problems) == {"class"}
    return str(refused.value.problems["class"][0])


@pytest.mark.parametrize("shown", ["nothing", "another's", "an old one"])
def test_a_class_is_lowered_only_by_who_shows_again_who_she_is(house: LoanHouse, shown: str) -> None:
    """Decision 32: lowering a class takes the password again, of the one who asks and of the one who confirms."""
    case_id = led(house)
    stale = house.clock.now() - timedelta(minutes=3)

    def given(login: str) -> Reauthentication | None:
        old = {"at": stale} if shown == "an old one" else {"account_id": 1}
        return None if shown == "nothing" else proof(house, login, **old)

    asked = {"case_id": case_id, "to": "C2", "reason": "查明不涉及"}
    with pytest.raises(SignatureRequired):
        house.act(ask_lowering, "rightshead", **asked, proof=given("rightshead"))
    change = house.act(ask_lowering, "rightshead", **asked, proof=proof(house, "rightshead"))["change_id"]
    decided = {"case_id": case_id, "change_id": change, "agree": True}
    with pytest.raises(SignatureRequired):
        house.act(decide_lowering, "rightsworker", **decided, proof=given("rightsworker"))
    assert house.case(case_id).confidentiality == "C3"
    house.act(decide_lowering, "rightsworker", **decided, proof=proof(house, "rightsworker"))
    assert house.case(case_id).confidentiality == "C2"


def test_lowering_takes_two_persons(either_house: LoanHouse) -> None:
    house = either_house
    case_id = raised(house)
    rightsworker, hers = house.actor("rightsworker").id, proof(house, "rightshead")
    house.act(appoint_manager, "rightshead", case_id=case_id, account_id=rightsworker, reason=WHY)
    for login, refusal in (("rightsworker", Forbidden), ("countychair", NotFound), ("v1chair", NotFound)):
        with pytest.raises(refusal):
            house.act(ask_lowering, login, case_id=case_id, to="C2", reason=WHY, proof=proof(house, login))
    with pytest.raises(InvalidAnswers):
        house.act(ask_lowering, "rightshead", case_id=case_id, to="C3", reason=WHY, proof=hers)
    asked = house.act(ask_lowering, "rightshead", case_id=case_id, to="C2", reason="查明不涉及", proof=hers)[
        "change_id"
    ]
    with pytest.raises(NotNow):
        house.act(ask_lowering, "rightshead", case_id=case_id, to="C1", reason="再问一次", proof=hers)
    decided = {"case_id": case_id, "change_id": asked, "agree": True}
    for login, refusal in (("rightshead", Forbidden), ("countychair", NotFound), ("t1chair", NotFound)):
        with pytest.raises(refusal):
            house.act(decide_lowering, login, **decided, proof=proof(house, login))
    assert house.case(case_id).confidentiality == "C3"
    assert house.act(decide_lowering, "rightsworker", **decided, proof=proof(house, "rightsworker"))["class"] == "C2"
    with pytest.raises(NotNow):
        house.act(decide_lowering, "rightsworker", **decided, proof=proof(house, "rightsworker"))
    assert {"todo", "page"} <= seen(house, "t1chair", case_id)
    assert "page" not in seen(house, "rightshead", case_id)


def test_a_raise_in_between_takes_the_request_to_lower_away(house: LoanHouse) -> None:
    case_id = raised(house)
    rightsworker = house.actor("rightsworker").id
    house.act(appoint_manager, "rightshead", case_id=case_id, account_id=rightsworker, reason=WHY)
    hers = proof(house, "rightshead")
    asked = house.act(ask_lowering, "rightshead", case_id=case_id, to="C2", reason=WHY, proof=hers)["change_id"]
    decided = {"case_id": case_id, "change_id": asked, "agree": True}
    house.act(add_member, "rightsworker", case_id=case_id, account_id=house.actor("t1chair").id, reason=WHY)
    house.act(raise_class, "rightsworker", case_id=case_id, to="C4", reason="庇护地址")
    assert "page" not in seen(house, "rightshead", case_id), "C4 is for its members alone"
    with pytest.raises(NotNow):
        house.act(decide_lowering, "rightsworker", **decided, proof=proof(house, "rightsworker"))


def test_a_request_to_lower_is_decided_under_the_address_of_its_own_case_alone(house: LoanHouse) -> None:
    case_id, other = led(house), house.begin()
    change = house.act(
        ask_lowering, "rightshead", case_id=case_id, to="C2", reason=WHY, proof=proof(house, "rightshead")
    )["change_id"]
    with pytest.raises(NotFound):
        house.act(
            decide_lowering,
            "rightsworker",
            case_id=other,
            change_id=change,
            agree=True,
            proof=proof(house, "rightsworker"),
        )


def test_nobody_seals_a_case_away_alone(house: LoanHouse) -> None:
    """C4 is its members' alone: a case that one person could seal would be lost to everybody else, or hidden from them."""
    case_id = house.applied()
    assert "C3" in why_not_sealed(house, "v1chair", case_id)
    house.act(raise_class, "v1chair", case_id=case_id, to="C3", reason=WHY)
    assert "class.raised" in told(house, "rightshead"), "somebody hears of it by function"
    assert "承办人" in why_not_sealed(house, "v1chair", case_id)
    house.act(appoint_manager, "rightshead", case_id=case_id, account_id=house.actor("rightsworker").id, reason=WHY)
    assert "另有一名" in why_not_sealed(house, "rightsworker", case_id)
    house.act(add_member, "rightsworker", case_id=case_id, account_id=house.actor("t1chair").id, reason=WHY)
    house.act(raise_class, "rightsworker", case_id=case_id, to="C4", reason=WHY)
    assert "page" in seen(house, "t1chair", case_id)
    assert "page" not in seen(house, "rightshead", case_id)


@pytest.mark.parametrize("how", ["left", "named for one paper", "until yesterday"])
def test_a_member_who_cannot_act_any_more_does_not_count_when_a_case_is_sealed(house: LoanHouse, how: str) -> None:
    case_id = led(house)
    more: dict[str, Any] = {"until yesterday": {"until": "2026-06-15"}}.get(how, {})
    if how == "named for one paper":
        more = {"documents": [house.row(select(document.c.id).where(document.c.case_id == case_id))[0]]}
    house.act(add_member, "rightsworker", case_id=case_id, account_id=house.actor("t1chair").id, reason=WHY, **more)
    if how == "left":
        leave(house, "t1chair")
    house.clock.set_day(date(2026, 6, 16), 9)
    assert "另有一名" in why_not_sealed(house, "rightsworker", case_id)


def test_who_appoints_managers_hears_of_it_when_the_manager_has_left_office(house: LoanHouse) -> None:
    """D4: whoever is in charge is alerted when somebody comes asking; a notice for one who is gone alerts nobody."""
    case_id = led(house, "v1chair")
    leave(house, "rightsworker")
    house.act(
        log_incident,
        "v1chair",
        kind="CALL",
        asked_for="无此人",
        told="自称其丈夫",
        nothing_said=True,
        case_id=case_id,
    )
    assert "contact.incident" in told(house, "rightshead")


def test_who_is_complained_about_is_not_the_one_who_hears_of_the_case_she_was_in_charge_of(house: LoanHouse) -> None:
    case_id = house.applied()
    t1chair = house.actor("t1chair").id
    house.act(appoint_manager, "countychair", case_id=case_id, account_id=t1chair, reason=WHY)
    house.act(complain_about, "loanhead", case_id=case_id, account_id=t1chair, reason="反映其收受好处")
    with unit_of_work(house.runtime, house.actor("secadmin")) as work:
        work.connection.execute(update(notice).values(kind="before"))
    house.act(
        log_incident,
        "rightshead",
        kind="VISIT",
        asked_for="无此人",
        told="来人打听",
        nothing_said=True,
        case_id=case_id,
    )
    assert "contact.incident" in told(house, "rightshead")
    assert "contact.incident" not in told(house, "t1chair")


def test_a_unit_in_which_the_manager_serves_is_not_excluded_before_she_has_a_successor(house: LoanHouse) -> None:
    case_id = led(house, "t1chair")
    house.act(appoint_manager, "rightshead", case_id=case_id, account_id=house.actor("t1chair").id, reason=WHY)
    with pytest.raises(Forbidden, match="新的承办人"):
        house.act(exclude, "rightshead", case_id=case_id, unit_id=house.unit("T1"), reason=WHY)


def test_who_raises_a_class_or_excludes_somebody_joins_although_she_was_a_member_once(house: LoanHouse) -> None:
    case_id = house.applied()
    t1chair = house.actor("t1chair").id
    added = {"case_id": case_id, "account_id": t1chair, "reason": WHY, "until": "2026-06-15"}
    house.act(add_member, "countychair", **added)
    house.clock.set_day(date(2026, 6, 16), 9)
    house.act(raise_class, "t1chair", case_id=case_id, to="C3", reason=WHY)
    assert "page" in seen(house, "t1chair", case_id)
