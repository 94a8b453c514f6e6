"""The forms of review and recheck: what she asked, what the higher federation says (P-08), and that it reached her."""
# ruff: noqa: N815 - field names are the JSON contract of processes.md §2

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from engine.messages import N_
from workflows.form import SchemaForm
from workflows.form_fields import Choice, LongText, Paper, Text, Tick
from workflows.form_measures import Day
from workflows.form_schema import FormSchema, Group
from workflows.processes.loan.wording import SIGNING_MEANS
from workflows.processes.petition.wording import NOTICE_HOW, REACHED
from workflows.processes.petition_review import wording

if TYPE_CHECKING:
    from workflows.form_fields import When

_CAME: When = ("asked", ("ASKED", "LATE"))
_LATE: When = ("asked", ("LATE",))
_SAID: When = ("result", tuple(code for code, _ in wording.RESULT))


class Window(FormSchema):
    """Whether she asked for a review (or recheck), in time, too late, or not at all."""

    asked = Choice(N_("是否申请"), wording.ASKED, clause="条例35")
    handedOn = Day(
        N_("她后来收到意见书的日期"),
        required=False,
        hint=N_("只有当时按安全联系规定没有送达的才填"),
        clause="条例35",
    )
    askedOn = Day(N_("提出申请的日期"), when=_CAME, hint=N_("信件以邮戳日期为准"))
    reasons = LongText(N_("申请的事实和理由"), shortest=4, when=_CAME)
    request = Paper(N_("书面申请"), required=False)
    explained = LongText(N_("怎样向她说明"), shortest=4, when=_LATE, hint=N_("说明期限、依据，以及还可以走的途径"))
    helpOffered = LongText(N_("仍提供的帮助"), shortest=2, when=_LATE)

    groups: ClassVar = (
        Group(N_("申请"), ("handedOn", "asked", "askedOn", "reasons", "request")),
        Group(N_("超过期限的"), ("explained", "helpOffered"), "P-03L"),
    )


class Opinion(FormSchema):
    """P-08 复查意见书, signed by the next higher federation."""

    result = Choice(N_("复查意见"), wording.RESULT, clause="条例35")
    text = LongText(N_("事实和理由"), shortest=6, longest=6000, clause="条例35")
    law = LongText(N_("法律政策依据"), shortest=2)

    groups: ClassVar = (Group(N_("复查意见"), ("result", "text", "law"), "P-08", SIGNING_MEANS),)


class Recheck(FormSchema):
    """P-08 复核意见书; a hearing may come first, and its time is not counted (条例 36)."""

    result = Choice(N_("复核意见"), wording.RECHECK, clause="条例36")
    text = LongText(N_("事实和理由"), shortest=6, longest=6000, when=_SAID, clause="条例36")
    law = LongText(N_("法律政策依据"), shortest=2, when=_SAID)
    hearingOn = Day(N_("听证日期"), when=("result", ("HEARING",)))

    groups: ClassVar = (Group(N_("复核意见"), ("result", "text", "law", "hearingOn"), "P-08F", SIGNING_MEANS),)


class Outside(FormSchema):
    """A higher federation that does not work in this installation: its paper is entered as it came."""

    body = Text(N_("作出意见的妇联"))
    sentOn = Day(N_("书面报送日期"))
    result = Choice(N_("意见"), wording.RESULT)
    text = LongText(N_("意见内容"), shortest=6, longest=6000)
    receivedOn = Day(N_("收到日期"))
    letter = Paper(N_("意见书（扫描件）"))

    groups: ClassVar = (Group(N_("上级意见"), ("body", "sentOn", "result", "text", "receivedOn", "letter")),)


class Delivered(FormSchema):
    """The letter reaches her, and with it her next right."""

    deliveredOn = Day(N_("送达日期"))
    way = Choice(N_("送达方式"), NOTICE_HOW, clause="D4")
    receipt = Paper(N_("送达回证"), required=False)
    noReceiptReason = LongText(N_("没有回证的理由"), required=False)
    told = Tick(
        N_("已告知可以申请复核及期限"),
        must=N_("送达时必须告知复核的权利和 30 日期限（《信访工作条例》第三十六条）"),
        when=("way", REACHED),
        clause="条例36",
    )

    groups: ClassVar = (Group(N_("送达"), ("deliveredOn", "way", "receipt", "noReceiptReason", "told")),)


class LastDelivered(FormSchema):
    """The recheck reaches her: the same facts are not accepted again, help is still offered (条例 36)."""

    deliveredOn = Day(N_("送达日期"))
    way = Choice(N_("送达方式"), NOTICE_HOW, clause="D4")
    receipt = Paper(N_("送达回证"), required=False)
    noReceiptReason = LongText(N_("没有回证的理由"), required=False)
    told = Tick(
        N_("已说明同一事实和理由不再受理"),
        must=N_("须说明复核意见是最后的意见（《信访工作条例》第三十六条）"),
        when=("way", REACHED),
        clause="条例36",
    )
    helpOffered = LongText(N_("仍提供的帮助"), shortest=2)

    groups: ClassVar = (Group(N_("送达"), ("deliveredOn", "way", "receipt", "noReceiptReason", "told", "helpOffered")),)


class CarryOut(FormSchema):
    """What the unit did after its decision was changed or revoked."""

    doneOn = Day(N_("办理日期"))
    done = LongText(N_("怎样按复查意见办理"), shortest=4)
    answered = LongText(N_("给她的答复"), shortest=4)

    groups: ClassVar = (Group(N_("落实复查意见"), ("doneOn", "done", "answered")),)


class Hearing(FormSchema):
    """A hearing; its days are not counted."""

    heldOn = Day(N_("听证日期"), clause="条例36")
    place = Text(N_("地点"))
    attended = LongText(N_("参加人"))
    record = LongText(N_("听证意见"), shortest=4, longest=6000)
    minutes = Paper(N_("听证笔录（签名扫描件）"))

    groups: ClassVar = (Group(N_("听证"), ("heldOn", "place", "attended", "record", "minutes")),)


REVIEW_WINDOW = SchemaForm("review_window", N_("复查申请登记"), Window(), ("P-03L",))
REVIEW = SchemaForm("review", N_("复查意见书"), Opinion(), ("P-08",), signed=True)
REVIEW_OUTSIDE = SchemaForm("review_outside", N_("上级复查结果登记"), Outside())
REVIEW_DELIVERED = SchemaForm("review_delivered", N_("复查意见送达登记"), Delivered())
CARRY_OUT = SchemaForm("carry_out", N_("复查意见落实登记"), CarryOut())
RECHECK_WINDOW = SchemaForm("recheck_window", N_("复核申请登记"), Window(), ("P-03L",))
RECHECK = SchemaForm("recheck", N_("复核意见书"), Recheck(), ("P-08F",), signed=True)
RECHECK_OUTSIDE = SchemaForm("recheck_outside", N_("上级复核结果登记"), Outside())
HEARING = SchemaForm("hearing", N_("听证记录"), Hearing())
RECHECK_DELIVERED = SchemaForm("recheck_delivered", N_("复核意见送达登记"), LastDelivered())

FORMS = {
    form.key: form
    for form in (
        REVIEW_WINDOW,
        REVIEW,
        REVIEW_OUTSIDE,
        REVIEW_DELIVERED,
        CARRY_OUT,
        RECHECK_WINDOW,
        RECHECK,
        RECHECK_OUTSIDE,
        HEARING,
        RECHECK_DELIVERED,
    )
}
