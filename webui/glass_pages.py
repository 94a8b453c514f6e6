"""紧急查阅: ask to read a confidential case, confirm as the second person, review afterwards; the log auditor takes note."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.access import Permission
from engine.errors import EngineError, Forbidden, InvalidAnswers, NotFound, SignatureRequired
from engine.messages import N_, Message
from webui import directory
from webui.errors import status_of
from webui.proof import posted
from webui.runtime import act, house, me, now, permitted, reading
from workflows import glass, glass_register

bp = Blueprint("glass", __name__, url_prefix="/break-glass")


@bp.get("")
def listed() -> str:
    """The requests she may know of, and the form for another one."""
    return _page()


@bp.post("")
def ask() -> ResponseReturnValue:
    """Ask; the answer is the same whether or not there is such a case."""
    if not permitted(Permission.ASK_GLASS):
        raise Forbidden(why=Message(N_("您的岗位没有紧急查阅")))
    typed = {name: request.form.get(name, "") for name in ("number", "reason")}
    try:
        proof = posted()
        act(glass.ask_glass, **typed, proof=proof)
    except InvalidAnswers as wrong:
        return _page(typed, {field: found[0] for field, found in wrong.problems.items()}), 422
    except SignatureRequired as wrong:
        return _page(typed, {"_password": wrong.message}), status_of(wrong)
    return redirect(url_for("glass.listed", done="asked"), 303)


@bp.post("/<int:request_id>/confirm")
def confirm(request_id: int) -> ResponseReturnValue:
    """Be the second person."""
    with reading() as connection:
        lines = glass_register.lines(house(), connection, me(), now()) if permitted(Permission.SEE_GLASS) else []
    if not any(each.row.id == request_id and each.decides for each in lines):
        raise NotFound(what=Message(N_("紧急查阅申请 {id}"), {"id": request_id}))
    try:
        proof = posted()
        opened = act(glass.confirm_glass, request_id=request_id, proof=proof).content["opened"]
    except NotFound:
        raise
    except EngineError as refused:
        return _page(problems={"_confirm": refused.message}), status_of(refused)
    return redirect(url_for("glass.listed", done="opened" if opened else "none"), 303)


@bp.post("/<int:request_id>/refuse")
def refuse(request_id: int) -> ResponseReturnValue:
    """Refuse it."""
    act(glass.refuse_glass, request_id=request_id)
    return redirect(url_for("glass.listed", done="refused"), 303)


@bp.post("/<int:request_id>/end")
def end(request_id: int) -> ResponseReturnValue:
    """Close the case again before its time."""
    act(glass.end_glass, request_id=request_id)
    return redirect(url_for("glass.listed", done="ended"), 303)


@bp.post("/<int:request_id>/review")
def review(request_id: int) -> ResponseReturnValue:
    """Say whether it was justified."""
    text, justified = request.form.get("text", ""), request.form.get("justified") == "1"
    try:
        act(glass.review_glass, request_id=request_id, justified=justified, text=text)
    except InvalidAnswers as wrong:
        return _page(problems={"_review": next(iter(wrong.problems.values()))[0]}), 422
    return redirect(url_for("glass.listed", done="reviewed"), 303)


@bp.post("/<int:request_id>/note")
def note(request_id: int) -> ResponseReturnValue:
    """The log auditor takes note."""
    act(glass.note_glass, request_id=request_id)
    return redirect(url_for("glass.listed", done="noted"), 303)


def _page(typed: dict[str, str] | None = None, problems: dict[str, Message] | None = None) -> str:
    with reading() as connection:
        lines = glass_register.lines(house(), connection, me(), now())
        ids = {i for each in lines for i in (each.row.asked_by, each.row.decided_by, each.row.reviewed_by)}
        people = directory.people(connection, ids)
    return render_template(
        "glass.html",
        lines=lines,
        people=people,
        standings=glass_register.STANDING_NAMES,
        may_ask=permitted(Permission.ASK_GLASS),
        may_succeed=permitted(Permission.SEE_SUCCESSIONS),
        typed=typed or {},
        problems=problems or {},
        done=request.args.get("done", ""),
    )
