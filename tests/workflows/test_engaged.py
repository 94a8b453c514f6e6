"""An auditor who takes up other work in what she audits is let into it no longer, whenever that happens (domain D1)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from engine.access import Actor, Engagement, Post
from workflows.engaged import hers

RUNS = Engagement(
    1,
    ".1.3.",
    frozenset({"loan"}),
    datetime(2026, 1, 1, tzinfo=UTC),
    datetime(2027, 1, 1, tzinfo=UTC),
    frozenset(),
    None,
)


@pytest.mark.parametrize(
    ("other", "counts"),
    [
        (None, True),
        (Post("CASE_AUDITOR", 9, ".9."), True),
        (Post("LOAN_WORKER", 9, ".9."), True),
        (Post("TOWN_CHAIR", 4, ".1.4."), True),
        (Post("LOAN_WORKER", 1, ".1."), False),
        (Post("TOWN_CHAIR", 3, ".1.3."), False),
        (Post("VILLAGE_CHAIR", 7, ".1.3.7."), False),
    ],
    ids=lambda each: f"{each.code} {each.path}" if isinstance(each, Post) else str(each),
)
def test_an_engagement_does_not_outlive_a_part_of_her_own_in_what_it_is_about(
    other: Post | None, *, counts: bool
) -> None:
    posts = (Post("CASE_AUDITOR", 1, ".1."), *([other] if other else []))
    assert hers(Actor(7, "", posts, engagements=(RUNS,))) == ([RUNS] if counts else [])
