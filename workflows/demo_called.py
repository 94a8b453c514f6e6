"""What the demo's petitions called: three mediations and a joint conference, each in another state; everybody is invented."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, select

from engine.model_links import case_link

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workflows.demo_petitions import Walk

_CALLED: Final = select(case_link.c.case_id).where(case_link.c.other_id == bindparam("b_case"))
_WORKER, _MEDIATOR, _HEAD = "rightsworker", "mediator", "rightshead"

#: (days since the step before, element, who)
_CONSENT: Final = ((1, "T_ConsentHer", _WORKER),)
_TO_SESSION: Final = (
    *_CONSENT,
    (2, "T_ConsentOther", _WORKER),
    (1, "T_Appoint", _WORKER),
    (1, "T_Rights", _MEDIATOR),
    (1, "T_Check", _WORKER),
)
_AGREED: Final = (
    *_TO_SESSION, (0, "T_Session", _MEDIATOR), (1, "T_Agreement", _MEDIATOR), (1, "T_Sign", _MEDIATOR),
)  # fmt: skip
_HELD: Final = ((1, "T_Convene", _HEAD), (7, "T_Reports", _WORKER), (1, "T_Minutes", _WORKER), (1, "T_Sign", _HEAD))
#: way of the petition → how far each of the cases it called has come
CALLED: Final[Mapping[str, tuple[tuple[tuple[int, str, str], ...], ...]]] = {
    "mediated": (_CONSENT, _TO_SESSION, _AGREED),
    "conferred": (_HELD,),
}
#: step → the field that needs a scan
_SCANS: Final = {("mediated", "T_ConsentHer"): "signedConsent", ("mediated", "T_Sign"): "signedScan"}
_OTHERS: Final = ("程远山", "翟立秋", "曲长河")
_TOPICS: Final = ("MAINTENANCE", "CUSTODY", "PROPERTY")
_QUIET: Final = {"pastViolence": False, "caseOpen": False, "orderActive": False}


def go_on(walk: Walk, parent_id: int, number: int) -> None:
    """Take what a petition has just called as far as it has come; `number`: which of its way it is."""
    with walk.runtime.reading() as connection:
        case_id = connection.execute(_CALLED, {"b_case": parent_id}).scalar_one()
    for later, element, login in CALLED[walk.item.way][number]:
        walk.pass_days(later)
        if scan := _SCANS.get((walk.item.way, element)):
            walk.attach(case_id, element, login, scan)
        walk.put(case_id, element, login, _answers(walk, element, number))


def _answers(walk: Walk, element: str, number: int) -> dict[str, Any]:
    day = walk.day
    if walk.item.way == "conferred":
        return _conference(element, day, walk.today)
    return _mediation(walk, element, day, number)


def _mediation(walk: Walk, element: str, day: str, number: int) -> dict[str, Any]:
    name, idcard = walk.her
    due = (date.fromisoformat(day) + timedelta(days=10)).isoformat()
    item = {"topic": _TOPICS[number], "what": "双方按约定日期各自履行", "duty": "BOTH", "dueOn": due}
    signed = dict.fromkeys(("herSignedOn", "otherSignedOn", "mediatorSignedOn", "sealedOn"), day)
    forms: dict[str, dict[str, Any]] = {
        "T_ConsentHer": {
            **_QUIET, "askedOn": day, "alone": True, "willing": True, "consentForm": "WRITTEN", "consentText": True,
            "mode": "SEPARATE", "partyName": name, "partyIdcard": idcard, "otherParty": _OTHERS[number],
            "relation": "FAMILY", "topic": _TOPICS[number],
        },
        "T_ConsentOther": {"otherAskedOn": day, "otherWilling": True, "otherForm": "ORAL"},
        "T_Appoint": {"mediator": walk.account(_MEDIATOR), "chosenBy": "COMMITTEE", "rejectedBy": "NONE"},
        "T_Rights": {"toldOn": day, "rightsTold": True, "noTies": True, "open": False},
        "T_Check": {**_QUIET, "newViolence": False, "checkedOn": day, "aloneAgain": True, "stillWilling": True},
        "T_Session": {
            "heldOn": day, "place": "调处中心二室", "sessionMode": "SEPARATE", "support": "DECLINED",
            "sessionTopic": _TOPICS[number], "violence": False, "result": "WRITTEN", "notes": "双方分别陈述意见，就办法取得一致",
        },
        "T_Agreement": {
            "way": "WRITTEN", "agreedOn": day, "facts": "双方就家庭财产和探望安排有争议，自愿协商",
            "items": [{"slot": 1, **item}],
        },
        "T_Sign": {**signed, "signWay": "HAND", "copies": 3},
    }  # fmt: skip
    return forms[element]


def _conference(element: str, day: str, today: date) -> dict[str, Any]:
    bodies = (("GOVERNMENT", "柏文启"), ("CIVIL_AFFAIRS", "米文澜"), ("FEDERATION", "潘若兰"))
    members = [
        {"slot": n, "body": body, "person": who, "pledged": True, **({"named": "青禾镇人民政府"} if n == 1 else {})}
        for n, (body, who) in enumerate(bodies, 1)
    ]
    told = [
        {"slot": 1, "body": "GOVERNMENT", "came": "PRESENT", "gist": "分配方案由村民会议表决，没有逐户核对"},
        {"slot": 2, "body": "CIVIL_AFFAIRS", "came": "SILENT"},
        {"slot": 3, "body": "FEDERATION", "came": "PRESENT", "gist": "七名妇女户口未迁，均未分得"},
    ]
    due = (today + timedelta(days=6)).isoformat()
    decided = {"action": "逐户核对户口和分配名单，依法纠正", "owner": "GOVERNMENT", "dueOn": due, "safety": "无"}
    forms: dict[str, dict[str, Any]] = {
        "T_Convene": {
            "type": "PETITION", "meetsOn": day, "place": "县妇联三楼会议室", "agenda": "土地补偿分配中的妇女权益",
            "herWish": "AGREED", "members": members,
        },
        "T_Reports": {"held": "HELD", "reports": told},
        "T_Minutes": {"heldOn": day, "discussion": "各单位说明情况，商定由镇政府牵头纠正", "decisions": [{"slot": 1, **decided}]},
        "T_Sign": {"issued": "ISSUE"},
    }  # fmt: skip
    return forms[element]
