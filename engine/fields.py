"""Encrypted columns and keyed hashes: what is stored about a person can be found, but not read, without the key.

What is sealed begins with eight digits of the id of its key and a dot, so that the right key opens it at once and everybody can
count what still hangs on an old one. Which key counts is said by the database (`engine.key_uses`), the same for every process
at every instant; without a word from there the first line of the key file seals, and the last one hashes and vouches.

Hashing goes in steps, one for each key that ever counted: a hash of the second step is the keyed hash of the one of the first.
So a stored hash can be brought to a newer key without knowing what it is of, and whoever once stole the older key alone cannot
make the newer ones. From the second step on a hash ends in a dot and its step (decision 34).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, NamedTuple, NoReturn

from cryptography.fernet import Fernet, InvalidToken

from engine.errors import EngineError, Unavailable
from engine.keyring import BadKeys, Given, Key, KeyFile, Source
from engine.messages import N_

_CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
#: digits of a key's id before the dot
_NAMED: Final = 8
_VOUCHING: Final = b"halfsky history"
_PAGES: Final = b"halfsky page numbers"
#: hex digits of a hash before the dot and its step
_CUT: Final = 60


class Unreadable(EngineError):
    """Stored bytes do not open with any of the installation's keys: altered, or from another installation."""

    text = N_("加密内容无法读取：密钥不符，或内容已被改动。")


class KeysMissing(Unavailable):
    """The database is sealed with a key this process does not have: nothing may be read or written until it has."""

    text = N_("密钥不全：缺少密钥 {keys}。请把含有它的密钥文件放回，或补全 HALFSKY_KEYS 后重新启动。")


class KeyState(StrEnum):
    """What a key is for."""

    ANNOUNCED = "announced"  #: every process is to have it; nothing uses it yet
    CURRENT = "current"  #: seals, hashes and vouches
    OLD = "old"  #: opens what it has sealed
    RESTED = "rested"  #: nothing needs it any more


class KeyUse(NamedTuple):
    """A row of `key_use`."""

    key_id: str
    step: int | None
    state: str


class _Ring:
    """What a vault works with at one moment: replaced as a whole, never changed."""

    def __init__(self, keys: Sequence[Key], uses: tuple[KeyUse, ...]) -> None:
        self.keys = tuple(keys)
        self.uses = uses
        by_id = {key.id: key for key in keys}
        counted = [use for use in uses if use.state != KeyState.ANNOUNCED]
        chain = [use.key_id for use in counted if use.step is not None] or [keys[-1].id]
        sealing = next((u.key_id for u in counted if u.state == KeyState.CURRENT), None) or next(
            key.id for key in keys if key.secret
        )
        needed = {*chain, sealing, *(use.key_id for use in counted if use.state == KeyState.OLD)}
        missing = sorted(k for k in needed if k not in by_id)
        if missing or by_id[sealing].secret is None:
            raise KeysMissing(keys=", ".join(missing or [sealing]))
        self.open_by = {key.id[:_NAMED].encode(): Fernet(key.secret) for key in keys if key.secret}
        self.current = sealing
        self.prefix = sealing[:_NAMED].encode() + b"."
        self.fernet = self.open_by[self.prefix[:-1]]
        self.steps = tuple(by_id[each].lookup for each in chain)
        self.vouching = tuple(by_id[each].derived(_VOUCHING) for each in chain)


