"""Every route × everybody: `matrix.txt` says whom a route lets in and whom it refuses; for all others its subject does not exist.

A line is: method, endpoint, subject ("case": an ordinary one in village V1; "secret": the same as C3 with a team; "shut": ordinary,
the township's chair and the credit union are kept from it; "item": a petition about the village; "danger": the protection case (C3)
that a tick on another petition has opened; "-": about no case), then who comes `in:` and who is `refused:` (403).
Names are posts, held where they could be in charge of the case; `away.` before a post means another county, `intake` took the secret
case in, `member` leads its team. `*` is everybody who holds a post today. To add a route: run this, look at what is told, and write
down what is right.

Everybody knocks with HALFSKY_LONG=1; otherwise all who are named, and a few of the others, never the same for two routes.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zlib import crc32

import pytest

from tests.access.given import Named
from tests.access.knocking import IN, MISSING, NEVER, REFUSED, addresses, outcome, said
from tests.access.rows import WHO, Who, lines, who
from tests.access.sent import AS_JSON, AT, ELSEWHERE, SENT
from webui.public import is_public

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.access.conftest import Town

LONG = os.environ.get("HALFSKY_LONG") == "1"
OTHERS = 4
#: who may is let in to print once, not once for each who may
DEAR = ("printing.make", "statistics.printed", "log_book.make", "reception.make", "analysis.printed")
#: whoever comes in here is shown out
SHOWN_OUT = ("account.end_all",)
#: what can be about a case is asked about each of these; about those of the rights department fewer knock
SUBJECTS = ("case", "secret", "shut", "item", "danger")
FEWER = ("item", "danger")
_LINE = re.compile(r"(GET|POST|PUT|DELETE|PATCH) +(\S+) +(-|case|secret|shut|item|danger) +" + WHO)
_OF_A_CASE = {"case_id", "task_id", "paper_id"}


@dataclass(frozen=True)
class Row(Who):
    """One line of the matrix."""

    method: str
    endpoint: str
    subject: str


def matrix() -> list[Row]:
    found = []
    for line in lines("matrix.txt"):
        parts = _LINE.fullmatch(line)
        assert parts, f"not a line of the matrix: {line}"
        method, endpoint, subject, *groups = parts.groups()
        found.append(Row(**who(*groups), method=method, endpoint=endpoint, subject=subject))
    return found


MATRIX = matrix()
#: by subject, who may know that it is there
KNOW = {row.subject: row.in_ for row in MATRIX if (row.endpoint, row.method) == ("cases.show", "GET")}


def knock(town: Town, row: Row, label: str, *, never: bool = False) -> TestResponse:
    """Somebody asks for the address of a row; `never`: the same about a subject that never was."""
    names = next(names for e, m, names in addresses(town.site) if (e, m) == (row.endpoint, row.method))
    elsewhere = ELSEWHERE | AT.get(row.endpoint, {})
    ids = town.subjects["case" if row.subject == "-" else row.subject]
    values: dict[str, Any] = {name: ids.get(name, elsewhere.get(name, 1)) for name in names}
    if never:
        values = {name: NEVER if isinstance(value, int) else value for name, value in values.items()}
    path = town.site.url_map.bind("localhost").build(row.endpoint, values, row.method)
    as_json = row.endpoint.startswith(AS_JSON)
    sent = SENT.get(row.endpoint, {}) if as_json else {"_version": "1", **SENT.get(row.endpoint, {})}
    sent = {name: ids.get(value.name, 1) if isinstance(value, Named) else value for name, value in sent.items()}
    return town.browser(label).knock(row.method, path, sent, as_json=as_json)


def who_knocks(town: Town, row: Row) -> list[str]:
    """The strangers to a row first: who comes in may change what the next one sees."""
    everybody = sorted(town.people, key=lambda label: (row.expected(label) in (IN, REFUSED), label))
    if LONG:
        return everybody
    order = sorted(everybody, key=lambda label: crc32(f"{row.endpoint} {row.method} {label}".encode()))
    if row.subject in FEWER:
        strangers = [x for x in order if x.removeprefix("here.") not in KNOW[row.subject]]
        wanted = (
            (strangers, MISSING),
            (order, REFUSED),
            ([] if row.endpoint in (*DEAR, "contact.sheet") else order, IN),
        )
        first = [next((x for x in among if row.expected(x) == told), None) for among, told in wanted]
        return [label for label in first if label is not None]
    named = [x for x in everybody if {x, x.removeprefix("here.")} & row.named]
    chosen = [label for label in order if label not in named][:OTHERS]
    return [*chosen, *(named[:1] if row.endpoint in DEAR else named)]


def test_every_route_that_is_not_public_has_a_row_for_each_subject_it_can_be_about(town: Town) -> None:
    wanted = set()
    for endpoint, method, names in addresses(town.site):
        if endpoint != "assets.serve" and not is_public(town.site.view_functions[endpoint]):
            of_case = _OF_A_CASE & set(names)
            about = [each for each in SUBJECTS if of_case <= set(town.subjects[each])] if of_case else ["-"]
            wanted |= {(endpoint, method, subject) for subject in about}
    rows = [(row.endpoint, row.method, row.subject) for row in MATRIX]
    assert len(rows) == len(set(rows))
    assert set(rows) == wanted


def test_the_matrix_names_only_who_exists(town: Town) -> None:
    known = {"*"} | {label.removeprefix("here.") for label in town.people}
    assert not {name for row in MATRIX for name in row.named} - known


@pytest.mark.parametrize("row", MATRIX, ids=lambda row: f"{row.method}-{row.endpoint}-{row.subject}")
def test_a_route_lets_in_whom_the_matrix_names_and_nobody_else(town: Town, row: Row) -> None:
    wrong = []
    compared = False
    for label in who_knocks(town, row):
        answer = knock(town, row, label)
        expected, seen = row.expected(label), outcome(answer)
        if row.endpoint in SHOWN_OUT and answer.status_code == 303:
            seen = IN
        if seen != expected:
            wrong.append(f"{label}: {seen} ({answer.status_code}), should be {expected}")
        if (
            row.subject != "-"
            and not compared
            and label.removeprefix("here.") not in KNOW[row.subject]
            and expected == MISSING
        ):
            compared = True
            assert said(answer) == said(knock(town, row, label, never=True)), f"{label} learns that it exists"
        if row.method != "GET" and answer.status_code < 400:
            town.restore()
    assert not wrong
    assert compared or row.subject == "-"
