"""A house is copied while people work in it, and stands again on an empty machine; nothing that is there is ever overwritten."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import tarfile
import threading
from typing import TYPE_CHECKING

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import func, select
from sqlalchemy.engine import make_url

from engine.access import SYSTEM
from engine.jobs import enqueue
from engine.model import case_file
from engine.unit_of_work import unit_of_work
from tests.engine.jobs.acting import kind
from tests.postgres import INSTALLED
from tests.webui.visitors import Visitor, open_site
from tests.workflows.processes.loan import examples
from tests.workflows.processes.loan.house import KEY, LoanHouse, prepare
from webui import cli, forms

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def run(monkeypatch, capsys):
    """`run(folder, "backup", file)` → (exit status, what was said), with `folder` as the data folder."""

    def command(folder: Path, *arguments: str, url: str = "") -> tuple[int, str]:
        monkeypatch.setenv("HALFSKY_DATA", str(folder))
        monkeypatch.setenv("HALFSKY_DATABASE_URL", url)
        status = cli.main([str(each) for each in arguments])
        said = capsys.readouterr()
        return status, said.out + said.err

    return command


@pytest.fixture
def data(sqlite_databases, tmp_path):
    """The data folder of a running house: the demo county, a case that waits in the village, keys."""
    folder = tmp_path / "data"
    folder.mkdir()
    prepared = make_url(sqlite_databases.create(prepare)).database
    shutil.copy(prepared or "", folder / "halfsky.db")
    (folder / "keys").write_bytes(KEY + b"\n")
    (folder / "keys").chmod(0o600)
    (folder / "demo").touch()
    house = LoanHouse(f"sqlite:///{folder / 'halfsky.db'}")
    house.applied()
    house.close()
    return folder


def test_a_copy_made_while_people_write_stands_again_on_an_empty_machine(run, data, tmp_path):
    house, ended = LoanHouse(f"sqlite:///{data / 'halfsky.db'}"), threading.Event()
    house.keys = 100  # the keys before were used when the case was made
    written = []

    def write():
        while not ended.is_set():
            written.append(house.begin(papers=()))

    writer = threading.Thread(target=write)
    writer.start()
    while len(written) < 3:
        assert writer.is_alive()
        ended.wait(0.01)
    file = tmp_path / "copy.halfsky"
    status, said = run(data, "backup", file)
    ended.set()
    writer.join()
    house.close()
    assert status == 0, said
    for told in ("已备份到", "密钥不在备份中", str(data / "keys")):
        assert told in said
    assert file.stat().st_mode & 0o077 == 0
    assert KEY not in file.read_bytes()
    there = tmp_path / "elsewhere" / "data"
    status, said = run(there, "restore", file, "--keys", data / "keys")
    assert (status, "已恢复" in said) == (0, True), said
    assert run(there, "audit", "verify")[0] == 0
    status, said = run(there, "doctor")
    assert status == 0, said
    assert 4 <= worked_on(there) <= len(written) + 1
    assert (there / "demo").exists()


def worked_on(data):
    """How many cases an installation holds, after the village chair has signed in there and completed a task."""
    again = LoanHouse(f"sqlite:///{data / 'halfsky.db'}")
    with again.runtime.reading() as connection:
        cases = connection.execute(select(func.count()).select_from(case_file)).scalar()
    chair = Visitor(open_site(again)).sign_in("v1chair")
    answers = {**forms.flatten(examples.village_review()), "_password": cli.demo.PASSWORD}
    assert chair.submit(again.open_task(1).id, **answers).status == 303
    assert again.at(1) == ["T_TownReview"]
    again.close()
    return cases


def test_nobody_is_signed_in_on_the_new_machine_and_jobs_wait_as_they_did(run, data, tmp_path):
    house = LoanHouse(f"sqlite:///{data / 'halfsky.db'}")
    Visitor(open_site(house)).sign_in("v1chair")
    with kind("copy", print), unit_of_work(house.runtime, SYSTEM) as work:
        enqueue(work, "copy", batch=1)
    house.close()
    run(data, "backup", tmp_path / "copy")
    there = tmp_path / "there"
    assert run(there, "restore", tmp_path / "copy", "--keys", data / "keys")[0] == 0
    with sqlite3.connect(there / "halfsky.db") as restored:
        assert restored.execute("SELECT count(*) FROM login_session").fetchone() == (0,)
        assert restored.execute("SELECT kind, state FROM job").fetchall() == [("copy", "waiting")]
    restored.close()


def test_nothing_is_ever_overwritten(run, data, tmp_path):
    file, there = tmp_path / "copy", tmp_path / "there"
    assert run(data, "backup", file)[0] == 0
    before = file.read_bytes()
    status, said = run(data, "backup", file)
    assert (status, "已存在，不覆盖" in said, file.read_bytes() == before) == (1, True, True)
    status, said = run(data, "restore", file)
    assert (status, "这里已有数据库" in said) == (1, True)
    there.mkdir()
    (there / "keys").write_bytes(Fernet.generate_key() + b"\n")
    other = (there / "keys").read_bytes()
    status, said = run(there, "restore", file, "--keys", data / "keys")
    assert (status, "另一份密钥文件" in said) == (1, True)
    assert (sorted(p.name for p in there.iterdir()), (there / "keys").read_bytes()) == (["keys"], other)


def test_wrong_or_missing_keys_are_refused_before_anything_is_written(run, data, tmp_path):
    file, there, wrong = tmp_path / "copy", tmp_path / "there", tmp_path / "wrong"
    (data / "keys").write_bytes(Fernet.generate_key() + b"\n" + KEY + b"\n")
    run(data, "backup", file)
    status, said = run(there, "restore", file)
    assert (status, "备份中不含密钥" in said) == (1, True)
    for held in (Fernet.generate_key(), KEY):
        wrong.write_bytes(held + b"\n")
        status, said = run(there, "restore", file, "--keys", wrong)
        assert (status, "密钥文件与备份不符：缺" in said) == (1, True)
    assert list(there.iterdir()) == []


@pytest.mark.parametrize("how", ["short", "altered", "other", "newer"])
def test_a_backup_that_is_cut_altered_or_from_elsewhere_is_refused(run, data, tmp_path, how):
    file, there = tmp_path / "copy", tmp_path / "there"
    run(data, "backup", file)
    content = bytearray(file.read_bytes())
    if how == "short":
        file.write_bytes(content[: len(content) // 2])
    elif how == "altered":
        content[len(content) // 2] ^= 1
        file.write_bytes(content)
    elif how == "other":
        file.write_bytes(b"PK\x03\x04 no archive")
    else:
        rewrite(file, tmp_path, revision="29991231_0001")
    status, said = run(there, "restore", file, "--keys", data / "keys")
    told = {
        "short": "不是完整的备份文件",
        "altered": "已损坏",
        "other": "不是完整的备份文件",
        "newer": "更新的软件版本",
    }
    assert (status, told[how] in said) == (1, True), said
    assert not (there / "halfsky.db").exists()
    assert not (there / "keys").exists()


def rewrite(file, scratch, **changes):
    """The same archive with another manifest."""
    with tarfile.open(file) as archive:
        archive.extractall(scratch / "parts", filter="data")
    manifest = scratch / "parts" / "manifest.json"
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), **changes}))
    with tarfile.open(file, "w") as archive:
        for name in ("manifest.json", "halfsky.db"):
            archive.add(scratch / "parts" / name, name)


@pytest.mark.postgresql
def test_on_postgresql_it_says_the_two_lines_and_the_two_lines_work(run, postgresql_databases, data, tmp_path):
    url = postgresql_databases.create(prepare)
    house = LoanHouse(url)
    house.applied()
    status, said = run(data, "backup", tmp_path / "copy", url=url)
    assert (status, "pg_dump --format=custom" in said, "pg_restore" in said) == (1, True, True)
    assert run(data, "restore", tmp_path / "copy", url=url)[0] == 1
    empty = postgresql_databases.create()
    for program, at, *more in (
        ("pg_dump", url, "--format=custom", f"--file={tmp_path / 'halfsky.dump'}"),
        ("pg_restore", empty, "--no-owner", "--exit-on-error", str(tmp_path / "halfsky.dump")),
    ):
        named = make_url(at).set(drivername="postgresql").render_as_string(hide_password=False)
        subprocess.run([INSTALLED / "bin" / program, *more, f"--dbname={named}"], check=True)
    status, said = run(data, "audit", "verify", url=empty)
    assert (status, "核对了 1 件" in said) == (0, True), said
    house.close()
    for each in (url, empty):
        postgresql_databases.drop(each)
