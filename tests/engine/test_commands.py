"""The single path of change, on a toy process: permit, stale, ready, validate, change, record, once."""

from __future__ import annotations

from datetime import date, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import func, select, update

from engine import audit
from engine.commands.cases import start_case, withdraw_case
from engine.commands.returning import return_task
from engine.commands.signing import Reauthentication
from engine.commands.tasks import claim_task, complete_step, complete_task, release_task, save_draft
from engine.errors import (
    Forbidden,
    InvalidAnswers,
    KeyReused,
    SignatureRequired,
    SilentChange,
    StaleTask,
    TaskNotReady,
)
from engine.events import Event, Kind, committed
from engine.model import case_file, history, task, timer
from engine.model_filed import draft, form_version
from engine.queries.case_page import case_page
from engine.queries.task_page import task_page
from engine.unit_of_work import unit_of_work
from tests.engine.acting import read, value, written
from tests.engine.toy import READER, READER_2, WRITER, ToyHouse, person


def test_a_case_runs_from_its_first_task_to_its_end(house: ToyHouse) -> None:
    answer = read(house, written(house))
    assert answer["ended"] == "done"
    with house.runtime.reading() as connection:
        page = case_page(house.runtime, connection, READER, answer["case_id"])
    assert (page.case.state, page.case.outcome, page.case.subject) == ("closed", "done", "甲*")
    assert {"T_Write", "T_Read", "GW_Read"} <= page.latest.done
    assert "done" in page.latest.done
    assert not page.latest.current


def test_numbers_of_a_series_follow_each_other(house: ToyHouse) -> None:
    numbers = [house.act(start_case, WRITER, kind="toy")["number"] for _ in range(3)]
    assert numbers == ["T1-2026-WJ-0001", "T1-2026-WJ-0002", "T1-2026-WJ-0003"]


def test_the_same_request_sent_twice_acts_once_and_gets_the_same_answer(house: ToyHouse) -> None:
    first = house.act(start_case, WRITER, once="same", kind="toy")
    assert house.act(start_case, WRITER, once="same", kind="toy") == first
    assert value(house, select(func.count()).select_from(case_file)) == 1


def test_a_key_used_for_another_request_is_refused(house: ToyHouse) -> None:
    opened = house.act(start_case, WRITER, once="same", kind="toy")
    with pytest.raises(KeyReused):
        house.act(claim_task, WRITER, once="same", task_id=opened["task_id"], seen_version=1)


def test_a_key_belongs_to_the_person_who_used_it(house: ToyHouse) -> None:
    house.act(start_case, WRITER, once="same", kind="toy")
    house.act(start_case, person(7, "WRITER"), once="same", kind="toy")
    assert value(house, select(func.count()).select_from(case_file)) == 2


