"""The disk is full, the database goes away and comes back, the clock jumps: what the person is told, and that nothing is lost."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.engine import make_url

from engine import audit
from engine.errors import DatabaseAway
from engine.jobs import sweep
from engine.jobs_asking import State
from engine.jobs_seats import take_seat
from engine.model import history, timer
from engine.model_filed import form_version
from tests.databases import PostgresDatabases
from tests.engine.jobs.acting import ask, kind, row_of, wait_until
from tests.engine.jobs.processes import kill, orders, start
from tests.engine.toy import ToyHouse, published
from tests.postgres import Server, new_run
from tests.webui.visitors import Visitor, open_site
from tests.workflows.processes.loan import examples
from tests.workflows.processes.loan.house import LoanHouse, opened, prepare
from webui import forms
from workflows.demo import PASSWORD


@pytest.fixture
def house(sqlite_databases):
    yield from opened(sqlite_databases)


def count(house, table):
    with house.runtime.reading() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar()


def genuine(house):
    with house.runtime.reading() as connection:
        return audit.verify(connection, house.runtime.vault).genuine


def filled(visitor, task_id, answers):
    """The form of a task as the browser holds it."""
    return {**visitor.get(f"/tasks/{task_id}").fields(), **forms.flatten(answers)}


def test_a_full_disk_is_said_in_words_changes_nothing_and_the_same_form_is_taken_when_there_is_room(house):
    chair = Visitor(open_site(house)).sign_in("v1chair")
    case_id = house.begin()
    task_id = house.open_task(case_id).id
    fields = filled(chair, task_id, house.application(purpose="购买鸡苗和饲料" * 20))
    before = count(house, history)
    engine = house.runtime.database.engine

    def no_room(connection, _record):
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages}")

    engine.dispose()
    with closing(sqlite3.connect(make_url(engine.url).database or "", isolation_level=None)) as packed:
        packed.execute("VACUUM")  # no page has room left
    event.listen(engine, "connect", no_room)
    refused = chair.post(f"/tasks/{task_id}", fields)
    assert (refused.status, refused.headers["Retry-After"]) == (503, "30")
    assert "服务器磁盘空间已满，未作任何更改" in refused.text
    assert (count(house, history), count(house, form_version), genuine(house)) == (before, 0, True)
    told = chair.post(f"/tasks/{task_id}", fields, Accept="application/json")
    assert b'"error": "StorageFull"' in told.body or b'"error":"StorageFull"' in told.body
    event.remove(engine, "connect", no_room)
    engine.dispose()
    assert chair.post(f"/tasks/{task_id}", fields).status == 303
    assert (house.at(case_id), count(house, form_version), genuine(house)) == (["T_VillageReview"], 1, True)


@pytest.fixture
def server():
    """A PostgreSQL server of this test's own, which may be stopped."""
    run = Server(new_run())
    run.ensure_started()
    yield run
    run.stop()
    for left in sorted(run.folder.rglob("*"), reverse=True):
        left.unlink() if not left.is_dir() else left.rmdir()
    run.folder.rmdir()


def halt(server):
    server.stop()


def resume(server):
    server._call("pg_ctl", "-D", str(server.data), "-l", str(server.data / "log"), "-w", "-t", "30", "start")


@pytest.mark.postgresql
def test_a_database_that_goes_away_is_said_in_words_and_everything_goes_on_when_it_is_back(server):
    house = LoanHouse(PostgresDatabases(server.url).create(prepare))
    chair = Visitor(open_site(house)).sign_in("v1chair")
    case_id = house.begin()
    task_id = house.open_task(case_id).id
    fields = filled(chair, task_id, house.application())
    halt(server)
    with pytest.raises(DatabaseAway):
        take_seat(house.runtime, "a")
    for answer in (chair.get("/"), chair.post(f"/tasks/{task_id}", fields), chair.get("/login")):
        assert (answer.status, answer.headers["Retry-After"]) == (503, "30")
        assert "数据库暂时连接不上，未作任何更改" in answer.text
    resume(server)
    assert chair.post(f"/tasks/{task_id}", fields).status == 303
    assert (house.at(case_id), count(house, form_version), genuine(house)) == (["T_VillageReview"], 1, True)
    house.close()


@pytest.mark.postgresql
def test_a_worker_lives_through_a_restart_of_the_database(server, tmp_path):
    house = ToyHouse(PostgresDatabases(server.url).create(published))
    worker = start(orders(house, tmp_path / "told"))
    with kind("good", print):
        first = ask(house.runtime, "good")
        wait_until(lambda: row_of(house.runtime, first).state == State.DONE, 60)
        halt(server)
        worker.join(3)
        resume(server)
        second = ask(house.runtime, "good")
    wait_until(lambda: row_of(house.runtime, second).state == State.DONE, 60)
    assert worker.is_alive()
    kill(worker)
    house.close()


def test_a_clock_set_back_by_an_hour_loses_nothing_and_fires_nothing_twice(house):
    chair = Visitor(open_site(house)).sign_in("v1chair")
    case_id = house.applied()
    with house.runtime.reading() as connection:
        due = connection.execute(select(func.max(timer.c.due_at))).scalar()
    house.clock.at = due + timedelta(minutes=1)
    chair = Visitor(open_site(house)).sign_in("v1chair")
    fired = sweep(house.runtime)
    assert fired > 0
    house.clock.at -= timedelta(hours=1)
    assert sweep(house.runtime) == 0
    task_id = house.open_task(case_id).id
    fields = {**filled(chair, task_id, examples.village_review()), "_password": PASSWORD}
    fields["projectVisitedOn"] = house.clock.at.date().isoformat()
    assert chair.post(f"/tasks/{task_id}", fields).status == 303
    house.clock.at += timedelta(hours=1)
    assert sweep(house.runtime) == 0
    broken = select(func.count()).select_from(history).where(history.c.kind == "period.broken")
    with house.runtime.reading() as connection:
        assert connection.execute(broken).scalar() == 1
    assert (house.at(case_id), genuine(house)) == (["T_TownReview"], True)


def test_a_database_file_that_cannot_be_opened_is_said_in_words(house):
    chair = Visitor(open_site(house)).sign_in("v1chair")
    path = Path(make_url(house.runtime.database.engine.url).database)
    house.runtime.database.dispose()
    aside = [(each, each.with_name(f"aside-{each.name}")) for each in path.parent.glob(f"{path.name}*")]
    for each, there in aside:
        each.rename(there)
    path.mkdir()
    answer = chair.get("/")
    assert (answer.status, "数据库暂时连接不上" in answer.text) == (503, True)
    path.rmdir()
    for each, there in aside:
        there.rename(each)
    assert chair.get("/").status == 200
