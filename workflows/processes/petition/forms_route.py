"""From the register to whoever handles it: same matter, triage, forwarding with objection, village, other bodies."""
# ruff: noqa: N815 - field names are the JSON contract of processes.md §2

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from engine.messages import N_
from workflows.form import SchemaForm
from workflows.form_fields import Choice, LongText, Paper, Text, Tick, UnitRef, YesNo
from workflows.form_measures import Day
from workflows.form_schema import FormSchema, Group
from workflows.processes.petition import wording

if TYPE_CHECKING:
    from engine.process_type import Answers, Problems

_SENT = ("way", ("FORWARD", "ASSIGN"))
_OBJECTS = ("received", ("OBJECT",))


class Match(FormSchema):
    """Same person, same matter? Candidates are found by the house; a person decides."""

    relation = Choice(N_("与已有事项的关系"), wording.RELATION, clause="B2")
    caseId = UnitRef(
        N_("哪一件"), options="same", required=False, hint=N_("认定为同一事项的必选"), when=("relation", wording.SAME)
    )
    toldNumber = Text(
        N_("承办人告知的编号"),
        required=False,
        longest=40,
        hint=N_("前件不在上面所列的，询问承办人后填写"),
        when=("relation", wording.SAME),
    )
    reason = LongText(N_("理由"), shortest=4, hint=N_("同人、同事才算；有没有新的事实"))

    groups: ClassVar = (Group(N_("是否同一事项"), ("relation", "caseId", "toldNumber", "reason")),)

    def rules(self, values: Answers) -> Problems:
        """Whatever it is the same as is named, once."""
        if values["relation"] in ("NEW", None):
            return {}
        if not values["caseId"] and not values["toldNumber"]:
            return {"caseId": [wording.ruled(N_("请选出是哪一件已有事项"), "B2")]}
        if values["caseId"] and values["toldNumber"]:
            return {"toldNumber": [wording.ruled(N_("已经选出一件的，不再填写编号"), "B2")]}
        return {}


class Triage(FormSchema):
    """Where it goes: D3 proposes with its reasons, a person decides and says why when she decides otherwise."""

    way = Choice(N_("怎样办"), wording.WAY, clause="条例22")
    targetUnit = UnitRef(N_("转到哪个单位"), options="federations", when=_SENT, clause="P2")
    instruction = LongText(N_("转送、交办的要求"), required=False, when=_SENT)
    reportBackOn = Day(N_("报告结果的日期"), when=("way", ("ASSIGN",)))
    petitionerTold = YesNo(N_("已告知本人转到哪里"), when=_SENT, hint=N_("能安全联系的都要告知"), clause="条例23")
    deviationReason = LongText(N_("与系统建议不同的理由"), required=False, hint=N_("与建议一致的不用写"))

    groups: ClassVar = (
        Group(
            N_("分流"),
            ("way", "targetUnit", "instruction", "reportBackOn", "petitionerTold", "deviationReason"),
            "P-04",
        ),
    )


class EscalateUp(FormSchema):
    """The village settles it at once, or reports it to the township within three working days (S001-60)."""

    villageWay = Choice(N_("村级处理"), wording.VILLAGE_WAY, clause="S001-60")
    done = LongText(N_("村里已经做了什么"), shortest=4)
    reason = LongText(N_("不能处理的理由"), shortest=4, when=("villageWay", ("ESCALATE",)), clause="S001-60")

    groups: ClassVar = (Group(N_("村级调处或上报"), ("villageWay", "done", "reason")),)


class Receive(FormSchema):
    """A forwarded item is taken, or objected to with reasons within five working days (条例 23)."""

    received = Choice(N_("是否接收"), wording.RECEIVED, clause="条例23")
    reason = LongText(N_("异议的理由"), shortest=6, when=_OBJECTS, clause="条例23")
    rightUnit = Text(N_("认为应由谁办理"), required=False, when=_OBJECTS)

    groups: ClassVar = (Group(N_("接收或异议"), ("received", "reason", "rightUnit"), "P-05"),)


class ObjectionReply(FormSchema):
    """Whoever forwarded it looks at the objection."""

    reply = Choice(N_("核实结果"), wording.REPLY, clause="条例23")
    reason = LongText(N_("理由"), shortest=4)

    groups: ClassVar = (Group(N_("异议核实"), ("reply", "reason"), "P-05"),)


