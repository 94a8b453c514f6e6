"""The loan's forms on their own: slips are told at once, at their field; conditions of the loan are no slips."""

from __future__ import annotations

from datetime import date
from importlib import resources
from typing import TYPE_CHECKING, Any

import pytest

import bpmn
from engine.flow.definition import parse
from tests.workflows.processes.loan import examples
from tests.workflows.processes.loan.examples import application, depositor, idcard, payroll
from workflows.form import describe
from workflows.form_schema import FormSchema, Slots
from workflows.processes.loan import wording
from workflows.processes.loan.decisions import tables
from workflows.processes.loan.process import PROCESS
from workflows.processes.loan.rule_texts import CLAUSE_NAMES, RULE_TEXTS

if TYPE_CHECKING:
    from workflows.form import SchemaForm

DRAWING = parse("loan", resources.files(bpmn).joinpath("loan.bpmn").read_bytes())
FORMS: Any = PROCESS.forms


def problems(key: str, answers: dict[str, Any]) -> dict[str, str]:
    found = FORMS[key].attempt(answers)[1]
    return {path: "；".join(str(m) for m in messages) for path, messages in found.items()}


GOOD = {
    "apply": application(),
    "village_review": examples.village_review(),
    "town_review": examples.town_review(),
    "credit": examples.credit(),
    "accept_less": {"accepts": True},
    "supplement": {"note": "补交承诺书"},
    "final_check": examples.final_check(),
    "stamp": examples.stamp(),
    "disburse": examples.disburse(),
    "ask_disbursement": {"contactedOn": "2026-06-15", "result": "WAITING", "note": "信用社排队放款"},
    "confirm_lapse": {"contactedOn": "2026-06-15", "decision": "LAPSE", "reason": "电话确认不再申请"},
    "confirm_refusal": examples.refusal(),
}


@pytest.mark.parametrize("key", sorted(GOOD))
def test_a_complete_form_is_read_and_its_stored_data_load_to_the_same(key: str) -> None:
    form: SchemaForm = FORMS[key]
    values = form.load(GOOD[key])
    assert form.load(form.dump(values)) == values


def test_every_form_of_the_drawing_exists_and_no_other() -> None:
    drawn = {e.form for e in DRAWING.elements.values() if e.form}
    assert drawn == set(FORMS)


def test_every_routing_fact_of_the_drawing_is_answered_by_a_form_a_decision_or_an_operation() -> None:
    answered = {name for key in GOOD for name in PROCESS.facts(key, FORMS[key].load(GOOD[key]))}
    assert answered | {"eligible", "still_eligible", "forms_complete"} >= DRAWING.facts


def test_the_forms_that_are_signed_are_those_of_the_opinions_and_approvals() -> None:
    assert {key for key, form in FORMS.items() if form.signed} == {
        "village_review",
        "town_review",
        "credit",
        "final_check",
    }


def schemas() -> list[FormSchema]:
    found = [form.schema for form in FORMS.values()]
    return found + [f.schema for s in found for f in s.fields.values() if isinstance(f, Slots)]


@pytest.mark.parametrize("schema", schemas(), ids=lambda s: type(s).__name__)
def test_every_field_stands_in_exactly_one_question_group(schema: FormSchema) -> None:
    named = [name for group in schema.groups for name in group.names]
    assert sorted(named) == sorted(schema.fields)


@pytest.mark.parametrize("schema", schemas(), ids=lambda s: type(s).__name__)
def test_a_condition_asks_about_a_field_of_the_same_form(schema: FormSchema) -> None:
    for field in schema.fields.values():
        when = field.metadata["when"]
        assert when is None or when[0] in schema.fields


def test_the_application_asks_for_every_field_of_the_sheets() -> None:
    paths = {f.name for s in describe(FORMS["apply"]) for f in (*s.fields, *(i for x in s.fields for i in x.fields))}
    asked = {
        "name", "idcard", "sex", "birthDate", "ethnicity", "education", "marital", "hukou", "residence", "phone",
        "unemployed", "unemploymentEvidence", "priorLoanDeclared", "project", "projectPlace", "jobsCreated", "ownFunds",
        "amount", "termMonths", "purpose", "repaymentSource", "photos", "bankAccountName", "consentCredit", "guarantors",
        "kind", "employer", "bank", "monthlyPay", "depositAmount", "depositMaturity", "relation", "proof", "signedPledge",
    }  # fmt: skip
    assert asked <= paths


