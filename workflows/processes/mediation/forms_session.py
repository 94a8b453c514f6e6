"""Forms of the sessions of a mediation and of its end without an agreement (P-10)."""
# ruff: noqa: N815 - field names are the JSON contract of processes.md §6

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from engine.messages import N_, Message
from workflows.form import SchemaForm
from workflows.form_fields import Choice, LongText, Text, Tick, YesNo
from workflows.form_measures import Day
from workflows.form_schema import FormSchema, Group
from workflows.processes.mediation import wording
from workflows.processes.mediation.forms_gate import GATE_GROUP, GateQuestions

if TYPE_CHECKING:
    from engine.process_type import Answers, Problems

_VIOLENCE, _CALM = ("violence", (True,)), ("violence", (False,))
_NEW_VIOLENCE = ("newViolence", (True,))
_STOP_VIOLENCE = ("reason", ("VIOLENCE",))
#: fields of P-10 that say where else to go
REMEDIES = ("suit", "legalAid", "police", "order", "administrative", "otherRemedy")


class Check(GateQuestions):
    """Asked of her alone before every session: whether she still wants it, and whether anything has happened since."""

    checkedOn = Day(N_("核对日期"))
    aloneAgain = Tick(N_("是在对方和其家人不在场时单独问她的"), must=N_("请单独问她，再勾选"), clause="D5")
    stillWilling = YesNo(N_("她仍愿意继续调解"), clause="RML23")
    newViolence = YesNo(N_("上次问过她以后，出现新的暴力或者威胁"), clause="RML25")
    newFacts = LongText(N_("她说的是什么暴力或者威胁"), when=_NEW_VIOLENCE, shortest=5)
    newPoliceOn = Day(N_("报告公安机关的日期"), when=_NEW_VIOLENCE, clause="RML25")
    newPoliceNote = LongText(N_("向哪里报告、谁报告、对方怎样答复"), when=_NEW_VIOLENCE, shortest=5, clause="RML25")

    groups: ClassVar = (
        Group(
            N_("单独核对"),
            ("checkedOn", "aloneAgain", "stillWilling", "newViolence", "newFacts", "newPoliceOn", "newPoliceNote"),
            "",
            N_("出现新的暴力或者威胁的，调解立即停止，先保护她，并报告公安机关。"),
        ),
        GATE_GROUP,
    )


class Session(FormSchema):
    """One session: where, how, what was said, and how it went on. New violence or a threat ends everything (人民调解法 25)."""

    heldOn = Day(N_("调解日期"))
    place = Text(N_("地点"), longest=100)
    sessionMode = Choice(N_("方式"), wording.MODE)
    support = Choice(N_("她的支持的人"), wording.SUPPORT)
    sessionTopic = Choice(N_("主要事项"), wording.TOPIC)
    violence = YesNo(N_("出现新的暴力或者威胁"), clause="RML25")
    violenceFacts = LongText(N_("什么暴力或者威胁"), when=_VIOLENCE, shortest=5)
    policeOn = Day(N_("报告公安机关的日期"), when=_VIOLENCE, clause="RML25")
    policeNote = LongText(N_("向哪里报告、谁报告、对方怎样答复"), when=_VIOLENCE, shortest=5, clause="RML25")
    result = Choice(N_("这次的结果"), wording.SESSION_RESULT, when=_CALM)
    notes = LongText(N_("调解记录"), shortest=10, clause="RML27")
    nextOn = Day(N_("下次的日期"), required=False, when=_CALM)

    groups: ClassVar = (
        Group(N_("调解会"), ("heldOn", "place", "sessionMode", "support", "sessionTopic", "notes")),
        Group(
            N_("暴力和结果"),
            ("violence", "violenceFacts", "policeOn", "policeNote", "result", "nextOn"),
            "",
            N_("出现新的暴力或者威胁的，调解立即停止，先保护她，并报告公安机关。"),
        ),
    )


class Stop(FormSchema):
    """Mediation may be stopped on any day, by either side, and must be when there is violence."""

    stoppedOn = Day(N_("停止的日期"))
    reason = Choice(N_("为什么停止"), wording.STOP_REASON, clause="RML23")
    stopFacts = LongText(N_("情况"), shortest=5)
    stopPoliceOn = Day(N_("报告公安机关的日期"), when=_STOP_VIOLENCE, clause="RML25")
    stopPoliceNote = LongText(N_("向哪里报告、谁报告、对方怎样答复"), when=_STOP_VIOLENCE, shortest=5, clause="RML25")

    groups: ClassVar = (
        Group(
            N_("停止调解"),
            ("stoppedOn", "reason", "stopFacts", "stopPoliceOn", "stopPoliceNote"),
            "",
            N_("只在要停止时提交；达成协议的，这一步自动取消。任何一方随时可以停止，不必说明理由。"),
        ),
    )


class Ended(FormSchema):
    """P-10: that it is over, why, and where else to go (人民调解法 26)."""

    ending = Choice(N_("终止的原因"), wording.ENDING, clause="RML26")
    explanation = LongText(N_("说明"), required=False)
    suit = Tick(N_("向人民法院起诉"))
    legalAid = Tick(N_("申请法律援助"))
    police = Tick(N_("报警，由公安机关处理"))
    order = Tick(N_("申请人身安全保护令"))
    administrative = Tick(N_("请有关行政机关处理"))
    otherRemedy = Text(N_("其他途径"), required=False)
    toldHer = Choice(N_("怎样告知她"), wording.DELIVERY, clause="D4")
    toldHerOn = Day(N_("告知她的日期"), when=("toldHer", ("IN_PERSON", "PHONE")))
    toldOther = Choice(N_("怎样告知对方"), wording.DELIVERY_OTHER)
    toldOtherOn = Day(N_("告知对方的日期"), when=("toldOther", ("IN_PERSON", "MAIL")))

    groups: ClassVar = (
        Group(N_("终止调解"), ("ending", "explanation"), "P-10"),
        Group(N_("其他途径"), REMEDIES, "P-10"),
        Group(N_("告知"), ("toldHer", "toldHerOn", "toldOther", "toldOtherOn"), "P-10"),
    )

    def rules(self, values: Answers) -> Problems:
        """Nobody is sent away without being told where else to go."""
        if any(values.get(name) for name in REMEDIES):
            return {}
        return {"suit": [wording.ruled(Message(N_("请至少告知一条其他途径")), "RML26", code="NO_REMEDY")]}


CHECK = SchemaForm("check", N_("调解前单独核对"), Check())
SESSION = SchemaForm("session", N_("调解会"), Session())
STOP = SchemaForm("stop", N_("停止调解"), Stop())
ENDED = SchemaForm("mediation_ended", N_("终止调解告知书"), Ended(), sheets=("P-10", "P-10O"), signed=True)
