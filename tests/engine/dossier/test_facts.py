"""How values are written on paper (processes.md §0.2; 票据大写)."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from engine.dossier import facts


@pytest.mark.parametrize(
    ("typed", "figures", "capitals"),
    [
        ("80000.00", "80,000.00", "捌万元整"),
        ("30000.01", "30,000.01", "叁万元零壹分"),
        ("20000.10", "20,000.10", "贰万元壹角"),
        ("100500.50", "100,500.50", "壹拾万零伍佰元伍角"),
        ("0.05", "0.05", "伍分"),
        ("1234567.89", "1,234,567.89", "壹佰贰拾叁万肆仟伍佰陆拾柒元捌角玖分"),
        (None, "", ""),
        ("", "", ""),
        ("not money", "", ""),
    ],
)
def test_money_is_written_in_figures_and_in_capitals(typed: str | None, figures: str, capitals: str) -> None:
    assert facts.amount(typed) == figures
    assert facts.capitals(typed) == capitals


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("2026-06-05", "2026年6月5日"),
        (date(2026, 12, 31), "2026年12月31日"),
        (datetime(2026, 6, 14, 17, 0, tzinfo=UTC), "2026年6月15日"),
        ("1990-**-**", "1990年**月**日"),
        (None, ""),
        ("soon", "soon"),
    ],
)
def test_a_date_is_written_as_a_shanghai_date(value: object, written: str) -> None:
    assert facts.day(value) == written


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("999901199005041228", "999901********1228"),
        ("99990119900504122X，另有话", "999901********122X，另有话"),
        ("999901900504122", "999901******122"),
        ("电话13900000001或0999-6001234", "电话139****0001或0999-***1234"),
        ("卡号6222020200112233445", "卡号6222***********3445"),
        ("申请 80000.00 元，24 个月，2026-06-15", "申请 80000.00 元，24 个月，2026-06-15"),
    ],
)
def test_below_c2_numbers_of_people_keep_only_their_ends(text: str, masked: str) -> None:
    assert facts.masked(text) == masked


def test_a_birth_date_beside_its_identity_number_keeps_its_year_only() -> None:
    answers = {
        "idcard": "999901199005041228",
        "birthDate": "1990-05-04",
        "appliedOn": "2026-06-15",
        "guarantors": [{"idcard": "999901198503122464", "bornOn": "1985-03-12", "again": "1990-05-04"}],
        "ticked": True,
        "nothing": None,
    }
    assert facts.masked_values(answers) == {
        "idcard": "999901********1228",
        "birthDate": "1990-**-**",
        "appliedOn": "2026-06-15",
        "guarantors": [{"idcard": "999901********2464", "bornOn": "1985-**-**", "again": "1990-**-**"}],
        "ticked": True,
        "nothing": None,
    }


def test_a_masked_name_shows_its_first_character() -> None:
    assert [facts.masked_name(name) for name in ("王小梅", "李", "阿依古丽·买买提", "")] == [
        "王**",
        "李*",
        "阿*******",
        "",
    ]


def test_a_digest_is_shortened_to_four_groups() -> None:
    assert facts.short("3f2a90b1c4d5e6f7" * 4) == "3F2A 90B1 C4D5 E6F7"


def test_a_file_size_is_told_in_kb_or_mb() -> None:
    assert [facts.size(count) for count in (10, 86_200, 1_400_000)] == ["1 KB", "86 KB", "1.4 MB"]
