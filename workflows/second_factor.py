"""The second factor: codes of an authenticator (RFC 6238, 30 seconds, six digits) and the recovery codes that stand in for it.

A code counts one step early or late, and once: the step that was used is moved on by one statement that only one transaction can
win, on whichever machine. Checking and using are two things, so that a code is not lost to a wrong password.
"""

from __future__ import annotations

import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final

import pyotp
import segno
from sqlalchemy import ColumnElement, Connection, bindparam, delete, exists, func, insert, select, update

from engine.errors import EngineError, InvalidAnswers
from engine.fields import Vault
from engine.messages import N_, Message
from workflows import model_sign_in as tables

#: seconds a code is shown, and how many steps early or late it counts
STEP: Final = 30
DRIFT: Final = 1
#: how long a secret that was shown waits for its first code
PENDING: Final = timedelta(minutes=15)
RECOVERY_CODES: Final = 10
ISSUER: Final = "半边天"
#: 31 letters and digits that nobody mistakes for another; ten of them are 49 bits
_LETTERS: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_RECOVERY_LENGTH: Final = 10
_DIGITS = re.compile(r"\d{6}", re.ASCII)

_factor = tables.second_factor.c
_code = tables.recovery_code.c
_FACTOR = select(tables.second_factor).where(_factor.account_id == bindparam("b_account"))
_ADD = insert(tables.second_factor)
_PENDING = (
    update(tables.second_factor)
    .where(_factor.account_id == bindparam("b_account"))
    .values(pending=bindparam("b_sealed"), pending_at=bindparam("b_now"))
)
_CONFIRM = (
    update(tables.second_factor)
    .where(_factor.account_id == bindparam("b_account"), _factor.pending == bindparam("b_sealed"))
    .values(sealed=bindparam("b_sealed"), confirmed_at=bindparam("b_now"), last_step=bindparam("b_step"),
            pending=None, pending_at=None)
)  # fmt: skip
_USE_STEP = (
    update(tables.second_factor)
    .where(_factor.account_id == bindparam("b_account"), _factor.last_step < bindparam("b_step"))
    .values(last_step=bindparam("b_step"))
)
_USE_RECOVERY = (
    update(tables.recovery_code)
    .where(_code.account_id == bindparam("b_account"), _code.code_hash == bindparam("b_hash"), _code.used_at.is_(None))
    .values(used_at=bindparam("b_now"))
)
_UNUSED = select(_code.code_hash).where(
    _code.account_id == bindparam("b_account"),
    _code.code_hash.in_(bindparam("b_hashes", expanding=True)),
    _code.used_at.is_(None),
)
_LEFT = select(func.count()).where(_code.account_id == bindparam("b_account"), _code.used_at.is_(None))
_FORGET_CODES = delete(tables.recovery_code).where(_code.account_id == bindparam("b_account"))
_FORGET = delete(tables.second_factor).where(_factor.account_id == bindparam("b_account"))
_ADD_CODES = insert(tables.recovery_code)


class CodeUsed(EngineError):
    """The code was used a moment ago, perhaps on another machine."""

    text = N_("这个动态码已经用过，请等下一个（每 30 秒换一个）。")


@dataclass(frozen=True)
class Match:
    """A code that is right and not yet used: a time step, or the keyed hash of a recovery code."""

    step: int | None = None
    recovery: str | None = None

    @property
    def how(self) -> str:
        """As in `sign_in_record.how`."""
        return "totp" if self.step is not None else "recovery"


@dataclass(frozen=True)
class Enrolment:
    """A new secret as it is shown once: typed in groups of four, or read off a picture (inline SVG)."""

    secret: str
    picture: str


def counts_for(account_id: ColumnElement[int]) -> ColumnElement[bool]:
    """`is_enrolled` as a column, for an account of the statement around it."""
    return exists().where(_factor.account_id == account_id, _factor.sealed.is_not(None))


def is_enrolled(connection: Connection, account_id: int) -> bool:
    """Whether an authenticator of the account counts."""
    row = connection.execute(_FACTOR, {"b_account": account_id}).one_or_none()
    return row is not None and row.sealed is not None


def match(connection: Connection, vault: Vault, account_id: int | None, code: str, now: datetime) -> Match | None:
    """What in a typed code is right, without using it; None when nothing is. An unknown account costs as much time."""
    asked = -1 if account_id is None else account_id
    typed = "".join(code.split()).replace("-", "").upper()
    row = connection.execute(_FACTOR, {"b_account": asked}).one_or_none()
    hashed = vault.lookups("recovery", f"{asked}:{typed}")
    unused = connection.execute(_UNUSED, {"b_account": asked, "b_hashes": list(hashed)}).one_or_none()
    known = row is not None and row.sealed is not None
    secret = _secret(vault, asked, row.sealed) if row is not None and known else _nobodys(vault)
    step = _step_of(secret, typed, now)
    if not known or row is None:
        return None
    if unused is not None:
        return Match(recovery=unused.code_hash)
    return Match(step) if step is not None and step > row.last_step else None