def test_an_empty_application_tells_everything_at_once() -> None:
    found = problems("apply", {})
    assert list(found) == [
        "name", "idcard", "sex", "birthDate", "marital", "phone", "hukou", "unemployed", "priorLoanDeclared", "project",
        "projectPlace", "amount", "termMonths", "purpose", "repaymentSource", "bankAccountName", "guarantors", "consentCredit",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "path", "said"),
    [
        pytest.param({"idcard": idcard(date(1990, 5, 4), "M")}, "sex", "第 17 位是 1，性别应为男", id="L14 the 17th digit contradicts the sex"),
        pytest.param({"idcard": examples.W[:17] + "0X"[examples.W[17] == "0"]}, "idcard", "校验码不符", id="L15 checksum"),
        pytest.param({"birthDate": "1990-05-05"}, "birthDate", "填写的是 1990-05-05，与身份证号码第 7 至 14 位的出生日期 1990-05-04 不符", id="birth date contradicts the ID number"),
        pytest.param({"amount": "50000.001"}, "amount", "填写的是 50000.001，金额最多 2 位小数", id="money has two places and is never rounded"),
        pytest.param({"amount": "0"}, "amount", "大于 0", id="a loan of nothing"),
        pytest.param({"purpose": "买鸡苗"}, "purpose", "至少写 20 个字，现有 3 个字", id="purpose under 20 characters"),
        pytest.param({"purpose": "买 鸡 苗" + " " * 30}, "purpose", "现有 3 个字", id="blanks do not fill the purpose"),
        pytest.param({"bankAccountName": "王强"}, "bankAccountName", "“王强”，收款账户户名必须与申请人姓名", id="money goes to her own account"),
        pytest.param({"consentCredit": False}, "consentCredit", "单独同意", id="PIPL 23 separate consent"),
        pytest.param({"termMonths": 0}, "termMonths", "应在 1 到 600 之间", id="a term of no month"),
        pytest.param({"guarantors": []}, "guarantors", "请填写", id="no guarantor at all"),
        pytest.param({"evidenceKind": None}, "evidenceKind", "请选择", id="unemployed without kind of evidence"),
        pytest.param({"countySigns": True}, "countySignsReason", "请填写", id="county signs needs a reason"),
        pytest.param({"hukou": 0, "hukouElsewhere": ""}, "hukouElsewhere", "请填写", id="hukou elsewhere is named"),
        pytest.param({"guarantors": [payroll(employer="")]}, "guarantors.1.employer", "请填写", id="payroll: employer"),
        pytest.param({"guarantors": [payroll(monthlyPay="0")]}, "guarantors.1.monthlyPay", "大于 0", id="payroll: pay"),
        pytest.param({"guarantors": [depositor(bank="")]}, "guarantors.2.bank", "请填写", id="deposit: bank"),
        pytest.param({"guarantors": [depositor(depositMaturity="")]}, "guarantors.2.depositMaturity", "请填写", id="deposit: maturity"),
        pytest.param({"guarantors": [depositor(depositAmount="")]}, "guarantors.2.depositAmount", "请填写", id="deposit: amount"),
        pytest.param({"guarantors": [payroll(relation="")]}, "guarantors.1.relation", "请选择", id="guarantor: relation"),
        pytest.param({"guarantors": [payroll(kind="FRIEND")]}, "guarantors.1.kind", "所列选项", id="guarantor: unknown kind"),
    ],
)  # fmt: skip
def test_a_slip_in_the_application_is_told_at_its_field(changes: dict[str, Any], path: str, said: str) -> None:
    found = problems("apply", application(**changes))
    assert said in found[path]
    assert set(found) == {path}


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"amount": "19999.99"}, id="L02 amount below the range"),
        pytest.param({"amount": "80000.01"}, id="L06 amount above the range"),
        pytest.param({"sex": "M", "idcard": idcard(date(1990, 5, 4), "M")}, id="a man"),
        pytest.param({"birthDate": "2010-05-04", "idcard": idcard(date(2010, 5, 4))}, id="a girl of 16"),
        pytest.param({"guarantors": [payroll(kind="PRIVATE_EMPLOYEE")]}, id="L20 guarantor kind"),
        pytest.param(
            {"guarantors": [{"slot": 1, "party": "UNIT", "name": "杏花村村民委员会"}]}, id="L21 a unit as guarantor"
        ),
        pytest.param({"idcard": "110105900504002"}, id="an ID number of 15 digits"),
    ],
)
def test_what_breaks_a_condition_of_the_loan_is_no_slip(changes: dict[str, Any]) -> None:
    assert problems("apply", application(**changes)) == {}


def test_an_id_number_of_15_digits_is_kept_as_18() -> None:
    values = FORMS["apply"].load(application(idcard="110105900504002"))
    assert values["idcard"][:17] == "11010519900504002"


