#!/usr/bin/env python3
"""Compare the locked packages with a dump of published advisories, on a machine without a way out.

    tools/advisories.py all.zip [requirements.lock ...]

`all.zip` is the dump of the PyPI ecosystem in the OSV format (one JSON file an advisory), fetched elsewhere and carried here.
Each locked package that an advisory names as affected is told with the advisory's id and the versions that mend it; the status
is 1 then, 2 when the dump cannot be read or is empty. Withdrawn advisories do not count.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

ROOT = Path(__file__).resolve().parent.parent
LOCKS = tuple(ROOT / name for name in ("requirements.lock", "requirements-test.lock", "requirements-build.lock"))
_LOCKED = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;\\]+)", re.MULTILINE)


@dataclass(frozen=True)
class Finding:
    """A locked package that an advisory names. `mended`: the versions in which it is said to be mended."""

    package: str
    version: str
    advisory: str
    mended: tuple[str, ...]


def locked(text: str) -> dict[str, str]:
    """Name (as the index writes it) → version, of a lock file."""
    return {canonicalize_name(name): version for name, version in _LOCKED.findall(text)}


def findings(packages: Mapping[str, str], advisories: Iterable[Mapping[str, Any]]) -> Iterator[Finding]:
    """What of `packages` is affected by `advisories` (OSV records)."""
    for advisory in advisories:
        if advisory.get("withdrawn"):
            continue
        for affected in advisory.get("affected", ()):
            package = affected.get("package", {})
            name = canonicalize_name(package.get("name", ""))
            if package.get("ecosystem") == "PyPI" and name in packages and _hit(packages[name], affected):
                yield Finding(name, packages[name], str(advisory["id"]), tuple(_mended(affected)))


def _hit(version: str, affected: Mapping[str, Any]) -> bool:
    """Whether a version is listed, or lies in one of the ranges: introduced ≤ version < fixed (or ≤ last affected)."""
    here = Version(version)
    if any(_same(here, listed) for listed in affected.get("versions", ())):
        return True
    return any(_within(here, found.get("events", ())) for found in _ranges(affected))


def _within(here: Version, events: Iterable[Mapping[str, str]]) -> bool:
    inside = False
    for event in sorted(events, key=_order):
        if "introduced" in event:
            inside = inside or event["introduced"] == "0" or here >= Version(event["introduced"])
        elif "fixed" in event:
            inside = inside and here < Version(event["fixed"])
        elif "last_affected" in event:
            inside = inside and here <= Version(event["last_affected"])
    return inside


def _order(event: Mapping[str, str]) -> tuple[Version, bool]:
    value = next(iter(event.values()))
    return (Version("0" if value == "0" else value), "introduced" not in event)


def _ranges(affected: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    return (found for found in affected.get("ranges", ()) if found.get("type") == "ECOSYSTEM")


def _mended(affected: Mapping[str, Any]) -> Iterator[str]:
    return (e["fixed"] for found in _ranges(affected) for e in found.get("events", ()) if "fixed" in e)


def _same(here: Version, listed: str) -> bool:
    try:
        return here == Version(listed)
    except InvalidVersion:
        return False


def read_dump(path: Path) -> Iterator[dict[str, Any]]:
    """The advisories of a dump, one after the other."""
    with zipfile.ZipFile(path) as dump:
        for name in dump.namelist():
            if name.endswith(".json"):
                yield json.loads(dump.read(name))


def main(arguments: list[str] | None = None) -> int:
    """Compare and tell."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("dump", type=Path)
    asked.add_argument("locks", type=Path, nargs="*", default=LOCKS)
    chosen = asked.parse_args(arguments)
    packages = {name: version for lock in chosen.locks for name, version in locked(lock.read_text("utf-8")).items()}
    try:
        advisories = list(read_dump(chosen.dump))
    except (OSError, zipfile.BadZipFile, ValueError) as error:
        print(f"{chosen.dump} is no dump of advisories: {type(error).__name__}", file=sys.stderr)
        return 2
    if not advisories:
        print(f"{chosen.dump} holds no advisory", file=sys.stderr)
        return 2
    found = list(findings(packages, advisories))
    for each in found:
        mended = f"mended in {', '.join(each.mended)}" if each.mended else "no version mends it"
        print(f"{each.package} {each.version}: {each.advisory}, {mended}")
    print(f"{len(packages)} locked packages against {len(advisories)} advisories: {len(found)} named")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