def test_two_people_who_submit_the_same_task_at_once_one_wins_and_the_other_is_told(house: ToyHouse) -> None:
    task_id, outcomes, together = written(house), [], Barrier(2, timeout=60)

    def submit(actor: Any) -> None:
        together.wait()
        try:
            outcomes.append(read(house, task_id, actor=actor)["ended"])
        except (StaleTask, TaskNotReady) as error:
            outcomes.append(type(error))

    threads = [Thread(target=submit, args=(actor,)) for actor in (READER, READER_2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes, key=str) == [StaleTask, "done"]
    assert value(house, select(func.count()).select_from(form_version).where(form_version.c.form == "read")) == 1


def test_the_same_request_sent_twice_at_once_acts_once(house: ToyHouse) -> None:
    task_id, answers, together = written(house), [], Barrier(2, timeout=60)
    proof = house.proof(READER)

    def submit() -> None:
        together.wait()
        answers.append(read(house, task_id, once="one", signature=proof))

    threads = [Thread(target=submit) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers[0] == answers[1]
    assert value(house, select(func.count()).select_from(form_version).where(form_version.c.form == "read")) == 1


@pytest.mark.parametrize(
    ("answers", "more", "refusal"),
    [
        ({"opinion": "OK"}, {"seen_version": 7}, StaleTask),
        ({"opinion": ""}, {}, InvalidAnswers),
        ({"opinion": "OK"}, {"signature": None}, SignatureRequired),
    ],
    ids=["stale page", "form with a problem", "no signature"],
)
def test_a_refused_completion_changes_nothing(house: ToyHouse, answers: Any, more: Any, refusal: Any) -> None:
    task_id = written(house)
    before = value(house, select(func.count()).select_from(history))
    with pytest.raises(refusal):
        house.act(
            complete_task,
            READER,
            **{"task_id": task_id, "answers": answers, "seen_version": 1, "signature": house.proof(READER), **more},
        )
    assert value(house, select(func.count()).select_from(history)) == before
    assert value(house, select(task.c.state).where(task.c.id == task_id)) == "open"


@pytest.mark.parametrize("age", [-1, 121], ids=["from the future", "too old"])
def test_a_signature_needs_a_fresh_reauthentication(house: ToyHouse, age: int) -> None:
    task_id = written(house)
    proof = Reauthentication(READER.id, house.clock.now() - timedelta(seconds=age))
    with pytest.raises(SignatureRequired):
        read(house, task_id, signature=proof)


def test_nobody_signs_with_the_password_of_another(house: ToyHouse) -> None:
    task_id = written(house)
    with pytest.raises(SignatureRequired):
        read(house, task_id, signature=house.proof(READER_2))


def test_who_does_not_hold_the_post_is_refused_and_the_attempt_is_in_the_history(house: ToyHouse) -> None:
    task_id = written(house)
    with pytest.raises(Forbidden):
        read(house, task_id, actor=WRITER)
    kinds = value(house, select(history.c.kind).order_by(history.c.id.desc()).limit(1))
    assert kinds == Kind.ATTEMPT_REFUSED


def test_a_conflict_of_interest_is_refused_although_the_post_is_held(house: ToyHouse) -> None:
    task_id = written(house)
    house.process.barred = frozenset({READER.id})
    with pytest.raises(Forbidden, match="利害关系"):
        read(house, task_id)


def test_a_step_the_case_has_not_reached_cannot_be_done(house: ToyHouse) -> None:
    opened = house.act(start_case, WRITER, kind="toy")
    with pytest.raises(TaskNotReady, match="填写"):
        house.act(complete_step, READER, case_id=opened["case_id"], element="T_Read", answers={"opinion": "OK"})


def test_a_task_done_before_cannot_be_done_again(house: ToyHouse) -> None:
    task_id = written(house)
    read(house, task_id)
    with pytest.raises(TaskNotReady):
        read(house, task_id, seen_version=2)


def test_a_claimed_task_is_worked_on_by_its_claimer_alone(house: ToyHouse) -> None:
    task_id = written(house)
    house.act(claim_task, READER, task_id=task_id, seen_version=1)
    with pytest.raises(Forbidden):
        read(house, task_id, actor=READER_2, seen_version=2)
    house.act(release_task, READER, task_id=task_id, seen_version=2)
    assert read(house, task_id, actor=READER_2, seen_version=3)["ended"] == "done"


def test_a_draft_comes_back_to_its_author_and_goes_when_the_form_is_submitted(house: ToyHouse) -> None:
    task_id = written(house)
    house.act(save_draft, READER, task_id=task_id, answers={"opinion": "OK", "remarks": "半句"})
    with house.runtime.reading() as connection:
        assert task_page(house.runtime, connection, READER, task_id).answers["remarks"] == "半句"
        assert "remarks" not in task_page(house.runtime, connection, READER_2, task_id).answers
    read(house, task_id)
    assert value(house, select(func.count()).select_from(draft)) == 0


def test_a_draft_for_a_closed_task_or_of_an_outsider_is_refused_and_makes_no_history(house: ToyHouse) -> None:
    task_id = written(house)
    read(house, task_id)
    before = value(house, select(func.count()).select_from(history))
    for actor, refusal in ((READER, TaskNotReady), (WRITER, Forbidden)):
        with pytest.raises(refusal):
            house.act(save_draft, actor, task_id=task_id, answers={"opinion": "RETURN"})
    assert value(house, select(func.count()).select_from(draft)) == 0
    assert value(house, select(func.count()).select_from(history)) == before


def test_a_draft_has_a_size(house: ToyHouse) -> None:
    with pytest.raises(InvalidAnswers):
        house.act(save_draft, READER, task_id=written(house), answers={"remarks": "长" * 100_000})


def test_a_return_reopens_the_earlier_step_with_the_reason_in_the_history(house: ToyHouse) -> None:
    task_id = written(house)
    answer = house.act(return_task, READER, task_id=task_id, target="T_Write", reason="缺材料", seen_version=1)
    with house.runtime.reading() as connection:
        page = case_page(house.runtime, connection, READER, answer["case_id"])
    assert [row.element for row in page.open_tasks] == ["T_Write"]
    assert page.history[-1].content["reason"] == "缺材料"
    assert value(house, select(func.count()).select_from(timer).where(timer.c.state == "armed")) == 0


@pytest.mark.parametrize(("target", "reason", "refusal"), [("done", "x", Forbidden), ("T_Write", "  ", InvalidAnswers)])
def test_a_return_needs_an_allowed_step_and_a_reason(house: ToyHouse, target: str, reason: str, refusal: Any) -> None:
    task_id = written(house)
    with pytest.raises(refusal):
        house.act(return_task, READER, task_id=task_id, target=target, reason=reason, seen_version=1)


def test_a_period_pauses_while_the_matter_is_sent_back_and_goes_on_where_it_stopped(house: ToyHouse) -> None:
    task_id = written(house)  # Monday 15 June; 5 working days: due Monday 22 June
    assert str(value(house, select(task.c.due_at).where(task.c.id == task_id))).startswith("2026-06-22 16:00")
    house.clock.set_day(date(2026, 6, 17))  # two working days used
    back = read(house, task_id, "RETURN")
    house.clock.set_day(date(2026, 6, 29))
    again = house.act(complete_task, WRITER, task_id=back["opened"][0], answers={"text": "丙"}, seen_version=1)
    due = value(house, select(task.c.due_at).where(task.c.id == again["opened"][0]))
    assert str(due).startswith("2026-07-02 16:00")  # three working days left: 30 June, 1 and 2 July
    assert value(house, select(func.max(form_version.c.number)).where(form_version.c.form == "write")) == 2


def test_a_withdrawal_ends_the_case_from_any_step_and_disarms_its_clocks(house: ToyHouse) -> None:
    task_id = written(house)
    case_id = value(house, select(task.c.case_id).where(task.c.id == task_id))
    assert house.act(withdraw_case, WRITER, case_id=case_id, reason="不办了")["ended"] == "withdrawn"
    assert value(house, select(func.count()).select_from(timer).where(timer.c.state == "armed")) == 0
    assert value(house, select(func.count()).select_from(task).where(task.c.state == "open")) == 0
    with pytest.raises(Forbidden):
        house.act(withdraw_case, WRITER, case_id=case_id, reason="再撤")


def test_a_change_without_an_event_is_refused(house: ToyHouse) -> None:
    case_id = house.act(start_case, WRITER, kind="toy")["case_id"]
    with pytest.raises(SilentChange), unit_of_work(house.runtime, WRITER) as work:
        work.change(case_id, update(case_file).values(subject="篡"))
    assert value(house, select(case_file.c.subject)) == ""


def test_a_listener_that_fails_does_not_stop_the_others(house: ToyHouse, caplog: pytest.LogCaptureFixture) -> None:
    heard = []

    def fail(_sender: str, event: Event) -> None:
        raise RuntimeError(event.kind)

    def hear(_sender: str, event: Event) -> None:
        heard.append(event.kind)

    with committed.connected_to(fail), committed.connected_to(hear):
        house.act(start_case, WRITER, kind="toy")
    assert heard == [Kind.CASE_STARTED]
    assert "listener failed" in caplog.text


def test_history_keeps_old_and_new_value_of_every_field(house: ToyHouse) -> None:
    task_id = written(house)
    back = read(house, task_id, "RETURN")
    answer = house.act(complete_task, WRITER, task_id=back["opened"][0], answers={"text": "丙"}, seen_version=1)
    with house.runtime.reading() as connection:
        page = case_page(house.runtime, connection, READER, answer["case_id"])
    assert page.history[-1].content["changes"] == [{"path": "text", "old": "甲乙", "new": "丙"}]


def test_every_history_of_the_toy_verifies(house: ToyHouse) -> None:
    read(house, written(house))
    with house.runtime.reading() as connection:
        result = audit.verify(connection, house.runtime.vault)
    assert result.genuine
    assert result.entries >= 5
