"""Servers and workers are killed at random moments while people work: what was acknowledged is there once, and nothing is half-done."""

from __future__ import annotations

import logging
import os
import random
import threading
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select, update

from benchmarks import house as people
from benchmarks import loans
from engine import audit
from engine.clock import civil_date
from engine.model import case_file, definition, history, instance, task, timer
from engine.model_filed import form_version, signature
from tests.faults.crowd import Client, Ledger, ask, enter
from tests.faults.site import answers, site_at, start
from tests.workflows.processes.loan import examples
from tests.workflows.processes.loan.house import MONDAY, LoanHouse, prepare

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.process import BaseProcess

log = logging.getLogger("halfsky.tests")

LONG = os.environ.get("HALFSKY_LONG") == "1"
#: on each database
KILLS = 100 if LONG else 12
LOANS = 60 if LONG else 9
CLIENTS = 3
#: a server lives for so many seconds after it has answered
LIVES = (0.05, 0.6)


@dataclass
class Town:
    """The demo county with people for each client and loans that wait for their application."""

    house: LoanHouse
    url: str
    port: int
    supply: list[list[dict[str, Any]]]

    def count(self, statement: Any) -> Any:
        with self.house.runtime.reading() as connection:
            return connection.execute(statement).scalar()

    def find(self, case: int, element: str) -> tuple[int, int] | None:
        row = self.house.open_task(case, element)
        return (row.id, row.version) if row else None

    def rows(self, statement: Any) -> list[Any]:
        with self.house.runtime.reading() as connection:
            return list(connection.execute(statement).all())


@pytest.fixture
def town(databases) -> Iterator[Town]:
    url = databases.create(prepare)
    house = LoanHouse(url)
    villages = people.add_people(house.runtime, CLIENTS)
    people.store_hash(house.runtime, light=True)
    supply: list[list[dict[str, Any]]] = [[] for _ in range(CLIENTS)]
    for number in range(LOANS):
        client = number % CLIENTS
        actor = people.actor(house.runtime, loans.login_of("village", client))
        case = loans.prepare(house.runtime, actor, people.new_key)
        steps = loans.steps(number, client, villages[client], civil_date(MONDAY), people.PASSWORD)
        supply[client].append({"case": case, "steps": steps})
    yield Town(house, url, people.free_port(), supply)
    house.close()
    databases.drop(url)


class Cast:
    """The processes of the site: one on SQLite; web server and two workers on PostgreSQL."""

    def __init__(self, town: Town) -> None:
        alone = town.url.startswith("sqlite")
        parts = [(True, True)] if alone else [(True, False), (False, True), (False, True)]
        self.parts = [site_at(town.url, town.port, web=web, works=works) for web, works in parts]
        self.playing: list[BaseProcess] = [start(part) for part in self.parts]
        answers(town.port)

    def kill(self, number: int) -> None:
        """As a power cut would; then the part is played by a new process."""
        self.playing[number].kill()
        self.playing[number].join(10)
        self.playing[number] = start(self.parts[number])
        if self.parts[number].web:
            answers(self.parts[number].port)

    def end(self) -> None:
        for process in self.playing:
            process.kill()
            process.join(10)


def go(town: Town, stage: Cast, ended: threading.Event, ledger: Ledger) -> int:
    """Kill and kill while everybody works; returns the kills. Everybody has finished when it returns."""
    sessions = people.open_sessions(town.house.runtime)
    known = {login: enter(town.port, login, token) for login, token in sessions.items()}
    crowd = [Client(ledger, town.port, known, town.find, part, 0.02, ended) for part in town.supply]
    for client in crowd:
        client.start()
    chance = random.Random(20260615)
    for kill in range(KILLS):
        time.sleep(chance.uniform(*LIVES))
        stage.kill(0 if kill % 3 else chance.randrange(len(stage.parts)))
    end = time.monotonic() + 120
    for client in crowd:
        client.join(max(0.1, end - time.monotonic()))
    assert not any(client.is_alive() for client in crowd)
    return KILLS


@pytest.mark.timeout(1200)
def test_what_was_acknowledged_is_there_once_and_nothing_is_half_done(town: Town) -> None:
    stage, ended, ledger = Cast(town), threading.Event(), Ledger()
    due = lateness(town)
    begun = time.monotonic()
    try:
        kills = go(town, stage, ended, ledger)
        told = "%s kills, %s completions acknowledged, %s requests cut, %.0f s"
        log.warning(told, kills, len(ledger.done), ledger.cut, time.monotonic() - begun)
        wait_for_timers(town)
        again(town, ledger)
    finally:
        ended.set()
        stage.end()
    assert not ledger.wrong
    assert ledger.cut >= KILLS // 10, "the kills met nobody at work"
    each_completion_is_there_once(town, ledger)
    no_case_is_half_done(town)
    each_timer_is_armed_once(town)
    assert town.count(select(func.count()).select_from(history).where(history.c.kind == "period.broken")) == due


def lateness(town: Town) -> int:
    """Cases of another village whose village review is overdue, for the workers to lift meanwhile; how many."""
    house = town.house
    for number in range(8):
        apart = 5000 + number
        backers = [
            examples.payroll(idcard=loans.idcard(apart, 1980, 0)),
            examples.depositor(idcard=loans.idcard(apart, 1978, 1)),
        ]
        house.applied(idcard=loans.idcard(apart, 1990, 1), birthDate=birth(apart), guarantors=backers)
    at = house.clock.now().replace(year=2026, month=6, day=1)
    late = update(timer).where(timer.c.state == "armed", timer.c.level == "broken").values(due_at=at)
    with house.runtime.database.engine.begin() as connection:  # nothing is read first: the site is at work, and writes
        return connection.execute(late).rowcount


