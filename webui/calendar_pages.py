"""日历: the years whose holidays are known, importing a notice with a trial first, and what each import moved."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.clock import civil_date
from engine.commands.calendars import import_calendar
from engine.holidays import MAX_BYTES, RefusedCalendar, read_table
from engine.queries import calendars
from engine.recounting import preview, recount
from webui.directory import people
from webui.language import gettext
from webui.runtime import act, house, me, now, reading

bp = Blueprint("calendar", __name__, url_prefix="/calendar")

#: lines of a before/after list that a page shows; the command line prints them all
SHOWN = 200
#: open cases up to which an import waits for its clocks; beyond, the jobs go on and the page says so
_AT_ONCE = 2000


@bp.get("")
def show() -> str:
    """The years, the form, the imports."""
    calendars.require_keeper(house(), me())
    return _page()


@bp.post("/try")
def attempt() -> str | tuple[str, int]:
    """What an import would change, without importing."""
    calendars.require_keeper(house(), me())
    try:
        content, name = _sent()
        days = read_table(content)
    except RefusedCalendar as refused:
        return _page(refused=refused), 422
    return _page(
        found=preview(house(), days, house().rules.workable_cases(me())),
        text=content.decode("utf-8-sig", "replace"),
        name=name,
    )


@bp.post("")
def bring_in() -> Response | tuple[str, int]:
    """Import, then show what has moved."""
    calendars.require_keeper(house(), me())
    try:
        content, name = _sent()
        told = act(import_calendar, content=content, name=name).content
    except RefusedCalendar as refused:
        return _page(refused=refused), 422
    with reading() as connection:
        few = calendars.open_cases(connection) <= _AT_ONCE
    if few:
        recount(house(), told["import_id"])
    return redirect(url_for("calendar.moved", import_id=told["import_id"]), 303)


@bp.get("/imports/<int:import_id>")
def moved(import_id: int) -> str:
    """The before/after list of one import. Case numbers only: who keeps the calendar sees no content (D1)."""
    calendars.require_keeper(house(), me())
    with reading() as connection:
        row, moves = calendars.moves(connection, import_id, house().rules.workable_cases(me()))
        names = people(connection, [row.by_id])
    return render_template("calendar_moves.html", row=row, moves=moves[:SHOWN], count=len(moves), names=names)


def _sent() -> tuple[bytes, str]:
    """The table from the file, or from the trial before; RefusedCalendar when there is none."""
    file = request.files.get("file")
    if file is not None and file.filename:
        return file.stream.read(MAX_BYTES + 1), file.filename
    return request.form.get("table", "").encode(), request.form.get("name", "")[:120] or gettext("粘贴的表格")


def _page(**more: object) -> str:
    this_year = civil_date(now()).year
    with reading() as connection:
        years = calendars.years(connection, this_year - 1, this_year + 1)
        imports = calendars.imports(connection, house().rules.workable_cases(me()))
        names = people(connection, {row.by_id for row, _ in imports})
    blank = {"refused": None, "found": None, "text": "", "name": ""}
    return render_template("calendar.html", years=years, imports=imports, names=names, shown=SHOWN, **{**blank, **more})
