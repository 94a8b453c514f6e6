"""Decision tables: what the hit policies mean, and that a decision explains itself."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.decisions import DecisionTable, load_tables
from engine.errors import DecisionError
from tests.engine.dmn_text import file, table

LIMITS = {"minAge": 18, "maxAge": 50, "minAmount": Decimal("20000.00"), "maxAmount": Decimal("80000.00")}


def load(*args: Any, **options: Any) -> DecisionTable:
    return load_tables(file(table(*args, **options)))["d"]


def accepts(cell: str, value: Any, **parameters: Any) -> bool:
    decision = load([([cell], ['"HIT"'])], policy="COLLECT").decide({"v": value}, parameters=parameters)
    return decision.outputs["o"] == ("HIT",)


def test_a_column_with_a_type_refuses_a_value_of_another_type() -> None:
    typed = load([(["-"], ["1"])], inputs=[("age", "number")])
    assert typed.decide({"age": None}).outputs == {"o": 1}
    with pytest.raises(DecisionError, match="列 age"):
        typed.decide({"age": "18"})
    with pytest.raises(DecisionError, match="列 age"):
        typed.decide({"age": True})


def test_an_output_of_the_wrong_type_is_an_error() -> None:
    with pytest.raises(DecisionError, match="规则 r1 的列 o"):
        load([(["-"], ["'two'"])], outputs=[("o", "number")]).decide({"v": 1})


OVERLAP = [(["> 1"], ["1"]), (["> 2"], ["2"]), (["> 3"], ["3"])]


def test_unique_gives_the_one_hit() -> None:
    assert load(OVERLAP).decide({"v": 2}).outputs == {"o": 1}


def test_unique_is_the_policy_when_none_is_written() -> None:
    assert load(OVERLAP, policy=None).policy == "UNIQUE"


def test_unique_refuses_two_hits_and_names_both_rules() -> None:
    with pytest.raises(DecisionError, match=r"规则 r1、r2 同时成立"):
        load(OVERLAP).decide({"v": 3})


def test_first_takes_the_first_in_the_order_of_the_table() -> None:
    decision = load(list(reversed(OVERLAP)), policy="FIRST").decide({"v": 4})
    assert [hit.rule_id for hit in decision.hits] == ["r1"]
    assert decision.outputs == {"o": 3}


def test_collect_returns_every_hit_in_the_order_of_the_table() -> None:
    decision = load(OVERLAP, policy="COLLECT").decide({"v": 4})
    assert decision.outputs == {"o": (1, 2, 3)}
    assert load(OVERLAP, policy="COLLECT").decide({"v": 0}).outputs == {"o": ()}


@pytest.mark.parametrize("policy", ["UNIQUE", "FIRST"])
def test_no_hit_is_an_error_and_never_an_unset_fact(policy: str) -> None:
    with pytest.raises(DecisionError, match="没有任何规则成立"):
        load(OVERLAP, policy=policy).decide({"v": 0})


def test_an_absent_input_is_named() -> None:
    with pytest.raises(DecisionError, match="缺少事实“v”"):
        load(OVERLAP).decide({})


def test_an_absent_parameter_is_named_with_the_rule() -> None:
    with pytest.raises(DecisionError, match=r"规则 r1 的列 v：.*缺少事实“minAge”"):
        accepts("< minAge", 17)


def test_a_name_that_is_both_input_and_parameter_is_refused() -> None:
    with pytest.raises(DecisionError, match="“v”既是输入又是参数"):
        accepts("-", 1, v=2)


def test_a_decision_explains_itself() -> None:
    eligibility = load(
        [(["not([minAge..maxAge])", "-"], ['"AGE_RANGE"']), (["-", "< minAmount, > maxAmount"], ['"AMOUNT_RANGE"'])],
        policy="COLLECT",
        inputs=[("age", "number"), ("amount", "number")],
        outputs=[("code", "string")],
        columns=("message", "clause"),
        notes=[["年龄不在范围内", "S001-52"], ["金额不在范围内", "S001-53"]],
    )
    given = {"age": 51, "amount": Decimal("80000.01"), "name": "not asked for"}
    decision = eligibility.decide(given, parameters={**LIMITS, "other": 1}, policy_version=7)
    assert decision.table == "d"
    assert decision.policy == "COLLECT"
    assert decision.policy_version == 7
    assert decision.inputs == {"age": 51, "amount": Decimal("80000.01")}
    assert decision.parameters == LIMITS
    assert decision.outputs == {"code": ("AGE_RANGE", "AMOUNT_RANGE")}
    first, second = decision.hits
    assert (first.rule_id, first.clause, first.annotation, first.seen) == (
        "r1",
        "S001-52",
        "年龄不在范围内",
        {"age": 51},
    )
    assert (second.clause, second.outputs, second.seen) == (
        "S001-53",
        {"code": "AMOUNT_RANGE"},
        {"amount": Decimal("80000.01")},
    )
    assert eligibility.clauses == {"r1": "S001-52", "r2": "S001-53"}
    assert eligibility.inputs == {"age", "amount"}
    assert eligibility.names == {"age", "amount", *LIMITS}


def test_a_decision_can_be_written_into_the_history_without_losing_a_cent() -> None:
    decision = load([(["-"], ["amount + 0.01"])], inputs=[("amount", "")]).decide(
        {"amount": Decimal("80000.00")}, parameters={}, policy_version="2026.1"
    )
    data = json.loads(json.dumps(decision.as_data()))
    assert data["inputs"] == {"amount": "80000.00"}
    assert data["outputs"] == {"o": "80000.01"}
    assert data["hits"] == [
        {"rule": "r1", "clause": "S001-1", "annotations": {}, "seen": {}, "outputs": {"o": "80000.01"}}
    ]
    assert decision.as_data()["policy_version"] == "2026.1"
    born = load([(["-"], ["[v]"])]).decide({"v": date(2026, 1, 2)}).as_data()
    assert born["outputs"] == {"o": ["2026-01-02"]}


def test_outputs_may_be_expressions_over_inputs_and_parameters() -> None:
    decision = load([(["<= oneMax"], ["1"]), (["> oneMax"], ["2"])], inputs=[("amount", "number")])
    assert decision.decide({"amount": Decimal(30000)}, parameters={"oneMax": Decimal("30000.00")}).outputs == {"o": 1}
    assert decision.decide({"amount": Decimal("30000.01")}, parameters={"oneMax": Decimal("30000.00")}).outputs == {
        "o": 2
    }


def test_an_input_column_may_compute() -> None:
    assert load([(["> 2"], ["1"])], inputs=[("len(kinds)", "number")]).decide({"kinds": ["a", "b", "c"]}).outputs == {
        "o": 1
    }


def test_several_decisions_may_stand_in_one_file() -> None:
    tables = load_tables(file(table(OVERLAP, key="a"), table(OVERLAP, key="b", policy="FIRST")))
    assert {key: t.policy for key, t in tables.items()} == {"a": "UNIQUE", "b": "FIRST"}


def test_a_rule_may_cite_its_clause_in_its_description() -> None:
    source = file(table([(["-"], ["1"])], columns=(), notes=[[]])).replace(
        b'<rule id="r1">', b'<rule id="r1"><description>G4</description>'
    )
    assert load_tables(source)["d"].decide({"v": 1}).hits[0].clause == "G4"


def test_a_division_by_zero_in_an_output_is_an_error_of_the_decision() -> None:
    with pytest.raises(DecisionError, match="除数为零"):
        load([(["-"], ["1 / v"])]).decide({"v": 0})


VALUES = st.one_of(st.none(), st.integers(-5, 5), st.decimals(-5, 5, places=2))


@st.composite
def numeric_cells(draw: st.DrawFn) -> tuple[str, Any]:
    """A cell over numbers, and what a reader of the DMN rules would say it accepts."""
    a, b = sorted([draw(st.integers(-5, 5)), draw(st.integers(-5, 5))])
    low, high = draw(st.sampled_from("[]")), draw(st.sampled_from("[]"))
    forms: list[tuple[str, Any]] = [
        ("-", lambda _v: True),
        ("null", lambda v: v is None),
        (f"{a}", lambda v: v is not None and v == a),
        (f"< {a}", lambda v: v is not None and v < a),
        (f">= {a}", lambda v: v is not None and v >= a),
        (f"{a}, {b}", lambda v: v is not None and v in (a, b)),
        (f"{low}{a}..{b}{high}", lambda v: v is not None and _inside(v, low, a, b, high)),
        (f"not({low}{a}..{b}{high})", lambda v: v is not None and not _inside(v, low, a, b, high)),
        (f"? > {a} or ? == {b}", lambda v: v is not None and (v > a or v == b)),
    ]
    return draw(st.sampled_from(forms))


def _inside(value: Any, low: str, a: int, b: int, high: str) -> bool:
    return (value >= a if low == "[" else value > a) and (value <= b if high == "]" else value < b)


@given(st.data(), st.sampled_from(["UNIQUE", "FIRST", "COLLECT"]))
def test_a_table_agrees_with_a_naive_reading_of_it(data: st.DataObject, policy: str) -> None:
    columns = data.draw(st.integers(1, 3))
    rows = data.draw(st.lists(st.lists(numeric_cells(), min_size=columns, max_size=columns), min_size=1, max_size=5))
    values = data.draw(st.lists(VALUES, min_size=columns, max_size=columns))
    names = [f"x{i}" for i in range(columns)]
    decision_table = load(
        [([cell for cell, _ in row], [str(i)]) for i, row in enumerate(rows)],
        policy=policy,
        inputs=[(n, "number") for n in names],
    )
    expected = [i for i, row in enumerate(rows) if all(says(v) for (_, says), v in zip(row, values, strict=True))]
    given_inputs = dict(zip(names, values, strict=True))
    if policy == "COLLECT":
        assert decision_table.decide(given_inputs).outputs["o"] == tuple(expected)
    elif not expected or (policy == "UNIQUE" and len(expected) > 1):
        with pytest.raises(DecisionError):
            decision_table.decide(given_inputs)
    else:
        decision = decision_table.decide(given_inputs)
        assert decision.outputs["o"] == expected[0]
        assert [hit.rule_id for hit in decision.hits] == [f"r{expected[0] + 1}"]
