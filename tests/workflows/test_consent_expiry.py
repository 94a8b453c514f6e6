"""Another unit sees a case by what it was handed over by, to the end of the last day of that and no longer, with no job to wait for."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert, select, update

from engine import audit
from engine.clock import SHANGHAI
from engine.commands.disclosing import give_information, record_consent, withdraw_consent
from engine.errors import Forbidden, NotFound
from engine.events import Kind
from engine.guard import Share
from engine.model import case_file, case_share, task
from engine.model_disclosure import consent, disclosure, legal_basis
from engine.queries import guarded, inbox, notices, opening, search
from engine.queries.case_page import case_page
from engine.queries.contact import shown
from engine.queries.task_page import task_page
from tests.engine.anchored import without_keys
from tests.workflows.conftest import APPLICATION_DATE
from tests.workflows.processes.loan import examples
from tests.workflows.processes.loan.house import LoanHouse, opened
from tests.workflows.test_rules import BANK, TASK_PERMISSIONS, case, granted, holding
from workflows import sheets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.databases import Databases

LAST = date(2026, 6, 20)


@pytest.fixture
def house(databases: Databases) -> Iterator[LoanHouse]:
    yield from opened(databases)


def at(house: LoanHouse, day: date, hour: int, minute: int = 0) -> None:
    house.clock.at = datetime(day.year, day.month, day.day, hour, minute, tzinfo=SHANGHAI)


def consents(house: LoanHouse, case_id: int) -> list[int]:
    with house.runtime.reading() as connection:
        return list(connection.execute(select(consent.c.id).where(consent.c.case_id == case_id)).scalars())


def agreed(
    house: LoanHouse, case_id: int, last: date, kinds: tuple[str, ...] = ("IDENTITY", "CONTACT", "FINANCE")
) -> int:
    about = {"case_id": case_id, "recipient": f"unit:{house.unit('X1')}", "purpose": "LOAN", "kinds": kinds}
    given = house.clock.now().astimezone(SHANGHAI).date().isoformat()
    return int(house.act(record_consent, "v1chair", **about, given_on=given, expires_on=last.isoformat())["consent"])


def ways(house: LoanHouse, case_id: int, login: str = "credit") -> set[str]:
    """By which ways somebody comes to a case."""
    actor, runtime, now = house.actor(login), house.runtime, house.clock.now()
    here, hers = case_file.c.id == case_id, task.c.case_id == case_id
    found = set()
    with runtime.reading() as connection:
        waiting = connection.execute(select(task.c.id).where(hers, task.c.state == "open")).scalar_one()
        doors: dict[str, Any] = {
            "case": lambda: case_page(runtime, connection, actor, case_id),
            "task": lambda: task_page(runtime, connection, actor, waiting),
            "print": lambda: sheets.load_record(runtime, connection, actor, case_id),
        }
        for name, opens in doors.items():
            try:
                opens()
            except (NotFound, Forbidden):
                continue
            found.add(name)
        number = connection.execute(select(case_file.c.number).where(here)).scalar_one()
        lists: dict[str, Any] = {
            "todo": inbox.tasks(connection, actor, "todo", now=now, rules=runtime.rules).rows,
            "pool": inbox.tasks(connection, actor, "claimable", now=now, rules=runtime.rules).rows,
            "count": inbox.counts(connection, actor, runtime.rules)["todo"],
            "search": search.find(runtime, connection, actor, search.Sought(number=number)).rows,
            "notices": notices.notices(connection, runtime.rules, actor),
            "done": connection.execute(select(task.c.id).where(hers, guarded.known(runtime.rules, actor))).first(),
            "started": connection.execute(
                select(case_file.c.id).where(here, guarded.known_case(runtime.rules, actor))
            ).first(),
        }
    return found | {name for name, rows in lists.items() if rows}


EVERY = {"case", "task", "print", "todo", "pool", "count", "search", "notices", "done", "started"}


def test_sight_ends_with_the_last_day_of_the_consent_in_shanghai_on_every_way_and_comes_back_with_another(
    house: LoanHouse,
) -> None:
    case_id = house.to_credit()
    assert ways(house, case_id) == EVERY
    house.act(withdraw_consent, "v1chair", case_id=case_id, consent_id=consents(house, case_id)[0])
    assert ways(house, case_id) == set()
    agreed(house, case_id, LAST)
    assert ways(house, case_id) == EVERY
    at(house, LAST, 23, 59)
    assert ways(house, case_id) == EVERY
    with house.runtime.reading() as connection:
        (row,) = shown(connection, case_id, house.clock.now())
    assert (row.last_day, row.lasts) == (LAST, True)
    at(house, LAST + timedelta(days=1), 0)
    assert ways(house, case_id) == set()
    with pytest.raises(NotFound):
        house.submit(case_id, "credit", examples.credit())
    with house.runtime.reading() as connection:
        (row,) = shown(connection, case_id, house.clock.now())
        assert (row.last_day, row.lasts) == (LAST, False)
        assert not audit.verify(connection, house.runtime.vault).faults
    with pytest.raises(Forbidden, match="到期"):
        house.act(give_information, "t1chair", case_id=case_id, recipient=f"unit:{house.unit('X1')}", purpose="LOAN",
                  kinds=["FINANCE"])  # fmt: skip
    agreed(house, case_id, LAST + timedelta(days=9), kinds=("IDENTITY", "CONTACT"))
    assert ways(house, case_id) == set()
    agreed(house, case_id, LAST + timedelta(days=9))
    assert ways(house, case_id) == EVERY
    house.submit(case_id, "credit", examples.credit())


def test_the_consent_that_lasts_longest_counts_and_so_does_a_duty_that_is_relied_on(house: LoanHouse) -> None:
    case_id, bank = house.to_credit(), house.unit("X1")
    first = consents(house, case_id)[0]
    agreed(house, case_id, LAST)
    longer = agreed(house, case_id, LAST + timedelta(days=2))
    house.act(withdraw_consent, "v1chair", case_id=case_id, consent_id=first)
    at(house, LAST + timedelta(days=2), 23)
    assert ways(house, case_id) == EVERY
    house.act(withdraw_consent, "v1chair", case_id=case_id, consent_id=longer)
    assert ways(house, case_id) == set()
    duty = {
        "code": "T1",
        "clause": "测试法第1条",
        "title": "测试",
        "valid_from": date(2020, 1, 1),
        "purposes": ["LOAN"],
    }
    with house.runtime.database.writing() as connection:
        row = {**duty, "valid_until": date(2026, 6, 25), "recipients": [f"unit:{bank}"], "kinds": None}
        connection.execute(insert(legal_basis), row)
        connection.commit()
    relied = {"case_id": case_id, "recipient": f"unit:{bank}", "purpose": "LOAN", "basis": "T1"}
    house.act(give_information, "t1chair", **relied, kinds=["FINANCE"])
    assert ways(house, case_id) == set()
    house.act(give_information, "t1chair", **relied, kinds=["IDENTITY", "CONTACT", "FINANCE"])
    assert ways(house, case_id) == EVERY
    at(house, date(2026, 6, 26), 0)
    assert ways(house, case_id) == set()


def test_what_she_has_taken_back_is_not_given_again_by_sending_the_file_on(house: LoanHouse) -> None:
    case_id = house.applied()
    house.act(withdraw_consent, "v1chair", case_id=case_id, consent_id=consents(house, case_id)[0])
    house.submit(case_id, "v1chair", examples.village_review())
    with pytest.raises(Forbidden, match="撤回"):
        house.submit(case_id, "t1chair", examples.town_review())
    agreed(house, case_id, LAST)
    house.submit(case_id, "t1chair", examples.town_review())
    assert len(consents(house, case_id)) == 2
    assert ways(house, case_id) == EVERY


def test_after_the_money_is_paid_out_the_lender_reports_and_sees_that_step_alone(house: LoanHouse) -> None:
    case_id = house.disbursed()
    house.act(withdraw_consent, "v1chair", case_id=case_id, consent_id=consents(house, case_id)[0])
    repay = house.open_task(case_id, "T_Repay").id
    with house.runtime.reading() as connection:
        page = task_page(house.runtime, connection, house.actor("credit"), repay)
        assert page.obstacle is None
        assert set(page.forms) <= {"repayment"}
        with pytest.raises(NotFound):
            case_page(house.runtime, connection, house.actor("credit"), case_id)


def test_an_end_that_is_moved_behind_the_back_of_the_house_is_found(house: LoanHouse) -> None:
    case_id = house.to_credit()
    told = [entry.content for entry in entries(house, case_id) if entry.kind == Kind.CASE_SHARED]
    assert [set(each["shares"]) for each in told] == [{str(house.unit("X1"))}]
    here = case_share.c.case_id == case_id
    other = select(disclosure.c.id + 1).scalar_subquery()
    for changed in ({"until": None}, {"until": datetime(2099, 1, 1, tzinfo=SHANGHAI)}, {"disclosure_id": other}):
        with house.runtime.database.engine.connect() as connection:
            without_keys(connection)
            connection.execute(update(case_share).where(here).values(changed))
            assert [str(fault.why) for fault in audit.verify(connection, house.runtime.vault, papers=False).faults]
            connection.rollback()


def entries(house: LoanHouse, case_id: int) -> Any:
    with house.runtime.reading() as connection:
        return opening.entries(connection, house.runtime.vault, case_id)


@pytest.mark.parametrize(
    ("post", "kind", "by_share"),
    [
        ("CREDIT_OFFICER", "loan", True),
        ("MEDIATOR", "mediation", True),
        ("CREDIT_OFFICER", "loan_after", False),
        ("VILLAGE_CHAIR", "loan", False),
    ],
)
def test_a_step_of_another_body_is_its_own_while_the_case_is_shown_to_it(post: str, kind: str, by_share: bool) -> None:
    hers = {"post": post, "assignee_id": 0, "unit_id": BANK, "kind": kind}
    over, lasting = Share(BANK, APPLICATION_DATE), Share(BANK, APPLICATION_DATE + timedelta(seconds=1))
    for shared_with, works in (
        ((lasting,), True),
        ((Share(BANK),), True),
        ((), not by_share),
        ((over,), not by_share),
        ((Share(12),), not by_share),
    ):
        task = case(shared_with=shared_with, **hers)
        assert bool(granted(holding((post, BANK)), task, TASK_PERMISSIONS)) is works, shared_with
