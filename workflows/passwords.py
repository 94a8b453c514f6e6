"""Passwords: how they are hashed, verified, and refused when they are too weak. Argon2id, as OWASP recommends it.

What a good one is follows NIST SP 800-63B: its length, and that it is not what is tried first; nothing about kinds of characters,
and no change without a reason (decision 32).
"""

from __future__ import annotations

import gzip
import secrets
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Final

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

import workflows
from engine.messages import N_, Message

#: with an authenticator beside it, and as the only thing that is asked for
MIN_LENGTH: Final = 12
MIN_LENGTH_ALONE: Final = 15
#: nobody types more, and whoever sends more wants to keep us busy
MAX_LENGTH: Final = 256
#: of so many pieces at least: a listed word, a run on the keyboard, a number, a repetition, or any other single character
MIN_PIECES: Final = 5

#: OWASP Password Storage Cheat Sheet, argon2id: "m=19456 (19 MiB), t=2, p=1" (decision 11)
MEMORY_KIB, PASSES, LANES = 19 * 1024, 2, 1

_hasher = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES, type=Type.ID)
#: one thread for all: one verification keeps a core busy, and the C library keeps its memory for the thread that used it once
_one_at_a_time = ThreadPoolExecutor(1, thread_name_prefix="passwords")

_ROWS: Final = (
    "`1234567890-=", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./", "~!@#$%^&*()_+", "abcdefghijklmnopqrstuvwxyz",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm", "qazwsxedcrfvtgbyhnujm", "!qaz@wsx#edc",
)  # fmt: skip
_RUNS: Final = tuple(row for line in _ROWS for row in (line, line[::-1]))
_SHORTEST_RUN, _LONGEST_WORD, _LONGEST_NUMBER = 3, 24, 8
#: signs that stand for letters
_DISGUISED: Final = str.maketrans("@4301$57!", "aaeoissti")


def hash_password(password: str) -> str:
    """What is stored of a password; takes tens of milliseconds on purpose."""
    return _one_at_a_time.submit(_hasher.hash, _typed(password)).result()


def verify(password_hash: str | None, password: str) -> bool:
    """Whether a password is right. Without a hash (nobody by that name) it is wrong, and saying so takes as long."""
    known, typed = password_hash or _nobodys_hash(), _typed(password)
    right = _one_at_a_time.submit(_verified, known, typed).result()
    if not right and typed != password:  # stored before full-width letters were taken for what they are
        right = _one_at_a_time.submit(_verified, known, password[:MAX_LENGTH]).result()
    return right and password_hash is not None


def is_outdated(password_hash: str) -> bool:
    """Whether a hash was made with other parameters than today's; it still verifies, and is renewed at the next sign-in."""
    return _hasher.check_needs_rehash(password_hash)


def password_problem(password: str, *hers: str, alone: bool = True) -> Message | None:
    """Why a new password is refused, or None. `hers`: her login, her name, her units; `alone`: no authenticator beside it."""
    least, typed = MIN_LENGTH_ALONE if alone else MIN_LENGTH, _typed(password)
    if len(typed) < least:
        why = N_("密码至少 {least} 位，现为 {count} 位；可以用一句好记的话，字符种类不限")
        return Message(why, {"least": least, "count": len(typed)})
    if len(password) > MAX_LENGTH:
        return Message(N_("密码最多 {most} 位"), {"most": MAX_LENGTH})
    folded = typed.casefold()
    if any(len(word) > 1 and word.casefold() in folded for word in hers):
        return Message(N_("密码不能包含登录名、姓名或单位名称"))
    if min(pieces(folded), pieces(folded.translate(_DISGUISED))) < MIN_PIECES:
        return Message(N_("密码过于简单：不能只由常见词、日期、号码、键盘顺序或重复内容组成，请多用几个不相干的词"))
    return None


def pieces(text: str) -> int:
    """Of how few listed words, keyboard runs, numbers, repetitions and single characters a text (lower case) can be made."""
    for length in range(1, len(text) // 2 + 1):
        if len(text) % length == 0 and text == text[:length] * (len(text) // length):
            return 1 + (pieces(text[:length]) if length > 1 else 0)
    fewest = [0] * (len(text) + 1)
    for end in range(1, len(text) + 1):
        starts = range(max(0, end - _LONGEST_WORD), end - 1)
        fewest[end] = min([fewest[end - 1] + 1, *(fewest[at] + 1 for at in starts if _is_piece(text[at:end]))])
    return fewest[-1]


def _is_piece(part: str) -> bool:
    if part in _listed() or len(set(part)) == 1:
        return True
    if part.isdigit():
        return len(part) <= _LONGEST_NUMBER
    return len(part) >= _SHORTEST_RUN and (any(part in run for run in _RUNS) or _climbs(part))


def _climbs(part: str) -> bool:
    """Whether each character follows the one before it (or goes before it) in the table of characters."""
    steps = {ord(b) - ord(a) for a, b in pairwise(part)}
    return steps in ({1}, {-1})


def _typed(password: str) -> str:
    """As it counts: full-width letters of an input method are the letters they show (NIST SP 800-63B: normalised)."""
    return unicodedata.normalize("NFKC", password[: MAX_LENGTH + 1])


def _verified(known: str, password: str) -> bool:
    try:
        return _hasher.verify(known, password)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _listed() -> frozenset[str]:
    """The words of `common_passwords/words.txt.gz`."""
    packed = resources.files(workflows).joinpath("common_passwords/words.txt.gz").read_bytes()
    return frozenset(gzip.decompress(packed).decode().splitlines())


@cache
def _nobodys_hash() -> str:
    """What an unknown login is verified against."""
    return hash_password(secrets.token_urlsafe(32))
