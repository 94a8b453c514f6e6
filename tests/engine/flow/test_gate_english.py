"""Every sentence of the gate, the expressions, the decision tables and the soundness check can be read in English."""

from __future__ import annotations

import ast
import string
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[3]
MODULES = [
    "decisions", "decision_cells", "decision_xml",
    "flow/arithmetic", "flow/elements", "flow/expression", "flow/gate", "flow/gate_clocks", "flow/gate_elements",
    "flow/gate_flows", "flow/gate_tasks", "flow/hardened_xml", "flow/marking", "flow/soundness", "flow/soundness_drawing",
]  # fmt: skip


def sentences(module: str) -> set[str]:
    """What the module marks for translation."""
    tree = ast.parse((ROOT / "engine" / f"{module}.py").read_text("utf-8"))
    calls = [
        n for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name) and n.func.id == "N_"
    ]
    return {ast.literal_eval(call.args[0]) for call in calls}


def english() -> dict[str, str]:
    found: dict[str, str] = {}
    for path in sorted((ROOT / "webui/translations/en").rglob("*.po")):
        with path.open("rb") as file:
            found |= {str(m.id): str(m.string) for m in read_po(file) if m.id and m.string and not m.pluralizable}
    return found


def blanks(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("module", MODULES)
def test_every_sentence_has_english_with_the_same_blanks(module: str) -> None:
    catalogue = english()
    for sentence in sentences(module):
        assert sentence in catalogue, sentence
        assert blanks(catalogue[sentence]) == blanks(sentence), sentence
        assert not any("\u4e00" <= sign <= "\u9fff" for sign in catalogue[sentence]), sentence


def test_the_modules_named_here_do_speak() -> None:
    assert sum(len(sentences(module)) for module in MODULES) > 120
