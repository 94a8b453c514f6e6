"""Importing a holiday notice: read whole or not at all, clocks move once, history says so, looking moves nothing."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from engine import recounting
from engine.access import SYSTEM
from engine.clock import Calendar, due_day
from engine.commands.calendars import import_calendar, recount_case
from engine.errors import Forbidden
from engine.holidays import Day, RefusedCalendar, read_table
from engine.model import calendar_day, history, period_use, task, timer
from engine.model_clocks import calendar_import, clock_move
from engine.queries import calendars
from engine.recounting import finish_recounts, preview, recount
from engine.reference import Kept
from tests.engine.acting import read, value, written
from tests.engine.toy import ADMIN, READER, ToyHouse

if TYPE_CHECKING:
    from sqlalchemy import Connection

HEAD = "日期,安排,名称\n"
DRAGON = HEAD + "2026-06-19,休,端午节\n2026-10-01,休,国庆节\n"


def _stored(connection: Connection) -> Calendar:
    rows = connection.execute(select(calendar_day)).all()
    return Calendar({row.day: row.working for row in rows}, frozenset({2026}), {row.day: row.note for row in rows})


@pytest.fixture
def toy(house: ToyHouse) -> ToyHouse:
    kept = Kept(_stored)
    setattr(house.process, "calendar", lambda view: kept.of(view.connection))  # noqa: B010
    return house


def bring_in(toy: ToyHouse, text: str = DRAGON) -> int:
    number = toy.act(import_calendar, ADMIN, content=text.encode(), name="2026.csv")["import_id"]
    return int(number)


def dues(toy: ToyHouse) -> list[str]:
    with toy.runtime.reading() as connection:
        rows = [*connection.execute(select(task.c.due_at).where(task.c.state == "open", task.c.due_at.is_not(None)))]
        armed = [*connection.execute(select(timer.c.due_at).where(timer.c.state == "armed").order_by(timer.c.id))]
        assert sorted(row.due_at for row in rows) == sorted(row.due_at for row in armed)
        return [due_day(row.due_at).isoformat() for row in armed]


def entries(toy: ToyHouse) -> int:
    return int(value(toy, select(func.count()).select_from(history)))


def test_open_clocks_move_with_the_notice_and_each_says_so_once(toy: ToyHouse) -> None:
    written(toy)
    toy.clock.set_day(date(2026, 6, 22))
    written(toy)
    done = written(toy)
    read(toy, done)
    assert dues(toy) == ["2026-06-22", "2026-06-29"]
    before = entries(toy)
    number = bring_in(toy)
    assert dues(toy) == ["2026-06-22", "2026-06-29"]  # the days are known; the clocks follow
    assert recount(toy.runtime, number) == 1
    assert dues(toy) == ["2026-06-23", "2026-06-29"]
    assert entries(toy) == before + 1
    assert value(toy, select(history.c.kind).order_by(history.c.id.desc())) == "period.moved"
    with toy.runtime.reading() as connection:
        row, (moved,) = calendars.moves(connection, number)
    assert (row.state, row.years, row.name, row.by_id) == ("done", [[2026, 2, 2]], "2026.csv", ADMIN.id)
    assert (due_day(moved.old_due_at), due_day(moved.new_due_at)) == (date(2026, 6, 22), date(2026, 6, 23))
    assert (recount(toy.runtime, number), finish_recounts(toy.runtime), entries(toy)) == (0, 0, before + 1)


def test_the_same_notice_again_moves_nothing(toy: ToyHouse) -> None:
    written(toy)
    recount(toy.runtime, bring_in(toy))
    before = entries(toy)
    assert recount(toy.runtime, bring_in(toy)) == 0
    assert entries(toy) == before
    assert value(toy, select(calendar_import.c.years).order_by(calendar_import.c.id.desc())) == [[2026, 2, 0]]


def test_a_trial_tells_what_would_move_and_keeps_nothing(toy: ToyHouse) -> None:
    written(toy)
    found = preview(toy.runtime, read_table(DRAGON.encode()))
    assert [day.day for day in found.changed] == [date(2026, 6, 19), date(2026, 10, 1)]
    (move,) = found.moves
    assert (due_day(move.old_due_at), due_day(move.new_due_at)) == (date(2026, 6, 22), date(2026, 6, 23))
    assert dues(toy) == ["2026-06-22"]
    assert value(toy, select(func.count()).select_from(calendar_day)) == 0


def test_it_goes_on_where_it_was_stopped(toy: ToyHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(5):
        written(toy)
    number = bring_in(toy)
    monkeypatch.setattr("engine.recounting.BATCH", 2)
    monkeypatch.setattr("engine.recounting._OPEN", recounting._OPEN.limit(2))
    calls: list[int] = []

    def stop(uow: Any, *, case_id: int, import_id: int) -> dict[str, Any]:
        calls.append(case_id)
        if case_id == 4:
            raise KeyboardInterrupt
        return recount_case(uow, case_id=case_id, import_id=import_id)

    monkeypatch.setattr("engine.recounting.recount_case", stop)
    with pytest.raises(KeyboardInterrupt):
        recount(toy.runtime, number)
    assert value(toy, select(calendar_import.c.case_id_done)) == 2
    monkeypatch.setattr("engine.recounting.recount_case", recount_case)
    assert finish_recounts(toy.runtime) == 2
    assert dues(toy) == ["2026-06-23"] * 5
    assert value(toy, select(func.count()).select_from(clock_move)) == 5
    assert calls == [1, 2, 3, 4]


def test_a_case_that_fails_is_logged_by_id_and_holds_up_no_other(
    toy: ToyHouse, caplog: pytest.LogCaptureFixture
) -> None:
    written(toy), written(toy)
    with toy.runtime.database.engine.begin() as connection:
        connection.execute(period_use.update().where(period_use.c.case_id == 1).values(runs=["x"]))
    assert recount(toy.runtime, bring_in(toy)) == 1
    assert "clocks not reckoned: case=1" in caplog.text


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        (HEAD + "2026-06-19,休,端午节\n2026-02-30,休,春节\n", "第 3 行：日期“2026-02-30”不存在"),
        (HEAD + "2026-06-19,放,端午节\n", "第 2 行：安排“放”应为“休”或“班”"),
        (HEAD + "2026-06-19,休,\n", "第 2 行：名称应为 1 至 40 个字，现有 0 个"),
        (HEAD + "2026-06-19,休\n", "第 2 行：应有 3 列，现有 2 列"),
        (HEAD + "2026-06-19,休,端午节\n\n2026-06-19,班,补班\n", "第 4 行：2026-06-19 重复出现"),
        (HEAD + "1926-06-19,休,端午节\n", "第 2 行：年份 1926"),
        ("2026-06-19,休,端午节\n", "第 1 行应为"),
        ("", "第 1 行应为"),
        (HEAD, "没有任何日期"),
    ],
)
def test_a_broken_line_is_named_and_nothing_is_imported(toy: ToyHouse, text: str, wrong: str) -> None:
    written(toy)
    with pytest.raises(RefusedCalendar) as refused:
        bring_in(toy, text)
    assert wrong in str(refused.value)
    assert value(toy, select(func.count()).select_from(calendar_day)) == 0
    assert value(toy, select(func.count()).select_from(calendar_import)) == 0


def test_every_wrong_line_is_told_at_once() -> None:
    with pytest.raises(RefusedCalendar) as refused:
        read_table((HEAD + "x,休,节\n2026-06-19,休,端午节\n2026-06-20,?,节\n").encode())
    assert [str(r)[:5] for r in refused.value.reasons] == ["第 2 行", "第 4 行"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_table_is_read_as_offices_write_it(encoding: str) -> None:
    text = "date\tkind\tname\r\n2027年1月1日\toff\t元旦\r\n2027/1/9\t补班\t元旦补班\r\n"
    assert read_table(text.encode(encoding)) == (
        Day(date(2027, 1, 1), working=False, note="元旦"),
        Day(date(2027, 1, 9), working=True, note="元旦补班"),
    )
    with pytest.raises(RefusedCalendar, match="UTF-8"):
        read_table(b"\xff\xff\xff")
    with pytest.raises(RefusedCalendar, match="256 KB"):
        read_table(b"x" * (256 * 1024 + 1))


def test_a_notice_replaces_its_year_and_only_single_days_of_another(toy: ToyHouse) -> None:
    bring_in(toy, HEAD + "2026-06-19,休,端午节\n2026-10-01,休,国庆节\n2026-10-02,休,国庆节\n")
    bring_in(toy, HEAD + "2026-12-31,休,元旦\n2027-01-01,休,元旦\n2027-10-01,休,国庆节\n")
    bring_in(toy, HEAD + "2026-10-01,休,国庆节\n2026-10-03,休,国庆节\n")
    with toy.runtime.reading() as connection:
        days = connection.execute(select(calendar_day.c.day).order_by(calendar_day.c.day)).scalars()
        known = [day.isoformat() for day in days]
        years = {year.year: year.complete for year in calendars.years(connection, 2026, 2028)}
    assert known == ["2026-10-01", "2026-10-03", "2027-01-01", "2027-10-01"]
    assert years == {2026: True, 2027: True, 2028: False}


def test_no_person_reckons_a_case_and_nobody_without_the_right_imports(toy: ToyHouse) -> None:
    written(toy)
    with pytest.raises(Forbidden):
        toy.act(recount_case, READER, case_id=1)
    assert toy.act(recount_case, SYSTEM, case_id=1) == {"moved": 0}
