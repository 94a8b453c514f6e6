"""Showing again who she is, at the moment of an act that binds her: a signature, a seal, breaking the glass, lowering a class.

Every form with such an act has the boxes of the macro `proof` (`_password`, and `_code` for whoever has an authenticator), and
its view asks here, once.
"""

from __future__ import annotations

from flask import request

from engine.commands.signing import Reauthentication
from engine.errors import SignatureRequired
from webui import auth
from webui.runtime import house, me, reading
from workflows import accounts, second_factor


def shown(password: str, code: str = "") -> Reauthentication:
    """The proof of the person signed in; SignatureRequired when nothing was typed, else what `accounts.reauthenticate` says.

    Her session gets another token.
    """
    if not password:
        raise SignatureRequired
    came = {"address": request.remote_addr or "", "agent": request.user_agent.string}
    proof = accounts.reauthenticate(house(), me(), password, code=code, **came)
    auth.renew()
    return proof


def posted() -> Reauthentication:
    """The proof in the boxes of the form that was sent."""
    return shown(request.form.get("_password", ""), request.form.get("_code", ""))


def typed() -> Reauthentication | None:
    """The same for a command that first asks whether she may: None when nothing was typed, and it says what is missing."""
    return posted() if request.form.get("_password") else None


def asks_code() -> bool:
    """Whether the person signed in is asked for a code as well."""
    with reading() as connection:
        return second_factor.is_enrolled(connection, me().id)
