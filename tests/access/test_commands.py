"""Every command × everybody: `commands.txt` says whom a command lets act and whom it refuses; for all others there is nothing.

A line is: command, what it is about (as in the matrix of routes; "lent": an ordinary case that waits for the credit union; several
with commas), then who comes `in:` and who is `refused:`. Names are those of the matrix; `glass` was let into the secret case for a
day, and is a chair of its township; `system` acts by itself. `*` is everybody who holds a post today. Whoever holds none is refused.
To add a command: say in given.py what it is given, run this, look at what is told, and write down what is right.

What is tried is rolled back. Everybody tries with HALFSKY_LONG=1; otherwise a few of each kind, never the same for two rows.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zlib import crc32

import pytest

from tests.access.desk import set_up
from tests.access.doing import attempt, commands, parameters_of
from tests.access.given import GIVEN, Named
from tests.access.knocking import CLOSED, IN, MISSING, NEVER, REFUSED
from tests.access.rows import WHO, Who, lines, who

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.access.conftest import Town
    from tests.access.desk import Desk

LONG = os.environ.get("HALFSKY_LONG") == "1"
#: how many of those with the same answer try
OF_EACH = 3
ROOT = Path(__file__).parents[2]
SITUATIONS = ("case", "secret", "shut", "lent", "item", "danger")
#: whoever may is let as far as to be told why it is not now: what it takes stands elsewhere in the suite
NOT_NOW = {
    "ask_bare_print": "asked already", "ask_lowering": "asked already", "fix_list": "nobody follows her yet",
    "hand_back_task": "not delegated", "note_no_show": "not begun", "pass_on": "nobody leaves", "remove_signer": "no seat", "request_extension": "asked already",
    "ask_succession": "of her own county", "rest_key": "the key counts", "resume_task": "not suspended", "sign_opinion": "her own step",
}  # fmt: skip
#: about a case outside the sample of the running audit there is nothing for anybody
NOTHING = {
    (command, each)
    for command in ("ask_bare_print", "ask_batch", "log_audit")
    for each in ("shut", "lent", "item", "danger")
}
#: a function handed over to be run: by its own name, or as something of a module
_RUN = re.compile(r"\b(?:act|note|execute)\(\s*(?:(\w+)\.)?([a-z]\w*)\s*[,)]")
_WORD = re.compile(r"\w+")
_LINE = re.compile(r"(\w+) +(-|[a-z,]+) +" + WHO)


@dataclass(frozen=True)
class Row(Who):
    """One line of the table in one situation."""

    command: str
    situation: str


def table() -> list[Row]:
    found = []
    for line in lines("commands.txt"):
        parts = _LINE.fullmatch(line)
        assert parts, f"not a line of the table: {line}"
        command, situations, *groups = parts.groups()
        found += [Row(**who(*groups), command=command, situation=each) for each in situations.split(",")]
    return found


TABLE = table()
COMMANDS = commands()
#: who may know that a case is there, by situation
KNOW = {row.situation: row for row in TABLE if row.command == "state_purpose"}


@pytest.fixture(scope="module")
def desk(town: Town) -> Iterator[Desk]:
    """Set up once; nothing that is tried is left behind."""
    before = town.house.clock.at
    yield set_up(town)
    town.house.clock.at = before
    town.restore()


def _names(command: str) -> set[str]:
    """The names under which a command's parameters are known."""
    special = GIVEN.get(command, {})
    given = {name: special.get(name, Named(name)) for name in {*parameters_of(COMMANDS[command]), *special}}
    return {each.name for each in given.values() if isinstance(each, Named)}


def _of_cases(desk: Desk, command: str) -> set[str]:
    """Those of its ids that belong to a case."""
    known = {name for each in SITUATIONS for name in desk.known[each] if name.endswith(("_id", "_ids"))}
    return known & _names(command) - set(desk.known["-"])


def who_tries(desk: Desk, row: Row) -> list[str]:
    """Everybody, or a few of each answer; the system only where it is named."""
    everybody = [label for label in desk.people if label != "system" or label in row.named]
    if LONG:
        return everybody
    order = sorted(everybody, key=lambda label: crc32(f"{row.command} {row.situation} {label}".encode()))
    return [
        label
        for told in (IN, REFUSED, MISSING, CLOSED)
        for label in [label for label in order if row.expected(label) == told][: 1 if told == CLOSED else OF_EACH]
    ]


