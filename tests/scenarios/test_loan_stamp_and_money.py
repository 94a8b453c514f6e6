"""The stamp is the last step before release, the money the moment her right is used (S001-55, G4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from engine.commands.cases import start_case
from engine.commands.tasks import complete_task
from engine.errors import InvalidAnswers, KeyReused, TaskNotReady
from tests.scenarios.county import woman
from tests.scenarios.reading import Told, code_at, told
from tests.workflows.processes.loan import examples

if TYPE_CHECKING:
    from tests.scenarios.county import County

BOTH_AT_ONCE = {"guarantors": [examples.payroll()], "amount": "20000.00"}


def at_the_stamp(county: County, days: int = 0, **changes: Any) -> int:
    """A case that waits for the stamp with the scan attached; `days` pass before the county approves."""
    case_id = county.until(county.apply(**changes), "T_FinalCheck")
    county.later(days=days)
    county.until(case_id, "T_Stamp")
    county.upload(case_id, "seal", "scan")
    return case_id


@pytest.mark.parametrize(
    ("stamped", "code"),
    [("2026-06-17", None), ("2026-06-16", "STAMP_BEFORE_SIGNATURE"), ("2026-06-15", "STAMP_BEFORE_SIGNATURE"), ("2026-06-18", "")],
)  # fmt: skip
def test_the_stamp_bears_no_date_before_the_last_signature_nor_after_today(
    desk: County, stamped: str, code: str | None
) -> None:
    case_id = at_the_stamp(desk, days=2)
    answers = examples.stamp(stampedOn=stamped)
    if code is None:
        desk.submit(case_id, "seal", answers)
        assert desk.where(case_id) == "T_Disburse"
    else:
        assert code_at(desk.problems(case_id, "seal", answers), "stampedOn") == ({code} if code else set())
        assert desk.where(case_id) == "T_Stamp"


def test_a_number_of_the_seal_register_is_used_once_in_a_county(county: County) -> None:
    first, second = at_the_stamp(county), at_the_stamp(county, **woman("1990-05-04", serial=1))
    county.submit(first, "seal", examples.stamp(sealRegisterNo="用印2026-1"))
    problems = county.problems(second, "seal", examples.stamp(sealRegisterNo="用印2026-1"))
    assert code_at(problems, "sealRegisterNo") == {"SEAL_NUMBER"}
    assert "用印2026-1" in told(problems)
    county.submit(second, "seal", examples.stamp(sealRegisterNo="用印2026-2"))
    assert county.where(second) == "T_Disburse"


def test_another_county_has_a_seal_register_of_its_own(desk: County) -> None:
    first = at_the_stamp(desk, **BOTH_AT_ONCE)
    desk.submit(first, "seal", examples.stamp(sealRegisterNo="2026-001"))
    second = desk.apply("v9chair", **woman("1990-05-04", serial=1), **BOTH_AT_ONCE)
    for verb, login in (("village", "v9chair"), ("town", "t9chair"), ("credit", "credit9"), ("final", "worker9")):
        getattr(desk, verb)(second, login)
    desk.stamp(second, "seal9", sealRegisterNo="2026-001")
    desk.disburse(second, "credit9")
    assert desk.where(second) == "T_Repay"


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"copies": 3}, "copies"),
        ({"copies": 0}, "copies"),
        ({"sealRegisterNo": ""}, "sealRegisterNo"),
        ({"stampedOn": "15.06.2026"}, "stampedOn"),
    ],
)
def test_the_stamp_is_entered_completely_and_within_the_approved_copies(
    desk: County, changes: dict[str, Any], path: str
) -> None:
    assert set(desk.problems(at_the_stamp(desk), "seal", examples.stamp(**changes))) == {path}


def test_without_the_scan_of_the_stamped_sheet_nothing_is_released(desk: County) -> None:
    case_id = desk.until(desk.apply(), "T_Stamp")
    assert set(desk.problems(case_id, "seal", examples.stamp())) == {"scan"}
    assert Told("CREDIT_OFFICER", "X1", "loan.stamped") not in desk.notices(case_id)


@pytest.mark.parametrize("answer", ["onceChecked", "formsChecked", "creditAgreed", "conflictDeclared"])
def test_the_county_approves_nothing_it_has_not_checked(desk: County, answer: str) -> None:
    case_id = desk.until(desk.apply(), "T_FinalCheck")
    assert set(desk.problems(case_id, "loanworker", examples.final_check(**{answer: False}))) == {answer}


@pytest.mark.parametrize(
    ("form", "answer"),
    [
        ("village", "identitySeen"), ("village", "unemployedChecked"), ("village", "guarantorsContacted"),
        ("village", "conflictDeclared"), ("town", "applicationComplete"), ("town", "evidenceComplete"),
        ("town", "guaranteeComplete"), ("town", "villageSigned"), ("town", "conflictDeclared"), ("credit", "conflictDeclared"),
    ],
)  # fmt: skip
def test_nobody_recommends_what_she_has_not_checked(desk: County, form: str, answer: str) -> None:
    """S001-48: 严格把关后再签字."""
    step, login = {"village": ("T_VillageReview", "v1chair"), "town": ("T_TownReview", "t1chair"), "credit": ("T_Credit", "credit")}[form]  # fmt: skip
    case_id = desk.until(desk.apply(), step)
    answers = {"village": examples.village_review, "town": examples.town_review, "credit": examples.credit}[form]
    assert set(desk.problems(case_id, login, answers(**{answer: False}))) == {answer}


@pytest.mark.parametrize(
    ("changes", "path", "code"),
    [
        ({"amount": "49999.99"}, "amount", "DISBURSED_AMOUNT"),
        ({"amount": "50000.01"}, "amount", "DISBURSED_AMOUNT"),
        ({"disbursedOn": "2026-06-14", "dueOn": "2028-06-14"}, "disbursedOn", "BEFORE_STAMP"),
        ({"disbursedOn": "2026-06-16"}, "disbursedOn", ""),
        ({"dueOn": "2028-06-16"}, "dueOn", "TERM_RANGE"),
        ({"dueOn": "2026-06-15"}, "dueOn", ""),
    ],
)
def test_what_is_paid_out_is_what_was_approved_and_stamped(
    desk: County, changes: dict[str, Any], path: str, code: str
) -> None:
    case_id = desk.until(desk.apply(), "T_Disburse")
    problems = desk.problems(case_id, "credit", examples.disburse(**changes))
    assert code_at(problems, path) == ({code} if code else set())
    assert desk.consumed(case_id) == 0


@pytest.mark.parametrize(("due", "allowed"), [("2028-06-20", True), ("2028-06-21", False)])
def test_a_loan_paid_out_late_is_due_while_the_deposit_still_secures_it(desk: County, due: str, allowed: bool) -> None:
    short = [examples.payroll(), examples.depositor(depositMaturity="2028-06-20")]
    case_id = desk.until(desk.apply(guarantors=short), "T_Disburse")
    desk.on("2026-06-25")
    answers = examples.disburse(disbursedOn="2026-06-25", dueOn=due)
    if allowed:
        desk.submit(case_id, "credit", answers)
        assert desk.where(case_id) == "T_Repay"
    else:
        assert code_at(desk.problems(case_id, "credit", answers), "dueOn") == {"PROOF"}


def test_a_stamp_that_was_sent_back_is_approved_again_before_it_is_made(desk: County) -> None:
    case_id = desk.until(desk.apply(), "T_Stamp")
    desk.send_back(case_id, "seal", "T_FinalCheck")
    desk.later(days=1)
    desk.final(case_id)
    desk.upload(case_id, "seal", "scan")
    early = examples.stamp(stampedOn="2026-06-15")
    assert code_at(desk.problems(case_id, "seal", early), "stampedOn") == {"STAMP_BEFORE_SIGNATURE"}
    desk.submit(case_id, "seal", examples.stamp(stampedOn="2026-06-16"))
    assert (desk.where(case_id), len(desk.versions(case_id, "final_check"))) == ("T_Disburse", 2)


def test_a_refused_form_may_be_sent_again_under_the_same_key(desk: County) -> None:
    """Only what was done is remembered: a form with a problem leaves nothing, not even its key."""
    case_id = desk.until(desk.apply(), "T_Disburse")
    row, officer = desk.open_task(case_id), desk.actor("credit")
    for answers in (examples.disburse(amount="1.00"), examples.disburse(amount="-1"), {}):
        with pytest.raises(InvalidAnswers):
            desk.runtime.execute(
                complete_task, actor=officer, key="pay", task_id=row.id, answers=answers, seen_version=row.version
            )
    desk.runtime.execute(
        complete_task, actor=officer, key="pay", task_id=row.id, answers=examples.disburse(), seen_version=row.version
    )
    assert desk.where(case_id) == "T_Repay"


def test_before_the_stamp_nothing_can_be_paid_out(desk: County) -> None:
    case_id = desk.until(desk.apply(), "T_Stamp")
    assert desk.opened(case_id, "T_Disburse") == 0
    row = desk.open_task(case_id)
    desk.stamp(case_id)
    with pytest.raises(TaskNotReady):
        desk.act(complete_task, "seal", task_id=row.id, answers=examples.stamp(), seen_version=row.version + 1)


def test_the_same_request_sent_twice_pays_out_once(county: County) -> None:
    case_id = county.until(county.apply(), "T_Disburse")
    row = county.open_task(case_id)
    asked: dict[str, Any] = {"task_id": row.id, "answers": examples.disburse(), "seen_version": row.version}
    officer = county.actor("credit")
    first = county.runtime.execute(complete_task, actor=officer, key="pay", **asked)
    again = county.runtime.execute(complete_task, actor=officer, key="pay", **asked)
    assert (first.replayed, again.replayed, again.content) == (False, True, first.content)
    assert (county.consumed(case_id), len(county.versions(case_id, "disburse"))) == (1, 1)
    with pytest.raises(KeyReused):
        county.runtime.execute(start_case, actor=officer, key="pay", kind="loan")
