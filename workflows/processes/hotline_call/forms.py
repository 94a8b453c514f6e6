"""The call record and the hand-over. What a petition needs is asked under the same names, so that nothing is typed twice."""
# ruff: noqa: N815 - field names are the JSON contract of processes.md §2

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, Final

from engine.messages import N_
from workflows.form import SchemaForm
from workflows.form_fields import Choice, LongText, Tick, UnitRef
from workflows.form_measures import Whole
from workflows.form_schema import FormSchema, Group
from workflows.processes.hotline_call.guides import GUIDES, VIOLENCE
from workflows.processes.petition.forms_register import Register, contradictions

if TYPE_CHECKING:
    from engine.process_type import Answers, Problems

CALLER: Final = (
    ("SELF", N_("本人")),
    ("RELATIVE", N_("近亲属")),
    ("KNOWS", N_("邻居、同事或者其他知情人")),
    ("BODY", N_("单位")),
)
RESULT: Final = (
    ("ADVISED", N_("当场答复，不需要移交")),
    ("HAND_OVER", N_("移交责任单位，转为信访件")),
    ("URGENT", N_("紧急：立即转权益部部长")),
)
TAKEN: Final = (("TAKE", N_("接收，由本单位登记")), ("PASS_ON", N_("不属于本单位，转给应当办理的单位")))
_HANDED: Final = ("result", ("HAND_OVER",))
_PASSED: Final = ("taken", ("PASS_ON",))


def _told(category: str) -> Tick:
    return Tick(N_("已按指引告知"), when=("category", (category,)), hint=GUIDES[category])


class Call(Register):
    """One call. Safety first, then who, what, what she wants; at last what she was told and what becomes of it."""

    caller = Choice(N_("来电的是"), CALLER)
    minutes = Whole(
        N_("通话时长"), required=False, least=1, most=600, unit=N_("分钟"), hint=N_("不填的按接通到提交计算")
    )
    toldViolence = Tick(N_("已按安全指引告知"), when=("violence", (True,)), hint=VIOLENCE)
    toldFamily = _told("FAMILY")
    toldDv = _told("DV")
    toldProperty = _told("PROPERTY")
    toldCustody = _told("CUSTODY")
    toldLabour = _told("LABOUR")
    toldLand = _told("LAND")
    toldDemolition = _told("DEMOLITION")
    toldHarassment = _told("HARASSMENT")
    toldAid = _told("AID")
    toldPersonal = _told("PERSONAL")
    toldEducation = _told("EDUCATION")
    toldStaff = _told("STAFF")
    toldOther = _told("OTHER")
    advice = LongText(N_("答复了什么"), shortest=2)
    result = Choice(N_("结果"), RESULT, hint=N_("移交须在接通后 24 小时内由责任单位接收"))
    toUnit = UnitRef(N_("移交给"), options="federations", when=_HANDED, hint=N_("反映工作人员的，系统直接报上一级"))

    class Meta(FormSchema.Meta):
        """What nobody asks on the telephone."""

        exclude = ("channel", "source", "receptionDay", "representatives", "evidence")

    groups: ClassVar = (
        Group(
            N_("安全联系"),
            ("safeChannel", "safeNumber", "safeTimes", "mayLeaveMessage", "coverStory", "codeWord", "unsafeNumbers",
             "phoneShared", "trustedPerson", "violence", "toldViolence", "minorInvolved", "minorAtRisk"),
            "",
            N_("先问安全，再问事情。她说不清的，不主动联系。"),
        ),
        Group(
            N_("来电人、事情和结果"),
            ("caller", "anonymous", "name", "category", "toldFamily", "toldDv", "toldProperty", "toldCustody", "toldLabour",
             "toldLand", "toldDemolition", "toldHarassment", "toldAid", "toldPersonal", "toldEducation", "toldStaff",
             "toldOther", "matter", "claim", "accused", "accusedStaff", "advice", "result", "toUnit"),
        ),
        Group(
            N_("问到的再填"),
            ("phone", "idcard", "sex", "age", "marital", "address", "people", "ties", "place", "matterKind", "earlierHandling",
             "requestedLevel", "urgency", "major", "receivedOn", "receivedTime", "minutes"),
            "",
            N_("已按最常见的情况填好，与实际不同的才改。"),
        ),
    )  # fmt: skip

    def rules(self, values: Answers) -> Problems:
        """What P-01 holds against each other; nobody comes in person."""
        return contradictions(values)


class TakeOver(FormSchema):
    """The unit that is responsible takes the call over, or says whose it is."""

    taken = Choice(N_("是否接收"), TAKEN)
    toUnit = UnitRef(N_("应当办理的单位"), options="federations", when=_PASSED)
    reason = LongText(N_("理由"), when=_PASSED, shortest=4)

    groups: ClassVar = (Group(N_("热线移交"), ("taken", "toUnit", "reason")),)


CALL = SchemaForm("call", N_("12338 来电记录"), Call(), spoken=True)
TAKE_OVER = SchemaForm("take_over", N_("热线移交接收单"), TakeOver())
FORMS: Final[Mapping[str, SchemaForm]] = MappingProxyType({form.key: form for form in (CALL, TAKE_OVER)})
