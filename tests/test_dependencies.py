"""What is installed is what was decided: declared, pinned by hash, needed, licensed, and told in docs/dependencies.md."""

from __future__ import annotations

import importlib.metadata
import json
import re
import zipfile
from configparser import ConfigParser
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools import advisories

ROOT = Path(__file__).parent.parent
LICENCES = re.compile(
    r"\b(MIT|MIT-0|MIT-CMU|BSD|BSD-\d-Clause|Apache|Apache-2\.0|PSF-2\.0|Python-2\.0|ZPL|Zope|MPL|MPL-2\.0|LGPL\S*|Lesser|ISC|HPND|"
    r"Public Domain|Unlicense|CC0-1\.0|WTForms|PostgreSQL)(?![\w-])",
    re.IGNORECASE,
)


def declared(extra: str = "") -> list[Requirement]:
    config = ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    lines = config["options.extras_require"][extra] if extra else config["options"]["install_requires"]
    return [Requirement(line) for line in lines.split("\n") if line.strip() and not line.strip().startswith("#")]


def lock(name: str) -> dict[str, str]:
    return advisories.locked((ROOT / name).read_text("utf-8"))


def needed(wanted: list[Requirement]) -> set[str]:
    """Names of everything that requirements draw in, on this machine."""
    found: set[str] = set()
    waiting = [(each, extra) for each in wanted for extra in (each.extras or {""})]
    while waiting:
        requirement, extra = waiting.pop()
        name = canonicalize_name(requirement.name)
        mark = f"{name}[{extra}]"
        if mark in found:
            continue
        found |= {name, mark}
        for line in importlib.metadata.requires(name) or ():
            more = Requirement(line)
            if more.marker is None or more.marker.evaluate({**default_environment(), "extra": extra}):
                waiting += [(more, each) for each in (more.extras | {""})]
        if extra:
            waiting.append((Requirement(name), ""))
    return {name for name in found if "[" not in name}


def test_the_page_tells_of_each_library_that_is_declared_and_of_no_other() -> None:
    told = re.findall(
        r"^\| ([A-Za-z][A-Za-z0-9_.-]*) \| \S", (ROOT / "docs" / "dependencies.md").read_text("utf-8"), re.MULTILINE
    )
    assert sorted(told, key=str.lower) == sorted({"library", *(r.name for r in declared())}, key=str.lower)


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-test.lock", "requirements-build.lock"])
def test_every_locked_package_is_pinned_to_one_version_and_by_the_hashes_of_its_files(name: str) -> None:
    blocks = re.split(r"\n(?=\S)", (ROOT / name).read_text("utf-8").strip())
    for block in blocks:
        first, *hashes = block.split("\n")
        assert re.fullmatch(r"[a-z0-9.-]+==[\w.+!]+( ; [^\\]+?)? \\", first), first
        assert hashes, first
        assert all(re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}( \\)?", line) for line in hashes), first
    names = [block.split("==")[0] for block in blocks]
    assert names == sorted(set(names))


def test_what_is_locked_for_the_product_is_what_it_needs_and_in_the_same_version_when_tested() -> None:
    product, tested = lock("requirements.lock"), lock("requirements-test.lock")
    assert needed(declared()) <= set(product)
    # brotlicffi and tzdata stand in for other machines
    assert set(product) - needed(declared()) <= {"brotlicffi", "colorama", "tzdata", "greenlet"}
    assert {name: tested.get(name) for name in product} == product


def test_every_installed_package_of_the_product_has_a_licence_of_the_policy() -> None:
    without = []
    for name in needed(declared()):
        told = importlib.metadata.metadata(name)
        classifiers = [line for line in told.get_all("Classifier") or [] if line.startswith("License")]
        words = " ".join([told.get("License-Expression") or "", (told.get("License") or "")[:60], *classifiers])
        if not LICENCES.search(words):
            without.append((name, words))
    assert without == []


AFFECTED = {"package": {"ecosystem": "PyPI", "name": "Some.Thing"}}


def advisory(**affected: object) -> dict[str, object]:
    return {"id": "OSV-1", "affected": [{**AFFECTED, **affected}]}


def between(*events: dict[str, str]) -> dict[str, object]:
    return advisory(ranges=[{"type": "ECOSYSTEM", "events": list(events)}])


@pytest.mark.parametrize(
    ("told", "version", "hit"),
    [
        (between({"introduced": "0"}, {"fixed": "2.0"}), "1.9.9", True),
        (between({"introduced": "0"}, {"fixed": "2.0"}), "2.0", False),
        (between({"introduced": "0"}, {"fixed": "2.0"}), "2.0rc1", True),
        (between({"introduced": "1.5"}, {"fixed": "2.0"}), "1.4", False),
        (between({"introduced": "1.5"}, {"last_affected": "1.7"}), "1.7", True),
        (between({"introduced": "1.5"}, {"last_affected": "1.7"}), "1.7.1", False),
        (between({"introduced": "0"}, {"fixed": "1.0"}, {"introduced": "3.0"}, {"fixed": "3.2"}), "3.1", True),
        (between({"introduced": "0"}, {"fixed": "1.0"}, {"introduced": "3.0"}, {"fixed": "3.2"}), "2.0", False),
        (between({"introduced": "3.0"}), "3.0", True),
        (advisory(versions=["1.10", "1.2"]), "1.2.0", True),
        (advisory(versions=["1.10", "not a version"]), "1.1", False),
        ({**between({"introduced": "0"}), "withdrawn": "2026-01-01T00:00:00Z"}, "1.0", False),
        (
            {"id": "OSV-1", "affected": [{"package": {"ecosystem": "npm", "name": "some-thing"}, "versions": ["1.0"]}]},
            "1.0",
            False,
        ),
    ],
)
def test_a_locked_version_is_named_when_an_advisory_says_so(told: dict[str, object], version: str, hit: bool) -> None:
    found = list(advisories.findings({"some-thing": version}, [told]))
    assert [each.advisory for each in found] == (["OSV-1"] if hit else [])


def test_the_dump_is_read_and_a_finding_fails_the_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dump, locked = tmp_path / "all.zip", tmp_path / "some.lock"
    locked.write_text("some-thing==1.0 \\\n    --hash=sha256:00\nother==2.0 \\\n    --hash=sha256:00\n")
    for told, status, words in (
        (between({"introduced": "0"}, {"fixed": "2.0"}), 1, "some-thing 1.0: OSV-1, mended in 2.0"),
        (between({"introduced": "1.5"}), 0, "2 locked packages against 1 advisories: 0 named"),
    ):
        with zipfile.ZipFile(dump, "w") as file:
            file.writestr("OSV-1.json", json.dumps(told))
        assert advisories.main([str(dump), str(locked)]) == status
        assert words in capsys.readouterr().out


@pytest.mark.parametrize("content", [b"", b"not a zip", None])
def test_a_dump_that_cannot_be_read_is_never_taken_for_good_news(tmp_path: Path, content: bytes | None) -> None:
    dump = tmp_path / "all.zip"
    if content is not None:
        dump.write_bytes(content)
    assert advisories.main([str(dump)]) == 2
    with zipfile.ZipFile(dump, "w"):
        pass
    assert advisories.main([str(dump)]) == 2
