"""S002-15: the analysis of a county in which every line is known, against a count by hand; who sees which of its figures."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert

from engine.clock import civil_date
from engine.commands.classes import raise_class
from engine.errors import Forbidden, InvalidAnswers
from workflows import petition_analysis
from workflows.petition_analysis import Analysis, Asked
from workflows.processes.petition.register import petition_register
from workflows.spans import Span

if TYPE_CHECKING:
    from tests.workflows.processes.petition.house import PetitionHouse
    from workflows.countable import Behind

TODAY = "2026-07-10"
#: an item of the second quarter with which all is well
WELL: dict[str, Any] = {
    "unit": "T1", "place": "V1", "category": "LAND", "channel": "VISIT", "received_on": "2026-04-10",
    "notice_on": "2026-04-11", "notice_kind": "LATER", "accepted_on": "2026-04-11", "due_on": "2026-06-10",
    "concluded_on": "2026-05-20", "answered_on": "2026-05-21", "closed_on": "2026-05-25", "outcome": "SUPPORTED",
    "state": "concluded", "satisfaction": "5",
}  # fmt: skip
OPEN: dict[str, Any] = {
    "state": "accepted", "concluded_on": None, "answered_on": None, "closed_on": None, "outcome": None, "satisfaction": None,
}  # fmt: skip
#: the lines 1 to 20; the first five are alike. `repeat_of` is the place in this list, counted from 1
LINES: list[dict[str, Any]] = [
    *[{}] * 5,
    {"category": "PROPERTY"},
    {"category": "CUSTODY", "channel": "HOTLINE", "overdue": True, "concluded_on": "2026-06-20", "answered_on": "2026-06-21",
     "closed_on": "2026-06-25", "satisfaction": "4"},
    {"category": "CUSTODY", "channel": "POST", "collective": True, "people": 6, "major": True, "satisfaction": "3"},
    {"unit": "C1", "place": "V3", "category": "DV", "channel": "HOTLINE", "satisfaction": "REFUSED"},
    {"unit": "C1", "place": "T2", "category": "LABOUR", "answered_on": None, "closed_on": None, "satisfaction": None},
    {"unit": "T2", "place": "T2", "category": "FAMILY", **OPEN, "due_on": "2026-06-30"},  # late, not written down yet
    {"unit": "T2", "place": "T2", "category": "FAMILY", **OPEN, "received_on": "2026-05-02", "state": "joined",
     "repeat_of": 11, "repeat_count": 1, "accepted_on": None, "notice_on": None, "notice_kind": None},
    {"unit": "T2", "place": "T2", "category": "FAMILY", "notice_on": "2026-04-27", "satisfaction": "2", "repeat_of": 1,
     "repeat_count": 1},  # told two days late
    {"unit": "T2", "place": "T2", "category": "FAMILY", "channel": "POST", "anonymous": True, "notice_on": None,
     "notice_kind": "NO_CONTACT", "satisfaction": "NO_CONTACT"},
    {"received_on": "2026-03-31", "due_on": "2026-05-30"},  # came in the first quarter, due in the second
    {"unit": "C1", "place": "C1", "category": "LABOUR", **OPEN, "due_on": "2026-07-05", "overdue": True},  # extended
    {"unit": "T2", "place": "T2", "category": "EDUCATION", **OPEN, "received_on": "2026-06-30", "due_on": "2026-07-15",
     "state": "registered", "accepted_on": None, "notice_on": None, "notice_kind": None},
    {"category": "CUSTODY", "received_on": "2026-06-01", "due_on": "2026-06-16", "accepted_on": None, "notice_kind": "ON_SPOT",
     "notice_on": "2026-06-01", "concluded_on": "2026-06-01", "answered_on": "2026-06-01", "closed_on": "2026-06-02",
     "outcome": "EXPLAINED", "satisfaction": "1", "level_skipping": True},  # settled at the window
    {"secret": True},
    {"received_on": "2026-01-15", "notice_on": "2026-01-15", "due_on": "2026-03-16", "concluded_on": "2026-03-10",
     "answered_on": "2026-03-12", "closed_on": "2026-03-20"},  # all of it in the first quarter
]  # fmt: skip

#: counted by hand; the numbers are those of LINES. Line 19 is C3 and in none of them
BY_HAND = {
    "RECEIVED": 17,  # 1 to 14, 16, 17, 18
    "REPEAT": 2,  # 12, 13
    "JOINED": 1,  # 12
    "COLLECTIVE": 1,  # 8
    "MAJOR": 1,  # 8
    "LEVEL_SKIPPING": 1,  # 18
    "ANONYMOUS": 1,  # 14
    "DUE": 15,  # 1 to 11, 13, 14, 15, 18; 12 joined, 16 and 17 are due later
    "HANDLED": 13,  # those without 10 (no answer) and 11 (no outcome)
    "OVERDUE": 2,  # 7 (concluded too late), 11 (still open)
    "NOTICE_DUE": 15,  # fifteen days after it came: 1 to 11, 13, 15, 16, 18; 14 cannot be told
    "NOTICE_ON_TIME": 14,  # those without 13
    "CONCLUDE_DUE": 14,  # those due without 18, which was never accepted
    "CONCLUDE_ON_TIME": 12,  # those without 7 and 11
    "CLOSED": 13,  # 1 to 9, 13, 14, 15, 18
    "RATED": 11,  # those without 9 (would not say) and 14 (not reached)
    "SATISFIED": 8,  # 1 to 7, 15
    "CATEGORY.LAND": 5,  # 1 to 5: a hot spot, and the four below are none
    "CATEGORY.PROPERTY": 1,  # 6
    "CATEGORY.CUSTODY": 3,  # 7, 8, 18
    "CATEGORY.DV": 1,  # 9
    "CATEGORY.LABOUR": 2,  # 10, 16
    "CATEGORY.FAMILY": 4,  # 11 to 14
    "CATEGORY.EDUCATION": 1,  # 17
    "CHANNEL.VISIT": 13,
    "CHANNEL.HOTLINE": 2,  # 7, 9
    "CHANNEL.POST": 2,  # 8, 14
    "SATISFACTION.5": 7,  # 1 to 6, 15
    "SATISFACTION.4": 1,  # 7
    "SATISFACTION.3": 1,  # 8
    "SATISFACTION.2": 1,  # 13
    "SATISFACTION.1": 1,  # 18
    "SATISFACTION.REFUSED": 1,  # 9
    "SATISFACTION.NO_CONTACT": 1,  # 14
}
#: cut after two places: 13/15, 14/15, 12/14, 2/17, 8/11
RATES = {
    "HANDLED": "86.66%", "NOTICE_ON_TIME": "93.33%", "CONCLUDE_ON_TIME": "85.71%", "REPEAT": "11.76%", "SATISFIED": "72.72%",
}  # fmt: skip


def built(rights: PetitionHouse) -> list[int]:
    """The county of LINES on TODAY; the ids of its cases in their order."""
    rights.on(TODAY)
    ids = [rights.take_in() for _ in LINES]
    rows = []
    for case_id, line in zip(ids, LINES, strict=True):
        if line.get("secret"):
            rights.act(raise_class, "rightsworker", case_id=case_id, to="C3", reason="当事人的处境须保密")
        known = {**WELL, **line}
        known = {k: date.fromisoformat(v) if k.endswith("_on") and v else v for k, v in known.items() if k != "secret"}
        place, unit = rights.unit(known.pop("place")), rights.unit(known.pop("unit"))
        first = {
            "first_asked": 1,
            "first_post": "RIGHTS_WORKER",
            "first_unit_id": rights.unit("C1"),
            "received_at": rights.clock.at,
        }
        again = ids[known.pop("repeat_of") - 1] if "repeat_of" in known else None
        rows.append({**first, "county_id": rights.unit("C1"), "case_id": case_id, "arrived_on": known["received_on"],
                     "place_id": place, "unit_id": unit, "repeat_of": again, **known})  # fmt: skip
    with rights.runtime.database.writing() as connection:
        for row in rows:
            connection.execute(insert(petition_register), row)
        connection.commit()
    return ids


def made(rights: PetitionHouse, login: str, span: str, unit: str = "") -> Analysis:
    actor, today = rights.actor(login), civil_date(rights.clock.now())
    with rights.runtime.reading() as connection:
        top = petition_analysis.top_of(connection, actor, rights.unit(unit) if unit else 0)
        return petition_analysis.analysis(rights.runtime, connection, actor, top, Span.named(span), today)


def behind(rights: PetitionHouse, login: str, unit: str, asked: Asked) -> Behind:
    actor, today = rights.actor(login), civil_date(rights.clock.now())
    with rights.runtime.reading() as connection:
        top = petition_analysis.top_of(connection, actor, rights.unit(unit))
        return petition_analysis.behind(rights.runtime, connection, actor, top, Span.named("2026-Q2"), today, asked)


def by_unit(found: Analysis, code: str) -> list[str]:
    """T1, T2 and the county itself, as printed."""
    return [line.mark(code) or str(line.number(code)) for line in found.lines]


def test_the_figures_of_a_known_county_are_those_counted_by_hand_and_each_opens_its_list(rights: PetitionHouse) -> None:
    ids = built(rights)
    found = made(rights, "rightshead", "2026-Q2")
    assert dict(found.total.figures) == BY_HAND
    assert {code: found.total.rate(code) for code in RATES} == RATES
    assert [(line.unit.code, line.own) for line in found.lines] == [("T1", False), ("T2", False), ("C1", True)]
    assert (by_unit(found, "RECEIVED"), by_unit(found, "DUE")) == (["9", "5", "3"], ["10", "3", "2"])
    assert [line.rate("HANDLED") for line in found.lines] == ["100.00%", "66.66%", "50.00%"]
    for code, number in BY_HAND.items():
        assert sum(line.number(code) for line in found.lines) == number, code
    # 20 came in the first quarter, and 15
    assert (found.before.number("RECEIVED"), found.before.rate("HANDLED")) == (2, "100.00%")
    assert [(hot.place.code, hot.category, hot.number, hot.before) for hot in found.hot] == [("T1", "LAND", 5, 2)]
    months = Counter[str]()
    for month in ("2026-04", "2026-05", "2026-06"):
        months += Counter(made(rights, "rightshead", month).total.figures)
    assert dict(months) == BY_HAND
    # what was overdue once is so in the quarter its last day lies in, extended or not
    assert made(rights, "rightshead", "2026-Q3").total.number("OVERDUE") == 1

    def opened(login: str, code: str, unit: str = "C1", **asked: Any) -> tuple[list[int], int]:
        listed = behind(rights, login, unit, Asked(code, **asked))
        return [ids.index(row.id) + 1 for row in listed.rows], listed.counted

    assert opened("rightshead", "OVERDUE") == ([7, 11], 2)
    assert opened("rightshead", "RECEIVED", own=True) == ([9, 10, 16], 3)
    assert opened("rightshead", "CATEGORY.LAND", place_id=rights.unit("T1")) == ([1, 2, 3, 4, 5], 5)
    # the desk of the county holds the cases themselves: permission is part of the list
    assert opened("t1chair", "RECEIVED", "T1") == ([], 9)


def test_who_sees_figures_alone_learns_of_no_single_case(rights_desk: PetitionHouse) -> None:
    built(rights_desk)
    for login in ("statclerk", "loanhead"):
        found = made(rights_desk, login, "2026-Q2")
        assert (found.alone, found.keeps_back, found.hot) == (True, True, ())
        assert dict(found.total.figures) == BY_HAND
        # the county itself had 3; beside the total of 17 the 5 of T2 would tell it
        assert by_unit(found, "RECEIVED") == ["9", "*", "<5"]
        assert (by_unit(found, "DUE"), by_unit(found, "HANDLED")) == (["10", "<5", "<5"], ["10", "<5", "<5"])
        assert by_unit(found, "OVERDUE") == ["<5", "<5", "<5"]
        assert [line.rate("HANDLED") for line in found.lines] == ["100.00%", "*", "*"]
        # a small month could be had from its quarter and the other months
        assert [made(rights_desk, login, span).lines for span in ("2026-04", "2026", "2026-Q3")] == [()] * 3
        with pytest.raises(Forbidden):
            made(rights_desk, login, "2026-Q2", "T1")


def test_a_township_sees_its_own_villages_and_nobody_elses(rights_desk: PetitionHouse) -> None:
    built(rights_desk)
    found = made(rights_desk, "t1chair", "2026-Q2")
    assert (found.top.code, found.alone, found.total.number("RECEIVED")) == ("T1", False, 9)
    assert [(line.unit.code, line.own, line.number("RECEIVED")) for line in found.lines] == [
        ("V1", False, 0), ("V2", False, 0), ("T1", True, 9),
    ]  # fmt: skip
    assert [(hot.place.code, hot.number) for hot in found.hot] == [("V1", 5)]
    assert made(rights_desk, "countychair", "2026-Q2", "T1").total.figures == found.total.figures
    for login, unit in (("t1chair", "T2"), ("t1chair", "C1"), ("v1chair", ""), ("sysadmin", "")):
        with pytest.raises(Forbidden):
            made(rights_desk, login, "2026-Q2", unit)


@pytest.mark.parametrize(
    ("typed", "first", "last", "before"),
    [
        ("2026-02", "2026-02-01", "2026-02-28", "2026-01"),
        ("2028-02", "2028-02-01", "2028-02-29", "2028-01"),
        ("2026-01", "2026-01-01", "2026-01-31", "2025-12"),
        ("2026-Q1", "2026-01-01", "2026-03-31", "2025-Q4"),
        ("2026-Q4", "2026-10-01", "2026-12-31", "2026-Q3"),
        ("2026", "2026-01-01", "2026-12-31", "2025"),
    ],
)
def test_a_month_a_quarter_a_year(typed: str, first: str, last: str, before: str) -> None:
    span = Span.named(typed)
    assert (str(span), span.first.isoformat(), span.last.isoformat(), str(span.before)) == (typed, first, last, before)


@pytest.mark.parametrize(
    "typed", ["", "2026-13", "2026-Q5", "2026-Q0", "2026-7", "26", "2026-07-01", "０２０６", "2026-00"]
)
def test_what_is_no_span_is_refused_with_what_was_seen_and_what_is_allowed(typed: str) -> None:
    with pytest.raises(InvalidAnswers) as refused:
        petition_analysis.span_of(typed)
    said = str(refused.value.problems["span"][0])
    assert f"“{typed}”" in said
    assert "2026-Q3" in said
