"""接待日: the rosters, who takes whose place, what was received on a day (P-13), and the days that were missed."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from engine.access import Permission
from engine.clock import civil_date
from engine.errors import Forbidden, InvalidAnswers
from engine.messages import N_, Message
from webui.runtime import act, house, me, note, now, permitted, posted_key, reading
from workflows import book_prints, log_book, reception, reception_list, reception_notices, reception_rounds
from workflows.chart import chart
from workflows.engagements import Place
from workflows.processes.petition import wording

bp = Blueprint("reception", __name__, url_prefix="/reception")

_BOXES = ("unit", "kind", "held_on", "starts", "ends", "place", "capacity", "receiver")
#: button → what it does
_VERBS = {
    "absent": reception.note_absent,
    "cancel": reception.call_off,
    "seen": reception_rounds.note_missed,
    "noshow": reception_rounds.note_no_show,
    "noticed": reception_notices.note_roster,
}


@bp.get("/")
def listed() -> str:
    """The days, the form for another one, and the missed days she was told of."""
    _require()
    return _page({name: request.args.get(name, "") for name in _BOXES})


@bp.post("/")
def plan() -> ResponseReturnValue:
    """Plan a day; the page once more with what was typed when something is wrong."""
    _require()
    typed = {name: request.form.get(name, "").strip() for name in _BOXES}
    told = {name: typed[name] for name in ("kind", "held_on", "starts", "ends", "place", "capacity")}
    try:
        act(reception.plan_day, unit_id=_id(typed["unit"]), receiver_id=_id(typed["receiver"]), **told)
    except InvalidAnswers as wrong:
        return _page(typed, _firsts(wrong)), 422
    return redirect(url_for("reception.listed"), 303)


@bp.get("/<int:day_id>")
def one(day_id: int) -> str:
    """One day: who receives, and what was received."""
    _require()
    return _one(day_id)


@bp.post("/<int:day_id>/substitute")
def substitute(day_id: int) -> ResponseReturnValue:
    """Name who receives in the receiver's place."""
    _require()
    try:
        act(reception.name_substitute, day_id=day_id, account_id=_id(request.form.get("account", "")))
    except InvalidAnswers as wrong:
        return _one(day_id, _firsts(wrong)), 422
    return redirect(url_for("reception.one", day_id=day_id), 303)


@bp.post("/<int:day_id>/<any(absent,cancel,seen,noshow,noticed):verb>")
def do(day_id: int, verb: str) -> ResponseReturnValue:
    """The receiver will not be there, or did not come; the day is called off; what one was told is noted."""
    _require()
    act(_VERBS[verb], day_id=day_id)
    return redirect(url_for("reception.listed"), 303)


@bp.post("/<int:day_id>/print")
def make(day_id: int) -> Response:
    """P-13 of the day; the print is recorded before it is handed out."""
    _require(Permission.SEE_LOG_BOOK)
    key = posted_key()
    with reading() as connection:
        pdf, entry = reception_list.print_day(house(), connection, me(), day_id, at=now())
    act(book_prints.record_book_print, key=f"{key}-{entry['file'][:12]}"[:64], **entry)
    answer = make_response(pdf)
    answer.mimetype = "application/pdf"
    answer.headers.set("Content-Disposition", "inline", filename=f"{reception_list.SHEET}-{entry['since']}.pdf")
    return answer


def _page(typed: dict[str, str], problems: dict[str, Message] | None = None) -> str:
    today = civil_date(now())
    with reading() as connection:
        paths = [post.path for post in me().posts if permitted(Permission.PLAN_RECEPTION, Place(0, post.path))]
        units = reception_list.units_to_plan(connection, paths)
        unit = next((each for each in units if str(each.id) == typed["unit"]), units[0] if units else None)
        kind = typed["kind"] if typed["kind"] in reception.KINDS else "CHAIR"
        able = reception.choices(connection, unit.id, kind, today) if unit is not None else []
        return render_template(
            "reception.html",
            rows=reception_list.days(connection, me(), today),
            missed=reception_rounds.reports(connection, me()),
            told=reception_notices.waiting(connection, me()),
            told_words=reception_notices.TOLD,
            plannable=units,
            typed={**typed, "unit": str(unit.id) if unit else "", "kind": kind},
            able=able,
            problems=problems or {},
            today=today,
            **_names(connection),
        )


def _one(day_id: int, problems: dict[str, Message] | None = None) -> str:
    with reading() as connection:
        row = reception_list.shown_day(connection, me(), day_id)
        keeps = permitted(Permission.SEE_LOG_BOOK)
        entries = reception_list.received(house(), connection, me(), day_id) if keeps else []
        place = Place(row.unit_id, chart(connection).units[row.unit_id].path)
        plans = permitted(Permission.PLAN_RECEPTION, place)
        may = plans or row.receiver_id == me().id
        there = reception.present(connection, row)
        able = reception.choices(connection, row.unit_id, row.kind, row.held_on, substitute=True)
        page = render_template(
            "reception_day.html",
            row=row,
            entries=entries,
            keeps=keeps,
            away=row.absent_at is not None or reception.is_away(connection, row.receiver_id, row),
            changeable=may and row.state == "planned" and row.starts_at > now(),
            able=[each for each in able if each.id != row.receiver_id],
            absent=there if plans and row.state == "held" and _still(row) and there and there.id != me().id else None,
            categories=dict(wording.CATEGORY),
            outcomes=dict(wording.OUTCOME),
            problems=problems or {},
            **_names(connection),
        )
    if entries:
        note(log_book.log_book_read, case_ids=[each.case_id for each in entries], what=f"book {reception_list.SHEET}")
    return page


def _still(row: Any) -> bool:
    """Whether it may still be noted that nobody came."""
    return bool(civil_date(now()) <= row.held_on + reception_list.LATER)


def _names(connection: Connection) -> dict[str, Any]:
    known = chart(connection)
    return {"units": known.units, "people": known.people, "kinds": reception.KINDS, "states": reception.STATES}


def _firsts(wrong: InvalidAnswers) -> dict[str, Message]:
    return {field: found[0] for field, found in wrong.problems.items()}


def _id(typed: str) -> int:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 16 else 0


def _require(permission: Permission = Permission.SEE_RECEPTION) -> None:
    if not permitted(permission):
        raise Forbidden(
            why=Message(N_("您的岗位没有“{permission}”权限"), {"permission": house().rules.name_of(permission)})
        )
