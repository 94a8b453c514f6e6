"""Every time limit has a name of its own, in both languages."""

from __future__ import annotations

import re
from pathlib import Path

from babel.messages.pofile import read_po

from tests.webui.visitors import CATALOGUE
from workflows.after_policy import ANCHORED
from workflows.period_names import PERIOD_NAMES, period_name
from workflows.policy import SCOPES

BPMN = Path(__file__).parents[2] / "bpmn"


def test_every_clock_of_the_policies_and_of_the_drawings_has_a_name() -> None:
    drawn = {key for file in BPMN.rglob("*.bpmn") for key in re.findall(r"due\('([^']+)'\)", file.read_text())}
    keys = {key for scope in SCOPES.values() for key in scope.periods} | set(ANCHORED) | drawn
    assert len(drawn) > 10
    assert keys == set(PERIOD_NAMES)


def test_no_two_clocks_have_the_same_name_in_either_language() -> None:
    with (CATALOGUE / "messages.po").open("rb") as source:
        english = {message.id: message.string for message in read_po(source, locale="en")}
    names = list(PERIOD_NAMES.values())
    assert len(set(names)) == len(names)
    assert len({english[name] for name in names}) == len(names)


def test_what_nobody_has_named_is_called_by_its_key() -> None:
    assert [period_name("toy.read"), period_name(None)] == ["toy.read", ""]
