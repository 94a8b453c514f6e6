"""The work on an accepted item: acceptance, plan, investigation, counselling, letters, mediation, conference, aid."""
# ruff: noqa: N815 - field names are the JSON contract of processes.md §2

from __future__ import annotations

from typing import ClassVar

from engine.messages import N_
from workflows.form import SchemaForm
from workflows.form_fields import Choice, LongText, Paper, Text, Tick, YesNo
from workflows.form_measures import Day
from workflows.form_schema import FormSchema, Group
from workflows.processes.petition import wording
from workflows.processes.petition.danger import DANGER, DangerSeen


class Accept(FormSchema):
    """P-02: she is told in writing that it is accepted, by whom and how (条例 23)."""

    acceptedOn = Day(N_("受理日期"), hint=N_("60 日的办结期限从这一天的次日起算"), clause="条例34")
    noticeOn = Day(
        N_("告知日期"), required=False, hint=N_("能告知的必填：当场告知，或自收到之日起 15 日内"), clause="条例23"
    )
    noticeHow = Choice(N_("告知方式"), wording.NOTICE_HOW, clause="条例23")
    receipt = Paper(N_("告知书签收件"), required=False)

    groups: ClassVar = (Group(N_("受理告知"), ("acceptedOn", "noticeOn", "noticeHow", "receipt"), "P-02"),)


class Plan(DangerSeen):
    """What is known and what will be done; more may be planned when the first is done."""

    interviewedOn = Day(N_("谈话日期"), required=False)
    privateRoom = Tick(N_("在单独的谈话室进行"))
    interview = LongText(N_("谈话记录"), required=False, longest=6000)
    facts = LongText(N_("已查明的事实"), shortest=4, longest=6000)
    law = LongText(N_("适用的法律政策"), required=False)
    plan = LongText(N_("下一步办法"), shortest=4)
    investigate = Tick(N_("调查核实（走访、查阅、请专家）"))
    legal = Tick(N_("法律咨询、法律援助"))
    counsel = Tick(N_("心理疏导"))
    letter = Tick(N_("致函有关单位"))
    mediate = Tick(N_("调解（双方自愿）"), clause="条例33")
    conference = Tick(N_("联席会议"), hint=N_("群体、重复（2 次以上）、重大事项应当考虑"), clause="S001-4")
    aid = Tick(N_("困难救助"), clause="条例37")

    groups: ClassVar = (
        Group(N_("谈话"), ("interviewedOn", "privateRoom", "interview")),
        DANGER,
        Group(N_("事实和办法"), ("facts", "law", "plan")),
        Group(
            N_("安排的工作"),
            ("investigate", "legal", "counsel", "letter", "mediate", "conference", "aid"),
            help=N_("可以选几项，同时进行；都不选就直接写处理意见。"),
        ),
    )


class Investigate(DangerSeen):
    """What was looked into."""

    doneOn = Day(N_("调查日期"))
    people = Text(N_("参加的人"))
    findings = LongText(N_("查明的情况"), shortest=4, longest=6000)
    papers = Paper(N_("调查材料"), required=False)

    groups: ClassVar = (Group(N_("调查核实"), ("doneOn", "people", "findings", "papers")), DANGER)


class Legal(FormSchema):
    """Legal counselling or referral to legal aid."""

    doneOn = Day(N_("日期"))
    kind = Choice(N_("方式"), wording.LEGAL)
    by = Text(N_("咨询人或机构"))
    advice = LongText(N_("意见"), shortest=4)

    groups: ClassVar = (Group(N_("法律咨询"), ("doneOn", "kind", "by", "advice")),)


class Counsel(FormSchema):
    """Psychological counselling: that it took place and what follows, never what was said."""

    doneOn = Day(N_("日期"))
    by = Text(N_("咨询师或机构"))
    again = YesNo(N_("还需要继续"))
    note = LongText(N_("情况（不记谈话内容）"), required=False)

    groups: ClassVar = (Group(N_("心理疏导"), ("doneOn", "by", "again", "note")),)


class LetterBody(FormSchema):
    """A letter to the body concerned (函, GB/T 9704)."""

    body = Text(N_("发往单位"))
    subject = Text(N_("函的标题"))
    text = LongText(N_("函的内容"), shortest=6, longest=4000)
    sentOn = Day(N_("发出日期"))
    answerBy = Day(N_("请于何日前答复"), clause="妇保法73")

    groups: ClassVar = (Group(N_("致函"), ("body", "subject", "text", "sentOn", "answerBy")),)


class LetterAnswer(FormSchema):
    """The answer to it."""

    result = Choice(N_("结果"), wording.LETTER_RESULT)
    answeredOn = Day(N_("答复日期"), when=("result", ("ANSWERED",)))
    answer = LongText(N_("答复内容"), shortest=4, when=("result", ("ANSWERED",)))
    followUp = LongText(N_("没有答复的，怎么办"), shortest=4, when=("result", ("NONE",)))
    paper = Paper(N_("复函"), required=False)

    groups: ClassVar = (Group(N_("复函"), ("result", "answeredOn", "answer", "followUp", "paper")),)


class MediationResult(FormSchema):
    """What the mediation, a case of its own, came to."""

    result = Choice(N_("调解结果"), wording.MEDIATED, clause="条例33")
    endedOn = Day(N_("结束日期"))
    onwardTold = Tick(N_("已告知其他解决途径（P-10）"))
    note = LongText(N_("说明"), required=False)

    groups: ClassVar = (Group(N_("调解结果"), ("result", "endedOn", "onwardTold", "note")),)


class ConferenceResult(FormSchema):
    """What the joint conference, a case of its own, decided."""

    heldOn = Day(N_("会议日期"), required=False, hint=N_("会议取消的不填"))
    decisions = LongText(N_("议定事项（涉及本件的），会议取消的写明以后怎样办"), shortest=4)

    groups: ClassVar = (Group(N_("联席会议结果"), ("heldOn", "decisions")),)


class Aid(FormSchema):
    """Hardship: she is helped to apply (条例 37)."""

    kind = Text(N_("救助种类"))
    appliedOn = Day(N_("协助申请日期"))
    body = Text(N_("受理单位"))
    result = LongText(N_("情况"), required=False)

    groups: ClassVar = (Group(N_("困难救助"), ("kind", "appliedOn", "body", "result")),)


ACCEPT = SchemaForm("accept", N_("受理告知书"), Accept(), ("P-02",))
PLAN = SchemaForm("plan", N_("办理计划"), Plan())
INVESTIGATE = SchemaForm("investigate", N_("调查核实记录"), Investigate())
LEGAL = SchemaForm("legal", N_("法律咨询记录"), Legal())
COUNSEL = SchemaForm("counsel", N_("心理疏导记录"), Counsel())
LETTER_BODY = SchemaForm("letter_body", N_("致有关单位函"), LetterBody())
LETTER_ANSWER = SchemaForm("letter_answer", N_("有关单位复函"), LetterAnswer())
MEDIATION_RESULT = SchemaForm("mediation_result", N_("登记调解结果"), MediationResult())
CONFERENCE_RESULT = SchemaForm("conference_result", N_("登记联席会议结果"), ConferenceResult())
AID = SchemaForm("aid", N_("困难救助记录"), Aid())
WORK_FORMS = (
    ACCEPT, PLAN, INVESTIGATE, LEGAL, COUNSEL, LETTER_BODY, LETTER_ANSWER, MEDIATION_RESULT, CONFERENCE_RESULT, AID,
)  # fmt: skip
