"""A confidential case is its team's (D2), an excluded person's it never is (D3.1): what each does to lists, verbs and answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from engine.commands.assigning import assign_task
from engine.commands.cases import withdraw_case
from engine.commands.classes import raise_class
from engine.commands.collaborating import add_comment, copy_case
from engine.commands.tasks import claim_task, save_draft
from engine.commands.teams import add_member, appoint_manager, end_exclusion, end_member, exclude
from engine.errors import Forbidden, InvalidAnswers, NotFound
from engine.model import case_file, history
from engine.model_filed import document, draft
from engine.model_teams import case_exclusion
from engine.queries import escalations, inbox, notices, search, team
from engine.queries.case_page import case_page
from tests.workflows.processes.loan import examples
from workflows import colleagues

if TYPE_CHECKING:
    from tests.workflows.processes.loan.house import LoanHouse

WHY = "涉及家庭暴力"


def seen(house: LoanHouse, login: str, case_id: int) -> set[str]:
    """Where a person meets the case: lists, counts, search, 督办, notices, its own page."""
    me, rules, now = house.actor(login), house.runtime.rules, house.clock.now()
    found = set()
    with house.runtime.reading() as connection:
        number = connection.execute(select(case_file.c.number).where(case_file.c.id == case_id)).scalar_one()
        for tab in ("todo", "claimable", "done"):
            rows = inbox.tasks(connection, me, tab, now=now, rules=rules).rows
            found |= {tab for row in rows if row.case_id == case_id}
        found |= {"counts"} if any(inbox.counts(connection, me, rules).values()) else set()
        found |= {"started"} if inbox.started(connection, me, rules=rules).rows else set()
        found |= {"search"} if search.find(house.runtime, connection, me, search.Sought(number=number)).rows else set()
        found |= {"queue"} if escalations.queue(connection, rules, me, now=now).rows else set()
        found |= {"notices"} if notices.notices(connection, rules, me) else set()
        try:
            case_page(house.runtime, connection, me, case_id)
            found.add("page")
        except NotFound:
            pass
    return found


def raised(house: LoanHouse) -> int:
    """A loan of V1 at the township's step that the village chair has made C3."""
    case_id = house.applied()
    house.submit(case_id, "v1chair", examples.village_review())
    house.act(raise_class, "v1chair", case_id=case_id, to="C3", reason=WHY)
    return case_id


@pytest.mark.parametrize(
    ("login", "meets"),
    [
        ("v1chair", {"done", "started", "search", "page"}),
        ("t1chair", set()),
        ("countychair", set()),
        ("loanhead", set()),
        ("loanworker", set()),
        ("credit", set()),
        ("rightsworker", set()),
        ("rightshead", {"search", "page", "notices"}),
        ("sysadmin", set()),
        ("logauditor", set()),
    ],
)
def test_a_case_made_c3_is_at_once_its_teams_and_no_superiors(house: LoanHouse, login: str, meets: set[str]) -> None:
    assert seen(house, login, raised(house)) == meets


def test_the_class_rises_for_everybody_at_once_and_no_draft_is_lost(either_house: LoanHouse) -> None:
    house = either_house
    case_id = house.applied()
    house.submit(case_id, "v1chair", examples.village_review())
    job = house.open_task(case_id)
    house.act(claim_task, "t1chair", task_id=job.id, seen_version=job.version)
    house.act(save_draft, "t1chair", task_id=job.id, answers=examples.town_review())
    answer = house.act(raise_class, "v1chair", case_id=case_id, to="C3", reason=WHY)
    assert answer["returned"] == [job.id]
    assert house.open_task(case_id).assignee_id == 0
    assert seen(house, "t1chair", case_id) == set()
    with pytest.raises(NotFound):
        house.submit(case_id, "t1chair", examples.town_review())
    with pytest.raises(Forbidden):
        house.act(assign_task, "rightshead", task_id=job.id, account_id=house.actor("t1chair").id)
    house.act(appoint_manager, "rightshead", case_id=case_id, account_id=house.actor("rightsworker").id, reason=WHY)
    assert "page" not in seen(house, "v1chair", case_id), "who took it in hands it over"
    t1chair = house.actor("t1chair").id
    house.act(add_member, "rightsworker", case_id=case_id, account_id=t1chair, reason="乡镇签字")
    assert {"todo", "claimable", "counts", "page"} <= seen(house, "t1chair", case_id)
    assert house.row(select(func.count()).select_from(draft).where(draft.c.by_id == t1chair))[0] == 1
    house.act(assign_task, "rightsworker", task_id=job.id, account_id=t1chair)
    house.submit(case_id, "t1chair", examples.town_review())
    assert house.at(case_id) == ["T_Credit"]


