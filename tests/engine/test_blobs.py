"""A file lies under a key of its own, in pieces; whoever changes, moves, adds or leaves out one of them is found out."""

from __future__ import annotations

import hashlib
import io
import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import func, insert, select

from engine import blobs
from engine.columns import metadata
from engine.database import Database
from engine.errors import NotFound
from engine.fields import Unreadable, Vault
from engine.model_filed import blob, blob_piece

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

PIECE = 16
#: a file and its key as they were written before files had keys of their own; kept here for ever
OLD_KEY = b"qzKLPZ5UXpCSTN6mZaYs1HHqeBbfgNxXjL1X8PTHHqQ="
OLD_FILE = (
    b"gAAAAABrAm1bIsK7pOZlrbggd8-fxh4EVVusMZlgiM7oKq4OMVjFL8QFPSctu_KF_7dVgSTM0uU1GPCXv7"
    b"bKEnn68mH8Am-C1hC28EX-GwnTBX1hiw-ZCeqOPri-OV35UmzT2gM_n6ADUo59S8iz-4Wajecj2V-tAQ=="
)


class Store:
    """One database and one key."""

    def __init__(self, url: str) -> None:
        self.database = Database(url)
        self.vault = Vault([Fernet.generate_key()])
        metadata.create_all(self.database.engine, tables=[blob, blob_piece, metadata.tables["reference_state"]])

    def keep(self, content: Any) -> int:
        with self.database.writing() as connection:
            blob_id, sha256, size = blobs.store(connection, self.vault, content)
            connection.commit()
        assert (len(sha256), size >= 0) == (64, True)
        return blob_id

    def read(self, blob_id: int) -> bytes:
        with self.database.reading() as connection:
            return b"".join(blobs.plain(connection, self.vault, blob_id))

    def change(self, statement: Any) -> None:
        with self.database.writing() as connection:
            connection.execute(statement)
            connection.commit()


@pytest.fixture
def store(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setattr(blobs, "PIECE", PIECE)
    made = Store(database_url)
    yield made
    made.database.dispose()


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE])
def test_what_was_kept_comes_back_and_is_kept_once(store: Store, size: int) -> None:
    content = bytes(range(size))
    kept = store.keep(content)
    assert store.keep(io.BytesIO(content)) == kept
    assert store.read(kept) == content
    with store.database.reading() as connection:
        assert blobs.sha256_of(connection, store.vault, kept) == hashlib.sha256(content).hexdigest()
        stored = connection.execute(select(blob_piece.c.sealed)).scalars().all()
    assert len(stored) == max(1, -(-size // PIECE))
    assert all(content not in bytes(piece) for piece in stored) or size < 2


def pieces(connection: Connection, blob_id: int) -> dict[int, bytes]:
    found = connection.execute(select(blob_piece.c.number, blob_piece.c.sealed).where(blob_piece.c.blob_id == blob_id))
    return {row.number: bytes(row.sealed) for row in found}


@pytest.mark.parametrize(
    "how", ["altered", "swapped", "cut", "shortened", "added", "from elsewhere", "another key", "gone"]
)
def test_a_file_that_was_tampered_with_does_not_open(store: Store, how: str) -> None:
    kept, other = store.keep(b"a" * 3 * PIECE), store.keep(b"b" * 3 * PIECE)
    at = blob_piece.update().where(blob_piece.c.blob_id == kept, blob_piece.c.number == 1)
    head = blob.update().where(blob.c.id == kept)
    with store.database.reading() as connection:
        mine, theirs = pieces(connection, kept), pieces(connection, other)
        their_key = connection.execute(select(blob.c.key_sealed).where(blob.c.id == other)).scalar_one()
    changes = {
        "altered": [at.values(sealed=mine[1][:-1] + bytes([mine[1][-1] ^ 1]))],
        "swapped": [at.values(sealed=mine[0])],
        "cut": [at.values(sealed=b"")],
        "shortened": [head.values(pieces=2)],
        "added": [insert(blob_piece).values(blob_id=kept, number=3, sealed=mine[2]), head.values(pieces=4)],
        "from elsewhere": [at.values(sealed=theirs[1])],
        "another key": [head.values(key_sealed=their_key)],
        "gone": [blob_piece.delete().where(blob_piece.c.blob_id == kept, blob_piece.c.number == 1)],
    }
    for change in changes[how]:
        store.change(change)
    with pytest.raises(Unreadable):
        store.read(kept)
    assert store.read(other) == b"b" * 3 * PIECE


def test_a_file_that_is_not_there_is_told_so(store: Store) -> None:
    with pytest.raises(NotFound):
        store.read(99)


def test_a_file_from_before_opens_and_is_brought_into_pieces_once(store: Store) -> None:
    content = bytes(range(3 * PIECE))
    store.change(insert(blob).values(id=7, content_hash="x", sealed=OLD_FILE))
    store.vault = Vault([Fernet.generate_key(), OLD_KEY])
    assert store.read(7) == content
    with store.database.writing() as connection:
        assert [blobs.renew(connection, store.vault, 7) for _ in range(2)] == [True, False]
        connection.commit()
    assert store.read(7) == content
    with store.database.reading() as connection:
        assert connection.execute(select(blob.c.sealed)).scalar() is None
        assert connection.execute(select(func.count()).select_from(blob_piece)).scalar() == 3


def test_a_file_of_fifty_megabytes_takes_no_more_memory_than_a_few_pieces(sqlite_databases: Any) -> None:
    store = Store(sqlite_databases.create())

    class Long(io.RawIOBase):
        """Fifty megabytes that nobody holds."""

        left = 0

        def seek(self, *_: int) -> int:
            self.left = 50 * 1024 * 1024
            return 0

        def read(self, most: int = -1) -> bytes:
            taken = min(most, self.left)
            self.left -= taken
            return b"x" * taken

    tracemalloc.start()
    try:
        kept = store.keep(Long())
        with store.database.reading() as connection:
            size = sum(len(piece) for piece in blobs.plain(connection, store.vault, kept))
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        store.database.dispose()
    assert size == 50 * 1024 * 1024
    assert most < 8 * 1024 * 1024, f"{most:,} bytes"
