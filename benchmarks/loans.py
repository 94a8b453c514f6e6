"""Loans to drive: forms as a browser posts them, invented people, and cases that wait for their application."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO
from typing import Any

from PIL import Image
from stdnum.cn import ric

from engine.access import Actor
from engine.commands.cases import start_case
from engine.commands.papers import add_paper
from engine.runtime import Runtime

_PAPERS = (
    "unemploymentEvidence",
    "guarantors.1.proof",
    "guarantors.2.proof",
    "guarantors.1.signedPledge",
    "guarantors.2.signedPledge",
)
#: step of the drawing, its form, and who fills it in (a key of `house._POSTS`)
STEPS = (
    ("T_Apply", "apply", "village"),
    ("T_VillageReview", "village_review", "village"),
    ("T_TownReview", "town_review", "town"),
    ("T_Credit", "credit", "credit"),
    ("T_FinalCheck", "final_check", "desk"),
    ("T_Stamp", "stamp", "seal"),
    ("T_Disburse", "disburse", "credit"),
)
SIGNED = ("village_review", "town_review", "credit", "final_check", "stamp")


def login_of(who: str, client: int | str) -> str:
    """The login of one of a client's people."""
    return f"b{who}{client}"


def _png() -> bytes:
    drawn = BytesIO()
    Image.new("L", (8, 8), 255).save(drawn, "PNG")
    return drawn.getvalue()


PNG = _png()


def idcard(number: int, year: int, order: int) -> str:
    """A synthetic ID number: fifty people a day from 1 January of `year`; `order` 0 is a man's, 1 a woman's."""
    born = date(year, 1, 1) + timedelta(days=number // 50)
    body = f"110105{born:%Y%m%d}{2 * (number % 50) + 100 + (1 - order):03d}"
    return body + ric.calc_check_digit(body + "0")


def _guarantors(number: int, today: date) -> dict[str, str]:
    first = {
        "party": "NATURAL", "name": "方立群", "idcard": idcard(number, 1980, 0), "phone": "13800000001",
        "kind": "FISCAL_PAYROLL", "employer": "示范县第一小学", "monthlyPay": "5600.00", "relation": "NONE",
    }  # fmt: skip
    second = {
        "party": "NATURAL", "name": "罗玉芬", "idcard": idcard(number, 1978, 1), "phone": "13800000002",
        "kind": "TIME_DEPOSIT", "bank": "示范县农村信用社", "depositAmount": "60000.00",
        "depositMaturity": (today + timedelta(days=3 * 366)).isoformat(), "relation": "OTHER_RELATIVE",
    }  # fmt: skip
    both = ((1, first), (2, second))
    return {f"guarantors.{slot}.{name}": value for slot, person in both for name, value in person.items()}


def _apply(number: int, village: int, today: date) -> dict[str, str]:
    number_of_hers = idcard(number, 1990, 1)
    born = number_of_hers[6:14]
    return {
        "name": "苏小禾", "idcard": number_of_hers, "sex": "F", "birthDate": f"{born[:4]}-{born[4:6]}-{born[6:]}",
        "marital": "MARRIED", "phone": "13800000000", "hukou": str(village), "unemployed": "true",
        "evidenceKind": "VILLAGE_STATEMENT", "priorLoanDeclared": "false", "project": "BREEDING",
        "projectName": "林下养鸡", "projectPlace": "村东坡地", "jobsCreated": "2", "ownFunds": "10000.00",
        "amount": "50000.00", "termMonths": "24", "purpose": "购买鸡苗一千只和饲料，搭建鸡舍两间，年内出栏两批",
        "repaymentSource": "出售成鸡和鸡蛋的收入", "bankAccountName": "苏小禾", "consentCredit": "true",
        **_guarantors(number, today),
    }  # fmt: skip


def _forms(number: int, village: int, today: date) -> dict[str, dict[str, str]]:
    day = today.isoformat()
    return {
        "apply": _apply(number, village, today),
        "village_review": {
            "identitySeen": "true", "livesInVillage": "true", "unemployedChecked": "true", "projectVisitedOn": day,
            "guarantorsContacted": "true", "remarks": "家中四口人，无不良嗜好，邻里关系好",
            "conflictDeclared": "true", "opinion": "RECOMMEND",
        },
        "town_review": {
            "applicationComplete": "true", "evidenceComplete": "true", "guaranteeComplete": "true",
            "villageSigned": "true", "siteVisited": "true", "siteVisitedOn": day, "conflictDeclared": "true",
            "opinion": "RECOMMEND",
        },
        "credit": {
            "receivedOn": day, "creditCheck": "GOOD", "onceCheck": "true", "conflictDeclared": "true",
            "decision": "AGREE", "approvedAmount": "50000.00", "rate": "4.35", "termMonths": "24", "decidedOn": day,
        },
        "final_check": {
            "onceChecked": "true", "formsChecked": "true", "creditAgreed": "true", "conflictDeclared": "true",
            "decision": "APPROVE", "sealCopies": "2",
        },
        "stamp": {"sealRegisterNo": f"{today.year}-{number:05d}", "copies": "2", "stampedOn": day},
        "disburse": {
            "contractNo": f"XD-{number:05d}", "disbursedOn": day, "amount": "50000.00",
            "dueOn": today.replace(year=today.year + 2, day=min(today.day, 28)).isoformat(), "rate": "4.35",
        },
    }  # fmt: skip


def steps(number: int, client: int, village: int, today: date, password: str) -> list[dict[str, Any]]:
    """The seven forms of one loan, from the application to the disbursement, as client `client` sends them."""
    found: list[dict[str, Any]] = []
    filled = _forms(number, village, today)
    for element, form, who in STEPS:
        fields = filled[form]
        if form in SIGNED:
            fields["_password"] = password
        step: dict[str, Any] = {"element": element, "form": form, "login": login_of(who, client), "fields": fields}
        if form == "stamp":
            step |= {"paper": "scan", "content": PNG.hex()}
        found.append(step)
    return found


def prepare(runtime: Runtime, actor: Actor, new_key: Callable[[], str]) -> int:
    """Open a case and attach the papers of its application, by commands; returns the case id."""
    opened = runtime.execute(start_case, actor=actor, key=new_key(), kind="loan").content
    for path in _PAPERS:
        runtime.execute(
            add_paper, actor=actor, key=new_key(), task_id=opened["task_id"], field=path, name="a.png", content=PNG
        )
    return int(opened["case_id"])
