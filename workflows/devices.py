"""Browsers in which an account has been signed in completely: each has its own small budget of wrong attempts (decision 32).

So whoever tries passwords from elsewhere shuts the door for herself and not for the person at her own desk. A device is known by
a random token in a cookie, of which the house keeps the hash; it replaces neither password nor code.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from workflows.model_sign_in import known_device

LASTS: Final = timedelta(days=90)

_device = known_device.c
_KNOWN = select(_device.account_id).where(
    _device.device_hash == bindparam("b_device"), _device.expires_at > bindparam("b_now")
)
_ADD = insert(known_device)
_RENEW = (
    update(known_device)
    .where(_device.device_hash == bindparam("b_device"), _device.account_id == bindparam("b_account"))
    .values(expires_at=bindparam("b_until"))
)
_FORGET = delete(known_device).where(_device.account_id == bindparam("b_account"))
_EXPIRED = delete(known_device).where(_device.expires_at <= bindparam("b_now"))


def device_hash(token: str) -> str:
    """How a device's token is stored."""
    return hashlib.sha256(token.encode()).hexdigest()


def accounts_of(connection: Connection, token: str, now: datetime) -> set[int]:
    """The accounts that were signed in completely in this browser."""
    asked = {"b_device": device_hash(token), "b_now": now}
    return {row.account_id for row in connection.execute(_KNOWN, asked).all()}


def remember(connection: Connection, token: str, account_id: int, now: datetime) -> str | None:
    """Know this browser for the account; returns a new token when it had none that anybody was known by."""
    connection.execute(_EXPIRED, {"b_now": now})
    known = accounts_of(connection, token, now) if token else set()
    if account_id in known:
        asked = {"b_device": device_hash(token), "b_account": account_id, "b_until": now + LASTS}
        connection.execute(_RENEW, asked)
        return None
    chosen = token if known else secrets.token_urlsafe(32)
    row = {"device_hash": device_hash(chosen), "account_id": account_id, "since": now, "expires_at": now + LASTS}
    connection.execute(_ADD, row)
    return None if chosen == token else chosen


def forget(connection: Connection, account_id: int) -> None:
    """Know none of the account's browsers any more."""
    connection.execute(_FORGET, {"b_account": account_id})
