"""Who is at the keyboard: a session cookie becomes an actor. Every view is closed unless it is marked public.

The cookie holds a random token, readable by no script and sent by no foreign page. A form that arrives after the session has
ended is not lost: what was typed is sealed into the sign-in page and comes back after signing in (`parking.py`).
"""

from __future__ import annotations

from typing import Any, cast

from flask import Blueprint, Flask, Response, current_app, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError, CSRFProtect

from engine.access import Actor
from engine.errors import EngineError
from engine.messages import N_
from webui import parking
from webui.errors import answer as refusal
from webui.errors import status_of, wants_json
from webui.language import gettext
from webui.public import is_public, public
from webui.runtime import house
from workflows import accounts, devices, entering, first_sign_in, sessions
from workflows.entering import Caller, SignInRefused, TooManyAttempts
from workflows.sessions import SignedIn
from workflows.sign_in_policy import STRICT
from workflows.whereabouts import origin

COOKIE = "halfsky_session"
#: by which a browser is known that has been here before; sent to the doors alone
DEVICE = "halfsky_device"
DOORS = "/login"
_STRICTER = N_("保密案件须以动态码登录，登录时间也较短：请重新登录，再打开此件。")
#: a parked form may be this large; files are not parked
PARKED_BYTES = 1024 * 1024

bp = Blueprint("auth", __name__)
csrf = CSRFProtect()


def admit() -> ResponseReturnValue | None:
    """Before every request: find the actor, close the door on everybody else, check the form's protection number."""
    g.actor = g.session = None
    token = request.cookies.get(COOKIE)
    view = current_app.view_functions.get(request.endpoint or "")
    if request.endpoint == "assets.serve" or request.blueprint == "api":
        return None  # files that everybody gets; programs, which show a token and never a cookie
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


def session_now() -> sessions.Session | None:
    """The session of the person signed in, if anybody is."""
    return cast("sessions.Session | None", g.get("session"))


def _find(token: str) -> None:
    runtime = house()
    with (
        runtime.database.glancing() as connection
    ):  # nothing of a session is sealed: which key counts need not be known
        session = sessions.session_of(connection, token, runtime.clock.now())
    if session is not None:
        sessions.touch(runtime, session)
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


@bp.get(DOORS)
@public
def sign_in() -> ResponseReturnValue:
    """The sign-in page."""
    if g.actor is not None:
        return redirect(target(), 303)
    return _page(next=request.args.get("next"))


@bp.post(DOORS, endpoint="enter")
@public
def enter() -> ResponseReturnValue:
    """Check login and password, start a session, bring back what was parked; or go on to the code."""
    login, caller = request.form.get("login", ""), caller_now()
    try:
        session = accounts.sign_in(
            house(),
            login,
            request.form.get("password", ""),
            code=request.form.get("code", ""),
            address=caller.address,
            agent=request.user_agent.string,
            device=caller.device,
            asks=caller.asks,
        )
    except SignInRefused as refused:
        page = _page(
            problem=refused.render(gettext),
            login=login,
            next=request.form.get("next"),
            parked=request.form.get("parked"),
            expired=bool(request.form.get("parked")),
        )
        return page, 429 if isinstance(refused, TooManyAttempts) else 401
    return admitted(session)


def signed_in_lightly() -> bool:
    """Whether the session was opened without what confidential cases take: a code, and shorter times."""
    return caller_now().asks and g.session.idle > STRICT.idle


def again(onward: str) -> Response:
    """Her session ends, and the sign-in page says why."""
    sessions.sign_out(house(), request.cookies.get(COOKIE, ""))
    g.actor = g.session = None
    return make_response(_page(problem=gettext(_STRICTER), next=onward), 401)


def caller_now() -> Caller:
    """Who knocks: address, browser, and whether this house asks for authenticators (one of invented people does not)."""
    address = request.remote_addr or ""
    asks = current_app.config["HALFSKY_DEMO"] is None
    return Caller(address, origin(address, request.user_agent.string), request.cookies.get(DEVICE, "")[:100], asks)


def admitted(session: SignedIn, onward: str | None = None) -> Response:
    """The answer that lets somebody in, or on to the page on which a code is awaited; `onward` when the page does not say."""
    if session.stage == "full":
        after = parking.unpark(house(), session, request.form.get("parked")) or onward or target()
        return with_session(redirect(after, 303), session)
    told = {} if onward is None else {"next": onward}
    page = render_template(f"sign_in_{session.stage}.html", **awaited(session.stage, session.token, **told))
    return with_session(page, session)


def awaited(stage: str, token: str, **more: Any) -> dict[str, Any]:
    """What the page shows on which a code is awaited; what was parked and where to go travel on in it."""
    shown: dict[str, Any] = {"enrolment": entering.begin_enrolment(house(), token)} if stage == "enrol" else {}
    if stage == "change":
        shown = {"least": first_sign_in.least(house(), token)}
    return {"next": target(), "parked": request.form.get("parked"), **shown, **more}


def refused_page(refused: EngineError) -> ResponseReturnValue:
    """The sign-in page with what went wrong elsewhere."""
    return _page(problem=refused.render(gettext)), status_of(refused)


def with_session(answer: ResponseReturnValue, session: SignedIn) -> Response:
    """The answer with the session's cookie, and that of the browser when it is newly known."""
    made = make_response(answer)
    _give(made, COOKIE, session.token, path="/")
    if session.device is not None:
        lasts = int(devices.LASTS.total_seconds())
        _give(made, DEVICE, session.device, path=DOORS, max_age=lasts)
    return made


def renew() -> None:
    """Give the session another token once she has shown again who she is; the cookie goes with the answer."""
    renewed = sessions.renew(house(), g.session)
    if renewed is not None:
        g.renewed = renewed


def _hand_over(answer: Response) -> Response:
    renewed = g.get("renewed")
    return answer if renewed is None else with_session(answer, renewed)


def _give(answer: Response, name: str, value: str, **more: Any) -> None:
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    answer.set_cookie(name, value, httponly=True, samesite="Lax", secure=secure, **more)


@bp.post("/logout")
@public
def sign_out() -> ResponseReturnValue:
    """End the session here and in the house."""
    token = request.cookies.get(COOKIE)
    if token:
        sessions.sign_out(house(), token)
    answer = make_response(redirect(url_for("auth.sign_in"), 303))
    answer.delete_cookie(COOKIE, path="/")
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer


def target() -> str:
    """Where to go after signing in: a page of ours, never another host."""
    return inside(request.form.get("next") or request.args.get("next") or "/", "/")


def inside(asked: str, otherwise: str) -> str:
    """An address that came with a request, when it is a page of ours; `otherwise` when it could lead to another host."""
    own = asked.startswith("/") and not asked.startswith("//") and "\\" not in asked and asked.isprintable()
    return asked if own else otherwise


def _page(**more: Any) -> str:
    shown = {"demo": current_app.config["HALFSKY_DEMO"], "provider": current_app.config["HALFSKY_PROVIDER"]}
    return render_template("login.html", **shown, **more)


def init(app: Flask) -> None:
    """Guard every request of the application."""
    app.config.setdefault("WTF_CSRF_CHECK_DEFAULT", False)
    app.config.setdefault("WTF_CSRF_TIME_LIMIT", None)
    #: our pages send no referrer at all; SameSite cookies and the number itself protect
    app.config.setdefault("WTF_CSRF_SSL_STRICT", False)
    csrf.init_app(app)
    app.register_blueprint(bp)
    app.before_request(admit)
    app.after_request(_hand_over)
