"""After the loan (P1b): bands and who acts in them, repayment, extension, default, visits, letters (L37 to L41, D9)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from engine.errors import InvalidAnswers
from engine.model import timer
from tests.scenarios.county import G1, G2, woman
from tests.scenarios.reading import Told
from workflows.processes.loan_after import register
from workflows.processes.loan_after.village import Standing

if TYPE_CHECKING:
    from tests.scenarios.county import County

DUE = "2026-06-30"
ALL_BANDS = [
    ("REMINDER", "2026-07-01"),
    ("ATTENTION", "2026-07-15"),
    ("RISK", "2026-08-29"),
    ("DEFAULT", "2026-09-28"),
]


def until(county: County, day: str) -> None:
    """Every day comes, and the jobs look once a day."""
    current = date.fromisoformat(county.today)
    while current < date.fromisoformat(day):
        current += timedelta(days=1)
        county.on(current)
        if county.row(select(timer.c.id).where(timer.c.state == "armed", timer.c.due_at <= county.clock.now())):
            county.sweep()


def collecting(county: County, case_id: int) -> set[str]:
    """The open steps without the ones that are always there."""
    return set(county.at(case_id)) - {"T_Repay", "T_Visit", "T_Extension"}


def overdue(county: County, day: str, **changes: object) -> int:
    """W's loan, due on 30 June 2026 and unpaid, on a later day."""
    case_id = county.lent(DUE, **changes)
    until(county, day)
    return case_id


def test_l37_day_14_is_a_reminder_and_day_15_a_township_visit(county: County) -> None:
    case_id = overdue(county, "2026-07-14")
    assert (county.bands(case_id), county.book(case_id).band) == (ALL_BANDS[:1], "REMINDER")
    assert "T_RemindOverdue" in collecting(county, case_id)
    assert "T_TownVisit" not in county.at(case_id)
    until(county, "2026-07-15")
    assert (county.bands(case_id), county.book(case_id).band) == (ALL_BANDS[:2], "ATTENTION")
    place = county.place(case_id, "T_TownVisit")
    assert (place.post, place.unit) == ("TOWN_CHAIR", "T1")
    decision = county.decisions(case_id, "overdue_band")[-1]
    assert (decision["inputs"], decision["outputs"]) == ({"overdue_days": 15}, {"band": "ATTENTION"})
    county.visit(case_id, "t1chair", "T_TownVisit", outlook="LATE")
    assert "T_TownVisit" not in county.at(case_id)


def test_l38_day_60_is_a_joint_plan_and_a_written_notice_to_the_guarantors_in_time(county: County) -> None:
    case_id = overdue(county, "2026-08-28", guarantors=[G1, G2])
    assert not {"T_JointPlan", "T_TellGuarantors"} & set(county.at(case_id))
    until(county, "2026-08-29")
    assert {"T_JointPlan", "T_TellGuarantors"} <= set(county.at(case_id))
    assert "2026-12-30" in "".join(county.notes(case_id, "credit", "T_TellGuarantors"))
    proposed = county.proposed(case_id, "credit", "T_TellGuarantors")["notices"]
    assert [item["slot"] for item in proposed] == [1, 2]
    one = [{**proposed[0], "method": "IN_PERSON", "deliveredOn": "2026-08-29"}]
    with pytest.raises(InvalidAnswers) as refused:
        county.submit(case_id, "credit", {"notices": one}, "T_TellGuarantors")
    assert set(refused.value.problems) == {"notices.2.method"}
    both = [{**item, "method": "MAIL", "deliveredOn": "2026-08-29"} for item in proposed]
    county.submit(case_id, "credit", {"notices": both}, "T_TellGuarantors")
    plan = {
        "metOn": "2026-08-29",
        "cause": "价格下跌，回款慢",
        "arrangement": "分三个月归还",
        "duties": "村里每周看一次",
    }
    county.submit(case_id, "loanworker", plan, "T_JointPlan")
    county.submit(case_id, "credit", {"agrees": True}, "T_AgreePlan")
    assert not {"T_JointPlan", "T_AgreePlan", "T_TellGuarantors"} & set(county.at(case_id))


