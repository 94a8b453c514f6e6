"""A change of keys in a large house: how long, how much memory, for how long the others wait.

    .venv/bin/python -m benchmarks.rekeying --cases 2000

Fills a database of its own (SQLite, or `--url` of an empty one) with cases as a loan leaves them: twelve entries of history,
three forms, three papers, two guarantors, forty pairs of characters that it is found by. Prints how long each part took.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import resource
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import func, insert, select

from engine import blobs, chains, search_index
from engine.access import SYSTEM
from engine.commands.keys import announce_key
from engine.database import Database
from engine.fields import Vault, digest
from engine.keyring import KeyFile, new_key
from engine.model import case_file, definition, history, instance, task
from engine.model_filed import document, form_version
from engine.runtime import Runtime
from engine.unit_of_work import unit_of_work
from workflows import accounts, catalogue, demo, organisation, rekeying, schema
from workflows.federation_rules import FederationRules
from workflows.processes.loan.register import guarantee, loan_register

_NOW: Final = datetime(2026, 6, 15, 1, tzinfo=UTC)
_ENTRIES, _FORMS, _PAPERS, _CASES_AT_ONCE = 12, 3, 3, 200
_STORY: Final = {"opinion": "同意", "text": "购买鸡苗一千只和饲料，搭建鸡舍两间，年内出栏两批" * 12}


def main() -> None:
    """Fill, change, prove; one line each, and a JSON object at the end."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--url", help="an empty database; SQLite in a temporary folder otherwise")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        _run(chosen.cases, chosen.url or f"sqlite:///{folder}/halfsky.db", Path(folder) / "keys")


def _run(cases: int, url: str, keys: Path) -> None:
    file = KeyFile(keys)
    file.create()
    schema.upgrade(url)
    vault = Vault(source=file)
    runtime = Runtime(Database(url), vault, FederationRules(vault), catalogue.load())
    demo.create_demo(runtime)
    told: dict[str, Any] = {"cases": cases, "fill_seconds": _timed(lambda: _fill(runtime, cases))}
    before, old = _memory(), vault.current
    made = new_key()
    file.save([made, *vault.keys])
    vault.reload()
    with runtime.reading() as connection:
        admin = organisation.actor_of(connection, accounts.account_id(connection, "sysadmin"), date(2026, 6, 15))
    runtime.execute(announce_key, actor=admin, key="rotate", key_id=made.id)
    waits = _Waits(runtime)
    told["change_over_seconds"] = _timed(lambda: rekeying.change_over(runtime))
    told["longest_wait_at_change_over"] = waits.longest()
    with runtime.reading() as connection:
        told["values"] = rekeying.remaining(connection, vault)
    told["rekey_seconds"] = _timed(lambda: rekeying.rekey(runtime, _Running()))
    told["longest_wait_meanwhile"] = waits.longest()
    waits.end()
    told["proof_seconds"] = _timed(lambda: _prove(runtime, old))
    told["memory_mb"] = round((_memory() - before) / 1024, 1)
    if url.startswith("sqlite"):
        told["database_mb"] = round(Path(url.removeprefix("sqlite:///")).stat().st_size / 2**20, 1)
    runtime.database.dispose()
    for name, value in told.items():
        print(f"{name:30}{value}")
    print(json.dumps(told))


class _Running:
    """Nobody who looks."""

    id, ids = 0, {}

    def progress(self, done: int, total: int | None = None) -> None:
        """Nothing."""


class _Waits:
    """Somebody who writes every ten milliseconds, and how long she waited."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime, self._ended, self._longest = runtime, threading.Event(), 0.0
        self._thread = threading.Thread(target=self._write)
        self._thread.start()

    def _write(self) -> None:
        while not self._ended.wait(0.01):
            began = time.perf_counter()
            with unit_of_work(self._runtime, SYSTEM) as work:
                work.remember(f"w{began}", "x", {})
            self._longest = max(self._longest, time.perf_counter() - began)

    def longest(self) -> float:
        """The longest since it was asked last."""
        found, self._longest = self._longest, 0.0
        return round(found, 3)

    def end(self) -> None:
        """Stop."""
        self._ended.set()
        self._thread.join()


def _prove(runtime: Runtime, old: str) -> None:
    need = rekeying.need_of(runtime, old)
    if need.rows or need.damaged:
        raise SystemExit(f"{need.rows} {need.damaged[:5]}")


def _timed(act: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the clock, and of the processor (of the one who writes meanwhile too)."""
    began, worked = time.perf_counter(), time.process_time()
    act()
    return round(time.perf_counter() - began, 2), round(time.process_time() - worked, 2)