class Vault:
    """Seals and opens what the database must not show, and hashes what must be found by equality. Safe for threads."""

    def __init__(self, keys: Sequence[bytes] = (), *, source: Source | None = None) -> None:
        """`keys` are urlsafe-base64 Fernet keys, the newest first; or the `source` they come from. BadKeys."""
        self._source: Source = source or Given.of_text(b"\n".join(keys))
        self._ring = _Ring(self._source.load(), ())
        self._guard = threading.Lock()

    @classmethod
    def from_file(cls, path: Path, *, create: bool = True) -> Vault:
        """Read the key file, making it (mode 600, one key) on first use unless `create` is False. BadKeys."""
        file = KeyFile(path)
        if create:
            file.create()
        return cls(source=file)

    def __repr__(self) -> str:
        """The ids of the keys alone."""
        return f"<vault {' '.join(key.id for key in self._ring.keys)}>"

    def __reduce__(self) -> NoReturn:
        """Keys are never written down with something else."""
        raise TypeError(type(self).__name__)

    @property
    def source(self) -> Source:
        """Where its keys come from."""
        return self._source

    @property
    def keys(self) -> tuple[Key, ...]:
        """The keys it holds, the newest first."""
        return self._ring.keys

    @property
    def current(self) -> str:
        """The id of the key that seals."""
        return self._ring.current

    @property
    def step(self) -> int:
        """At which step hashes are made."""
        return len(self._ring.steps)

    @property
    def uses(self) -> tuple[KeyUse, ...]:
        """What the database said last of its keys."""
        return self._ring.uses

    def follow(self, uses: tuple[KeyUse, ...]) -> None:
        """Work as the database says from now on; KeysMissing when it names a key that is not here, and cannot be loaded."""
        if uses == self._ring.uses:
            return
        with self._guard:
            if _progress(uses) <= _progress(self._ring.uses):
                return  # of a transaction that began before the last change
            known = {key.id for key in self._ring.keys}
            keys = self._ring.keys
            if any(use.key_id not in known for use in uses) and self._source.changed():
                keys = self._source.load()
            self._ring = _Ring(keys, uses)

    def reload(self) -> None:
        """Take up keys that were added to, or taken from, the source."""
        with self._guard:
            self._ring = _Ring(self._source.load(), self._ring.uses)

    def without(self, key_id: str) -> Vault:
        """A vault that hashes the same and lacks one key for everything else: what it opens does not need that key."""
        ring = self._ring
        other = Vault(source=Given([key.at_rest() if key.id == key_id else key for key in ring.keys]))
        other.follow(ring.uses)
        return other

    def seal(self, content: bytes) -> bytes:
        """Encrypt and authenticate; ASCII letters, digits and ``._-=``."""
        ring = self._ring
        return ring.prefix + ring.fernet.encrypt(content)

    def open(self, sealed: bytes) -> bytes:
        """Decrypt; Unreadable when the bytes were altered or the key is another."""
        try:
            return self._open(sealed)
        except InvalidToken as error:
            if not self._source.changed():
                raise Unreadable from error
        try:
            self.reload()
            return self._open(sealed)
        except (InvalidToken, BadKeys) as error:
            raise Unreadable from error

    def _open(self, sealed: bytes) -> bytes:
        ring = self._ring
        if sealed[_NAMED : _NAMED + 1] == b".":
            fernet = ring.open_by.get(bytes(sealed[:_NAMED]))
            if fernet is None:
                raise InvalidToken
            return fernet.decrypt(sealed[_NAMED + 1 :])
        for fernet in ring.open_by.values():  # from before keys were named
            try:
                return fernet.decrypt(sealed)
            except InvalidToken:
                continue
        raise InvalidToken

    def is_current(self, sealed: bytes) -> bool:
        """Whether sealed bytes say that they hang on the current key."""
        return bytes(sealed[: _NAMED + 1]) == self._ring.prefix

    @property
    def mark(self) -> bytes:
        """What everything begins with that is sealed now."""
        return self._ring.prefix

    def seal_json(self, content: Any) -> bytes:
        """Encrypt a JSON value in its canonical form."""
        return self.seal(canonical(content))

    def open_json(self, sealed: bytes) -> Any:
        """The JSON value that was sealed."""
        return json.loads(self.open(sealed))

    def lookup(self, kind: str, value: str) -> str:
        """Keyed hash (at most 64 characters) of a normalised value: equal values of one kind meet, nobody can reverse it."""
        return self.lookups(kind, value)[-1]

    def lookups(self, kind: str, value: str) -> tuple[str, ...]:
        """The keyed hashes of a value at every step, the oldest first: what is brought over row by row is asked for by all."""
        steps = self._ring.steps
        made = [hmac.digest(steps[0], f"{kind}\x00{value}".encode(), "sha256").hex()]
        for number in range(1, len(steps)):
            made.append(_raised(steps, made[-1], number))
        return tuple(made)

    def raised(self, hashed: str) -> str:
        """A keyed hash of an earlier step as it is made now; one of the present step unchanged."""
        steps = self._ring.steps
        for number in range(step_of(hashed), len(steps)):
            hashed = _raised(steps, hashed, number)
        return hashed

    def vouch(self, *content: Any) -> str:
        """HMAC-SHA256 (at most 64 characters) of JSON values: that this house, holding the key, wrote exactly these."""
        ring = self._ring
        return _vouched(ring.vouching[-1], len(ring.vouching), content)

    def vouches(self, mac: str, *content: Any) -> bool:
        """Whether `mac` is what `vouch` made of these values, now or under an older key that is still here."""
        step, vouching = step_of(mac), self._ring.vouching
        if not 1 <= step <= len(vouching) or vouching[step - 1] is None:
            return False
        return hmac.compare_digest(_vouched(vouching[step - 1], step, content), mac)

    def page_secrets(self) -> list[str]:
        """What signs the protection numbers of pages: the secret of each key, the one that signs last."""
        ring = self._ring
        ordered = sorted(ring.keys, key=lambda key: key.id == ring.current)
        return [secret.hex() for key in ordered if (secret := key.derived(_PAGES)) is not None]


_RANKS: Final = {KeyState.ANNOUNCED: 1, KeyState.CURRENT: 2, KeyState.OLD: 3, KeyState.RESTED: 4}


def _progress(uses: tuple[KeyUse, ...]) -> int:
    """Grows with every change: keys are added, and go through their states in order."""
    return sum(_RANKS[KeyState(use.state)] for use in uses)


def step_of(hashed: str) -> int:
    """At which step a keyed hash was made; 0 for what is none, though not everything that is none is told apart."""
    if not hashed.isascii():
        return 0
    if "." not in hashed:
        return 1
    number = hashed.rpartition(".")[2]
    return int(number) if number.isdigit() and len(number) < 4 else 0


def _raised(steps: tuple[bytes, ...], hashed: str, number: int) -> str:
    return f"{hmac.digest(steps[number], hashed.encode(), 'sha256').hex()[:_CUT]}.{number + 1}"


def _vouched(secret: bytes | None, step: int, content: Any) -> str:
    if secret is None:
        raise KeysMissing(keys="—")
    made = hmac.digest(secret, canonical(content), "sha256").hex()
    return made if step == 1 else f"{made[:_CUT]}.{step}"


def canonical(content: Any) -> bytes:
    """One byte sequence per JSON value: sorted keys, no spaces, UTF-8. What digests are taken over."""
    return _CANONICAL.encode(content).encode()


def digest(content: Any) -> str:
    """SHA-256 (64 hex digits) of the canonical form of a JSON value."""
    return hashlib.sha256(canonical(content)).hexdigest()
