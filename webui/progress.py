"""信访进展: how far an item has come, without signing in, for whoever shows the number and the code from her slip (P-02)."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from webui.public import public
from webui.runtime import house, reading
from workflows.processes.petition import progress
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
    with Attempt(house(), Budget("progress", progress.plain(number)), request.remote_addr or "") as attempt:
        if attempt.wait is not None:
            return render_template("progress.html", number=number, wait=attempt.wait), 429
        with reading() as connection:
            found = progress.asked(connection, house().vault, number, code)
        attempt.right = found is not None
    return render_template("progress.html", number=number, asked=True, found=found), 200 if found else 404