def _memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _fill(runtime: Runtime, cases: int) -> None:
    with runtime.reading() as connection:
        drawing = connection.execute(select(func.min(definition.c.id))).scalar_one()
    for first in range(1, cases + 1, _CASES_AT_ONCE):
        with unit_of_work(runtime, SYSTEM) as work:
            for number in range(first, min(first + _CASES_AT_ONCE, cases + 1)):
                _case(work.connection, runtime.vault, number, drawing)


def _case(connection: Any, vault: Vault, number: int, drawing: int) -> None:
    ends = _history(vault, number)
    known = vault.lookup("idcard", str(number))
    last = ends[-1]["hash"]
    head = {"last_seq": _ENTRIES, "last_hash": last, "last_mac": chains.head_mac(vault, number, _ENTRIES, last)}
    row = {"id": number, "number": f"V1-2026-L-{number:06d}", "kind": "loan", "confidentiality": "C2", "unit_id": 1}
    plain = {"path": ".1.", "created_at": _NOW, "created_by": 1, "subject_hash": known, "state": "closed", "version": 9}
    connection.execute(insert(case_file), {**row, **plain, **head})
    steps = {"id": number, "case_id": number, "definition_id": drawing, "state": b"", "started_at": _NOW}
    connection.execute(insert(instance), steps)
    work = {"id": number, "case_id": number, "instance_id": number, "token": 1, "element": "T", "name": "x"}
    work |= {"kind": "loan", "form": "x", "post": "x", "unit_id": 1, "created_at": _NOW, "rank_at": _NOW}
    connection.execute(insert(task), {**work, "state": "done"})
    connection.execute(insert(history), ends)
    filed = {"case_id": number, "task_id": number, "by_id": 1, "at": _NOW, "digest": digest(_STORY)}
    forms = [{**filed, "form": f"f{n}", "number": 1, "answers_sealed": vault.seal_json(_STORY)} for n in range(_FORMS)]
    connection.execute(insert(form_version), forms)
    for paper in range(_PAPERS):
        blob_id, sha256, size = blobs.store(connection, vault, f"{number} {paper}".encode() * 400)
        kept = {
            "case_id": number,
            "form": "x",
            "field": "x",
            "blob_id": blob_id,
            "media_type": "image/png",
            "size": size,
        }
        name = {"name_sealed": vault.seal(b"paper.png"), "sha256": sha256, "by_id": 1, "at": _NOW}
        connection.execute(insert(document), {**kept, **name})
    line = {"case_id": number, "subject_hash": known, "county_id": 1, "unit_id": 1, "applied_on": _NOW.date()}
    line |= {"submitted_at": _NOW, "policy_id": 1, "state": "disbursed", "requested_cents": 5_000_000}
    connection.execute(insert(loan_register), line)
    one = {"case_id": number, "kind": "x"}
    sureties = [{**one, "slot": n, "guarantor_hash": vault.lookup("idcard", f"{number} {n}")} for n in (1, 2)]
    connection.execute(insert(guarantee), sureties)
    words = hashlib.sha256(str(number).encode()).hexdigest()[:38]
    search_index.store(connection, vault, number, {"name": f"王{number}", "words": words})


def _history(vault: Vault, number: int) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    previous = ""
    for seq in range(1, _ENTRIES + 1):
        content = {**_STORY, "salt": seq}
        row: dict[str, Any] = {
            "case_id": number,
            "seq": seq,
            "kind": "task.completed",
            "at": _NOW,
            "actor_id": 1,
            "post": "x",
        }
        row |= {"task_id": number, "element": "T", "content_digest": digest(content), "previous": previous}
        row |= {"content_sealed": vault.seal_json(content)}
        row["hash"] = previous = chains.entry_hash(row)
        row["mac"] = vault.vouch("entry", previous)
        rows.append(row)
    return rows


if __name__ == "__main__":
    main()