def use(connection: Connection, account_id: int, found: Match, now: datetime) -> None:
    """Use a code up; CodeUsed when somebody was faster."""
    if found.step is not None:
        done = connection.execute(_USE_STEP, {"b_account": account_id, "b_step": found.step})
    else:
        key = {"b_account": account_id, "b_hash": found.recovery, "b_now": now}
        done = connection.execute(_USE_RECOVERY, key)
    if done.rowcount != 1:
        raise CodeUsed


def begin(connection: Connection, vault: Vault, account_id: int, login: str, now: datetime) -> Enrolment:
    """Make a secret that counts as soon as a code of it is shown; the old one, if there is any, counts until then."""
    secret = pyotp.random_base32()
    sealed = vault.seal_json({"account": account_id, "secret": secret})
    if connection.execute(_PENDING, {"b_account": account_id, "b_sealed": sealed, "b_now": now}).rowcount == 0:
        connection.execute(
            _ADD, {"account_id": account_id, "last_step": 0, "pending": sealed, "pending_at": now, "sealed": None}
        )
    return _shown(secret, login)


def pending(connection: Connection, vault: Vault, account_id: int, login: str, now: datetime) -> Enrolment | None:
    """The secret that waits for its first code, once more; None when there is none, or it has waited too long."""
    row = connection.execute(_FACTOR, {"b_account": account_id}).one_or_none()
    if row is None or row.pending is None or now - row.pending_at > PENDING:
        return None
    return _shown(_secret(vault, account_id, row.pending), login)


def confirm(connection: Connection, vault: Vault, account_id: int, code: str, now: datetime) -> list[str]:
    """Let the secret that was shown count; returns fresh recovery codes. InvalidAnswers unless the code is of that secret."""
    row = connection.execute(_FACTOR, {"b_account": account_id}).one_or_none()
    if row is None or row.pending is None or now - row.pending_at > PENDING:
        raise InvalidAnswers({"code": [Message(N_("二维码已过期，请刷新页面，重新扫描"))]})
    step = _step_of(_secret(vault, account_id, row.pending), "".join(code.split()), now)
    if step is None:
        raise InvalidAnswers({"code": [Message(N_("动态码不正确：请输入验证器现在显示的 6 位数字，并核对手机时间"))]})
    asked = {"b_account": account_id, "b_sealed": row.pending, "b_now": now, "b_step": step}
    if connection.execute(_CONFIRM, asked).rowcount != 1:
        raise CodeUsed
    return renew_recovery(connection, vault, account_id, now)


def renew_recovery(connection: Connection, vault: Vault, account_id: int, now: datetime) -> list[str]:
    """Ten new recovery codes, told this once; the old ones count no more."""
    connection.execute(_FORGET_CODES, {"b_account": account_id})
    codes = ["".join(secrets.choice(_LETTERS) for _ in range(_RECOVERY_LENGTH)) for _ in range(RECOVERY_CODES)]
    rows = [
        {"account_id": account_id, "code_hash": vault.lookup("recovery", f"{account_id}:{code}"), "made_at": now}
        for code in codes
    ]
    connection.execute(_ADD_CODES, rows)
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def recovery_left(connection: Connection, account_id: int) -> int:
    """How many recovery codes have not been used."""
    return int(connection.execute(_LEFT, {"b_account": account_id}).scalar_one())


def take_off(connection: Connection, account_id: int) -> None:
    """Take the authenticator and the recovery codes off an account."""
    connection.execute(_FORGET_CODES, {"b_account": account_id})
    connection.execute(_FORGET, {"b_account": account_id})


def _step_of(secret: str, typed: str, now: datetime) -> int | None:
    """The newest step within the drift whose code was typed. Every candidate is computed and compared in constant time."""
    current, generator, found = int(now.timestamp()) // STEP, pyotp.HOTP(secret), None
    for step in range(current - DRIFT, current + DRIFT + 1):
        if hmac.compare_digest(generator.at(step).encode(), typed.encode()) and _DIGITS.fullmatch(typed):
            found = step
    return found


def _secret(vault: Vault, account_id: int, sealed: bytes) -> str:
    content: dict[str, Any] = vault.open_json(sealed)
    return str(content["secret"]) if content["account"] == account_id else pyotp.random_base32()


@cache
def _nobodys_sealed(vault: Vault, _mark: bytes) -> bytes:
    """Kept for each key that seals; there are few of them in a process."""
    return vault.seal_json({"account": -1, "secret": pyotp.random_base32()})


def _nobodys(vault: Vault) -> str:
    """The secret an unknown account's code is compared with; opened each time, as a known one's is."""
    return _secret(vault, -1, _nobodys_sealed(vault, vault.mark))


def _shown(secret: str, login: str) -> Enrolment:
    address = pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=ISSUER)
    picture = segno.make(address, error="m").svg_inline(scale=5, border=4, dark="#000", light="#fff")
    return Enrolment(" ".join(secret[i : i + 4] for i in range(0, len(secret), 4)), picture)
