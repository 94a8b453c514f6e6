"""What comes over, the first look within two hours, and the report the law demands."""
# ruff: noqa: N815 - field names are the JSON contract of processes.md §3

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar, Final

from engine.contact import SAFE_CHANNELS
from engine.messages import N_
from workflows.form import SchemaForm
from workflows.form_fields import Choice, LongText, Text, Tick, YesNo
from workflows.form_measures import Day, Whole
from workflows.form_schema import FormSchema, Group

URGENCY: Final = (("NORMAL", N_("一般")), ("URGENT", N_("紧急")), ("DANGER", N_("有现实危险")))
DANGER: Final = (
    ("NOW", N_("现在有危险：立即报警、就医")),
    ("SOON", N_("近期可能再次发生")),
    ("SAFE", N_("目前安全")),
    ("UNKNOWN", N_("还不清楚，继续联系")),
)


class Referred(FormSchema):
    """The hand-over sheet: what was seen, who she is, how she is safely reached. It stands on no step."""

    safeChannel = Choice(N_("怎样联系她才安全"), tuple(SAFE_CHANNELS.items()), required=False)
    safeNumber = Text(N_("安全号码"), required=False)
    safeTimes = LongText(N_("可以联系的时段"), required=False)
    mayLeaveMessage = Tick(N_("可以留言"))
    coverStory = Text(N_("掩护说法"), required=False)
    codeWord = Text(N_("暗语"), required=False)
    unsafeNumbers = LongText(N_("不能打的号码"), required=False)
    phoneShared = Tick(N_("手机与对方共用或被查看"))
    trustedPerson = Text(N_("信任的人"), required=False)
    violence = YesNo(N_("有暴力或暴力威胁"), required=False)
    minorInvolved = YesNo(N_("涉及未成年人"), required=False)
    minorAtRisk = YesNo(N_("未成年人受到或可能受到侵害"), required=False)
    urgency = Choice(N_("紧急程度"), URGENCY, required=False)
    anonymous = Tick(N_("匿名"))
    name = Text(N_("姓名"), required=False)
    age = Whole(N_("年龄"), required=False, most=120)
    matter = LongText(N_("反映的事情"), required=False, longest=6000)

    groups: ClassVar = (
        Group(
            N_("安全联系"),
            ("safeChannel", "safeNumber", "safeTimes", "mayLeaveMessage", "coverStory", "codeWord", "unsafeNumbers",
             "phoneShared", "trustedPerson"),
        ),
        Group(N_("看到的信号"), ("violence", "minorInvolved", "minorAtRisk", "urgency")),
        Group(N_("来访人"), ("anonymous", "name", "age", "matter")),
    )  # fmt: skip


class Screen(FormSchema):
    """Within two hours: is she safe now, and the children; what has been done about it."""

    danger = Choice(N_("现在的危险"), DANGER, clause="反家暴法")
    injured = YesNo(N_("有人受伤"))
    childrenSafe = YesNo(N_("孩子在安全的地方（没有孩子选“是”）"))
    policeCalled = Tick(N_("已报警 110"))
    medical = Tick(N_("已安排就医"))
    shelter = Tick(N_("已安排临时庇护"))
    done = LongText(N_("采取的措施"), shortest=4)
    nextContactOn = Day(N_("下次联系的日期"))

    groups: ClassVar = (
        Group(
            N_("安全初筛"),
            ("danger", "injured", "childrenSafe", "policeCalled", "medical", "shelter", "done", "nextContactOn"),
        ),
    )


class Report(FormSchema):
    """强制报告: police now, whatever anybody consents to (未成年人保护法 11)."""

    reportedOn = Day(N_("报告日期"), clause="未保法11")
    reportedTime = Text(N_("报告时间"), longest=5, hint=N_("如 09:30"))
    station = Text(N_("接报单位"))
    officer = Text(N_("接报人"), required=False)
    reportNumber = Text(N_("接报编号"), required=False)
    facts = LongText(N_("报告的内容"), shortest=4)

    groups: ClassVar = (
        Group(N_("强制报告"), ("reportedOn", "reportedTime", "station", "officer", "reportNumber", "facts")),
    )


REFERRED = SchemaForm("referred", N_("移交单"), Referred())
SCREEN = SchemaForm("screen", N_("安全初筛"), Screen())
REPORT = SchemaForm("report", N_("强制报告"), Report())
FORMS: Final[Mapping[str, SchemaForm]] = MappingProxyType({form.key: form for form in (REFERRED, SCREEN, REPORT)})
