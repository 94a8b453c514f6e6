"""A whole installation for a benchmark: a folder of its own, the demo county with more people in it, the real server."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import argon2
import psutil
import psycopg
from sqlalchemy import ColumnElement, func, or_, select, update

from benchmarks.loans import idcard, login_of
from engine import anchors
from engine.access import SYSTEM, Actor
from engine.clock import civil_date
from engine.jobs_asking import State
from engine.model_jobs import job
from engine.runtime import Runtime
from engine.unit_of_work import unit_of_work
from tests import postgres
from webui import settings
from workflows import accounts, demo, model, organisation, schema, sessions
from workflows.organisation import person_hash
from workflows.passwords import hash_password
from workflows.posts import UnitKind
from workflows.sign_in_policy import ORDINARY
from workflows.whereabouts import origin

PASSWORD = "benchmark-2026-halfsky"
#: looks, twenty a second, at whether the server answers; a busy machine takes its time
_STARTS = 1200
_ROOT = Path(__file__).resolve().parent.parent
_BEGAN = date(2021, 1, 1)
#: who → her post; "village" and "town" are held in a village and a township of the client's own
_POSTS = {
    "village": "VILLAGE_CHAIR", "town": "TOWN_CHAIR", "credit": "CREDIT_OFFICER", "desk": "LOAN_WORKER",
    "seal": "SEAL_KEEPER",
}  # fmt: skip
#: what production servers do and the test server leaves out: a commit is on the disk
_DURABLE = ("fsync = on", "synchronous_commit = on", "full_page_writes = on")


@dataclass
class House:
    """An installation in `folder` on the database at `url`, and the server once it is started."""

    folder: Path
    url: str

    def __post_init__(self) -> None:
        self.port = free_port()
        self._environment = {
            **os.environ,
            "HALFSKY_DATA": str(self.folder),
            "HALFSKY_DATABASE_URL": self.url,
            "HALFSKY_HOST": "127.0.0.1",
            "HALFSKY_PORT": str(self.port),
        }
        self._place = settings.from_environment(self._environment)
        self._server: subprocess.Popen[bytes] | None = None

    def create(self) -> Runtime:
        """Make the database, load the demo county; returns a runtime on it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._place.make_keys()
        schema.upgrade(self.url)
        runtime = self._place.runtime()
        demo.create_demo(runtime)
        self._place.demo_mark.touch()
        return runtime

    def start(self, processes: int = 1) -> None:
        """`halfsky serve`, until it answers."""
        command = [sys.executable, "-m", "webui.cli", "serve", "--processes", str(processes)]
        self._server = subprocess.Popen(command, cwd=_ROOT, env=self._environment, stdout=subprocess.DEVNULL)
        for _ in range(_STARTS):
            with socket.socket() as tried:
                if tried.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            if self._server.poll() is not None:
                break
            time.sleep(0.05)
        self.stop()
        raise SystemExit("the server did not start")

    def stop(self) -> None:
        """End the server as an operator would."""
        if self._server is not None:
            self._server.send_signal(signal.SIGTERM)
            self._server.wait(timeout=20)
            self._server = None

    def memory(self) -> float:
        """Resident memory of the largest web process now, in MB of a million bytes."""
        return max(float(each.memory_info().rss) for each in self._all()) / 1e6

    def peak(self) -> float:
        """Its largest resident memory so far."""
        status = [Path(f"/proc/{each.pid}/status").read_text() for each in self._all()]
        lines = [line for text in status for line in text.splitlines() if line.startswith("VmHWM")]
        return max(int(line.split()[1]) for line in lines) * 1024 / 1e6

    def processor_seconds(self) -> float:
        """Processor time the web processes have used."""
        used = [each.cpu_times() for each in self._all()]
        return float(sum(each.user + each.system for each in used))

    def _all(self) -> list[psutil.Process]:
        first = psutil.Process(self._process.pid)
        return [first, *first.children()]

    @property
    def _process(self) -> subprocess.Popen[bytes]:
        if self._server is None:
            raise SystemExit("the server is not running")
        return self._server


def free_port() -> int:
    """A port of the loopback address nobody listens on."""
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return int(tried.getsockname()[1])


