"""The bytes of papers at rest: each file under a random key of its own, in pieces, so that no file has to be in memory whole.

The key of a file is sealed by the house's (`fields.Vault`): when that one changes, 32 bytes are sealed anew and not the file.
A piece is AES-256-GCM; its number and whether it is the last are part of its nonce, so that a piece that was altered, moved,
left out, added or brought from another file does not open. Files from before were sealed whole; they open as ever, and a change
of keys brings them into this form (decision 34).
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import bindparam, insert, select, update

from engine.errors import NotFound
from engine.fields import Unreadable
from engine.messages import N_, Message
from engine.model_filed import blob, blob_piece

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from engine.fields import Vault

#: bytes of a file in one piece
PIECE: Final = 256 * 1024
_LABEL: Final = b"halfsky paper 1"

_FIND = select(blob.c.id).where(blob.c.content_hash.in_(bindparam("b_hashes", expanding=True)))
_ADD = insert(blob)
_ADD_PIECE = insert(blob_piece)
_HEAD = select(blob.c.key_sealed, blob.c.pieces).where(blob.c.id == bindparam("b_id"))
_WHOLE = select(blob.c.sealed).where(blob.c.id == bindparam("b_id"))
_PIECE = select(blob_piece.c.sealed).where(
    blob_piece.c.blob_id == bindparam("b_id"), blob_piece.c.number == bindparam("b_number")
)
#: a connection of the house keeps answers as long as its transaction lasts, but none to a question with options
_NOT_REMEMBERED: Final = {"halfsky_once": True}
_RENEW = (
    update(blob)
    .where(blob.c.id == bindparam("b_id"), blob.c.key_sealed.is_(None))
    .values(sealed=None, key_sealed=bindparam("b_key"), pieces=bindparam("b_pieces"))
)


def store(connection: Connection, vault: Vault, content: bytes | IO[bytes]) -> tuple[int, str, int]:
    """Keep a file (once); returns its id, the SHA-256 of its plain content, and its size in bytes.

    A file that is given as a stream is read twice, one piece in memory at a time.
    """
    stream = io.BytesIO(content) if isinstance(content, bytes) else content
    sha256, size = _measured(stream)
    names = vault.lookups("blob", sha256)
    found = connection.execute(_FIND, {"b_hashes": list(names)}).scalar()
    if found is not None:
        return int(found), sha256, size
    key = AESGCM.generate_key(256)
    row: dict[str, Any] = {"content_hash": names[-1], "key_sealed": vault.seal(key), "pieces": _pieces_of(size)}
    added = connection.execute(_ADD, row).inserted_primary_key
    blob_id = int(added[0]) if added is not None else 0
    _write(connection, blob_id, key, _cut(stream))
    return blob_id, sha256, size


def plain(connection: Connection, vault: Vault, blob_id: int) -> Iterator[bytes]:
    """A file piece by piece; Unreadable at the first piece that was altered, NotFound without the file.

    What was given before that was genuine, and not yet the whole: whoever passes it on breaks off.
    """
    head = connection.execute(_HEAD, {"b_id": blob_id}).one_or_none()
    if head is None:
        raise NotFound(what=Message(N_("材料 {id}"), {"id": blob_id}))
    if head.key_sealed is None:
        whole = connection.execute(_WHOLE, {"b_id": blob_id}, execution_options=_NOT_REMEMBERED).scalar()
        yield vault.open(whole or b"")
        return
    key = AESGCM(vault.open(head.key_sealed))
    for number in range(head.pieces):
        at = {"b_id": blob_id, "b_number": number}
        sealed = connection.execute(_PIECE, at, execution_options=_NOT_REMEMBERED).scalar()
        try:
            yield key.decrypt(_nonce(number, head.pieces), bytes(sealed or b""), _LABEL)
        except (InvalidTag, ValueError) as error:
            raise Unreadable from error


def sha256_of(connection: Connection, vault: Vault, blob_id: int) -> str:
    """The SHA-256 of the plain content; Unreadable, NotFound."""
    made = hashlib.sha256()
    for piece in plain(connection, vault, blob_id):
        made.update(piece)
    return made.hexdigest()


def renew(connection: Connection, vault: Vault, blob_id: int) -> bool:
    """Bring a file that was sealed whole into pieces under a key of its own; False when somebody else just did. Unreadable."""
    content = b"".join(plain(connection, vault, blob_id))
    key = AESGCM.generate_key(256)
    told = {"b_id": blob_id, "b_key": vault.seal(key), "b_pieces": _pieces_of(len(content))}
    if connection.execute(_RENEW, told).rowcount != 1:
        return False
    _write(connection, blob_id, key, _cut(io.BytesIO(content)))
    return True


def _measured(stream: IO[bytes]) -> tuple[str, int]:
    made, size = hashlib.sha256(), 0
    for part in _cut(stream):
        made.update(part)
        size += len(part)
    return made.hexdigest(), size


def _cut(stream: IO[bytes]) -> Iterator[bytes]:
    stream.seek(0)
    while part := stream.read(PIECE):
        yield part


def _pieces_of(size: int) -> int:
    return max(1, -(-size // PIECE))


def _write(connection: Connection, blob_id: int, key: bytes, parts: Iterator[bytes]) -> None:
    """One piece ahead, because the last one is told apart by its nonce."""
    cipher, number, part = AESGCM(key), 0, next(parts, b"")
    while True:
        following = next(parts, None)
        last = number + 1 if following is None else 0
        row = {"blob_id": blob_id, "number": number, "sealed": cipher.encrypt(_nonce(number, last), part, _LABEL)}
        connection.execute(_ADD_PIECE, row)
        if following is None:
            return
        number, part = number + 1, following


def _nonce(number: int, pieces: int) -> bytes:
    """Twelve bytes, never the same twice under one key, because every file has its own."""
    return number.to_bytes(8, "big") + (b"last" if number + 1 == pieces else b"more")