def test_a_notice_after_the_guarantee_period_is_recorded_only_with_the_reason(desk: County) -> None:
    case_id = overdue(desk, "2026-08-29", guarantors=[G1, G2])
    desk.on("2026-12-31")
    proposed = desk.proposed(case_id, "credit", "T_TellGuarantors")["notices"]
    late = {"notices": [{**item, "method": "MAIL", "deliveredOn": "2026-12-31"} for item in proposed]}
    with pytest.raises(InvalidAnswers) as refused:
        desk.submit(case_id, "credit", late, "T_TellGuarantors")
    assert set(refused.value.problems) == {"lateReason"}
    desk.submit(case_id, "credit", {**late, "lateReason": "担保人外出务工，年底才联系上"}, "T_TellGuarantors")


def test_l39_day_89_is_risk_and_day_90_default_with_the_flag_but_nothing_ends_by_itself(county: County) -> None:
    case_id = overdue(county, "2026-09-27")
    assert (county.bands(case_id), county.book(case_id).claimable_since) == (ALL_BANDS[:3], None)
    assert "T_Default" not in county.at(case_id)
    until(county, "2026-09-28")
    book = county.book(case_id)
    assert (county.bands(case_id), book.band) == (ALL_BANDS, "DEFAULT")
    assert (book.claimable_since, book.subsidy_until) == (date(2026, 9, 28), date(2026, 6, 30))
    assert Told("CREDIT_OFFICER", "X1", "loan_after.claimable") in county.notices(case_id)
    assert county.place(case_id, "T_Default").post == "LOAN_HEAD"
    until(county, "2027-01-31")
    assert (county.case(case_id).state, county.line(case_id).state) == ("open", "disbursed")


def test_default_is_a_persons_decision_and_records_the_compensation(county: County) -> None:
    case_id = overdue(county, "2026-09-28")
    county.submit(case_id, "loanhead", {"decision": "WAIT", "reason": "答应年底前还清"}, "T_Default")
    assert "T_Default" not in county.at(case_id)
    until(county, "2026-10-29")
    assert "T_Default" in county.at(case_id)
    said = {"decision": "DEFAULT", "compensatedOn": county.today, "compensation": "50000.01", "reason": "借款人失联"}
    with pytest.raises(InvalidAnswers) as refused:
        county.submit(case_id, "loanhead", said, "T_Default")
    assert set(refused.value.problems) == {"compensation"}
    county.submit(case_id, "loanhead", {**said, "compensation": "50000.00"}, "T_Default")
    book = county.book(case_id)
    assert (county.case(case_id).state, county.case(case_id).outcome) == ("closed", "defaulted")
    assert (book.state, book.compensation_cents, county.line(case_id).state) == ("defaulted", 5_000_000, "defaulted")
    assert county.at(case_id) == []


def test_l40_a_payment_on_day_61_closes_the_collection_keeps_the_bands_and_counts_61_days(county: County) -> None:
    case_id = overdue(county, "2026-08-30")
    assert {"T_JointPlan", "T_TellGuarantors", "T_TownVisit"} <= set(county.at(case_id))
    answer = county.repay(case_id, "50000.00", interest="1234.56")
    assert answer["ended"] == "settled"
    assert (county.at(case_id), county.case(case_id).outcome) == ([], "settled")
    assert county.bands(case_id) == ALL_BANDS[:3]
    with county.runtime.reading() as connection:
        (paid,) = register.repayments(connection, case_id)
    assert (paid.overdue_days, paid.principal_cents, paid.interest_cents, paid.balance_cents) == (
        61,
        5_000_000,
        123_456,
        0,
    )
    book = county.book(case_id)
    assert (book.state, book.ended_on, book.subsidy_until) == ("settled", date(2026, 8, 30), date(2026, 6, 30))
    assert county.line(case_id).state == "settled"
    assert county.row(select(timer.c.id).where(timer.c.case_id == case_id, timer.c.state == "armed")) is None
    assert [row.close_reason for row in county.page(case_id).tasks if row.element == "T_JointPlan"] == ["cancelled"]