def add_people(runtime: Runtime, clients: int) -> dict[int, int]:
    """For each client a township, a village and the five people of a loan; returns client → village id."""
    villages: dict[int, int] = {}
    hashed = hash_password(PASSWORD)
    with unit_of_work(runtime, SYSTEM) as work:
        link = work.connection
        county = organisation.unit_by_code(link, demo.COUNTY_CODE)
        union = organisation.unit_by_code(link, "X1")
        if county is None or union is None:
            raise SystemExit("the demo county is missing")
        for client in range(clients):
            town = organisation.add_unit(
                link, parent_id=county.id, kind=UnitKind.TOWN, name=f"第{client}测试镇妇联", code=f"BT{client}"
            )
            village = organisation.add_unit(
                link, parent_id=town.id, kind=UnitKind.VILLAGE, name=f"第{client}测试村妇联", code=f"BV{client}"
            )
            villages[client] = village.id
            places = {"village": village, "town": town, "credit": union, "desk": county, "seal": county}
            for place, (who, post) in enumerate(_POSTS.items()):
                known = person_hash(runtime.vault, idcard(client * len(_POSTS) + place, 1970, 1))
                account = accounts.add_account(
                    link, login=login_of(who, client), name="江晚晴", password_hash=hashed, id_hash=known
                )
                organisation.appoint(link, account_id=account, post=post, unit_id=places[who].id, since=_BEGAN)
    return villages


def actor(runtime: Runtime, login: str) -> Actor:
    """The person with this login."""
    with runtime.reading() as connection:
        account = accounts.account_id(connection, login)
        return organisation.actor_of(connection, account, civil_date(runtime.clock.now()))


def store_hash(runtime: Runtime, *, light: bool) -> None:
    """Give the benchmark accounts a hash of PASSWORD made with the least cost argon2 knows, or with the product's.

    argon2 reads the cost from the stored hash: the server runs unchanged, and has no switch for it.
    """
    cheap = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    hashed = cheap.hash(PASSWORD) if light else hash_password(PASSWORD)
    with unit_of_work(runtime, SYSTEM) as work:
        work.connection.execute(update(model.account).where(or_(*_ours())).values(password_hash=hashed))


def open_sessions(runtime: Runtime) -> dict[str, str]:
    """Login → session token of every benchmark account, written as signing in writes it; forty times argon2 takes seconds."""
    tokens: dict[str, str] = {}
    with unit_of_work(runtime, SYSTEM) as work:
        for row in work.connection.execute(select(model.account).where(or_(*_ours()))).all():
            opened = sessions.open_session(
                work.connection, row, work.now, limits=ORDINARY, stage="full", how="password", origin=origin("")
            )
            tokens[row.login] = opened.token
    return tokens


def until_jobs_rest(runtime: Runtime, seconds: float = 120) -> None:
    """Wait for what the first start of a day brings on SQLite beside the pages: the anchor, the verification of everything."""
    end = time.monotonic() + seconds
    opened = select(func.count()).select_from(job).where(job.c.state.in_((State.WAITING, State.QUEUED, State.RUNNING)))
    while time.monotonic() < end:
        time.sleep(0.5)
        with runtime.reading() as connection:
            if anchors.newest(connection) is not None and not connection.execute(opened).scalar():
                return
    raise SystemExit("the jobs of the day did not end")


def _ours() -> list[ColumnElement[bool]]:
    return [model.account.c.login.regexp_match(f"^{login_of(who, '')}[0-9]+$") for who in _POSTS]


def new_key() -> str:
    """An idempotency key."""
    return secrets.token_urlsafe(16)


@contextmanager
def postgres_server() -> Iterator[str]:
    """The URL of an empty database on a durable PostgreSQL server of this run's own."""
    server = postgres.Server(postgres.new_run())
    base = server.ensure_started()
    try:
        with psycopg.connect(base.replace("+psycopg", ""), autocommit=True) as link:
            for line in _DURABLE:
                link.execute(f"ALTER SYSTEM SET {line}".encode())
            link.execute(b"SELECT pg_reload_conf()")
            link.execute(b"CREATE DATABASE halfsky")
        yield base.replace("/postgres?", "/halfsky?")
    finally:
        server.stop()
