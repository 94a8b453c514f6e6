"""The team of a case, who is kept from it, its class: each view is one command. And the question what a case is opened for."""

from __future__ import annotations

import hashlib
from typing import Any

from flask import Blueprint, current_app, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands import classes, reading, teams
from engine.errors import EngineError, InvalidAnswers, NotNow, SignatureRequired
from engine.messages import Message
from engine.queries import team as queries
from engine.runtime import Command
from webui import auth, cases, proof
from webui.collaboration import Typed
from webui.errors import status_of
from webui.public import is_public
from webui.runtime import act, house, me
from webui.runtime import reading as connected
from workflows.entering import TooManyAttempts

bp = Blueprint("teams", __name__, url_prefix="/cases/<int:case_id>")

#: what hands content out although it is sent by a form
_PRINTS = frozenset(("printing.make", "contact.sheet", "extensions.letter"))
#: a field of a command → the box of the page where its problem is told
_BOXES = {"account": "account", "who": "who", "until": "until", "documents": "documents", "class": "to"}


@bp.post("/team/add")
def add(case_id: int) -> ResponseReturnValue:
    """Take somebody into the team."""
    named = [int(each) for each in request.form.getlist("documents") if _small(each)]
    more: dict[str, Any] = {
        "account_id": _number("account"),
        "until": request.form.get("until", ""),
        "documents": named,
    }
    return _done(case_id, "add", "added", teams.add_member, _why() | more)


@bp.post("/team/manager")
def appoint(case_id: int) -> ResponseReturnValue:
    """Put somebody in charge."""
    more = {"account_id": _number("account"), "keep_intake": request.form.get("keep") == "1"}
    return _done(case_id, "manager", "appointed", teams.appoint_manager, _why() | more)


@bp.post("/team/end")
def end(case_id: int) -> ResponseReturnValue:
    """Take somebody out of the team."""
    return _done(case_id, "end", "ended", teams.end_member, _why() | {"member_id": _number("member")})


@bp.post("/team/exclude")
def exclude(case_id: int) -> ResponseReturnValue:
    """Keep a person or a unit from the case."""
    more = {"account_id": _number("account") or None, "unit_id": _number("unit") or None}
    return _done(case_id, "exclude", "excluded", teams.exclude, _why() | more)


@bp.post("/team/readmit")
def readmit(case_id: int) -> ResponseReturnValue:
    """Keep somebody from the case no longer."""
    return _done(case_id, "readmit", "readmitted", teams.end_exclusion, _why() | {"exclusion_id": _number("exclusion")})


@bp.post("/class/raise")
def raised(case_id: int) -> ResponseReturnValue:
    """Make the case more confidential."""
    return _done(case_id, "raise", "raised", classes.raise_class, _why() | {"to": request.form.get("to", "")})


@bp.post("/class/lower")
def lower(case_id: int) -> ResponseReturnValue:
    """Ask that the case become less confidential."""
    return _done(
        case_id, "lower", "asked", classes.ask_lowering, _why() | {"to": request.form.get("to", "")}, proven=True
    )


@bp.post("/class/decide")
def decide(case_id: int) -> ResponseReturnValue:
    """Confirm or refuse it as the second person."""
    more = {"change_id": _number("change"), "agree": request.form.get("agree") == "1"}
    return _done(case_id, "decide", "decided", classes.decide_lowering, more, proven=True)


@bp.post("/purpose")
def purpose(case_id: int) -> ResponseReturnValue:
    """What for a confidential case is opened; on to where she was going."""
    text, page = request.form.get("purpose", ""), url_for("cases.show", case_id=case_id)
    onward = auth.inside(request.form.get("next", ""), page)
    try:
        act(reading.state_purpose, case_id=case_id, purpose=text, session=_session())
    except InvalidAnswers as wrong:
        return _ask(case_id, onward, text, wrong.problems["purpose"][0]), status_of(wrong)
    return redirect(onward, 303)


def ask_purpose() -> ResponseReturnValue | None:
    """Before every page and print that an address leads to a case: from C3 on she says what for, once a session.

    And she signs in again, with a code, when she had signed in as somebody whom no such case was open to (decision 32).
    """
    view = current_app.view_functions.get(request.endpoint or "")
    shows = request.method in ("GET", "HEAD")
    if not (shows or request.endpoint in _PRINTS) or g.get("actor") is None or is_public(view):
        return None
    if request.blueprint in (
        "api",
        "audits",
    ):  # a program is shown no confidential case, an auditor is let in by her engagement
        return None
    named = next((key for key in request.view_args or {} if key in queries.LEADS_TO), None)
    if named is None:
        return None
    number = (request.view_args or {})[named]
    with connected() as connection:
        case_id = queries.asks_purpose(house(), connection, me(), named, number, _session())
    g.asked_purpose = case_id is not None
    if case_id is None:
        return None
    onward = request.full_path.rstrip("?") if shows else url_for("cases.show", case_id=case_id)
    return auth.again(onward) if auth.signed_in_lightly() else _ask(case_id, onward)


def _ask(case_id: int, onward: str, text: str = "", problem: Message | None = None) -> str:
    bounds = {"least": reading.SHORTEST_PURPOSE, "most": reading.LONGEST_PURPOSE}
    return render_template("purpose.html", case_id=case_id, onward=onward, text=text, problem=problem, **bounds)


def _session() -> str:
    """A hash that tells this session from others and opens none."""
    token = getattr(g.get("session"), "token_hash", "")
    return hashlib.sha256(f"purpose {token}".encode()).hexdigest()


def _why() -> dict[str, Any]:
    return {"reason": request.form.get("reason", "")}


def _done(
    case_id: int, form: str, done: str, command: Command, said: dict[str, Any], *, proven: bool = False
) -> ResponseReturnValue:
    """Do it and come back to the tab; `proven`: it takes the password again. Who may not do it is told so before that."""
    try:
        shown: dict[str, Any] = {"proof": proof.typed()} if proven else {}
        act(command, case_id=case_id, **said, **shown)
    except (InvalidAnswers, NotNow, SignatureRequired, TooManyAttempts) as wrong:
        return _again(case_id, form, wrong), status_of(wrong)
    return redirect(url_for("cases.show", case_id=case_id, tab="team", done=done), 303)


def _again(case_id: int, form: str, error: EngineError) -> str:
    """The tab once more with what was typed, and what is wrong beside its box."""
    box = "reason" if isinstance(error, NotNow) else "_password"
    problems = error.problems if isinstance(error, InvalidAnswers) else {box: [error.message]}
    told = {f"{form}.{_BOXES.get(name, name)}": found[0] for name, found in problems.items()}
    chosen = (request.form.get("account", ""), request.form.get("unit", ""), *request.form.getlist("documents"))
    text = {f"{form}.{k}": v for k, v in request.form.items() if not k.startswith("_")}
    return cases.tab_of(case_id, "team", Typed(text, told, chosen))


def _number(name: str) -> int:
    text = request.form.get(name, "")
    return int(text) if _small(text) else 0


def _small(text: str) -> bool:
    return text.isdecimal() and len(text) < 18
