"""Answers of the petition's forms as a page would send them: an ordinary custody dispute at the county's desk.

Every name and number is invented; numbers carry a valid check digit (GB 11643).
"""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.workflows.processes.loan.examples import PNG, idcard

__all__ = ["PNG", "idcard"]

HER = idcard(date(1988, 3, 9))


def register(place: int, on: str, **changes: Any) -> dict[str, Any]:
    """She comes to the desk about where her child lives; `place` is the id of the unit where the matter lies."""
    answers = {
        "safeChannel": "IN_PERSON",
        "violence": False,
        "minorInvolved": False,
        "channel": "VISIT",
        "receivedOn": on,
        "name": "顾小满",
        "idcard": HER,
        "sex": "F",
        "age": 38,
        "phone": "13900000011",
        "people": 1,
        "category": "CUSTODY",
        "matterKind": "OWN",
        "place": place,
        "matter": "离婚后孩子随父亲生活，对方不让探望",
        "claim": "希望按协议每月探望两次",
        "requestedLevel": "COUNTY",
        "urgency": "NORMAL",
    }
    return {**answers, **changes}


def anonymous(place: int, on: str, **changes: Any) -> dict[str, Any]:
    """A letter without a name."""
    answers = {"safeChannel": "NONE", "anonymous": True, "channel": "POST"}
    known = register(place, on, **{**answers, **changes})
    return {k: v for k, v in known.items() if k not in ("name", "idcard", "phone", "age")}


def triage(way: str = "ACCEPT", **changes: Any) -> dict[str, Any]:
    """What is decided; always with a reason, in case the house proposes otherwise."""
    sent = {"petitionerTold": True} if way in ("FORWARD", "ASSIGN") else {}
    return {"way": way, "deviationReason": "已与本人说明", **sent, **changes}


def accept(on: str, **changes: Any) -> dict[str, Any]:
    return {"acceptedOn": on, "noticeOn": on, "noticeHow": "IN_PERSON", **changes}


def plan(**changes: Any) -> dict[str, Any]:
    return {"facts": "有离婚协议，载明每月探望两次", "plan": "约见双方，说明法律规定", **changes}


def decide(outcome: str = "SUPPORTED", **changes: Any) -> dict[str, Any]:
    """P-07; with the onward path where the outcome asks for one."""
    if outcome == "WITHDRAWN":
        return {"outcome": outcome, "withdrawalWords": "我不想再反映了", **changes}
    told = {"text": "经核实，对方应当按协议协助探望。", "law": "《民法典》第一千零八十六条"}
    onward = {"onward": "可以向人民法院申请执行"} if outcome in ("NOT_AGREED", "LED_ON", "NOT_SUPPORTED") else {}
    return {"outcome": outcome, **told, **onward, **changes}


def deliver(on: str, **changes: Any) -> dict[str, Any]:
    told = {"deliveredOn": on, "way": "IN_PERSON", "receiptKind": "NONE", "noReceiptReason": "当面送达，本人不愿签字"}
    return {**told, "reviewTold": True, **changes}


def answer(on: str, **changes: Any) -> dict[str, Any]:
    return {"askedBy": "OTHER_STAFF", "askedOn": on, "hasAnswer": True, "satisfaction": "5", **changes}


def close(**changes: Any) -> dict[str, Any]:
    return {"summary": "双方已按协议安排探望", "confirmed": True, **changes}


def handle_now(on: str, **changes: Any) -> dict[str, Any]:
    told = {
        "outcome": "EXPLAINED",
        "answer": "说明了探望权的规定和途径",
        "answeredOn": on,
        "herReply": "明白了，回去商量",
    }
    return {**told, **changes}


def guide(on: str, **changes: Any) -> dict[str, Any]:
    told = {"bodyKind": "COURT", "body": "示范县人民法院立案庭", "reason": "已经判决生效，属于执行事项"}
    return {**told, "legalAidOffered": True, "noticeOn": on, "noticeHow": "IN_PERSON", **changes}


def withdraw_check(on: str, **changes: Any) -> dict[str, Any]:
    told = {"askedOn": on, "askedAlone": True, "pressed": False, "stillWants": True}
    return {**told, "words": "是我自己的意思", "safetyTold": True, **changes}
