"""Whoever asks for a page of a case that is not hers to see leaves a line in the read log; sending does so by itself."""

from __future__ import annotations

import logging

from flask import g, request

from engine.commands.attempts import SUBJECTS, log_attempt
from engine.errors import EngineError, Forbidden, NotFound
from webui.runtime import act, new_key
from workflows.audit_files import log_refused_batch

#: an auditor's prints: of several cases
BATCH = "batch_id"
log = logging.getLogger("halfsky.web")

#: SQLite and PostgreSQL number no further
_LAST = 2**63


def remember(refusal: EngineError) -> None:
    """Write the line for the request that was refused; what goes wrong with that is logged, and she gets her answer."""
    if request.method != "GET" or not isinstance(refusal, NotFound | Forbidden) or g.get("actor") is None:
        return
    asked = request.view_args or {}
    known = (*SUBJECTS, BATCH) if request.blueprint == "audits" else SUBJECTS
    subject = next((name for name in known if name in asked), None)
    if subject is None or not 0 < int(asked[subject]) < _LAST:
        return
    try:
        if subject == BATCH:
            batch = {"batch_id": asked[BATCH], "seq": asked.get("seq"), "page": str(request.endpoint)}
            act(log_refused_batch, key=new_key(), **batch)
        else:
            act(log_attempt, key=new_key(), subject=subject, number=int(asked[subject]), page=str(request.endpoint))
    except EngineError as failed:
        log.warning("attempt not remembered: error=%s endpoint=%s", type(failed).__name__, request.endpoint)
