"""A copy of a running SQLite house in one file, and a house made from such a file on an empty machine.

The file is a tar archive: `manifest.json` (when, which revision, how much, checksum, which keys) and `halfsky.db`, a snapshot by
SQLite's own backup interface, taken in one read transaction while people go on writing. The keys are **not** in it: whoever
held both could read everything, so they are kept apart (docs/operations.md). The manifest knows them by fingerprint, so
that a restore with the wrong keys is refused before anything is written.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Final

from alembic.script import ScriptDirectory
from sqlalchemy.engine import make_url

from engine.clock import SHANGHAI
from engine.errors import EngineError
from engine.fields import KeyState
from engine.keyring import Key, KeyFile, Source
from engine.messages import N_, Message

FORMAT: Final = "halfsky-backup-1"
_MANIFEST, _DATABASE = "manifest.json", "halfsky.db"
_PIECE: Final = 1024 * 1024
_MIGRATIONS = Path(__file__).parent / "migrations"


class BackupRefused(EngineError):
    """No copy was made, or nothing was restored; `why` says what stands in the way."""

    text = N_("未进行：{why}")


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself. `keys` and `resting`: ids of the keys that open it, and of those that only hash.

    An id is the SHA-256 of the key, first 16 hex digits; it tells nothing of the key.
    """

    format: str
    made_at: str
    revision: str
    sha256: str
    bytes: int
    cases: int
    entries: int
    keys: list[str]
    demo: bool
    resting: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Place:
    """An installation: where the database is, where the keys are, the mark of a demonstration.

    `given`: keys that come from the environment and stand in no file.
    """

    database_url: str
    key_file: Path
    demo_mark: Path
    given: Source | None = None

    @property
    def keys(self) -> Source:
        """Where its keys come from."""
        return self.given or KeyFile(self.key_file)

    @property
    def backup_mark(self) -> Path:
        """Says when the last backup was made (ISO 8601)."""
        return self.demo_mark.with_name("backed-up")

    @property
    def file(self) -> Path:
        """The SQLite file; BackupRefused on PostgreSQL, which has tools of its own."""
        url = make_url(self.database_url)
        if url.get_backend_name() != "sqlite":
            shown = url.set(drivername="postgresql").render_as_string(hide_password=True)
            raise BackupRefused(why=Message(_POSTGRESQL, {"url": shown}))
        return Path(url.database or "")


_POSTGRESQL: Final = N_(
    "PostgreSQL 请用其自带工具（运行中即可，结果一致）。备份：pg_dump --format=custom --file=halfsky.dump '{url}'　"
    "恢复到空库：pg_restore --no-owner --exit-on-error --dbname='{url}' halfsky.dump　密钥文件须另行保存，见 docs/operations.md。"
)


def back_up(place: Place, target: Path, now: datetime) -> Manifest:
    """Copy the running house into `target`, which appears only when it is whole and on the disk. BackupRefused."""
    source = place.file
    if not source.exists():
        raise BackupRefused(why=Message(N_("没有数据库 {file}"), {"file": source.name}))
    if target.exists():
        raise BackupRefused(why=Message(N_("{file} 已存在，不覆盖；请换一个文件名"), {"file": target.name}))
    with tempfile.TemporaryDirectory(dir=target.absolute().parent, prefix=".halfsky-backup-") as folder:
        copy = Path(folder) / _DATABASE
        _snapshot(source, copy)
        manifest = _describe(copy, place, now)
        draft = Path(folder) / "draft"
        with draft.open("wb") as written:
            os.fchmod(written.fileno(), 0o600)
            _pack(written, manifest, copy)
            os.fsync(written.fileno())
        try:
            os.link(draft, target)
        except FileExistsError as error:
            raise BackupRefused(
                why=Message(N_("{file} 已存在，不覆盖；请换一个文件名"), {"file": target.name})
            ) from error
    place.backup_mark.write_text(manifest.made_at)
    return manifest


def restore(place: Place, source: Path, keys: Path | None) -> Manifest:
    """Make the house of a backup here. Everything is checked first; nothing that is here is overwritten. BackupRefused."""
    database = place.file
    if database.exists():
        raise BackupRefused(
            why=Message(N_("这里已有数据库 {file}，不覆盖；请换一个空的数据文件夹"), {"file": database.name})
        )
    held = KeyFile(keys) if keys is not None else place.keys
    database.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=database.parent, prefix=".halfsky-restore-") as folder:
        copy = Path(folder) / _DATABASE
        manifest = _unpack(source, copy)
        found = _check_keys(manifest, held, place)
        _check_database(copy, manifest, found)
        if place.given is None and not place.key_file.exists():
            KeyFile(place.key_file).save(found)
        os.link(copy, database)
    if manifest.demo:
        place.demo_mark.touch()
    return manifest


def fingerprints(keys: Sequence[Key], *, whole: bool = True) -> list[str]:
    """Which keys there are, without telling them: those that open, or those of which only what hashing needs is left."""
    return [key.id for key in keys if (key.secret is not None) is whole]


def made_at(manifest: Manifest) -> str:
    """When the backup was taken, Shanghai time."""
    return datetime.fromisoformat(manifest.made_at).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


