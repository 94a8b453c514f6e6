"""Passwords: how they are hashed, verified, and refused when they are too weak. Argon2id, as OWASP recommends it."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from engine.messages import N_, Message

MIN_LENGTH = 10
MIN_DIFFERENT = 4

#: OWASP Password Storage Cheat Sheet, argon2id: "m=19456 (19 MiB), t=2, p=1" (decision 11)
MEMORY_KIB, PASSES, LANES = 19 * 1024, 2, 1

_hasher = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES, type=Type.ID)
#: one thread for all: one verification keeps a core busy, and the C library keeps its memory for the thread that used it once
_one_at_a_time = ThreadPoolExecutor(1, thread_name_prefix="passwords")


def hash_password(password: str) -> str:
    """What is stored of a password; takes tens of milliseconds on purpose."""
    return _one_at_a_time.submit(_hasher.hash, password).result()


def verify(password_hash: str | None, password: str) -> bool:
    """Whether a password is right. Without a hash (nobody by that name) it is wrong, and saying so takes as long."""
    known = password_hash or _nobodys_hash()
    try:
        right = _one_at_a_time.submit(_hasher.verify, known, password).result()
    except (VerificationError, InvalidHashError):
        return False
    return right and password_hash is not None


def is_outdated(password_hash: str) -> bool:
    """Whether a hash was made with other parameters than today's; it still verifies, and is renewed at the next sign-in."""
    return _hasher.check_needs_rehash(password_hash)


def password_problem(password: str, login: str) -> Message | None:
    """Why a new password is refused, or None: at least 10 characters, more than a few different ones, not the login."""
    if len(password) < MIN_LENGTH:
        return Message(N_("密码至少 {least} 位，现为 {count} 位"), {"least": MIN_LENGTH, "count": len(password)})
    if len(set(password)) < MIN_DIFFERENT or login.casefold() in password.casefold():
        return Message(N_("密码过于简单：不能只用几个字符，也不能包含登录名"))
    return None


@cache
def _nobodys_hash() -> str:
    """What an unknown login is verified against."""
    return hash_password(secrets.token_urlsafe(32))
