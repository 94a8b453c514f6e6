"""D5 and the list of forbidden clauses, rule by rule, with the values on both sides of each limit."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from engine.decisions import load_tables
from engine.errors import InvalidAnswers
from tests.workflows.processes.mediation.steps import CALM, VIOLENT
from workflows.form import field_infos
from workflows.mediation_policy import MEDIATION_A, MEDIATION_PARAMETERS
from workflows.parameters import Parameters
from workflows.policy import Policy
from workflows.processes.mediation import decisions, gate
from workflows.processes.mediation.forms import FORMS
from workflows.processes.mediation.rule_texts import RULE_TEXTS
from workflows.processes.mediation.wording import _SOURCES, DELIVERY, DELIVERY_OTHER
from workflows.processes.mediation_after.forms import FORMS as AFTER
from workflows.safe_contact import ASKED, ASKED_OF_OTHERS

TODAY = date(2026, 6, 15)
POLICY = Policy(0, 0, "mediation", TODAY, "默认", Parameters(MEDIATION_PARAMETERS, MEDIATION_A), {})
HEAD, SCORER, OTHER, UNTRAINED = 9, 1, 2, 3


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Any:
    """D5 on 15 June 2026 for given facts, in a house with one head and two trained scorers."""
    holder = SimpleNamespace(account_id=HEAD)
    monkeypatch.setattr(gate, "in_force", lambda *_: POLICY)
    monkeypatch.setattr(gate.organisation, "unit_for_post", lambda *_: SimpleNamespace(id=1))
    monkeypatch.setattr(gate.organisation, "holders", lambda *_: [holder])
    monkeypatch.setattr(gate.training, "may_score_risk", lambda _c, who, _on: who != UNTRAINED)
    view = SimpleNamespace(
        connection=None, case=SimpleNamespace(unit_id=1), today=TODAY, tables=lambda _: decisions.tables()
    )

    def asked(facts: dict[str, Any], consent: str = "GIVEN") -> tuple[str, str]:
        found = gate.gate(view, facts, consent)  # type: ignore[arg-type]
        return found.result, found.code

    return asked


def scored(band: str, on: str, scorer: int = SCORER, approved: int | None = None) -> dict[str, Any]:
    return {"band": band, "scoredOn": on, "scorer": scorer, "approvedBy": approved}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, ("LIMITED", "PAST")),
        ({"protectedVictim": True}, ("FORBIDDEN", "PROTECTED")),
        ({"sexualViolence": True}, ("FORBIDDEN", "POLICE")),
        ({"weapon": True}, ("FORBIDDEN", "POLICE")),
        ({"strangulation": True}, ("FORBIDDEN", "POLICE")),
        ({"injury": "SLIGHT"}, ("LIMITED", "PAST")),
        ({"injury": "MINOR"}, ("FORBIDDEN", "POLICE")),
        ({"caseOpen": True}, ("FORBIDDEN", "POLICE")),
        ({"orderActive": True}, ("FORBIDDEN", "ORDER")),
        ({"warningBrokenOn": "2025-12-15"}, ("FORBIDDEN", "ORDER")),
        ({"warningBrokenOn": "2025-12-14"}, ("LIMITED", "PAST")),
        ({"assessments": [scored("STANDARD", "2026-06-08")]}, ("LIMITED", "PAST")),
        ({"assessments": [scored("MEDIUM", "2026-06-08")]}, ("LIMITED", "PAST")),
        ({"assessments": [scored("HIGH", "2026-06-15")]}, ("FORBIDDEN", "RISK")),
        ({"assessments": [scored("HIGH", "2026-06-08")]}, ("FORBIDDEN", "RISK")),
        ({"assessments": [scored("HIGH", "2026-06-07")]}, ("FORBIDDEN", "RESCORE")),
        ({"assessments": [scored("MEDIUM", "2026-06-07")]}, ("FORBIDDEN", "RESCORE")),
        ({"weapon": None}, ("FORBIDDEN", "UNANSWERED")),
        ({"injury": None}, ("FORBIDDEN", "UNANSWERED")),
        ({"pastViolence": None}, ("FORBIDDEN", "UNANSWERED")),
        ({"orderActive": None}, ("FORBIDDEN", "UNANSWERED")),
    ],
)
def test_past_violence_limits_a_mediation_and_worse_forbids_it(ask, changes, said):
    assert ask({**VIOLENT, **changes}) == said


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, ("ALLOWED", "NONE")),
        ({"caseOpen": True}, ("FORBIDDEN", "POLICE")),
        ({"orderActive": True}, ("FORBIDDEN", "ORDER")),
        ({"assessments": [scored("MEDIUM", "2026-06-15")]}, ("LIMITED", "PAST")),
    ],
)
def test_without_violence_it_is_allowed_unless_police_order_or_danger_speak_against_it(ask, changes, said):
    assert ask({**CALM, **changes}) == said


@pytest.mark.parametrize("consent", ["REFUSED", "NOT_ALONE"])
def test_a_refusal_or_a_consent_not_given_alone_and_in_writing_forbids_it(ask, consent):
    assert ask(CALM, consent) == ("FORBIDDEN", "REFUSAL")


def test_nothing_answered_is_no_yes(ask):
    assert ask({}) == ("FORBIDDEN", "UNANSWERED")


@pytest.mark.parametrize(
    ("later", "said"),
    [
        (scored("MEDIUM", "2026-06-14", OTHER, HEAD), "LIMITED"),
        (scored("MEDIUM", "2026-06-14", OTHER), "FORBIDDEN"),  # nobody approved it
        (scored("MEDIUM", "2026-06-14", SCORER, HEAD), "FORBIDDEN"),  # the same scorer
        (scored("MEDIUM", "2026-06-14", UNTRAINED, HEAD), "FORBIDDEN"),
        (scored("MEDIUM", "2026-06-14", OTHER, OTHER), "FORBIDDEN"),  # approved by herself
        (scored("MEDIUM", "2026-06-14", OTHER, SCORER), "FORBIDDEN"),  # approved by somebody who is no head
        (scored("MEDIUM", "2026-06-14", HEAD, HEAD), "FORBIDDEN"),  # the head approves no score of her own
    ],
)
def test_a_high_band_falls_only_by_another_trained_scorer_with_the_heads_approval(ask, later, said):
    assert ask({**VIOLENT, "assessments": [scored("HIGH", "2026-06-13"), later]})[0] == said


def test_a_band_rises_by_whoever_scores_it(ask):
    risen = [scored("STANDARD", "2026-06-13"), scored("HIGH", "2026-06-14", UNTRAINED)]
    assert ask({**VIOLENT, "assessments": risen}) == ("FORBIDDEN", "RISK")


def test_of_two_answers_the_worse_counts():
    found = gate.merged({**VIOLENT, "weapon": True, "injury": "SLIGHT"}, {**VIOLENT, "injury": "NONE"})
    assert (found["weapon"], found["injury"], found["strangulation"]) == (True, "SLIGHT", False)


FORBIDDEN = {
    "NO_POLICE": (
        "不得再报警", "女方今后不再报警", "女方自愿放弃向公安机关报案的权利", "女方不得以任何理由，向派出所报案", "女方撤回报案",
        "不得拨打110", "双方都不许惊动警察", "女方 不 得 再 报 警", "女方不得因为家庭琐事再到派出所报案", "不得拨打１１０", "女方不\n得报警",
    ),
    "NO_CRIMINAL": ("不追究男方刑事责任", "女方出具谅解书"),
    "NO_COURT": ("女方永不起诉", "女方放弃诉讼权利", "不上诉", "放弃仲裁和诉讼", "双方不得再去法院"),
    "NO_ORDER": ("女方不申请人身安全保护令", "撤回保护令申请"),
    "NO_DIVORCE": ("女方不得提出离婚", "谁提出离婚谁净身出户"),
    "NO_APPEAL": ("女方不得再上访", "不再找妇联", "双方息诉罢访"),
    "VIOLENCE_BARGAINED": (
        "男方殴打女方一事，一次性赔偿5000元了结", "只要女方不顶嘴，男方就不动手", "既往不咎", "如男方再打人，赔女方1000元",
    ),
}  # fmt: skip
LAWFUL = (
    "男方每月5日前支付抚养费800元", "男方不得再殴打女方，女方有权随时报警", "男方不得阻拦女方报警", "孩子由女方抚养，男方每周六探望",
    "双方离婚后互不干涉", "男方于2026年7月1日前偿还女方欠款20000元，逾期不还的女方可以起诉", "双方不因离婚影响对孩子的抚养",
    "男方不再饮酒，否则女方可以报警", "男方外出打工期间每月付生活费", "男方不再殴打女方", "女方住房不得出租",
    "男方承诺不进入女方住处，一旦进入女方报警处理", "男方逾期不履行的，向人民法院起诉", "一方不还款的，另一方向法院起诉",
)  # fmt: skip


@pytest.mark.parametrize(("code", "text"), [(code, text) for code, texts in FORBIDDEN.items() for text in texts])
def test_a_forbidden_clause_is_found_however_it_is_worded(code, text):
    found, decision = decisions.forbidden(decisions.tables(), text)
    assert code in {each.code for each in found}
    assert all(hit.clause in _SOURCES for hit in decision.hits)


@pytest.mark.parametrize("text", LAWFUL)
def test_what_protects_or_merely_names_a_remedy_is_not_forbidden(text):
    assert not decisions.forbidden(decisions.tables(), text)[0]


def test_every_sentence_of_the_tables_can_be_translated_and_every_clause_is_known():
    rules = [rule for table in decisions.tables().values() for rule in table.rules]
    assert {rule.annotations["message"] for rule in rules} == set(RULE_TEXTS)
    assert {rule.clause for rule in rules} <= set(_SOURCES)


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (b'"FORBIDDEN"', b'"MAYBE"', "MAYBE"),
        ("销案|撤案".encode(), b"(((", "pattern"),
        ("销案|撤案".encode(), b"|", "pattern"),
    ],
)
def test_tables_that_would_open_the_gate_or_cannot_be_searched_are_refused(old, new, why):
    proposed = load_tables(decisions.shipped().replace(old, new))
    assert any(why in str(message) for message in decisions.unfit(proposed))
    assert not decisions.unfit(decisions.tables())


def test_every_rule_a_form_names_is_known():
    named = {info.clause for form in (*FORMS.values(), *AFTER.values()) for info in field_infos(form).values()}
    assert named - {""} <= set(_SOURCES)


def test_every_way_in_which_she_is_told_passes_the_gate_of_safe_contact():
    assert {code for code, _ in DELIVERY} - set(ASKED["mediation_ended", "toldHer"]) == {"NOT_SENT"}
    assert {code for code, _ in DELIVERY_OTHER} - set(ASKED_OF_OTHERS["mediation_ended", "toldOther"]) == {"NOT_SENT"}


@pytest.mark.parametrize("form", ["consent_her", "check"])
def test_whoever_asks_her_must_answer_every_question_of_the_gate(form):
    with pytest.raises(InvalidAnswers) as refused:
        FORMS[form].load({"willing": True, "pastViolence": True})
    assert {*gate.ALWAYS[1:], *gate.OF_VIOLENCE, "injury"} <= set(refused.value.problems)
