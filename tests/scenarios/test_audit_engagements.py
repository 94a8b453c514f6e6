"""O08: an auditor sees the dossiers of her approved engagement while it runs, and nothing else (domain D1)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert, select

from engine.access import SYSTEM, Permission
from engine.clock import SHANGHAI
from engine.commands.loading import subject_of
from engine.errors import Forbidden, InvalidAnswers, NotFound
from engine.model import case_file
from engine.unit_of_work import unit_of_work
from tests.scenarios.auditing import (
    ASKER,
    AUDITOR,
    CHAIR,
    approved,
    asked,
    begun,
    listed,
    number_of,
    opens,
)
from workflows.audit_batches import ask_batch
from workflows.engaged import scope_of, within
from workflows.engagements import (
    EngagementClosed,
    approve_engagement,
    draw,
    end_engagement,
    refuse_engagement,
)
from workflows.model_engagement import engagement
from workflows.organisation import appoint

if TYPE_CHECKING:
    from tests.scenarios.county import County

#: what is asked of a post alone, and opens no case
OF_POSTS = {Permission.VERIFY_PAPER, Permission.TAKE_PART}


def test_an_engagement_opens_no_other_door_to_a_case(county: County) -> None:
    case_id = begun(county, 1)[0]
    approved(county)
    auditor, rules = county.actor(AUDITOR), county.runtime.rules
    with county.runtime.reading() as connection:
        subject = subject_of(connection, county.case(case_id))
        seen = connection.execute(select(case_file.c.id).where(rules.visible_cases(auditor))).all()
    granted = {p for p in Permission if p.value.startswith(("case.", "task.", "paper."))} - OF_POSTS
    assert not seen
    assert {p for p in granted if rules.permits(auditor, p, _as_task(subject))} == {Permission.AUDIT_CASE}


def _as_task(subject: Any) -> Any:
    """A case and a task of it that waits for the post of an auditor, which no drawing may give her."""

    class Task:
        post, assignee_id, owner_id, task_kind = "CASE_AUDITOR", 0, None, "loan"
        closed_by = None

        def __getattr__(self, name: str) -> Any:
            return getattr(subject, name)

    return Task()


@pytest.mark.parametrize(
    ("day", "hour", "sees"),
    [
        ("2026-06-19", 23, False),
        ("2026-06-20", 0, True),
        ("2026-06-30", 23, True),
        ("2026-07-01", 0, False),
        ("2026-07-02", 9, False),
    ],
)
def test_o08_she_sees_them_from_the_first_day_to_the_last_and_not_the_day_after(
    county: County, day: str, hour: int, sees: bool
) -> None:
    case_id = begun(county, 1)[0]
    number = approved(county, since="2026-06-20", until="2026-06-30")
    county.on(day, hour, 59 if hour == 23 else 0)
    if sees:
        assert listed(county, number) == [county.case(case_id).number]
        assert opens(county, number, case_id).case.id == case_id
        return
    with pytest.raises(NotFound):
        listed(county, number)
    with pytest.raises(NotFound):
        opens(county, number, case_id)
    with pytest.raises(NotFound):
        county.act(ask_batch, AUDITOR, engagement_id=number, case_ids=[case_id])


def test_it_runs_from_its_approval_when_that_comes_late_and_not_after_its_last_day(county: County) -> None:
    begun(county, 1)
    late, too_late = asked(county, until="2026-06-18"), asked(county, until="2026-06-18")
    county.on("2026-06-18")
    with pytest.raises(NotFound):
        listed(county, late)
    county.act(approve_engagement, CHAIR, engagement_id=late)
    assert len(listed(county, late)) == 1
    county.on("2026-06-19")
    with pytest.raises(EngagementClosed):
        county.act(approve_engagement, CHAIR, engagement_id=too_late)


def test_it_ends_early_with_her_post_or_when_somebody_concerned_ends_it(desk: County) -> None:
    begun(desk, 1)
    for by in (AUDITOR, ASKER, CHAIR):
        number = approved(desk)
        with pytest.raises(NotFound):
            desk.act(end_engagement, "seal", engagement_id=number)
        desk.act(end_engagement, by, engagement_id=number)
        with pytest.raises(NotFound):
            listed(desk, number)
        with pytest.raises(EngagementClosed):
            desk.act(end_engagement, by, engagement_id=number)
    number = approved(desk)
    desk.end_post(AUDITOR, "2026-06-16")
    assert listed(desk, number)
    desk.on("2026-06-17")
    with pytest.raises(NotFound):
        listed(desk, number)


def test_nobody_lets_herself_in(county: County) -> None:
    """Neither auditor nor asker decides, nor a second account of theirs, nor another county's chair, nor anybody twice."""
    number = asked(county, by=AUDITOR)
    for login in ("sysadmin", "t1chair", "logauditor", "head9"):
        with pytest.raises(NotFound):
            county.act(approve_engagement, login, engagement_id=number)
    with pytest.raises(Forbidden):
        county.act(approve_engagement, AUDITOR, engagement_id=number)
    county.appoint(AUDITOR, "COUNTY_CHAIR", "C1")
    with pytest.raises(Forbidden):
        county.act(approve_engagement, AUDITOR, engagement_id=number)
    with pytest.raises(EngagementClosed):  # who works in the county does not audit it
        county.act(approve_engagement, CHAIR, engagement_id=number)

    own = asked(county, by="rightshead", auditor_id=_second_auditor(county))
    county.appoint("rightshead", "COUNTY_CHAIR", "C1")
    with pytest.raises(Forbidden):
        county.act(approve_engagement, "rightshead", engagement_id=own)
    county.act(refuse_engagement, CHAIR, engagement_id=own, note="范围过宽")
    for command in (approve_engagement, refuse_engagement):
        with pytest.raises(EngagementClosed):
            county.act(command, CHAIR, engagement_id=own, note="再议")


