"""Empty or prepared databases for tests, of either kind, made by copying: a migration runs once per worker, not per test."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Protocol
from uuid import uuid4

import psycopg
from sqlalchemy.engine import URL, make_url

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Prepare = Callable[[str], None]


class Databases(Protocol):
    """A place where databases can be made and dropped."""

    def create(self, prepare: Prepare | None = None) -> str:
        """Make a database and give its SQLAlchemy URL.

        `prepare` (a module-level function of a URL, for instance one that migrates) runs once per worker, on a template that
        every later call copies; it must close its connections.
        """

    def drop(self, url: str) -> None:
        """Remove it and whatever is still connected to it."""


class SqliteDatabases:
    """One file per database in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._templates: dict[Prepare, Path] = {}

    def create(self, prepare: Prepare | None = None) -> str:
        path = self.folder / f"{uuid4().hex}.sqlite"
        if prepare:
            shutil.copyfile(self._template(prepare), path)
        return f"sqlite:///{path}"

    def drop(self, url: str) -> None:
        name = make_url(url).database or ""
        for path in self.folder.glob(f"{name.rpartition('/')[2]}*"):
            path.unlink()

    def _template(self, prepare: Prepare) -> Path:
        if prepare not in self._templates:
            path = self.folder / f"template-{uuid4().hex}.sqlite"
            prepare(f"sqlite:///{path}")
            assert not path.with_name(f"{path.name}-wal").exists(), f"{prepare} has left its connections open"
            self._templates[prepare] = path
        return self._templates[prepare]


class PostgresDatabases:
    """Databases on the server of `server_url`; names are random, so workers and runs do not meet."""

    def __init__(self, server_url: str) -> None:
        self.server = make_url(server_url).set(drivername="postgresql+psycopg")
        self._templates: dict[Prepare, str] = {}

    def create(self, prepare: Prepare | None = None) -> str:
        return self._create(self._template(prepare) if prepare else "template0")

    def drop(self, url: str) -> None:
        self._execute(f'DROP DATABASE IF EXISTS "{make_url(url).database}" WITH (FORCE)')

    def drop_templates(self) -> None:
        """Remove the templates; for a server that outlives the run."""
        for name in self._templates.values():
            self._execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _create(self, template: str) -> str:
        name = f"halfsky_{uuid4().hex}"
        self._execute(f"""CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY""")
        return text(self.server.set(database=name))

    def _template(self, prepare: Prepare) -> str:
        if prepare not in self._templates:
            url = self._create("template0")
            prepare(url)
            self._templates[prepare] = make_url(url).database or ""
        return self._templates[prepare]

    def _execute(self, statement: str) -> None:
        with psycopg.connect(text(self.server.set(drivername="postgresql")), autocommit=True) as connection:
            connection.execute(statement.encode())


def text(url: URL) -> str:
    """The URL as a string, its password included."""
    return url.render_as_string(hide_password=False)
