"""A browser reduced to what the server sees of it: one kept connection, cookies, forms. Run as a process of its own.

It costs as little as it can, because it shares the cores with the server: requests are bytes over a socket, and of an answer
only the status, the length and the cookies are read. As a process it reads a plan (a JSON file: loans with the forms to send,
one after the other), says that it is ready, takes the two instants of the machine's monotonic clock between which to work
from standard input, and tells what it saw as JSON.
"""

from __future__ import annotations

import json
import re
import secrets
import socket
import sqlite3
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus, urlencode

import psycopg
from psycopg.rows import args_row

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_COOKIE = re.compile(rb"\r\nset-cookie: *([^=]+)=([^;\r]*)", re.IGNORECASE)
_NUMBER = re.compile(rb'name="csrf_token"[^>]*value="([^"]+)"')
_BOUNDARY = "halfskybenchmark"
_NEXT = "SELECT id, version FROM task WHERE case_id = ? AND state = 'open' AND element = ?"
_NEXT_BY_NAME = b"SELECT id, version FROM task WHERE case_id = %s AND state = 'open' AND element = %s"


@dataclass
class Person:
    """Somebody signed in: her cookies and the protection number of her forms."""

    login: str
    cookies: dict[str, str] = field(default_factory=dict)
    number: str = ""

    def header(self) -> str:
        """The cookies as a request carries them."""
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())


@dataclass(frozen=True)
class Reply:
    """What came back: status, head and body as bytes."""

    status: int
    head: bytes
    body: bytes


class Connection:
    """One kept connection to the server, opened again when the server has closed it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None

    def ask(
        self, method: str, path: str, person: Person, *, body: bytes = b"", kind: str = "", more: str = ""
    ) -> Reply:
        """Send a request and read the answer whole."""
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\nCookie: {person.header()}\r\n{more}"
        if body:
            head += f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
        sent = f"{head}\r\n".encode() + body
        try:
            return self._exchange(sent, person)
        except ConnectionError:
            self._socket = None
            return self._exchange(sent, person)

    def _exchange(self, sent: bytes, person: Person) -> Reply:
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=60)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(sent)
        got = b""
        while b"\r\n\r\n" not in got:
            got += self._more()
        head, _, body = got.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        while length and len(body) < int(length[1]):
            body += self._more()
        for name, value in _COOKIE.findall(head):
            person.cookies[name.decode()] = value.decode()
        return Reply(int(head[9:12]), head, body)

    def _more(self) -> bytes:
        piece = self._socket.recv(65536) if self._socket else b""
        if not piece:
            raise ConnectionResetError
        return piece


def sign_in(connection: Connection, login: str, password: str) -> Person:
    """Sign in as a person would: the page, its protection number, login and password."""
    person = Person(login)
    page = connection.ask("GET", "/login", person)
    found = _NUMBER.search(page.body)
    if found is None:
        raise SystemExit(f"no sign-in page: status {page.status}")
    person.number = found[1].decode()
    typed = {"login": login, "password": password, "csrf_token": person.number}
    answer = connection.ask("POST", "/login", person, body=urlencode(typed).encode(), kind=_PLAIN)
    if answer.status != 303:
        raise SystemExit(f"{login} was not signed in: status {answer.status}")
    return person


def at_the_door(connection: Connection, login: str, token: str) -> Person:
    """Somebody whose session is open already: reads one page for its protection number."""
    person = Person(login, {"halfsky_session": token})
    page = connection.ask("GET", "/", person)
    found = _NUMBER.search(page.body)
    if found is None:
        raise SystemExit(f"{login} has no session: status {page.status}")
    person.number = found[1].decode()
    return person


_PLAIN = "application/x-www-form-urlencoded"


def encoded(fields: Mapping[str, str], paper: tuple[str, bytes] | None) -> tuple[bytes, str]:
    """A form as a browser sends it, with a file when there is one: body and content type."""
    if paper is None:
        return "&".join(f"{quote_plus(n)}={quote_plus(v)}" for n, v in fields.items()).encode(), _PLAIN
    parts = [
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n'.encode()
        for n, v in fields.items()
    ]
    name, content = paper
    head = f'Content-Disposition: form-data; name="{name}"; filename="scan.png"\r\nContent-Type: image/png\r\n\r\n'
    parts.append(f"--{_BOUNDARY}\r\n{head}".encode() + content + f"\r\n--{_BOUNDARY}--\r\n".encode())
    return b"".join(parts), f"multipart/form-data; boundary={_BOUNDARY}"


Lookup = Callable[[int, str], tuple[int, int] | None]


def lookup(url: str) -> Lookup:
    """A function (case, element) → (task id, version) of the open task, past the server: a person finds it in her inbox."""
    if url.startswith("postgresql"):
        link = psycopg.connect(url.replace("+psycopg", ""), autocommit=True)
        link.prepare_threshold = 0
        cursor = link.cursor(row_factory=args_row(_found))
        return lambda case, element: cursor.execute(_NEXT_BY_NAME, (case, element)).fetchone()
    file = sqlite3.connect(f"file:{url.removeprefix('sqlite:///')}?mode=ro", uri=True, isolation_level=None)
    return lambda case, element: file.execute(_NEXT, (case, element)).fetchone()


def _found(task: int, version: int) -> tuple[int, int]:
    return task, version


def complete(link: Connection, person: Person, task: tuple[int, int], step: Mapping[str, Any]) -> tuple[float, Reply]:
    """Send one task form; the seconds until its answer was there, and the answer."""
    fields = {
        **step["fields"],
        "_kind": "loan",
        "_form": step["form"],
        "_version": str(task[1]),
        "_key": secrets.token_urlsafe(16),
        "csrf_token": person.number,
    }
    paper = (step["paper"], bytes.fromhex(step["content"])) if "paper" in step else None
    body, kind = encoded(fields, paper)
    began = time.perf_counter()
    reply = link.ask("POST", f"/tasks/{task[0]}", person, body=body, kind=kind)
    return time.perf_counter() - began, reply


def drive(plan: dict[str, Any]) -> dict[str, Any]:
    """Work through the plan; the latencies (seconds) by step of what was answered 303 in time, and what else was answered."""
    link, find = Connection(plan["port"]), lookup(plan["database"])
    people = {login: Person(login, **known) for login, known in plan["people"].items()}
    seen: dict[str, list[float]] = {}
    errors: dict[str, int] = {}
    print("ready", flush=True)
    start, stop = (float(instant) for instant in sys.stdin.readline().split())
    time.sleep(max(0.0, start - time.monotonic()))
    used = time.process_time()
    for loan in plan["loans"]:
        for step in loan["steps"]:
            if time.monotonic() >= stop:
                return {"seen": seen, "errors": errors, "dry": False, "used": time.process_time() - used}
            task = find(loan["case"], step["element"])
            if task is None:
                errors[f"{step['element']}: not open"] = errors.get(f"{step['element']}: not open", 0) + 1
                break
            seconds, reply = complete(link, people[step["login"]], task, step)
            if reply.status != 303:
                told = f"{step['element']}: {reply.status}"
                errors[told] = errors.get(told, 0) + 1
                break
            if time.monotonic() <= stop:
                seen.setdefault(step["element"], []).append(seconds)
    return {"seen": seen, "errors": errors, "dry": True, "used": time.process_time() - used}


if __name__ == "__main__":
    print(json.dumps(drive(json.loads(Path(sys.argv[1]).read_bytes()))))
