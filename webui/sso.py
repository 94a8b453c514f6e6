"""The doors to and from the provider of single sign-on, when the installation has one."""

from __future__ import annotations

import base64
from typing import cast

from flask import Blueprint, Response, current_app, make_response, redirect, request
from flask.typing import ResponseReturnValue

from engine.errors import EngineError, NotFound
from engine.messages import N_, Message
from webui.auth import DOORS, admitted, caller_now, refused_page, target
from webui.public import public
from webui.runtime import house
from workflows import single_sign_on
from workflows.single_sign_on import Provider

bp = Blueprint("sso", __name__, url_prefix=f"{DOORS}/sso")

#: the sealed ticket between going and coming back
_TICKET = "halfsky_sso"


def provider() -> Provider:
    """The provider of this installation; NotFound when it has none."""
    found = cast("Provider | None", current_app.config["HALFSKY_PROVIDER"])
    if found is None:
        raise NotFound(what=Message(N_("单点登录")))
    return found


@bp.get("")
@public
def begin() -> ResponseReturnValue:
    """To the provider."""
    try:
        begun = single_sign_on.begin(house(), provider(), target())
    except single_sign_on.ProviderFailed as failed:
        return refused_page(failed)
    answer = make_response(redirect(begun.url, 303))
    secure, lasts = current_app.config["SESSION_COOKIE_SECURE"], int(single_sign_on.LASTS.total_seconds())
    sealed = base64.urlsafe_b64encode(begun.ticket).decode()
    answer.set_cookie(
        _TICKET, sealed, max_age=lasts, path=bp.url_prefix or "/", httponly=True, samesite="Lax", secure=secure
    )
    return answer


@bp.get("/back")
@public
def back() -> ResponseReturnValue:
    """Back from the provider: in, or on to the page that asks for a code, or refused."""
    asked = provider()
    try:
        ticket = base64.urlsafe_b64decode(request.cookies.get(_TICKET, "").encode())
        session, onward = single_sign_on.finish(house(), asked, ticket, request.args, caller_now())
    except ValueError:
        return _over(refused_page(single_sign_on.ProviderFailed(why="ticket")))
    except EngineError as refused:
        return _over(refused_page(refused))
    return _over(admitted(session, onward))


def _over(answer: ResponseReturnValue) -> Response:
    """A ticket is used once."""
    made = make_response(answer)
    made.delete_cookie(_TICKET, path=bp.url_prefix or "/")
    return made
