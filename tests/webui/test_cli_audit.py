"""`halfsky audit` from end to end: an anchor written off the box, a proof checked without the house, a log altered in storage (O06)."""

from __future__ import annotations

import os
import shutil
import sqlite3

import pytest

from tests.webui.test_cli import run
from webui import settings
from webui.verifying import Wanted, verify_all

__all__ = ["run"]


def test_an_anchor_goes_out_a_proof_is_checked_alone_and_an_older_copy_is_found(run, tmp_path):
    run("init", "--demo")
    database, anchor, proof = tmp_path / "data" / "halfsky.db", tmp_path / "anchor.txt", tmp_path / "proof.json"
    status, said = run("audit", "verify")
    assert (status, "还没有审计锚" in said) == (0, True)
    shutil.copy(database, tmp_path / "older.db")
    assert run("audit", "anchor", "--export", str(anchor))[0] == 0
    root = next(line for line in anchor.read_text().splitlines() if line.startswith("root: "))[6:]
    assert run("audit", "prove", "#1", "2", "--to", str(proof))[0] == 0
    status, said = run("audit", "verify", "--anchor", str(anchor), "--fast")
    assert (status, "其后的 0 条记录尚未入锚" in said) == (0, True)
    (tmp_path / "data").rename(tmp_path / "away")
    for held in (("--root", root), ("--anchor", str(anchor))):
        assert run("audit", "check-proof", str(proof), *held)[0] == 0
    assert run("audit", "check-proof", str(proof), "--root", "0" * 64)[0] == 1
    assert run("audit", "check-proof", str(tmp_path / "none"), "--root", root)[0] == 1
    (tmp_path / "away").rename(tmp_path / "data")
    shutil.copy(tmp_path / "older.db", database)
    for rest in ("-wal", "-shm"):
        (tmp_path / "data" / f"halfsky.db{rest}").unlink(missing_ok=True)
    assert run("audit", "verify")[0] == 0
    status, said = run("audit", "verify", "--anchor", str(anchor))
    assert (status, "比所持的第 1 号审计锚旧" in said) == (1, True)
    for expected, words in ((0, "补记了 0 件"), (1, "补记只能做一次")):
        status, said = run("audit", "adopt")
        assert (status, words in said) == (expected, True)
    assert run("audit", "verify")[0] == 0


@pytest.mark.skipif(os.environ.get("HALFSKY_LONG") != "1", reason="starts processes; HALFSKY_LONG=1")
def test_several_processes_find_what_one_finds(run, tmp_path):
    run("init", "--demo")
    run("audit", "anchor")
    with sqlite3.connect(tmp_path / "data" / "halfsky.db") as connection:
        connection.execute("UPDATE history SET actor_id = 4711 WHERE seq = 2 AND case_id IN (1, 5)")
    connection.close()
    place = settings.from_environment()
    runtime = place.runtime()
    alone, shared = (verify_all(place, runtime, Wanted(processes=number)) for number in (1, 3))
    runtime.database.dispose()
    assert alone == shared
    assert len(alone.faults) == 2
