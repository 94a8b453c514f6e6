"""The gate for decision tables: each rule with the smallest file that breaks it, and the sentence a person reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.decisions import load_tables
from engine.errors import RefusedDefinition
from engine.flow.gate import check_tables
from tests.engine.dmn_text import HEAD, file, table

BPMN = Path(__file__).parents[3] / "bpmn"
PLAIN = file(table([(["1"], ["'A'"]), (["2"], ["'B'"])]))
ROWS: list[tuple[list[str], list[str]]] = [(["1"], ["'A'"])]


def with_text(old: str, new: str, source: bytes = PLAIN) -> bytes:
    changed = source.decode().replace(old, new, 1)
    assert changed != source.decode()
    return changed.encode()


REFUSED: dict[str, tuple[bytes, str]] = {
    "another version of DMN": (with_text("20191111", "20180521"), "不是 DMN 1.3 决策文件"),
    "no decision": (f"{HEAD}</definitions>".encode(), "文件中没有决策表"),
    "a decision without table": (file('<decision id="d" name="d"/>'), "d：决策须有标识，并且只含一张决策表"),
    "a decision without id": (with_text('<decision id="d"', "<decision"), "决策须有标识"),
    "two decisions of one name": (file(table(ROWS), table(ROWS)), "d：标识重复"),
    "a literal expression": (
        file('<decision id="d" name="d"><literalExpression><text>1</text></literalExpression></decision>'), "不允许的元素 literalExpression",
    ),
    "a business knowledge model": (with_text("<decision ", '<businessKnowledgeModel id="b"/><decision '), "不允许的元素 businessKnowledgeModel"),
    "a chain of decisions": (
        with_text("<decisionTable", '<informationRequirement id="i"><requiredDecision href="#x"/></informationRequirement><decisionTable'),
        "不允许的元素 requiredDecision",
    ),
    "a default output": (with_text(' typeRef=""/>', ' typeRef=""><defaultOutputEntry><text>1</text></defaultOutputEntry></output>'), "不允许的元素 defaultOutputEntry"),
    "a list of input values": (with_text("</inputExpression>", "</inputExpression><inputValues><text>1</text></inputValues>"), "不允许的元素 inputValues"),
    "an extension": (with_text("<decisionTable", '<x:script xmlns:x="urn:x">1</x:script><decisionTable'), "不允许的元素 script"),
    "an aggregation": (file(table(ROWS, policy="COLLECT", attributes='aggregation="SUM"')), "不支持聚合 SUM"),
    "no input": (with_text(PLAIN.decode().split("<decisionTable")[1].split("<output")[0].split(">", 1)[1], ""), "须有输入列和输出列"),
    "no rule": (file(table([])), "须有规则"),
    "a rule without id": (with_text(' id="r1"', ""), "每条规则须有不重复的标识"),
    "two rules of one name": (with_text('id="r2"', 'id="r1"'), "每条规则须有不重复的标识"),
    "two outputs of one name": (file(table([(["1"], ["1", "2"])], outputs=[("o", ""), ("o", "")])), "不得重名"),
    "an output without name": (with_text('name="o"', 'name=""'), "输出列 d_o0 须有名称"),
    "an output called by a sentence": (with_text('name="o"', 'name="the result"'), "须有名称"),
    "an unknown type": (file(table(ROWS, inputs=[("v", "money")])), "列 d_i0 的类型 money 不支持；可用：Any、string、boolean、number、integer、long、date"),
    "an inexact type": (file(table(ROWS, inputs=[("v", "double")])), "列 d_i0 的类型 double 不支持"),
    "an input that calls": (file(table(ROWS, inputs=[("open('x')", "")])), "d：输入列 d_i0：表达式“open('x')”未被接受"),
    "an input by path": (file(table(ROWS, inputs=[("person.age", "")])), "d：输入列 d_i0：表达式“person.age”未被接受"),
    "a cell too many": (with_text("</inputEntry>", "</inputEntry><inputEntry><text>1</text></inputEntry>"), "规则 r1 的格数与表头不符"),
    "a remark too many": (with_text("</annotationEntry>", "</annotationEntry><annotationEntry><text>x</text></annotationEntry>"), "规则 r1 的格数与表头不符"),
    "a rule without clause": (file(table(ROWS, notes=[[""]])), "规则 r1 没有写明依据"),
    "a rule without the column for it": (file(table(ROWS, columns=("message",), notes=[["x"]])), "规则 r1 没有写明依据"),
    "an empty output": (with_text("'A'", ""), "规则 r1 的列 o：表达式“”未被接受"),
    "an output that runs": (with_text("'A'", "__import__('os')"), "规则 r1 的列 o：表达式"),
    "FEEL that we do not speak": (with_text("<text>1</text>", "<text>every x in y satisfies x</text>"), "规则 r1 的列 v：表达式"),
    "too many cells": (file(table([(["1"], ["1"])] * 1050, notes=[["S"]] * 1050)), "超过上限 3000 格"),
    "too much text": (file(table([(["'" + "x" * 900 + "'"], ["1"])] * 80)), "60000 字"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_wrong_is_refused_with_its_sentence(name: str) -> None:
    source, sentence = REFUSED[name]
    refusals = [str(refusal) for refusal in check_tables(source)]
    assert any(sentence in refusal for refusal in refusals), refusals
    with pytest.raises(RefusedDefinition):
        load_tables(source)


@pytest.mark.parametrize("policy", ["ANY", "PRIORITY", "RULE ORDER", "OUTPUT ORDER", "unique", "U", ""])
def test_hit_policies_that_the_library_gets_wrong_are_refused_by_name(policy: str) -> None:
    source = with_text('hitPolicy="UNIQUE"', f'hitPolicy="{policy}"')
    assert [str(refusal) for refusal in check_tables(source)] == [
        f"d：不支持命中策略 {policy}；可用：UNIQUE、FIRST、COLLECT"
    ]


def test_every_refusal_of_a_table_comes_at_once() -> None:
    rows = [(["1.."], ["x.y"]), (["<"], ["1"])]
    refusals = [str(refusal) for refusal in check_tables(file(table(rows, policy="ANY", notes=[["S001-1"], [""]])))]
    assert len(refusals) == 5
    assert [part for refusal in refusals for part in ("命中策略", "r1 的列 v", "r1 的列 o", "r2 的列 v", "r2 没有写明依据") if part in refusal] == [
        "命中策略", "r1 的列 v", "r1 的列 o", "r2 的列 v", "r2 没有写明依据",
    ]  # fmt: skip


def test_the_picture_and_the_input_data_of_an_editor_are_let_through() -> None:
    extras = (
        '<inputData id="in" name="v"><variable id="iv" name="v" typeRef="number"/></inputData>',
        '<dmndi:DMNDI xmlns:dmndi="https://www.omg.org/spec/DMN/20191111/DMNDI/"><dmndi:DMNDiagram id="dd"/></dmndi:DMNDI>',
    )
    source = with_text("</definitions>", "".join(extras) + "</definitions>")
    requirement = '<informationRequirement id="ir"><requiredInput href="#in"/></informationRequirement><decisionTable'
    assert check_tables(with_text("<decisionTable", requirement, source)) == []


@pytest.mark.parametrize("path", sorted(BPMN.glob("*.dmn")), ids=lambda path: path.stem)
def test_every_table_of_the_house_passes_and_every_rule_cites_its_clause(path: Path) -> None:
    assert check_tables(path.read_bytes()) == []
    for decision in load_tables(path.read_bytes()).values():
        assert all(decision.clauses.values())
