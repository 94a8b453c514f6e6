"""Every time limit of the loan: its last day by the working calendar, whom a broken one is told to, how it pauses (§0.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from engine.recount_plan import moves_on
from tests.scenarios.county import G1, woman
from tests.scenarios.reading import Told
from tests.workflows.processes.loan import examples

if TYPE_CHECKING:
    from tests.scenarios.county import County

WITHOUT_PLEDGE = tuple(path for path in examples.APPLICATION_PAPERS if path != "guarantors.1.signedPledge")


def reach(county: County, element: str) -> int:
    """A case that has just come to a step."""
    if element == "T_ConfirmRefusal":
        return county.apply(amount="19999.99", guarantors=[G1])
    case_id = county.apply(papers=WITHOUT_PLEDGE if element == "T_Supplement" else examples.APPLICATION_PAPERS)
    if element == "T_Correct":
        county.village(case_id, opinion="RETURN", reason="请补充材料")
    elif element == "T_AcceptLess":
        county.until(case_id, "T_Credit")
        county.credit(case_id, decision="AGREE_LESS", approvedAmount="40000.00", reason="还款能力有限")
    else:
        county.until(case_id, element)
    return case_id


@pytest.mark.parametrize(
    ("element", "applied", "last_day", "next_moment", "told"),
    [
        # 19 June is a holiday: five working days after Monday 15 June end on Tuesday 23 June
        ("T_VillageReview", "2026-06-15", "2026-06-23", "2026-06-24", Told("TOWN_CHAIR", "T1", "period.broken")),
        ("T_TownReview", "2026-06-15", "2026-06-23", "2026-06-24", Told("LOAN_HEAD", "C1", "period.broken")),
        ("T_Credit", "2026-06-15", "2026-06-30", "2026-07-01", Told("LOAN_HEAD", "C1", "period.broken")),
        ("T_FinalCheck", "2026-06-15", "2026-06-18", "2026-06-19", Told("LOAN_HEAD", "C1", "period.broken")),
        ("T_Stamp", "2026-06-15", "2026-06-18", "2026-06-19", Told("COUNTY_CHAIR", "C1", "period.broken")),
        ("T_ConfirmRefusal", "2026-06-15", "2026-06-23", "2026-06-24", Told("LOAN_HEAD", "C1", "period.broken")),
        ("T_AcceptLess", "2026-06-15", "2026-06-30", "2026-07-01", Told("TOWN_CHAIR", "T1", "period.broken")),
        ("T_Supplement", "2026-06-15", "2026-06-30", "2026-07-01", Told("TOWN_CHAIR", "T1", "period.broken")),
        # the holidays of May and the Saturday worked for them, those of October likewise
        ("T_VillageReview", "2026-04-29", "2026-05-09", "2026-05-10", Told("TOWN_CHAIR", "T1", "period.broken")),
        ("T_VillageReview", "2026-09-30", "2026-10-13", "2026-10-14", Told("TOWN_CHAIR", "T1", "period.broken")),
        ("T_VillageReview", "2026-06-19", "2026-06-26", "2026-06-27", Told("TOWN_CHAIR", "T1", "period.broken")),
        ("T_VillageReview", "2026-06-20", "2026-06-26", "2026-06-27", Told("TOWN_CHAIR", "T1", "period.broken")),
    ],
)
def test_a_period_is_broken_at_midnight_after_its_last_day_and_told_to_the_post_above(
    desk: County, element: str, applied: str, last_day: str, next_moment: str, told: Told
) -> None:
    desk.on(applied)
    case_id = reach(desk, element)
    before = desk.notices(case_id)
    assert desk.due(case_id) == last_day
    desk.on(last_day, 23, 59)
    assert desk.sweep() == 1
    assert desk.notices(case_id) == [*before, warned := Told(told.post, told.unit, "period.warn")]
    assert desk.sweep() == 0
    desk.on(next_moment, 0)
    assert desk.sweep() == 1
    assert desk.notices(case_id) == [*before, warned, told]
    assert desk.where(case_id) == element
    assert len(desk.entries(case_id, "period.broken")) == len(desk.entries(case_id, "period.warned")) == 1
    assert desk.sweep() == 0


def test_a_correction_has_fifteen_calendar_days_and_then_a_person_decides(desk: County) -> None:
    case_id = reach(desk, "T_Correct")
    assert desk.due(case_id) == "2026-06-30"
    desk.on("2026-06-30", 23, 59)
    assert (desk.sweep(), desk.where(case_id)) == (1, "T_Correct")
    desk.on("2026-07-01", 0)
    assert desk.sweep() == 1
    assert (desk.where(case_id), desk.due(case_id)) == ("T_ConfirmLapse", "2026-07-08")
    assert desk.place(case_id) == ("TOWN_CHAIR", "T1", None, None)
    desk.on("2026-07-09", 0)
    desk.sweep()
    assert Told("LOAN_HEAD", "C1", "period.broken") in desk.notices(case_id)
    assert desk.where(case_id) == "T_ConfirmLapse"


@pytest.mark.parametrize(
    ("returned", "last_day"),
    [
        ("2026-06-12", "2026-06-29"),  # day 15 is Saturday 27 June
        ("2026-06-13", "2026-06-29"),  # Sunday 28 June
        ("2026-06-14", "2026-06-29"),
        ("2026-06-04", "2026-06-22"),  # 19 June is a holiday, then a weekend
        ("2026-09-17", "2026-10-08"),  # 2 October: until the holidays are over
        ("2026-04-24", "2026-05-09"),  # a Saturday that is worked
    ],
)
def test_a_citizens_period_rolls_forward_to_the_next_working_day(desk: County, returned: str, last_day: str) -> None:
    """§0.3: the applicant's time for a correction does not end on a day on which nobody takes it."""
    desk.on(returned)
    case_id = reach(desk, "T_Correct")
    assert desk.due(case_id) == last_day


