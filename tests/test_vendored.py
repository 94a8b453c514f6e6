"""Every third-party file a page loads is the one that was vendored, says where it comes from, and carries its licence."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

ROOT = Path(__file__).parent.parent
STATIC = ROOT / "webui" / "static"
VENDOR = STATIC / "vendor"
FOLDERS = sorted(path for path in VENDOR.iterdir() if path.is_dir())
EACH_FOLDER = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)


def test_nothing_lies_outside_a_versioned_folder() -> None:
    assert [path for path in VENDOR.iterdir() if not path.is_dir()] == []
    assert [re.sub(r"-\d+\.\d+\.\d+$", "", folder.name) for folder in FOLDERS] == ["bpmn-js", "htmx", "icons", "tabler"]


@EACH_FOLDER
def test_the_checksums_are_those_of_the_files_and_no_file_is_without_one(folder: Path) -> None:
    listed = dict(line.split("  ")[::-1] for line in (folder / "SHA256SUMS").read_text("utf-8").splitlines())
    present = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.iterdir()
        if path.name != "SHA256SUMS"
    }
    assert listed == present


@EACH_FOLDER
def test_the_licence_and_the_origin_stand_beside_the_files(folder: Path) -> None:
    facts = dict(line.split(": ", 1) for line in (folder / "VERSION").read_text("utf-8").splitlines())
    assert folder.name.endswith(f"-{facts['version']}")
    assert facts["integrity"].startswith("sha512-")
    assert "ermission" in (folder / "LICENSE").read_text("utf-8")


@EACH_FOLDER
def test_no_file_points_at_a_source_map_or_loads_from_another_host(folder: Path) -> None:
    for path in folder.iterdir():
        text = path.read_text("utf-8")
        assert "sourceMappingURL" not in text
        assert not re.search(r"@import|url\(\s*['\"]?(https?:)?//", text), path.name


def test_the_sprite_holds_exactly_the_icons_of_the_list() -> None:
    (sprite,) = VENDOR.glob("icons-*/sprite.svg")
    drawn = [symbol.get("id") for symbol in ET.parse(sprite).getroot()]
    listed = (STATIC / "icons.txt").read_text("utf-8").split()
    assert drawn == sorted(set(listed)), "run tools/vendor.py after changing icons.txt"
