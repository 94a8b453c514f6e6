"""解除动态码: asked for by the security administrator, granted or refused by the chair in charge."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.errors import Forbidden, InvalidAnswers, SignatureRequired
from engine.messages import N_, Message
from webui import directory, proof
from webui.errors import status_of
from webui.language import gettext
from webui.runtime import act, me, now, posted_key, reading
from workflows import factor_resets
from workflows.entering import TooManyAttempts

bp = Blueprint("factor_resets", __name__, url_prefix="/organisation/authenticators")

#: posts that meet either right; where, is asked when they act
_ASK, _GRANT = ("SEC_ADMIN",), ("COUNTY_CHAIR", "UPPER_CHAIR")


@bp.get("/")
def show() -> str:
    """What waits, and the form for whoever may ask."""
    return _page()


@bp.post("/")
def ask() -> ResponseReturnValue:
    """Ask; her own proof comes first."""
    key = posted_key()
    try:
        proof.posted()
        act(
            factor_resets.ask_reset,
            key=key,
            login=request.form.get("login", ""),
            reason=request.form.get("reason", ""),
        )
    except InvalidAnswers as wrong:
        return _page({field: found[0] for field, found in wrong.problems.items()}), 422
    except (SignatureRequired, TooManyAttempts) as unproven:
        return _page(unproven=unproven.render(gettext)), status_of(unproven)
    return redirect(url_for("factor_resets.show", done="asked"), 303)


@bp.post("/<int:reset_id>")
def decide(reset_id: int) -> ResponseReturnValue:
    """Grant or refuse; her own proof comes first."""
    key = posted_key()
    try:
        proof.posted()
    except (SignatureRequired, TooManyAttempts) as unproven:
        return _page(unproven=unproven.render(gettext)), status_of(unproven)
    granted = request.form.get("grant") == "1"
    act(factor_resets.decide_reset, key=key, reset_id=reset_id, grant=granted)
    return redirect(url_for("factor_resets.show", done="granted" if granted else "refused"), 303)


def may_open() -> bool:
    """Whether the person signed in asks or grants."""
    return any(me().holds(post) for post in (*_ASK, *_GRANT))


def _page(problems: dict[str, Message] | None = None, unproven: str | None = None) -> str:
    if not may_open():
        raise Forbidden(why=Message(N_("只有安全管理员和主席可以办理解除动态码")))
    with reading() as connection:
        rows = factor_resets.waiting(connection, now())
        people = directory.people(connection, {i for row in rows for i in (row.account_id, row.asked_by)})
    return render_template(
        "factor_resets.html",
        rows=rows,
        people=people,
        may_ask=any(me().holds(post) for post in _ASK),
        may_grant=any(me().holds(post) for post in _GRANT),
        problems=problems or {},
        unproven=unproven,
        typed=request.form,
        done=request.args.get("done", ""),
    )
