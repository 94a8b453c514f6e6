"""The command line: sets up, checks, verifies, publishes, and says in Chinese what it did."""

from __future__ import annotations

import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from importlib import resources
from typing import TYPE_CHECKING

import pytest

import bpmn
from engine.clock import civil_date
from engine.commands.cases import start_case
from webui import cli, settings
from workflows.accounts import account_id
from workflows.organisation import actor_of

if TYPE_CHECKING:
    from pathlib import Path

LOAN = resources.files(bpmn).joinpath("loan.bpmn").read_bytes()


@pytest.fixture
def run(monkeypatch, tmp_path, capsys):
    """`run("init", "--demo")` → (exit status, what was said)."""
    monkeypatch.setenv("HALFSKY_DATA", str(tmp_path / "data"))

    def command(*arguments: str) -> tuple[int, str]:
        status = cli.main(arguments)
        said = capsys.readouterr()
        return status, said.out + said.err

    return command


def test_without_a_verb_it_lists_its_verbs(run):
    status, said = run()
    assert status == 2
    for verb in ("serve", "init", "doctor", "check", "audit", "worker", "definitions", "permissions"):
        assert verb in said


def test_it_sets_up_a_house_and_nothing_happens_the_second_time(run, tmp_path):
    assert run("init", "--demo")[0] == 0
    assert (tmp_path / "data" / "keys").stat().st_mode & 0o077 == 0
    status, said = run("init", "--demo")
    assert (status, "演示县已载入" in said) == (0, True)


def test_it_does_not_serve_a_house_that_was_never_set_up(run):
    status, said = run("serve")
    assert status == 1
    assert "halfsky init" in said


def test_it_checks_drawings_and_tables_and_says_that_every_path_ends(run, tmp_path):
    good = tmp_path / "loan.bpmn"
    good.write_bytes(LOAN)
    table = tmp_path / "loan.dmn"
    table.write_bytes(resources.files(bpmn).joinpath("loan.dmn").read_bytes())
    status, said = run("check", str(good), str(table))
    assert status == 0, said
    assert said.count("通过检查") == 2


def test_it_names_what_is_wrong_with_a_drawing(run, tmp_path):
    bad = tmp_path / "bad.bpmn"
    bad.write_bytes(LOAN.replace(b"halfsky:form=", b"halfsky:from=", 1))
    status, said = run("check", str(bad))
    assert status == 1
    assert "未通过" in said


def test_it_verifies_the_history_and_finds_an_altered_entry(run, tmp_path):
    run("init", "--demo")
    runtime = settings.from_environment().runtime()
    with runtime.reading() as connection:
        chair = actor_of(connection, account_id(connection, "v1chair"), civil_date(runtime.clock.now()))
    runtime.execute(start_case, actor=chair, key="a-key-of-this-test", kind="loan")
    runtime.database.dispose()
    assert run("audit", "verify")[0] == 0
    with sqlite3.connect(tmp_path / "data" / "halfsky.db") as connection:
        connection.execute("UPDATE history SET actor_id = 4711 WHERE seq = 1")
    connection.close()
    status, said = run("audit", "verify")
    assert status == 1
    assert "不一致" in said
    assert "第 1 条" in said


def test_it_says_when_there_is_no_such_case(run):
    run("init", "--demo")
    status, said = run("audit", "verify", "X-1")
    assert (status, "X-1" in said) == (1, True)


def test_it_proposes_a_later_drawing_through_the_gate_and_leaves_the_approval_to_another(run, tmp_path):
    run("init", "--demo")
    drawing = tmp_path / "loan.bpmn"
    drawing.write_bytes(LOAN.replace("填写贷款申请表".encode(), "填写申请表".encode()))
    assert "须由另一人" in run("definitions", "publish", str(drawing))[1]
    drawing.write_bytes(b"<nothing/>")
    status, said = run("definitions", "publish", str(drawing))
    assert (status, "未被接受" in said) == (1, True)


def test_it_lists_every_permission_with_the_posts_that_have_it(run):
    said = run("permissions")[1]
    assert "校验历史记录" in said
    assert "日志审计员" in said


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.usefixtures("run")
def test_it_serves_within_seconds_tells_the_demo_sign_ins_and_stops_when_told(run, tmp_path: Path):
    run("init", "--demo")
    port = _free_port()
    place = {"HALFSKY_DATA": str(tmp_path / "data"), "HALFSKY_PORT": str(port), "PATH": "/usr/bin:/bin"}
    with subprocess.Popen(
        [sys.executable, "-m", "webui.cli", "serve"], env=place, stdout=subprocess.PIPE, text=True
    ) as server:
        started = time.monotonic()
        page = ""
        while not page and time.monotonic() - started < 20:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/login", timeout=2) as answer:
                    page = answer.read().decode()
            except OSError:
                time.sleep(0.05)
        server.terminate()
        said, _ = server.communicate(timeout=20)
    assert "v1chair" in page
    assert f"http://127.0.0.1:{port}/" in said
    assert "halfsky-demo-2026" in said
