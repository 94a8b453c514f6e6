"""Timers: what may be written in a drawing, and when it falls due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engine.errors import RefusedDefinition
from engine.flow import definition, gate
from engine.flow.timers import NotATimer, due_key, parse_duration, quoted_duration
from tests.engine.flow.drawing import HALFSKY, Draw, document

JAN31 = datetime(2026, 1, 31, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("P3D", datetime(2026, 2, 3, 8, tzinfo=UTC)),
        ("P1W", datetime(2026, 2, 7, 8, tzinfo=UTC)),
        ("PT36H", datetime(2026, 2, 1, 20, tzinfo=UTC)),
        ("PT90M5S", datetime(2026, 1, 31, 9, 30, 5, tzinfo=UTC)),
        ("P1M", datetime(2026, 2, 28, 8, tzinfo=UTC)),  # a month has no 31st day: its last day
        ("P1M1D", datetime(2026, 3, 1, 8, tzinfo=UTC)),
        ("P13M", datetime(2027, 2, 28, 8, tzinfo=UTC)),
        ("P2Y1M", datetime(2028, 2, 29, 8, tzinfo=UTC)),
        ("P11M", datetime(2026, 12, 31, 8, tzinfo=UTC)),
    ],
)
def test_a_duration_counts_calendar_months_first_and_then_the_rest(text: str, due: datetime) -> None:
    assert parse_duration(text).after(JAN31) == due


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "P1", "3D", "p3d", "P-1D", "P1.5D", "P1DT", "P1H", "PT1D", "P1D ", "R3/P1D"]
)
def test_what_is_no_whole_iso_duration_is_no_timer(text: str) -> None:
    with pytest.raises(NotATimer):
        parse_duration(text)


@pytest.mark.parametrize("source", ["P3D", "3", "['P3D']", "'P3D", "due('x')", "b'P3D'"])
def test_a_duration_stands_in_quotes(source: str) -> None:
    with pytest.raises(NotATimer):
        quoted_duration(source)


def test_quotes_of_either_kind_will_do() -> None:
    assert quoted_duration(' "P3D" ').rest == quoted_duration("'P3D'").rest == timedelta(days=3)


def test_a_named_clock_is_read_from_due() -> None:
    assert due_key("due('loan.correction')") == due_key(' due( "loan.correction" ) ') == "loan.correction"


@pytest.mark.parametrize("source", ["due(x)", "due()", "due('a') + 1", "'2026-01-01'", "not due('a')", "due('')"])
def test_anything_else_is_no_named_clock(source: str) -> None:
    with pytest.raises(NotATimer):
        due_key(source)


@pytest.mark.parametrize("spoilt", ["no quotes", "not a clock", "neither", "no operation", "no decision"])
def test_even_without_the_gate_what_a_step_does_not_say_cannot_be_read(
    spoilt: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "check", lambda _: [])
    p = Draw()
    p.start()
    p.user("a")
    p.late("late", "a", {"no quotes": "P3D", "not a clock": "due(x)"}.get(spoilt, "due('x')"))
    p.end("end_late")
    p.chain("late", "end_late")
    p.perform("work", "do.it")
    p.decide("rule", "weigh")
    p.end("end")
    p.chain("start", "a", "work", "rule", "end")
    for element in p.root.iter():
        if spoilt == "neither" and element.tag.endswith("timeDate"):
            element.getparent().remove(element)
        element.attrib.pop(f"{{{HALFSKY}}}{spoilt.removeprefix('no ')}", None)
    with pytest.raises(RefusedDefinition):
        definition.parse("p", document(p))
