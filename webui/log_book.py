"""来信来访记录本 (P-14): what came in, by period, channel and category; each line opens its case; the same on paper."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, make_response, render_template, request
from flask.typing import ResponseReturnValue

from engine.access import Permission
from engine.clock import civil_date
from engine.errors import Forbidden, InvalidAnswers
from engine.messages import N_, Message
from engine.queries.inbox import Cursor
from webui.runtime import act, house, me, note, now, permitted, posted_key, reading
from workflows import book_prints, log_book
from workflows.processes.petition import wording

bp = Blueprint("log_book", __name__, url_prefix="/log-book")

_BOXES = ("since", "until", "channel", "category")


@bp.get("/")
def listed() -> ResponseReturnValue:
    """One page of the book; with what was typed and what is wrong with it when it cannot be looked for."""
    _require()
    typed = {name: request.args.get(name, "") for name in _BOXES}
    try:
        wanted = log_book.asked(typed, civil_date(now()))
    except InvalidAnswers as wrong:
        return _shown(typed, problems={field: found[0] for field, found in wrong.problems.items()}), 422
    with reading() as connection:
        page = log_book.page(house(), connection, me(), wanted, after=Cursor.parse(request.args.get("after")))
        counted = log_book.count(house(), connection, me(), wanted)
    if page.rows:
        note(log_book.log_book_read, case_ids=[row.case_id for row in page.rows], what=f"book {log_book.SHEET}")
    told = {**typed, "since": wanted.since.isoformat(), "until": wanted.until.isoformat()}
    return _shown(told, page=page, counted=counted)


@bp.post("/print")
def make() -> ResponseReturnValue:
    """The part that was looked for as PDF; the print is recorded before it is handed out."""
    _require()
    key = posted_key()
    typed = {name: request.form.get(name, "") for name in _BOXES}
    try:
        wanted = log_book.asked(typed, civil_date(now()))
        with reading() as connection:
            pdf, entry = book_prints.print_book(house(), connection, me(), wanted, at=now())
    except InvalidAnswers as wrong:
        return _shown(typed, problems={field: found[0] for field, found in wrong.problems.items()}), 422
    act(book_prints.record_book_print, key=f"{key}-{entry['file'][:12]}"[:64], **entry)
    return _handed_out(pdf, f"{log_book.SHEET}-{wanted.since}-{wanted.until}.pdf")


def _handed_out(pdf: bytes, name: str) -> Response:
    answer = make_response(pdf)
    answer.mimetype = "application/pdf"
    answer.headers.set("Content-Disposition", "inline", filename=name)
    return answer


def _shown(
    typed: dict[str, str],
    *,
    page: log_book.Leaf | None = None,
    counted: int = 0,
    problems: dict[str, Message] | None = None,
) -> str:
    names: dict[str, Any] = {
        "channels": wording.CHANNEL,
        "categories": wording.CATEGORY,
        "ways": dict((*wording.WAY, *wording.VILLAGE_WAY)),
        "outcomes": dict(wording.OUTCOME),
        "most": log_book.MOST,
    }
    return render_template("log_book.html", page=page, counted=counted, typed=typed, problems=problems or {}, **names)


def _require() -> None:
    if not permitted(Permission.SEE_LOG_BOOK):
        raise Forbidden(why=Message(N_("您的岗位不登记来信来访，没有记录本")))
