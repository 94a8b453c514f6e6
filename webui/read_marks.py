"""Every page of a case of class C2 or above leaves its line in the read log, unless its view has left one itself.

It hangs on the address, not on the view: a page that is added later is remembered without asking for it.
"""

from __future__ import annotations

from typing import Final

from flask import Flask, Response, g, request

from engine.commands.reading import log_page
from engine.queries.team import LEADS_TO
from webui.runtime import note

#: views that say more precisely what was read, and a list of colleagues that shows nothing of the case
OWN: Final = frozenset({"api.case", "attention.suggest", "audits.show", "cases.paper", "cases.show", "tasks.show"})


def leads(names: object) -> str | None:
    """Which of the names of an address leads to a case; None when none does."""
    known = names if isinstance(names, dict | set | list) else ()
    return next((name for name in LEADS_TO if name in known), None)


def _mark(answer: Response) -> Response:
    named = leads(request.view_args or {})
    endpoint = request.endpoint or ""
    shown = request.method == "GET" and answer.status_code == 200 and g.get("actor") is not None
    if shown and named is not None and endpoint not in OWN and not g.get("asked_purpose"):
        note(log_page, named=named, number=(request.view_args or {})[named], page=endpoint)
    return answer


def init(app: Flask) -> None:
    """Remember what every request of the application showed."""
    app.after_request(_mark)
