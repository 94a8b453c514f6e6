"""The rules of the house: each is shown to bite on a small text, then held against every file of ours."""

from __future__ import annotations

import configparser
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests import house_rules as rules

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
FOLDERS = (".ci", "benchmarks", "bpmn", "docs", "engine", "tests", "tools", "webui", "workflows")
CODE = frozenset({".py"})
PAGES = frozenset({".html", ".css"})
READ = CODE | PAGES | {".js"}
LOCKS = frozenset({".lock"})
ALL = READ | LOCKS | {".sh", ".md", ".txt", ".cfg", ".toml", ".bpmn", ".dmn", ".po", ".ini", ".mako"}


@dataclass(frozen=True)
class House:
    """A rule, the kinds of file it holds for, a text it lets pass and one it must not, each with its path."""

    rule: rules.Rule
    suffixes: frozenset[str]
    good: tuple[str, str]
    bad: tuple[str, str]


FUNCTION = "def f():\n" + "    g()\n" * 39
#: put together here, so that no file holds one
SOMEBODYS = "/ho" + "me/somebody/"
HOUSE = [
    House(rules.long_file, READ, ("a.py", "x\n" * 300), ("a.py", "x\n" * 301)),
    House(rules.long_function, CODE, ("a.py", FUNCTION), ("a.py", FUNCTION + "    g()\n")),
    House(rules.shapeless_name, CODE, ("engine/clock.py", ""), ("engine/utils.py", "")),
    House(rules.hidden_import, CODE, ("a.py", "import os\n"), ("a.py", "def f():\n    import os\n")),
    House(rules.commit, CODE, ("engine/unit_of_work.py", "c.commit()\n"), ("webui/a.py", "c.commit()\n")),
    House(rules.own_clock, CODE, ("engine/a.py", "clock.now()\n"), ("engine/a.py", "datetime.now(UTC)\n")),
    House(rules.put_off, READ, ("a.py", "# todos los casos"), ("a.py", "# TO" + "DO later")),
    House(rules.machine_path, ALL, ("a.md", f"docs{SOMEBODYS}a"), ("a.md", f"see {SOMEBODYS}a")),
    House(
        rules.outside_resource, PAGES, ("a.html", '<a href="/tasks/1">'), ("a.html", '<img src="//cdn.example/a.png">')
    ),
    House(
        rules.inline_code,
        PAGES,
        ("webui/templates/a.html", '<script defer src="/a.js"></script>'),
        ("webui/templates/a.html", '<b onclick="f()">'),
    ),
    House(
        rules.keeps_the_log,
        CODE,
        ("engine/a.py", "x = delete(draft)\n"),
        ("engine/a.py", "x = delete(model.history)\n"),
    ),
    House(rules.unpinned, LOCKS, ("a.lock", "a==1 \\\n    --hash=sha256:00\n"), ("a.lock", "a==1\n")),
]
EACH_RULE = pytest.mark.parametrize("house", HOUSE, ids=lambda house: house.rule.__name__)


def kind(path: Path) -> str:
    """The suffix, or that of a shell script for the two commands that carry none."""
    return ".sh" if path.name == "run" else path.suffix


def ours() -> Iterator[Path]:
    """Every text file that was written here: not vendored, not compiled."""
    inside = (path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*")))
    for path in (*ROOT.iterdir(), *inside):
        if path.is_file() and kind(path) in ALL and not {"vendor", "__pycache__"} & set(path.parts):
            yield path


@EACH_RULE
def test_the_rule_bites(house: House) -> None:
    assert list(house.rule(*house.good)) == []
    assert list(house.rule(*house.bad)) != []


@EACH_RULE
def test_every_file_keeps_the_rule(house: House) -> None:
    broken = [
        f"{name}: {what}"
        for path in ours()
        if kind(path) in house.suffixes
        for name in [path.relative_to(ROOT).as_posix()]
        for what in house.rule(name, path.read_text("utf-8", "replace"))  # hostile samples may be anything
    ]
    assert not broken, "\n".join([house.rule.__doc__ or "", *broken])


def test_the_unit_of_work_commits_in_one_place() -> None:
    assert (ROOT / "engine" / "unit_of_work.py").read_text("utf-8").count(".commit(") == 1


def pinned(lock: str) -> dict[str, str]:
    """Name → version in the lock file `lock`."""
    return dict(re.findall(r"(?m)^([a-z0-9.-]+)(?:\[[^\]]*\])?==([^ ;\\]+)", (ROOT / lock).read_text("utf-8")))


def test_the_test_lock_holds_the_same_versions_as_the_lock_and_more() -> None:
    product, tests = pinned("requirements.lock"), pinned("requirements-test.lock")
    assert product.items() <= tests.items()
    assert len(product) > 30


def test_every_dependency_of_the_metadata_is_locked() -> None:
    metadata = configparser.ConfigParser(interpolation=None)
    metadata.read(ROOT / "setup.cfg", "utf-8")
    for lock, wanted in (
        ("requirements.lock", metadata["options"]["install_requires"]),
        ("requirements-test.lock", metadata["options.extras_require"]["test"]),
    ):
        names = {re.split(r"[\[<>=; ]", line)[0].lower().replace("_", "-") for line in wanted.split("\n") if line}
        assert names <= pinned(lock).keys()


@pytest.mark.parametrize("script", ["run", ".ci/run"])
def test_the_two_commands_can_be_executed_and_parse(script: str) -> None:
    assert os.access(ROOT / script, os.X_OK)
    shell = (ROOT / script).read_text("utf-8").partition("\n")[0].removeprefix("#!").split()[-1].rpartition("/")[2]
    assert subprocess.run([shell, "-n", ROOT / script], check=False).returncode == 0


@pytest.mark.parametrize(("in_ci", "outcome"), [("true", "1 error"), ("", "1 skipped")])
def test_a_browser_test_without_a_browser_is_skipped_at_home_and_fails_in_ci(in_ci: str, outcome: str) -> None:
    environment = {**os.environ, "CI": in_ci, "HALFSKY_CHROMIUM": "/nowhere/chromium"}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "no:cacheprovider",
        "-k",
        "watermark",
        "tests/browser/test_vendored.py",
    ]
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert outcome in ended.stdout
    assert ended.returncode == (1 if in_ci else 0)
