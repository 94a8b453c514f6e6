"""The keys of an installation as a file or the environment holds them, never the database.

One key a line, the newest first: 44 characters as `cryptography.fernet.Fernet` takes them. A key that has been laid to rest
leaves a line ``lookup:<id>:<secret>``: what is derived from it for hashing, which opens and vouches for nothing.
A key is spoken of by its id, the first 16 hex digits of its SHA-256, which tells nothing of it.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Protocol

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from engine.errors import EngineError
from engine.messages import N_

_RESTING: Final = b"lookup"
_SECRET: Final = 32


class BadKeys(EngineError):
    """The key file, or what the environment gives for it, holds no key or something that is none. Its content is never told."""

    text = N_("密钥无法使用：{where} 中没有密钥，或有一行不是密钥。请从备份恢复原密钥。")


class KeysFixed(EngineError):
    """The keys come from the environment, so this process cannot change them."""

    text = N_("密钥由环境变量 HALFSKY_KEYS 提供，本程序不能修改：请在变量中自行增删，并重新启动所有进程。")


@dataclass(frozen=True, repr=False)
class Key:
    """One key. `secret` is None once it was laid to rest; `lookup` is what hashing needs of it, for ever."""

    id: str
    secret: bytes | None
    lookup: bytes

    def __repr__(self) -> str:
        """The id alone."""
        return f"<key {self.id}>"

    def derived(self, purpose: bytes) -> bytes | None:
        """A secret of 32 bytes for one purpose; None once laid to rest."""
        return None if self.secret is None else _derived(self.secret, purpose)

    def at_rest(self) -> Key:
        """What is left of it when nothing it has sealed or vouched for is left."""
        return replace(self, secret=None)

    @property
    def line(self) -> bytes:
        """As it stands in a key file."""
        if self.secret is not None:
            return self.secret
        return b":".join((_RESTING, self.id.encode(), base64.urlsafe_b64encode(self.lookup)))


def _derived(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), _SECRET, None, purpose).derive(secret)


def key_of(secret: bytes) -> Key:
    """The key of a line; ValueError when it is none."""
    Fernet(secret)
    return Key(hashlib.sha256(secret).hexdigest()[:16], secret, _derived(secret, b"halfsky keyed lookup"))


def new_key() -> Key:
    """A key drawn at random."""
    return key_of(Fernet.generate_key())


def parsed(text: bytes, where: str) -> tuple[Key, ...]:
    """The keys in a text, in its order; lines and commas separate them. BadKeys."""
    try:
        found = tuple(_of_line(line) for line in text.replace(b",", b" ").split())
    except ValueError:
        found = ()
    if not any(key.secret for key in found):
        raise BadKeys(where=where) from None
    return found


def _of_line(line: bytes) -> Key:
    if not line.startswith(_RESTING + b":"):
        return key_of(line)
    _, name, secret = line.split(b":")
    lookup = base64.urlsafe_b64decode(secret)
    if len(name) != 16 or len(lookup) != _SECRET:
        raise ValueError(len(lookup))
    return Key(name.decode("ascii"), None, lookup)


class Source(Protocol):
    """Where keys come from."""

    #: as people may be told of it
    where: str

    def load(self) -> tuple[Key, ...]:
        """The keys as they are now; BadKeys."""

    def changed(self) -> bool:
        """Whether it is worth loading again."""

    def save(self, keys: Sequence[Key]) -> None:
        """Have these keys from now on; KeysFixed."""


class Given:
    """Keys that a process was started with."""

    where = "HALFSKY_KEYS"

    def __init__(self, keys: Sequence[Key]) -> None:
        self._keys = tuple(keys)

    @classmethod
    def of_text(cls, text: bytes) -> Given:
        """Keys in the form of a key file; BadKeys."""
        return cls(parsed(text, cls.where))

    def load(self) -> tuple[Key, ...]:
        """Always the same."""
        return self._keys

    def changed(self) -> bool:
        """Never."""
        return False

    def save(self, keys: Sequence[Key]) -> None:
        """KeysFixed."""
        raise KeysFixed(count=len(keys))


class KeyFile:
    """Keys in a file that its owner alone may read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.where = str(path)
        self._seen: tuple[int, int, int] | None = None

    def load(self) -> tuple[Key, ...]:
        """As the file is now; BadKeys."""
        self._seen = self._state()
        try:
            return parsed(self.path.read_bytes(), self.where)
        except OSError as error:
            raise BadKeys(where=self.where) from error

    def changed(self) -> bool:
        """Whether the file is another than the one that was loaded."""
        return self._state() != self._seen

    def _state(self) -> tuple[int, int, int] | None:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_ino, found.st_size, found.st_mtime_ns

    def create(self) -> None:
        """Make it with one new key, unless it is there; of two processes that do so at once, one does."""
        if not self.path.exists():
            draft = self._draft([new_key()])
            with contextlib.suppress(FileExistsError):
                os.link(draft, self.path)
            draft.unlink()

    def save(self, keys: Sequence[Key]) -> None:
        """Replace the file in one go; whoever reads it meanwhile reads the old or the new one whole."""
        self._draft(keys).replace(self.path)
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _draft(self, keys: Sequence[Key]) -> Path:
        """The content on the disk under a name of its own, mode 600."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=self.path.parent, prefix=self.path.name)
        with os.fdopen(handle, "wb") as new:
            new.write(b"".join(key.line + b"\n" for key in keys))
            new.flush()
            os.fsync(new.fileno())
        return Path(draft)
