"""Answers of the loan's forms as a page or the API would send them: the base woman W of scenarios.md, and her guarantors.

Every name and number is invented; numbers carry a valid check digit (GB 11643).
"""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any

from PIL import Image
from stdnum.cn import ric


def _png() -> bytes:
    drawn = BytesIO()
    Image.new("L", (4, 4), 255).save(drawn, "PNG")
    return drawn.getvalue()


PNG = _png()


def idcard(born: date, sex: str = "F", serial: int = 0) -> str:
    """A synthetic number; the same arguments give the same person. `serial` 0..49."""
    order = 2 * serial + (20 if sex == "F" else 21)
    body = f"110105{born:%Y%m%d}{order:03d}"
    return body + ric.calc_check_digit(body + "0")


W = idcard(date(1990, 5, 4))
PAYROLL = idcard(date(1980, 3, 12), "M")
DEPOSITOR = idcard(date(1978, 11, 2), "F")


def payroll(slot: int = 1, **changes: Any) -> dict[str, Any]:
    """G1: a guarantor on the public payroll."""
    person = {
        "slot": slot,
        "party": "NATURAL",
        "name": "方立群",
        "idcard": PAYROLL,
        "phone": "13800000001",
        "kind": "FISCAL_PAYROLL",
        "employer": "示范县第一小学",
        "monthlyPay": "5600.00",
        "relation": "NONE",
    }
    return {**person, **changes}


def depositor(slot: int = 2, **changes: Any) -> dict[str, Any]:
    """G2: a guarantor with a time deposit of 60 000 that matures on 2029-01-10."""
    person = {
        "slot": slot,
        "party": "NATURAL",
        "name": "罗玉芬",
        "idcard": DEPOSITOR,
        "phone": "13800000002",
        "kind": "TIME_DEPOSIT",
        "bank": "示范县农村信用社",
        "depositAmount": "60000.00",
        "depositMaturity": "2029-01-10",
        "relation": "OTHER_RELATIVE",
    }
    return {**person, **changes}


def application(hukou: int = 0, **changes: Any) -> dict[str, Any]:
    """W asks for 50 000 over two years; `hukou` is the id of her village."""
    answers = {
        "name": "苏小禾",
        "idcard": W,
        "sex": "F",
        "birthDate": "1990-05-04",
        "marital": "MARRIED",
        "phone": "13800000000",
        "hukou": hukou,
        "unemployed": True,
        "evidenceKind": "VILLAGE_STATEMENT",
        "priorLoanDeclared": False,
        "project": "BREEDING",
        "projectName": "林下养鸡",
        "projectPlace": "村东坡地",
        "jobsCreated": 2,
        "ownFunds": "10000.00",
        "amount": "50000.00",
        "termMonths": 24,
        "purpose": "购买鸡苗一千只和饲料，搭建鸡舍两间，年内出栏两批",
        "repaymentSource": "出售成鸡和鸡蛋的收入",
        "bankAccountName": "苏小禾",
        "guarantors": [payroll(), depositor()],
        "consentCredit": True,
    }
    if hukou == 0:
        answers["hukouElsewhere"] = "外县"
    return {**answers, **changes}


APPLICATION_PAPERS = (
    "unemploymentEvidence",
    "guarantors.1.proof",
    "guarantors.2.proof",
    "guarantors.1.signedPledge",
    "guarantors.2.signedPledge",
)


def village_review(**changes: Any) -> dict[str, Any]:
    answers = {
        "identitySeen": True,
        "livesInVillage": True,
        "unemployedChecked": True,
        "projectVisitedOn": "2026-06-15",
        "guarantorsContacted": True,
        "remarks": "家中四口人，无不良嗜好，邻里关系好",
        "conflictDeclared": True,
        "opinion": "RECOMMEND",
    }
    return {**answers, **changes}


def town_review(**changes: Any) -> dict[str, Any]:
    answers = {
        "applicationComplete": True,
        "evidenceComplete": True,
        "guaranteeComplete": True,
        "villageSigned": True,
        "siteVisited": True,
        "siteVisitedOn": "2026-06-15",
        "conflictDeclared": True,
        "opinion": "RECOMMEND",
    }
    return {**answers, **changes}


def credit(**changes: Any) -> dict[str, Any]:
    answers = {
        "receivedOn": "2026-06-15",
        "creditCheck": "GOOD",
        "onceCheck": True,
        "conflictDeclared": True,
        "decision": "AGREE",
        "approvedAmount": "50000.00",
        "rate": "4.35",
        "termMonths": 24,
        "decidedOn": "2026-06-15",
    }
    return {**answers, **changes}


def final_check(**changes: Any) -> dict[str, Any]:
    answers = {
        "onceChecked": True,
        "formsChecked": True,
        "creditAgreed": True,
        "conflictDeclared": True,
        "decision": "APPROVE",
        "sealCopies": 2,
    }
    return {**answers, **changes}


def stamp(**changes: Any) -> dict[str, Any]:
    return {"sealRegisterNo": "2026-001", "copies": 2, "stampedOn": "2026-06-15", **changes}


def disburse(**changes: Any) -> dict[str, Any]:
    answers = {
        "contractNo": "XD-2026-17",
        "disbursedOn": "2026-06-15",
        "amount": "50000.00",
        "dueOn": "2028-06-15",
        "rate": "4.35",
    }
    return {**answers, **changes}


def refusal(**changes: Any) -> dict[str, Any]:
    answers = {
        "reasons": "年龄不在政策范围之内",
        "confirmed": True,
        "complaintPath": "可在十五日内向村妇联提出异议",
        "deliveredOn": "2026-06-15",
        "deliveredHow": "IN_PERSON",
        "applicantObjects": False,
    }
    return {**answers, **changes}