def test_a_member_leaves_with_what_she_had_in_hand_and_the_manager_only_by_a_successor(house: LoanHouse) -> None:
    case_id = raised(house)
    ids = {login: house.actor(login).id for login in ("t1chair", "rightsworker", "rightshead")}
    manager = house.act(appoint_manager, "rightshead", case_id=case_id, account_id=ids["rightsworker"], reason=WHY)[
        "member_id"
    ]
    added = house.act(add_member, "rightsworker", case_id=case_id, account_id=ids["t1chair"], reason=WHY)["member_id"]
    job = house.open_task(case_id)
    house.act(claim_task, "t1chair", task_id=job.id, seen_version=job.version)
    with pytest.raises(Forbidden):
        house.act(end_member, "rightsworker", case_id=case_id, member_id=manager, reason=WHY)
    house.act(end_member, "rightsworker", case_id=case_id, member_id=added, reason="已换人")
    assert house.open_task(case_id).assignee_id == 0
    assert seen(house, "t1chair", case_id) == set()
    with pytest.raises(NotFound):
        house.act(end_member, "rightsworker", case_id=case_id, member_id=added, reason="再次")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"until": "2030-01-01"}, "until"),
        ({"until": "明天"}, "until"),
        ({"reason": " "}, "reason"),
        ({"reason": "长" * 301}, "reason"),
        ({"account": "sysadmin"}, "account"),
        ({"account": "v1chair"}, "account"),
        ({"documents": [99]}, "documents"),
    ],
)
def test_a_member_that_cannot_be_is_refused_by_field(house: LoanHouse, change: dict[str, Any], field: str) -> None:
    case_id = raised(house)
    login = change.pop("account", "t1chair")
    with pytest.raises(InvalidAnswers) as refused:
        house.act(
            add_member,
            "rightshead",
            **{"case_id": case_id, "account_id": house.actor(login).id, "reason": WHY, **change},
        )
    assert set(refused.value.problems) == {field}


def test_a_membership_ends_by_itself(house: LoanHouse) -> None:
    case_id = raised(house)
    t1chair = house.actor("t1chair").id
    house.act(add_member, "rightshead", case_id=case_id, account_id=t1chair, reason=WHY, until="2026-06-15")
    assert "page" in seen(house, "t1chair", case_id)
    house.clock.set_day(date(2026, 6, 16), 0)
    assert seen(house, "t1chair", case_id) == set()


def test_nobody_without_a_post_is_a_member_any_more(house: LoanHouse) -> None:
    case_id = raised(house)
    t1chair = house.actor("t1chair")
    house.act(add_member, "rightshead", case_id=case_id, account_id=t1chair.id, reason=WHY)
    with house.runtime.reading() as connection:
        gone = replace(t1chair, posts=())
        with pytest.raises(NotFound):
            case_page(house.runtime, connection, gone, case_id)


@pytest.mark.parametrize("who", [{"login": "t1chair"}, {"unit": "T1"}])
def test_d26_who_is_excluded_neither_finds_nor_counts_nor_gets_the_case(house: LoanHouse, who: dict[str, str]) -> None:
    case_id = house.applied()
    house.submit(case_id, "v1chair", examples.village_review())
    job = house.open_task(case_id)
    assert {"todo", "claimable", "counts", "search", "page"} <= seen(house, "t1chair", case_id)
    named = {"account_id": house.actor(who["login"]).id} if "login" in who else {"unit_id": house.unit(who["unit"])}
    by = "v1chair" if "login" in who else "loanworker"
    house.act(exclude, by, case_id=case_id, reason="主席是对方亲属", **named)
    assert seen(house, "t1chair", case_id) == set()
    t1chair = house.actor("t1chair").id
    for command, more in (
        (claim_task, {"task_id": job.id, "seen_version": job.version}),
        (raise_class, {"case_id": case_id, "to": "C3", "reason": WHY}),
        (add_comment, {"case_id": case_id, "text": "?"}),
        (withdraw_case, {"case_id": case_id, "reason": "?"}),
    ):
        with pytest.raises(NotFound):
            house.act(command, "t1chair", **more)
    with pytest.raises(Forbidden):
        house.act(assign_task, "countychair", task_id=job.id, account_id=t1chair)
    with pytest.raises(InvalidAnswers):
        house.act(copy_case, "countychair", case_id=case_id, to=[f"person:{t1chair}"])
    with house.runtime.reading() as connection:
        work_view = house.view(connection, case_id, "countychair")
        assert work_view.excludes(t1chair)
        page = case_page(house.runtime, connection, house.actor("countychair"), case_id)
        today = house.clock.now().date()
        named_people = colleagues.readers(connection, house.runtime.rules, page.subject, today)
        assert t1chair not in {each.id for each in named_people}


