"""Made-up loan records for paper: synthetic people, ID numbers with a valid checksum, papers drawn here."""

from __future__ import annotations

import hashlib
import io
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw
from weasyprint import HTML

from engine.clock import SHANGHAI
from engine.dossier.record import CaseRecord, Drawn, Entry, FormVersion, Names, Paper, Signed
from engine.events import Kind
from engine.fields import digest
from engine.flow.definition import parse
from engine.flow.diagram import draw
from workflows.posts import POST_NAMES
from workflows.processes.loan.letters import FORMS

APPLIED = datetime(2026, 6, 15, 9, 5, tzinfo=SHANGHAI)
PRINTED = datetime(2026, 7, 20, 16, 30, 12, tzinfo=SHANGHAI)
UNITS = {1: "云溪县妇女联合会", 2: "石桥镇妇女联合会", 3: "柳湾村妇女联合会", 9: "云溪县农村信用合作联社石桥信用社"}
BPMN = (Path(__file__).parents[5] / "bpmn" / "loan.bpmn").read_bytes()
PEOPLE = {11: "周桂兰", 12: "吴秀英", 13: "郑国强", 14: "冯晓燕", 15: "陈静"}


def idcard(area: str, born: date, serial: str) -> str:
    """A synthetic ID number with the checksum of GB 11643."""
    body = f"{area}{born:%Y%m%d}{serial}"
    total = sum(int(digit) * (2 ** (17 - index) % 11) for index, digit in enumerate(body))
    return body + "10X98765432"[total % 11]


APPLICANT_ID = idcard("999901", date(1990, 5, 4), "122")
GUARANTORS = (
    {
        "slot": 1, "party": "NATURAL", "name": "欧阳文娟", "idcard": idcard("999901", date(1985, 3, 12), "246"), "phone": "13900000011",
        "kind": "FISCAL_PAYROLL", "employer": "云溪县石桥镇中心小学", "monthlyPay": "5260.00", "bank": None, "depositAmount": None,
        "depositMaturity": None, "relation": "NONE",
    },
    {
        "slot": 2, "party": "NATURAL", "name": "阿依古丽·买买提", "idcard": idcard("999901", date(1979, 11, 30), "068"), "phone": "13900000012",
        "kind": "TIME_DEPOSIT", "employer": None, "monthlyPay": None, "bank": "云溪县农村信用合作联社石桥信用社", "depositAmount": "60000.00",
        "depositMaturity": "2029-01-10", "relation": "OTHER_RELATIVE",
    },
    {
        "slot": 3, "party": "NATURAL", "name": "𠮷䶮", "idcard": idcard("999901", date(1982, 1, 7), "013"), "phone": "0999-6001234",
        "kind": "FISCAL_RETIRED", "employer": "云溪县农业农村局（退休，原任高级农艺师，负责全县大棚蔬菜技术推广工作）", "monthlyPay": "4100.50",
        "bank": None, "depositAmount": None, "depositMaturity": None, "relation": "NONE",
    },
)  # fmt: skip
APPLICATION: dict[str, Any] = {
    "name": "沈小梅", "idcard": APPLICANT_ID, "sex": "F", "birthDate": "1990-05-04", "ethnicity": "汉族", "education": "JUNIOR",
    "marital": "MARRIED", "phone": "13900000001", "hukou": 3, "hukouElsewhere": None, "residence": "柳湾村三组 27 号",
    "unemployed": True, "evidenceKind": "VILLAGE_STATEMENT", "priorLoanDeclared": False, "priorLoanCount": None,
    "project": "PLANTING", "projectName": "大棚辣椒种植", "projectPlace": "柳湾村东河滩承包地", "jobsCreated": 4, "ownFunds": "20000.00",
    "amount": "80000.00", "termMonths": 24,
    "purpose": "扩建两个大棚（每个 1.2 亩），购买钢架、薄膜和滴灌设备约 6.2 万元，种苗和有机肥约 1.8 万元。辣椒与县蔬菜公司签了保底收购协议。",
    "repaymentSource": "大棚辣椒年收入约 7 万元，丈夫在县城务工年收入约 4 万元。", "bankAccountName": "沈小梅",
    "guarantors": list(GUARANTORS[:2]), "countySigns": False, "countySignsReason": None, "consentCredit": True,
}  # fmt: skip
VILLAGE = {
    "identitySeen": True, "livesInVillage": True, "unemployedChecked": True, "projectVisitedOn": "2026-06-16", "guarantorsContacted": True,
    "remarks": "家庭和睦，无不良信用记录，村民反映勤劳肯干；去年种辣椒三亩，收入稳定。", "conflictDeclared": True,
    "opinion": "RECOMMEND", "reason": None,
}  # fmt: skip
TOWN = {
    "applicationComplete": True, "evidenceComplete": True, "guaranteeComplete": True, "villageSigned": True, "siteVisited": True,
    "siteVisitedOn": "2026-06-22", "remarks": None, "conflictDeclared": True, "opinion": "RECOMMEND", "reason": None,
}  # fmt: skip
CREDIT = {
    "receivedOn": "2026-06-24", "creditCheck": "GOOD", "onceCheck": True, "conflictDeclared": True, "decision": "AGREE_LESS",
    "approvedAmount": "60000.00", "rate": "4.3500", "termMonths": 24, "decidedOn": "2026-06-30", "officer": None,
    "reason": "按项目实际投入核定，先放款六万元。",
}  # fmt: skip
ACCEPT = {"accepts": True, "released": None, "note": "同意按六万元贷款。"}
FINAL = {
    "onceChecked": True, "formsChecked": True, "creditAgreed": True, "conflictDeclared": True, "decision": "APPROVE",
    "sealCopies": 3, "reason": None,
}  # fmt: skip
STAMP = {"sealRegisterNo": "YX-2026-0118", "copies": 3, "stampedOn": "2026-07-06"}
DISBURSE = {
    "contractNo": "石信借字（2026）第 0731 号", "disbursedOn": "2026-07-13", "amount": "60000.00", "dueOn": "2028-07-12", "rate": "4.3500",
    "subsidyRate": None,
}  # fmt: skip
REFUSAL = {
    "reasons": "一、申请之日年满 51 周岁，政策为 18–50 周岁——依据：乡妇联工作计划 2014 第61条（小额担保贷款）。\n二、以定期存款担保的存单于 2027 年 3 月 1 日到期，早于贷款到期日。",
    "confirmed": True,
    "complaintPath": "您对本告知有异议的，可以在收到之日起 15 日内向村妇联口头或书面提出，由乡镇妇联重新审核；也可以向县妇联或拨打 12338 反映。",
    "deliveredOn": "2026-06-18", "deliveredHow": "IN_PERSON", "applicantObjects": False, "objection": None,
}  # fmt: skip
STEPS = (
    # form, answers, who, post, unit, days after the application, element, signed
    ("apply", APPLICATION, 11, "VILLAGE_CHAIR", 3, 0, "T_Apply", False),
    ("village_review", VILLAGE, 11, "VILLAGE_CHAIR", 3, 1, "T_VillageReview", True),
    ("town_review", TOWN, 12, "TOWN_CHAIR", 2, 7, "T_TownReview", True),
    ("credit", CREDIT, 13, "CREDIT_OFFICER", 9, 15, "T_Credit", True),
    ("accept_less", ACCEPT, 11, "VILLAGE_CHAIR", 3, 16, "T_AcceptLess", False),
    ("final_check", FINAL, 14, "LOAN_WORKER", 1, 18, "T_FinalCheck", True),
    ("stamp", STAMP, 15, "SEAL_KEEPER", 1, 21, "T_Stamp", False),
    ("disburse", DISBURSE, 13, "CREDIT_OFFICER", 9, 28, "T_Disburse", False),
)


