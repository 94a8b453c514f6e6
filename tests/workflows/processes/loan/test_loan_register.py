"""Once in a lifetime, one application at a time: what the registers decide, on both databases (S001-50, G4)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from engine.commands.cases import withdraw_case
from engine.jobs import sweep
from engine.model import notice
from tests.workflows.processes.loan import examples
from tests.workflows.processes.loan.house import set_policy
from tests.workflows.processes.loan.reading import line, notes
from workflows.processes.loan.register import active_guarantees, loan_register, times_consumed

if TYPE_CHECKING:
    from tests.workflows.processes.loan.house import LoanHouse


def test_l19_a_second_open_application_anywhere_is_refused_and_both_chairs_are_told(either_house: LoanHouse) -> None:
    house = either_house
    first = house.applied()
    second = house.applied("v3chair", hukou=house.unit("V3"))
    assert house.at(first) == ["T_VillageReview"]
    assert house.at(second) == ["T_ConfirmRefusal"]
    assert (line(house, second).state, line(house, second).refusal_codes) == ("duplicate", "DUPLICATE_OPEN")
    with house.runtime.reading() as connection:
        told = connection.execute(select(notice).where(notice.c.kind == "loan.duplicate").order_by(notice.c.id)).all()
    assert [(n.post, n.unit_id, n.content) for n in told] == [
        ("VILLAGE_CHAIR", house.unit("V3"), {}),
        ("VILLAGE_CHAIR", house.unit("V1"), {"case": first}),
    ]


def test_the_15_and_the_18_digits_of_one_woman_meet(either_house: LoanHouse) -> None:
    house = either_house
    old = examples.W[:6] + examples.W[8:17]
    first, second = house.applied(idcard=old), house.applied(idcard=examples.W)
    assert line(house, first).subject_hash == line(house, second).subject_hash
    assert line(house, second).state == "duplicate"


def test_two_lines_never_hold_the_place_of_one_woman(either_house: LoanHouse) -> None:
    house = either_house
    first = house.applied()
    other = house.applied(idcard=examples.idcard(date(1990, 5, 4), serial=2))
    held = dict(line(house, first)._mapping)
    with house.runtime.database.writing() as connection:
        connection.execute(loan_register.delete().where(loan_register.c.case_id == other))
        with pytest.raises(IntegrityError):
            connection.execute(insert(loan_register), {**held, "case_id": other})


def test_a_duplicate_goes_on_when_the_elder_application_has_ended(either_house: LoanHouse) -> None:
    house = either_house
    first = house.applied()
    second = house.applied("v3chair", hukou=house.unit("V3"))
    house.act(withdraw_case, "v1chair", case_id=first, reason="在石桥村另行申请")
    house.submit(second, "t2chair", examples.refusal(applicantObjects=True, objection="前一份已经撤回"))
    house.submit(second, "t2chair", examples.town_review(opinion="RETURN", reason="请村级先把关"))
    assert line(house, second).state == "duplicate"
    house.submit(second, "v3chair", examples.village_review())
    house.submit(second, "t2chair", examples.town_review())
    assert (house.at(second), line(house, second).state) == (["T_Credit"], "open")


def test_s001_50_who_has_had_a_loan_is_refused_in_every_village(either_house: LoanHouse) -> None:
    house = either_house
    first = house.disbursed()
    second = house.applied("v3chair", hukou=house.unit("V3"))
    assert line(house, second).refusal_codes == "ALREADY_ENJOYED"
    with house.runtime.reading() as connection:
        assert times_consumed(connection, line(house, first).subject_hash, second) == 1
        assert times_consumed(connection, line(house, first).subject_hash, first) == 0


def test_l36_where_three_loans_are_allowed_an_earlier_one_is_shown_to_the_reviewer(either_house: LoanHouse) -> None:
    house = either_house
    set_policy(house, maxTimes=3)
    house.disbursed()
    second = house.applied()
    assert house.at(second) == ["T_VillageReview"]
    assert notes(house, second, "v1chair")[1][0] == "以前已享受过 1 次，政策最多 3 次"


def test_a_corrected_number_moves_the_place_to_the_right_woman(either_house: LoanHouse) -> None:
    house = either_house
    case_id = house.applied()
    wrong = line(house, case_id).holds_hash
    house.submit(case_id, "v1chair", examples.village_review(opinion="RETURN", reason="身份证号码录错"))
    right = examples.idcard(date(1990, 5, 4), serial=7)
    house.submit(case_id, "v1chair", house.application(idcard=right))
    assert line(house, case_id).holds_hash == line(house, case_id).subject_hash == house.case(case_id).subject_hash
    assert line(house, case_id).holds_hash != wrong
    assert house.at(house.applied()) == ["T_VillageReview"]


def test_only_running_loans_count_for_a_guarantor(either_house: LoanHouse) -> None:
    house = either_house
    first = house.applied()
    known = house.runtime.vault.lookup("idcard", examples.PAYROLL)
    with house.runtime.reading() as connection:
        assert active_guarantees(connection, [known, "nobody"], 0) == {known: 1}
        assert active_guarantees(connection, ["nobody", known], first) == {}
        assert active_guarantees(connection, [], 0) == {}
    house.act(withdraw_case, "v1chair", case_id=first, reason="改做别的生意")
    with house.runtime.reading() as connection:
        assert active_guarantees(connection, [known], 0) == {}


def test_a_lapse_is_confirmed_by_a_person_and_frees_her_place(either_house: LoanHouse) -> None:
    house = either_house
    case_id = house.applied()
    house.submit(case_id, "v1chair", examples.village_review(opinion="RETURN", reason="缺项目地点证明"))
    house.clock.set_day(date(2026, 7, 1))
    sweep(house.runtime)
    assert house.at(case_id) == ["T_ConfirmLapse"]
    answers = {"contactedOn": "2026-07-01", "decision": "LAPSE", "reason": "电话确认不再申请"}
    house.submit(case_id, "t1chair", answers)
    assert (house.case(case_id).outcome, line(house, case_id).state, line(house, case_id).holds_hash) == (
        "lapsed",
        "lapsed",
        None,
    )


def test_a_loan_not_paid_out_in_thirty_days_is_asked_about_and_may_be_given_up(either_house: LoanHouse) -> None:
    house = either_house
    case_id = house.to_disburse()
    house.clock.set_day(date(2026, 7, 16))
    sweep(house.runtime)
    assert sorted(house.at(case_id)) == ["T_AskDisbursement", "T_Disburse"]
    answers = {"contactedOn": "2026-07-16", "result": "WITHDRAWN", "note": "申请人另有打算"}
    house.submit(case_id, "loanworker", answers, "T_AskDisbursement")
    assert (house.case(case_id).outcome, line(house, case_id).state) == ("withdrawnAfterStamp", "withdrawn")
