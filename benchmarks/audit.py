"""Verifying a whole log: seconds, entries a second, processor time and memory, over a house with real hashes and seals.

Run: `python -m benchmarks.audit [--entries 1000000] [--databases sqlite postgresql] [--processes 1 2]`.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import shutil
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, text

from engine import audit, told_rows
from engine.access import Actor, Post
from engine.anchoring import make_anchor
from engine.chains import chain, count_mac, head_mac
from engine.clock import SHANGHAI
from engine.events import Event, Kind
from engine.fields import Vault, digest
from engine.flow.definition import parse
from engine.model import case_file, definition, history, instance, number_series, read_log, task
from engine.model_disclosure import consent
from engine.model_filed import form_version
from engine.queries.audit_search import Asked, search
from tests.engine.toy import TOY
from tests.postgres import Server, new_run
from webui.settings import Settings
from webui.verifying import Wanted, verify_all
from workflows import schema

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from engine.runtime import Runtime

BEGAN = datetime(2026, 1, 5, 9, tzinfo=SHANGHAI)
#: entries, forms and consents of one case; one opening of it is in the read log for each entry
EACH, FORMS, CONSENTS = 20, 3, 3
_CASES_AT_ONCE = 250
_CLERK = Actor(7, "江晚晴")
_TABLES = (case_file, instance, task, form_version, consent, history, read_log)


def main(arguments: Sequence[str] | None = None) -> int:
    """Build and measure each database; the last line is JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"])
    parser.add_argument("--processes", nargs="+", type=int, default=[1, 2])
    chosen = parser.parse_args(arguments)
    figures = {}
    with tempfile.TemporaryDirectory(prefix="halfsky-audit-") as folder:
        for name in chosen.databases:
            figures[name] = measure(name, Path(folder), chosen)
    print(json.dumps(figures))
    return 0


