"""Whoever asks for a page of a case that is not hers to see leaves a line in the read log; sending does so by itself."""

from __future__ import annotations

import logging

from flask import g, request

from engine.commands.attempts import SUBJECTS, log_attempt
from engine.errors import EngineError, Forbidden, NotFound
from webui.runtime import act, new_key

log = logging.getLogger("halfsky.web")

#: SQLite and PostgreSQL number no further
_LAST = 2**63


def remember(refusal: EngineError) -> None:
    """Write the line for the request that was refused; what goes wrong with that is logged, and she gets her answer."""
    if request.method != "GET" or not isinstance(refusal, NotFound | Forbidden) or g.get("actor") is None:
        return
    asked = request.view_args or {}
    subject = next((name for name in SUBJECTS if name in asked), None)
    if subject is None or not 0 < int(asked[subject]) < _LAST:
        return
    try:
        act(log_attempt, key=new_key(), subject=subject, number=int(asked[subject]), page=str(request.endpoint))
    except EngineError as failed:
        log.warning("attempt not remembered: error=%s endpoint=%s", type(failed).__name__, request.endpoint)
