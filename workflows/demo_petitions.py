"""Petitions of the demo county in every state, by the same commands as a page would give; everybody in them is invented."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from stdnum.cn import ric

from engine.commands.cases import start_case
from engine.runtime import Runtime
from workflows import demo_called, demo_cases, demo_desk
from workflows.demo_acting import Acting

_SURNAMES: Final = "罗谢彭唐董蒙尹邓贺龚常武乔赖文"
_GIVEN: Final = ("采薇", "映雪", "晓荷", "语桐")

#: category, what is told, what is wanted
MATTERS: Final = (
    ("FAMILY", "丈夫长期在外不寄生活费，孩子和老人都由她一人照顾", "希望对方承担生活费"),
    ("CUSTODY", "离婚后孩子随父亲生活，对方不让探望", "希望按协议每月探望两次"),
    ("PROPERTY", "父母去世后兄弟不让她分老屋", "希望依法分得自己的一份"),
    ("LAND", "出嫁以后户口没有迁走，村里不给她征地补偿款", "希望与其他村民同等分配"),
    ("LABOUR", "怀孕以后被超市辞退，工资也没有结清", "希望补发工资并恢复工作"),
    ("AID", "丈夫重病，家里失去收入来源", "希望得到救助和就业信息"),
    ("EDUCATION", "孩子随母亲回乡，学校没有接收", "希望秋季能够入学"),
    ("OTHER", "村里的妇女活动室一直锁着，姐妹们没有地方活动", "希望按时开放"),
)

#: steps after registering: (days since the step before, element); who acts is chosen by the step
_ACCEPT: Final = ((0, "T_Triage"), (1, "T_Accept"))
_PLAN: Final = (*_ACCEPT, (2, "T_Plan"))
_DECIDE: Final = (*_PLAN, (9, "T_Decide"))
_DELIVER: Final = (*_DECIDE, (2, "T_Deliver"))
_CLOSE: Final = (*_DELIVER, (3, "T_Answer"), (1, "T_Close"))
_SETTLE: Final = ((0, "T_Triage"), (0, "T_HandleNow"), (4, "T_Answer"), (1, "T_Close"))
#: way → (its steps, days before the demo is loaded on which its items were received)
WAYS: Final[Mapping[str, tuple[tuple[tuple[int, str], ...], tuple[int, ...]]]] = {
    "registered": ((), (0, 1, 2, 2, 6, 6)),
    "accepted": (_ACCEPT, (2, 7, 15, 40, 52, 59)),
    "planned": (_PLAN, (5, 11, 36, 48, 74)),
    "mediated": (_PLAN, (19, 26, 33)),
    "conferred": (_PLAN, (23,)),
    "decided": (_DECIDE, (13, 16, 20)),
    "delivered": (_DELIVER, (16, 21, 30)),
    "concluded": (_CLOSE, (22, 26, 33, 41, 45, 50, 64, 78)),
    "settled": (_SETTLE, (6, 12, 19, 25, 31, 38, 47, 61)),
    "guided": (((0, "T_Triage"), (0, "T_Guide")), (3, 10, 24, 35)),
    "forwarded": (((0, "T_Triage"),), (1, 3, 8)),
    "received": (((0, "T_Triage"), (2, "T_Receive"), (0, "T_Triage"), (1, "T_Accept")), (14, 29)),
    "withdrawn": ((*_PLAN, (5, "T_Decide")), (17,)),
    "review": ((*_CLOSE, (2, "T_ReviewWindow")), (28,)),
    "collective": (_ACCEPT, (12,)),
    "anonymous": (_ACCEPT, (9, 34)),
    "violence": ((), (0, 5)),
    "joined": (((0, "T_Match"),), (1,)),
}
_BY: Final = {"T_Answer": "rightshead", "T_Close": "rightshead", "T_ReviewWindow": "rightsworker"}
_SAME_AS: Final = "planned"
#: way → the work of the plan that calls a case of its own (`demo_called`)
_WORKS: Final = {"mediated": "mediate", "conferred": "conference"}


@dataclass(frozen=True)
class Petition:
    """One item: its number among all, the way it goes and the days since it was received."""

    number: int
    way: str
    ago: int

    @property
    def at_town(self) -> bool:
        """Whether it was brought to the township rather than to the county."""
        return self.way in ("planned", "settled", "concluded") and self.number % 3 == 0

    @property
    def of_its_way(self) -> int:
        """Its place among those that go the same way, from 0."""
        return WAYS[self.way][1].index(self.ago)

    @property
    def desk(self) -> str:
        """Who takes it in, and handles it unless it goes elsewhere."""
        if self.way == "registered" and self.ago == 1:
            return "hotline"
        return "t1chair" if self.at_town else "rightsworker"


PETITIONS: Final = tuple(
    Petition(number, way, ago)
    for number, (way, ago) in enumerate((way, ago) for way, (_, days) in WAYS.items() for ago in days)
)


def create_demo_matters(runtime: Runtime) -> None:
    """The demo's loans, petitions and calls, where there is no case yet."""
    if demo_cases.create_demo_cases(runtime):
        create_demo_petitions(runtime)
        demo_desk.answer_calls(runtime)
        demo_desk.sweep_disputes(runtime)
        demo_desk.fix_last_month(runtime)


