"""Paper: choose what to print, and the PDF. Every print is written into the history before it is handed out."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template, request

from engine.commands.printing import record_print
from engine.queries.case_page import case_page
from webui.permits import permit_for
from webui.runtime import act, house, me, now, posted_key, reading
from workflows import sheets

bp = Blueprint("printing", __name__, url_prefix="/cases/<int:case_id>/print")

DOSSIER = "dossier"


@bp.get("")
def choose(case_id: int) -> str:
    """What this case has to print."""
    with reading() as connection:
        page = case_page(house(), connection, me(), case_id)
        record = sheets.load_record(house(), connection, me(), case_id)
    process = house().catalogue[page.case.kind]
    found = sheets.available(record)
    return render_template("print.html", case=page.case, process=process, sheets=found, whole=record.sheets is None)


@bp.post("")
def make(case_id: int) -> Response:
    """The PDF that was chosen: the whole dossier, or one sheet. Identity numbers are masked unless she asks for them."""
    what = request.form.get("what", DOSSIER)
    reveal = request.form.get("reveal") == "1"
    key = posted_key()
    with reading() as connection:
        record = sheets.load_record(house(), connection, me(), case_id)
    if what == DOSSIER:
        pdf = sheets.render_dossier(record, reveal=reveal, printed_by=me().name, printed_at=now())
    else:
        permit = permit_for(case_id, what, key) if sheets.addressed(record.kind, what) else None
        pdf = sheets.render_sheet(record, what, reveal=reveal, printed_by=me().name, printed_at=now(), permit=permit)
    entry = sheets.print_entry(record, what, pdf, reveal=reveal)
    act(record_print, key=f"{key}-{what}-{entry['file'][:12]}"[:64], case_id=case_id, **entry)
    answer = make_response(pdf)
    answer.mimetype = "application/pdf"
    answer.headers.set("Content-Disposition", "inline", filename=f"{record.number}-{what}.pdf")
    return answer
