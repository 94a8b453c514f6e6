"""Nobody who reads logs, job tables, file names or the raw database learns who came and what she told."""

from __future__ import annotations

import http.cookiejar
import io
import logging
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from lxml import html
from pypdf import PdfReader
from sqlalchemy import inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DataError, IntegrityError

from engine import logs
from tests.faults.site import answers
from tests.webui.visitors import Visitor, attachment, open_site
from tests.workflows.processes.loan import examples
from tests.workflows.processes.loan.house import KEY, LoanHouse, prepare
from webui import forms, search
from workflows.demo import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: the woman, her guarantor and her story; every one of these is told to the house and may stand nowhere in the clear
WOMAN = {
    "name": "姜映雪",
    "idcard": examples.idcard(examples.date(1988, 7, 9), serial=7),
    "phone": "13912345678",
    "projectName": "山脚竹编作坊",
    "projectPlace": "石桥组第七号院",
    "purpose": "购买竹料与编织机三台，前夫曾到作坊吵闹，须另租厂房",
    "bankAccountName": "姜映雪",
}
SURETY = {"name": "郝连城", "phone": "13787654321", "idcard": examples.idcard(examples.date(1975, 2, 3), "M", 9)}
FILE = "姜映雪离婚协议.png"
COMMENT = "她的新住处在柳树巷"
OFFENDER = "冯大海"
TOLD = {*WOMAN.values(), *SURETY.values(), FILE, "离婚协议", COMMENT, "柳树巷", OFFENDER, "前夫曾到作坊吵闹", "石桥组"}


def found_in(content: str | bytes) -> set[str]:
    """What of it stands in a text or in bytes, also percent-encoded, escaped or in UTF-16."""
    raw = content.encode(errors="replace") if isinstance(content, str) else content
    ways = {
        each: (
            each.encode(),
            urllib.parse.quote(each).encode(),
            each.encode("unicode_escape"),
            each.encode("utf-16-le"),
            each.encode("utf-16-be"),
        )
        for each in TOLD
    }
    return {each for each, forms_of in ways.items() if any(form in raw for form in forms_of)}


def answers_of(hukou: int) -> dict[str, Any]:
    surety = examples.payroll(**SURETY)
    return examples.application(
        hukou, **{**WOMAN, "birthDate": "1988-07-09"}, guarantors=[surety, examples.depositor()]
    )


@pytest.fixture
def house(databases: Any) -> Iterator[LoanHouse]:
    url = databases.create(prepare)
    made = LoanHouse(url)
    yield made
    made.close()
    databases.drop(url)


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """Every record of every logger from INFO on, as a process of ours would write it."""
    stream, root = io.StringIO(), logging.getLogger()
    level, hook = root.level, logging.raiseExceptions
    handler = logs.begin(stream)
    root.setLevel(logging.INFO)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)
    logging.raiseExceptions = hook


class Refused(Exception):
    """What a database says of a value."""

    sqlstate = "22001"


FAULTS = (
    ValueError(f"invalid literal: {WOMAN['name']}"),
    KeyError(WOMAN["idcard"]),
    DataError(f"INSERT INTO x VALUES ('{WOMAN['phone']}')", {"a": SURETY["name"]}, Refused(WOMAN["projectPlace"])),
    IntegrityError(None, None, Refused(f"Key (name)=({WOMAN['name']}) already exists")),
    UnicodeEncodeError("ascii", OFFENDER, 0, 1, FILE),
)