def test_the_list_of_the_excluded_is_itself_secret(house: LoanHouse) -> None:
    case_id = house.applied()
    t1chair = house.actor("t1chair").id
    made = house.act(exclude, "v1chair", case_id=case_id, account_id=t1chair, reason="其夫之兄")
    with house.runtime.reading() as connection:
        row = connection.execute(select(case_exclusion)).one()
        told = [
            house.runtime.vault.open_json(each)
            for each in connection.execute(select(history.c.content_sealed)).scalars()
        ]
    assert row.token not in {f"account:{t1chair}", str(t1chair)}
    assert "其夫" not in repr(dict(row._mapping))
    assert not any("其夫" in repr(each) or each.get("account") == t1chair for each in told)
    with pytest.raises(Forbidden):
        house.act(end_exclusion, "loanworker", case_id=case_id, exclusion_id=made["exclusion_id"], reason="?")


def test_nobody_excludes_herself_or_the_one_in_charge(house: LoanHouse) -> None:
    case_id = house.applied()
    for who in (
        {"account_id": house.actor("v1chair").id},
        {"unit_id": house.unit("V1")},
        {"unit_id": house.unit("C1")},
    ):
        with pytest.raises(Forbidden):
            house.act(exclude, "v1chair", case_id=case_id, reason=WHY, **who)
    for who in ({}, {"account_id": 1, "unit_id": 1}):
        with pytest.raises(InvalidAnswers):
            house.act(exclude, "v1chair", case_id=case_id, reason=WHY, **who)


def test_who_was_named_for_one_paper_sees_that_paper_and_nothing_else(house: LoanHouse) -> None:
    case_id = raised(house)
    with house.runtime.reading() as connection:
        first, other = list(connection.execute(select(document.c.id).order_by(document.c.id)).scalars())[:2]
    lawyer = house.actor("lawyer").id
    given = {"case_id": case_id, "account_id": lawyer, "reason": "代理意见", "documents": [first]}
    house.act(add_member, "rightshead", **given, until="2026-06-15")
    assert seen(house, "lawyer", case_id) == set()

    def opens(login: str, paper_id: int) -> bool:
        with house.runtime.reading() as connection:
            try:
                return team.readable_paper(house.runtime, connection, house.actor(login), paper_id).id == paper_id
            except NotFound:
                return False

    assert [opens("lawyer", first), opens("lawyer", other), opens("rightshead", other)] == [True, False, True]
    assert [opens(login, first) for login in ("t1chair", "countychair", "sysadmin")] == [False, False, False]
    with house.runtime.reading() as connection:
        assert [each.id for each in team.named_papers(house.runtime, connection, house.actor("lawyer"))] == [first]
    house.clock.set_day(date(2026, 6, 16), 0)
    assert not opens("lawyer", first)


def test_kept_statements_are_not_asked_again_when_posts_or_keys_have_changed(house: LoanHouse) -> None:
    """Lists are built once for a person: neither an exclusion nor an end of her membership may come too late."""
    case_id = raised(house)
    t1chair = house.actor("t1chair").id
    assert "todo" not in seen(house, "t1chair", case_id)
    house.act(add_member, "rightshead", case_id=case_id, account_id=t1chair, reason=WHY)
    assert {"todo", "counts"} <= seen(house, "t1chair", case_id)
    house.act(exclude, "rightshead", case_id=case_id, account_id=t1chair, reason="对方亲属")
    assert seen(house, "t1chair", case_id) == set()
    assert house.runtime.rules.epoch() == house.runtime.vault.step
