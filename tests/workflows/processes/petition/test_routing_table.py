"""D3, rule by rule and on both sides of its limits: where a petition goes, with its clause and reason."""

from __future__ import annotations

from typing import Any

import pytest

from workflows.parameters import Parameters
from workflows.petition_policy import PETITION_A, PETITION_PARAMETERS, petition_contradictions
from workflows.processes.petition import decisions, wording
from workflows.processes.petition.rule_texts import RULE_TEXTS

TABLE = decisions.tables()["petition_routing"]
POLICY = Parameters(PETITION_PARAMETERS, PETITION_A)
#: a custody dispute of one woman in a village
PLAIN: dict[str, Any] = {
    "staff": False, "harm": False, "matter_kind": "OWN", "category": "CUSTODY", "people": 1, "major": False, "place": "VILLAGE",
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "code", "clause"),
    [
        ({}, "VILLAGE", "S001-3"),
        ({"place": "TOWN"}, "TOWN", "S001-3"),
        ({"place": "COUNTY"}, "TOWN", "S001-3"),
        ({"category": "PERSONAL"}, "TOWN", "S001-3"),
        ({"people": 4}, "VILLAGE", "S001-3"),
        ({"people": 5}, "COUNTY", "S001-4"),
        ({"major": True}, "COUNTY", "条例25"),
        ({"category": "LAND"}, "COUNTY", "S001-4"),
        ({"category": "DEMOLITION"}, "COUNTY", "S001-4"),
        ({"matter_kind": "OUTSIDE"}, "OUTSIDE", "条例22"),
        ({"matter_kind": "LOAN_AID"}, "LOAN_AID", "P2"),
        ({"matter_kind": "LABOUR"}, "LABOUR", "条例31"),
        ({"matter_kind": "COURT", "people": 9}, "COURT", "条例22"),
        ({"harm": True, "matter_kind": "COURT"}, "PROTECT", "反家暴法"),
        ({"staff": True, "harm": True}, "UPPER", "条例30"),
    ],
)
def test_the_first_rule_that_holds_says_where_it_goes_and_why(changes: dict[str, Any], code: str, clause: str) -> None:
    decision = TABLE.decide({**PLAIN, **changes}, parameters=POLICY.inputs)
    (hit,) = decision.hits
    assert decision.outputs == {"code": code}
    assert hit.clause.startswith(clause)
    assert str(decisions.told(decision)).startswith("系统建议：")


def test_every_sentence_and_code_of_the_table_has_words() -> None:
    assert [rule.annotations["message"] for rule in TABLE.rules] == list(RULE_TEXTS)
    assert {rule.results[0].source.strip('"') for rule in TABLE.rules} == set(decisions.ROUTES)
    sources = [str(wording.source(rule.clause)) for rule in TABLE.rules]
    assert all("《" in said or "规" in said or "工作" in said for said in sources)


def test_a_county_changes_the_numbers_and_lists_and_not_what_excludes_itself() -> None:
    changed = Parameters(PETITION_PARAMETERS, {**PETITION_A, "collectiveMin": 3, "countyCategories": ["HARASSMENT"]})
    assert TABLE.decide({**PLAIN, "people": 2}, parameters=changed.inputs).outputs["code"] == "VILLAGE"
    assert TABLE.decide({**PLAIN, "people": 3}, parameters=changed.inputs).outputs["code"] == "COUNTY"
    assert TABLE.decide({**PLAIN, "category": "LAND"}, parameters=changed.inputs).outputs["code"] == "TOWN"
    assert petition_contradictions(POLICY) == {}
    simple = Parameters(PETITION_PARAMETERS, {**PETITION_A, "villageSimple": ["FAMILY", "LAND"]})
    assert set(petition_contradictions(simple)) == {"villageSimple"}
