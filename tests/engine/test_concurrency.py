"""Several servers on one database, on SQLite and on PostgreSQL: each act counts once, none is lost, nobody is told nonsense."""

from __future__ import annotations

import contextlib
import logging
import sqlite3
from datetime import date
from threading import Barrier, BrokenBarrierError, Thread
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from engine import audit, database
from engine.access import SYSTEM
from engine.commands.cases import start_case, withdraw_case
from engine.commands.papers import add_paper
from engine.commands.tasks import claim_task, complete_task, save_draft
from engine.commands.timers import fire_timer
from engine.commands.versions import publish_definition
from engine.errors import Busy
from engine.events import Event, Kind
from engine.jobs import sweep
from engine.model import case_file, case_share, history, notice, task, timer
from engine.model_filed import blob, document, draft, form_version
from tests.engine.acting import read, value, written
from tests.engine.test_documents import picture
from tests.engine.toy import ADMIN, READER, READER_2, TOY, WRITER, ToyHouse, person, published
from tests.engine.workers import Request, at_once, in_processes

if TYPE_CHECKING:
    from pathlib import Path

    from engine.unit_of_work import UnitOfWork

ROUNDS = 6


def count(house: ToyHouse, table: Any, *where: Any) -> int:
    return int(value(house, select(func.count()).select_from(table).where(*where)))


def genuine(house: ToyHouse) -> bool:
    with house.runtime.reading() as connection:
        return audit.verify(connection, house.runtime.vault).genuine


def reading(house: ToyHouse, task_id: int, actor: Any, key: str = "") -> Request:
    given = {"task_id": task_id, "answers": {"opinion": "OK"}, "seen_version": 1, "signature": house.proof(actor)}
    return Request(complete_task, actor, key or f"read-{task_id}-{actor.id}", given)


def test_two_who_complete_one_task_one_wins_and_the_other_is_told(house: ToyHouse) -> None:
    tasks = [written(house) for _ in range(ROUNDS)]
    both = at_once(house, *([reading(house, t, actor) for t in tasks] for actor in (READER, READER_2)))
    for pair in zip(*both, strict=True):
        assert sorted(a if isinstance(a, str) else a["ended"] for a in pair) == ["StaleTask", "done"]
    assert count(house, form_version, form_version.c.form == "read") == ROUNDS
    assert genuine(house)


def test_completing_withdrawing_and_a_clock_at_the_same_instant(house: ToyHouse) -> None:
    tasks = [written(house) for _ in range(ROUNDS)]
    cases = [value(house, select(task.c.case_id).where(task.c.id == t)) for t in tasks]
    house.clock.set_day(date(2026, 7, 1))
    done, withdrawn, fired = at_once(
        house,
        [reading(house, t, READER) for t in tasks],
        [Request(withdraw_case, WRITER, f"w{c}", {"case_id": c, "reason": "不办了"}) for c in cases],
        [Request(fire_timer, SYSTEM, f"t{n}", {"timer_id": n}) for n in range(1, ROUNDS + 1)],
    )
    for case_id, one, two, three in zip(cases, done, withdrawn, fired, strict=True):
        answers = [a for a in (one, two) if not isinstance(a, str)]
        assert len(answers) <= 1, "a case ends once"
        assert {a for a in (one, two, three) if isinstance(a, str)} <= {
            "StaleTask",
            "TaskNotReady",
            "Forbidden",
            "Busy",
        }
        ended = value(house, select(case_file.c.outcome).where(case_file.c.id == case_id))
        assert ended == (answers[0]["ended"] if answers else None)
    assert count(house, timer, timer.c.state == "armed") == count(house, case_file, case_file.c.state == "open")
    assert genuine(house)


def test_cases_started_at_once_get_consecutive_numbers_from_the_first(house: ToyHouse) -> None:
    lists = [[Request(start_case, WRITER, f"{n}-{i}", {"kind": "toy"}) for i in range(ROUNDS)] for n in range(2)]
    numbers = [answer["number"] for answers in at_once(house, *lists) for answer in answers]
    assert sorted(numbers) == [f"T1-2026-WJ-{n:04d}" for n in range(1, 2 * ROUNDS + 1)]
    assert genuine(house)


