"""ID numbers, telephones, names and money as processes.md §0.2 wants them."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows import people

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
REGIONS = ("110101", "513426", "522601", "512222", "810000", "820000", "830000")


def with_check_digit(first17: str) -> str:
    """GB 11643 by its own weights, independent of the library the code uses."""
    total = sum(int(digit) * weight for digit, weight in zip(first17, WEIGHTS, strict=True))
    return first17 + "10X98765432"[total % 11]


births = st.dates(date(1900, 1, 1), date(2026, 6, 15))
idcards = st.builds(
    lambda region, born, order: with_check_digit(f"{region}{born:%Y%m%d}{order:03}"),
    st.sampled_from(REGIONS),
    births,
    st.integers(1, 999),
)


def text_of(problem: object) -> str:
    assert problem is not None
    return str(problem)


@given(idcards)
def test_every_number_with_a_right_check_digit_is_accepted(idcard):
    assert people.idcard_problem(idcard) is None
    assert people.idcard_problem(f" {idcard[:6]} {idcard[6:14]} {idcard[14:].lower()} ") is None


@given(idcards, st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_is_always_seen(idcard, place, shift):
    wrong = idcard[:place] + str((int(idcard[place]) + shift) % 10) + idcard[place + 1 :]
    assert people.idcard_problem(wrong) is not None


@given(idcards, st.integers(0, 15))
def test_two_neighbours_swapped_are_always_seen(idcard, place):
    swapped = idcard[:place] + idcard[place + 1] + idcard[place] + idcard[place + 2 :]
    assert (people.idcard_problem(swapped) is None) == (swapped == idcard)


@given(births, idcards)
def test_birth_date_is_read_from_digits_7_to_14(born, idcard):
    number = with_check_digit(f"{idcard[:6]}{born:%Y%m%d}{idcard[14:17]}")
    assert people.birth_date_of(number) == born


@given(idcards)
def test_an_even_17th_digit_is_female(idcard):
    assert people.sex_of(idcard) == ("F" if idcard[16] in "02468" else "M")


@given(st.dates(date(1900, 1, 1), date(1999, 12, 31)), st.integers(0, 999))
def test_a_15_digit_number_and_its_18_digit_form_are_one_person(born, order):
    old = f"110101{born:%y%m%d}{order:03}"
    assert people.normalise_idcard(old) == with_check_digit(f"110101{born:%Y%m%d}{order:03}")
    assert people.idcard_problem(old) is None


@given(idcards)
def test_normalising_twice_changes_nothing(idcard):
    once = people.normalise_idcard(idcard.lower())
    assert once == idcard == people.normalise_idcard(once)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "有 0 位"),
        ("11010119900504202", "有 17 位"),
        ("1101011990050420220", "有 19 位"),
        ("11010119900504O020", "只能由数字组成"),
        ("X10101199005040020", "只能由数字组成"),
        ("110101199005040²20", "只能由数字组成"),
        (with_check_digit("99010119900504002"), "行政区划"),
        (with_check_digit("81010119900504002"), "行政区划"),
        (with_check_digit("11010119900230002"), "出生日期"),
        (with_check_digit("11010119901304002"), "出生日期"),
        (with_check_digit("11010100000504002"), "出生日期"),
    ],
)
def test_what_is_wrong_with_an_id_number_is_said_precisely(typed, said):
    assert said in text_of(people.idcard_problem(typed))


def test_a_wrong_check_digit_is_refused_without_telling_the_right_one():
    right = with_check_digit("11010119900504002")
    wrong = right[:17] + ("1" if right[17] != "1" else "2")
    said = text_of(people.idcard_problem(wrong))
    assert f"身份证号码 {wrong} 的校验码不符（最后一位应由前 17 位算出，依据 GB 11643）" in said
    assert right not in said


def test_a_birth_date_in_the_future_is_refused_when_today_is_known():
    today = date(2026, 6, 15)
    born_tomorrow = with_check_digit(f"110101{today + timedelta(1):%Y%m%d}002")
    assert people.idcard_problem(born_tomorrow) is None
    assert "出生日期" in text_of(people.idcard_problem(born_tomorrow, today))


def test_birth_date_of_something_else_is_an_error():
    with pytest.raises(ValueError, match="birth date"):
        people.birth_date_of("王")


@given(idcards)
def test_a_masked_number_hides_the_birth_date(idcard):
    masked = people.mask_idcard(idcard)
    assert masked == idcard[:6] + "********" + idcard[-4:]


def test_something_that_is_no_number_is_masked_whole():
    assert people.mask_idcard("1101") == "*" * 18


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("王芳", "王*"),
        ("王小芳", "王**"),
        ("欧阳小芳", "欧阳**"),
        ("欧阳", "欧*"),
        ("阿依古丽·买买提", "阿**"),
        ("𠮷小芳", "𠮷**"),
        ("葛󠄀小芳", "葛󠄀**"),
        ("王", "王*"),
        ("", ""),
    ],
)
def test_a_masked_name_shows_the_surname_only(name, masked):
    assert people.mask_name(name) == masked


@pytest.mark.parametrize("dot", "•‧・･∙⋅․．·")
def test_every_kind_of_middle_dot_is_stored_as_one(dot):
    assert people.normalise_name(f" 阿依古丽 {dot} 买买提 ") == "阿依古丽·买买提"


@pytest.mark.parametrize("name", ["王芳", "阿依古丽·买买提", "𠮷小芳", "葛󠄀小芳", "Ann Li"])
def test_names_of_every_script_are_accepted(name):
    assert people.name_problem(name) is None


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (" ", "不能为空"),
        ("王" * 51, "50"),
        ("王1", "文字"),
        ("王<b>", "文字"),
        ("·王芳", "“·”"),
        ("阿··买", "“·”"),
        ("阿·", "“·”"),
    ],
)
def test_what_is_wrong_with_a_name_is_said(name, said):
    assert said in text_of(people.name_problem(name))


@pytest.mark.parametrize(
    "typed",
    [
        "13800001234",
        "138 0000 1234",
        "+8613800001234",
        "１３８００００１２３４",
        "010-12345678",
        "(0834) 2161234",
        "02112345678",
    ],
)
def test_mobile_and_landline_numbers_are_accepted(typed):
    assert people.phone_problem(typed) is None


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("1380000123", "有 10 位"),
        ("138000012345", "有 12 位"),
        ("12345678", "有 8 位"),
        ("010-123456", "区号"),
        ("23456789", "区号"),
        ("", "数字"),
        ("1380000123a", "数字"),
    ],
)
def test_what_is_wrong_with_a_phone_number_is_said(typed, said):
    assert said in text_of(people.phone_problem(typed))


@pytest.mark.parametrize(
    ("typed", "masked"), [("138 0000 1234", "*******1234"), ("010-12345678", "*******5678"), ("12", "**")]
)
def test_a_masked_phone_number_shows_four_digits(typed, masked):
    assert people.mask_phone(typed) == masked


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("30000", "30000.00"),
        ("30000.", "30000.00"),
        ("30000.1", "30000.10"),
        ("30000.01", "30000.01"),
        ("30,000.00", "30000.00"),
        ("1,234,567", "1234567.00"),
        ("３００００．０１", "30000.01"),
        ("３０，０００", "30000.00"),
        ("¥30 000", "30000.00"),
        ("￥30000元", "30000.00"),
        ("0", "0.00"),
    ],
)
def test_money_is_read_with_exactly_two_places(typed, amount):
    read = people.parse_money(typed)
    assert str(read) == amount == people.money_text(read)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "不能为空"),
        ("元", "不能为空"),
        ("-1", "负数"),
        ("−1", "负数"),
        ("8万", "以元为单位"),
        ("80000.001", "四舍五入"),
        ("80000.000", "四舍五入"),
        ("8e4", "只能填写数字"),
        ("NaN", "只能填写数字"),
        ("Infinity", "只能填写数字"),
        ("+5", "只能填写数字"),
        (".5", "只能填写数字"),
        ("3,00", "只能填写数字"),
        ("30,0000", "只能填写数字"),
        ("0x10", "只能填写数字"),
        ("1_000", "只能填写数字"),
        ("①", "只能填写数字"),
        ("٣", "只能填写数字"),
        ("1234567890123", "只能填写数字"),
    ],
)
def test_what_is_no_money_is_refused_with_the_reason(typed, said):
    assert said in text_of(people.money_problem(typed))


@given(st.decimals(0, 999_999_999_999, places=2))
def test_money_survives_writing_and_reading(amount):
    assert people.parse_money(people.money_text(amount)) == amount
    assert people.money_problem(f"{amount:,.2f}") is None


@given(st.text(max_size=20))
def test_any_text_is_answered_by_money_or_a_reason(text):
    if people.money_problem(text) is None:
        assert people.parse_money(text).as_tuple().exponent == -2


@given(st.text(max_size=25))
def test_any_text_is_answered_by_a_person_check_that_says_what_was_typed(text):
    for problem in (people.idcard_problem(text), people.phone_problem(text)):
        assert problem is None or problem.params["seen"] == people.shortened(text)
    named = people.name_problem(text)
    assert named is None or set(named.params) <= {"seen"}


def test_only_as_much_of_a_long_text_is_repeated_as_fits_a_line():
    assert text_of(people.idcard_problem("1" * 5000)).count("1") < 60


def test_the_error_itself_holds_nothing_that_was_typed_so_that_no_log_can():
    with pytest.raises(people.NotMoney) as refused:
        people.parse_money("80000.001")
    assert "80000.001" not in str(refused.value)
    assert "填写的是 80000.001，金额最多 2 位小数" in str(refused.value.message)


def test_money_with_three_places_is_never_written():
    with pytest.raises(ValueError, match="two places"):
        people.money_text(Decimal("0.005"))
