"""Supervision in the federation: the chain by the units, patience by the county's policy, the gravest risk first; figures kept."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from engine import jobs
from engine.clock import SHANGHAI, Period, Unit
from engine.model_escalation import escalation
from engine.queries import escalations
from engine.unit_of_work import unit_of_work
from tests.workflows.processes.loan import examples
from tests.workflows.processes.loan.house import LoanHouse, opened
from workflows import policy
from workflows.climbing import CLIMBING
from workflows.posts import POST_KIND
from workflows.supervision import ABOVE, LAWFUL, FederationSupervision, gravity, lawful

if TYPE_CHECKING:
    from collections.abc import Iterator

supervision = FederationSupervision()


@pytest.fixture
def house(databases: Any) -> Iterator[LoanHouse]:
    yield from opened(databases)


def period(key: str) -> Period:
    return Period(key, 1, Unit.WORK, "S1", ("TOWN_CHAIR",))


def late(house: LoanHouse, days: int = 20) -> Any:
    house.clock.at += timedelta(days=days)
    assert jobs.sweep(house.runtime)
    return house.row(select(escalation).order_by(escalation.c.id.desc()))


def chain(house: LoanHouse, row: Any) -> list[list[str]]:
    return [[post for post, _ in rung] for rung in row.chain]


def test_law_comes_before_house_rules_and_safety_before_complaints_before_money() -> None:
    case = SimpleNamespace(confidentiality="C2")
    keys = [
        "dv.mandatoryReport",
        "pet.notice",
        "dv.screen",
        "pet.village.handle",
        "aid.publicNotice",
        "loan.stamp",
        "other",
    ]
    risks = [supervision.risk(case, period(key)) for key in keys]
    assert risks == sorted(risks)
    assert len(set(risks)) == len(risks)
    graver = SimpleNamespace(confidentiality="C3")
    assert supervision.risk(graver, period("dv.screen")) < supervision.risk(case, period("dv.screen"))
    assert supervision.risk(SimpleNamespace(confidentiality="?"), period("dv.screen")) > supervision.risk(
        case, period("dv.screen")
    )


def test_a_key_that_only_begins_like_the_laws_own_is_a_house_rule() -> None:
    assert all(lawful(key) for key in LAWFUL)
    assert lawful("pet.review.answer")
    assert not lawful("pet.reviewer")
    assert (gravity("dv.screen"), gravity("loan.stamp"), gravity("dvd.rental")) == (0, 3, 4)


def test_nobody_stands_above_herself_and_every_post_leads_to_the_county() -> None:
    for post in ABOVE:
        seen = [post]
        while seen[-1] in ABOVE:
            assert ABOVE[seen[-1]] not in seen
            seen.append(ABOVE[seen[-1]])
        assert seen[-1] == "COUNTY_CHAIR"
    assert set(ABOVE) | set(ABOVE.values()) <= set(POST_KIND)


@pytest.mark.parametrize(
    ("post", "other", "barred"),
    [
        ("CREDIT_OFFICER", "LOAN_HEAD", True),
        ("CREDIT_OFFICER", "CREDIT_OFFICER", False),
        ("VILLAGE_CHAIR", "TOWN_CHAIR", False),
    ],
)
def test_the_credit_union_decides_for_itself(post: str, other: str, *, barred: bool) -> None:
    assert (supervision.stand_in(post, other) is not None) is barred


def test_what_a_village_leaves_lying_goes_to_the_township_and_then_to_the_county(house: LoanHouse) -> None:
    house.applied()
    row = late(house)
    assert chain(house, row) == [["TOWN_CHAIR"], ["COUNTY_CHAIR"]]
    assert (row.post, row.level, row.risk) == ("VILLAGE_CHAIR", "broken", 132)
    # noticed on Sunday 5 July; its one working day is the Monday
    assert row.climb_at == datetime(2026, 7, 7, tzinfo=SHANGHAI)
    house.clock.at = row.climb_at
    jobs.sweep(house.runtime)
    again = house.row(select(escalation))
    assert (again.rung, again.climb_at) == (1, None)


def test_a_county_may_give_its_superiors_another_time(house: LoanHouse) -> None:
    with unit_of_work(house.runtime, house.actor("loanhead")) as work:
        policy.add_policy(
            work.connection,
            county_id=house.unit("C1"),
            scope="supervision",
            valid_from=work.today,
            label="督办时限",
            values={},
            periods={**CLIMBING, "climb.broken": Period("climb.broken", 3, Unit.HOUR, "县妇联规定", ("COUNTY_CHAIR",))},
            at=work.now,
            by=1,
        )
    house.applied()
    row = late(house)
    assert row.climb_at == house.clock.at + timedelta(hours=3)


def test_what_was_overdue_once_is_counted_when_it_is_done(house: LoanHouse) -> None:
    case_id = house.applied()
    late(house)
    house.submit(case_id, "v1chair", examples.village_review())
    with house.runtime.reading() as connection:
        since, until = house.clock.at - timedelta(days=365), house.clock.at + timedelta(days=1)
        asked = {"since": since, "until": until}
        mine = escalations.ever_overdue(connection, house.runtime.rules, house.actor("t1chair"), **asked)
        other = escalations.ever_overdue(connection, house.runtime.rules, house.actor("t2chair"), **asked)
        before = escalations.ever_overdue(
            connection, house.runtime.rules, house.actor("t1chair"), since=since, until=since + timedelta(days=1)
        )
    assert mine == {("loan", "loan.village.review"): (1, 1)}
    assert other == before == {}
