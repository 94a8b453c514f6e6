"""An exclusion and a consent hold through what happens around them: units that close, complaints that follow, dirty input."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from engine import audit
from engine.commands.disclosing import record_consent
from engine.commands.guarded_work import settle
from engine.commands.papers import remove_paper
from engine.commands.teams import appoint_manager, end_exclusion, exclude, write_exclusion
from engine.errors import InvalidAnswers, NotFound
from engine.model_filed import document
from engine.restaffing import restaff
from engine.unit_of_work import unit_of_work
from tests.workflows.processes.loan.test_teams import WHY, raised, seen
from workflows import handover, handover_list
from workflows.appointing import appoint_post, end_term
from workflows.complaints import complain_about
from workflows.model import post_holding

if TYPE_CHECKING:
    from tests.workflows.processes.loan.house import LoanHouse


def move(house: LoanHouse, login: str, code: str, *, gap: int = 0) -> None:
    """She leaves her post yesterday and serves in another unit from today on, or after so many days."""
    today = house.clock.now().date()
    who = house.actor(login)
    with house.runtime.reading() as connection:
        hers = post_holding.c.account_id == who.id
        holding = connection.execute(select(post_holding.c.id).where(hers)).scalar_one()
    house.act(end_term, "secadmin", holding_id=holding, last_day=(today - timedelta(days=1)).isoformat())
    today += timedelta(days=gap)
    house.clock.set_day(today, 9)
    given = {"account_id": who.id, "post": "TOWN_CHAIR", "unit_id": house.unit(code), "since": today.isoformat()}
    house.act(appoint_post, "secadmin", **given)


@pytest.mark.parametrize("ended", [False, True])
def test_who_was_kept_out_by_her_unit_stays_out_when_she_serves_elsewhere(house: LoanHouse, *, ended: bool) -> None:
    """D3.1: the friend of the husband in the village's office is his friend in the township's too."""
    case_id = house.to_credit()
    named = {"case_id": case_id, "unit_id": house.unit("V2"), "reason": "对方在村里任职"}
    exclusion = house.act(exclude, "t1chair", **named)["exclusion_id"]
    house.act(appoint_manager, "countychair", case_id=case_id, account_id=house.actor("t1chair").id, reason=WHY)
    if ended:
        house.act(end_exclusion, "t1chair", case_id=case_id, exclusion_id=exclusion, reason="查明并无关系")
    house.clock.set_day(date(2026, 6, 16), 9)
    move(house, "v2chair", "T1")
    assert ("page" in seen(house, "v2chair", case_id)) is ended


@pytest.mark.parametrize("gap", [0, 1])
def test_who_comes_back_into_office_after_a_gap_is_not_in_her_old_teams(house: LoanHouse, gap: int) -> None:
    """She was let in as the village's chair; a month later she may sit somewhere else (D1, D6)."""
    case_id = raised(house)
    assert "page" in seen(house, "v1chair", case_id)
    house.clock.set_day(date(2026, 6, 16), 9)
    move(house, "v1chair", "T2", gap=gap)
    assert ("page" in seen(house, "v1chair", case_id)) is (gap == 0)
    with house.runtime.reading() as connection:
        assert audit.verify(connection, house.runtime.vault).faults == ()


@pytest.mark.parametrize("who", ["the chair", "the village"])
@pytest.mark.parametrize("at_once", [True, False])
def test_d26_the_level_of_whoever_is_kept_out_is_skipped_for_the_step_that_waits_already(
    house: LoanHouse, who: str, *, at_once: bool
) -> None:
    """Otherwise nobody who may see the case is asked to work on it, until a clock runs out."""
    case_id = house.applied()
    assert house.open_task(case_id).post == "VILLAGE_CHAIR"
    named = {"unit_id": house.unit("V1")} if who == "the village" else {"account_id": house.actor("v1chair").id}
    if at_once:
        exclusion = house.act(exclude, "loanworker", case_id=case_id, reason="对方是村会计", **named)["exclusion_id"]
    else:  # the process ended right after it was stored: the next turn of the job finds it
        with unit_of_work(house.runtime, house.actor("loanworker")) as work:
            exclusion = write_exclusion(work, case_id, reason="对方是村会计", **named)
            settle(work, case_id)
        restaff(house.runtime)
    job = house.open_task(case_id)
    assert (job.post, job.acting_for, job.acting_reason) == ("TOWN_CHAIR", "VILLAGE_CHAIR", "CONFLICT")
    assert "todo" in seen(house, "t1chair", case_id)
    lead = {"case_id": case_id, "account_id": house.actor("loanworker").id, "reason": WHY}
    house.act(appoint_manager, "loanhead", **lead)
    house.act(end_exclusion, "loanworker", case_id=case_id, exclusion_id=exclusion, reason="查明并非其人")
    assert house.open_task(case_id).post == "VILLAGE_CHAIR"