def test_what_was_typed_for_another_kind_of_guarantor_is_not_kept() -> None:
    mixed = payroll(kind="TIME_DEPOSIT", bank="信用社", depositAmount="60000", depositMaturity="2029-01-10")
    (guarantor,) = FORMS["apply"].load(application(guarantors=[mixed]))["guarantors"]
    assert (guarantor["employer"], guarantor["monthlyPay"]) == (None, None)


@pytest.mark.parametrize(
    ("key", "changes", "path"),
    [
        ("village_review", {"opinion": "RETURN"}, "reason"),
        ("village_review", {"opinion": "REFUSE"}, "reason"),
        ("village_review", {"conflictDeclared": False}, "conflictDeclared"),
        ("village_review", {"projectVisitedOn": ""}, "projectVisitedOn"),
        ("village_review", {"identitySeen": False}, "identitySeen"),
        ("village_review", {"unemployedChecked": False}, "unemployedChecked"),
        ("village_review", {"guarantorsContacted": False}, "guarantorsContacted"),
        ("town_review", {"opinion": "RETURN"}, "reason"),
        ("town_review", {"opinion": "REFUSE"}, "reason"),
        ("town_review", {"villageSigned": False}, "villageSigned"),
        ("town_review", {"guaranteeComplete": False}, "guaranteeComplete"),
        ("town_review", {"siteVisitedOn": ""}, "siteVisitedOn"),
        ("town_review", {"conflictDeclared": False}, "conflictDeclared"),
        ("credit", {"decision": "RETURN"}, "reason"),
        ("credit", {"decision": "REFUSE"}, "reason"),
        ("credit", {"decision": "AGREE_LESS"}, "reason"),
        ("credit", {"approvedAmount": ""}, "approvedAmount"),
        ("credit", {"rate": "4.35001"}, "rate"),
        ("credit", {"termMonths": ""}, "termMonths"),
        ("credit", {"onceCheck": False}, "onceCheck"),
        ("credit", {"decidedOn": "2026-06-14"}, "decidedOn"),
        ("credit", {"conflictDeclared": False}, "conflictDeclared"),
        ("final_check", {"decision": "RETURN"}, "reason"),
        ("final_check", {"formsChecked": False}, "formsChecked"),
        ("final_check", {"onceChecked": False}, "onceChecked"),
        ("final_check", {"sealCopies": ""}, "sealCopies"),
        ("stamp", {"sealRegisterNo": ""}, "sealRegisterNo"),
        ("stamp", {"copies": 0}, "copies"),
        ("disburse", {"dueOn": "2026-06-15"}, "dueOn"),
        ("disburse", {"amount": "50000.005"}, "amount"),
        ("confirm_refusal", {"confirmed": False}, "confirmed"),
        ("confirm_refusal", {"reasons": "不行"}, "reasons"),
        ("confirm_refusal", {"applicantObjects": True}, "objection"),
        ("confirm_lapse", {"reason": ""}, "reason"),
        ("ask_disbursement", {"note": ""}, "note"),
    ],
)
def test_a_step_says_what_is_missing_or_contradicts_itself(key: str, changes: dict[str, Any], path: str) -> None:
    assert set(problems(key, {**GOOD[key], **changes})) == {path}


@pytest.mark.parametrize("key", ["village_review", "town_review"])
def test_a_return_needs_no_finished_checks_but_a_reason(key: str) -> None:
    unfinished = {name: False for name, value in GOOD[key].items() if value is True and name != "conflictDeclared"}
    answers = {**GOOD[key], **unfinished, "projectVisitedOn": "", "opinion": "RETURN", "reason": "缺担保人工资证明"}
    if key == "town_review":
        answers.pop("projectVisitedOn")
    assert problems(key, answers) == {}


def test_a_refusal_by_the_credit_union_needs_no_terms() -> None:
    answers = examples.credit(decision="REFUSE", approvedAmount="", rate="", termMonths="", reason="有逾期贷款")
    assert problems("credit", answers) == {}


def test_every_sentence_of_the_decision_tables_can_be_translated() -> None:
    rules = [rule for table in tables().values() for rule in table._source.rules]
    assert {rule.annotations["message"] for rule in rules} == set(RULE_TEXTS)
    named = {part for rule in rules for part in rule.clause.split("、") if str(wording.source(part)) == part}
    assert named == set(CLAUSE_NAMES)


def test_every_refusal_code_of_the_tables_has_a_name_for_statistics() -> None:
    codes = {str(hit.results[0].source).strip('"') for hit in tables()["loan_eligibility"]._source.rules}
    assert codes <= set(wording.REFUSAL_CODES)