def _second_auditor(county: County) -> int:
    """The archive of the second county lends somebody."""
    who = number_of(county, "seal9")
    with unit_of_work(county.runtime, SYSTEM) as uow:
        place = county.unit("C1")
        appoint(uow.connection, account_id=who, post="CASE_AUDITOR", unit_id=place, since=uow.today)
    return who


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"kinds": []}, {"kinds"}),
        ({"kinds": ["loan", "nothing"]}, {"kinds"}),
        ({"opened_since": "2026-12-31", "opened_until": "2026-01-01"}, {"opened_until"}),
        ({"since": "2026-06-14"}, {"since"}),
        ({"since": "2026-06-20", "until": "2026-06-19"}, {"until"}),
        ({"until": "2027-06-15"}, {"until"}),
        ({"until": "soon", "opened_since": ""}, {"until", "opened_since"}),
        ({"reason": "看看"}, {"reason"}),
        ({"sample": {"rule": "mine"}}, {"sample"}),
        ({"sample": {"rule": "nth", "n": 0}}, {"n"}),
        ({"sample": {"rule": "random", "n": True}}, {"n"}),
        ({"sample": {"rule": "numbers", "numbers": [" "]}}, {"numbers"}),
        ({"auditor_id": 1}, {"auditor"}),
    ],
)
def test_every_field_that_is_wrong_is_told_at_once(desk: County, changes: dict[str, Any], wrong: set[str]) -> None:
    with pytest.raises(InvalidAnswers) as refused:
        asked(desk, **changes)
    assert set(refused.value.problems) == wrong


def test_who_may_ask_asks_for_her_own_units_only(desk: County) -> None:
    for login in (CHAIR, "t1chair", "sysadmin", "head9"):
        with pytest.raises(Forbidden):
            asked(desk, by=login)
    with pytest.raises(Forbidden):
        asked(desk, unit_id=desk.unit("C2"))
    with pytest.raises(Forbidden):
        asked(desk, unit_id=999_999)


#: what differs from a loan of village V1 opened at noon of 15 June 2026 → whether the engagement below covers it
ROWS: list[tuple[dict[str, Any], bool]] = [
    ({}, True),
    ({"path": ".1.3."}, True),
    ({"path": ".1.30."}, False),
    ({"path": ".1.30.4."}, False),
    ({"path": ".1."}, False),
    ({"path": ".11.3.4."}, False),
    ({"path": ".2.1.3.4."}, False),
    ({"kind": "loanAfter"}, False),
    ({"kind": "dvCase"}, False),
    ({"confidentiality": "C1"}, True),
    ({"confidentiality": "C3"}, False),
    ({"confidentiality": "C4"}, False),
    ({"created_at": datetime(2026, 1, 1, tzinfo=SHANGHAI)}, True),
    ({"created_at": datetime(2025, 12, 31, 23, 59, 59, 999999, tzinfo=SHANGHAI)}, False),
    ({"created_at": datetime(2026, 12, 31, 23, 59, 59, 999999, tzinfo=SHANGHAI)}, True),
    ({"created_at": datetime(2027, 1, 1, tzinfo=SHANGHAI)}, False),
]


def test_the_list_and_the_single_case_follow_one_scope(county: County) -> None:
    number = approved(county)
    plain = {
        "kind": "loan",
        "confidentiality": "C2",
        "unit_id": 4,
        "path": ".1.3.4.",
        "created_by": 1,
        "created_at": datetime(2026, 6, 15, 12, tzinfo=SHANGHAI),
    }
    with county.runtime.database.engine.connect() as connection:
        ids = [
            connection.execute(insert(case_file), {**plain, **row, "number": f"S-{place}"}).inserted_primary_key[0]
            for place, (row, _) in enumerate(ROWS)
        ]
        row = connection.execute(select(engagement).where(engagement.c.id == number)).one()
        for scope, expected in [
            (replace(scope_of(row), path=".1.3."), [covered for _, covered in ROWS]),
            (
                replace(scope_of(row), path=".1.3.", classes=frozenset(("C0", "C1", "C2", "C3"))),
                [covered or row.get("confidentiality") == "C3" for row, covered in ROWS],
            ),
            (replace(scope_of(row), path=".1.3.", cases=frozenset(ids[1:3])), [i == 1 for i in range(len(ROWS))]),
        ]:
            found = set(connection.execute(select(case_file.c.id).where(within(scope))).scalars())
            cases = [connection.execute(select(case_file).where(case_file.c.id == each)).one() for each in ids]
            assert [each in found for each in ids] == expected
            assert [scope.covers(case) for case in cases] == expected


def test_a_sample_is_drawn_at_approval_and_stays_as_it_was_drawn(county: County) -> None:
    cases = begun(county, 7)
    numbers = [county.case(each).number for each in cases]
    chosen = approved(county, sample={"rule": "numbers", "numbers": [numbers[2].lower(), " ", "NO-SUCH-NUMBER"]})
    third = approved(county, sample={"rule": "nth", "n": 3})
    some = approved(county, sample={"rule": "random", "n": 4})
    begun(county, 3)
    assert listed(county, chosen) == [numbers[2]]
    assert listed(county, third) == [numbers[2], numbers[5]]
    with county.runtime.reading() as connection:
        row = connection.execute(select(engagement).where(engagement.c.id == some)).one()
    assert (len(row.cases), row.population) == (4, 7)
    assert draw(row.sample, list(zip(cases, numbers, strict=True))) == row.cases
    drawn = {str(draw({**row.sample, "seed": str(seed)}, list(zip(cases, numbers, strict=True)))) for seed in range(9)}
    assert len(drawn) > 1
