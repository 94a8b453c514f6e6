"""The common field rules on a real application: her number in all its forms, her name, her consent (processes.md §0.2)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from stdnum.cn import ric

from tests.scenarios.county import woman
from tests.scenarios.reading import told
from tests.workflows.processes.loan.examples import W

if TYPE_CHECKING:
    from tests.scenarios.county import County


def number(region: str, born: date = date(1990, 5, 4), order: str = "022") -> str:
    """A synthetic number of any region."""
    body = f"{region}{born:%Y%m%d}{order}"
    return body + ric.calc_check_digit(body + "0")


WITH_X = next(n for n in (number("110105", order=f"{order:03d}") for order in range(100, 200, 2)) if n.endswith("X"))
OLD_W = W[:6] + W[8:17]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        pytest.param(OLD_W, W, id="15 digits"),
        pytest.param(WITH_X.lower(), WITH_X, id="small x"),
        pytest.param(f"{W[:6]} {W[6:14]} {W[14:]}", W, id="blanks"),
        pytest.param(W.translate({code: code + 0xFEE0 for code in range(0x30, 0x3A)}), W, id="full-width"),
        pytest.param(number("810000"), number("810000"), id="residence permit of Hong Kong"),
        pytest.param(number("820000"), number("820000"), id="residence permit of Macau"),
        pytest.param(number("830000"), number("830000"), id="residence permit of Taiwan"),
    ],
)
def test_a_number_is_kept_as_eighteen_characters_however_it_was_typed(desk: County, typed: str, kept: str) -> None:
    case_id = desk.apply(idcard=typed)
    assert (desk.stored(case_id, "apply") or {})["idcard"] == kept
    assert desk.where(case_id) == "T_VillageReview"


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param(W[:-1], id="17 digits"),
        pytest.param(W + "1", id="19 digits"),
        pytest.param(number("810101"), id="no such residence permit"),
        pytest.param(number("840000"), id="no such region"),
        pytest.param(number("000000"), id="no region"),
        pytest.param("11010519900230002" + "0", id="30 February"),
        pytest.param(W[:17] + ("X" if W[17] != "X" else "1"), id="wrong check digit"),
        pytest.param("1101051990O5040227", id="letter O for zero"),
        pytest.param("11010590043102" + "2", id="31 April in an old number"),
    ],
)
def test_what_is_no_number_is_an_error_at_the_field_that_shows_what_was_typed_and_its_source(
    desk: County, typed: str
) -> None:
    problems = desk.blocked(idcard=typed)
    assert "idcard" in problems
    assert typed in told(problems)
    assert "依据 GB" in told(problems)


def test_birth_date_and_sex_must_be_those_of_the_number(desk: County) -> None:
    problems = desk.blocked(idcard=number("110105", order="021"), birthDate="1990-04-05")
    assert set(problems) == {"sex", "birthDate"}


@pytest.mark.parametrize("sex", ["F", "M"])
def test_a_man_entered_as_a_woman_is_a_slip_and_entered_as_a_man_is_a_refusal(desk: County, sex: str) -> None:
    """K-H: the 17th digit tells; what is typed is never changed silently."""
    typed: dict[str, Any] = {"idcard": number("110105", order="031"), "sex": sex}
    if sex == "F":
        assert set(desk.blocked(**typed)) == {"sex"}
    else:
        assert desk.refusals(desk.apply(**typed)) == ["NOT_FEMALE"]


@pytest.mark.parametrize(("first", "second"), [(OLD_W, W), (W, OLD_W), (WITH_X, WITH_X.lower())])
def test_two_ways_to_write_a_number_are_one_woman(desk: County, first: str, second: str) -> None:
    """15 digits are converted before any uniqueness test."""
    desk.apply(idcard=first)
    assert desk.refusals(desk.apply("v2chair", idcard=second)) == ["DUPLICATE_OPEN"]


def test_the_same_digits_of_two_women_of_one_birthday_are_two_women(desk: County) -> None:
    desk.apply(**woman("1990-05-04", serial=1))
    assert desk.refusals(desk.apply("v2chair", **woman("1990-05-04", serial=2))) == []


@pytest.mark.parametrize(
    ("typed", "kept", "masked"),
    [
        ("阿依古丽·买买提", "阿依古丽·买买提", "阿**"),
        ("阿依古丽•买买提", "阿依古丽·买买提", "阿**"),
        ("𠮷𡋾", "𠮷𡋾", "𠮷*"),
        ("欧阳䶮", "欧阳䶮", "欧阳*"),
        ("Zhao Ana", "Zhao Ana", "Z**"),
    ],
)
def test_names_of_minorities_and_rare_characters_are_kept(desk: County, typed: str, kept: str, masked: str) -> None:
    """UTF-8, 4-byte characters; one kind of middle dot; lists show the masked name."""
    case_id = desk.apply(name=typed, bankAccountName=kept)
    assert (desk.stored(case_id, "apply") or {})["name"] == kept
    assert desk.case(case_id).subject == masked
    desk.disburse(desk.until(case_id, "T_Disburse"))
    assert desk.where(case_id) == "T_Repay"


@pytest.mark.parametrize("typed", ["", "张三9", "·小禾", "小禾·", "小··禾", "苏小禾<b>", "苏\u0000小禾", "苏" * 51])
def test_what_is_no_name_is_an_error_at_the_field(desk: County, typed: str) -> None:
    assert "name" in desk.blocked(name=typed)


@pytest.mark.parametrize("consent", [False, None, "", "false"])
def test_without_her_separate_consent_nothing_can_be_applied_for(desk: County, consent: Any) -> None:
    """个人信息保护法 23: her consent to hand her data to the credit union is a box of its own."""
    problems = desk.blocked(consentCredit=consent)
    assert set(problems) == {"consentCredit"}
    assert "单独同意" in told(problems)


@pytest.mark.parametrize(
    "phone", ["13800000000", "+86 138-0000-0000", "010-62345678", "０１３", "1380000000", "23800000000"]
)
def test_a_telephone_number_has_eleven_digits_or_an_area_code(desk: County, phone: str) -> None:
    if phone in ("０１３", "1380000000", "23800000000"):
        assert set(desk.blocked(phone=phone)) == {"phone"}
    else:
        assert desk.where(desk.apply(phone=phone)) == "T_VillageReview"


@pytest.mark.parametrize(
    ("changes", "paths"),
    [
        ({"termMonths": 0}, {"termMonths"}),
        ({"termMonths": 25}, {"termMonths"}),
        ({"termMonths": "24.5"}, {"termMonths"}),
        ({"jobsCreated": -1}, {"jobsCreated"}),
        ({"ownFunds": "-0.01"}, {"ownFunds"}),
        ({"purpose": "买 鸡 苗" + " " * 40}, {"purpose"}),
        ({"purpose": "买" * 19}, {"purpose"}),
        ({"bankAccountName": "方立群"}, {"bankAccountName"}),
        ({"hukou": 999999}, {"hukou"}),
        ({"unknown": "1"}, {"unknown"}),
    ],
)
def test_every_other_field_keeps_its_limits(desk: County, changes: dict[str, Any], paths: set[str]) -> None:
    assert set(desk.blocked(**changes)) == paths


@pytest.mark.parametrize("changes", [{"termMonths": 1}, {"termMonths": 24}, {"purpose": "买" * 20}, {"jobsCreated": 0}])
def test_the_limits_themselves_are_allowed(desk: County, changes: dict[str, Any]) -> None:
    assert desk.where(desk.apply(**changes)) == "T_VillageReview"


def test_a_woman_not_yet_born_is_not_eligible(desk: County) -> None:
    born = date(2030, 5, 4)
    problems = desk.blocked(idcard=number("110105", born), birthDate=born.isoformat())
    assert set(problems) & {"idcard", "birthDate"}