def test_the_same_request_sent_to_two_servers_acts_once(house: ToyHouse) -> None:
    tasks = [written(house) for _ in range(ROUNDS)]
    both = at_once(house, *([reading(house, t, READER) for t in tasks] for _ in range(2)))
    assert both[0] == both[1]
    assert count(house, form_version, form_version.c.form == "read") == ROUNDS


def test_a_task_claimed_by_two_at_once_is_held_by_one(house: ToyHouse) -> None:
    tasks = [written(house) for _ in range(ROUNDS)]
    claims = (
        [Request(claim_task, a, f"c{t}", {"task_id": t, "seen_version": 1}) for t in tasks] for a in (READER, READER_2)
    )
    for pair in zip(*at_once(house, *claims), strict=True):
        assert sum(isinstance(answer, dict) for answer in pair) == 1
        assert {a for a in pair if isinstance(a, str)} <= {"Forbidden", "StaleTask"}
    assert genuine(house)


def test_the_same_bytes_attached_at_once_are_kept_once(house: ToyHouse) -> None:
    tasks = [house.act(start_case, WRITER, kind="toy")["task_id"] for _ in range(2)]
    given = {"field": "photo", "name": "a.png", "content": picture()}
    both = at_once(house, *([Request(add_paper, WRITER, f"p{t}", {**given, "task_id": t})] for t in tasks))
    assert all(isinstance(answer, dict) for [answer] in both)
    assert (count(house, blob), count(house, document)) == (1, 2)
    assert genuine(house)


def test_two_windows_that_save_a_draft_at_once_leave_one_draft(house: ToyHouse) -> None:
    tasks = [written(house) for _ in range(ROUNDS)]
    drafts = (
        [Request(save_draft, READER, f"d{t}-{w}", {"task_id": t, "answers": {"remarks": w}}) for t in tasks]
        for w in ("one", "two")
    )
    assert all(isinstance(answer, dict) for answers in at_once(house, *drafts) for answer in answers)
    assert count(house, draft) == ROUNDS


def test_drawings_published_at_once_become_proposals_of_their_own(house: ToyHouse) -> None:
    renamed = [TOY.replace("审核".encode(), name.encode()) for name in ("再审", "复审")]
    both = at_once(house, *([Request(publish_definition, ADMIN, "same", {"kind": "toy", "bpmn": b})] for b in renamed[:1]),
                   [Request(publish_definition, person(8, "ADMIN"), "same", {"kind": "toy", "bpmn": renamed[1]})])  # fmt: skip
    assert len({answer["proposal_id"] for [answer] in both}) == 2
    assert genuine(house)


def test_each_due_clock_is_fired_once_however_many_workers_sweep(house: ToyHouse) -> None:
    for _ in range(ROUNDS):
        written(house)
    house.clock.set_day(date(2026, 7, 1))
    fired = sum(answer for [answer] in at_once(house, [], [], []))
    fired += sweep(house.runtime)
    assert fired == count(house, notice) == ROUNDS
    assert count(house, timer, timer.c.state != "fired") == 0
    assert genuine(house)


def test_servers_in_processes_of_their_own_agree(house: ToyHouse) -> None:
    tasks = [written(house) for _ in range(ROUNDS)]
    lists = [
        [reading(house, t, actor) for t in tasks]
        + [Request(start_case, WRITER, f"new-{i}", {"kind": "toy"}) for i in range(ROUNDS)]
        for actor in (READER, READER_2)
    ]
    both = in_processes(house, *lists)
    for pair in zip(*(answers[:ROUNDS] for answers in both), strict=True):
        assert sorted(a if isinstance(a, str) else a["ended"] for a in pair) == ["StaleTask", "done"]
    assert both[0][ROUNDS:] == both[1][ROUNDS:]
    assert count(house, case_file) == 2 * ROUNDS
    house.clock.set_day(date(2026, 7, 1))
    assert genuine(house)


def test_a_reader_sees_one_moment_while_others_commit(house: ToyHouse) -> None:
    task_id = written(house)
    heads, entries = select(func.sum(case_file.c.last_seq)), select(func.count()).select_from(history)
    with house.runtime.reading() as connection:
        known = connection.execute(heads).scalar()
        read(house, task_id)
        assert connection.execute(entries).scalar() == known
        assert audit.verify(connection, house.runtime.vault).genuine
    assert count(house, history) > known


