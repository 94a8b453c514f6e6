"""信访进展: how far an item has come, without signing in, for whoever shows the number and the code from her slip (P-02)."""

from __future__ import annotations

import secrets

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from engine.access import SYSTEM
from engine.errors import InvalidAnswers
from webui.public import public
from webui.runtime import house, reading
from workflows.processes.petition import progress
from workflows.processes.petition.rating import note_rating
from workflows.processes.petition.wording import SATISFACTION
from workflows.throttle import Attempt, Budget

bp = Blueprint("progress", __name__, url_prefix="/progress")
_LONGEST = 60


@bp.get("")
@public
def show() -> str:
    """The page with its question."""
    return render_template("progress.html")


@bp.post("")
@public
def find() -> ResponseReturnValue:
    """Step and due date; one answer for a wrong number, a wrong code, and an item of which nothing is said.

    Wrong ones spend from the budget of the number and from that of the network address; nothing that was typed is logged.
    """
    number, code = (request.form.get(name, "")[:_LONGEST] for name in ("number", "code"))
    found, wait = _found(number, code)
    if wait is not None:
        return render_template("progress.html", number=number, wait=wait), 429
    said = {"choices": SATISFACTION, "code": code} if found is not None and found.rates else {}
    return render_template("progress.html", number=number, asked=True, found=found, **said), 200 if found else 404


@bp.post("/rating")
@public
def rate() -> ResponseReturnValue:
    """What she says of how it was handled; a wrong code counts as one, whichever way it is tried."""
    number, code = (request.form.get(name, "")[:_LONGEST] for name in ("number", "code"))
    said, answered = request.form.get("satisfaction", ""), request.form.get("answered") == "yes"
    found, wait = _found(number, code)
    if wait is not None:
        return render_template("progress.html", number=number, wait=wait), 429
    if found is None or not found.rates:
        return render_template("progress.html", number=number, asked=True, found=None), 404
    known = {"code": code, "satisfaction": said, "answered": answered}
    try:
        house().execute(note_rating, actor=SYSTEM, key=secrets.token_hex(16), case_id=found.case_id, **known)
    except InvalidAnswers:
        page = {"choices": SATISFACTION, "code": code, "unsaid": True}
        return render_template("progress.html", number=number, asked=True, found=found, **page), 422
    return render_template("progress.html", number=number, asked=True, found=found, rated=True)


def _found(number: str, code: str) -> tuple[progress.Progress | None, int | None]:
    """What stands behind a number and its code, None for a wrong one; and how long to wait when it was tried too often."""
    with Attempt(house(), Budget("progress", progress.plain(number)), request.remote_addr or "") as attempt:
        if attempt.wait is not None:
            return None, attempt.wait
        with reading() as connection:
            found = progress.asked(connection, house().vault, number, code)
        attempt.right = found is not None
    return found, None
