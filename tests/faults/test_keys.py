"""`halfsky keys`: add, change over, be killed half-way, go on, lay to rest; and what is said when keys are not there."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
from typing import TYPE_CHECKING

import pytest
from cryptography.fernet import Fernet
from sqlalchemy.engine import make_url

from engine.keyring import parsed
from tests.workflows.processes.loan.house import KEY, LoanHouse, prepare
from webui import cli
from workflows import inventory, schema

if TYPE_CHECKING:
    from pathlib import Path

KILLED = """
import sys
from engine import rekeying
from webui import cli
rekeying.AT_ONCE = 1
sys.exit(cli.main(["keys", "rotate", "--here"]))
"""


@pytest.fixture
def data(sqlite_databases, tmp_path):
    """The data folder of a house with one application."""
    folder = tmp_path / "data"
    folder.mkdir()
    shutil.copy(make_url(sqlite_databases.create(prepare)).database or "", folder / "halfsky.db")
    (folder / "keys").write_bytes(KEY + b"\n")
    (folder / "keys").chmod(0o600)
    house = LoanHouse(f"sqlite:///{folder / 'halfsky.db'}")
    house.applied()
    house.close()
    return folder


@pytest.fixture
def run(data, monkeypatch, capsys):
    """`run("keys", "list")` → (exit status, what was said)."""
    monkeypatch.setenv("HALFSKY_DATA", str(data))

    def command(*arguments: str, **environment: str) -> tuple[int, str]:
        with pytest.MonkeyPatch.context() as changed:
            for name, value in environment.items():
                changed.setenv(name, value)
            status = cli.main([str(each) for each in arguments])
        said = capsys.readouterr()
        return status, said.out + said.err

    return command


def ids(data: Path) -> list[tuple[str, bool]]:
    """The keys of the file: id, and whether it is whole."""
    return [(key.id, key.secret is not None) for key in parsed((data / "keys").read_bytes(), "keys")]


def test_a_change_that_was_killed_goes_on_and_the_old_key_is_laid_to_rest(run, data):
    ((old, _),) = ids(data)
    status, said = run("keys", "add")
    assert (status, "尚未启用" in said) == (0, True), said
    (new, _), _ = ids(data)
    status, said = run("keys", "retire")
    assert (status, "没有可停用" in said) == (1, True), said
    going = subprocess.Popen(
        [sys.executable, "-c", KILLED], stdout=subprocess.PIPE, env={**os.environ, "HALFSKY_DATA": str(data)}
    )
    told = b""
    while told.count(b"\r") < 4:
        part = os.read(going.stdout.fileno(), 200)
        assert part, told
        told += part
    going.send_signal(signal.SIGKILL)
    going.wait(30)
    going.stdout.close()
    done, total = told.rpartition(b"\r")[2].split(b"/")
    assert int(done) < int(total)
    status, said = run("keys", "retire")
    assert (status, "仍需要它：history.content_sealed" in said, "未停用" in said) == (1, True, True), said
    status, said = run("keys", "rotate", "--here")
    assert (status, f"密钥 {new}：全部内容已重新加密" in said) == (0, True), said
    status, said = run("keys", "retire")
    assert (status, "已停用" in said) == (0, True), said
    assert ids(data) == [(new, True), (old, False)]
    assert KEY not in (data / "keys").read_bytes()
    status, said = run("keys", "list")
    assert f"{new}  当前" in said
    assert f"{old}  已停用（只用于检索）" in said
    status, said = run("audit", "verify")
    assert status == 0, said


def test_keys_from_the_environment_are_used_and_never_written_anywhere(run, data):
    (data / "keys").unlink()
    given = {"HALFSKY_KEYS": KEY.decode()}
    assert run("audit", "verify", **given)[0] == 0
    assert not (data / "keys").exists()
    status, said = run("keys", "rotate", **given)
    assert (status, "HALFSKY_KEYS" in said) == (1, True), said
    status, made = run("keys", "new", **given)
    both = {"HALFSKY_KEYS": f"{made.strip()},{KEY.decode()}"}
    status, said = run("keys", "rotate", "--here", **both)
    assert (status, "全部内容已重新加密" in said) == (0, True), said
    status, said = run("keys", "retire", **both)
    assert (status, "请在 HALFSKY_KEYS 中把它换成：lookup:" in said) == (0, True), said
    rested = said.rpartition("换成：")[2].strip()
    assert run("audit", "verify", HALFSKY_KEYS=f"{made.strip()},{rested}")[0] == 0
    assert not (data / "keys").exists()


@pytest.mark.parametrize("how", ["none", "another", "another at first", "broken"])
def test_without_its_keys_a_house_says_so_and_makes_no_new_ones(run, data, how):
    if how != "another at first":
        assert run("init")[0] == 0
    if how == "none":
        (data / "keys").unlink()
    else:
        (data / "keys").write_bytes(b"no key\n" if how == "broken" else Fernet.generate_key() + b"\n")
    status, said = run("audit", "verify")
    assert (status, "密钥" in said or how == "another at first") == (1, True), said
    assert (data / "keys").exists() is (how != "none")
    status, said = run("init")
    assert (status, "密钥" in said) == (1, True), said


def test_the_job_is_asked_for_once_and_by_the_name_of_its_keeper(run, data):
    status, said = run("keys", "rotate")
    assert (status, "后台作业 1 将重新加密" in said) == (0, True), said
    assert "后台作业 1 将" in run("keys", "rotate")[1]
    status, said = run("keys", "rotate", "--as", "v1chair")
    assert (status, "权限" in said) == (1, True), said
    assert len(ids(data)) == 2
    assert inventory.unlisted(schema.metadata()) == []


def test_a_backup_from_after_a_change_is_not_restored_with_the_old_key_whatever_its_manifest_says(run, data, tmp_path):
    assert run("keys", "rotate", "--here")[0] == 0
    assert run("backup", tmp_path / "copy")[0] == 0
    old, new = tmp_path / "old", ids(data)[0][0]
    old.write_bytes(KEY + b"\n")
    with tarfile.open(tmp_path / "copy") as archive:
        archive.extractall(tmp_path / "parts", filter="data")
    told = tmp_path / "parts" / "manifest.json"
    told.write_text(json.dumps({**json.loads(told.read_text()), "keys": [parsed(KEY, "x")[0].id]}))
    with tarfile.open(tmp_path / "lies", "w") as archive:
        for name in ("manifest.json", "halfsky.db"):
            archive.add(tmp_path / "parts" / name, name)
    there = {"HALFSKY_DATA": str(tmp_path / "there")}
    for copy in ("copy", "lies"):
        status, said = run("restore", tmp_path / copy, "--keys", old, **there)
        assert (status, "密钥文件与备份不符：缺 1 把" in said) == (1, True), said
        assert not list((tmp_path / "there").iterdir())
    assert run("restore", tmp_path / "copy", "--keys", data / "keys", **there)[0] == 0
    assert run("audit", "verify", **there)[0] == 0
    assert new in run("keys", "list", **there)[1]
    assert (tmp_path / "there" / "keys").stat().st_mode & 0o077 == 0
