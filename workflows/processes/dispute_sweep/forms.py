"""The sweep of one village and quarter: counts by the three kinds of families (S001-66 to 68), and single ones to deal with."""
# ruff: noqa: N815 - field names are the JSON contract of processes.md §2

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, Final

from engine.messages import N_, Message
from workflows.form import SchemaForm
from workflows.form_fields import Choice, LongText, PersonName, YesNo
from workflows.form_measures import Day, Whole
from workflows.form_schema import FormSchema, Group, Slots

if TYPE_CHECKING:
    from engine.process_type import Answers, Problems

FAMILY: Final = (
    ("CASE", N_("涉案家庭")),
    ("CONFLICT", N_("矛盾家庭（有暴力倾向或者纠纷）")),
    ("PETITION", N_("上访家庭")),
)
FOUND: Final = (("NOTHING", N_("没有发现")), ("FOUND", N_("有发现")))
FOLLOW: Final = (
    ("SETTLED", N_("已就地化解")),
    ("WATCH", N_("继续关注")),
    ("OPEN", N_("需要办理，转为信访件")),
)
#: kind of family → the field that counts it
COUNTS: Final[Mapping[str, str]] = MappingProxyType(
    {"CASE": "caseFamilies", "CONFLICT": "conflictFamilies", "PETITION": "petitionFamilies"}
)
_FOUND: Final = ("found", ("FOUND",))


class Item(FormSchema):
    """One family that needs more than a number."""

    family = Choice(N_("哪一类家庭"), FAMILY, clause="S001-68")
    name = PersonName(N_("妇女姓名"))
    matter = LongText(N_("什么矛盾"), shortest=4, longest=2000)
    violence = YesNo(N_("有暴力或暴力威胁"), clause="反家暴法")
    minorAtRisk = YesNo(N_("未成年人受到或可能受到侵害"), clause="未保法11")
    follow = Choice(N_("怎样处理"), FOLLOW)

    groups: ClassVar = (Group(N_("单件"), ("family", "name", "matter", "violence", "minorAtRisk", "follow")),)


class Sweep(FormSchema):
    """Families are counted, the same one once; how many were settled on the spot is part of them."""

    sweptOn = Day(N_("排查日期"))
    visited = Whole(N_("走访户数"), least=0, most=9999, unit=N_("户"))
    found = Choice(N_("排查结果"), FOUND, hint=N_("没有发现也要报告"), clause="S002-16")
    caseFamilies = Whole(N_("涉案家庭"), when=_FOUND, most=999, unit=N_("户"), clause="S001-66")
    conflictFamilies = Whole(N_("矛盾家庭"), when=_FOUND, most=999, unit=N_("户"), clause="S001-68")
    petitionFamilies = Whole(N_("上访家庭"), when=_FOUND, most=999, unit=N_("户"), clause="S001-68")
    settled = Whole(N_("其中已就地化解"), when=_FOUND, most=2997, unit=N_("户"))
    items = Slots(
        N_("需要单独记下的"),
        Item,
        most=9,
        item=N_("单件"),
        required=False,
        when=_FOUND,
        hint=N_("要办理的写在这里，提交后逐件转为信访件；只报数字的不写"),
    )

    groups: ClassVar = (
        Group(
            N_("排查情况"), ("sweptOn", "visited", "found"), "", N_("只有本村和乡镇妇联能看到内容；县里只看合计数。")
        ),
        Group(N_("三类家庭"), ("caseFamilies", "conflictFamilies", "petitionFamilies", "settled", "items")),
    )

    def rules(self, values: Answers) -> Problems:
        """What is noted singly is counted; danger is never only watched."""
        counts = {family: values[field] for family, field in COUNTS.items()}
        if values["found"] != "FOUND" or None in counts.values():
            return {}
        problems: Problems = {}
        total = sum(counts.values())
        if not total:
            problems["caseFamilies"] = [Message(N_("有发现的，三类家庭至少一户；一户也没有的选“没有发现”"))]
        if values["settled"] is not None and values["settled"] > total:
            told = {"seen": values["settled"], "limit": total}
            problems["settled"] = [Message(N_("已化解 {seen} 户，多于三类家庭合计 {limit} 户"), told)]
        for family, noted in Counter(each.get("family") for each in values["items"]).items():
            if family in counts and noted > counts[family]:
                told = {"seen": noted, "limit": counts[family]}
                problems[COUNTS[family]] = [Message(N_("单件写了 {seen} 户，多于这一类的 {limit} 户"), told)]
        return {**problems, **_dangers(values)}


def _dangers(values: Answers) -> Problems:
    text = N_("有暴力或者未成年人受害的，须转为信访件：系统先另建保密事项，由权益部部长紧急处理")
    return {
        f"items.{each['slot']}.follow": [Message(text)]
        for each in values["items"]
        if (each.get("violence") or each.get("minorAtRisk")) and each.get("follow") not in ("OPEN", None)
    }


SWEEP = SchemaForm("sweep", N_("矛盾纠纷排查登记表"), Sweep())
FORMS: Final[Mapping[str, SchemaForm]] = MappingProxyType({SWEEP.key: SWEEP})
