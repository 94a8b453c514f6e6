"""Knocking at every door as everybody: what the house answers, told apart as in, refused, missing and closed."""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING, Any

from webui.auth import COOKIE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flask import Flask
    from werkzeug.test import TestResponse

    from tests.access.people import Knocker

IN, REFUSED, MISSING, CLOSED = "in", "refused", "missing", "closed"
#: a subject that never was; the answer about what one may not know of is the answer about this
NEVER = 987654321
_NUMBERS = re.compile(rb"(?<=csrf_token\" value=\")[^\"]+|[0-9a-f]{8,}|\b[2-9A-Z]{4}-[2-9A-Z]{4}\b|\b\d+\b")


class Browser:
    """One person at the site, with her session and the protection number of its pages."""

    def __init__(self, site: Flask, person: Knocker | None) -> None:
        self.client = site.test_client()
        self.number = ""
        if person is not None:
            self.client.set_cookie(COOKIE, person.token)
            found = re.search(r'name="csrf_token" value="([^"]+)"', self.client.get("/").get_data(as_text=True))
            self.number = found[1] if found else ""

    def knock(self, method: str, path: str, sent: Mapping[str, Any], *, as_json: bool = False) -> TestResponse:
        """Ask for an address as a browser, or a program, would, and read the answer to its end."""
        answer = self._asked(method, path, sent, as_json=as_json)
        answer.get_data()
        return answer

    def _asked(self, method: str, path: str, sent: Mapping[str, Any], *, as_json: bool) -> TestResponse:
        if method == "GET":
            return self.client.get(path, query_string=sent or None)
        key = secrets.token_urlsafe(16)
        if as_json:
            headers = {"X-CSRFToken": self.number, "Idempotency-Key": key, "Accept": "application/json"}
            return self.client.open(path, method=method, json=sent, headers=headers)
        return self.client.open(path, method=method, data={"_key": key, **sent, "csrf_token": self.number})


def outcome(answer: TestResponse) -> str:
    """What an answer means for whoever asked."""
    if answer.status_code == 401 or answer.headers.get("Location", "").startswith("/login"):
        return CLOSED
    return {403: REFUSED, 404: MISSING}.get(answer.status_code, IN)


def said(answer: TestResponse) -> tuple[int, bytes, list[str]]:
    """What somebody could learn from an answer: status, headers' names, and the page but for numbers that differ each time."""
    names = sorted(name for name, _ in answer.headers if name not in ("Set-Cookie", "Content-Length"))
    return answer.status_code, _NUMBERS.sub(b"#", answer.get_data()), names


def addresses(site: Flask) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Endpoint, method and names in the path of every route there is."""
    for rule in site.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule.endpoint, method, tuple(sorted(rule.arguments))
