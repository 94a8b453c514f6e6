"""Glue to bpmn/mediation.dmn: the gate (D5), and the clauses no agreement may hold.

The list of forbidden clauses is data: each rule carries the pattern it is found by (annotation "pattern", a regular expression
over the text without blanks), its clause and its sentence. What is found becomes the table's input, so an answer explains itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Final

import bpmn
from engine.decisions import Decision, DecisionTable, load_tables
from engine.messages import N_, Message
from workflows.mediation_policy import MEDIATION_A
from workflows.processes.mediation import wording
from workflows.processes.mediation.reading import readings
from workflows.table_fit import unfit_tables

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

GATE: Final = "mediation_gate"
CLAUSES: Final = "forbidden_clauses"
#: what a gate may answer; anything else would open it by mistake
RESULTS: Final = ("FORBIDDEN", "LIMITED", "ALLOWED")
LONGEST_PATTERN: Final = 900


@dataclass(frozen=True)
class Forbidden:
    """A clause that no agreement may hold, found in one: its code, and the sentence people read."""

    code: str
    message: Message


@cache
def shipped() -> bytes:
    """The decision tables that come with the software."""
    return resources.files(bpmn).joinpath("mediation.dmn").read_bytes()


@cache
def tables() -> Mapping[str, DecisionTable]:
    """The shipped tables, read: what any later version is measured by."""
    return load_tables(shipped())


def unfit(proposed: Mapping[str, DecisionTable]) -> Sequence[Message]:
    """Why proposed tables could not be worked with here."""
    return [*unfit_tables(proposed, tables(), frozenset(MEDIATION_A)), *_unreadable(proposed), *_opening(proposed)]


def forbidden(known: Mapping[str, DecisionTable], text: str) -> tuple[list[Forbidden], Decision]:
    """Every forbidden clause in a text of an agreement, by the tables of its case, whatever way it is written."""
    table, written = known[CLAUSES], tuple(readings(text))
    acts = [
        _code(rule.results[0].source)
        for rule in table.rules
        if any(_search(rule.annotations.get("pattern", ""), each) for each in written)
    ]
    decision = table.decide({"acts": tuple(acts)})
    found = [
        Forbidden(
            code := str(hit.outputs["code"]), wording.ruled(Message(hit.annotations["message"]), hit.clause, code=code)
        )
        for hit in decision.hits
    ]
    return found, decision


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _search(pattern: str, text: str) -> bool:
    return bool(pattern) and _compiled(pattern).search(text) is not None


def _code(source: str) -> str:
    return source.strip("\"'")


def _unreadable(proposed: Mapping[str, DecisionTable]) -> Iterator[Message]:
    for rule in proposed[CLAUSES].rules if CLAUSES in proposed else ():
        pattern = rule.annotations.get("pattern", "")
        try:
            fits = 0 < len(pattern) <= LONGEST_PATTERN and re.compile(pattern).search("") is None
        except re.error:
            fits = False
        if not fits:
            text = N_(
                "决策表 {table} 的规则 {rule} 须有可用的正则式（批注列 pattern，不超过 {limit} 个字符，不得匹配空文）"
            )
            yield Message(text, {"table": CLAUSES, "rule": rule.id, "limit": LONGEST_PATTERN})


def _opening(proposed: Mapping[str, DecisionTable]) -> Iterator[Message]:
    for rule in proposed[GATE].rules if GATE in proposed else ():
        seen = _code(rule.results[0].source)
        if seen not in RESULTS:
            text = N_("决策表 {table} 的规则 {rule} 的结论 {seen} 不在 {allowed} 之内")
            yield Message(text, {"table": GATE, "rule": rule.id, "seen": seen, "allowed": "、".join(RESULTS)})
