"""Loans of the demo county, each at another step, opened by its people by the same commands as a page would give.

Everybody in them is invented; numbers are made up with a right check digit. The days lie in the weeks before the demo is
loaded, so that there is something in every inbox, something late under supervision, and something returned and refused.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from io import BytesIO
from typing import Any, Final

from PIL import Image
from sqlalchemy import bindparam, select
from stdnum.cn import ric

from engine.clock import FixedClock, civil_date
from engine.commands.cases import start_case
from engine.commands.papers import add_paper
from engine.commands.signing import Reauthentication
from engine.commands.tasks import complete_task
from engine.model import case_file, task
from engine.runtime import Runtime
from workflows.accounts import account_id
from workflows.organisation import actor_of, unit_by_code

_OPEN = (
    select(task.c.id, task.c.version, task.c.form)
    .where(task.c.case_id == bindparam("b_case"), task.c.state == "open")
    .order_by(task.c.id)
)
_PAPERS: Final = (
    "unemploymentEvidence",
    "guarantors.1.proof",
    "guarantors.2.proof",
    "guarantors.1.signedPledge",
    "guarantors.2.signedPledge",
)


@dataclass(frozen=True)
class Step:
    """Somebody submits what the case waits for, `ago` days before the demo is loaded; `changes` to the usual answers."""

    ago: int
    login: str
    changes: Mapping[str, Any]


@dataclass(frozen=True)
class Loan:
    """A woman of a village, what she plans, and how far her application has come."""

    name: str
    born: date
    village: str
    project: str
    plan: str
    amount: str
    steps: tuple[Step, ...]


def _by(ago: int, login: str, **changes: Any) -> Step:
    return Step(ago, login, changes)


_RETURN: Final = {"opinion": "RETURN", "reason": "担保人的收入证明没有盖章，请补正后再报"}

LOANS: Final = (
    Loan("罗采薇", date(1989, 3, 21), "V1", "PLANTING", "大棚种植草莓", "60000.00", (_by(31, "v1chair"),)),
    Loan("谢映雪", date(1992, 8, 5), "V1", "BREEDING", "林下散养土鸡", "40000.00", (_by(0, "v1chair"),)),
    Loan(
        "彭晓荷", date(1985, 11, 17), "V2", "PROCESSING", "红薯粉条加工", "50000.00", (_by(26, "v2chair"), _by(22, "v2chair"))
    ),
    Loan(
        "唐语桐", date(1994, 1, 9), "V2", "SERVICE", "村口开理发店", "30000.00", (_by(8, "v2chair"), _by(5, "v2chair", **_RETURN))
    ),
    Loan(
        "阿依·木果", date(1990, 6, 30), "V3", "PLANTING", "种植花椒", "45000.00",
        (_by(12, "v3chair"), _by(10, "v3chair"), _by(7, "t2chair")),
    ),
    Loan(
        "董清秋", date(1987, 9, 12), "V1", "SERVICE", "农家乐修缮", "80000.00",
        (_by(14, "v1chair"), _by(13, "v1chair"), _by(9, "t1chair"), _by(2, "credit")),
    ),
    Loan(
        "蒙小春", date(1983, 2, 26), "V3", "BREEDING", "养殖黑山羊", "70000.00",
        (
            _by(40, "v3chair"), _by(38, "v3chair"), _by(35, "t2chair"), _by(30, "credit"), _by(28, "loanworker"),
            _by(27, "seal"),
        ),
    ),
    Loan(
        "尹若兰", date(1991, 12, 3), "V1", "PROCESSING", "竹编工艺品", "50000.00",
        (
            _by(124, "v1chair"), _by(122, "v1chair"), _by(119, "t1chair"), _by(112, "credit"), _by(110, "loanworker"),
            _by(109, "seal"), _by(104, "credit"),
        ),
    ),
    Loan("邓念慈", date(1969, 4, 18), "V2", "PLANTING", "种植中药材", "50000.00", (_by(3, "v2chair"),)),
)  # fmt: skip


def create_demo_cases(runtime: Runtime) -> int:
    """Open the demo's loans and take each as far as it has come; returns how many. Nothing happens where a case exists."""
    with runtime.reading() as connection:
        if connection.execute(select(case_file.c.id).limit(1)).first() is not None:
            return 0
    for number, loan in enumerate(LOANS):
        _Walk(runtime, number, loan).go()
    return len(LOANS)


