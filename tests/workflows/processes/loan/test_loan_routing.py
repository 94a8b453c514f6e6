"""Who gets which step, and who may not take it: conflict of interest, four eyes, acting in another's place (D3.3, D3.5)."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import update

from engine.access import SYSTEM
from engine.clock import SHANGHAI
from engine.commands.cases import start_case
from engine.commands.tasks import claim_task
from engine.errors import Forbidden
from engine.unit_of_work import unit_of_work
from tests.workflows.processes.loan import examples
from tests.workflows.processes.loan.examples import depositor, idcard, payroll
from workflows import model
from workflows.accounts import account_id
from workflows.demo import PEOPLE, SISTER_IN_LAW_OF_V2CHAIR
from workflows.organisation import declare_relative, person_hash
from workflows.processes.loan.conflicts import SIGNING, TYPING
from workflows.processes.loan.process import PROCESS

if TYPE_CHECKING:
    from tests.workflows.processes.loan.house import LoanHouse

STAFF = {p.login: p.idcard for p in PEOPLE}
SISTER = {"idcard": SISTER_IN_LAW_OF_V2CHAIR, "birthDate": "1990-08-17"}


def place(house: LoanHouse, case_id: int, element: str | None = None) -> tuple[Any, ...]:
    """Where a task went: post, unit code, acting for, reason."""
    row = house.open_task(case_id, element)
    codes = {house.unit(code): code for code in ("C1", "T1", "T2", "V1", "V2", "V3", "X1")}
    return row.post, codes[row.unit_id], row.acting_for, row.acting_reason


def end_post(house: LoanHouse, login: str) -> None:
    """Her term has run out."""
    with unit_of_work(house.runtime, SYSTEM) as work:
        ended = update(model.post_holding).where(model.post_holding.c.account_id == account_id(work.connection, login))
        work.connection.execute(ended.values(until=date(2026, 6, 14)))


def declare(house: LoanHouse, login: str, idcard: str, relation: str = "SIBLING") -> None:
    with unit_of_work(house.runtime, SYSTEM) as work:
        hashed = person_hash(house.runtime.vault, idcard)
        who = account_id(work.connection, login)
        declare_relative(
            work.connection, account_id=who, id_hash=hashed, relation=relation, at=datetime(2026, 6, 1, tzinfo=SHANGHAI)
        )


def refusal(house: LoanHouse, case_id: int, login: str) -> str:
    row = house.open_task(case_id)
    with pytest.raises(Forbidden) as refused:
        house.act(claim_task, login, task_id=row.id, seen_version=row.version)
    return str(refused.value)


def test_the_steps_go_from_village_to_township_to_credit_union_to_county(house: LoanHouse) -> None:
    case_id = house.applied()
    assert place(house, case_id) == ("VILLAGE_CHAIR", "V1", None, None)
    house.submit(case_id, "v1chair", examples.village_review())
    assert place(house, case_id) == ("TOWN_CHAIR", "T1", None, None)
    house.submit(case_id, "t1chair", examples.town_review())
    assert place(house, case_id) == ("CREDIT_OFFICER", "X1", None, None)
    house.submit(case_id, "credit", examples.credit())
    assert place(house, case_id) == ("LOAN_WORKER", "C1", None, None)
    house.submit(case_id, "loanworker", examples.final_check())
    assert place(house, case_id) == ("SEAL_KEEPER", "C1", None, None)


def test_every_signing_step_and_every_typing_step_is_a_step_of_the_drawing() -> None:
    assert not SIGNING.keys() & TYPING
    assert set(SIGNING.values()) <= set(PROCESS.forms)


def test_a_chair_who_typed_the_application_may_sign_it(house: LoanHouse) -> None:
    case_id = house.applied()
    house.submit(case_id, "v1chair", examples.village_review())
    assert house.at(case_id) == ["T_TownReview"]


@pytest.mark.parametrize(("login", "code"), [("v1chair", "V1"), ("t1chair", "T1")])
def test_a_case_starts_in_the_village_or_in_the_township_of_who_enters_it(
    house: LoanHouse, login: str, code: str
) -> None:
    opened = house.act(start_case, login, kind="loan")
    assert house.case(opened["case_id"]).unit_id == house.unit(code)
    assert opened["number"].startswith(f"{code}-2026-L-")


def test_nobody_else_enters_an_application(house: LoanHouse) -> None:
    with house.runtime.reading() as connection, pytest.raises(Forbidden, match="由村妇联主席或乡镇妇联主席"):
        PROCESS.start(connection, house.actor("credit"))


def test_a_case_moves_to_the_village_of_her_registration(house: LoanHouse) -> None:
    case_id = house.applied(hukou=house.unit("V3"))
    assert house.case(case_id).unit_id == house.unit("V3")
    assert place(house, case_id) == ("VILLAGE_CHAIR", "V3", None, None)


def test_a_woman_without_village_unit_is_reviewed_twice_in_the_township_by_two_people(house: LoanHouse) -> None:
    case_id = house.applied("t1chair", hukou=house.unit("T1"))
    assert place(house, case_id) == ("TOWN_CHAIR", "T1", "VILLAGE_CHAIR", "VACANT")
    house.submit(case_id, "t1chair", examples.village_review())
    assert place(house, case_id) == ("TOWN_CHAIR", "T1", None, None)
    assert "不能由同一人签字" in refusal(house, case_id, "t1chair")
    house.submit(case_id, "t1vice", examples.town_review())
    assert house.at(case_id) == ["T_Credit"]


def test_l26_a_relative_of_the_chair_is_reviewed_by_the_township_in_her_place_and_then_by_another_person(
    house: LoanHouse,
) -> None:
    case_id = house.applied("v2chair", hukou=house.unit("V2"), **SISTER)
    assert place(house, case_id) == ("TOWN_CHAIR", "T1", "VILLAGE_CHAIR", "CONFLICT")
    house.submit(case_id, "t1vice", examples.village_review())
    assert place(house, case_id) == ("TOWN_CHAIR", "T1", None, None)
    assert "村级把关（L-03）" in refusal(house, case_id, "t1vice")


def test_a_chair_may_type_for_her_relative_but_not_sign(house: LoanHouse) -> None:
    case_id = house.applied("v2chair", hukou=house.unit("V2"), **SISTER)
    with house.runtime.reading() as connection:
        view = house.view(connection, case_id, "v2chair")
        assert PROCESS.may_work(view, "T_Correct", "apply") is None
        assert "（姻亲），应当回避" in str(PROCESS.may_work(view, "T_VillageReview", "village_review"))


def test_a_chair_who_applies_herself_is_reviewed_by_the_township(house: LoanHouse) -> None:
    own = {"idcard": STAFF["v2chair"], "birthDate": "1979-09-23"}
    case_id = house.applied("v2chair", hukou=house.unit("V2"), **own)
    assert place(house, case_id) == ("TOWN_CHAIR", "T1", "VILLAGE_CHAIR", "PARTY")


def test_a_vacant_post_is_acted_for_one_level_up(house: LoanHouse) -> None:
    end_post(house, "v1chair")
    case_id = house.applied("v2chair")
    assert place(house, case_id) == ("TOWN_CHAIR", "T1", "VILLAGE_CHAIR", "VACANT")


def test_where_the_only_other_chair_has_signed_for_the_village_the_county_signs_for_the_township(
    house: LoanHouse,
) -> None:
    end_post(house, "t1vice")
    case_id = house.applied("v2chair", hukou=house.unit("V2"), **SISTER)
    house.submit(case_id, "t1chair", examples.village_review())
    assert place(house, case_id) == ("LOAN_HEAD", "C1", "TOWN_CHAIR", "CONFLICT")


def test_l25_a_guarantor_who_must_sign_is_passed_over_to_the_county(house: LoanHouse) -> None:
    answers = {"countySigns": True, "countySignsReason": "本镇只有她符合条件且自愿担保"}
    case_id = house.applied(guarantors=[payroll(idcard=STAFF["t1chair"]), depositor()], **answers)
    house.submit(case_id, "v1chair", examples.village_review())
    assert place(house, case_id) == ("LOAN_HEAD", "C1", "TOWN_CHAIR", "COUNTY_SIGNS")
    house.submit(case_id, "loanhead", examples.town_review())
    assert house.at(case_id) == ["T_Credit"]


def test_a_guarantor_who_chairs_the_village_is_passed_over_to_the_township(house: LoanHouse) -> None:
    answers = {"countySigns": True, "countySignsReason": "本村只有她符合条件且自愿担保"}
    case_id = house.applied(guarantors=[payroll(idcard=STAFF["v1chair"]), depositor()], **answers)
    assert place(house, case_id) == ("TOWN_CHAIR", "T1", "VILLAGE_CHAIR", "COUNTY_SIGNS")


def test_the_tick_moves_nothing_when_no_guarantor_signs(house: LoanHouse) -> None:
    case_id = house.applied(countySigns=True, countySignsReason="误勾")
    assert place(house, case_id) == ("VILLAGE_CHAIR", "V1", None, None)


@pytest.mark.parametrize("party", [examples.W, examples.PAYROLL, examples.DEPOSITOR])
def test_a_relative_of_the_applicant_or_of_a_guarantor_takes_no_step(house: LoanHouse, party: str) -> None:
    declare(house, "credit", party)
    case_id = house.to_credit()
    assert "应当回避" in refusal(house, case_id, "credit")
    house.submit(case_id, "credit2", examples.credit())
    assert house.at(case_id) == ["T_FinalCheck"]


def test_the_only_loan_worker_gives_way_to_her_head(house: LoanHouse) -> None:
    declare(house, "loanworker", examples.W)
    case_id = house.to_final()
    assert place(house, case_id) == ("LOAN_HEAD", "C1", "LOAN_WORKER", "CONFLICT")


def test_who_approved_the_seal_does_not_stamp(house: LoanHouse) -> None:
    end_post(house, "loanworker")
    end_post(house, "loanhead")
    declare(house, "seal", examples.W)
    case_id = house.to_final()
    assert place(house, case_id) == ("COUNTY_CHAIR", "C1", "LOAN_WORKER", "VACANT")
    house.submit(case_id, "countychair", examples.final_check())
    # keeper and chair are both barred: the task waits, nobody may take it
    assert place(house, case_id) == ("COUNTY_CHAIR", "C1", "SEAL_KEEPER", "CONFLICT")
    assert "核准用印的人不能同时盖章" in refusal(house, case_id, "countychair")


def test_a_correction_goes_back_to_who_types_for_the_village(house: LoanHouse) -> None:
    case_id = house.applied()
    house.submit(case_id, "v1chair", examples.village_review(opinion="RETURN", reason="缺项目地点证明"))
    assert (house.at(case_id), place(house, case_id)) == (["T_Correct"], ("VILLAGE_CHAIR", "V1", None, None))


def test_a_broken_period_is_lifted_to_the_posts_above_this_case(house: LoanHouse) -> None:
    case_id = house.applied()
    with house.runtime.reading() as connection:
        view = house.view(connection, case_id, "v1chair")
        lifted = PROCESS.superiors(view, ("TOWN_CHAIR", "LOAN_HEAD", "CREDIT_OFFICER"))
        assert list(lifted) == [
            ("TOWN_CHAIR", house.unit("T1")),
            ("LOAN_HEAD", house.unit("C1")),
            ("CREDIT_OFFICER", house.unit("X1")),
        ]


def test_her_registration_is_chosen_from_the_villages_of_the_county(house: LoanHouse) -> None:
    case_id = house.begin()
    with house.runtime.reading() as connection:
        offered = dict(PROCESS.options(house.view(connection, case_id, "v1chair"), "villages"))
    units = [str(house.unit(code)) for code in ("V1", "V2", "V3", "T1", "T2")]
    assert list(offered) == [*units, "0"]


def test_an_unknown_unit_is_no_registration(house: LoanHouse) -> None:
    case_id = house.begin()
    for unknown in (999999, house.unit("X1")):
        assert set(house.problems(case_id, "v1chair", house.application(hukou=unknown))) == {"hukou"}


def test_two_different_women_do_not_share_a_number() -> None:
    numbers = {idcard(date(1990, 5, 4), serial=s) for s in range(50)}
    assert len(numbers) == 50