def create_demo_petitions(runtime: Runtime) -> int:
    """Open the demo's petitions and take each as far as it goes; returns how many."""
    days = demo_desk.hold_reception_days(runtime)
    first: dict[str, int] = {}
    for each in PETITIONS:
        walk = Walk(runtime, each, first, days)
        case_id = walk.go()
        first.setdefault(each.way, case_id)
        if each.way in demo_called.CALLED:
            demo_called.go_on(walk, case_id, each.of_its_way)
    return len(PETITIONS)


class Walk(Acting):
    """One petition on its way; `days`: the reception days that were held, by days ago."""

    def __init__(self, runtime: Runtime, item: Petition, first: Mapping[str, int], days: Mapping[int, int]) -> None:
        super().__init__(runtime, item.ago)
        self.item = item
        self.first = first
        self.reception_day = days[item.ago] if item.way == "registered" and item.ago in demo_desk.HELD else 0
        #: whether it is with the unit it was forwarded to
        self.sent = False

    @property
    def her(self) -> tuple[str, str]:
        """Name and ID number of who asks."""
        return _name(self.item.number), _idcard(self.item.number)

    def go(self) -> int:
        """From the desk as far as it has come; the case id."""
        if self.item.desk == "hotline":
            case_id, typed = demo_desk.called(self, self._register(self.day))
            self.put(case_id, "T_Register", "rightsworker", typed)
        else:
            case_id = int(self.act(start_case, self.item.desk, kind="petition")["case_id"])
            self._submit(case_id, "T_Register", self.item.desk)
        for number, (later, element) in enumerate(WAYS[self.item.way][0]):
            self.pass_days(later)
            self.sent = self.item.way in ("forwarded", "received") and number > 0
            self._submit(case_id, element, "t2chair" if self.sent else _BY.get(element, self.item.desk))
        return case_id

    def _submit(self, case_id: int, element: str, login: str) -> None:
        self.put(case_id, element, login, self._answers(element, self.day))

    def _answers(self, element: str, day: str) -> dict[str, Any]:
        if element == "T_Register":
            return self._register(day)
        if element == "T_Triage":
            return self._triage()
        if element == "T_Match":
            return {"relation": "JOIN", "caseId": str(self.first[_SAME_AS]), "reason": "同一人反映同一件事情"}
        if element == "T_Decide" and self.item.way == "withdrawn":
            return {"outcome": "WITHDRAWN", "withdrawalWords": "我不想再反映了"}
        if element == "T_Accept" and self.item.way == "anonymous":
            return {"acceptedOn": day, "noticeHow": "NO_CONTACT"}
        answers = _usual(element, day, self.item.number)
        if element == "T_Plan" and self.item.way in _WORKS:
            answers[_WORKS[self.item.way]] = True
        return answers

    def _triage(self) -> dict[str, Any]:
        reason = {"deviationReason": "已与本人说明"}
        if self.item.way in ("forwarded", "received") and not self.sent:
            return {"way": "FORWARD", "targetUnit": self.unit("T2"), "petitionerTold": True, **reason}
        return {"way": {"settled": "HANDLE_NOW", "guided": "GUIDE"}.get(self.item.way, "ACCEPT"), **reason}

    def _register(self, day: str) -> dict[str, Any]:
        item = self.item
        who = next(p.number for p in PETITIONS if p.way == _SAME_AS) if item.way == "joined" else item.number
        which = item.of_its_way if item.way == "mediated" else who
        category, matter, claim = MATTERS[which % len(MATTERS)]
        answers: dict[str, Any] = {
            "safeChannel": "IN_PERSON", "violence": False, "minorInvolved": False, "channel": _CHANNELS[item.number % 4],
            "receivedOn": day, "name": _name(who),
            "idcard": _idcard(who), "sex": "F", "age": 56 - who % 30, "phone": f"1360000{2000 + who}", "people": 1,
            "category": category, "matterKind": "COURT" if item.way == "guided" else "OWN",
            "place": self.unit("T1" if item.at_town else "C1"), "matter": matter, "claim": claim,
            "requestedLevel": "TOWN" if item.at_town else "COUNTY", "urgency": "NORMAL",
        }  # fmt: skip
        if self.reception_day:
            answers |= {"channel": "RECEPTION", "receptionDay": self.reception_day}
        if item.way in ("collective", "conferred"):
            answers |= {"people": 7, "category": "LAND", "matter": MATTERS[3][1], "claim": MATTERS[3][2]}
        if item.way == "violence":
            told = {"matter": "丈夫酒后动手，她不敢回家", "claim": "希望有安全的住处"}
            answers |= {"violence": True, "category": "DV", "urgency": "URGENT", **told}
        if item.way == "anonymous":
            answers |= {"anonymous": True, "safeChannel": "NONE", "channel": "POST"}
            answers = {k: v for k, v in answers.items() if k not in ("name", "idcard", "phone", "age")}
        return answers


