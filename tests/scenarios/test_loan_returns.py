"""The ways back: returned for correction, refused and objected to, lapsed; nothing is lost and nothing is skipped (§1)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from engine.commands.papers import remove_paper
from engine.errors import NotFound
from engine.model_filed import document
from tests.scenarios.county import G1, G2, woman
from tests.scenarios.reading import Place, Told, code_at
from tests.workflows.processes.loan import examples
from tests.workflows.processes.loan.examples import payroll
from tests.workflows.processes.loan.house import codes

if TYPE_CHECKING:
    from tests.scenarios.county import County

WITHOUT_PLEDGES = tuple(path for path in examples.APPLICATION_PAPERS if not path.endswith("signedPledge"))
WHY = {"reason": "材料与申报不一致"}


def test_the_credit_union_returns_to_the_township_which_sends_it_again(desk: County) -> None:
    case_id = desk.until(desk.apply(), "T_Credit")
    desk.credit(case_id, decision="RETURN", reason="请补充抽查记录")
    assert desk.where(case_id) == "T_TownReview"
    assert "信用社退回：请补充抽查记录" in desk.notes(case_id, "t1chair")
    desk.town(case_id, remarks="已补充抽查记录")
    desk.credit(case_id)
    assert desk.where(case_id) == "T_FinalCheck"
    assert [len(desk.versions(case_id, form)) for form in ("village_review", "town_review", "credit")] == [1, 2, 2]


def test_the_township_returns_to_the_village_which_signs_again(desk: County) -> None:
    case_id = desk.until(desk.apply(), "T_TownReview")
    desk.town(case_id, opinion="RETURN", **WHY)
    assert (desk.where(case_id), desk.place(case_id)) == ("T_VillageReview", Place("VILLAGE_CHAIR", "V1"))
    assert "乡镇退回：材料与申报不一致" in desk.notes(case_id, "v1chair")
    desk.village(case_id)
    counting = [s for s in desk.page(case_id).signatures if s.counts]
    assert [s.form for s in counting] == ["town_review", "village_review"]
    desk.town(case_id)
    assert desk.where(case_id) == "T_Credit"


@pytest.mark.parametrize(
    ("step", "refuse_by", "code"),
    [
        ("T_VillageReview", "village", "VILLAGE_REFUSED"),
        ("T_TownReview", "town", "TOWN_REFUSED"),
        ("T_FinalCheck", "final", "COUNTY_REFUSED"),
    ],
)
def test_every_refusal_is_confirmed_worded_and_may_be_objected_to(
    desk: County, step: str, refuse_by: str, code: str
) -> None:
    """个人信息保护法 24; an objection lets the township decide."""
    case_id = desk.until(desk.apply(), step)
    decision = "decision" if refuse_by == "final" else "opinion"
    getattr(desk, refuse_by)(case_id, **{decision: "REFUSE"}, **WHY)
    assert (desk.where(case_id), desk.line(case_id).refusal_codes) == ("T_ConfirmRefusal", code)
    assert "材料与申报不一致" in str(desk.proposed(case_id, "t1chair")["reasons"])
    desk.objects(case_id)
    assert (desk.where(case_id), desk.line(case_id).state) == ("T_TownReview", "open")
    desk.until(case_id, "T_Disburse")
    desk.disburse(case_id)
    assert (desk.where(case_id), desk.line(case_id).refusal_codes) == ("T_Repay", "")


def test_a_refusal_nobody_confirmed_by_hand_is_none(desk: County) -> None:
    case_id = desk.apply(amount="19999.99", guarantors=[G1])
    problems = desk.problems(case_id, "t1chair", examples.refusal(confirmed=False))
    assert set(problems) == {"confirmed"}
    assert set(desk.problems(case_id, "t1chair", examples.refusal(applicantObjects=True))) == {"objection"}
    assert set(desk.problems(case_id, "t1chair", examples.refusal(deliveredOn="2026-06-16"))) == {"deliveredOn"}
    assert desk.where(case_id) == "T_ConfirmRefusal"


@pytest.mark.parametrize("form", ["village", "town", "credit", "final"])
@pytest.mark.parametrize("opinion", ["RETURN", "REFUSE"])
def test_whoever_does_not_agree_gives_a_reason(desk: County, form: str, opinion: str) -> None:
    steps = {"village": "T_VillageReview", "town": "T_TownReview", "credit": "T_Credit", "final": "T_FinalCheck"}
    case_id = desk.until(desk.apply(), steps[form])
    answers = {
        "village": examples.village_review(opinion=opinion),
        "town": examples.town_review(opinion=opinion),
        "credit": examples.credit(decision=opinion),
        "final": examples.final_check(decision=opinion),
    }[form]
    logins = {"village": "v1chair", "town": "t1chair", "credit": "credit", "final": "loanworker"}
    assert set(desk.problems(case_id, logins[form], answers)) == {"reason"}


def test_the_county_returns_to_the_township_and_everything_is_decided_again(desk: County) -> None:
    case_id = desk.until(desk.apply(), "T_FinalCheck")
    desk.final(case_id, decision="RETURN", **WHY)
    assert "县妇联退回：材料与申报不一致" in desk.notes(case_id, "t1chair")
    assert (desk.until(case_id, "T_Stamp"), len(desk.versions(case_id, "final_check"))) == (case_id, 2)
    assert len(desk.decisions(case_id, "loan_eligibility")) == 3


def test_an_applicant_who_does_not_take_less_keeps_her_right(desk: County) -> None:
    case_id = desk.until(desk.apply(), "T_Credit")
    desk.credit(case_id, decision="AGREE_LESS", approvedAmount="20000.00", reason="还款能力有限")
    desk.submit(case_id, "v1chair", {"accepts": False})
    assert (desk.where(case_id), desk.line(case_id).state, desk.consumed(case_id)) == ("withdrawn", "withdrawn", 0)
    assert desk.notices(case_id)[-1] == Told("CREDIT_OFFICER", "X1", "loan.withdrawn")


def test_what_is_missing_is_told_at_once_and_asked_for_until_it_is_there(desk: County) -> None:
    case_id = desk.until(desk.apply(papers=WITHOUT_PLEDGES), "T_Supplement")
    assert len(desk.notes(case_id, "v1chair")) == 2
    desk.attach(case_id, "v1chair", "guarantors.1.signedPledge")
    problems = desk.problems(case_id, "v1chair", {"note": "补了一份"})
    assert set(problems) == {"guarantors.2.signedPledge"}
    desk.attach(case_id, "v1chair", "guarantors.2.signedPledge")
    desk.submit(case_id, "v1chair", {"note": "补齐两份"})
    assert desk.where(case_id) == "T_FinalCheck"


def paper(county: County, case_id: int, field: str) -> int:
    wanted = document.select().where(document.c.case_id == case_id, document.c.field == field)
    return int(county.row(wanted.order_by(document.c.id.desc())).id)


def test_a_paper_cannot_be_taken_away_once_the_form_was_submitted(desk: County) -> None:
    case_id = desk.apply()
    pledge = paper(desk, case_id, "guarantors.1.signedPledge")
    with pytest.raises(NotFound):
        desk.act(remove_paper, "v1chair", task_id=desk.open_task(case_id).id, paper_id=pledge)


def test_a_pledge_taken_away_during_correction_stops_the_stamp(desk: County) -> None:
    """All forms complete before the stamp (S001-55): what was there once does not count."""
    case_id = desk.apply()
    desk.village(case_id, opinion="RETURN", **WHY)
    pledge = paper(desk, case_id, "guarantors.1.signedPledge")
    desk.act(remove_paper, "v1chair", task_id=desk.open_task(case_id).id, paper_id=pledge)
    desk.correct(case_id)
    desk.until(case_id, "T_Supplement")
    assert ["担保人 1" in note for note in desk.notes(case_id, "v1chair")] == [True]


def test_a_signature_does_not_cover_what_was_changed_after_it(desk: County) -> None:
    """S001-55: the village signed for one woman; the number was corrected to another's afterwards."""
    desk.apply("v3chair", **woman("1990-05-04", serial=3))
    case_id = desk.until(desk.apply(), "T_TownReview")
    desk.later(hours=1)
    desk.send_back(case_id, "t1chair", "T_Correct")
    desk.correct(case_id, **woman("1990-05-04", serial=3))
    assert (desk.where(case_id), desk.refusals(case_id)) == ("T_ConfirmRefusal", ["DUPLICATE_OPEN"])
    desk.withdraw(1, "v3chair")
    desk.objects(case_id)
    assert "NO_VILLAGE" in codes(desk.problems(case_id, "t1chair", examples.town_review()))
    desk.town(case_id, opinion="RETURN", reason="请村级按更正后的身份证号码重新把关")
    desk.village(case_id)
    desk.town(case_id)
    assert (desk.where(case_id), desk.line(case_id).state) == ("T_Credit", "open")