def test_every_command_has_a_row_for_each_situation_in_which_it_can_be_asked(desk: Desk) -> None:
    wanted = set()
    for name in COMMANDS:
        ids = _of_cases(desk, name)
        about = [each for each in SITUATIONS if ids <= set(desk.known[each])] if ids else ["-"]
        wanted |= {(name, each) for each in about}
    rows = [(row.command, row.situation) for row in TABLE]
    assert len(rows) == len(set(rows))
    assert not wanted - set(rows), "say in commands.txt whom these let act"
    assert not set(rows) - wanted, "there is no such command, or it cannot be asked there"


def test_the_table_names_only_who_exists_and_no_row_is_empty(desk: Desk) -> None:
    known = {"*"} | {label.removeprefix("here.") for label in desk.people}
    assert not {name for row in TABLE for name in row.named} - known
    assert {(row.command, row.situation) for row in TABLE if not row.in_ | row.refused} == NOTHING


def test_whatever_a_page_or_a_job_runs_is_found_as_a_command() -> None:
    unknown, known = set(), set()
    for package in ("webui", "workflows", "engine"):
        for path in (ROOT / package).rglob("*.py"):
            text = path.read_text("utf-8")
            brought = {
                name
                for line in re.findall(r"^ *from [\w.]+ import (\([^)]*\)|.*)", text, re.MULTILINE)
                for name in _WORD.findall(line)
            }
            for module, name in _RUN.findall(text):
                if module in brought or name in brought:
                    (known if name in COMMANDS else unknown).add(f"{path.name}: {name}")
    assert not unknown
    assert len(known) > len(COMMANDS) / 2


@pytest.mark.parametrize("command", sorted({row.command for row in TABLE}))
def test_a_command_lets_act_whom_the_table_names_and_nobody_else(desk: Desk, command: str) -> None:
    wrong, done = [], []
    rows = [row for row in TABLE if row.command == command]
    for row in rows:
        for label in who_tries(desk, row):
            expected = REFUSED if row.expected(label) == CLOSED else row.expected(label)
            seen, refusal = _tried(desk, row, label)
            done += [label] if seen == IN and refusal is None else []
            if seen != expected:
                wrong.append(f"{row.situation}, {label}: {seen} ({refusal!r}), should be {expected}")
    assert not wrong
    assert done or command in NOT_NOW or not any(row.in_ for row in rows), "nobody who may has done it"


@pytest.mark.parametrize(
    "row", [row for row in TABLE if row.situation in ("secret", "shut", "danger")], ids=lambda row: row.command
)
def test_what_is_not_for_her_is_refused_like_what_never_was(desk: Desk, row: Row) -> None:
    outside = [
        label for label in desk.people
        if label != "system" and row.expected(label) == KNOW[row.situation].expected(label) == MISSING
    ]  # fmt: skip
    chosen = sorted(outside, key=lambda label: crc32(f"{row.command} {label}".encode()))
    for label in chosen if LONG else chosen[:1]:
        seen, there = _tried(desk, row, label)
        _, never = _tried(desk, row, label, never=True)
        assert seen == MISSING
        assert never is not None
        assert _said(there) == _said(never), f"{label} learns that it exists"


def _tried(desk: Desk, row: Row, label: str, *, never: bool = False) -> Any:
    command, actor = COMMANDS[row.command], desk.people[label]
    given = desk.given(row.command, parameters_of(command), row.situation, actor)
    if never:
        ids = {name: desk.known[row.situation][name] for name in _of_cases(desk, row.command)}
        given = {k: _never(v) if v in ids.values() and k.endswith(("_id", "_ids")) else v for k, v in given.items()}
    return attempt(desk.town.house.runtime, command, actor, given)


def _never(value: Any) -> Any:
    return [NEVER] if isinstance(value, list) else NEVER


def _said(refusal: Any) -> str:
    return re.sub(r"\d+", "#", f"{type(refusal).__name__} {refusal.render()}")
