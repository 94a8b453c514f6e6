"""档案目录 (D1): closed dossiers by where they stand and how long they are kept; of confidential ones not even the number."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from engine.access import Permission
from engine.commands.cases import withdraw_case
from engine.commands.loading import subject_of
from engine.commands.teams import exclude
from engine.model import case_file
from tests.workflows.processes.loan import examples
from tests.workflows.processes.loan.house import opened
from workflows.archive import closed, keeps
from workflows.retention import Stage, term_of
from workflows.sheets import book_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.databases import Databases
    from tests.workflows.processes.loan.house import LoanHouse


@pytest.fixture
def house(databases: Databases) -> Iterator[LoanHouse]:
    yield from opened(databases)


def ended(house: LoanHouse, day: date) -> int:
    """A loan of village V1 that was withdrawn."""
    idcard = examples.idcard(day)
    case_id = house.applied(idcard=idcard, birthDate=day.isoformat())
    house.act(withdraw_case, "v1chair", case_id=case_id, reason="申请人不再需要")
    return case_id


def listed(house: LoanHouse, login: str) -> list[int]:
    with house.runtime.reading() as connection:
        return [row.id for row in closed(house.runtime, connection, house.actor(login), today=date(2026, 7, 1)).rows]


def test_the_archivist_sees_closed_dossiers_of_her_county_and_nothing_in_them(house: LoanHouse) -> None:
    first, second, third = (ended(house, date(1991, 6, day)) for day in (6, 7, 8))
    waits = house.applied(idcard=examples.idcard(date(1992, 6, 6)), birthDate="1992-06-06")
    with house.runtime.database.writing() as connection:
        for case_id, level in ((second, "C3"), (third, "C4")):
            row = {"confidentiality": level, "guarded": True}
            connection.execute(update(case_file).where(case_file.c.id == case_id).values(row))
        connection.commit()
    archivist = house.actor("archivist")
    assert listed(house, "archivist") == [second, first]
    assert not any(listed(house, login) for login in ("v1chair", "countychair", "rightshead", "sysadmin", "statclerk"))
    assert [keeps(house.actor(login)) for login in ("archivist", "countychair")] == [True, False]
    with house.runtime.reading() as connection:
        sealed, plain = closed(house.runtime, connection, archivist, today=date(2026, 7, 1)).rows
        subjects = {n: subject_of(connection, house.case(n)) for n in (first, second, third, waits)}
    known = sealed.number, sealed.kind, sealed.outcome, sealed.unit_id, sealed.term.years
    assert known == (f"BM-{second}", "", None, None, 30)
    assert (plain.number, plain.unit_id, plain.term.years) == (house.case(first).number, house.unit("V1"), 10)
    rules = house.runtime.rules
    seen = {n for n, subject in subjects.items() if rules.permits(archivist, Permission.SEE_ARCHIVE, subject)}
    assert seen == {first, second}, "the rule for one is the rule of the list"
    for content in (Permission.READ_CASE, Permission.PRINT_CASE, Permission.READ_HISTORY, Permission.READ_PAPER):
        assert not any(rules.permits(archivist, content, subject) for subject in subjects.values())


def test_what_she_is_kept_from_leaves_no_line(house: LoanHouse) -> None:
    case_id = house.applied()
    house.act(exclude, "v1chair", case_id=case_id, account_id=house.actor("archivist").id, reason="亲属")
    house.act(withdraw_case, "v1chair", case_id=case_id, reason="申请人不再需要")
    assert listed(house, "archivist") == []


@pytest.mark.parametrize(
    ("kind", "level", "ended_on", "today", "years", "until", "stage"),
    [
        ("loan", "C2", date(2026, 6, 15), date(2026, 6, 15), 10, date(2036, 6, 15), Stage.KEPT),
        ("loan", "C2", date(2026, 6, 15), date(2036, 6, 15), 10, date(2036, 6, 15), Stage.KEPT),
        ("loan", "C2", date(2026, 6, 15), date(2036, 6, 16), 10, date(2036, 6, 15), Stage.APPRAISE),
        ("loan", "C3", date(2026, 6, 15), date(2036, 6, 15), 30, date(2056, 6, 15), Stage.KEPT),
        ("loan", "C3", date(2026, 6, 15), date(2036, 6, 16), 30, date(2056, 6, 15), Stage.TRANSFER),
        ("loan", "C4", date(2026, 6, 15), date(2056, 6, 16), 30, date(2056, 6, 15), Stage.APPRAISE),
        ("another", "C1", date(2024, 2, 29), date(2034, 3, 1), 10, date(2034, 2, 28), Stage.APPRAISE),
    ],
)
def test_the_term_of_a_dossier(
    kind: str, level: str, ended_on: date, today: date, years: int, until: date, stage: Stage
) -> None:
    term = term_of(kind, level, ended_on, today)
    assert (term.years, term.until, term.stage) == (years, until, stage)


def test_the_cover_of_a_confidential_dossier_says_the_longer_term() -> None:
    book = book_of("loan")
    assert [book.kept_for(level)[:4] for level in ("C1", "C2", "C3", "C4")] == ["10 年", "10 年", "30 年", "30 年"]
    assert replace(book, retention_confidential="").kept_for("C3") == book.retention
