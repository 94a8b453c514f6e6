"""The pages after the right password: a code, the enrolment of an authenticator, or her own password in place of a given one."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.errors import EngineError, InvalidAnswers
from webui import parking
from webui.auth import COOKIE, DOORS, admitted, awaited, caller_now, target, with_session
from webui.errors import status_of
from webui.language import gettext
from webui.public import public
from webui.runtime import house
from workflows import entering, first_sign_in, sessions

bp = Blueprint("second_page", __name__, url_prefix=DOORS)


@bp.get("/code")
@public
def code() -> ResponseReturnValue:
    """The page that asks for a code."""
    return _page("code")


@bp.post("/code")
@public
def take_code() -> ResponseReturnValue:
    """A code of the authenticator, or a recovery code."""
    try:
        session = entering.enter_code(house(), _token(), request.form.get("code", ""), caller_now())
    except entering.Stale:
        return _page("code")
    except EngineError as refused:
        return _page("code", refused)
    return admitted(session)


@bp.get("/enrol")
@public
def enrol() -> ResponseReturnValue:
    """The page with the picture for the authenticator."""
    return _page("enrol")


@bp.post("/enrol")
@public
def take_enrolment() -> ResponseReturnValue:
    """The first code: she is in, and sees her recovery codes."""
    try:
        typed = request.form.get("code", "")
        session, codes = entering.finish_enrolment(house(), _token(), typed, caller_now())
    except entering.Stale:
        return _page("enrol")
    except EngineError as refused:
        return _page("enrol", refused)
    onward = parking.unpark(house(), session, request.form.get("parked")) or target()
    if session.stage == "change":
        onward = url_for("second_page.change", next=onward)
    return with_session(render_template("recovery_codes.html", codes=codes, onward=onward), session)


@bp.get("/password")
@public
def change() -> ResponseReturnValue:
    """The page on which she chooses her own password."""
    return _page("change")


@bp.post("/password")
@public
def take_password() -> ResponseReturnValue:
    """Her own password: she is in."""
    new, again = request.form.get("new", ""), request.form.get("again", "")
    try:
        session = first_sign_in.choose_password(house(), _token(), new, again, caller_now())
    except entering.Stale:
        return _page("change")
    except EngineError as refused:
        return _page("change", refused)
    return admitted(session)


def _page(stage: str, refused: EngineError | None = None) -> ResponseReturnValue:
    """The page of a stage, or the first page when the session that waited is over."""
    with house().reading() as connection:
        row = sessions.waiting(connection, _token(), house().clock.now())
    if row is None or row.stage != stage:
        return redirect(url_for("auth.sign_in", next=target()), 303)
    problem = None if refused is None else _told(refused)
    wrong = set(refused.problems) if isinstance(refused, InvalidAnswers) else set()
    page = render_template(f"sign_in_{stage}.html", **awaited(stage, _token(), problem=problem, wrong=wrong))
    return page, 200 if refused is None else status_of(refused)


def _told(refused: EngineError) -> str:
    if isinstance(refused, InvalidAnswers):
        return " ".join(found.render(gettext) for listed in refused.problems.values() for found in listed)
    return refused.render(gettext)


def _token() -> str:
    return request.cookies.get(COOKIE, "")
