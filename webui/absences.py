"""委托代理: who acts for whom from when to when, as both of them see it; and what was done that way."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from engine.access import Permission
from engine.clock import civil_date
from engine.commands import absences as commands
from engine.errors import InvalidAnswers
from engine.messages import Message
from engine.queries import absences as queries
from webui import directory
from webui.language import gettext
from webui.runtime import act, house, me, now, permitted, reading
from workflows.colleagues import deputies

bp = Blueprint("absences", __name__, url_prefix="/absences")

_BOXES = ("deputy", "since", "until", "kind", "with_held")


@bp.get("/")
def show() -> str:
    """What stands, what was, and the form for another one."""
    return _page()


@bp.post("/")
def register() -> ResponseReturnValue:
    """Name a deputy; the page once more with what was typed when something is wrong."""
    typed = {name: request.form.get(name, "") for name in _BOXES}
    deputy = typed["deputy"]
    try:
        act(
            commands.register_absence,
            deputy_id=int(deputy) if deputy.isdecimal() and len(deputy) < 18 else -1,
            since=typed["since"],
            until=typed["until"],
            kind=typed["kind"],
            with_held=typed["with_held"] == "1",
        )
    except InvalidAnswers as wrong:
        return _page(typed, {field: found[0] for field, found in wrong.problems.items()}), 422
    return redirect(url_for("absences.show", done="registered"), 303)


@bp.post("/<int:absence_id>/end")
def end(absence_id: int) -> ResponseReturnValue:
    """End it at once."""
    act(commands.end_absence, absence_id=absence_id)
    return redirect(url_for("absences.show", done="ended"), 303)


def _page(typed: dict[str, str] | None = None, problems: dict[str, Message] | None = None) -> str:
    with reading() as connection:
        return render_template("absences.html", typed=typed or {}, problems=problems or {}, **_shown(connection))


def _shown(connection: Connection) -> dict[str, Any]:
    rows = queries.absences(connection, me())
    done = queries.acts(connection, house().rules, me())
    ids = {i for row in rows for i in (row.absent_id, row.deputy_id)} | {i for a in done for i in (a.by_id, a.for_id)}
    today = civil_date(now())
    return {
        "rows": rows,
        "acts": done,
        "people": directory.people(connection, ids),
        "today": today,
        "kinds": {key: gettext(process.title) for key, process in house().catalogue.items()},
        "may_register": permitted(Permission.DEPUTISE, me()),
        "choices": deputies(connection, house().rules, me(), today),
        "done": request.args.get("done", ""),
    }
