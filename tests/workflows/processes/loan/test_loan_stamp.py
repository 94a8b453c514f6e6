"""From complete forms to the stamp and the money; withdrawal and return (S001-55, G4)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update

from engine.commands.cases import withdraw_case
from engine.commands.papers import remove_paper
from engine.commands.returning import return_task
from engine.errors import Forbidden, NotFound
from engine.jobs import sweep
from engine.model import history
from engine.model_filed import document
from engine.unit_of_work import unit_of_work
from tests.workflows.processes.loan import examples
from tests.workflows.processes.loan.reading import code_at, kinds, line, notes
from workflows import model
from workflows.processes.loan.process import PROCESS
from workflows.processes.loan.register import seal_register

if TYPE_CHECKING:
    from tests.workflows.processes.loan.house import LoanHouse

# forms complete


def incomplete(house: LoanHouse) -> int:
    """Agreed by the credit union; G2 has not signed her pledge."""
    case_id = house.begin(papers=tuple(p for p in examples.APPLICATION_PAPERS if p != "guarantors.2.signedPledge"))
    house.submit(case_id, "v1chair", house.application())
    house.submit(case_id, "v1chair", examples.village_review())
    house.submit(case_id, "t1chair", examples.town_review())
    house.submit(case_id, "credit", examples.credit())
    return case_id


def test_l29_an_unsigned_pledge_goes_back_to_its_owner_and_no_stamp_task_exists(house: LoanHouse) -> None:
    case_id = incomplete(house)
    row = house.open_task(case_id)
    assert (row.element, row.post, row.unit_id) == ("T_Supplement", "VILLAGE_CHAIR", house.unit("V1"))
    _, told = notes(house, case_id, "v1chair")
    assert len(told) == 1
    assert told[0].startswith("缺少“担保人 2 · 签名的承诺书（L-02）” —— 依据：S001-55")
    assert set(house.problems(case_id, "v1chair", {"note": "已催办"})) == {"guarantors.2.signedPledge"}
    house.upload(case_id, "v1chair", "guarantors.2.signedPledge")
    house.submit(case_id, "v1chair", {"note": "补交承诺书"})
    assert house.at(case_id) == ["T_FinalCheck"]


def test_a_signature_that_is_missing_is_owned_by_the_step_that_signs(house: LoanHouse) -> None:
    case_id = house.to_credit()
    with house.runtime.reading() as connection:
        view = house.view(connection, case_id, "loanworker")
        view.submitting("credit", {})
        assert PROCESS.perform(view, "loan.forms_complete", {}) == {
            "forms_complete": False,
            "forms_owner": "CREDIT_OFFICER",
        }
        assert PROCESS.candidates(view, "T_Supplement", "APPLICANT", {}).post == "CREDIT_OFFICER"


# final check and stamp


def test_l13_the_final_check_shows_both_ages_and_counts_that_of_the_application(house: LoanHouse) -> None:
    case_id = house.to_final(birthDate="1975-06-16", idcard=examples.idcard(date(1975, 6, 16)))
    house.clock.set_day(date(2026, 6, 16))
    _, told = notes(house, case_id, "loanworker")
    assert told[0] == "申请之日（2026-06-15）50 周岁，今天 51 周岁；是否符合条件以申请之日为准"
    house.submit(case_id, "loanworker", examples.final_check())
    assert house.at(case_id) == ["T_Stamp"]


def test_the_seal_is_not_approved_while_a_condition_fails(house: LoanHouse) -> None:
    case_id = house.to_final()
    with house.runtime.reading() as connection:
        view = house.view(connection, case_id, "loanworker")
        view.submitting("credit", {**(view.form("credit") or {}), "approvedAmount": "19999.99"})
        values = PROCESS.forms["final_check"].load(examples.final_check())
        assert code_at(dict(PROCESS.examine(view, "final_check", values)), "decision") == {"AMOUNT_RANGE"}


def test_a_final_refusal_goes_to_l07_in_the_county_name(house: LoanHouse) -> None:
    case_id = house.to_final()
    house.submit(case_id, "loanworker", examples.final_check(decision="REFUSE", reason="项目与用途不符，不予推荐"))
    assert "县妇联不予推荐：项目与用途不符" in notes(house, case_id, "t1chair")[0]["reasons"]
    house.submit(case_id, "t1chair", examples.refusal())
    assert line(house, case_id).refusal_codes == "COUNTY_REFUSED"
    assert ("CREDIT_OFFICER", "loan.refused") in kinds(house, case_id)


@pytest.mark.parametrize(
    ("changes", "path", "code"),
    [
        ({"stampedOn": "2026-06-14"}, "stampedOn", "STAMP_BEFORE_SIGNATURE"),
        ({"copies": 3}, "copies", "SEAL_COPIES"),
    ],
)
def test_the_stamp_comes_after_every_signature_and_in_the_approved_number(
    house: LoanHouse, changes: dict[str, Any], path: str, code: str
) -> None:
    case_id = house.to_stamp()
    house.upload(case_id, "seal", "scan")
    assert code_at(house.problems(case_id, "seal", examples.stamp(**changes)), path) == {code}


def test_the_stamp_needs_the_scan_of_the_stamped_sheet(house: LoanHouse) -> None:
    assert set(house.problems(house.to_stamp(), "seal", examples.stamp())) == {"scan"}


def test_a_number_of_the_seal_register_is_used_once(house: LoanHouse) -> None:
    house.to_disburse("2026-001")
    case_id = house.to_stamp(idcard=examples.idcard(date(1990, 5, 4), serial=4))
    house.upload(case_id, "seal", "scan")
    assert code_at(house.problems(case_id, "seal", examples.stamp()), "sealRegisterNo") == {"SEAL_NUMBER"}
    house.submit(case_id, "seal", examples.stamp(sealRegisterNo="2026-002"))
    row = house.row(select(seal_register).where(seal_register.c.case_id == case_id))
    assert (row.number, row.keeper_id, row.approver_id) == (
        "2026-002",
        house.actor("seal").id,
        house.actor("loanworker").id,
    )
    assert line(house, case_id).stamped_on == date(2026, 6, 15)


# disbursement


@pytest.mark.parametrize(
    ("changes", "path", "code"),
    [
        ({"amount": "49999.99"}, "amount", "DISBURSED_AMOUNT"),
        ({"disbursedOn": "2026-06-14", "dueOn": "2028-06-14"}, "disbursedOn", "BEFORE_STAMP"),
        ({"dueOn": "2028-06-16"}, "dueOn", "TERM_RANGE"),
    ],
)
def test_what_is_paid_out_is_what_was_approved_after_the_stamp(
    house: LoanHouse, changes: dict[str, Any], path: str, code: str
) -> None:
    assert code_at(house.problems(house.to_disburse(), "credit", examples.disburse(**changes)), path) == {code}


def test_nothing_was_paid_out_tomorrow(house: LoanHouse) -> None:
    answers = examples.disburse(disbursedOn="2026-06-16")
    assert set(house.problems(house.to_disburse(), "credit", answers)) == {"disbursedOn"}


def test_g4_a_disbursement_consumes_the_right_and_is_the_row_that_statistics_count(house: LoanHouse) -> None:
    case_id = house.disbursed()
    row = line(house, case_id)
    assert (row.state, row.holds_hash) == ("disbursed", None)
    assert (row.requested_cents, row.approved_cents, row.disbursed_cents) == (5_000_000,) * 3
    assert (row.disbursed_on, row.due_on, row.jobs_created) == (date(2026, 6, 15), date(2028, 6, 15), 2)
    assert (house.case(case_id).state, house.at(case_id)) == ("open", ["T_Repay"])


def test_the_money_is_told_to_the_village(house: LoanHouse) -> None:
    assert kinds(house, house.disbursed()) == [
        ("CREDIT_OFFICER", "loan.dossier"),
        ("CREDIT_OFFICER", "loan.stamped"),
        ("VILLAGE_CHAIR", "loan.disbursed"),
    ]


# withdrawal and return


def test_l42_a_withdrawal_frees_her_place_consumes_nothing_and_the_credit_union_is_told(house: LoanHouse) -> None:
    case_id = house.to_credit()
    house.act(withdraw_case, "v1chair", case_id=case_id, reason="改做别的生意")
    row = line(house, case_id)
    assert (house.case(case_id).outcome, row.state, row.holds_hash) == ("withdrawn", "withdrawn", None)
    assert kinds(house, case_id)[-1] == ("CREDIT_OFFICER", "loan.withdrawn")
    assert house.at(house.applied()) == ["T_VillageReview"]


def test_a_withdrawal_before_the_credit_union_knows_tells_it_nothing(house: LoanHouse) -> None:
    case_id = house.applied()
    house.act(withdraw_case, "v1chair", case_id=case_id, reason="改做别的生意")
    assert kinds(house, case_id) == []


def test_l18_a_withdrawal_after_the_stamp_has_a_name_of_its_own_and_consumes_nothing(house: LoanHouse) -> None:
    case_id = house.to_disburse()
    house.act(withdraw_case, "v1chair", case_id=case_id, reason="改做别的生意")
    assert (house.case(case_id).outcome, line(house, case_id).state) == ("withdrawnAfterStamp", "withdrawn")


def test_what_was_disbursed_cannot_be_withdrawn(house: LoanHouse) -> None:
    case_id = house.disbursed()
    with pytest.raises(Forbidden):
        house.act(withdraw_case, "v1chair", case_id=case_id, reason="改做别的生意")


@pytest.mark.parametrize(
    "element",
    ["T_VillageReview", "T_TownReview", "T_Credit", "T_FinalCheck", "T_Stamp", "T_Supplement", "T_AcceptLess"],
)
def test_a_step_is_only_returned_to_steps_that_exist(element: str) -> None:
    targets = PROCESS.returns(element)
    assert targets
    assert all(target.startswith("T_") and name for target, name in targets)


@pytest.mark.parametrize("element", ["T_Apply", "T_Correct", "T_Disburse", "T_ConfirmRefusal"])
def test_the_other_steps_are_not_returned(element: str) -> None:
    assert PROCESS.returns(element) == []


def test_the_final_check_can_send_the_matter_back_to_the_township(house: LoanHouse) -> None:
    case_id = house.to_final()
    row = house.open_task(case_id)
    house.act(
        return_task,
        "loanworker",
        task_id=row.id,
        target="T_TownReview",
        reason="抽查记录不清",
        seen_version=row.version,
    )
    assert house.at(case_id) == ["T_TownReview"]


def test_a_paper_taken_away_during_correction_is_missed_again(house: LoanHouse) -> None:
    case_id = house.applied()
    house.submit(case_id, "v1chair", examples.village_review(opinion="RETURN", reason="工资证明不清晰"))
    paper = house.row(
        select(document.c.id).where(document.c.case_id == case_id, document.c.field == "guarantors.1.proof")
    )
    house.act(remove_paper, "v1chair", task_id=house.open_task(case_id).id, paper_id=paper.id)
    assert code_at(house.problems(case_id, "v1chair", house.application()), "guarantors.1.proof") == {"PROOF"}


def test_every_change_of_a_register_stands_in_the_history(house: LoanHouse) -> None:
    case_id = house.disbursed()
    with house.runtime.reading() as connection:
        rows = connection.execute(
            select(history).where(history.c.case_id == case_id, history.c.kind == "register.changed")
        )
        told = [house.runtime.vault.open_json(r.content_sealed) for r in rows]
    states = [t["state"] for t in told if t["register"] == "loan_register" and "state" in t]
    assert states == ["open", "stamped", "disbursed"]
    assert [t["number"] for t in told if t["register"] == "seal_register"] == ["2026-001"]


def test_stamp_and_disbursement_open_with_what_was_approved(house: LoanHouse) -> None:
    case_id = house.to_stamp()
    assert notes(house, case_id, "seal")[0] == {"copies": 2, "stampedOn": "2026-06-15"}
    house.upload(case_id, "seal", "scan")
    house.submit(case_id, "seal", examples.stamp())
    assert notes(house, case_id, "credit")[0] == {"amount": "50000.00", "rate": "4.3500"}


def test_a_first_application_opens_empty_and_a_lapse_with_what_was_asked_for(house: LoanHouse) -> None:
    case_id = house.begin()
    assert notes(house, case_id, "v1chair") == ({}, [])
    house.submit(case_id, "v1chair", house.application())
    house.submit(case_id, "v1chair", examples.village_review(opinion="RETURN", reason="缺项目地点证明"))
    house.clock.set_day(date(2026, 7, 1))
    sweep(house.runtime)
    assert notes(house, case_id, "t1chair")[1] == ["村级退回：缺项目地点证明"]


def test_a_matter_returned_by_the_county_tells_the_township_why(house: LoanHouse) -> None:
    case_id = house.to_final()
    house.submit(case_id, "loanworker", examples.final_check(decision="RETURN", reason="抽查记录不清"))
    answers, told = notes(house, case_id, "t1chair")
    assert (told[0], answers["siteVisited"]) == ("县妇联退回：抽查记录不清", True)


def test_a_county_without_credit_union_cannot_send_an_application_on(house: LoanHouse) -> None:
    case_id = house.applied()
    house.submit(case_id, "v1chair", examples.village_review())
    with unit_of_work(house.runtime, house.actor("sysadmin")) as work:
        work.connection.execute(update(model.unit).where(model.unit.c.code == "X1").values(kind="VILLAGE"))
    with pytest.raises(NotFound, match="信用社"):
        house.submit(case_id, "t1chair", examples.town_review())
    assert house.at(case_id) == ["T_TownReview"]