def test_two_commands_that_wait_for_each_other_are_untangled(house: ToyHouse) -> None:
    """Each takes one row and then asks for the other's: PostgreSQL stops one of them, which is run again and succeeds."""
    cases = [house.act(start_case, WRITER, kind="toy")["case_id"] for _ in range(2)]
    meeting, answers = Barrier(2, timeout=60), []

    def both(uow: UnitOfWork, *, first: int, second: int) -> dict[str, Any]:
        for case_id in (first, second):
            uow.change(case_id, update(case_file).where(case_file.c.id == case_id).values(subject="某*"))
            uow.record(Event(Kind.REGISTER_CHANGED, case_id))
            if case_id == first:
                with contextlib.suppress(BrokenBarrierError):  # on SQLite the other one waits before it comes here
                    meeting.wait(0.5)
        return {"done": True}

    def run(first: int, second: int) -> None:
        answers.append(house.runtime.execute(both, actor=WRITER, key=f"x{first}", first=first, second=second))

    threads = [Thread(target=run, args=pair) for pair in (cases, cases[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 2
    assert genuine(house)


FAULTY = {
    "a reference to nothing": insert(case_share).values(case_id=999, unit_id=1, since=func.now()),
    "nothing where something must be": insert(case_share).values(case_id=1, unit_id=1, since=None),
}


@pytest.mark.parametrize("statement", FAULTY.values(), ids=FAULTY)
def test_a_defect_is_not_disguised_as_somebody_being_faster(house: ToyHouse, statement: Any) -> None:
    house.act(start_case, WRITER, kind="toy")
    tried = []

    def faulty(uow: UnitOfWork) -> dict[str, Any]:
        tried.append(1)
        uow.connection.execute(statement)
        return {}

    with pytest.raises(IntegrityError):
        house.act(faulty, WRITER)
    assert len(tried) == 1


def test_a_key_taken_twice_by_a_defect_is_raised_on_sqlite_and_logged_on_postgresql(
    house: ToyHouse, caplog: pytest.LogCaptureFixture
) -> None:
    house.act(start_case, WRITER, kind="toy")
    shared = insert(case_share).values(case_id=1, unit_id=1, since=house.clock.now())

    def faulty(uow: UnitOfWork) -> dict[str, Any]:
        uow.connection.execute(shared)
        uow.connection.execute(shared)
        return {}

    with pytest.raises(IntegrityError if house.runtime.database.is_sqlite else Busy):
        house.act(faulty, WRITER)
    told = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert house.runtime.database.is_sqlite or told == ["overtaken twice: command=faulty by=pk_case_share"]
    assert count(house, case_share) == 0


def test_a_database_error_never_tells_what_was_typed(house: ToyHouse) -> None:
    def faulty(uow: UnitOfWork) -> dict[str, Any]:
        uow.connection.execute(insert(case_share), {"case_id": 4711, "unit_id": 1, "since": uow.now})
        uow.connection.execute(insert(document), {"case_id": 1, "form": "秘密"})
        return {}

    with pytest.raises(DBAPIError) as failed:
        house.act(faulty, WRITER)
    assert "秘密" not in str(failed.value)
    assert "parameters hidden" in str(failed.value)


def test_a_writer_who_waits_too_long_for_another_process_is_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_BUSY_MS", 50)
    published(url := f"sqlite:///{tmp_path / 'x.db'}")
    house = ToyHouse(url)
    other = sqlite3.connect(tmp_path / "x.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Busy):
        house.act(start_case, WRITER, kind="toy")
    other.execute("ROLLBACK")
    other.close()
    assert house.act(start_case, WRITER, kind="toy")["number"] == "T1-2026-WJ-0001"
    house.close()


def test_a_refusal_whose_record_is_overtaken_is_still_that_refusal(house: ToyHouse) -> None:
    tasks = [written(house) for _ in range(2 * ROUNDS)]
    outsiders = [person(n, "WRITER") for n in (5, 6, 7)]
    lists = [[reading(house, t, actor) for t in tasks] for actor in outsiders]
    answers = [a for one in at_once(house, *lists) for a in one]
    assert set(answers) <= {"Forbidden", "Busy"}
    assert count(house, history, history.c.kind == "attempt.refused") == answers.count("Forbidden")
    assert genuine(house)