def photo(text: str, width: int, height: int, *, orientation: int = 1) -> bytes:
    """A JPEG as a phone makes it; `orientation` is the EXIF turn."""
    made = Image.new("RGB", (width, height), "#dfe8ee")
    pen = ImageDraw.Draw(made)
    pen.rectangle((20, 20, width - 20, height - 20), outline="#456", width=8)
    pen.text((60, 60), text, fill="black", font_size=max(40, height // 14))
    pen.polygon([(width / 2, 40), (width / 2 - 40, 120), (width / 2 + 40, 120)], fill="#c33")
    exif = Image.Exif()
    exif[0x0112] = orientation
    written = io.BytesIO()
    made.save(written, "JPEG", exif=exif, quality=80)
    return written.getvalue()


def scan(pages: int, *, size: str = "A4", text: str = "contract") -> bytes:
    """A PDF of several pages."""
    body = "".join(f"<div style='break-before:page'><h1>{text}</h1><p>第 {n + 1} 张</p></div>" for n in range(pages))
    return bytes(HTML(string=f"<style>@page{{size:{size};margin:25mm}}</style>{body}").write_pdf())


def paper(number: int, form: str, path: str, name: str, media_type: str, content: bytes) -> Paper:
    """An attached paper."""
    return Paper(
        number,
        form,
        path,
        name,
        media_type,
        len(content),
        hashlib.sha256(content).hexdigest(),
        APPLIED,
        11,
        PEOPLE[11],
        partial(bytes, content),
    )


def some_papers() -> tuple[Paper, ...]:
    """What a loan usually brings: photos, scans, a contract of three pages."""
    jpeg, pdf = "image/jpeg", "application/pdf"
    return (
        paper(1, "apply", "idcardCopy", "身份证.jpg", jpeg, photo("ID COPY", 1600, 1000)),
        paper(
            2, "apply", "unemploymentEvidence", "村委会证明.jpg", jpeg, photo("STATEMENT", 1600, 1200, orientation=6)
        ),
        paper(3, "apply", "photos", "大棚.jpg", jpeg, photo("GREENHOUSE", 2000, 1500)),
        paper(4, "apply", "guarantors.1.proof", "工资证明.pdf", pdf, scan(1, text="PAYROLL")),
        paper(5, "apply", "guarantors.2.proof", "存单.jpg", jpeg, photo("DEPOSIT", 1400, 700)),
        paper(6, "disburse", "contract", "借款合同.pdf", pdf, scan(3, text="CONTRACT")),
        paper(7, "stamp", "scan", "盖章表册.pdf", pdf, scan(2, size="A4 landscape", text="STAMPED")),
    )


def loan_record(*, upto: str = "disburse", papers: tuple[Paper, ...] = (), **changed: dict[str, Any]) -> CaseRecord:
    """A loan that has come as far as the form `upto`; `changed` replaces the answers of a form by key."""
    forms: list[FormVersion] = []
    signatures: list[Signed] = []
    entries: list[Entry] = [
        _entry(1, APPLIED, Kind.CASE_STARTED, 11, "VILLAGE_CHAIR", None, {"number": "999901-2026-DK-0007"})
    ]
    for step in STEPS:
        form, answers, who, post, unit, days, element, signed = step
        answers = changed.get(form, answers)
        at = APPLIED + timedelta(days=days, minutes=7 * days)
        version = form_version(len(forms) + 1, form, answers, at, who)
        forms.append(version)
        if signed:
            signatures.append(_signed(len(signatures) + 1, version, post, unit))
            named = {"form": form, "form_version": version.id, "signatures": [{"id": len(signatures)}]}
            entries.append(_entry(len(entries) + 1, at, Kind.FORM_SIGNED, who, post, element, named))
        told = {
            "form": form,
            "number": 1,
            "changes": [{"path": k, "old": None, "new": v} for k, v in answers.items()],
            "passed": [element],
        }
        entries.append(_entry(len(entries) + 1, at, Kind.TASK_COMPLETED, who, post, element, told))
        if form == upto:
            break
    ended = entries[-1].at if upto == "disburse" else None
    elements = parse("loan", BPMN).elements
    return CaseRecord(
        case_id=7, number="999901-2026-DK-0007", kind="loan", title="妇女小额担保财政贴息贷款", confidentiality="C2",
        units=(UNITS[1], UNITS[2], UNITS[3]), unit_id=3, applied_on=APPLIED.date(), opened_at=APPLIED, ended_at=ended,
        outcome="disbursed" if ended else None, state="贷款已发放" if ended else "乡镇审核并签字", policy="云溪县 2026 年政策（2026-01-01 起）",
        forms=tuple(forms), signatures=tuple(signatures), papers=papers, entries=tuple(entries),
        names=Names(UNITS, POST_NAMES, {key: element.name for key, element in elements.items()}),
        drawings=(Drawn("妇女小额担保贷款", "贷款已发放" if ended else "乡镇审核并签字", draw(BPMN, done={e.element for e in entries if e.element}, current={"disbursed" if ended else "T_TownReview"})),),
    )  # fmt: skip


def refused_record() -> CaseRecord:
    """A loan the rules refused, confirmed by the township."""
    begun = loan_record(upto="apply")
    version = form_version(2, "confirm_refusal", REFUSAL, APPLIED + timedelta(days=3), 12)
    hits = [{"rule": "age_range", "clause": "S001-52、G1", "outputs": {"code": "AGE_RANGE"}, "annotations": {}}]
    content = {"table": "loan_eligibility", "policy_version": "2026", "hits": hits}
    decided = _entry(len(begun.entries) + 1, APPLIED, Kind.DECISION_MADE, 11, "VILLAGE_CHAIR", "T_Apply", content)
    return replace(begun, forms=(*begun.forms, version), entries=(*begun.entries, decided), state="不予推荐")


def form_version(
    number: int, form: str, answers: dict[str, Any], at: datetime, who: int, *, version: int = 1
) -> FormVersion:
    """A stored version of a form."""
    made = digest(answers)
    keyed = digest(["key", made])
    return FormVersion(number, form, str(FORMS[form].title), version, at, who, PEOPLE[who], answers, made, keyed)


def _signed(number: int, version: FormVersion, post: str, unit: int) -> Signed:
    made = digest([version.digest, number])
    return Signed(
        number, version.key, version.id, version.by_id, version.by, post, POST_NAMES[post], None, None, unit, UNITS[unit], version.at, "password",
        made, digest(["key", made]),
    )  # fmt: skip


def _entry(
    seq: int, at: datetime, kind: Kind, who: int, post: str, element: str | None, content: dict[str, Any]
) -> Entry:
    return Entry(seq, at, str(kind), who, PEOPLE[who], post, element, content, digest([seq, str(kind)]))