def test_who_left_a_unit_before_a_case_was_kept_from_it_is_not_meant(house: LoanHouse) -> None:
    case_id = house.to_credit()
    house.clock.set_day(date(2026, 6, 16), 9)
    move(house, "v2chair", "T1")
    house.clock.set_day(date(2026, 6, 17), 9)
    house.act(exclude, "t1chair", case_id=case_id, unit_id=house.unit("V2"), reason="对方在村里任职")
    handover.keep(house.runtime)
    assert "page" in seen(house, "v2chair", case_id)


@pytest.mark.parametrize("kept", ["nobody", "v1chair", "the village"])
def test_a_handover_list_does_not_tell_who_leaves_of_a_case_she_is_kept_from(house: LoanHouse, kept: str) -> None:
    """D26 and D6: he who is kept out signs the list of what goes on; the supervisor sees the case, the list does not have it."""
    case_id = house.to_credit()
    who = {"v1chair": {"account_id": house.actor("v1chair").id}, "the village": {"unit_id": house.unit("V1")}}
    if kept != "nobody":
        house.act(exclude, "loanworker", case_id=case_id, reason="对方亲属", **who[kept])
    chair = house.actor("v1chair").id
    with house.runtime.reading() as connection:
        holding = connection.execute(select(post_holding.c.id).where(post_holding.c.account_id == chair)).scalar_one()
    house.act(end_term, "secadmin", holding_id=holding, last_day="2026-06-30")
    with house.runtime.reading() as connection:
        row = connection.execute(select(handover.handover)).one()
        found = handover_list.matters(house.runtime, connection, house.actor("t1chair"), row, house.clock.now().date())
    assert [each["id"] for each in found] == ([case_id] if kept == "nobody" else [])


def test_a_complaint_never_brings_a_case_down_to_a_unit_it_had_been_taken_from(house: LoanHouse) -> None:
    """D3.4: the township is complained about, then a village of it; what is with the county stays there."""
    case_id = house.applied()
    first = house.act(complain_about, "loanhead", case_id=case_id, account_id=house.actor("t1chair").id, reason=WHY)
    assert first["unit"] == house.unit("C1")
    house.act(complain_about, "rightshead", case_id=case_id, account_id=house.actor("v1chair").id, reason=WHY)
    case = house.case(case_id)
    assert (case.unit_id, case.path.count(".")) == (house.unit("C1"), 2)
    assert "page" in seen(house, "rightshead", case_id)


@pytest.mark.parametrize(
    "recipient", ["unit:", "unit:甲", "unit:1;drop", "unit:٣", "unit:-1", "unit:1.5", "unit:999999"]
)
def test_a_consent_names_a_recipient_that_there_is(house: LoanHouse, recipient: str) -> None:
    case_id = house.applied()
    given: dict[str, Any] = {"purpose": "REFERRAL", "kinds": ["IDENTITY"], "given_on": "2026-06-01"}
    with pytest.raises(InvalidAnswers) as refused:
        house.act(record_consent, "v1chair", case_id=case_id, recipient=recipient, expires_on="2027-05-31", **given)
    assert set(refused.value.problems) == {"recipient"}


def test_a_paper_of_another_case_is_unknown_under_ones_own_task(house: LoanHouse) -> None:
    secret, own = raised(house), house.begin("v2chair")
    task_id = house.open_task(own).id
    paper = house.row(select(document.c.id).where(document.c.case_id == secret))[0]
    told = set()
    for number in (paper, 10**6):
        with pytest.raises(NotFound) as refused:
            house.act(remove_paper, "v2chair", task_id=task_id, paper_id=number)
        told.add(str(refused.value).replace(str(number), "N"))
    assert len(told) == 1, "what is there and hidden is answered like what is not there"
    mine = house.row(select(document.c.id).where(document.c.case_id == own))[0]
    with pytest.raises(NotFound):
        house.act(remove_paper, "v1chair", task_id=house.open_task(house.begin()).id, paper_id=mine)
    house.act(remove_paper, "v2chair", task_id=task_id, paper_id=mine)
