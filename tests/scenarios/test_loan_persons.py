"""Who may take which step: four eyes, relatives, deputies, posts that have ended (domain D3, D6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from engine.commands.handing_over import hand_over
from engine.commands.tasks import claim_task, release_task
from engine.errors import Forbidden, NotFound, SignatureRequired, StaleTask, TaskNotReady
from tests.scenarios.county import G1, G2, STAFF, woman
from tests.scenarios.reading import Place
from tests.workflows.processes.loan import examples
from tests.workflows.processes.loan.examples import DEPOSITOR, PAYROLL, W, payroll
from workflows.demo import SISTER_IN_LAW_OF_V2CHAIR

if TYPE_CHECKING:
    from tests.scenarios.county import County

SISTER = {"idcard": SISTER_IN_LAW_OF_V2CHAIR, "birthDate": "1990-08-17"}
STEPS = {
    "T_VillageReview": ("v1chair", "village"),
    "T_TownReview": ("t1chair", "town"),
    "T_Credit": ("credit", "credit"),
    "T_FinalCheck": ("loanworker", "final"),
    "T_Stamp": ("seal", "stamp"),
}
ANSWERS: dict[str, dict[str, Any]] = {
    "T_VillageReview": examples.village_review(),
    "T_TownReview": examples.town_review(),
    "T_Credit": examples.credit(),
    "T_FinalCheck": examples.final_check(),
    "T_Stamp": examples.stamp(),
}


def test_without_a_vice_chair_the_county_signs_after_a_township_chair_who_acted_for_the_village(desk: County) -> None:
    desk.end_post("t1vice", "2026-06-14")
    case_id = desk.apply("v2chair", **SISTER)
    desk.village(case_id, "t1chair")
    assert desk.place(case_id) == Place("LOAN_HEAD", "C1", "TOWN_CHAIR", "CONFLICT")
    with pytest.raises(Forbidden):
        desk.town(case_id, "t1chair")
    desk.town(case_id, "loanhead")
    assert desk.where(case_id) == "T_Credit"


def test_a_township_chair_who_also_checks_for_the_county_does_not_do_both(desk: County) -> None:
    """Two steps never by the same person: the head of the loan desk signed for the township."""
    desk.end_post("t1vice", "2026-06-14")
    desk.end_post("loanworker", "2026-06-14")
    case_id = desk.apply("v2chair", **SISTER)
    desk.village(case_id, "t1chair")
    desk.town(case_id, "loanhead")
    desk.credit(case_id)
    assert desk.place(case_id) == Place("COUNTY_CHAIR", "C1", "LOAN_WORKER", "VACANT")
    with pytest.raises(Forbidden):
        desk.final(case_id, "loanhead")
    desk.final(case_id, "countychair")
    desk.stamp(case_id)
    assert desk.where(case_id) == "T_Disburse"


def test_the_keeper_of_the_seal_does_not_approve_and_who_approves_does_not_stamp(desk: County) -> None:
    """国发〔1999〕25号."""
    desk.end_post("loanworker", "2026-06-14")
    desk.end_post("loanhead", "2026-06-14")
    case_id = desk.until(desk.apply(), "T_FinalCheck")
    with pytest.raises(Forbidden):
        desk.final(case_id, "seal")
    desk.final(case_id, "countychair")
    with pytest.raises(Forbidden):
        desk.stamp(case_id, "countychair")
    desk.stamp(case_id, "seal")
    assert desk.where(case_id) == "T_Disburse"


@pytest.mark.parametrize("party", [W, PAYROLL, DEPOSITOR], ids=["applicant", "first guarantor", "second guarantor"])
@pytest.mark.parametrize("step", list(STEPS))
def test_a_relative_of_the_applicant_or_of_a_guarantor_takes_no_step(desk: County, step: str, party: str) -> None:
    login = STEPS[step][0]
    case_id = desk.until(desk.apply(), step)
    desk.declare(login, party)
    with pytest.raises(Forbidden, match="应当回避"):
        desk.submit(case_id, login, ANSWERS[step])
    assert desk.where(case_id) == step
    assert [entry["actor"] for entry in desk.entries(case_id, "attempt.refused")] == [desk.actor(login).id]


def test_a_conflict_declared_while_the_task_lies_open_hands_it_to_somebody_else(desk: County) -> None:
    """D3.2: a hit blocks and reroutes one level up; the task must not wait for somebody who may not take it."""
    case_id = desk.apply()
    desk.declare("v1chair", W)
    with pytest.raises(Forbidden, match="应当回避"):
        desk.village(case_id)
    assert desk.sweep() == 0
    assert desk.place(case_id) == Place("TOWN_CHAIR", "T1", "VILLAGE_CHAIR", "CONFLICT")
    (moved,) = desk.entries(case_id, "task.moved")
    assert (moved["old"]["post"], moved["new"]["post"], moved["reason"]) == ("VILLAGE_CHAIR", "TOWN_CHAIR", "CONFLICT")
    desk.sweep()
    assert len(desk.entries(case_id, "task.moved")) == 1
    assert desk.due(case_id) == "2026-06-23"
    desk.village(case_id, "t1vice")
    desk.town(case_id, "t1chair")
    assert desk.where(case_id) == "T_Credit"


def test_a_conflict_in_a_post_with_two_holders_leaves_the_task_to_the_other(desk: County) -> None:
    case_id = desk.until(desk.apply(), "T_TownReview")
    desk.declare("t1chair", W)
    with pytest.raises(Forbidden):
        desk.town(case_id)
    desk.sweep()
    assert (desk.place(case_id), desk.entries(case_id, "task.moved")) == (Place("TOWN_CHAIR", "T1"), [])
    desk.town(case_id, "t1vice")
    assert desk.where(case_id) == "T_Credit"


def test_a_post_that_ended_yesterday_signs_nothing_today_and_its_open_tasks_go_up(desk: County) -> None:
    """D6: the last day is still served; from the next, open tasks lie with the township until there is a successor."""
    case_id = desk.apply()
    other = desk.apply(**woman("1990-05-04", serial=1))
    desk.end_post("v1chair", "2026-06-16")
    desk.on("2026-06-16", 23, 59)
    desk.village(other)
    desk.on("2026-06-17", 0)
    with pytest.raises(Forbidden, match="没有有效的岗位"):
        desk.village(case_id)
    desk.sweep()
    assert desk.place(case_id) == Place("TOWN_CHAIR", "T1", "VILLAGE_CHAIR", "VACANT")
    desk.village(case_id, "t1vice")
    assert desk.page(case_id).signatures[-1].acting_for == "VILLAGE_CHAIR"


def test_a_successor_gets_the_open_tasks_back(county: County) -> None:
    """D6: they lie with the township until the successor is appointed."""
    case_id, claimed = county.apply(), county.apply(**woman("1990-05-04", serial=1))
    county.end_post("v1chair", "2026-06-15")
    county.on("2026-06-16")
    county.sweep()
    row = county.open_task(claimed)
    county.act(claim_task, "t1vice", task_id=row.id, seen_version=row.version)
    county.appoint("v2chair", "VILLAGE_CHAIR", "V1")
    county.sweep()
    assert county.place(case_id) == Place("VILLAGE_CHAIR", "V1")
    assert county.place(claimed) == Place("TOWN_CHAIR", "T1", "VILLAGE_CHAIR", "VACANT")
    county.village(case_id, "v2chair")
    county.village(claimed, "t1vice")
    assert (county.where(case_id), county.where(claimed)) == ("T_TownReview", "T_TownReview")


def test_what_a_chair_had_claimed_before_she_left_is_free_for_the_other(desk: County) -> None:
    case_id = desk.until(desk.apply(), "T_TownReview")
    row = desk.open_task(case_id)
    desk.act(claim_task, "t1chair", task_id=row.id, seen_version=row.version)
    desk.end_post("t1chair", "2026-06-15")
    desk.on("2026-06-16")
    with pytest.raises(Forbidden):
        desk.town(case_id, "t1vice")
    desk.sweep()
    assert desk.open_task(case_id).assignee_id == 0
    desk.town(case_id, "t1vice")
    assert desk.where(case_id) == "T_Credit"


def test_an_application_half_typed_when_the_chair_left_is_finished_by_the_township(desk: County) -> None:
    case_id = desk.begin()
    desk.end_post("v1chair", "2026-06-15")
    desk.on("2026-06-16")
    desk.sweep()
    assert desk.place(case_id)[:2] == ("TOWN_CHAIR", "T1")
    desk.submit(case_id, "t1chair", desk.application())
    assert desk.place(case_id) == Place("TOWN_CHAIR", "T1", "VILLAGE_CHAIR", "VACANT")


def test_nobody_hands_a_task_over_by_hand(desk: County) -> None:
    case_id = desk.apply()
    with pytest.raises(Forbidden):
        desk.act(hand_over, "v1chair", task_id=desk.open_task(case_id).id)


def test_when_nobody_at_any_level_may_act_the_task_waits_and_nothing_is_written(desk: County) -> None:
    case_id = desk.until(desk.apply(), "T_Credit")
    for login in ("credit", "credit2"):
        desk.declare(login, W)
    before = len(desk.entries(case_id))
    desk.sweep()
    assert (desk.place(case_id), len(desk.entries(case_id))) == (Place("CREDIT_OFFICER", "X1"), before)


def test_a_signature_of_a_chair_stays_valid_after_her_term(desk: County) -> None:
    case_id = desk.until(desk.apply(), "T_TownReview")
    desk.end_post("v1chair", "2026-06-15")
    desk.on("2026-06-16")
    desk.until(case_id, "T_Disburse")
    assert [s.counts for s in desk.page(case_id).signatures if s.form == "village_review"] == [True]


@pytest.mark.parametrize("login", ["t1chair", "t1vice"])
def test_either_chair_of_a_township_signs_for_it(desk: County, login: str) -> None:
    case_id = desk.until(desk.apply(), "T_TownReview")
    desk.town(case_id, login)
    signed = desk.page(case_id).signatures[-1]
    assert (signed.signer_id, signed.post, signed.acting_for) == (desk.actor(login).id, "TOWN_CHAIR", None)


def test_what_one_chair_has_claimed_the_other_leaves_alone_until_it_is_released(desk: County) -> None:
    case_id = desk.until(desk.apply(), "T_TownReview")
    row = desk.open_task(case_id)
    desk.act(claim_task, "t1chair", task_id=row.id, seen_version=row.version)
    with pytest.raises(Forbidden):
        desk.town(case_id, "t1vice")
    row = desk.open_task(case_id)
    desk.act(release_task, "t1chair", task_id=row.id, seen_version=row.version)
    desk.town(case_id, "t1vice")
    assert desk.where(case_id) == "T_Credit"


@pytest.mark.parametrize("step", list(STEPS))
def test_nobody_else_takes_a_step(desk: County, step: str) -> None:
    case_id = desk.until(desk.apply(), step)
    everybody = ("v1chair", "v2chair", "t1chair", "t2chair", "credit", "credit9", "loanworker", "worker9", "seal", "seal9",
                 "countychair", "sysadmin", "logauditor")  # fmt: skip
    for login in everybody:
        if login != STEPS[step][0]:
            with pytest.raises((Forbidden, NotFound)):
                desk.submit(case_id, login, ANSWERS[step])
    assert desk.where(case_id) == step


@pytest.mark.parametrize("step", ["T_VillageReview", "T_TownReview", "T_Credit", "T_FinalCheck"])
def test_a_sign_off_needs_her_own_fresh_reauthentication(desk: County, step: str) -> None:
    """S001-48: 签字意味着责任."""
    case_id = desk.until(desk.apply(), step)
    login, verb = STEPS[step]
    with pytest.raises(SignatureRequired):
        desk.unsigned(case_id, login, verb)
    with pytest.raises(SignatureRequired):
        desk.unsigned(case_id, login, verb, proof_of="loanhead")
    with pytest.raises(SignatureRequired):
        desk.unsigned(case_id, login, verb, age_in_seconds=121)
    desk.unsigned(case_id, login, verb, proof_of=login, age_in_seconds=120)
    assert desk.where(case_id) != step


def test_a_page_that_was_opened_before_somebody_else_acted_is_stale(desk: County) -> None:
    case_id = desk.until(desk.apply(), "T_TownReview")
    seen = desk.open_task(case_id)
    desk.act(claim_task, "t1chair", task_id=seen.id, seen_version=seen.version)
    with pytest.raises(StaleTask):
        desk.act(claim_task, "t1chair", task_id=seen.id, seen_version=seen.version)
    desk.town(case_id)
    with pytest.raises((StaleTask, TaskNotReady)):
        desk.act(claim_task, "t1chair", task_id=seen.id, seen_version=seen.version)


def test_a_guarantor_who_works_at_the_county_is_passed_over_at_her_own_step(desk: County) -> None:
    """D3.3: her guarantor may not sign any step."""
    worker = payroll(name="沈佩兰", idcard=STAFF["loanworker"])
    case_id = desk.until(desk.apply(guarantors=[worker, G2]), "T_FinalCheck")
    assert desk.place(case_id) == Place("LOAN_HEAD", "C1", "LOAN_WORKER", "PARTY")
    desk.final(case_id, "loanhead")
    assert desk.where(case_id) == "T_Stamp"


def test_a_chair_who_applies_herself_types_but_does_not_review(desk: County) -> None:
    case_id = desk.apply("v1chair", idcard=STAFF["v1chair"], birthDate="1983-04-12", guarantors=[G1, G2])
    assert desk.place(case_id) == Place("TOWN_CHAIR", "T1", "VILLAGE_CHAIR", "PARTY")
    with pytest.raises(Forbidden):
        desk.village(case_id)
