"""Where an installation keeps its things: HALFSKY_DATA, _DATABASE_URL, _HOST, _PORT, _HTTPS and _NODE of the environment."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.database import Database
from engine.fields import Vault
from engine.runtime import Runtime
from workflows import catalogue
from workflows.rules import FederationRules
from workflows.supervision import FederationSupervision

DEFAULT_PORT = 8321


@dataclass(frozen=True)
class Settings:
    """One installation: folder, database and address."""

    data: Path
    database_url: str
    host: str
    port: int
    https: bool
    #: this machine's name among those that run jobs; None: its host name
    node: str | None = None

    @property
    def key_file(self) -> Path:
        """The keys that open what the database must not show."""
        return self.data / "keys"

    @property
    def demo_mark(self) -> Path:
        """Exists when the demo county was loaded; the sign-in page then lists its accounts."""
        return self.data / "demo"

    def vault(self) -> Vault:
        """The keys, made on first use."""
        return Vault.from_file(self.key_file)

    def runtime(self) -> Runtime:
        """The running house."""
        database = Database(self.database_url)
        vault = self.vault()
        return Runtime(database, vault, FederationRules(vault), catalogue.load(), supervision=FederationSupervision())

    def secret(self) -> str:
        """What signs the protection numbers of forms; derived from the key file, so that it survives a restart."""
        return hashlib.sha256(b"halfsky page numbers\0" + self.key_file.read_bytes()).hexdigest()


def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of this process."""
    data = Path(environment.get("HALFSKY_DATA") or "var").absolute()
    return Settings(
        data=data,
        database_url=environment.get("HALFSKY_DATABASE_URL") or f"sqlite:///{data / 'halfsky.db'}",
        host=environment.get("HALFSKY_HOST") or "127.0.0.1",
        port=int(environment.get("HALFSKY_PORT") or DEFAULT_PORT),
        https=environment.get("HALFSKY_HTTPS") == "1",
        node=environment.get("HALFSKY_NODE") or None,
    )