def _snapshot(source: Path, copy: Path) -> None:
    """One read transaction over the whole database: writers go on meanwhile, and none of what they write is in it."""
    with _opened(source, readonly=True) as running, _opened(copy) as made:
        running.backup(made)
        made.execute("PRAGMA journal_mode=DELETE")


def _describe(copy: Path, place: Place, now: datetime) -> Manifest:
    with _opened(copy, readonly=True) as made:
        revision = made.execute("SELECT version_num FROM alembic_version").fetchone()[0]
        cases = made.execute("SELECT count(*) FROM case_file").fetchone()[0]
        entries = made.execute("SELECT count(*) FROM history").fetchone()[0]
    keys = place.keys.load()
    return Manifest(
        format=FORMAT,
        made_at=now.isoformat(),
        revision=revision,
        sha256=_checksum(copy),
        bytes=copy.stat().st_size,
        cases=cases,
        entries=entries,
        keys=fingerprints(keys),
        demo=place.demo_mark.exists(),
        resting=fingerprints(keys, whole=False),
    )


def _pack(target: IO[bytes], manifest: Manifest, copy: Path) -> None:
    content = json.dumps(asdict(manifest), indent=1).encode()
    with tarfile.open(fileobj=target, mode="w") as archive:
        entry = tarfile.TarInfo(_MANIFEST)
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
        archive.add(copy, _DATABASE)


def _unpack(source: Path, copy: Path) -> Manifest:
    try:
        with tarfile.open(source, "r:") as archive:
            manifest = _manifest(archive)
            with copy.open("wb") as written:
                os.fchmod(written.fileno(), 0o600)
                shutil.copyfileobj(_member(archive, _DATABASE), written, _PIECE)
                written.flush()
                os.fsync(written.fileno())
    except (OSError, tarfile.TarError, ValueError, TypeError, KeyError) as error:
        raise BackupRefused(why=Message(N_("{file} 不是完整的备份文件"), {"file": source.name})) from error
    if _checksum(copy) != manifest.sha256:
        raise BackupRefused(why=Message(N_("{file} 已损坏：校验值不符"), {"file": source.name}))
    return manifest


def _manifest(archive: tarfile.TarFile) -> Manifest:
    manifest = Manifest(**json.loads(_member(archive, _MANIFEST).read()))
    if manifest.format != FORMAT:
        raise ValueError(manifest.format)
    return manifest


def _member(archive: tarfile.TarFile, name: str) -> IO[bytes]:
    found = archive.extractfile(name)
    if found is None:
        raise KeyError(name)
    return found


def _check_keys(manifest: Manifest, held: Source, place: Place) -> tuple[Key, ...]:
    """The keys to go on with: those that are held, which must open everything the backup has."""
    if isinstance(held, KeyFile) and not held.path.exists():
        why = N_("缺少密钥文件：备份中不含密钥，请用 --keys 指明另行保存的密钥文件")
        raise BackupRefused(why=Message(why))
    found = held.load()
    _must_hold(found, set(manifest.keys), set(manifest.resting))
    here = place.key_file
    if place.given is None and here.exists() and not {k.id for k in found} <= {k.id for k in KeyFile(here).load()}:
        raise BackupRefused(why=Message(N_("这里已有另一份密钥文件 {file}，不覆盖"), {"file": here.name}))
    return found


def _must_hold(found: Sequence[Key], whole: set[str], resting: set[str]) -> None:
    missing = (whole - set(fingerprints(found))) | (resting - {key.id for key in found})
    if missing:
        why = N_("密钥文件与备份不符：缺 {count} 把密钥，恢复后内容将无法读取")
        raise BackupRefused(why=Message(why, {"count": len(missing)}))


def _check_database(copy: Path, manifest: Manifest, found: Sequence[Key]) -> None:
    """Sound, of a revision this software knows, and with the keys it names; nobody is signed in on the new machine."""
    known = {each.revision for each in ScriptDirectory(str(_MIGRATIONS)).walk_revisions()}
    if manifest.revision not in known:
        why = N_("备份来自更新的软件版本（{revision}）：请先安装同样新的版本")
        raise BackupRefused(why=Message(why, {"revision": manifest.revision}))
    with _opened(copy) as made:
        if made.execute("PRAGMA quick_check").fetchone()[0] != "ok":
            raise BackupRefused(why=Message(N_("备份中的数据库不完整")))
        if made.execute("SELECT 1 FROM sqlite_master WHERE name = 'key_use'").fetchone():
            uses = made.execute("SELECT key_id, state FROM key_use").fetchall()
            resting = {key_id for key_id, state in uses if state == KeyState.RESTED}
            _must_hold(found, {key_id for key_id, _ in uses} - resting, resting)
        made.execute("DELETE FROM login_session")


def _checksum(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


@contextmanager
def _opened(path: Path, *, readonly: bool = False) -> Iterator[sqlite3.Connection]:
    """A connection past the house, in autocommit: what is copied is the file, not what stands in it."""
    mode: Any = "?mode=ro" if readonly else ""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}{mode}", uri=True, isolation_level=None)) as connection:
        yield connection