def measure(name: str, folder: Path, chosen: argparse.Namespace) -> dict[str, Any]:
    """Build, anchor, verify."""
    server = Server(new_run())
    url = server.ensure_started() if name == "postgresql" else f"sqlite:///{folder / 'audit.db'}"
    place = Settings(folder, url, "127.0.0.1", 0, False)
    try:
        schema.upgrade(url)
        Vault.from_file(place.key_file)
        began = time.process_time()
        build(place, chosen.entries // EACH)
        print(f"{name}: built in {time.process_time() - began:.0f} s of processor time", flush=True)
        runtime = place.runtime()
        began = time.perf_counter()
        make_anchor(runtime)
        found: dict[str, Any] = {"anchor_seconds": round(time.perf_counter() - began, 1)}
        found["page_ms"] = looked_up(runtime, chosen.entries)
        print(f"{name}, page: {found['page_ms']}", flush=True)
        runtime.database.dispose()
        for processes in chosen.processes:
            figure = apart(place, processes)
            print(f"{name}, {processes} process(es): {figure}", flush=True)
            found[f"processes_{processes}"] = figure
        return found
    finally:
        server.stop()
        shutil.rmtree(server.folder, ignore_errors=True)


def looked_up(runtime: Runtime, entries: int) -> dict[str, float]:
    """Milliseconds of one page of the log auditor's search, by what is asked for: the median of seven."""
    auditor = Actor(1, "顾知微", (Post("LOG_AUDITOR", 1, ".1."),))
    day = BEGAN + timedelta(minutes=entries // EACH // 2)
    asked = {
        "all": Asked(),
        "person": Asked(actors=(7,)),
        "nobody": Asked(actors=(99,)),
        "case": Asked(case_id=entries // EACH // 2),
        "act": Asked(act="case.ended"),
        "person_act": Asked(actors=(7,), act="case.ended"),
        "time": Asked(since=day, until=day + timedelta(days=1)),
        "reads": Asked(log="reads", actors=(7,)),
    }
    found = {}
    for name, each in asked.items():
        taken = []
        for _ in range(7):
            with runtime.reading() as connection:
                began = time.perf_counter()
                search(connection, runtime.rules, auditor, each)
                taken.append(time.perf_counter() - began)
        found[name] = round(sorted(taken)[3] * 1000, 1)
    return found


def apart(place: Settings, processes: int) -> dict[str, Any]:
    """Verify in a process of its own, so that its memory is that of verifying."""
    context = multiprocessing.get_context("spawn")
    answers = context.SimpleQueue()
    worker = context.Process(target=_verify, args=(place, processes, answers))
    worker.start()
    answer: dict[str, Any] = answers.get()
    worker.join(60)
    return answer


def _verify(place: Settings, processes: int, answers: Any) -> None:
    runtime = place.runtime()
    began = time.perf_counter()
    found = verify_all(place, runtime, Wanted(processes=processes))
    seconds = time.perf_counter() - began
    own, below = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    answers.put(
        {
            "entries": found.entries,
            "genuine": found.genuine,
            "faults": [str(fault.why) for fault in found.faults[:3]],
            "seconds": round(seconds, 1),
            "entries_per_second": round(found.entries / seconds),
            "cpu_seconds": round(sum(used.ru_utime + used.ru_stime for used in (own, below)), 1),
            "peak_mb": round(max(own.ru_maxrss, below.ru_maxrss) / 1024),
        }
    )


def build(place: Settings, cases: int) -> None:
    """So many finished cases, each with its entries, forms and readings, chained, sealed and vouched for as by the house."""
    runtime = place.runtime()
    vault = runtime.vault
    drawing = {"key": "toy", "version": 1, "digest": "x", "bpmn": TOY, "created_at": BEGAN}
    with runtime.database.engine.begin() as connection:
        connection.execute(insert(definition), drawing)
        counters = [(audit.ALL_CASES, cases), ("B-2026-WJ", cases)]
        rows = [{"series": s, "last": n, "mac": count_mac(vault, s, n)} for s, n in counters]
        connection.execute(insert(number_series), rows)
    drawn = parse("toy", TOY).digest
    for first in range(1, cases + 1, _CASES_AT_ONCE):
        with runtime.database.engine.begin() as connection:
            made = [_case(vault, n, drawn) for n in range(first, min(first + _CASES_AT_ONCE, cases + 1))]
            for place_of, table in enumerate(_TABLES):
                connection.execute(insert(table), [row for case in made for row in case[place_of]])
    if not runtime.database.is_sqlite:
        with runtime.database.engine.begin() as connection:
            for table in _TABLES:
                connection.execute(
                    text(f"SELECT setval(pg_get_serial_sequence('{table.name}','id'), max(id)) FROM {table.name}")
                )
    with runtime.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    runtime.database.dispose()


def _case(vault: Vault, number: int, drawn: str) -> tuple[list[dict[str, Any]], ...]:
    at = BEGAN + timedelta(minutes=number)
    business = audit.case_number("B-2026-WJ", number)
    answers = [{"text": f"说明 {number} {n}" + "字" * 200} for n in range(FORMS)]
    consents = [_consent(vault, number, n, at) for n in range(CONSENTS)]
    events = list(_events(vault, number, business, drawn, answers, consents))
    rows = chain(events, actor=_CLERK, post="WRITER", at=at, vault=vault, last_seq=0, last_hash="")
    for seq, row in enumerate(rows):
        row["id"] = (number - 1) * EACH + seq + 1
    end = rows[-1]
    case = {
        "id": number, "number": business, "kind": "toy", "confidentiality": "C2", "unit_id": 1, "path": ".1.",
        "created_at": at, "created_by": 7, "state": "closed", "outcome": "done", "version": EACH, "last_seq": EACH,
        "last_hash": end["hash"], "last_mac": head_mac(vault, number, EACH, end["hash"]),
    }  # fmt: skip
    running = {"id": number, "case_id": number, "definition_id": 1, "state": b"", "started_at": at}
    work = {
        "id": number, "case_id": number, "instance_id": number, "token": 1, "element": "T_Write", "name": "填写",
        "kind": "toy", "form": "write", "post": "WRITER", "unit_id": 1, "created_at": at, "rank_at": at, "state": "done",
    }  # fmt: skip
    forms = [
        {
            "id": _form(number, n), "case_id": number, "form": f"write{n}", "number": 1, "task_id": number, "by_id": 7,
            "at": at, "answers_sealed": vault.seal_json(answer), "digest": digest(answer),
        }
        for n, answer in enumerate(answers)
    ]  # fmt: skip
    reads = [
        {"id": (number - 1) * EACH + n + 1, "at": at, "actor_id": n, "case_id": number, "what": "case"}
        for n in range(EACH)
    ]
    return [case], [running], [work], forms, consents, rows, reads


def _form(number: int, n: int) -> int:
    return (number - 1) * FORMS + n + 1


def _consent(vault: Vault, number: int, n: int, at: datetime) -> dict[str, Any]:
    return {
        "id": (number - 1) * CONSENTS + n + 1, "case_id": number, "recipient": f"unit:{n + 2}", "purpose": "LOAN",
        "kinds": ["FINANCE", "IDENTITY"], "given_on": at.date(), "expires_on": at.date() + timedelta(days=365),
        "given_by": "SELF", "told_sealed": vault.seal("申请表上勾选".encode()), "at": at, "by_id": 7,
    }  # fmt: skip


def _events(
    vault: Vault,
    number: int,
    business: str,
    drawn: str,
    answers: list[dict[str, str]],
    consents: list[dict[str, Any]],
) -> Iterator[Event]:
    began = {"kind": "toy", "number": business, "class": "C2", "unit": 1, "digest": drawn}
    yield Event(Kind.CASE_STARTED, number, content=began)
    for row in consents:
        rows = {"consent": {str(row["id"]): told_rows.row_digest(vault, consent, row)}}
        yield Event(Kind.CONSENT_GIVEN, number, content={"consent": row["id"], told_rows.KEY: rows})
    for n, answer in enumerate(answers):
        filed = [{"id": _form(number, n), "digest": digest(answer)}]
        told = {"forms": filed, "form": f"write{n}", "number": 1, "note": "字" * 100}
        yield Event(Kind.TASK_COMPLETED, number, number, "T_Write", told)
    for n in range(EACH - FORMS - CONSENTS - 2):
        told = {"period": "toy.read", "due": f"2026-03-{n + 1:02d}T09:00:00+08:00", "words": "在规定的时限内办理" * 8}
        yield Event(Kind.PERIOD_WARNED, number, number, "T_Read", told)
    yield Event(Kind.CASE_ENDED, number, content={"outcome": "done"})


if __name__ == "__main__":
    raise SystemExit(main())
