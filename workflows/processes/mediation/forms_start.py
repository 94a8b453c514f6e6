"""Forms of a mediation up to its first session: the hand-over sheet, both consents, the mediator, the rights told."""
# ruff: noqa: N815 - field names are the JSON contract of processes.md §6

from __future__ import annotations

from typing import ClassVar

from engine.messages import N_
from workflows.form import SchemaForm
from workflows.form_fields import Choice, IdCard, LongText, Paper, PersonName, Phone, Text, Tick, YesNo
from workflows.form_measures import Day
from workflows.form_schema import FormSchema, Group
from workflows.processes.mediation import wording
from workflows.processes.mediation.forms_gate import GATE_GROUP, GateQuestions, Person

_WILLING = ("willing", (True,))


class Referred(GateQuestions):
    """What the case it is opened from knows: who, about what, and whatever speaks against a mediation. It stands on no step."""

    name = Text(N_("她的姓名"), required=False)
    idcard = IdCard(N_("她的身份证号码"), required=False)
    phone = Phone(N_("她的电话"), required=False)
    address = Text(N_("她的住址"), required=False)
    otherName = Text(N_("对方姓名"), required=False, longest=500)
    subject = LongText(N_("纠纷的情况和她的要求"), required=False, longest=8000)
    pastViolence = YesNo(N_("有过暴力或者威胁（不论何时）"), required=False, clause="D5")
    protectedVictim = YesNo(N_("受害人未满十八周岁，或者无、限制民事行为能力"), required=False, clause="D5")
    sexualViolence = YesNo(N_("有性暴力"), required=False)
    weapon = YesNo(N_("使用或者出示过凶器"), required=False)
    strangulation = YesNo(N_("有扼颈、窒息"), required=False)
    injury = Choice(N_("伤情"), wording.INJURY, required=False)
    caseOpen = YesNo(N_("有刑事案件或者治安案件正在办理"), required=False, clause="RML25")
    orderActive = YesNo(N_("已申请人身安全保护令，或者保护令在有效期内"), required=False, clause="DVL23")

    groups: ClassVar = (
        Group(N_("申请人"), ("name", "idcard", "phone", "address")),
        Group(N_("纠纷"), ("otherName", "subject")),
        GATE_GROUP,
    )


class ConsentHer(GateQuestions):
    """Hers, asked alone and given in writing (人民调解法 17, D5); and what the gate must know, asked of her alone, too."""

    askedOn = Day(N_("征求意愿的日期"))
    alone = YesNo(N_("是在对方和其家人不在场时单独征求的"), clause="D5")
    willing = YesNo(N_("她愿意调解"), clause="RML17")
    consentForm = Choice(N_("意愿的形式"), wording.CONSENT_FORM, when=_WILLING, clause="D5")
    consentText = Tick(wording.CONSENT_TEXT)
    mode = Choice(N_("她希望的方式"), wording.MODE, when=_WILLING)
    supportPerson = Text(N_("她要带的支持的人（姓名、关系）"), required=False, when=_WILLING)
    words = LongText(N_("她的原话"), required=False)
    signedConsent = Paper(N_("她签名的书面同意"), required=False)
    partyName = PersonName(N_("她的姓名"), when=_WILLING)
    partyIdcard = IdCard(N_("她的身份证号码"), required=False, when=_WILLING)
    otherParty = PersonName(N_("对方姓名"), when=_WILLING)
    otherIdcard = IdCard(N_("对方身份证号码"), required=False, when=_WILLING)
    otherPhone = Phone(N_("对方电话"), required=False, when=_WILLING)
    otherAddress = Text(N_("对方住址"), required=False, when=_WILLING)
    relation = Choice(N_("双方关系"), wording.RELATION, when=_WILLING)
    topic = Choice(N_("主要事项"), wording.TOPIC, when=_WILLING)
    pastViolence = YesNo(N_("有过暴力或者威胁（不论何时）"), when=_WILLING, clause="D5")
    caseOpen = YesNo(N_("有刑事案件或者治安案件正在办理"), when=_WILLING, clause="RML25")
    orderActive = YesNo(N_("已申请人身安全保护令，或者保护令在有效期内"), when=_WILLING, clause="DVL23")

    groups: ClassVar = (
        Group(
            N_("她的意愿"),
            (
                "askedOn",
                "alone",
                "willing",
                "consentForm",
                "consentText",
                "mode",
                "supportPerson",
                "words",
                "signedConsent",
            ),
            "",
            N_(
                "没有单独征求、没有书面签名的，不算同意，调解不能开始；可以另约时间单独征求后再提交。她不愿意的，不要劝。"
            ),
        ),
        Group(
            N_("双方和纠纷"),
            (
                "partyName",
                "partyIdcard",
                "otherParty",
                "otherIdcard",
                "otherPhone",
                "otherAddress",
                "relation",
                "topic",
            ),
        ),
        GATE_GROUP,
    )


class ConsentOther(FormSchema):
    """The other party's; asked only after she has agreed."""

    otherAskedOn = Day(N_("征求意愿的日期"))
    otherWilling = YesNo(N_("对方愿意调解"), clause="RML17")
    otherForm = Choice(N_("意愿的形式"), wording.CONSENT_FORM, when=("otherWilling", (True,)))
    otherWords = LongText(N_("对方的说法"), required=False)
    otherConsent = Paper(N_("对方签名的书面同意"), required=False)

    groups: ClassVar = (
        Group(
            N_("对方的意愿"),
            ("otherAskedOn", "otherWilling", "otherForm", "otherWords", "otherConsent"),
            "",
            N_("不要告诉对方她说过什么、住在哪里、怎样联系。"),
        ),
    )


class Appoint(FormSchema):
    """Who mediates: nobody close to either side, and nobody a party does not accept (人民调解法 19, 23)."""

    mediator = Person(N_("调解员"), options="mediators", clause="RML19")
    chosenBy = Choice(N_("怎样产生"), wording.CHOSEN_BY)
    rejectedBy = Choice(N_("双方是否接受"), wording.REJECTED, clause="RML23")
    rejectReason = LongText(N_("不接受的理由"), required=False, when=("rejectedBy", ("HER", "OTHER")))

    groups: ClassVar = (
        Group(
            N_("调解员"),
            ("mediator", "chosenBy", "rejectedBy", "rejectReason"),
            "",
            N_("一方不接受的，另请一名，不必说明理由。"),
        ),
    )


class Rights(FormSchema):
    """What the mediator tells both sides before anything else."""

    toldOn = Day(N_("告知日期"))
    rightsTold = Tick(wording.RIGHTS_TEXT, must=N_("请先向双方告知权利，再勾选"), clause="RML20")
    noTies = Tick(
        wording.NO_TIES, must=N_("与一方有亲属、同住或者利害关系的不能调解，请退回另选调解员"), clause="RML19"
    )
    open = YesNo(N_("双方要求公开进行"))

    groups: ClassVar = (Group(N_("告知权利"), ("toldOn", "rightsTold", "noTies", "open")),)


REFERRED = SchemaForm("referred", N_("转入调解的事项"), Referred())
CONSENT_HER = SchemaForm("consent_her", N_("她的调解意愿"), ConsentHer())
CONSENT_OTHER = SchemaForm("consent_other", N_("对方的调解意愿"), ConsentOther())
APPOINT = SchemaForm("appoint_mediator", N_("确定调解员"), Appoint())
RIGHTS = SchemaForm("rights_told", N_("告知权利"), Rights(), signed=True)
