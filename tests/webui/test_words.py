"""A due date is words and a date; the band only repeats it."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from flask_babel import force_locale

from engine.clock import SHANGHAI, Calendar, end_of_day
from webui import words
from webui.directory import post_name

HOLIDAY = Calendar({date(2026, 6, 19): False}, frozenset({2026}))
NOW = datetime(2026, 6, 15, 9, tzinfo=SHANGHAI)

DUE = [
    (date(2026, 6, 23), "还剩 5 个工作日", "6月23日", ""),
    (date(2026, 6, 18), "还剩 3 个工作日", "6月18日", ""),
    (date(2026, 6, 17), "还剩 2 个工作日", "6月17日", "soon"),
    (date(2026, 6, 15), "今天到期", "6月15日", "soon"),
    (date(2026, 6, 14), "已逾期 1 天", "6月14日", "late"),
    (date(2025, 12, 31), "已逾期 166 天", "2025年12月31日", "late"),
]


@pytest.fixture
def request_context(site):
    with site.test_request_context("/"):
        yield


@pytest.mark.parametrize(("last", "text", "day", "band"), DUE, ids=[str(d[0]) for d in DUE])
@pytest.mark.usefixtures("request_context")
def test_a_due_date_counts_working_days_and_names_the_date(last, text, day, band):
    assert words.due_words(end_of_day(last), NOW, HOLIDAY) == words.DueWords(text, day, band)


@pytest.mark.usefixtures("request_context")
def test_a_period_that_runs_out_at_a_weekend_says_that_nobody_works_until_then():
    saturday = datetime(2026, 6, 20, 9, tzinfo=SHANGHAI)
    assert words.due_words(end_of_day(date(2026, 6, 21)), saturday, HOLIDAY).text == "还剩 1 天，均为休息日"


@pytest.mark.usefixtures("request_context")
def test_a_task_without_a_clock_has_no_due_date():
    assert words.due_words(None, NOW, HOLIDAY) is None


@pytest.mark.usefixtures("request_context")
def test_the_same_in_english():
    with force_locale("en"):
        told = words.due_words(end_of_day(date(2026, 6, 18)), NOW, HOLIDAY)
    assert (told.text, told.day) == ("3 working days left", "Jun 18")


@pytest.mark.usefixtures("request_context")
@pytest.mark.parametrize(
    ("when", "told"),
    [
        (datetime(2026, 6, 15, 8, 5, tzinfo=SHANGHAI), "今天 08:05"),
        (datetime(2026, 6, 14, 23, 59, tzinfo=SHANGHAI), "昨天 23:59"),
        (datetime(2026, 6, 1, 8, tzinfo=SHANGHAI), "6月1日"),
    ],
)
def test_what_happened_lately_is_told_by_the_clock(when, told):
    assert words.ago(when, NOW) == told


@pytest.mark.parametrize(("size", "told"), [(1, "1 KB"), (1536, "2 KB"), (5 * 1024 * 1024, "5.0 MB")])
def test_sizes_are_rounded_for_people(size, told):
    assert words.filesize(size) == told


@pytest.mark.usefixtures("request_context")
def test_a_post_nobody_knows_is_shown_as_it_is():
    assert (post_name("VILLAGE_CHAIR"), post_name("NEW_POST"), post_name(None)) == ("村妇联主席", "NEW_POST", "")