class Dispute(FormSchema):
    """The common superior decides (条例 24)."""

    decision = Choice(N_("决定"), wording.DISPUTE, clause="条例24")
    unit = UnitRef(N_("指定的单位"), options="federations", when=("decision", ("OTHER",)))
    reason = LongText(N_("理由"), shortest=4)

    groups: ClassVar = (Group(N_("争议决定"), ("decision", "unit", "reason")),)


class Guide(FormSchema):
    """P-03: another body is competent; she is told which, why and what else we do for her."""

    bodyKind = Choice(N_("有权处理的机关"), wording.BODY_KIND, clause="条例22、条例31")
    body = Text(N_("机关名称和地址"), hint=N_("写明去哪里、找谁"))
    reason = LongText(N_("为什么由它处理"), shortest=4)
    legalAidOffered = YesNo(N_("已提供法律援助信息或转介"), clause="妇保法72")
    otherHelp = LongText(N_("妇联还能做什么"), required=False)
    noticeOn = Day(N_("告知日期"), required=False, hint=N_("没有告知的不填"), clause="条例23")
    noticeHow = Choice(N_("告知方式"), wording.NOTICE_HOW)
    forwarded = Tick(N_("同时把材料转给该机关，并要求答复"), clause="妇保法73")
    evidence = Paper(N_("告知书签收件"), required=False)

    groups: ClassVar = (
        Group(N_("引导"), ("bodyKind", "body", "reason", "legalAidOffered", "otherHelp"), "P-03"),
        Group(N_("告知"), ("noticeOn", "noticeHow", "forwarded", "evidence"), "P-03"),
    )


class BodyAnswer(FormSchema):
    """What the other body answered."""

    answeredOn = Day(N_("答复日期"), clause="妇保法73")
    result = Choice(N_("结果"), wording.BODY_RESULT)
    text = LongText(N_("答复内容"), shortest=4)
    paper = Paper(N_("答复文件"), required=False)

    groups: ClassVar = (Group(N_("其他机关的答复"), ("answeredOn", "result", "text", "paper")),)


class Urge(FormSchema):
    """P-11: thirty days of silence are answered with an opinion, later with the board or the government (妇保法 73)."""

    action = Choice(N_("怎样督促"), wording.URGE, clause="妇保法73")
    addressee = Text(N_("发给"), when=("action", ("OPINION", "BOARD", "INSPECTION")))
    opinion = LongText(N_("督促处理意见"), shortest=6, when=("action", ("OPINION", "BOARD", "INSPECTION")))
    sentOn = Day(N_("发出日期"), when=("action", ("OPINION", "BOARD", "INSPECTION")))

    groups: ClassVar = (Group(N_("督促"), ("action", "addressee", "opinion", "sentOn"), "P-11"),)


class Report(FormSchema):
    """What was assigned (交办) is reported to whoever assigned it, by the day that was named (条例 22)."""

    reportedOn = Day(N_("报告日期"), clause="条例22")
    report = LongText(N_("报告的结果"), shortest=4)

    groups: ClassVar = (Group(N_("交办结果报告"), ("reportedOn", "report")),)


MATCH = SchemaForm("match", N_("同一事项认定"), Match())
TRIAGE = SchemaForm("triage", N_("分流办理单"), Triage(), ("P-04",))
ESCALATE_UP = SchemaForm("escalate_up", N_("村级调处、上报"), EscalateUp())
RECEIVE = SchemaForm("receive", N_("接收或异议"), Receive(), ("P-05",))
OBJECTION_REPLY = SchemaForm("objection_reply", N_("异议核实"), ObjectionReply())
DISPUTE = SchemaForm("dispute", N_("争议决定"), Dispute())
GUIDE = SchemaForm("guide", N_("不予受理（引导）告知书"), Guide(), ("P-03",))
BODY_ANSWER = SchemaForm("body_answer", N_("其他机关的答复"), BodyAnswer())
URGE = SchemaForm("urge", N_("督促处理意见书"), Urge(), ("P-11",))
REPORT = SchemaForm("report", N_("交办结果报告"), Report())
ROUTE_FORMS = (
    MATCH, TRIAGE, ESCALATE_UP, RECEIVE, OBJECTION_REPLY, DISPUTE, GUIDE, BODY_ANSWER, URGE, REPORT,
)  # fmt: skip