def told_to(house: LoanHouse, monkeypatch: pytest.MonkeyPatch) -> tuple[Visitor, int]:
    """A morning: refused sign-ins, an application with faults in it, papers good and bad, a search, a comment, crashes."""
    site = open_site(house)
    stranger = Visitor(site)
    for login in (str(WOMAN["name"]), SURETY["phone"]):
        fields = {**stranger.get("/login").fields("//form[@action='/login']"), "login": login, "password": OFFENDER}
        assert stranger.post("/login", fields).status in (401, 422, 429)
    chair = Visitor(site).sign_in("v1chair")
    case_id = house.begin()
    task_id, answers = house.open_task(case_id).id, forms.flatten(answers_of(house.unit("V1")))
    fields = {**chair.get(f"/tasks/{task_id}").fields(), "photos": [attachment(examples.PNG, FILE)]}
    assert chair.post(f"/tasks/{task_id}/papers/add?field=photos", fields).status == 303
    fields["photos"] = [attachment(b"MZ" + b"\0" * 300, FILE)]
    assert chair.post(f"/tasks/{task_id}/papers/add?field=photos", fields).status == 415
    wrong = {**answers, "phone": OFFENDER, "amount": COMMENT, "idcard": f"{WOMAN['idcard']}9"}
    assert chair.submit(task_id, **wrong).status == 422
    sent = chair.submit(task_id, **answers)
    assert sent.status == 303, sent.text[:1500]
    chair.get(f"/cases/{case_id}/{urllib.parse.quote(OFFENDER)}")
    chair.get(f"/search/?words={urllib.parse.quote(OFFENDER)}&person={WOMAN['idcard']}")
    for sought in (WOMAN["name"], WOMAN["idcard"], "竹编", OFFENDER, COMMENT * 9):
        assert chair.post("/search/", {"csrf_token": chair.token(), "sought": sought}).status in (303, 422)
    spoken = {"csrf_token": chair.token(), "_key": secrets.token_urlsafe(16), "text": COMMENT, "in_file": "1"}
    assert chair.post(f"/cases/{case_id}/comments", spoken).status == 303
    site.config["PROPAGATE_EXCEPTIONS"] = False
    for fault in FAULTS:
        monkeypatch.setattr(search, "sealed_query", lambda _, fault=fault: raise_from(fault))
        assert chair.post("/search/", {"csrf_token": chair.token(), "sought": OFFENDER}).status == 500
    monkeypatch.undo()
    return chair, case_id


def raise_from(fault: Exception) -> None:
    try:
        int(WOMAN["name"])
    except ValueError:
        raise fault  # noqa: B904 - with its context, as it happens