@pytest.mark.parametrize("day", ["2026-06-16", "2026-06-29", "2026-06-30"])
def test_paid_early_or_on_the_due_day_is_never_overdue(desk: County, day: str) -> None:
    case_id = desk.lent(DUE)
    until(desk, day)
    desk.repay(case_id, "50000.00")
    until(desk, "2026-07-02")
    with desk.runtime.reading() as connection:
        assert [row.overdue_days for row in register.repayments(connection, case_id)] == [0]
    assert (desk.bands(case_id), desk.case(case_id).outcome) == ([], "settled")


def test_a_part_payment_lowers_the_balance_and_the_bands_go_on(desk: County) -> None:
    case_id = overdue(desk, "2026-07-10")
    desk.repay(case_id, "49999.99")
    assert (desk.book(case_id).balance_cents, desk.line(case_id).state) == (1, "disbursed")
    until(desk, "2026-07-15")
    assert desk.bands(case_id) == ALL_BANDS[:2]
    desk.repay(case_id, "0.01")
    assert desk.case(case_id).outcome == "settled"


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"principal": "50000.01"}, "principal", "50,000.00"),
        ({"principal": "0.00"}, "principal", "都是 0"),
        ({"principal": "1.005"}, "principal", "1.005"),
        ({"principal": "-1"}, "principal", ""),
        ({"paidOn": "2026-07-02"}, "paidOn", "2026-07-01"),
        ({"paidOn": "2026-06-14"}, "paidOn", "2026-06-15"),
        ({"paidOn": ""}, "paidOn", "还款日期"),
    ],
)
def test_a_wrong_repayment_is_refused_by_field_with_what_was_seen_and_nothing_is_booked(
    desk: County, changes: dict[str, str], field: str, said: str
) -> None:
    case_id = desk.lent(DUE)
    desk.on("2026-07-01")
    with pytest.raises(InvalidAnswers) as refused:
        desk.repay(case_id, **{"principal": "100.00", **changes})
    assert set(refused.value.problems) == {field}
    assert said in str(refused.value.problems[field][0])
    assert desk.book(case_id).balance_cents == 5_000_000


def test_a_payment_before_the_last_one_is_refused(desk: County) -> None:
    case_id = desk.lent(DUE)
    desk.on("2026-06-25")
    desk.repay(case_id, "100.00")
    with pytest.raises(InvalidAnswers) as refused:
        desk.repay(case_id, "100.00", paidOn="2026-06-24")
    assert "2026-06-25" in str(refused.value.problems["paidOn"][0])


def test_while_too_many_loans_of_a_village_are_in_default_the_county_must_say_that_it_agrees(county: County) -> None:
    """P: above 5 per cent of the village's loans; the township is told, the county decides in so many words."""
    overdue(county, "2026-09-28")
    case_id = county.until(county.apply(**woman("1991-05-04")), "T_TownReview")
    assert "违约率 100.00%" in "".join(county.notes(case_id, "t1chair"))
    county.until(case_id, "T_FinalCheck")
    with pytest.raises(InvalidAnswers) as refused:
        county.final(case_id)
    assert set(refused.value.problems) == {"villageRiskApproved"}
    county.final(case_id, villageRiskApproved=True)
    assert county.where(case_id) == "T_Stamp"


@pytest.mark.parametrize(
    ("loans", "bad", "above"), [(20, 1, False), (19, 1, True), (100, 5, False), (100, 6, True), (0, 0, False)]
)
def test_exactly_five_per_cent_is_not_above_the_limit(loans: int, bad: int, above: bool) -> None:
    assert Standing(loans, bad, Decimal("5.00")).above is above
