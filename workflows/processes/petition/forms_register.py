"""P-01 信访登记表: how she can safely be reached comes first, then who she is, what it is about, what she wants.

Two minutes of typing: what is not known is left empty, everything else has a default that harms nobody.
"""
# ruff: noqa: N815 - field names are the JSON contract of processes.md §2

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar

from engine.clock import full_years
from engine.contact import SAFE_CHANNELS
from engine.messages import N_, Message
from workflows.form import SchemaForm
from workflows.form_fields import Choice, IdCard, LongText, Paper, PersonName, Phone, Text, Tick, UnitRef, YesNo
from workflows.form_measures import Day, Whole
from workflows.form_schema import FormSchema, Group, Slots
from workflows.people import birth_date_of, sex_of
from workflows.processes.petition import wording

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.process_type import Answers, Problems

#: who may speak for a group that comes in person (条例 20); one more can be typed, so that it is refused by name
MAX_REPRESENTATIVES = 5
_NAMED = ("anonymous", (False,))
_BY_PHONE = ("safeChannel", ("PHONE", "SMS", "WECHAT", "TRUSTED"))
_REACHED = ("safeChannel", ("IN_PERSON", "PHONE", "SMS", "WECHAT", "TRUSTED"))
_WRITTEN = ("safeChannel", ("PHONE", "SMS", "WECHAT", "TRUSTED"))
_STAFF = ("category", ("STAFF",))


class Representative(FormSchema):
    """Somebody who speaks for a group."""

    name = PersonName(N_("姓名"))
    idcard = IdCard(N_("身份证号码"), required=False)
    phone = Phone(N_("电话"), required=False)

    groups: ClassVar = (Group(N_("代表"), ("name", "idcard", "phone")),)


class Register(FormSchema):
    """P-01. `people` counts everybody who came or signed, the petitioner included."""

    safeChannel = Choice(
        N_("怎样联系她才安全"), tuple(SAFE_CHANNELS.items()), hint=N_("先问这一项；不清楚的选“不主动联系”"), clause="D4"
    )
    safeNumber = Text(
        N_("安全号码"), required=False, longest=120, when=_BY_PHONE, hint=N_("只打这个号码；微信可写微信号")
    )
    safeTimes = LongText(
        N_("可以联系的时段"), required=False, when=_REACHED, hint=N_("每行一段：星期和起止时间，如“1-5 09:00-11:30”")
    )
    mayLeaveMessage = Tick(N_("可以留言"), when=_BY_PHONE)
    coverStory = Text(
        N_("掩护说法"),
        required=False,
        longest=120,
        when=_WRITTEN,
        hint=N_("发消息或留言只用这句话，如“妇女学习班通知”"),
    )
    codeWord = Text(N_("暗语"), required=False, longest=120, when=_BY_PHONE)
    unsafeNumbers = LongText(N_("不能打的号码"), required=False, hint=N_("每行一个"))
    phoneShared = Tick(N_("手机与对方共用或被查看"), clause="D4")
    trustedPerson = Text(N_("信任的人"), required=False, longest=120, when=("safeChannel", ("TRUSTED",)))

    violence = YesNo(
        N_("有暴力或暴力威胁"), hint=N_("有的，系统立即另建保密事项，由权益部部长紧急处理"), clause="反家暴法"
    )
    minorInvolved = YesNo(N_("涉及未成年人"), clause="未保法11")
    minorAtRisk = YesNo(
        N_("未成年人受到或可能受到侵害"),
        when=("minorInvolved", (True,)),
        hint=N_("是的，须立即报告"),
        clause="未保法11",
    )

    channel = Choice(N_("来源渠道"), wording.CHANNEL)
    source = Choice(N_("转来单位"), wording.SOURCE, when=("channel", ("FORWARDED",)))
    receptionDay = UnitRef(
        N_("哪一个接待日"), options="receptions", when=("channel", ("RECEPTION",)), hint=N_("首问人是当天的接待人")
    )
    receivedOn = Day(N_("收到日期"), clause="条例22")
    receivedTime = Text(N_("收到时间"), required=False, longest=5, hint=N_("如 09:30"))
    anonymous = Tick(N_("匿名"), hint=N_("匿名的，没有告知义务；能核实的照样办理"))
    name = PersonName(N_("姓名"), when=_NAMED)
    idcard = IdCard(N_("身份证号码"), required=False, when=_NAMED)
    sex = Choice(N_("性别"), wording.SEX)
    age = Whole(N_("年龄"), required=False, least=0, most=120)
    marital = Choice(N_("婚姻状况"), wording.MARITAL, required=False)
    phone = Phone(N_("电话"), required=False, when=_NAMED, hint=N_("只作身份核对；联系按上面的安全方式"))
    address = Text(N_("住址"), required=False, hint=N_("写到村组或门牌"))
    people = Whole(N_("人数"), least=1, most=9999, hint=N_("本人和同来或联名的人一共几人"), clause="S001-4")
    representatives = Slots(
        N_("代表"),
        Representative,
        most=6,
        item=N_("代表"),
        required=False,
        clause="条例20",
        hint=N_("多人来访的，代表不超过 5 人"),
    )

    category = Choice(N_("类别"), wording.CATEGORY)
    matterKind = Choice(N_("由谁管"), wording.MATTER, hint=N_("不清楚的选“妇联职责范围内”"), clause="条例31")
    place = UnitRef(N_("事项发生地"), options="places", clause="P2")
    matter = LongText(N_("反映的事情"), shortest=4, longest=6000)
    accused = Text(N_("被反映的人或单位"), required=False)
    accusedStaff = UnitRef(
        N_("被反映的工作人员"),
        options="staff",
        required=False,
        when=_STAFF,
        hint=N_("是本系统工作人员的，直接报上一级办理"),
        clause="条例30",
    )
    ties = Choice(
        N_("对方或其亲友在村、乡镇、公安、法院、信用社或者妇联工作"),
        wording.TIES,
        required=False,
        hint=N_("有的不经过村级，并在登记以后到“团队”页登记须回避的人员、单位（那里保密，不写在这张表上）"),
        clause="D3",
    )
    evidence = Paper(N_("证据、来信扫描件"), required=False)
    earlierHandling = LongText(N_("以前的处理情况"), required=False)

    claim = LongText(N_("她要什么"), shortest=2)
    requestedLevel = Choice(N_("她找的是哪一级"), wording.LEVEL)
    urgency = Choice(N_("紧急程度"), wording.URGENCY)
    major = Tick(N_("重大事项（群体冲突、媒体关注、可能激化）"), clause="条例25")

    groups: ClassVar[tuple[Group, ...]] = (
        Group(
            N_("安全联系"),
            ("safeChannel", "safeNumber", "safeTimes", "mayLeaveMessage", "coverStory", "codeWord", "unsafeNumbers",
             "phoneShared", "trustedPerson", "violence", "minorInvolved", "minorAtRisk"),
            "P-01",
            N_("先问安全，再问事情。她说不清的，不主动联系。"),
        ),
        Group(
            N_("来访人"),
            ("channel", "source", "receptionDay", "receivedOn", "receivedTime", "anonymous", "name", "idcard", "sex", "age",
             "marital", "phone", "address", "people", "representatives"),
            "P-01",
        ),
        Group(
            N_("事情"),
            ("category", "matterKind", "place", "matter", "accused", "accusedStaff", "ties", "evidence", "earlierHandling"),
            "P-01",
        ),
        Group(N_("诉求"), ("claim", "requestedLevel", "urgency", "major"), "P-01"),
    )  # fmt: skip

    def rules(self, values: Answers) -> Problems:
        """At most five speak for those who come in person (条例 20); a group is no smaller than who speaks for it."""
        problems: Problems = {}
        spoken = len(values["representatives"])
        if spoken > MAX_REPRESENTATIVES and values["channel"] in ("VISIT", "RECEPTION", None):
            text = N_(
                "登记了 {seen} 名代表，多人走访的代表不得超过 {limit} 人：请推选代表后再登记，其余的人由人接待安抚"
            )
            problems["representatives"] = [wording.ruled(text, "条例20", seen=spoken, limit=MAX_REPRESENTATIVES)]
        if values["people"] is not None and spoken > values["people"]:
            text = N_("代表 {seen} 人，多于总人数 {limit}")
            problems["people"] = [wording.ruled(text, "条例20", seen=spoken, limit=values["people"])]
        return {**problems, **contradictions(values)}


