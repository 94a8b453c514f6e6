"""Where an installation keeps its things: HALFSKY_DATA, _DATABASE_URL, _HOST, _PORT, _HTTPS, _PROXY, _NODE and its keys.

Keys come from the file HALFSKY_KEY_FILE (default: `keys` in the data folder), or from HALFSKY_KEYS itself, for whoever has them
put into the environment by the system that keeps secrets; one a line or between commas, the newest first.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from engine.database import Database
from engine.fields import Vault
from engine.keyring import Given, KeyFile, Source
from engine.runtime import Runtime
from workflows import catalogue, handover, reception_rounds, records
from workflows.federation_rules import FederationRules
from workflows.single_sign_on import Provider
from workflows.supervision import FederationSupervision

DEFAULT_PORT = 8321
#: without these there is no single sign-on
PROVIDER_NEEDS = ("HALFSKY_PUBLIC_URL", "HALFSKY_OIDC_ISSUER", "HALFSKY_OIDC_CLIENT", "HALFSKY_OIDC_SECRET_FILE")
_PROVIDER_SETTINGS = (*PROVIDER_NEEDS, "HALFSKY_OIDC_NAME", "HALFSKY_OIDC_SECOND_FACTOR")


@dataclass(frozen=True)
class Settings:
    """One installation: folder, database and address."""

    data: Path
    database_url: str
    host: str
    port: int
    https: bool
    #: the address from which a proxy of ours asks; its word on whom it asks for is believed, and nobody else's
    proxy: str | None = None
    #: this machine's name among those that run jobs; None: its host name
    node: str | None = None
    #: where the keys are, when not in the data folder; the keys themselves, when they are no file
    key_path: Path | None = None
    given_keys: bytes | None = field(default=None, repr=False)
    #: HALFSKY_PUBLIC_URL and HALFSKY_OIDC_*, as they were given; see docs/sign_in.md
    single_sign_on: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def key_file(self) -> Path:
        """The keys that open what the database must not show."""
        return self.key_path or self.data / "keys"

    def keys(self) -> Source:
        """Where the keys come from; BadKeys for what the environment holds and is none."""
        return Given.of_text(self.given_keys) if self.given_keys is not None else KeyFile(self.key_file)

    def make_keys(self) -> None:
        """A key file with a new key, where there is none; only for a database that holds nothing yet."""
        if self.given_keys is None:
            KeyFile(self.key_file).create()

    @property
    def demo_mark(self) -> Path:
        """Exists when the demo county was loaded; the sign-in page then lists its accounts."""
        return self.data / "demo"

    def vault(self) -> Vault:
        """The keys; BadKeys without any: a new key would open nothing of what is there."""
        return Vault(source=self.keys())

    def provider(self) -> Provider | None:
        """The provider of single sign-on; None when none is set up, or only half of it is (`halfsky doctor` says so)."""
        given = self.single_sign_on
        if self.provider_lacks():
            return None
        return Provider(
            given["HALFSKY_OIDC_ISSUER"],
            given["HALFSKY_OIDC_CLIENT"],
            Path(given["HALFSKY_OIDC_SECRET_FILE"]).read_text("utf-8").strip(),
            given["HALFSKY_PUBLIC_URL"].rstrip("/") + "/login/sso/back",
            given.get("HALFSKY_OIDC_NAME", ""),
            frozenset(given.get("HALFSKY_OIDC_SECOND_FACTOR", "").split()),
        )

    def provider_lacks(self) -> list[str]:
        """What single sign-on still needs; all of it when nothing is set up."""
        lacking = [name for name in PROVIDER_NEEDS if not self.single_sign_on.get(name)]
        file = self.single_sign_on.get("HALFSKY_OIDC_SECRET_FILE")
        if file and not (Path(file).is_file() and Path(file).stat().st_size):
            lacking.append("HALFSKY_OIDC_SECRET_FILE")
        return lacking

    def runtime(self) -> Runtime:
        """The running house."""
        records.known()
        database = Database(self.database_url)
        vault = self.vault()
        return Runtime(
            database,
            vault,
            FederationRules(vault),
            catalogue.load(),
            supervision=FederationSupervision(),
            chores=(handover.keep, reception_rounds.settle_days),
        )


def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of this process."""
    data = Path(environment.get("HALFSKY_DATA") or "var").absolute()
    return Settings(
        data=data,
        database_url=environment.get("HALFSKY_DATABASE_URL") or f"sqlite:///{data / 'halfsky.db'}",
        host=environment.get("HALFSKY_HOST") or "127.0.0.1",
        port=int(environment.get("HALFSKY_PORT") or DEFAULT_PORT),
        https=environment.get("HALFSKY_HTTPS") == "1",
        proxy=environment.get("HALFSKY_PROXY") or None,
        node=environment.get("HALFSKY_NODE") or None,
        key_path=Path(environment["HALFSKY_KEY_FILE"]).absolute() if environment.get("HALFSKY_KEY_FILE") else None,
        given_keys=environment["HALFSKY_KEYS"].encode() if environment.get("HALFSKY_KEYS") else None,
        single_sign_on={name: text for name, text in environment.items() if name in _PROVIDER_SETTINGS},
    )
