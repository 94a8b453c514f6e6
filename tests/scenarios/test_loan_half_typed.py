"""The live check of every form, whatever is still missing in it: it answers, it never fails, and it writes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from engine.queries.task_page import check_answers
from tests.scenarios.county import G1
from tests.workflows.processes.loan import examples

if TYPE_CHECKING:
    from engine.process_type import Check
    from tests.scenarios.county import County

LESS = {"decision": "AGREE_LESS", "reason": "还款能力有限"}
FORMS: dict[str, tuple[str, dict[str, Any]]] = {
    "T_Apply": ("v1chair", examples.application()),
    "T_VillageReview": ("v1chair", examples.village_review()),
    "T_TownReview": ("t1chair", examples.town_review()),
    "T_Credit": ("credit", examples.credit()),
    "T_AcceptLess": ("v1chair", {"accepts": True, "released": "2"}),
    "T_FinalCheck": ("loanworker", examples.final_check()),
    "T_Stamp": ("seal", examples.stamp()),
    "T_Disburse": ("credit", examples.disburse()),
    "T_ConfirmRefusal": ("t1chair", examples.refusal()),
}


def checked(county: County, case_id: int, login: str, answers: dict[str, Any]) -> Check:
    """What the page asks while somebody types."""
    with county.runtime.reading() as connection:
        row = county.open_task(case_id)
        return check_answers(county.runtime, connection, county.actor(login), row.id, answers)


def reach(county: County, step: str) -> int:
    if step == "T_Apply":
        return county.begin()
    if step == "T_ConfirmRefusal":
        return county.apply(amount="19999.99", guarantors=[G1])
    case_id = county.apply()
    if step == "T_AcceptLess":
        county.until(case_id, "T_Credit")
        county.credit(case_id, **LESS, approvedAmount="28000.00")
        return case_id
    return county.until(case_id, step)


@pytest.mark.parametrize("step", list(FORMS))
def test_a_form_with_any_one_answer_missing_or_unreadable_is_checked_all_the_same(desk: County, step: str) -> None:
    login, full = FORMS[step]
    case_id = reach(desk, step)
    before = len(desk.entries(case_id))
    others: list[dict[str, Any]] = [{}, {**full, **(LESS if step == "T_Credit" else {})}]
    for name in full:
        without = {key: value for key, value in full.items() if key != name}
        others += [without, {**full, name: "？"}, {**full, name: None}, {name: full[name]}]
        others += [{**without, **LESS}] if step == "T_Credit" else []
    for answers in others:
        checked(desk, case_id, login, answers)
    assert (desk.where(case_id), len(desk.entries(case_id))) == (step, before)


def test_a_guarantor_with_any_one_answer_missing_is_checked_all_the_same(desk: County) -> None:
    case_id = desk.begin()
    for guarantor in (examples.payroll(), examples.depositor(1)):
        for name in guarantor:
            half = {key: value for key, value in guarantor.items() if key != name}
            for answers in (desk.form(guarantors=[half]), {"guarantors": [half]}):
                found = checked(desk, case_id, "v1chair", answers)
                assert found.problems or name == "slot"


def test_the_live_check_says_what_submitting_would_lead_to(desk: County) -> None:
    case_id = desk.begin()
    found = checked(desk, case_id, "v1chair", desk.form(amount="80000.01"))
    assert ["AMOUNT_RANGE" in str(m.params.get("code")) for m in found.refusals] == [True]
    assert found.problems == {}
    assert desk.where(case_id) == "T_Apply"
