"""How an item ends: outcome, P-07, delivery, satisfaction asked by another, tracking, closing, and the wish to withdraw."""
# ruff: noqa: N815 - field names are the JSON contract of processes.md §2

from __future__ import annotations

from typing import ClassVar

from engine.messages import N_
from workflows.form import SchemaForm
from workflows.form_fields import Choice, LongText, Paper, Tick, YesNo
from workflows.form_measures import Day
from workflows.form_schema import FormSchema, Group
from workflows.processes.petition import wording
from workflows.processes.petition.danger import DANGER, DangerSeen

_WITH_P07 = ("outcome", tuple(code for code, _ in wording.DECIDED if code != "WITHDRAWN"))


class HandleNow(FormSchema):
    """Settled at the window: an outcome and an answer she has heard or read (S002-12)."""

    outcome = Choice(N_("办理结果"), wording.AT_WINDOW, clause="S004-24")
    answer = LongText(N_("答复她的内容"), shortest=4)
    legalAdvice = Tick(N_("提供了法律咨询"))
    counselling = Tick(N_("进行了心理疏导"))
    answeredOn = Day(N_("答复日期"))
    herReply = LongText(N_("她的回应"), shortest=1, hint=N_("口头的照原话记"))

    groups: ClassVar = (
        Group(N_("当场办理"), ("outcome", "answer", "legalAdvice", "counselling", "answeredOn", "herReply")),
    )


class Decide(FormSchema):
    """P-07 信访处理意见书, signed by who handles it (条例 32); withdrawing leads to a private talk first."""

    outcome = Choice(N_("处理结果"), wording.DECIDED, clause="S004-24")
    text = LongText(N_("处理意见"), shortest=6, longest=6000, when=_WITH_P07, clause="条例32")
    law = LongText(N_("法律政策依据"), shortest=2, when=_WITH_P07, clause="条例32")
    onward = LongText(
        N_("告知的其他途径"),
        shortest=4,
        when=("outcome", ("NOT_AGREED", "LED_ON", "NOT_SUPPORTED")),
        hint=N_("诉讼、仲裁、法律援助等"),
    )
    withdrawalWords = LongText(N_("她要求撤回的原话"), shortest=2, when=("outcome", ("WITHDRAWN",)))

    groups: ClassVar = (
        Group(N_("处理意见"), ("outcome", "text", "law", "onward", "withdrawalWords"), "P-07", wording.SIGNING_MEANS),
    )


class Deliver(FormSchema):
    """P-07 reaches her; her thirty days for a review begin (条例 35)."""

    deliveredOn = Day(N_("送达日期"), clause="条例35")
    way = Choice(N_("送达方式"), wording.NOTICE_HOW, clause="D4")
    receiptKind = Choice(N_("送达回证"), wording.RECEIPT)
    receipt = Paper(N_("送达回证"), required=False)
    noReceiptReason = LongText(N_("没有回证的理由"), shortest=4, when=("receiptKind", ("NONE",)))
    reviewTold = Tick(
        N_("已告知可以申请复查及期限"),
        must=N_("送达时必须告知复查的权利和 30 日期限（《信访工作条例》第三十五条）"),
        when=("way", wording.REACHED),
        clause="条例35",
    )

    groups: ClassVar = (
        Group(
            N_("送达"),
            ("deliveredOn", "way", "receiptKind", "receipt", "noReceiptReason", "reviewTold"),
            "P-07",
            wording.HER_RIGHTS,
        ),
    )


class Answer(DangerSeen):
    """Whether she has her answer, and how satisfied she is: asked by somebody who did not handle it (S003-6)."""

    askedBy = Choice(N_("怎样回访"), wording.ASKED_BY, clause="S003-6")
    askedOn = Day(N_("回访日期"))
    hasAnswer = YesNo(N_("她已经得到答复"), clause="S004-24", when=("askedBy", ("OTHER_STAFF", "HERSELF")))
    satisfaction = Choice(N_("满意度"), wording.SATISFACTION, when=("askedBy", ("OTHER_STAFF", "HERSELF")))
    words = LongText(N_("她的意见"), required=False)
    noContactReason = LongText(N_("没有回访的理由"), shortest=4, when=("askedBy", ("NO_CONTACT",)))

    groups: ClassVar = (
        Group(
            N_("回访"),
            ("askedBy", "askedOn", "hasAnswer", "satisfaction", "words", "noContactReason"),
            help=N_("由没有承办这件事的人问；愿不愿意评价由她决定。"),
        ),
        DANGER,
    )


class Track(FormSchema):
    """The first who was asked sees it through, wherever it goes (S002-10)."""

    confirmed = Tick(
        N_("已核对：她得到了最终答复"), must=N_("有最终答复以后才能结束跟踪（首问负责制）"), clause="S002-10"
    )
    note = LongText(N_("跟踪情况"), required=False)

    groups: ClassVar = (Group(N_("首问跟踪"), ("confirmed", "note")),)


class Close(FormSchema):
    """P-12 结案报告: only with an outcome and an answer (S004-24)."""

    summary = LongText(N_("办理概要"), shortest=4)
    lesson = LongText(N_("需要研判的问题"), required=False)
    confirmed = Tick(
        N_("有结果、有答复、材料齐全"), must=N_("件件有着落、事事有回应：核对结果和答复后才能结案"), clause="S004-24"
    )

    groups: ClassVar = (Group(N_("结案"), ("summary", "lesson", "confirmed"), "P-12"),)


class WithdrawCheck(DangerSeen):
    """Asked alone: does she want this herself (processes.md §2, withdrawal)."""

    askedOn = Day(N_("单独询问的日期"))
    askedAlone = Tick(N_("只有她本人在场"), must=N_("撤回须单独询问本人，不当着家人或对方当事人的面"), clause="D4")
    pressed = YesNo(N_("怀疑受到压力、威胁或交换条件"))
    stillWants = YesNo(N_("她本人仍要撤回"))
    words = LongText(N_("她的原话"), shortest=2)
    safetyTold = Tick(N_("已说明随时可以再来、安全办法"))

    groups: ClassVar = (
        Group(
            N_("撤回询问"),
            ("askedOn", "askedAlone", "pressed", "stillWants", "words", "safetyTold"),
            help=wording.ASKED_ALONE,
        ),
        DANGER,
    )


class FollowUp(DangerSeen):
    """Thirty days later, alone and by the safe way: how is she, what does she want."""

    followedOn = Day(N_("随访日期"))
    result = Choice(N_("情况"), wording.FOLLOW_UP)
    note = LongText(N_("说明"), shortest=2)

    groups: ClassVar = (Group(N_("撤回后 30 日随访"), ("followedOn", "result", "note")), DANGER)


HANDLE_NOW = SchemaForm("handle_now", N_("当场办理记录"), HandleNow())
DECIDE = SchemaForm("decide", N_("信访处理意见书"), Decide(), ("P-07",), signed=True)
DELIVER = SchemaForm("deliver", N_("送达登记"), Deliver())
ANSWER = SchemaForm("answer", N_("回访评价"), Answer())
TRACK = SchemaForm("track", N_("首问跟踪"), Track())
CLOSE = SchemaForm("close", N_("结案报告"), Close(), ("P-12",))
WITHDRAW_CHECK = SchemaForm("withdraw_check", N_("撤回询问记录"), WithdrawCheck())
FOLLOW_UP = SchemaForm("followup", N_("撤回随访记录"), FollowUp())
CLOSE_FORMS = (HANDLE_NOW, DECIDE, DELIVER, ANSWER, TRACK, CLOSE, WITHDRAW_CHECK, FOLLOW_UP)
