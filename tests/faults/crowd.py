"""People who take loans through all their steps over HTTP while servers die under them, and write down what was acknowledged."""

from __future__ import annotations

import re
import threading
import time
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING, Any

from benchmarks.client import Person, encoded
from benchmarks.house import new_key

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    #: case and element → task and its version; None when it is not open
    Find = Callable[[int, str], tuple[int, int] | None]

#: while a server starts again, the next try comes after so many seconds
_AGAIN = 0.05
#: what a person is told to send again: somebody was faster, the house is not there
_LATER = (409, 503)


@dataclass(frozen=True)
class Done:
    """One acknowledged completion, and the request, so that it can be sent again."""

    case: int
    element: str
    task: int
    login: str
    body: bytes
    kind: str


@dataclass
class Ledger:
    """What all clients saw."""

    done: list[Done] = field(default_factory=list)
    #: requests whose answer never came because the server died
    cut: int = 0
    #: answers nobody should have got
    wrong: list[str] = field(default_factory=list)


class Client(threading.Thread):
    """One after the other, each step of each loan: sent, and sent again under the same key until it is acknowledged."""

    def __init__(
        self,
        ledger: Ledger,
        port: int,
        people: Mapping[str, Person],
        find: Find,
        loans: Sequence[Mapping[str, Any]],
        think: float,
        ended: threading.Event,
    ) -> None:
        super().__init__(daemon=True)
        self._ledger, self._loans, self._think, self._ended = ledger, loans, think, ended
        self._port, self._find = port, find
        self._people = {login: Person(login, dict(one.cookies), one.number) for login, one in people.items()}

    def run(self) -> None:
        """Until every loan is through, or the test has ended."""
        for loan in self._loans:
            for step in loan["steps"]:
                task = self._find(loan["case"], step["element"])
                if task is None:
                    self._ledger.wrong.append(f"{step['element']} of case {loan['case']} is not open")
                    return
                if not self._send(loan["case"], task, step):
                    return
                time.sleep(self._think)

    def _send(self, case: int, task: tuple[int, int], step: Mapping[str, Any]) -> bool:
        person = self._people[step["login"]]
        told = {"_kind": "loan", "_form": step["form"], "_version": str(task[1]), "_key": new_key()}
        paper = (step["paper"], bytes.fromhex(step["content"])) if "paper" in step else None
        body, kind = encoded({**step["fields"], **told, "csrf_token": person.number}, paper)
        while not self._ended.is_set():
            try:
                status, page = ask(self._port, "POST", f"/tasks/{task[0]}", person, body, kind)
            except ConnectionRefusedError:  # nobody is there yet
                time.sleep(_AGAIN)
                continue
            except (OSError, HTTPException):
                self._ledger.cut += 1
                time.sleep(_AGAIN)
                continue
            if status == 303:
                self._ledger.done.append(Done(case, step["element"], task[0], person.login, body, kind))
                return True
            if status not in _LATER:
                self._ledger.wrong.append(f"{step['element']}: {status} {page[-400:]}")
                return False
            time.sleep(_AGAIN)
        return False


def ask(port: int, method: str, path: str, person: Person, body: bytes = b"", kind: str = "") -> tuple[int, str]:
    """One request on a connection of its own: status and page; OSError or HTTPException when the server dies under it."""
    link = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        link.request(
            method, path, body or None, {"Cookie": person.header(), **({"Content-Type": kind} if kind else {})}
        )
        answer = link.getresponse()
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, _, rest = cookie.partition("=")
            person.cookies[name] = rest.partition(";")[0]
        return answer.status, answer.read().decode()
    finally:
        link.close()


def enter(port: int, login: str, token: str) -> Person:
    """Somebody whose session is open reads one page for its protection number."""
    person = Person(login, {"halfsky_session": token})
    status, page = ask(port, "GET", "/", person)
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found, f"{login}: {status}"
    person.number = found[1]
    return person
