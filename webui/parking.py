"""Typed text that arrives after the session has ended: sealed into the sign-in page, brought back as a draft afterwards.

Nothing is stored on the server for somebody who is not signed in. The sealed text travels in the page itself and opens only
with this installation's key; it goes back only to a task that the person who signs in may work on.
"""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Any

from flask import url_for

from engine.clock import civil_date
from engine.commands.tasks import save_draft
from engine.errors import EngineError
from engine.fields import Vault
from engine.runtime import Runtime
from webui import forms
from webui.runtime import new_key
from workflows import organisation, sessions

if TYPE_CHECKING:
    from flask import Request

_TASK = re.compile(r"/tasks/(\d{1,18})(?:/|$)")
_CASE = re.compile(r"/cases/(\d{1,18})(?:/|$)")


def page_of(path: str) -> str | None:
    """The page that a form was sent from, by the address it was sent to."""
    if found := _TASK.match(path):
        return f"/tasks/{found[1]}"
    if found := _CASE.match(path):
        return f"/cases/{found[1]}"
    return None


def park(vault: Vault, request: Request) -> str | None:
    """Seal the typed text of a task form; None when the request is no such form."""
    found = _TASK.match(request.path)
    if found is None:
        return None
    typed = {k: v for k, v in request.form.items() if not k.startswith("_") and k != "csrf_token" and v}
    chosen = {k: request.form.get(k, "") for k in ("_kind", "_form")}
    if not typed:
        return None
    return base64.urlsafe_b64encode(vault.seal_json({"task": int(found[1]), "typed": typed, **chosen})).decode()


def unpark(runtime: Runtime, session: sessions.SignedIn, parked: str | None) -> str | None:
    """Save parked text as this person's draft; the address to go to, or None when there is nothing for her."""
    if not parked:
        return None
    try:
        content: dict[str, Any] = runtime.vault.open_json(base64.urlsafe_b64decode(parked.encode()))
        form: Any = runtime.catalogue[content["_kind"]].forms[content["_form"]]
    except (EngineError, ValueError, KeyError):
        return None
    with runtime.reading() as connection:
        actor = organisation.actor_of(connection, session.account_id, civil_date(runtime.clock.now()))
    answers = forms.nest(form, content["typed"])
    try:
        runtime.execute(save_draft, actor=actor, key=new_key(), task_id=content["task"], answers=answers)
    except EngineError:
        return None
    return url_for("tasks.show", task_id=content["task"], restored=1)
