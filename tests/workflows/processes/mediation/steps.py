"""The steps of a mediation in any house over the demo county: hand it over, ask both sides, name a mediator, sit, sign."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from engine.access import SYSTEM
from engine.clock import civil_date
from engine.commands.cases import start_case
from engine.commands.context import CaseContext
from engine.commands.papers import add_paper
from engine.model import notice
from engine.unit_of_work import unit_of_work
from tests.workflows.processes.loan.examples import PNG, idcard
from workflows.accounts import account_id
from workflows.model_organisation import training
from workflows.processes.mediation import register
from workflows.processes.mediation.opening import open_mediation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.workflows.processes.loan.house import LoanHouse

HER, HIS = idcard(date(1991, 2, 3), serial=7), idcard(date(1988, 8, 9), "M", serial=8)
CALM = {"pastViolence": False, "caseOpen": False, "orderActive": False}
VIOLENT = {
    **CALM,
    "pastViolence": True,
    "protectedVictim": False,
    "sexualViolence": False,
    "weapon": False,
    "strangulation": False,
    "injury": "NONE",
}
WORKER, MEDIATOR = "rightsworker", "mediator"


def told(**changes: Any) -> dict[str, Any]:
    """The hand-over sheet: a wife asks for maintenance."""
    parties = {"name": "沈怀月", "idcard": HER, "phone": "13800000077", "address": "青禾镇杏花村12号"}
    return {**parties, "otherName": "程远山", "subject": "分居后男方没有支付孩子的抚养费", **CALM, **changes}


def today(house: LoanHouse) -> str:
    """The civil date it is."""
    return civil_date(house.clock.now()).isoformat()


def refer(house: LoanHouse, login: str = "v1chair", parent: int | None = None, **changes: Any) -> int:
    """A mediation handed over from another case (any will do: the seam asks nothing of its kind); the new case's id."""
    from_case = parent or int(house.act(start_case, login, kind="loan")["case_id"])
    with unit_of_work(house.runtime, house.actor(login)) as work:
        view = CaseContext(work, work.case(from_case), house.runtime.catalogue["loan"])
        return open_mediation(view, told(**changes))


def attach(house: LoanHouse, case_id: int, login: str, element: str, field: str) -> None:
    """A paper for a field of an open step."""
    task = house.open_task(case_id, element)
    house.act(add_paper, login, task_id=task.id, field=field, name="签名.png", content=PNG)


def her_consent(house: LoanHouse, case_id: int, **changes: Any) -> None:
    """She is asked alone and signs."""
    handed = house_form(house, case_id, "referred") or {}
    said = {"askedOn": today(house), "alone": True, "willing": True, "consentForm": "WRITTEN", "consentText": True}
    said |= {
        "mode": "SEPARATE",
        "partyName": "沈怀月",
        "partyIdcard": HER,
        "otherParty": "程远山",
        "relation": "SPOUSE",
    }
    said |= {"otherIdcard": HIS, "otherPhone": "13800000088", "topic": "MAINTENANCE"}
    said |= {name: handed.get(name) for name in (*VIOLENT, "warningBrokenOn", "assessments")}
    attach(house, case_id, WORKER, "T_ConsentHer", "signedConsent")
    house.submit(case_id, WORKER, {**said, **changes}, "T_ConsentHer")


def his_consent(house: LoanHouse, case_id: int, **changes: Any) -> None:
    """He is asked after her."""
    said = {"otherAskedOn": today(house), "otherWilling": True, "otherForm": "ORAL"}
    house.submit(case_id, WORKER, {**said, **changes}, "T_ConsentOther")


def appoint(house: LoanHouse, case_id: int, login: str = MEDIATOR, **changes: Any) -> Mapping[str, Any]:
    """A mediator is named to both."""
    said = {"mediator": house.actor(login).id, "chosenBy": "COMMITTEE", "rejectedBy": "NONE"}
    return house.submit(case_id, WORKER, {**said, **changes}, "T_Appoint")


def rights(house: LoanHouse, case_id: int, login: str = MEDIATOR) -> None:
    """Both sides are told their rights."""
    said = {"toldOn": today(house), "rightsTold": True, "noTies": True, "open": False}
    house.submit(case_id, login, said, "T_Rights")


def check(house: LoanHouse, case_id: int, **changes: Any) -> None:
    """She is asked alone before a session; unless `changes` say so, nothing has happened."""
    known = (house_form(house, case_id, "check") or house_form(house, case_id, "consent_her")) or {}
    facts = {name: known.get(name) for name in (*VIOLENT, "assessments")}
    said = {"checkedOn": today(house), "aloneAgain": True, "stillWilling": True, "newViolence": False}
    house.submit(case_id, WORKER, {**facts, **said, **changes}, "T_Check")


