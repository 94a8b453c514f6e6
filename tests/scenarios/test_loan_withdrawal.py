"""She may change her mind at any step before the money, and apply again; once the money was paid she has had her loan (G4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.commands.cases import withdraw_case
from engine.errors import Forbidden, InvalidAnswers, NotFound
from tests.scenarios.county import G1
from tests.scenarios.reading import Told
from tests.workflows.processes.loan import examples

if TYPE_CHECKING:
    from tests.scenarios.county import County

WITHOUT_PLEDGE = tuple(path for path in examples.APPLICATION_PAPERS if path != "guarantors.1.signedPledge")
TOLD = Told("CREDIT_OFFICER", "X1", "loan.withdrawn")
#: the steps after which the credit union has the dossier
KNOWS = (
    "T_Credit",
    "T_AcceptLess",
    "T_Supplement",
    "T_FinalCheck",
    "T_Stamp",
    "T_Disburse",
    "T_AskDisbursement+T_Disburse",
)


def reach(county: County, step: str) -> int:
    """A case that waits at a step."""
    if step == "T_Apply":
        return county.begin()
    if step == "T_ConfirmRefusal":
        return county.apply(amount="19999.99", guarantors=[G1])
    case_id = county.apply(papers=WITHOUT_PLEDGE if step == "T_Supplement" else examples.APPLICATION_PAPERS)
    if step in ("T_Correct", "T_ConfirmLapse"):
        county.village(case_id, opinion="RETURN", reason="请补充材料")
    if step == "T_ConfirmLapse":
        county.on("2026-07-01")
    if step == "T_AcceptLess":
        county.until(case_id, "T_Credit")
        county.credit(case_id, decision="AGREE_LESS", approvedAmount="40000.00", reason="还款能力有限")
    if step in ("T_VillageReview", "T_TownReview", "T_Credit", "T_Supplement", "T_FinalCheck", "T_Stamp", "T_Disburse"):
        county.until(case_id, step)
    if step == "T_AskDisbursement+T_Disburse":
        county.until(case_id, "T_Disburse")
        county.on("2026-07-16")
    county.sweep()
    return case_id


@pytest.mark.parametrize(
    "step",
    [
        "T_Apply", "T_VillageReview", "T_Correct", "T_ConfirmLapse", "T_TownReview", "T_ConfirmRefusal", "T_Credit",
        "T_AcceptLess", "T_Supplement", "T_FinalCheck", "T_Stamp", "T_Disburse", "T_AskDisbursement+T_Disburse",
    ],
)  # fmt: skip
def test_she_may_withdraw_at_every_step_before_the_money_and_apply_again(desk: County, step: str) -> None:
    case_id = reach(desk, step)
    assert desk.where(case_id) == step
    after_stamp = step.endswith("T_Disburse")
    assert desk.withdraw(case_id) == ("withdrawnAfterStamp" if after_stamp else "withdrawn")
    assert desk.at(case_id) == []
    assert desk.case(case_id).state == "closed"
    assert (TOLD in desk.notices(case_id)) is (step in KNOWS)
    desk.later(days=60)
    assert desk.sweep() == 0
    if step != "T_Apply":
        assert (desk.line(case_id).state, desk.line(case_id).holds_hash, desk.consumed(case_id)) == (
            "withdrawn",
            None,
            0,
        )
    assert desk.refusals(desk.apply()) == []


def test_what_was_paid_out_cannot_be_withdrawn(desk: County) -> None:
    case_id = desk.until(desk.apply(), "T_Disburse")
    desk.disburse(case_id)
    with pytest.raises(Forbidden, match="已不能撤回"):
        desk.withdraw(case_id)
    assert (desk.line(case_id).state, desk.consumed(case_id)) == ("disbursed", 1)


def test_a_withdrawal_has_a_reason_and_is_done_by_those_who_answer_for_the_case(desk: County) -> None:
    case_id = desk.until(desk.apply(), "T_Credit")
    with pytest.raises(InvalidAnswers):
        desk.withdraw(case_id, reason="   ")
    for login in ("v2chair", "t2chair", "credit", "seal", "sysadmin", "v9chair"):
        with pytest.raises((Forbidden, NotFound)):
            desk.withdraw(case_id, login)
    assert desk.where(case_id) == "T_Credit"
    assert desk.withdraw(case_id, "t1chair") == "withdrawn"


def test_a_case_is_withdrawn_once(desk: County) -> None:
    case_id = desk.apply()
    first = desk.runtime.execute(
        withdraw_case, actor=desk.actor("v1chair"), key="once", case_id=case_id, reason="改做别的生意"
    )
    again = desk.runtime.execute(
        withdraw_case, actor=desk.actor("v1chair"), key="once", case_id=case_id, reason="改做别的生意"
    )
    assert (first.content, again.content, again.replayed) == (again.content, first.content, True)
    with pytest.raises(Forbidden):
        desk.withdraw(case_id)


def refused(desk: County, case_id: int) -> None:
    desk.village(case_id, opinion="REFUSE", reason="项目地点与申报不符")
    desk.refuse(case_id)


def withdrawn(desk: County, case_id: int) -> None:
    desk.withdraw(case_id)


def lapsed(desk: County, case_id: int) -> None:
    desk.village(case_id, opinion="RETURN", reason="请补充材料")
    desk.on("2026-07-02")
    desk.sweep()
    desk.lapse(case_id, "LAPSE")


def refused_by_credit(desk: County, case_id: int) -> None:
    desk.until(case_id, "T_Credit")
    desk.credit(case_id, decision="REFUSE", reason="征信有逾期记录")


@pytest.mark.parametrize("end", [refused, withdrawn, lapsed, refused_by_credit], ids=lambda end: end.__name__)
def test_after_an_end_without_money_she_may_apply_in_another_village_and_be_paid(county: County, end: object) -> None:
    first = county.apply()
    assert callable(end)
    end(county, first)
    second = county.apply("v3chair")
    assert county.refusals(second) == []
    for step, login in (("village", "v3chair"), ("town", "t2chair")):
        getattr(county, step)(second, login)
    county.until(second, "T_Disburse")
    county.disburse(second)
    assert (county.where(second), county.consumed(second)) == ("T_Repay", 1)


@pytest.mark.parametrize("login", ["v1chair", "v3chair", "v9chair"])
def test_after_the_money_she_is_refused_in_every_village_and_county(county: County, login: str) -> None:
    """S001-50: once, in all counties of the installation."""
    first = county.until(county.apply(), "T_Disburse")
    county.disburse(first)
    second = county.apply(login)
    assert county.refusals(second) == ["ALREADY_ENJOYED"]
    assert county.where(second) == "T_ConfirmRefusal"


def test_an_application_open_in_another_county_is_a_duplicate_here_and_both_chairs_are_told(county: County) -> None:
    first = county.apply("v9chair")
    second = county.apply("v1chair")
    assert (county.refusals(first), county.refusals(second)) == ([], ["DUPLICATE_OPEN"])
    assert county.notices(second) == [
        Told("VILLAGE_CHAIR", "V1", "loan.duplicate"),
        Told("VILLAGE_CHAIR", "V9", "loan.duplicate"),
    ]
