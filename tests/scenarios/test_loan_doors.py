"""Every verb and every page against everybody: who does not hold the right post finds the door shut, and changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from engine.access import SYSTEM
from engine.commands.cases import start_case, withdraw_case
from engine.commands.papers import add_paper, remove_paper
from engine.commands.printing import record_print
from engine.commands.returning import return_task
from engine.commands.tasks import claim_task, complete_step, complete_task, release_task, save_draft
from engine.commands.timers import fire_timer
from engine.commands.versions import publish_definition
from engine.errors import EngineError, Forbidden, NotFound
from engine.model import case_file, definition, task
from engine.model_filed import document, draft
from engine.queries import escalations, inbox
from engine.queries.case_page import case_page
from engine.queries.task_page import check_answers, task_page
from tests.scenarios.county import NEIGHBOURS, STAFF

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.scenarios.county import County

EVERYBODY = (*STAFF, *NEIGHBOURS)
OVERSEERS = {"t1chair", "t1vice", "loanworker", "loanhead"}
READERS = {"v1chair", "seal", "countychair"} | OVERSEERS

#: verb → a request that goes no further than the door: behind it, it is stale, empty or names a field that is none
WORK: dict[str, Callable[[Any], dict[str, Any]]] = {
    "complete_task": lambda row: {"task_id": row.id, "answers": {}, "seen_version": row.version},
    "complete_step": lambda row: {"case_id": row.case_id, "element": row.element, "answers": {}},
    "claim_task": lambda row: {"task_id": row.id, "seen_version": 99},
    "release_task": lambda row: {"task_id": row.id, "seen_version": 99},
    "return_task": lambda row: {"task_id": row.id, "target": "T_Correct", "reason": "", "seen_version": 99},
    "add_paper": lambda row: {"task_id": row.id, "field": "?", "name": "a", "content": b"x"},
    "save_draft": lambda row: {"task_id": row.id, "answers": {"x": "y" * 300_000}},
}
VERBS = {
    each.__name__: each
    for each in (complete_task, complete_step, claim_task, release_task, return_task, add_paper, save_draft)
}


def open_to(county: County, act: Callable[[str], Any]) -> set[str]:
    """The logins that are not turned away at the door."""
    admitted = set()
    for login in EVERYBODY:
        try:
            act(login)
        except (Forbidden, NotFound):
            continue
        except EngineError:
            pass
        admitted.add(login)
    return admitted


def state(county: County, case_id: int) -> Any:
    """What nobody at a shut door may have changed."""
    with county.runtime.reading() as connection:
        case = connection.execute(select(case_file.c.state, case_file.c.outcome).where(case_file.c.id == case_id)).one()
        tasks = connection.execute(
            select(task.c.id, task.c.version, task.c.assignee_id).where(task.c.case_id == case_id)
        )
        held = [connection.execute(select(func.count()).select_from(t)).scalar() for t in (document, draft, definition)]
        return case, tasks.all(), held


STAGES = {
    "at the village": ("T_VillageReview", {"v1chair"}, set()),
    "at the township": ("T_TownReview", {"t1chair", "t1vice"}, set()),
    "at the credit union": ("T_Credit", {"credit", "credit2"}, {"credit", "credit2"}),
    "at the county": ("T_FinalCheck", {"loanworker"}, {"credit", "credit2"}),
    "at the seal": ("T_Stamp", {"seal"}, {"credit", "credit2"}),
    "at the payment": ("T_Disburse", {"credit", "credit2"}, {"credit", "credit2"}),
}


@pytest.mark.parametrize(("element", "workers", "shared"), STAGES.values(), ids=STAGES)
def test_a_waiting_case_is_open_to_its_posts_alone(
    desk: County, element: str, workers: set[str], shared: set[str]
) -> None:
    case_id = desk.until(desk.apply(), element)
    row, before = desk.open_task(case_id), state(desk, case_id)
    for verb, request in WORK.items():
        admitted = open_to(desk, lambda login, v=verb, r=request: desk.act(VERBS[v], login, **r(row)))
        assert admitted == workers, verb
    assert open_to(desk, lambda login: desk.act(withdraw_case, login, case_id=case_id, reason=" ")) == {
        "v1chair",
        *OVERSEERS,
    }
    assert state(desk, case_id) == before
    assert readers(desk, case_id) == READERS | shared
    assert printers(desk, case_id) == READERS | shared
    assert task_readers(desk, row.id) == READERS | shared
    assert checkers(desk, row.id) == workers
    assert listed(desk, case_id) == workers


def readers(county: County, case_id: int) -> set[str]:
    """Who may open the case page."""
    with county.runtime.reading() as connection:
        return open_to(county, lambda who: case_page(county.runtime, connection, county.actor(who), case_id))


def printers(county: County, case_id: int) -> set[str]:
    """Who may print."""
    return open_to(county, lambda who: county.act(record_print, who, case_id=case_id, what="dossier", digest="0"))


def task_readers(county: County, task_id: int) -> set[str]:
    """Who may open the page of the task."""
    with county.runtime.reading() as connection:
        return open_to(county, lambda who: task_page(county.runtime, connection, county.actor(who), task_id))


def checkers(county: County, task_id: int) -> set[str]:
    """Who may ask what submitting would lead to."""
    with county.runtime.reading() as connection:
        return open_to(county, lambda who: check_answers(county.runtime, connection, county.actor(who), task_id, {}))


def listed(county: County, case_id: int) -> set[str]:
    """Whose list of things to do shows the case."""
    found = set()
    with county.runtime.reading() as connection:
        for who in EVERYBODY:
            rows = inbox.tasks(connection, county.actor(who), "todo", now=county.clock.now()).rows
            found |= {who for row in rows if row.case_id == case_id}
    return found


def test_a_closed_case_is_read_and_printed_but_worked_on_by_nobody(desk: County) -> None:
    case_id = desk.apply()
    row = desk.open_task(case_id)
    desk.withdraw(case_id)
    before = state(desk, case_id)
    for verb, request in WORK.items():
        refused = []
        for login in EVERYBODY:
            with pytest.raises(EngineError) as told:
                desk.act(VERBS[verb], login, **request(row))
            refused.append(type(told.value).__name__)
        assert set(refused) <= {"Forbidden", "NotFound", "StaleTask", "TaskNotReady"}, verb
    assert open_to(desk, lambda login: desk.act(withdraw_case, login, case_id=case_id, reason="再撤")) == set()
    assert state(desk, case_id) == before
    assert readers(desk, case_id) == printers(desk, case_id) == READERS


def test_a_paper_is_taken_off_by_who_works_on_its_form_alone(desk: County) -> None:
    case_id = desk.begin()
    with desk.runtime.reading() as connection:
        paper_id = connection.execute(select(document.c.id).where(document.c.case_id == case_id)).scalar()
    named = {"task_id": desk.open_task(case_id).id, "paper_id": paper_id}
    for login in EVERYBODY:
        if login != "v1chair":
            with pytest.raises((Forbidden, NotFound)):
                desk.act(remove_paper, login, **named)
    desk.act(remove_paper, "v1chair", **named)


def test_what_one_person_typed_is_shown_to_no_other(desk: County) -> None:
    case_id = desk.until(desk.apply(), "T_TownReview")
    row = desk.open_task(case_id)
    desk.act(save_draft, "t1chair", task_id=row.id, answers={"opinion": "半句"})
    with desk.runtime.reading() as connection:
        for login in READERS - {"t1chair"}:
            page = task_page(desk.runtime, connection, desk.actor(login), row.id)
            assert (page.draft_at, "半句" in str(page.answers)) == (None, False)


def test_only_chairs_open_cases_only_the_administrator_publishes_and_only_time_fires_clocks(desk: County) -> None:
    case_id = desk.apply()
    chairs = {"v1chair", "v2chair", "v3chair", "v9chair", "t1chair", "t1vice", "t2chair", "t9chair"}
    assert open_to(desk, lambda login: desk.act(start_case, login, kind="loan")) == chairs
    assert open_to(desk, lambda login: desk.act(publish_definition, login, kind="loan", bpmn=b"")) == {"sysadmin"}
    desk.later(days=400)
    assert open_to(desk, lambda login: desk.act(fire_timer, login, timer_id=1)) == set()
    assert desk.where(case_id) == "T_VillageReview"


def test_the_system_itself_has_no_rights(desk: County) -> None:
    case_id = desk.apply()
    row = desk.open_task(case_id)
    for verb, request in WORK.items():
        with pytest.raises(NotFound):
            desk.runtime.execute(VERBS[verb], actor=SYSTEM, key=verb, **request(row))
    with desk.runtime.reading() as connection, pytest.raises(NotFound):
        case_page(desk.runtime, connection, SYSTEM, case_id)


def test_who_may_not_read_a_case_does_not_learn_where_it_stands(desk: County) -> None:
    case_id = desk.apply()
    with pytest.raises(NotFound) as told:
        desk.act(complete_step, "v9chair", case_id=case_id, element="T_Stamp", answers={})
    assert "村" not in str(told.value)


def test_what_is_late_is_shown_to_those_who_answer_for_it_and_to_nobody_else(desk: County) -> None:
    case_id = desk.apply()
    desk.later(days=60)
    desk.sweep()
    shown = set()
    with desk.runtime.reading() as connection:
        for who in EVERYBODY:
            rows = escalations.queue(connection, desk.runtime.rules, desk.actor(who), now=desk.clock.at).rows
            shown |= {who for row in rows if row.case_id == case_id}
    assert shown == OVERSEERS | {"countychair"}
