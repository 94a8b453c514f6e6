"""委托代理 on the loan: a deputy works in another's place, printed so, and never where the two together break four eyes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select, update

from engine import audit
from engine.commands.absences import end_absence, register_absence
from engine.commands.tasks import claim_task, release_task, save_draft
from engine.commands.urging import urge_task
from engine.errors import Forbidden, InvalidAnswers, NotFound, StaleTask
from engine.model import case_file, history, notice
from engine.model_absence import absence, absence_act
from engine.model_filed import draft
from engine.queries import inbox
from engine.queries.task_page import task_page
from engine.unit_of_work import unit_of_work
from tests.workflows.processes.loan import examples
from workflows.organisation import declare_relative, end_post, person_hash

if TYPE_CHECKING:
    from tests.workflows.processes.loan.house import LoanHouse


def away(house: LoanHouse, absent: str, deputy: str, **changes: Any) -> int:
    days = {"since": "2026-06-15", "until": "2026-06-19", "with_held": True, **changes}
    return int(house.act(register_absence, absent, deputy_id=house.actor(deputy).id, **days)["absence_id"])


def listed(house: LoanHouse, login: str, tab: Any = "todo") -> list[int]:
    with house.runtime.reading() as connection:
        page = inbox.tasks(connection, house.actor(login), tab, now=house.clock.now(), rules=house.runtime.rules)
        return [row.id for row in page.rows]


def counted(house: LoanHouse, login: str) -> dict[str, int]:
    with house.runtime.reading() as connection:
        return inbox.counts(connection, house.actor(login), house.runtime.rules)


def entries(house: LoanHouse, kind: str) -> list[dict[str, Any]]:
    with house.runtime.reading() as connection:
        rows = connection.execute(select(history.c.content_sealed).where(history.c.kind == kind)).scalars()
        return [house.runtime.vault.open_json(row) for row in rows]


def test_a_deputy_sees_claims_and_completes_what_is_the_absent_persons(either_house: LoanHouse) -> None:
    house = either_house
    case_id = house.applied()
    job = house.open_task(case_id)
    away(house, "v1chair", "t1vice")
    assert listed(house, "t1vice") == listed(house, "t1vice", "deputy") == [job.id]
    assert counted(house, "t1vice") == {"claimable": 1, "todo": 1, "deputy": 1}
    assert listed(house, "t1chair") == []
    house.act(claim_task, "t1vice", task_id=job.id, seen_version=1)
    assert house.open_task(case_id).assignee_id == house.actor("v1chair").id, (
        "claimed in her name: it is there when she is back"
    )
    assert listed(house, "t1vice") == listed(house, "v1chair") == [job.id]
    assert counted(house, "t1vice") == {"claimable": 0, "todo": 1, "deputy": 1}
    house.submit(case_id, "t1vice", examples.village_review())
    behalf = {"absence": 1, "id": house.actor("v1chair").id, "name": "林秋月"}
    assert [
        content["on_behalf_of"] for kind in ("task.completed", "form.signed") for content in entries(house, kind)[-1:]
    ] == [
        behalf,
        behalf,
    ]
    with house.runtime.reading() as connection:
        acts = connection.execute(select(absence_act.c.kind, absence_act.c.by_id, absence_act.c.for_id)).all()
        deputy, absent = house.actor("t1vice").id, house.actor("v1chair").id
        assert [tuple(a) for a in acts] == [("task.claimed", deputy, absent), ("task.completed", deputy, absent)]
        assert audit.verify(connection, house.runtime.vault).faults == ()


def test_an_act_in_anothers_place_that_was_edited_is_found(house: LoanHouse) -> None:
    case_id = house.applied()
    away(house, "v1chair", "t1vice")
    house.submit(case_id, "t1vice", examples.village_review())
    with house.runtime.database.writing() as connection:
        connection.execute(update(absence_act).values(for_id=house.actor("v2chair").id))
        connection.commit()
    with house.runtime.reading() as connection:
        faults = audit.verify(connection, house.runtime.vault).faults
        assert ["代理办理的任务" in str(fault.why) for fault in faults] == [True]


def test_without_what_is_held_only_what_comes_later_is_hers(house: LoanHouse) -> None:
    before = house.applied()
    house.clock.at += timedelta(hours=1)
    away(house, "v1chair", "t1vice", with_held=False)
    house.clock.at += timedelta(hours=1)
    with pytest.raises(InvalidAnswers):
        away(house, "v1chair", "t1chair", since="2026-06-19", until="2026-06-22")
    assert listed(house, "t1vice") == []
    with pytest.raises(Forbidden):
        house.submit(before, "t1vice", examples.village_review())
    later = house.begin()
    assert listed(house, "t1vice", "deputy") == [house.open_task(later).id]


@pytest.mark.parametrize(("day", "may"), [(14, False), (16, True), (19, True), (20, False)])
def test_it_begins_and_ends_by_itself_both_days_included(house: LoanHouse, day: int, may: bool) -> None:
    house.applied()
    away(house, "v1chair", "t1vice", since="2026-06-16")
    house.clock.at = house.clock.at.replace(day=day)
    assert bool(listed(house, "t1vice")) is may


@pytest.mark.parametrize("ender", ["v1chair", "t1vice"])
def test_either_of_the_two_ends_it_at_once_even_for_a_page_that_is_open(house: LoanHouse, ender: str) -> None:
    case_id = house.applied()
    number = away(house, "v1chair", "t1vice")
    opened_before = house.actor("t1vice")
    assert house.act(end_absence, ender, absence_id=number)["ended"]
    assert not house.act(end_absence, ender, absence_id=number)["ended"]
    assert listed(house, "t1vice") == []
    job = house.open_task(case_id)
    with pytest.raises(Forbidden):
        house.runtime.execute(claim_task, actor=opened_before, key="stale", task_id=job.id, seen_version=1)
    with pytest.raises(NotFound):
        house.act(end_absence, "t2chair", absence_id=number)


def test_who_signed_before_may_not_sign_in_anothers_place(house: LoanHouse) -> None:
    case_id = house.to_credit()
    house.submit(case_id, "credit", examples.credit())
    away(house, "loanworker", "loanhead")
    away(house, "t1chair", "loanhead")
    house.submit(case_id, "loanhead", examples.final_check())
    assert house.at(case_id) == ["T_Stamp"]
    second = house.applied(**_other(3))
    house.submit(second, "v1chair", examples.village_review())
    house.submit(second, "loanhead", examples.town_review())
    house.submit(second, "credit", examples.credit())
    with pytest.raises(Forbidden, match="同一笔贷款的两个环节"):
        house.submit(second, "loanhead", examples.final_check())


def test_a_signature_in_anothers_place_counts_for_both_of_them(house: LoanHouse) -> None:
    away(house, "v1chair", "t1vice")
    case_id = house.applied()
    house.submit(case_id, "t1vice", examples.village_review())
    job = house.open_task(case_id)
    assert job.element == "T_TownReview"
    with pytest.raises(Forbidden, match="同一笔贷款的两个环节"):
        house.submit(case_id, "t1vice", examples.town_review())
    house.submit(case_id, "t1chair", examples.town_review())


def test_a_deputy_is_barred_where_the_absent_person_or_she_herself_is(house: LoanHouse) -> None:
    case_id = house.applied()
    away(house, "v1chair", "t1vice")
    hashed = person_hash(house.runtime.vault, examples.application()["idcard"])
    with unit_of_work(house.runtime, house.actor("v1chair")) as work:
        declare_relative(
            work.connection, account_id=house.actor("v1chair").id, id_hash=hashed, relation="SIBLING", at=work.now
        )
    with pytest.raises(Forbidden, match="委托人本人不能办理此环节"):
        house.submit(case_id, "t1vice", examples.village_review())
    with house.runtime.reading() as connection:
        page = task_page(house.runtime, connection, house.actor("t1vice"), house.open_task(case_id).id)
        assert "委托人本人不能办理" in str(page.obstacle)


def test_what_she_may_do_in_anothers_place_cannot_be_passed_on(house: LoanHouse) -> None:
    house.applied()
    away(house, "v1chair", "t1vice", until="2026-06-17")
    away(house, "t1vice", "t1chair", since="2026-06-18")
    house.clock.at += timedelta(days=3)
    assert listed(house, "t1chair") == []
    with pytest.raises(InvalidAnswers) as refused:
        away(house, "v1chair", "t1vice", since="2026-06-18")
    assert list(refused.value.problems) == ["deputy"]


def test_when_the_absent_persons_term_ends_the_deputy_has_nothing_left(house: LoanHouse) -> None:
    house.applied()
    away(house, "v1chair", "t1vice")
    with unit_of_work(house.runtime, house.actor("t1chair")) as work:
        end_post(work.connection, 1, work.today - timedelta(days=1))
    assert listed(house, "t1vice") == []


def test_confidential_cases_are_opened_to_nobody_by_an_absence(house: LoanHouse) -> None:
    case_id = house.applied()
    away(house, "v1chair", "t1vice")
    with house.runtime.database.writing() as connection:
        connection.execute(update(case_file).values(confidentiality="C3"))
        connection.commit()
    assert listed(house, "t1vice") == []
    assert counted(house, "t1vice")["deputy"] == 0
    for command, more in ((claim_task, {"seen_version": 1}), (save_draft, {"answers": {}})):
        with pytest.raises(NotFound):
            house.act(command, "t1vice", task_id=house.open_task(case_id).id, **more)


def test_who_urges_the_absent_person_reaches_her_deputy_too(house: LoanHouse) -> None:
    case_id = house.applied()
    job = house.open_task(case_id)
    house.act(claim_task, "v1chair", task_id=job.id, seen_version=1)
    away(house, "v1chair", "t1vice", kind="loan")
    house.act(urge_task, "loanhead", task_id=job.id)
    with house.runtime.reading() as connection:
        told = connection.execute(select(notice.c.account_id).where(notice.c.kind == "task.urged")).scalars().all()
    assert sorted(told) == sorted([house.actor("v1chair").id, house.actor("t1vice").id])


def test_a_deputy_keeps_the_rules_of_every_worker(house: LoanHouse) -> None:
    case_id = house.applied()
    away(house, "v1chair", "t1vice")
    job = house.open_task(case_id)
    house.act(save_draft, "t1vice", task_id=job.id, answers={"opinion": "x"})
    with house.runtime.reading() as connection:
        assert connection.execute(select(draft.c.by_id)).scalars().all() == [house.actor("t1vice").id]
    house.act(claim_task, "t1vice", task_id=job.id, seen_version=1)
    with pytest.raises(StaleTask):
        house.act(release_task, "t1vice", task_id=job.id, seen_version=1)
    house.act(release_task, "t1vice", task_id=job.id, seen_version=2)
    assert house.open_task(case_id).assignee_id == 0


def _other(serial: int) -> dict[str, Any]:
    born = "1986-05-0" + str(serial)
    sureties = [
        examples.payroll(idcard=examples.idcard(_day("1975-02-0" + str(serial)), "M")),
        examples.depositor(idcard=examples.idcard(_day("1976-04-0" + str(serial)))),
    ]
    return {"idcard": examples.idcard(_day(born), serial=serial), "birthDate": born, "guarantors": sureties}


def _day(text: str) -> Any:
    return date.fromisoformat(text)


BAD: list[tuple[str, dict[str, Any], str]] = [
    ("v1chair", {}, "deputy"),
    ("t2chair", {}, "deputy"),
    ("v2chair", {}, "deputy"),
    ("sysadmin", {}, "deputy"),
    ("credit", {}, "deputy"),
    ("t1vice", {"since": "2026-06-20", "until": "2026-06-19"}, "until"),
    ("t1vice", {"since": "2026-06-14"}, "since"),
    ("t1vice", {"until": "2027-06-19"}, "until"),
    ("t1vice", {"since": "morgen"}, "since"),
    ("t1vice", {"until": ""}, "until"),
    ("t1vice", {"kind": "marriage"}, "kind"),
]


@pytest.mark.parametrize(("deputy", "changes", "field"), BAD)
def test_what_cannot_be_is_refused_with_its_field(
    house: LoanHouse, deputy: str, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidAnswers) as refused:
        away(house, "v1chair", deputy, **changes)
    assert list(refused.value.problems) == [field]
    assert house.row(select(func.count()).select_from(absence))[0] == 0


def test_an_unknown_deputy_and_one_who_keeps_the_machine_are_refused(house: LoanHouse) -> None:
    with pytest.raises(InvalidAnswers):
        house.act(register_absence, "v1chair", deputy_id=9999, since="2026-06-15", until="2026-06-16")
    with pytest.raises(Forbidden):
        away(house, "sysadmin", "logauditor")


def test_of_two_overlapping_absences_registered_at_once_one_holds(either_house: LoanHouse) -> None:
    house = either_house
    asked = [("t1vice", "one"), ("t1chair", "two")]
    actor = house.actor("v1chair")
    deputies = {login: house.actor(login).id for login, _ in asked}

    def register(login: str, key: str) -> str:
        days = {"since": "2026-06-15", "until": "2026-06-19"}
        try:
            house.runtime.execute(register_absence, actor=actor, key=key, deputy_id=deputies[login], **days)
        except InvalidAnswers:
            return "refused"
        return "registered"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(lambda a: register(*a), asked)) == ["refused", "registered"]
    assert house.row(select(func.count()).select_from(absence))[0] == 1
