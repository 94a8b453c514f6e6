"""What every form of a cell of a decision table accepts, and that every other form is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.decisions import DecisionTable, load_tables
from engine.errors import DecisionError, RefusedDefinition
from engine.flow.gate import check_tables
from tests.engine.dmn_text import file, table

LIMITS = {"minAge": 18, "maxAge": 50, "minAmount": Decimal("20000.00"), "maxAmount": Decimal("80000.00")}


def load(*args: Any, **options: Any) -> DecisionTable:
    return load_tables(file(table(*args, **options)))["d"]


def accepts(cell: str, value: Any, **parameters: Any) -> bool:
    decision = load([([cell], ['"HIT"'])], policy="COLLECT").decide({"v": value}, parameters=parameters)
    return decision.outputs["o"] == ("HIT",)


@pytest.mark.parametrize(
    ("cell", "yes", "no"),
    [
        ("-", [1, "x", None, True, Decimal("0.5"), date(2026, 1, 1), ["a"]], []),
        ("", [1, None], []),
        ('"F"', ["F"], ["M", "f", "", None]),
        ("'F'", ["F"], ["M"]),
        ('"F","M"', ["F", "M"], ["X", None]),
        ("18", [18, Decimal("18.00")], [17, Decimal("18.01"), None]),
        ("20000.00", [20000, Decimal(20000)], [Decimal("20000.01")]),
        ("-5", [-5], [5]),
        ("true", [True], [False, None]),
        ("false", [False], [True, None]),
        ("null", [None], [0, "", False]),
        ('null, "F"', [None, "F"], ["M"]),
        ("< 18", [17, Decimal("17.99")], [18, None]),
        ("<= 18", [18], [19, None]),
        ("> 80000.00", [Decimal("80000.01")], [Decimal("80000.00"), 80000, None]),
        (">= 3", [3], [2]),
        ("!= 3", [4], [3, None]),
        ("== 3", [3], [4]),
        ("[1..5]", [1, 5], [0, 6, None]),
        ("]1..5]", [2, 5], [1, 6]),
        ("[1..5[", [1, Decimal("4.99")], [5]),
        ("]1..5[", [2], [1, 5]),
        ("(1..5)", [2], [1, 5]),
        ("(1..5]", [5], [1]),
        ("[1.5..2.5]", [Decimal("1.5"), 2], [1, 3]),
        ("[-5..-1]", [-5, -1], [0]),
        ("]1..3[, ]5..7[, 9", [2, 6, 9], [1, 3, 4, 5, 7, 8]),
        ("< 18, > 50", [17, 51], [18, 50]),
        ("not([18..50])", [17, 51], [18, 50, None]),
        ('not("F")', ["M"], ["F", None]),
        ('not("F", "M")', ["X"], ["F", "M"]),
        ("not(3)", [4], [3]),
        ("not(null)", [0, "x"], [None]),
        ("not(< 3)", [3], [2, None]),
        ("? > 3 and ? < 5", [4], [3, 5, None]),
        ("3 < ? < 5", [4], [3, 5]),
        ("? in ('A', 'B')", ["A"], ["C"]),
        ("len(?) > 2", ["abc"], ["ab"]),
        ('"A" in ?', [["A"]], [["B"], []]),
        ("[date('2026-01-01')..date('2026-12-31')]", [date(2026, 1, 1), date(2026, 12, 31)], [date(2027, 1, 1)]),
        ("< date('2026-01-01')", [date(2025, 12, 31)], [date(2026, 1, 1)]),
        ('"a,b", "c..d", "]["', ["a,b", "c..d", "]["], ["a", "b"]),
        ("not(? == 1) or ? == 3", [2, 3], [1]),
        ("not(? == 1) or (? == 3)", [2, 3], [1]),
    ],
)
def test_a_cell_accepts_what_its_form_says(cell: str, yes: list[Any], no: list[Any]) -> None:
    for value in yes:
        assert accepts(cell, value), value
    for value in no:
        assert not accepts(cell, value), value


@pytest.mark.parametrize(
    ("cell", "value", "hit"),
    [
        ("< minAge", 17, True),
        ("< minAge", 18, False),
        ("not([minAge..maxAge])", 50, False),
        ("not([minAge..maxAge])", 51, True),
        ("< minAmount, > maxAmount", Decimal("80000.01"), True),
        ("< minAmount, > maxAmount", Decimal("80000.00"), False),
        ("minAge", 18, True),
        ("? > maxAge - minAge", 33, True),
        ("? > maxAge - minAge", 32, False),
        ("minAge < maxAge", 99, True),
    ],
)
def test_a_cell_may_name_policy_parameters_so_that_a_county_changes_data_and_not_code(
    cell: str, value: Any, hit: bool
) -> None:
    assert accepts(cell, value, **LIMITS) is hit


def test_a_cell_may_name_another_input() -> None:
    decided = load(
        [(["? == applicant", "-"], ['"SELF"'])],
        policy="COLLECT",
        inputs=[("guarantor", "string"), ("applicant", "string")],
    )
    assert decided.decide({"guarantor": "A", "applicant": "A"}).outputs == {"o": ("SELF",)}
    assert decided.decide({"guarantor": "A", "applicant": "B"}).outputs == {"o": ()}


@pytest.mark.parametrize(
    "cell",
    [
        "[1..5",
        "1..5",
        "[1..]",
        "= 3",
        "=< 3",
        "> 3 and < 5",
        "a, ",
        "<",
        "not()",
        "not(not(3))",
        "not(3), 5",
        "1 < 2",
        "not 3",
        "?.x",
        "date(",
        '"open',
        "“F”",
        "if a then b else c",
        "every x in y satisfies x",
        "x instance of number",
        "function(x) x",
        "duration('P1D').days",
        "1e9",
        "some text",
        "< ?",
        "[?..5]",
        "__import__('os')",
        "9**9**9",
        "-,1",
    ],
)
def test_a_form_we_do_not_know_is_refused_at_load_naming_rule_and_column(cell: str) -> None:
    source = file(table([(["1"], ['"A"']), ([cell], ['"B"'])]))
    with pytest.raises(RefusedDefinition) as refused:
        load_tables(source)
    assert "规则 r2 的列 v" in str(refused.value)
    assert len(check_tables(source)) == 1


@pytest.mark.parametrize(
    ("cell", "value"),
    [('"F"', 5), ("< 18", "17"), ("[1..5]", True), ("true", "true"), ("5", date(2026, 1, 1)), ('"a"', ["a"])],
)
def test_a_value_of_another_kind_is_an_error_and_never_a_quiet_no(cell: str, value: Any) -> None:
    with pytest.raises(DecisionError, match="规则 r1 的列 v"):
        accepts(cell, value)


@pytest.mark.parametrize("value", [0.1, datetime(2026, 1, 1, tzinfo=UTC), {"a": 1}, object(), [0.1], [["a"]], b"x"])
def test_an_input_that_is_no_plain_fact_is_refused(value: Any) -> None:
    with pytest.raises(DecisionError, match="“v”"):
        accepts("-", value)


@pytest.mark.parametrize("answer", ["len(?) and true", "? and ?"])
def test_an_expression_cell_must_answer_yes_or_no(answer: str) -> None:
    with pytest.raises(DecisionError, match="规则 r1"):
        accepts(answer, "")


@given(st.text(max_size=40))
def test_any_text_in_a_cell_is_understood_or_refused(cell: str) -> None:
    source = file(table([([cell], ["1"])], policy="COLLECT"))
    refusals = check_tables(source)
    if refusals:
        with pytest.raises(RefusedDefinition):
            load_tables(source)
    else:
        assert load_tables(source)["d"].policy == "COLLECT"