def birth(number: int) -> str:
    day = loans.idcard(number, 1990, 1)[6:14]
    return f"{day[:4]}-{day[4:6]}-{day[6:]}"


def wait_for_timers(town: Town) -> None:
    """Until no timer is due any more."""
    due = select(func.count()).select_from(timer).where(timer.c.state == "armed", timer.c.due_at <= MONDAY)
    end = time.monotonic() + 90
    while town.count(due):
        assert time.monotonic() < end, "timers are left"
        time.sleep(0.2)


def again(town: Town, ledger: Ledger) -> None:
    """Every tenth acknowledged request sent once more is answered as before and changes nothing."""
    before = town.count(select(func.count()).select_from(history))
    sessions = people.open_sessions(town.house.runtime)
    for done in ledger.done[::10]:
        person = enter(town.port, done.login, sessions[done.login])
        body = renumbered(done.body, person.number.encode())
        assert ask(town.port, "POST", f"/tasks/{done.task}", person, body, done.kind)[0] == 303, done.element
    assert town.count(select(func.count()).select_from(history)) == before


def renumbered(body: bytes, number: bytes) -> bytes:
    """The same form with the protection number of a new session."""
    start = body.index(b"csrf_token")
    cut = body.index(b"=", start) + 1 if body[start + 10 : start + 11] == b"=" else body.index(b"\r\n\r\n", start) + 4
    stop = len(body)
    for mark in (b"&", b"\r\n--"):
        found = body.find(mark, cut)
        stop = found if 0 <= found < stop else stop
    return body[:cut] + number + body[stop:]


def each_completion_is_there_once(town: Town, ledger: Ledger) -> None:
    acknowledged = Counter(done.task for done in ledger.done)
    assert set(acknowledged.values()) == {1}
    assert len(acknowledged) == sum(len(loan["steps"]) for part in town.supply for loan in part)
    told = select(history.c.task_id, func.count()).where(history.c.kind == "task.completed").group_by(history.c.task_id)
    times = {row[0]: row[1] for row in town.rows(told)}
    assert {times.get(task_id) for task_id in acknowledged} == {1}
    filed = {
        row[0]: row[1]
        for row in town.rows(select(form_version.c.task_id, func.count()).group_by(form_version.c.task_id))
    }
    assert {filed.get(task_id) for task_id in acknowledged} == {1}
    signed = {
        row[0]: row[1] for row in town.rows(select(signature.c.task_id, func.count()).group_by(signature.c.task_id))
    }
    forms = town.house.runtime.catalogue["loan"].forms
    by_hand = {element for element, form, _ in loans.STEPS if forms[form].signed}
    wanted = {done.task for done in ledger.done if done.element in by_hand}
    assert wanted
    assert {signed.get(task_id) for task_id in wanted} == {1}
    closed = select(task.c.state, task.c.close_reason).where(task.c.id.in_(acknowledged))
    assert {tuple(row) for row in town.rows(closed)} == {("closed", "done")}


def no_case_is_half_done(town: Town) -> None:
    with town.house.runtime.reading() as connection:
        found = audit.verify(connection, town.house.runtime.vault)
    assert found.genuine, found.faults[:3]
    ours = [loan["case"] for part in town.supply for loan in part]
    running = select(instance.c.case_id, instance.c.status, definition.c.key, case_file.c.state)
    running = running.join(definition, definition.c.id == instance.c.definition_id)
    rows = [
        row for row in town.rows(running.join(case_file, case_file.c.id == instance.c.case_id)) if row.case_id in ours
    ]
    assert {row.status for row in rows if row.key == "loan"} == {"ended"}
    assert set(Counter((row.case_id, row.key) for row in rows).values()) == {1}
    for case_id in ours:
        states = {(row.status, row.state) for row in rows if row.case_id == case_id}
        assert ("running", "closed") not in states
        assert ("running", "open") in states or states == {("ended", "closed")}
    held = select(task.c.case_id, task.c.element, instance.c.status).where(task.c.state == "open")
    left = [row for row in town.rows(held.join(instance, instance.c.id == task.c.instance_id)) if row.case_id in ours]
    assert {row.status for row in left} <= {"running"}
    assert not {row.element for row in left} & {element for element, _, _ in loans.STEPS}
    assert set(Counter((row.case_id, row.element) for row in left).values()) <= {1}
    steps = select(history.c.case_id, history.c.seq)
    seqs: dict[int, list[int]] = {}
    for row in town.rows(steps):
        seqs.setdefault(row.case_id, []).append(row.seq)
    assert all(sorted(seq) == list(range(1, len(seq) + 1)) for seq in seqs.values())


def each_timer_is_armed_once(town: Town) -> None:
    armed = select(timer).where(timer.c.state == "armed")
    rows = town.rows(armed)
    once = Counter((row.instance_id, row.token, row.element, row.level, row.point) for row in rows)
    assert set(once.values()) <= {1}
    held = {(row.instance_id, row.element) for row in town.rows(select(task).where(task.c.state == "open"))}
    assert all((row.instance_id, row.attached_to) in held for row in rows if row.attached_to)
