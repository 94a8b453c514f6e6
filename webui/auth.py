"""Who is at the keyboard: a session cookie becomes an actor. Every view is closed unless it is marked public.

The cookie holds a random token, readable by no script and sent by no foreign page. A form that arrives after the session has
ended is not lost: what was typed is sealed into the sign-in page and comes back after signing in (`parking.py`).
"""

from __future__ import annotations

from typing import Any, cast

from flask import Blueprint, Flask, current_app, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError, CSRFProtect

from engine.access import Actor
from webui import parking
from webui.errors import answer as refusal
from webui.errors import wants_json
from webui.language import gettext
from webui.public import is_public, public
from webui.runtime import house
from workflows import accounts

COOKIE = "halfsky_session"
#: a parked form may be this large; files are not parked
PARKED_BYTES = 1024 * 1024

bp = Blueprint("auth", __name__)
csrf = CSRFProtect()


def admit() -> ResponseReturnValue | None:
    """Before every request: find the actor, close the door on everybody else, check the form's protection number."""
    g.actor = g.session = None
    token = request.cookies.get(COOKIE)
    view = current_app.view_functions.get(request.endpoint or "")
    if request.endpoint == "assets.serve":
        return None
    if token:
        _find(token)
    if g.actor is None and not is_public(view):
        return _closed()
    if request.method not in ("GET", "HEAD", "OPTIONS") and not _trusted():
        g.page_expired = True
        if not getattr(view, "takes_expired_pages", False) or g.actor is None:
            raise CSRFError
    return None


def actor() -> Actor | None:
    """The person signed in, if anybody is."""
    return cast("Actor | None", g.get("actor"))


def _find(token: str) -> None:
    runtime = house()
    with runtime.reading() as connection:
        session = accounts.session_of(connection, token, runtime.clock.now())
    if session is not None:
        accounts.touch(runtime, session)
        g.session, g.actor = session, session.actor


def _trusted() -> bool:
    """Whether the form carries the protection number of this browser's session."""
    try:
        csrf.protect()
    except CSRFError:
        return False
    return True


def _closed() -> ResponseReturnValue:
    if wants_json():
        return refusal(401, "SignInRequired", gettext("请先登录。"))
    if request.method in ("GET", "HEAD"):
        asked = request.full_path.rstrip("?")
        return redirect(url_for("auth.sign_in", next=asked if asked != "/" else None), 303)
    request.max_content_length = None
    parked = parking.park(house().vault, request) if _own_page() else None
    page = _page(expired=True, parked=parked, next=parking.page_of(request.path))
    return page, 401


def _own_page() -> bool:
    """Whether the form was sent from one of our own pages: by its protection number, or by what the browser says."""
    return request.headers.get("Sec-Fetch-Site") == "same-origin" or _trusted()


@bp.get("/login")
@public
def sign_in() -> ResponseReturnValue:
    """The sign-in page."""
    if g.actor is not None:
        return redirect(_target(), 303)
    return _page(next=request.args.get("next"))


@bp.post("/login", endpoint="enter")
@public
def enter() -> ResponseReturnValue:
    """Check login and password, start a session, bring back what was parked."""
    login = request.form.get("login", "")
    try:
        session = accounts.sign_in(house(), login, request.form.get("password", ""), address=request.remote_addr or "")
    except accounts.SignInRefused as refused:
        page = _page(
            problem=refused.render(gettext),
            login=login,
            next=request.form.get("next"),
            parked=request.form.get("parked"),
            expired=bool(request.form.get("parked")),
        )
        return page, 429 if isinstance(refused, accounts.TooManyAttempts) else 401
    target = parking.unpark(house(), session, request.form.get("parked")) or _target()
    answer = make_response(redirect(target, 303))
    answer.set_cookie(
        COOKIE,
        session.token,
        httponly=True,
        samesite="Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        path="/",
    )
    return answer


@bp.post("/logout")
@public
def sign_out() -> ResponseReturnValue:
    """End the session here and in the house."""
    token = request.cookies.get(COOKIE)
    if token:
        accounts.sign_out(house(), token)
    answer = make_response(redirect(url_for("auth.sign_in"), 303))
    answer.delete_cookie(COOKIE, path="/")
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer


def _target() -> str:
    """Where to go after signing in: a page of ours, never another host."""
    asked = request.form.get("next") or request.args.get("next") or "/"
    inside = asked.startswith("/") and not asked.startswith("//") and "\\" not in asked and asked.isprintable()
    return asked if inside else "/"


def _page(**more: Any) -> str:
    return render_template("login.html", demo=current_app.config["HALFSKY_DEMO"], **more)


def init(app: Flask) -> None:
    """Guard every request of the application."""
    app.config.setdefault("WTF_CSRF_CHECK_DEFAULT", False)
    app.config.setdefault("WTF_CSRF_TIME_LIMIT", None)
    #: our pages send no referrer at all; SameSite cookies and the number itself protect
    app.config.setdefault("WTF_CSRF_SSL_STRICT", False)
    csrf.init_app(app)
    app.register_blueprint(bp)
    app.before_request(admit)