def test_thirty_days_without_money_are_asked_about_while_the_disbursement_stays_open(desk: County) -> None:
    case_id = desk.until(desk.apply(), "T_Disburse")
    assert desk.clock_of(case_id, "T_Disburse") == "2026-07-15"
    desk.on("2026-07-15", 23, 59)
    assert (desk.sweep(), desk.where(case_id)) == (1, "T_Disburse")
    desk.on("2026-07-16", 0)
    assert desk.sweep() == 1
    assert desk.where(case_id) == "T_AskDisbursement+T_Disburse"
    assert desk.place(case_id, "T_AskDisbursement") == ("LOAN_WORKER", "C1", None, None)
    desk.asked(case_id, "WAITING")
    assert desk.where(case_id) == "T_Disburse"
    desk.disburse(case_id)
    assert (desk.where(case_id), desk.consumed(case_id)) == ("T_Repay", 1)


def test_money_that_comes_while_it_is_asked_about_ends_the_question(desk: County) -> None:
    case_id = desk.until(desk.apply(), "T_Disburse")
    desk.on("2026-07-16")
    desk.sweep()
    desk.disburse(case_id)
    assert (desk.where(case_id), desk.at(case_id)) == ("T_Repay", ["T_Repay"])


def test_an_applicant_who_gives_up_when_asked_keeps_her_right(desk: County) -> None:
    case_id = desk.until(desk.apply(), "T_Disburse")
    desk.on("2026-07-16")
    desk.sweep()
    desk.asked(case_id, "WITHDRAWN")
    assert (desk.where(case_id), desk.consumed(case_id)) == ("withdrawnAfterStamp", 0)
    assert desk.notices(case_id)[-1] == Told("CREDIT_OFFICER", "X1", "loan.withdrawn")
    assert desk.refusals(desk.apply()) == []


def test_a_clock_pauses_with_every_return_and_never_starts_again_from_the_beginning(desk: County) -> None:
    """loan.* pause while returned for correction: two days used, then one more, two are left."""
    case_id = desk.apply()
    desk.on("2026-06-17")
    desk.village(case_id, opinion="RETURN", reason="请补充照片")
    desk.on("2026-06-22")
    desk.correct(case_id, residence="村东头")
    assert desk.due(case_id) == "2026-06-25"
    desk.on("2026-06-23")
    desk.village(case_id, opinion="RETURN", reason="照片还不清楚")
    assert desk.due(case_id) == "2026-07-08"
    desk.on("2026-07-06")
    desk.correct(case_id, residence="村西头")
    assert desk.due(case_id) == "2026-07-08"


def test_a_clock_that_was_already_broken_comes_back_due_today(desk: County) -> None:
    case_id = desk.apply()
    desk.on("2026-06-26")
    desk.sweep()
    desk.village(case_id, opinion="RETURN", reason="请补充照片")
    desk.on("2026-06-29")
    desk.correct(case_id, residence="村东头")
    assert desk.due(case_id) == "2026-06-29"


def test_a_correction_in_time_stops_its_own_clock(desk: County) -> None:
    case_id = reach(desk, "T_Correct")
    desk.on("2026-06-30", 23, 59)
    desk.correct(case_id, residence="村东头")
    desk.on("2026-07-01")
    assert (desk.sweep(), desk.where(case_id)) == (0, "T_VillageReview")


def test_sweeping_late_or_twice_tells_every_superior_once(desk: County) -> None:
    case_ids = [desk.apply(), desk.apply("v3chair", **woman("1990-05-04", serial=1))]
    desk.on("2026-08-01")
    assert (desk.sweep(), desk.sweep()) == (2, 0)
    assert [desk.notices(case_id) for case_id in case_ids] == [
        [Told("TOWN_CHAIR", "T1", "period.broken")],
        [Told("TOWN_CHAIR", "T2", "period.broken")],
    ]


STEPS = ("T_VillageReview", "T_Correct", "T_TownReview", "T_Credit", "T_AcceptLess", "T_Supplement", "T_FinalCheck", "T_Stamp",
         "T_Disburse", "T_ConfirmRefusal")  # fmt: skip


@pytest.mark.parametrize("element", STEPS)
def test_reckoning_a_case_again_moves_nothing_whatever_has_passed(desk: County, element: str) -> None:
    """The same calendar, the same dates: fresh, warned, broken, or come back from a correction."""

    def moves() -> list[Any]:
        with desk.runtime.reading() as connection:
            return moves_on(desk.runtime, connection, case_id)

    case_id = reach(desk, element)
    assert moves() == []
    before = len(desk.entries(case_id))
    for day in ("2026-06-18", "2026-06-22", "2026-07-01", "2026-07-16", "2026-09-01"):
        desk.on(day)
        assert moves() == []
        desk.sweep()
        assert moves() == []
    assert len(desk.entries(case_id)) > before


def test_a_clock_set_back_an_hour_moves_and_fires_nothing(desk: County) -> None:
    case_id = desk.apply()
    due = desk.due(case_id)
    desk.on("2026-06-22", 0)
    assert desk.sweep() == 1
    desk.on("2026-06-21", 23)
    assert desk.sweep() == 0
    assert desk.due(case_id) == due
    desk.on("2026-06-24", 0)
    assert desk.sweep() == 1
    desk.on("2026-06-23", 23)
    assert desk.sweep() == 0
    assert desk.open_task(case_id).overdue_since is not None
    desk.village(case_id, opinion="RETURN", reason="请补充照片")
    desk.on("2026-06-23", 22)
    desk.correct(case_id, residence="村东头")
    assert desk.due(case_id) == due
