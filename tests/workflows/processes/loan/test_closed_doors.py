"""What somebody may not know of is answered like what is not there: same words, same statements, same row kept of the attempt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import event, func, select

from engine.commands.assigning import assign_task
from engine.commands.cases import withdraw_case
from engine.commands.classes import raise_class
from engine.commands.collaborating import add_comment
from engine.commands.tasks import claim_task, complete_task
from engine.errors import EngineError
from engine.model import history, read_log
from engine.queries.case_page import case_page
from engine.queries.task_page import task_page
from tests.workflows.processes.loan.test_teams import WHY, raised

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.workflows.processes.loan.house import LoanHouse

MISSING = 10**6
OF_CASES = {
    raise_class: {"to": "C4", "reason": WHY},
    withdraw_case: {"reason": WHY},
    add_comment: {"text": "?"},
}
OF_TASKS = {
    claim_task: {"seen_version": 1},
    complete_task: {"answers": {}, "seen_version": 1},
    assign_task: {"account_id": 1},
}


def tried(house: LoanHouse, ask: Callable[[int], Any], number: int) -> tuple[str, int, int]:
    """What was answered, with how many statements, and how many rows the read log got."""
    before = house.row(select(func.count()).select_from(read_log))[0]
    asked: list[str] = []

    def count(*call: Any) -> None:
        asked.append(call[2])

    told = "was answered"
    event.listen(house.runtime.database.engine, "before_cursor_execute", count)
    try:
        ask(number)
    except EngineError as refused:
        told = f"{type(refused).__name__} {refused}".replace(str(number), "N")
    finally:
        event.remove(house.runtime.database.engine, "before_cursor_execute", count)
    return told, len(asked), house.row(select(func.count()).select_from(read_log))[0] - before


def ways(house: LoanHouse, login: str, commands: dict[Any, Any], page: Any, named: str) -> list[Callable[[int], Any]]:
    """The page and each command, as functions of the id."""
    me = house.actor(login)

    def shown(number: int) -> None:
        with house.runtime.reading() as connection:
            page(house.runtime, connection, me, number)

    def done(command: Any, given: dict[str, Any]) -> Callable[[int], Any]:
        def act(number: int) -> None:
            house.keys += 1
            house.runtime.execute(command, actor=me, key=f"k{house.keys}", **{named: number}, **given)

        return act

    return [shown, *(done(command, given) for command, given in commands.items())]


def test_what_she_may_not_know_is_answered_like_what_is_not_there_and_costs_the_same(either_house: LoanHouse) -> None:
    house = either_house
    ordinary, secret = house.begin(papers=()), raised(house)
    jobs = {case_id: house.open_task(case_id).id for case_id in (ordinary, secret)} | {MISSING: MISSING}
    tables = (
        (ways(house, "v2chair", OF_CASES, case_page, "case_id"), {number: number for number in jobs}),
        (ways(house, "v2chair", OF_TASKS, task_page, "task_id"), jobs),
    )
    for asked, numbers in tables:
        for ask in asked:
            answers = {case_id: tried(house, ask, numbers[case_id]) for case_id in (MISSING, secret, ordinary)}
            assert len(set(answers.values())) == 1, answers
            assert answers[secret][0].startswith("NotFound")
    entries = select(func.count()).select_from(history).where(history.c.kind == "attempt.refused")
    assert house.row(entries)[0] == 0, "who is told that there is nothing does not make the file grow"