def house_form(house: LoanHouse, case_id: int, key: str) -> dict[str, Any] | None:
    """The newest version of a form."""
    with house.runtime.reading() as connection:
        return house.view(connection, case_id, "countychair").form(key)


def session(**changes: Any) -> dict[str, Any]:
    """A quiet session in separate rooms."""
    place = {"heldOn": "2026-06-15", "place": "调处中心二室", "sessionMode": "SEPARATE", "support": "DECLINED"}
    went = {"sessionTopic": "MAINTENANCE", "violence": False, "result": "WRITTEN"}
    return {**place, **went, "notes": "双方就抚养费和支付日期分别陈述意见", **changes}


def hold(house: LoanHouse, case_id: int, login: str = MEDIATOR, **changes: Any) -> Mapping[str, Any]:
    """A session of today."""
    return house.submit(case_id, login, session(**{"heldOn": today(house), **changes}), "T_Session")


def agreement(house: LoanHouse, **changes: Any) -> dict[str, Any]:
    """He pays 800 a month from now on; the first payment is due in ten days."""
    due = (datetime.fromisoformat(today(house)) + timedelta(days=10)).date().isoformat()
    item = {"slot": 1, "topic": "MAINTENANCE", "what": "男方支付孩子本月抚养费", "duty": "OTHER"}
    items = [{**item, "amount": "800.00", "dueOn": due, "itemWay": "转账"}]
    said = {"way": "WRITTEN", "agreedOn": today(house), "facts": "双方分居，孩子随女方生活，抚养费未付"}
    return {**said, "items": items, **changes}


def agree(house: LoanHouse, case_id: int, **changes: Any) -> Mapping[str, Any]:
    """The agreement is typed."""
    return house.submit(case_id, MEDIATOR, agreement(house, **changes), "T_Agreement")


def sign(house: LoanHouse, case_id: int, **changes: Any) -> Mapping[str, Any]:
    """Everybody signs by hand today, the seal is put, the sheet scanned."""
    names = ("herSignedOn", "otherSignedOn", "mediatorSignedOn", "sealedOn")
    said: dict[str, Any] = {**dict.fromkeys(names, today(house)), "signWay": "HAND", "copies": 3}
    if changes.get("signWay") != "ELECTRONIC":
        attach(house, case_id, MEDIATOR, "T_Sign", "signedScan")
    return house.submit(case_id, MEDIATOR, {**said, **changes}, "T_Sign")


def ended(house: LoanHouse, case_id: int, ending: str, **changes: Any) -> Mapping[str, Any]:
    """The other remedies are told (P-10), to her in person once that is safe."""
    said: dict[str, Any] = {"ending": ending, "suit": True, "legalAid": True, "toldHer": "NOT_SENT"}
    said |= {"toldOther": "MAIL", "toldOtherOn": today(house)}
    return house.submit(case_id, WORKER, {**said, **changes}, "T_End")


def to_session(house: LoanHouse, **changes: Any) -> int:
    """A mediation whose first session can be held."""
    case_id = refer(house, **changes)
    her_consent(house, case_id)
    his_consent(house, case_id)
    appoint(house, case_id)
    rights(house, case_id)
    check(house, case_id)
    return case_id


def agreed(house: LoanHouse, **changes: Any) -> int:
    """A mediation whose agreement is in effect since today."""
    case_id = to_session(house, **changes)
    hold(house, case_id)
    agree(house, case_id)
    sign(house, case_id)
    return case_id


def line(house: LoanHouse, case_id: int) -> Any:
    """The register's line."""
    with house.runtime.reading() as connection:
        return register.line(connection, case_id)


def told_of(house: LoanHouse, case_id: int, kind: str) -> list[str]:
    """The posts that got a notice of a kind about a case."""
    wanted = select(notice.c.post).where(notice.c.case_id == case_id, notice.c.kind == kind).order_by(notice.c.id)
    with house.runtime.reading() as connection:
        return list(connection.execute(wanted).scalars())


def scorer(house: LoanHouse, login: str) -> int:
    """The account id of somebody."""
    with house.runtime.reading() as connection:
        return account_id(connection, login)


def train(house: LoanHouse, *logins: str) -> None:
    """They are trained for scoring danger since the year before."""
    with unit_of_work(house.runtime, SYSTEM) as work:
        known = {"kind": "RISK", "held_on": date(2025, 1, 1), "recorded_by": SYSTEM.id, "recorded_at": work.now}
        for login in logins:
            work.connection.execute(insert(training), {"account_id": account_id(work.connection, login), **known})
