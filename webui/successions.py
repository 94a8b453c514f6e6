"""无人承办的保密案件: how many there are, a new manager asked for and confirmed, her report; the log auditor takes note."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.access import Permission
from engine.clock import civil_date
from engine.errors import EngineError, Forbidden, InvalidAnswers, NotFound, SignatureRequired
from engine.messages import N_, Message
from webui import directory
from webui.errors import status_of
from webui.proof import posted
from webui.runtime import act, house, me, now, permitted, reading
from workflows import succession_register, successions, unled

bp = Blueprint("successions", __name__, url_prefix="/successions")


@bp.get("")
def listed() -> str:
    """How many cases have lost everybody, and the requests she may know of."""
    return _page()


@bp.post("")
def ask() -> ResponseReturnValue:
    """Ask that somebody be put in charge."""
    if not permitted(Permission.SEE_UNLED):
        raise Forbidden(why=Message(N_("您的岗位不办理无人承办的保密案件")))
    typed = {name: request.form.get(name, "") for name in ("handle", "account", "reason")}
    number = typed["account"]
    account_id = int(number) if number.isdecimal() and len(number) < 18 else 0
    try:
        proof = posted()
        act(
            successions.ask_succession,
            handle=typed["handle"],
            account_id=account_id,
            reason=typed["reason"],
            proof=proof,
        )
    except InvalidAnswers as wrong:
        return _page(typed, {field: found[0] for field, found in wrong.problems.items()}), 422
    except SignatureRequired as wrong:
        return _page(typed, {"_password": wrong.message}), status_of(wrong)
    return redirect(url_for("successions.listed", done="asked"), 303)


@bp.post("/<int:request_id>/confirm")
def confirm(request_id: int) -> ResponseReturnValue:
    """Be the second person."""
    _require_line(request_id)
    try:
        proof = posted()
        named = act(successions.confirm_succession, request_id=request_id, proof=proof).content["named"]
    except NotFound:
        raise
    except EngineError as refused:
        return _page(problems={"_confirm": refused.message}), status_of(refused)
    return redirect(url_for("successions.listed", done="named" if named else "void"), 303)


@bp.post("/<int:request_id>/refuse")
def refuse(request_id: int) -> ResponseReturnValue:
    """Refuse it."""
    act(successions.refuse_succession, request_id=request_id)
    return redirect(url_for("successions.listed", done="refused"), 303)


@bp.post("/<int:request_id>/report")
def report(request_id: int) -> ResponseReturnValue:
    """Whoever was put in charge says how she found the case."""
    try:
        act(successions.report_succession, request_id=request_id, text=request.form.get("text", ""))
    except InvalidAnswers as wrong:
        return _page(problems={"_report": next(iter(wrong.problems.values()))[0]}), 422
    return redirect(url_for("successions.listed", done="reported"), 303)


@bp.post("/<int:request_id>/note")
def note(request_id: int) -> ResponseReturnValue:
    """The log auditor takes note."""
    act(successions.note_succession, request_id=request_id)
    return redirect(url_for("successions.listed", done="noted"), 303)


def _require_line(request_id: int) -> None:
    """NotFound for a request that is not hers to decide, before any password is looked at."""
    with reading() as connection:
        may = permitted(Permission.SEE_SUCCESSIONS)
        lines = succession_register.lines(house(), connection, me(), now()) if may else []
    if not any(each.row.id == request_id and each.decides for each in lines):
        raise NotFound(what=Message(N_("指定承办人的申请 {id}"), {"id": request_id}))


def _page(typed: dict[str, str] | None = None, problems: dict[str, Message] | None = None) -> str:
    with reading() as connection:
        lines = succession_register.lines(house(), connection, me(), now())
        handles = succession_register.handles(house(), connection, me(), now())
        paths = [post.path for post in me().posts] if handles else []
        today = civil_date(now())
        found = {each.id: each for path in paths for each in unled.successors(connection, path, today)}
        ids = {i for each in lines for i in (each.row.asked_by, each.row.decided_by, each.row.account_id) if i}
        people = directory.people(connection, ids)
        units = directory.unit_names(connection, {each.unit_id for each in found.values()})
    return render_template(
        "successions.html",
        lines=lines,
        people=people,
        units=units,
        handles=handles,
        counts=permitted(Permission.SEE_UNLED),
        candidates=[each for each in found.values() if each.id != me().id],
        standings=succession_register.STANDING_NAMES,
        typed=typed or {},
        problems=problems or {},
        done=request.args.get("done", ""),
    )
