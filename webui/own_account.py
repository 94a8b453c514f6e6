"""我的账号: a person's own password, authenticator, recovery codes, sessions, sign-in history and tokens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.errors import EngineError, InvalidAnswers
from engine.messages import N_, Message
from webui import auth, factor_resets, proof
from webui.errors import status_of
from webui.language import gettext
from webui.runtime import house, me, reading
from workflows import own_account
from workflows.api_tokens import LONGEST, SCOPES
from workflows.passwords import MIN_LENGTH, MIN_LENGTH_ALONE
from workflows.sign_in_history import HOW_NAMES, RESULT_NAMES
from workflows.whereabouts import PLACE_NAMES, Origin

bp = Blueprint("account", __name__, url_prefix="/account")

_DAYS = 90
_DIFFERENT = N_("两次输入的新密码不一致")


@bp.get("/")
def show() -> ResponseReturnValue:
    """The page; whoever opens it has seen what was refused."""
    shown = _page()
    if g.session.failed_before:
        own_account.history_seen(house(), me())
    return shown


@bp.post("/password")
def password() -> ResponseReturnValue:
    """Change the password."""
    new = request.form.get("new", "")

    def change() -> ResponseReturnValue:
        if new != request.form.get("again", ""):
            raise InvalidAnswers({"again": [Message(_DIFFERENT)]})
        own_account.change_password(house(), me(), proof.posted(), new, here=_here(), origin=_origin())
        return _done("password")

    return _tried("password", change)


@bp.post("/authenticator")
def authenticator() -> ResponseReturnValue:
    """Show the picture for a new authenticator."""

    def begin() -> ResponseReturnValue:
        own_account.begin_authenticator(house(), me(), proof.posted())
        return _done("pending")

    return _tried("authenticator", begin)


@bp.post("/authenticator/confirm")
def confirm() -> ResponseReturnValue:
    """The first code of the new authenticator; the answer has the recovery codes."""

    def first() -> ResponseReturnValue:
        typed = request.form.get("code", "")
        return _codes(own_account.confirm_authenticator(house(), me(), typed, here=_here(), origin=_origin()))

    return _tried("confirm", first)


@bp.post("/authenticator/remove")
def remove() -> ResponseReturnValue:
    """Do without an authenticator."""

    def drop() -> ResponseReturnValue:
        own_account.drop_authenticator(house(), me(), proof.posted(), origin=_origin())
        return _done("removed")

    return _tried("authenticator", drop)


@bp.post("/recovery")
def recovery() -> ResponseReturnValue:
    """New recovery codes."""

    def renew() -> ResponseReturnValue:
        return _codes(own_account.renew_recovery(house(), me(), proof.posted(), origin=_origin()))

    return _tried("recovery", renew)


@bp.post("/sessions/end")
def end_session() -> ResponseReturnValue:
    """End one session."""
    own_account.end_session(house(), me(), request.form.get("session", ""))
    return _done("ended")


@bp.post("/sessions/end-all")
def end_all() -> ResponseReturnValue:
    """Sign out everywhere, here too; tokens end with it."""
    own_account.sign_out_everywhere(house(), me(), origin=_origin())
    return redirect(url_for("auth.sign_in"), 303)


@bp.post("/tokens")
def make_token() -> ResponseReturnValue:
    """A new token, shown in the answer."""

    def make() -> ResponseReturnValue:
        days = request.form.get("days", "")
        token = own_account.make_token(
            house(),
            me(),
            proof.posted(),
            name=request.form.get("name", ""),
            scopes=request.form.getlist("scopes"),
            days=int(days) if days.isdecimal() and len(days) < 5 else 0,
            origin=_origin(),
        )
        return _page(token=token)

    return _tried("token", make)


@bp.post("/tokens/<int:token_id>/end")
def end_token(token_id: int) -> ResponseReturnValue:
    """End a token."""
    own_account.end_token(house(), me(), token_id, origin=_origin())
    return _done("token_ended")


def _tried(part: str, act: Callable[[], ResponseReturnValue]) -> ResponseReturnValue:
    """What `act` answers; or the page once more, with what is wrong beside the part it is about."""
    try:
        return act()
    except EngineError as refused:
        problems = refused.problems if isinstance(refused, InvalidAnswers) else {"": [refused]}
        told = {field: " ".join(each.render(gettext) for each in found) for field, found in problems.items()}
        return _page(part=part, problems=told), status_of(refused)


def _page(**more: Any) -> str:
    with reading() as connection:
        mine = own_account.of(house(), connection, me())
    return render_template(
        "account.html",
        mine=mine,
        here=_here(),
        done=request.args.get("done", ""),
        least=MIN_LENGTH if mine.enrolled else MIN_LENGTH_ALONE,
        scopes=SCOPES,
        days=_DAYS,
        longest=LONGEST.days,
        may_reset=factor_resets.may_open(),
        results=RESULT_NAMES,
        ways=HOW_NAMES,
        places=PLACE_NAMES,
        **more,
    )


def _codes(codes: list[str]) -> str:
    return render_template("recovery_codes.html", codes=codes, onward=url_for("account.show"))


def _done(what: str) -> ResponseReturnValue:
    return redirect(url_for("account.show", done=what), 303)


def _here() -> str:
    return str(g.session.token_hash)


def _origin() -> Origin:
    return auth.caller_now().origin
