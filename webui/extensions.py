"""More time for a step: asking for it, deciding about it, and the letter that tells it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands.extensions import approve_extension, refuse_extension, request_extension
from engine.commands.printing import record_print
from engine.errors import InvalidAnswers, NotFound
from engine.messages import N_, Message
from engine.queries import clocks
from webui import task_view
from webui.permits import permit_for
from webui.runtime import act, house, me, now, posted_key, reading
from webui.task_view import Showing
from webui.words import say
from workflows import sheets

bp = Blueprint("extensions", __name__)

#: digits of a number somebody may type for units
_DIGITS = 5
#: the boxes in which the day stands on which somebody consented
_CONSENT = "on_"


@bp.post("/tasks/<int:task_id>/extension")
def ask(task_id: int) -> ResponseReturnValue:
    """Ask for more time; what was typed comes back with what is wrong."""
    units, reason = request.form.get("units", "").strip(), request.form.get("reason", "")
    number: Any = int(units) if units.isascii() and units.isdigit() and len(units) <= _DIGITS else units
    period = request.form.get("period") or None
    days = {name.removeprefix(_CONSENT): day for name, day in request.form.items() if name.startswith(_CONSENT)}
    consents = {**days, "alone": request.form.get("alone") == "1"}
    try:
        act(request_extension, task_id=task_id, units=number, reason=reason, period=period, consents=consents)
    except InvalidAnswers as wrong:
        boxes = {"units": "_units", "reason": "_why", "alone": "_alone"}
        aside = {boxes.get(name, f"_on_{name}"): say(problems[0]) for name, problems in wrong.problems.items()}
        typed = {f"_on_{code}": day[:20] for code, day in days.items()}
        extra = {"_units": units[:20], "_why": reason, "_alone": "1" if consents["alone"] else "", **typed}
        showing = Showing(aside=aside, extra=extra)
        return task_view.render(task_id, showing), 422
    return redirect(url_for("tasks.show", task_id=task_id), 303)


@bp.post("/extensions/<int:extension_id>")
def decide(extension_id: int) -> ResponseReturnValue:
    """Grant or refuse: the button says which; back to the case."""
    note = request.form.get("note", "")
    if request.form.get("decision") == "grant":
        told = act(approve_extension, extension_id=extension_id, note=note).content
    else:
        told = act(refuse_extension, extension_id=extension_id, reason=note).content
    return redirect(url_for("cases.show", case_id=told["case_id"]), 303)


@bp.post("/extensions/<int:extension_id>/letter")
def letter(extension_id: int) -> ResponseReturnValue:
    """The letter (P-06) as PDF; the print is written into the history first."""
    key = posted_key()
    with reading() as connection:
        asked = clocks.extension(house(), connection, me(), extension_id)
        if asked.row.state != "granted":
            raise NotFound(what=Message(N_("延期申请 {id} 的告知书"), {"id": extension_id}))
        record = sheets.load_record(house(), connection, me(), asked.row.case_id)
        permit = permit_for(asked.row.case_id, asked.row.form, key)
        by, at = me().name, now()
        pdf, entry = sheets.extension_letter(connection, record, asked, printed_by=by, printed_at=at, permit=permit)
    act(record_print, key=f"{key}-{entry['file'][:12]}"[:64], case_id=asked.row.case_id, **entry)
    answer = make_response(pdf)
    answer.mimetype = "application/pdf"
    answer.headers.set("Content-Disposition", "inline", filename=f"{record.number}-{asked.row.form}.pdf")
    return answer
