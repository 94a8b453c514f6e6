"""L43: the month of the loans by step and code; townships add up to the county; percentages computed; versions of a month."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select, update

from engine.clock import SHANGHAI
from engine.jobs import process_rounds
from tests.scenarios.county import G1, G2, woman
from tests.scenarios.test_loan_after import until
from workflows import loan_report, loan_statistics, organisation
from workflows.loan_statistics import Figure, Month
from workflows.processes.loan.register import loan_register
from workflows.processes.loan_after.register import loan_statistic

if TYPE_CHECKING:
    from tests.scenarios.county import County

JUNE, JULY, AUGUST = (Month.named(f"2026-0{n}") for n in (6, 7, 8))


def report(county: County, month: Month) -> loan_report.Report:
    with county.runtime.reading() as connection:
        place = organisation.unit(connection, county.unit("C1"))
        found = loan_statistics.figures(connection, place.id, month, ())
        return loan_report.report(connection, place, month, found)


def of(made: loan_report.Report, code: str, unit: str = "") -> tuple[int, int]:
    """(number, cents) of a unit by the beginning of its name, or of the total."""
    line = next((each for each in made.lines if unit and each.unit.name.startswith(unit)), made.total)
    return (line.of(code).number, line.of(code).cents)


def a_busy_june(county: County) -> list[int]:
    """W in 杏花村 is paid out 50 000.00 due on 30 June; one in 柳湾村 is refused for her age; one in 石桥村 waits."""
    first = county.lent("2026-06-30", guarantors=[G1, G2])
    second = county.apply("v2chair", **woman("1970-01-01"))
    county.refuse(second)
    third = county.apply("v3chair", **woman("1992-03-04"))
    county.village(third, "v3chair")
    return [first, second, third]


def test_l43_the_month_counts_by_step_and_code_and_the_townships_add_up_to_the_county(county: County) -> None:
    a_busy_june(county)
    made = report(county, JUNE)
    assert [line.unit.name[:3] for line in made.lines] == ["青禾镇", "云溪乡"]
    assert {code: of(made, code)[0] for code in ("APPLIED", "VILLAGE_SIGNED", "TOWN_SIGNED", "REFUSED", "APPROVED")} == {
        "APPLIED": 3, "VILLAGE_SIGNED": 2, "TOWN_SIGNED": 1, "REFUSED": 1, "APPROVED": 1,
    }  # fmt: skip
    assert (of(made, "DISBURSED"), of(made, "JOBS")) == ((1, 5_000_000), (2, 0))
    assert (of(made, "OUTSTANDING"), of(made, "OVERDUE")) == ((1, 5_000_000), (0, 0))
    assert made.refusals == ["REFUSED.AGE_RANGE"]
    assert of(made, "SUBSIDY") == (1, 9063)  # 50 000.00 yuan, 15 days, 4.35 per cent a year of 360 days
    for code in made.total.figures:
        numbers = [line.of(code) for line in made.lines]
        assert sum(numbers, Figure()) == made.total.of(code), code
    assert of(made, "APPLIED", "青禾镇") == (2, 0)
    assert (made.total.paid_rate, made.total.overdue_rate) == ("33.33%", "0.00%")


def test_an_unpaid_loan_is_overdue_at_the_end_of_the_next_month_and_earns_no_subsidy_in_it(county: County) -> None:
    case_id, _, _ = a_busy_june(county)
    until(county, "2026-07-10")
    county.repay(case_id, "12500.00")
    until(county, "2026-08-01")
    july = report(county, JULY)
    assert (of(july, "OVERDUE"), of(july, "OUTSTANDING")) == ((1, 3_750_000), (1, 3_750_000))
    assert (july.total.overdue_rate, of(july, "SUBSIDY"), of(july, "APPLIED")) == ("100.00%", (0, 0), (0, 0))
    assert of(report(county, JUNE), "OUTSTANDING") == (1, 5_000_000)
    county.repay(case_id, "37500.00")
    assert of(report(county, JULY), "OVERDUE") == (1, 3_750_000)
    assert of(report(county, AUGUST), "OUTSTANDING") == (0, 0)


def test_an_extension_counts_from_the_month_it_was_approved_in(desk: County) -> None:
    case_id = desk.lent("2026-07-31")
    until(desk, "2026-07-31")
    desk.extend(case_id, "2027-07-31")
    until(desk, "2026-09-01")
    assert of(report(desk, AUGUST), "OVERDUE") == (0, 0)


@pytest.mark.parametrize(
    ("part", "whole", "said"), [(16820, 33613, "50.04%"), (0, 5, "0.00%"), (1, 0, "—"), (1, 8, "12.50%")]
)
def test_percentages_are_computed(part: int, whole: int, said: str) -> None:
    assert loan_report.percent(part, whole) == said


def test_a_month_is_fixed_once_it_is_over_and_a_late_correction_gives_a_new_version(county: County) -> None:
    case_id, _, _ = a_busy_june(county)
    place = county.unit("C1")
    with pytest.raises(ValueError, match="2026-06"):
        loan_statistics.fix(county.runtime, place, JUNE)
    county.on("2026-07-01", 0)
    assert loan_statistics.fix(county.runtime, place, JUNE) == (1, True)
    assert loan_statistics.fix(county.runtime, place, JUNE) == (1, False)
    with county.runtime.database.writing() as connection:
        mine = loan_register.c.case_id == case_id
        connection.execute(update(loan_register).where(mine).values(jobs_created=5))
        connection.commit()
    assert loan_statistics.fix(county.runtime, place, JUNE) == (2, True)
    with county.runtime.reading() as connection:
        village = county.unit("V1")
        seen = [loan_statistics.stored(connection, place, JUNE, v)[village, "JOBS"].number for v in (1, 2)]
        assert connection.execute(select(func.max(loan_statistic.c.version))).scalar() == 2
    assert seen == [2, 5]


def test_a_number_opens_its_cases_for_who_may_see_them_and_only_those(county: County) -> None:
    case_id, _, _ = a_busy_june(county)
    with county.runtime.reading() as connection:
        place = organisation.unit(connection, county.unit("C1"))

        def seen(login: str, code: str, path: str = place.path) -> tuple[list[int], int]:
            actor = county.actor(login)
            found = loan_report.behind(county.runtime, connection, actor, place, JUNE, path, code)
            return [row.id for row in found.rows], found.counted

        town = organisation.unit(connection, county.unit("T2")).path
        assert seen("loanhead", "DISBURSED") == ([case_id], 1)
        assert len(seen("loanhead", "APPLIED")[0]) == 3
        assert seen("t2chair", "APPLIED")[1] == 3
        assert len(seen("t2chair", "APPLIED")[0]) == 1
        assert len(seen("loanhead", "APPLIED", town)[0]) == 1
        assert seen("sysadmin", "APPLIED") == ([], 3)


def test_months_that_are_over_are_fixed_by_themselves_once_and_a_person_may_fix_them_anew(desk: County) -> None:
    a_busy_june(desk)
    place = desk.unit("C1")

    def fixed() -> list[tuple[str, int]]:
        told = (loan_statistic.c.month, loan_statistic.c.version)
        with desk.runtime.reading() as connection:
            rows = connection.execute(select(*told).where(loan_statistic.c.code == "").order_by(*told))
            return [(row.month, row.version) for row in rows]

    desk.clock.at = datetime(2026, 6, 30, 23, 59, tzinfo=SHANGHAI)
    process_rounds(desk.runtime)
    assert fixed() == []
    desk.clock.at = datetime(2026, 7, 1, tzinfo=SHANGHAI)
    assert (process_rounds(desk.runtime), process_rounds(desk.runtime)) == (1, 0)
    assert fixed() == [("2026-06", 1)]
    # the machine was off for two months; what a person has fixed is not touched
    desk.clock.at = datetime(2026, 9, 2, 9, tzinfo=SHANGHAI)
    assert loan_statistics.fix(desk.runtime, place, JULY) == (1, True)
    assert process_rounds(desk.runtime) == 1
    assert fixed() == [("2026-06", 1), ("2026-07", 1), ("2026-08", 1)]
