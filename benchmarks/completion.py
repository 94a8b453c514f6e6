"""What one completion costs inside: processor time and SQL statements, step by step, without a network or a second process.

    python -m benchmarks.completion [--layer command web] [--loans 30] [--database sqlite] [--profile] [--statements]

The same loans and forms as `benchmarks.http`. `command` runs `Runtime.execute(complete_task)`; `web` calls the WSGI application
with the bytes a browser sends, session and protection number included. Processor time (of this process, its threads included)
moves far less than wall-clock time on a shared machine; compare two versions by runs that alternate. Every step's figure is
its median over the loans. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import pstats
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from io import BytesIO
from pathlib import Path
from typing import Any, cast

from sqlalchemy import event

from benchmarks import client, house, loans
from benchmarks.client import Person, Reply
from benchmarks.house import House
from benchmarks.timing import middle, ms
from engine.access import Actor
from engine.clock import civil_date
from engine.commands.papers import add_paper
from engine.commands.signing import Reauthentication
from engine.commands.tasks import complete_task
from engine.runtime import Runtime
from webui import forms
from webui.app import create_app
from webui.serving import settle_memory
from workflows.form import SchemaForm

#: loans driven before anything is counted: statements are compiled, caches filled
_WARM = 3
Act = Callable[[dict[str, Any], tuple[int, int]], None]


class InProcess:
    """The application as `client.Connection` sees a server: bytes in, status, head and body out."""

    def __init__(self, runtime: Runtime) -> None:
        self._app = create_app(runtime)

    def ask(
        self, method: str, path: str, person: Person, *, body: bytes = b"", kind: str = "", more: str = ""
    ) -> Reply:
        """One request; cookies are kept as a browser keeps them."""
        environ = {
            "REQUEST_METHOD": method, "SCRIPT_NAME": "", "PATH_INFO": path, "QUERY_STRING": more, "CONTENT_TYPE": kind,
            "CONTENT_LENGTH": str(len(body)), "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "80", "REMOTE_ADDR": "127.0.0.1",
            "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "127.0.0.1", "HTTP_COOKIE": person.header(),
            "wsgi.version": (1, 0), "wsgi.url_scheme": "http", "wsgi.input": BytesIO(body), "wsgi.errors": sys.stderr,
            "wsgi.multithread": True, "wsgi.multiprocess": False, "wsgi.run_once": False,
        }  # fmt: skip
        told: list[Any] = []
        answer = self._app.wsgi_app(environ, lambda status, head, _=None: told.extend((status, head)))
        content = b"".join(answer)
        for name, value in told[1]:
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                person.cookies[key] = rest.partition(";")[0]
        return Reply(int(told[0][:3]), b"", content)


def by_command(runtime: Runtime) -> Act:
    """Each step as a command; a scan is added by a command of its own, as the page does."""
    actors: dict[str, Actor] = {}

    def act(step: dict[str, Any], task: tuple[int, int]) -> None:
        actor = actors.setdefault(step["login"], house.actor(runtime, step["login"]))
        form = cast("SchemaForm", runtime.catalogue["loan"].forms[step["form"]])
        typed = {name: value for name, value in step["fields"].items() if not name.startswith("_")}
        if "paper" in step:
            content = bytes.fromhex(step["content"])
            told = {"task_id": task[0], "field": step["paper"], "name": "scan.png", "content": content}
            runtime.execute(add_paper, actor=actor, key=house.new_key(), **told)
        proof = Reauthentication(actor.id, runtime.clock.now()) if form.signed else None
        answers = forms.nest(form, typed)
        asked = {"task_id": task[0], "answers": answers, "seen_version": task[1], "signature": proof}
        runtime.execute(complete_task, actor=actor, key=house.new_key(), **asked)

    return act


def by_web(runtime: Runtime) -> Act:
    """Each step as a form POST."""
    link: Any = InProcess(runtime)
    people = {login: client.at_the_door(link, login, token) for login, token in house.open_sessions(runtime).items()}
    house.store_hash(runtime, light=True)

    def act(step: dict[str, Any], task: tuple[int, int]) -> None:
        _, reply = client.complete(link, people[step["login"]], task, step)
        if reply.status != 303:
            raise SystemExit(f"{step['element']}: status {reply.status}")

    return act


_LAYERS = {"command": by_command, "web": by_web}


class Counted:
    """How many statements were sent, and which."""

    def __init__(self, runtime: Runtime) -> None:
        self.sent = 0
        self.texts: Counter[str] = Counter()
        self.telling = False
        event.listen(runtime.database.engine, "before_cursor_execute", self._see)

    def _see(self, _connection: Any, _cursor: Any, text: str, *_: Any) -> None:
        self.sent += 1
        if self.telling:
            self.texts[" ".join(text.split())[:150]] += 1


def measure(place: House, layer: str, chosen: argparse.Namespace) -> dict[str, Any]:
    """Drive the loans through one layer; medians by step."""
    runtime = place.create()
    villages = house.add_people(runtime, 1)
    today = civil_date(runtime.clock.now())
    typist = house.actor(runtime, loans.login_of("village", 0))
    ready = []
    for number in range(1, chosen.loans + _WARM + 1):
        case = loans.prepare(runtime, typist, house.new_key)
        ready.append({"case": case, "steps": loans.steps(number, 0, villages[0], today, house.PASSWORD)})
    act, find = _LAYERS[layer](runtime), client.lookup(place.url)
    counted = Counted(runtime)
    spent: dict[str, list[float]] = {}
    sent: dict[str, list[float]] = {}
    for loan in ready[:_WARM]:
        _drive(loan, find, act)
    settle_memory()
    profile = cProfile.Profile() if chosen.profile else None
    counted.telling = chosen.statements
    for loan in ready[_WARM:]:
        for element, seconds, statements in _drive(loan, find, act, counted, profile):
            spent.setdefault(element, []).append(seconds)
            sent.setdefault(element, []).append(statements)
    runtime.database.dispose()
    if profile is not None:
        pstats.Stats(profile).sort_stats("tottime").print_stats(55)
        pstats.Stats(profile).sort_stats("cumtime").print_stats(110)
    for text, times in counted.texts.most_common():
        print(f"{times / chosen.loans:6.1f}  {text}")
    steps = {e: [ms(middle(v)), middle(sent[e])] for e, v in spent.items()}
    count = len(steps)
    return {
        "cpu_ms": round(sum(s[0] for s in steps.values()) / count, 3),
        "least_ms": ms(sum(min(v) for v in spent.values()) / count),
        "statements": round(sum(s[1] for s in steps.values()) / count, 1),
        "steps": steps,
    }


def _drive(
    loan: dict[str, Any], find: client.Lookup, act: Act, counted: Counted | None = None, profile: Any = None
) -> list[tuple[str, float, int]]:
    seen = []
    for step in loan["steps"]:
        task = find(loan["case"], step["element"])
        if task is None:
            raise SystemExit(f"{step['element']} of case {loan['case']} is not open")
        before, sent = time.process_time(), counted.sent if counted else 0
        with _profiled(profile) if profile else nullcontext():
            act(step, task)
        seen.append((step["element"], time.process_time() - before, counted.sent - sent if counted else 0))
    return seen


@contextmanager
def _profiled(profile: cProfile.Profile) -> Iterator[None]:
    profile.enable()
    try:
        yield
    finally:
        profile.disable()


def main() -> None:
    """Measure and tell."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--layer", nargs="+", default=list(_LAYERS), choices=tuple(_LAYERS))
    asked.add_argument("--loans", type=int, default=30)
    asked.add_argument("--database", default="sqlite", choices=("sqlite", "postgresql"))
    asked.add_argument("--profile", action="store_true", help="where the time goes; the figures are then too high")
    asked.add_argument("--statements", action="store_true", help="the statements of a loan, the most frequent first")
    chosen = asked.parse_args()
    figures = {}
    for layer in chosen.layer:
        with ExitStack() as stack:
            folder = Path(tempfile.mkdtemp(prefix="halfsky-benchmark-"))
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            sqlite = f"sqlite:///{folder}/h.db"
            url = sqlite if chosen.database == "sqlite" else stack.enter_context(house.postgres_server())
            found = figures[layer] = measure(House(folder, url), layer, chosen)
        print(f"{layer}: {found['cpu_ms']} ms of processor time a completion (least {found['least_ms']}), "
              f"{found['statements']} statements")  # fmt: skip
        print("  " + ", ".join(f"{e} {cpu} ms {n:g}" for e, (cpu, n) in found["steps"].items()), flush=True)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