_CHANNELS: Final = ("VISIT", "POST", "VISIT", "ONLINE")
_OUTCOMES: Final = ("SUPPORTED", "PARTLY", "EXPLAINED")


def _usual(element: str, day: str, number: int) -> dict[str, Any]:
    """What a form says when all is well."""
    told = {"noticeOn": day, "noticeHow": "IN_PERSON"}
    forms: dict[str, dict[str, Any]] = {
        "T_Receive": {"received": "AGREE"},
        "T_Accept": {"acceptedOn": day, **told},
        "T_Plan": {"facts": "已与本人谈话，核对了有关材料", "plan": "约见双方，说明法律规定"},
        "T_Decide": {
            "outcome": _OUTCOMES[number % 3], "text": "经核实，情况属实，已与有关方面商定办理办法。",
            "law": "《中华人民共和国妇女权益保障法》",
        },
        "T_Deliver": {
            "deliveredOn": day, "way": "IN_PERSON", "receiptKind": "NONE", "noReceiptReason": "当面送达，本人不愿签字",
            "reviewTold": True,
        },
        "T_Answer": {"askedBy": "OTHER_STAFF", "askedOn": day, "hasAnswer": True, "satisfaction": str(3 + number % 3)},
        "T_Close": {"summary": "已办理并答复本人", "confirmed": True},
        "T_HandleNow": {
            "outcome": "EXPLAINED", "answer": "说明了有关规定和办理途径", "answeredOn": day, "herReply": "明白了，谢谢",
        },
        "T_Guide": {
            "bodyKind": "COURT", "body": "示范县人民法院立案庭", "reason": "已经判决生效，属于执行事项",
            "legalAidOffered": True, **told,
        },
        "T_ReviewWindow": {"asked": "ASKED", "reasons": "认为没有全部解决", "askedOn": day},
    }  # fmt: skip
    return forms[element]


def _name(who: int) -> str:
    return _SURNAMES[who % 15] + _GIVEN[who // 15 % 4]


def _idcard(who: int) -> str:
    """A synthetic number with a right check digit, of a woman."""
    born = date(1970 + who % 30, 1 + who % 12, 1 + who % 28)
    body = f"110101{born:%Y%m%d}{300 + 2 * who:03d}"
    return body + str(ric.calc_check_digit(body + "0"))