def test_a_replaced_guarantor_brings_papers_of_her_own(desk: County) -> None:
    case_id = desk.apply()
    desk.later(hours=1)
    desk.village(case_id, opinion="RETURN", reason="担保人 1 请更换")
    other = payroll(idcard=examples.idcard(date(1979, 1, 9), "M", 4), name="祁建平")
    problems = desk.problems(case_id, "v1chair", desk.form(guarantors=[other, G2]))
    assert code_at(problems, "guarantors.1.proof") == {"PROOF"}
    desk.later(hours=1)
    desk.attach(case_id, "v1chair", "guarantors.1.proof")
    desk.correct(case_id, guarantors=[other, G2])
    desk.until(case_id, "T_Supplement")
    assert ["担保人 1" in note for note in desk.notes(case_id, "v1chair")] == [True]


@pytest.mark.parametrize("decision", ["EXTEND", "LAPSE"])
def test_a_lapse_is_a_persons_decision_and_consumes_nothing(desk: County, decision: str) -> None:
    case_id = desk.apply()
    desk.village(case_id, opinion="RETURN", **WHY)
    desk.on("2026-07-01")
    desk.sweep()
    desk.lapse(case_id, decision)
    if decision == "EXTEND":
        assert (desk.where(case_id), desk.due(case_id)) == ("T_Correct", "2026-07-16")
        desk.on("2026-07-17")
        desk.sweep()
        assert desk.where(case_id) == "T_ConfirmLapse"
        desk.lapse(case_id, "LAPSE")
    assert (desk.where(case_id), desk.line(case_id).state, desk.consumed(case_id)) == ("lapsed", "lapsed", 0)
    assert desk.refusals(desk.apply()) == []


def test_a_correction_can_make_an_application_ineligible_and_another_eligible_again(desk: County) -> None:
    case_id = desk.apply()
    desk.village(case_id, opinion="RETURN", **WHY)
    desk.correct(case_id, amount="80000.01")
    assert desk.where(case_id) == "T_ConfirmRefusal"
    desk.objects(case_id, why="金额填错了")
    desk.send_back(case_id, "t1chair", "T_Correct")
    desk.correct(case_id, amount="80000.00")
    assert (desk.where(case_id), desk.refusals(case_id), desk.line(case_id).refusal_codes) == (
        "T_VillageReview",
        [],
        "",
    )
    assert len(desk.versions(case_id, "apply")) == 3