def minor(values: Mapping[str, Any]) -> bool:
    """Whether she is under eighteen on the day she came, by her number, else by her own word (values or stored answers)."""
    on, number, age = values.get("receivedOn"), values.get("idcard"), values.get("age")
    if number and on:
        return full_years(birth_date_of(number), date.fromisoformat(str(on))) < 18
    return age is not None and int(age) < 18


def contradictions(values: Answers) -> Problems:
    """What would keep protection from coming first: violence by its category, a minor by her age; whose number it is.

    Whoever gave no name has no way in which she is reached (D4).
    """
    problems: Problems = {}
    if values["anonymous"] and values["safeChannel"] not in ("NONE", None):
        text = N_("匿名的没有联系方式：请选“不主动联系”，或去掉匿名")
        problems["safeChannel"] = [wording.ruled(text, "D4")]
    if values["category"] == "DV" and values["violence"] is False and not values["minorAtRisk"]:
        text = N_("类别是家庭暴力的，请选“有暴力或暴力威胁”：系统先另建保密事项")
        problems["violence"] = [wording.ruled(text, "反家暴法")]
    if values["minorInvolved"] is False and minor(values):
        problems["minorInvolved"] = [wording.ruled(N_("她本人未满十八周岁：请选“涉及未成年人”"), "未保法11")]
    if values["violence"] and values["minorAtRisk"] is False and minor(values):
        text = N_("她本人未满十八周岁，又有暴力：须选未成年人受到侵害，系统随即要求强制报告")
        problems["minorAtRisk"] = [wording.ruled(text, "未保法11")]
    if values["idcard"] and values["sex"] is not None and sex_of(values["idcard"]) != values["sex"]:
        problems["sex"] = [Message(N_("性别与身份证号码不一致，请核对"))]
    return problems


REGISTER = SchemaForm("register", N_("信访登记表"), Register(), ("P-01",), spoken=True)
#: what a call to 12338 or a sweep hands over: P-01 as far as it is known. It stands on no step
CALLED = SchemaForm("called", N_("登记前的移交单"), Register())