def test_neither_logs_nor_the_database_tell_who_came(
    house: LoanHouse, logged: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, case_id = told_to(house, monkeypatch)
    for _ in range(2):  # a library that quotes a person
        logging.getLogger("waitress").error("Exception while serving %s: %s", "/x", WOMAN["name"])
        logging.getLogger("pypdf").warning(f"bad object {SURETY['idcard']} {FILE}")  # noqa: G004 - as they do
    lines = logged.getvalue()
    assert lines.count("crashed: reference=") == len(FAULTS), lines
    assert "builtins.ValueError" in lines
    assert "sqlalchemy.exc.DataError (22001)" in lines
    assert "which led to:" in lines
    assert found_in(lines) == set()
    stored = "\n".join(everything(house))
    assert "姜**" in stored, "the mask of the lists"
    assert len(stored) > 20_000
    assert found_in(stored) == set()
    assert house.case(case_id).subject == "姜**"


def everything(house: LoanHouse) -> Iterator[str]:
    """Every row of every table, those of the job engine too."""
    with house.runtime.reading() as connection:
        looked = inspect(connection)
        schemas = [None, "dbos"] if "dbos" in looked.get_schema_names() else [None]
        for schema in schemas:
            for table in looked.get_table_names(schema=schema):
                name = f'"{schema}"."{table}"' if schema else f'"{table}"'
                for row in connection.execute(text(f"SELECT * FROM {name}")):
                    yield " ".join(each.decode("latin-1") if isinstance(each, bytes) else str(each) for each in row)


def test_a_printed_dossier_tells_nothing_in_its_metadata(
    sqlite_databases: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = LoanHouse(sqlite_databases.create(prepare))
    chair, case_id = told_to(house, monkeypatch)
    chosen = {"csrf_token": chair.token(), "_key": secrets.token_urlsafe(16), "what": "dossier"}
    answer = chair.post(f"/cases/{case_id}/print", chosen)
    assert answer.headers["Content-Type"] == "application/pdf"
    reader = PdfReader(io.BytesIO(answer.body))
    told = " ".join(f"{k} {v}" for k, v in (reader.metadata or {}).items())
    xmp = reader.xmp_metadata
    assert found_in(told + (xmp.stream.get_data().decode() if xmp is not None else "")) == set()
    assert found_in(answer.headers.get("Content-Disposition", "")) == set()
    house.close()


class Browser:
    """A person at the served site."""

    def __init__(self, port: int) -> None:
        self.at = f"http://127.0.0.1:{port}"
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener = urllib.request.build_opener(jar)

    def ask(self, path: str, fields: dict[str, Any] | None = None) -> tuple[int, bytes]:
        data = urllib.parse.urlencode(fields).encode() if fields is not None else None
        try:
            with self.opener.open(self.at + path, data, timeout=30) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, refused.read()

    def form(self, path: str, where: str) -> dict[str, Any]:
        (found,) = html.fromstring(self.ask(path)[1]).xpath(where)
        return dict(found.form_values())


SERVED = f"""
import sys
from dataclasses import replace
from engine import jobs
from webui import cli, search
def crash(*_):
    raise ValueError({WOMAN["name"]!r})
search.sealed_query = crash
jobs.SCHEDULES = tuple(replace(each, act=crash, parts=None, every=1) for each in jobs.SCHEDULES[:2])
sys.exit(cli.main(["serve"]))
"""


def folder_in(scratch: Path, databases: Any) -> Path:
    """The data folder of a house with the demo county."""
    data = scratch / "data"
    data.mkdir()
    shutil.copy(make_url(databases.create(prepare)).database or "", data / "halfsky.db")
    (data / "keys").write_bytes(KEY + b"\n")
    return data


def test_a_served_site_writes_nobody_into_its_log_its_job_tables_or_its_folder(
    sqlite_databases: Any, tmp_path: Path
) -> None:
    data = folder_in(tmp_path, sqlite_databases)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {**os.environ, "HALFSKY_DATA": str(data), "HALFSKY_PORT": str(port)}
    log = tmp_path / "log"
    with log.open("wb") as written:
        served = subprocess.Popen([sys.executable, "-c", SERVED], stdout=written, stderr=written, env=environment)
    try:
        answers(port)
        person = Browser(port)
        sign_in = "//form[@action='/login']"
        refused = {**person.form("/login", sign_in), "login": WOMAN["name"], "password": OFFENDER}
        assert person.ask("/login", refused)[0] in (401, 422)
        person.ask("/login", {**person.form("/login", sign_in), "login": "v1chair", "password": PASSWORD})
        assert person.ask(f"/cases/{urllib.parse.quote(OFFENDER)}?who={urllib.parse.quote(SURETY['name'])}")[0] == 404
        token = person.form("/", "//footer//form[.//input[@name='csrf_token']]")["csrf_token"]
        assert person.ask("/search/", {"csrf_token": token, "sought": OFFENDER})[0] == 500
        with socket.create_connection(("127.0.0.1", port), timeout=10) as bad:
            bad.sendall(f"GET /{OFFENDER} HTTP/1.1\r\nHost: {WOMAN['name']}\r\n: {FILE}\r\n\r\n".encode())
            with suppress(OSError):
                bad.recv(1000)
        wait_for(log, b"ValueError", 2)
    finally:
        served.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            served.wait(30)
        served.kill()
    lines = log.read_text()
    assert lines.count("builtins.ValueError") >= 2, lines
    assert found_in(lines) == set()
    for file in data.rglob("*"):
        assert found_in(str(file.relative_to(data))) == set()
        if file.is_file():
            assert found_in(file.read_bytes()) == set(), file.name
    assert {file.name.split(".")[0] for file in data.iterdir()} <= {"halfsky", "keys", "worker", "seat", "jobs"}


def wait_for(log: Path, what: bytes, times: int) -> None:
    """Until it stands there so often, for twenty seconds at most."""
    for _ in range(100):
        if log.read_bytes().count(what) >= times:
            return
        with suppress(subprocess.TimeoutExpired):
            subprocess.run(["sleep", "0.2"], timeout=1, check=False)
    raise AssertionError(log.read_text())
