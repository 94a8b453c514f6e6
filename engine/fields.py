"""Encrypted columns and keyed hashes: what is stored about a person can be found, but not read, without the key.

The key file holds Fernet keys, one a line, the newest first (rotation: put a new line on top), and is readable by its owner
alone. The keys for hashing are derived from the *last* line, so that adding keys keeps every stored hash valid.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import tempfile
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from engine.errors import EngineError
from engine.messages import N_

_CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


class Unreadable(EngineError):
    """Stored bytes do not open with any of the installation's keys: altered, or from another installation."""

    text = N_("加密内容无法读取：密钥不符，或内容已被改动。")


class Vault:
    """Seals and opens what the database must not show, and hashes what must be found by equality."""

    def __init__(self, keys: list[bytes]) -> None:
        """`keys` are urlsafe-base64 Fernet keys, the newest first."""
        self._fernet = MultiFernet([Fernet(k) for k in keys])
        self._lookup = HKDF(SHA256(), 32, None, b"halfsky keyed lookup").derive(keys[-1])
        self._vouching = HKDF(SHA256(), 32, None, b"halfsky history").derive(keys[-1])

    @classmethod
    def from_file(cls, path: Path) -> Vault:
        """Read the key file, creating it (mode 600) on first use; of two processes that create it at once, one does.

        It appears under its name with its content on the disk, so that nobody ever reads half a key.
        """
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, draft = tempfile.mkstemp(dir=path.parent, prefix=path.name)
            with os.fdopen(handle, "wb") as new:
                new.write(Fernet.generate_key() + b"\n")
                new.flush()
                os.fsync(new.fileno())
            with contextlib.suppress(FileExistsError):
                os.link(draft, path)
            Path(draft).unlink()
        return cls([line for line in path.read_bytes().split() if line])

    def seal(self, content: bytes) -> bytes:
        """Encrypt and authenticate."""
        return self._fernet.encrypt(content)

    def open(self, sealed: bytes) -> bytes:
        """Decrypt; Unreadable when the bytes were altered or the key is another."""
        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken as error:
            raise Unreadable from error

    def seal_json(self, content: Any) -> bytes:
        """Encrypt a JSON value in its canonical form."""
        return self.seal(canonical(content))

    def open_json(self, sealed: bytes) -> Any:
        """The JSON value that was sealed."""
        return json.loads(self.open(sealed))

    def lookup(self, kind: str, value: str) -> str:
        """Keyed hash (64 hex digits) of a normalised value: equal values of one kind meet, nobody can reverse it."""
        return hmac.digest(self._lookup, f"{kind}\x00{value}".encode(), "sha256").hex()

    def vouch(self, *content: Any) -> str:
        """Keyed hash (HMAC-SHA256, 64 hex digits) of JSON values: that this house, holding the key, wrote exactly these."""
        return hmac.digest(self._vouching, canonical(content), "sha256").hex()


def canonical(content: Any) -> bytes:
    """One byte sequence per JSON value: sorted keys, no spaces, UTF-8. What digests are taken over."""
    return _CANONICAL.encode(content).encode()


def digest(content: Any) -> str:
    """SHA-256 (64 hex digits) of the canonical form of a JSON value."""
    return hashlib.sha256(canonical(content)).hexdigest()