class _Walk:
    """One loan on its way; the clock stands where its people stood."""

    def __init__(self, runtime: Runtime, number: int, loan: Loan) -> None:
        self.number = number
        self.loan = loan
        self.now = runtime.clock.now()
        self.clock = FixedClock(self.now)
        self.runtime = replace(runtime, clock=self.clock)

    def go(self) -> None:
        first = self.loan.steps[0]
        self._stand(first)
        case_id = int(self._act(start_case, first.login, kind="loan")["case_id"])
        for each in self.loan.steps:
            self._stand(each)
            self._submit(case_id, each)

    def _stand(self, step: Step) -> None:
        if step.ago:
            self.clock.set_day(civil_date(self.now) - timedelta(days=step.ago), hour=10)

    def _act(self, command: Any, login: str, **parameters: Any) -> Mapping[str, Any]:
        with self.runtime.reading() as connection:
            actor = actor_of(connection, account_id(connection, login), civil_date(self.clock.now()))
        return self.runtime.execute(command, actor=actor, key=secrets.token_hex(16), **parameters).content

    def _submit(self, case_id: int, step: Step) -> None:
        with self.runtime.reading() as connection:
            row = connection.execute(_OPEN, {"b_case": case_id}).one()
            actor_id = account_id(connection, step.login)
        papers = {"apply": _PAPERS, "stamp": ("scan",)}.get(row.form, ())
        for field in papers:
            self._act(add_paper, step.login, task_id=row.id, field=field, name="演示材料.png", content=SHEET)
        proof = Reauthentication(actor_id, self.clock.now())
        answers = {**self._answers(row.form), **step.changes}
        self._act(complete_task, step.login, task_id=row.id, answers=answers, seen_version=row.version, signature=proof)

    def _answers(self, form: str) -> dict[str, Any]:
        today = civil_date(self.clock.now())
        return self._application(today) if form == "apply" else _usual(form, self.loan, self.number, today.isoformat())

    def _application(self, today: date) -> dict[str, Any]:
        loan = self.loan
        with self.runtime.reading() as connection:
            village = unit_by_code(connection, loan.village)
        assert village is not None  # noqa: S101 - the demo has just been loaded
        return {
            "name": loan.name, "idcard": _idcard(loan.born, 20 + 2 * self.number), "sex": "F",
            "birthDate": loan.born.isoformat(), "marital": "MARRIED", "phone": f"1380000{1000 + self.number}",
            "hukou": village.id, "unemployed": True, "evidenceKind": "VILLAGE_STATEMENT", "priorLoanDeclared": False,
            "project": loan.project, "projectName": loan.plan, "projectPlace": "本村", "jobsCreated": 2,
            "ownFunds": "10000.00", "amount": loan.amount, "termMonths": 24,
            "purpose": f"{loan.plan}：购买原料和设备，修整场地，雇用同村妇女一起做",
            "repaymentSource": "项目的销售收入", "bankAccountName": loan.name, "consentCredit": True,
            "guarantors": self._guarantors(today),
        }  # fmt: skip

    def _guarantors(self, today: date) -> list[dict[str, Any]]:
        matures = (today + timedelta(days=3 * 366)).isoformat()
        return [
            {
                "slot": 1, "party": "NATURAL", "name": "章文澜", "idcard": _idcard(date(1980, 5, 6), 21 + 2 * self.number),
                "phone": f"1390000{1000 + self.number}", "kind": "FISCAL_PAYROLL", "employer": "示范县第一小学",
                "monthlyPay": "5600.00", "relation": "NONE",
            },
            {
                "slot": 2, "party": "NATURAL", "name": "陶静宜", "idcard": _idcard(date(1978, 10, 7), 20 + 2 * self.number),
                "phone": f"1370000{1000 + self.number}", "kind": "TIME_DEPOSIT", "bank": "示范县农村信用合作联社",
                "depositAmount": "90000.00", "depositMaturity": matures, "relation": "OTHER_RELATIVE",
            },
        ]  # fmt: skip


def _usual(form: str, loan: Loan, number: int, day: str) -> dict[str, Any]:
    """What a form says when all is well."""
    two_years_on = str(int(day[:4]) + 2) + "-" + day[5:8] + min(day[8:], "28")
    forms: dict[str, dict[str, Any]] = {
        "village_review": {
            "identitySeen": True, "livesInVillage": True, "unemployedChecked": True, "projectVisitedOn": day,
            "guarantorsContacted": True, "remarks": "家中人口、收入属实，邻里关系好，项目可行",
            "conflictDeclared": True, "opinion": "RECOMMEND",
        },
        "town_review": {
            "applicationComplete": True, "evidenceComplete": True, "guaranteeComplete": True, "villageSigned": True,
            "siteVisited": True, "siteVisitedOn": day, "conflictDeclared": True, "opinion": "RECOMMEND",
        },
        "credit": {
            "receivedOn": day, "creditCheck": "GOOD", "onceCheck": True, "conflictDeclared": True, "decision": "AGREE",
            "approvedAmount": loan.amount, "rate": "4.35", "termMonths": 24, "decidedOn": day,
        },
        "final_check": {
            "onceChecked": True, "formsChecked": True, "creditAgreed": True, "conflictDeclared": True,
            "decision": "APPROVE", "sealCopies": 2,
        },
        "stamp": {"sealRegisterNo": f"{day[:4]}-{number + 1:03d}", "copies": 2, "stampedOn": day},
        "disburse": {
            "contractNo": f"XD-{day[:4]}-{number + 1:02d}", "disbursedOn": day, "amount": loan.amount,
            "dueOn": two_years_on, "rate": "4.35",
        },
    }  # fmt: skip
    return forms[form]


def _idcard(born: date, order: int) -> str:
    """A synthetic number: the region part of a city district, and an even `order` for a woman."""
    body = f"110101{born:%Y%m%d}{order:03d}"
    return body + str(ric.calc_check_digit(body + "0"))


def _sheet() -> bytes:
    """A white sheet, in place of a scan."""
    drawn = BytesIO()
    Image.new("L", (420, 594), 250).save(drawn, "PNG")
    return drawn.getvalue()


#: what stands in place of a scan
SHEET: Final = _sheet()
