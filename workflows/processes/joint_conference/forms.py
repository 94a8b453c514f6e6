"""The forms of a joint conference: invitation, reports, minutes (V-09), their issue, and what became of each decision."""
# ruff: noqa: N815 - field names are the JSON contract of processes.md §8

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from engine.messages import N_, Message
from workflows.form import SchemaForm
from workflows.form_fields import Choice, LongText, Paper, PersonName, Text, Tick, YesNo
from workflows.form_measures import Day, Whole
from workflows.form_schema import FormSchema, Group, Slots
from workflows.processes.joint_conference import wording

if TYPE_CHECKING:
    from engine.process_type import Answers, Problems

_NO_NAMES = N_("只写编号，不写姓名、住址和其他能认出人的内容")


class Referred(FormSchema):
    """What the matter that needs the conference tells it: no name."""

    type = Choice(N_("会议类型"), wording.TYPE, clause="P8")
    sourceNumber = Text(N_("原事项编号"), required=False, longest=60)
    subject = Text(N_("议题"))
    question = LongText(N_("需要会上解决什么"), hint=_NO_NAMES)

    groups: ClassVar = (Group(N_("移交的议题"), ("type", "sourceNumber", "subject", "question")),)


class Member(FormSchema):
    """One body that is asked, and whom it sends."""

    body = Choice(N_("单位"), wording.BODY, clause="P8")
    named = Text(N_("单位名称"), when=("body", ("OTHER", "GOVERNMENT", "VILLAGE")))
    person = PersonName(N_("出席人"))
    duty = Text(N_("职务"), required=False)
    pledged = Tick(N_("已签保密承诺"), must=N_("没有签保密承诺的不能参加会议"), clause="P8")

    groups: ClassVar = (Group(N_("成员单位"), ("body", "named", "person", "duty", "pledged")),)


class Convene(FormSchema):
    """The invitation. She is asked beforehand what may be shared (个人信息保护法 23)."""

    type = Choice(N_("会议类型"), wording.TYPE, clause="P8")
    meetsOn = Day(N_("开会日期"))
    place = Text(N_("地点"), hint=N_("不在当事人住处，不让外人进出的地方"))
    agenda = LongText(N_("议题"), hint=_NO_NAMES)
    herWish = Choice(N_("当事人的意见"), wording.WISH, clause="PIPL23")
    sharing = LongText(N_("可以告诉哪些单位、哪些内容"), when=("herWish", ("LIMITED",)), clause="PIPL23")
    members = Slots(N_("成员单位"), Member, most=15, item=N_("单位"), clause="P8")
    pledges = Paper(N_("保密承诺书"), required=False)

    groups: ClassVar = (
        Group(N_("会议"), ("type", "meetsOn", "place", "agenda")),
        Group(N_("能说什么"), ("herWish", "sharing")),
        Group(N_("成员单位"), ("members", "pledges")),
    )

    def rules(self, values: Answers) -> Problems:
        """More than one body makes a conference; a matter of a person asks her first."""
        problems: Problems = {}
        others = [each for each in values["members"] or () if each["body"] != "FEDERATION"]
        if values["members"] and not others:
            problems["members"] = [Message(N_("联席会议至少要有一个妇联以外的单位参加（P8）"))]
        if values["herWish"] == "NO_PERSON" and values["type"] in ("PETITION", "RISK"):
            text = N_("这次会议涉及个人，会前须问过当事人哪些可以告诉哪个单位（个人信息保护法第二十三条）")
            problems["herWish"] = [Message(text)]
        return problems


class Report(FormSchema):
    """What one body knows, in its own words; nobody reports for another."""

    body = Choice(N_("单位"), wording.BODY)
    came = Choice(N_("情况说明"), wording.CAME)
    gist = LongText(N_("掌握的情况和已做的工作"), when=("came", ("PRESENT", "WRITTEN")), hint=_NO_NAMES)
    absentReason = LongText(N_("没有说明的原因"), when=("came", ("ABSENT",)))

    groups: ClassVar = (Group(N_("单位"), ("body", "came", "gist", "absentReason")),)


class Reports(FormSchema):
    """The reports of all bodies that were asked, or why the conference was called off."""

    held = Choice(N_("会议"), wording.HELD)
    reason = LongText(N_("取消的理由"), when=("held", ("CALLED_OFF",)))
    reports = Slots(N_("各单位情况"), Report, most=15, item=N_("单位"), when=("held", ("HELD",)), clause="P8")
    papers = Paper(N_("书面材料"), required=False)

    groups: ClassVar = (Group(N_("各单位情况"), ("held", "reason", "reports", "papers")),)


class Decided(FormSchema):
    """One decision: what, who, until when, and whether it is safe."""

    action = LongText(N_("做什么"), shortest=4, hint=_NO_NAMES)
    owner = Choice(N_("牵头单位"), wording.BODY)
    dueOn = Day(N_("完成期限"))
    safety = LongText(N_("安全核对"), hint=N_("这样做会不会让当事人更危险，怎样避免；没有风险的写“无”"))

    groups: ClassVar = (Group(N_("议定事项"), ("action", "owner", "dueOn", "safety")),)


class Minutes(FormSchema):
    """V-09 联席会议纪要."""

    heldOn = Day(N_("开会日期"))
    discussion = LongText(N_("讨论情况"), hint=_NO_NAMES)
    decisions = Slots(N_("议定事项"), Decided, most=15, item=N_("事项"), clause="P8")
    nextOn = Day(N_("下次会议日期"), required=False, hint=N_("高风险个案每 30 天议一次，直到降级"))

    groups: ClassVar = (Group(N_("纪要"), ("heldOn", "discussion", "decisions", "nextOn"), "V-09"),)

    def rules(self, values: Answers) -> Problems:
        """Nothing is due before it was decided."""
        problems: Problems = {}
        held = values["heldOn"]
        for each in values["decisions"] or ():
            if held and each["dueOn"] and each["dueOn"] < held:
                dates = {"seen": each["dueOn"].isoformat(), "limit": held.isoformat()}
                text = Message(N_("填写的是 {seen}，完成期限不得早于开会日期 {limit}"), dates)
                problems[f"decisions.{each['slot']}.dueOn"] = [text]
        if held and values["nextOn"] and values["nextOn"] <= held:
            dates = {"seen": values["nextOn"].isoformat(), "limit": held.isoformat()}
            problems["nextOn"] = [Message(N_("填写的是 {seen}，下次会议应在 {limit} 以后"), dates)]
        return problems


class Issue(FormSchema):
    """The head of the rights department issues the minutes."""

    issued = Choice(N_("意见"), wording.ISSUE)
    reason = LongText(N_("退回的理由"), when=("issued", ("RETURN",)))

    groups: ClassVar = (Group(N_("签发"), ("issued", "reason"), "V-09"),)


class SentTo(FormSchema):
    """That the minutes went to a body of which nothing was heard."""

    body = Choice(N_("单位"), wording.BODY)
    sentOn = Day(N_("送达日期"))
    way = Choice(N_("送达方式"), wording.SENT)

    groups: ClassVar = (Group(N_("单位"), ("body", "sentOn", "way")),)


class SendMinutes(FormSchema):
    """The minutes go to every body that neither came nor said a word: it is not taken to know them."""

    sent = Slots(N_("送达情况"), SentTo, most=15, item=N_("单位"), clause="P8")

    groups: ClassVar = (Group(N_("送达纪要"), ("sent",), "V-09"),)


class ReceiptOf(FormSchema):
    """Whether one of them has confirmed that it has them."""

    body = Choice(N_("单位"), wording.BODY)
    receipt = Choice(N_("回执"), wording.RECEIPT)
    receivedOn = Day(N_("签收日期"), when=("receipt", ("RECEIVED",)))
    signedBy = PersonName(N_("签收人"), when=("receipt", ("RECEIVED",)))
    remindedOn = Day(N_("催要日期"), when=("receipt", ("NOT_YET",)))
    reportedTo = Text(N_("报告给哪里"), when=("receipt", ("REPORTED",)))

    groups: ClassVar = (Group(N_("单位"), ("body", "receipt", "receivedOn", "signedBy", "remindedOn", "reportedTo")),)


class Receipts(FormSchema):
    """The receipts as they stand today."""

    receipts = Slots(N_("回执"), ReceiptOf, most=15, item=N_("单位"), clause="P8")
    scans = Paper(N_("回执（扫描件）"), required=False)

    groups: ClassVar = (Group(N_("纪要回执"), ("receipts", "scans")),)


class Result(FormSchema):
    """What became of one decision."""

    item = Whole(N_("议定事项第几项"), least=1, most=15)
    result = Choice(N_("结果"), wording.RESULT)
    note = LongText(N_("办理情况"), shortest=2)
    newDueOn = Day(N_("新的期限"), when=("result", ("NOT_YET",)))

    groups: ClassVar = (Group(N_("事项"), ("item", "result", "note", "newDueOn")),)


class Follow(FormSchema):
    """What became of every decision of one meeting, as it stands today."""

    heldOn = Day(N_("会议日期"))
    results = Slots(N_("办理结果"), Result, most=15, item=N_("事项"), clause="P8")
    papers = Paper(N_("证明材料"), required=False)

    groups: ClassVar = (Group(N_("办理结果"), ("heldOn", "results", "papers")),)


class ReportBack(FormSchema):
    """The result, for whoever leads the matter: she tells the person concerned, by her safe contact (D4)."""

    summary = LongText(N_("结果"), shortest=4, hint=_NO_NAMES)
    mayTell = LongText(N_("可以告诉当事人的内容"), required=False, hint=N_("由原事项承办人按安全联系约定告知"))
    meetsAgain = YesNo(N_("还要再开会"))
    endReason = LongText(N_("不再开会的理由"), when=("meetsAgain", (False,)), required=False)

    groups: ClassVar = (Group(N_("交回原事项"), ("summary", "mayTell", "meetsAgain", "endReason")),)


REFERRED = SchemaForm("referred", N_("移交的议题"), Referred())
CONVENE = SchemaForm("convene", N_("联席会议通知"), Convene())
REPORTS = SchemaForm("reports", N_("各单位情况说明"), Reports())
MINUTES = SchemaForm("minutes", N_("联席会议纪要"), Minutes(), ("V-09",))
ISSUE = SchemaForm("issue", N_("签发纪要"), Issue(), ("V-09",), signed=True)
MINUTES_SENT = SchemaForm("minutes_sent", N_("纪要送达登记"), SendMinutes())
MINUTES_RECEIPTS = SchemaForm("minutes_receipts", N_("纪要回执登记"), Receipts())
FOLLOW = SchemaForm("follow", N_("议定事项办理结果"), Follow())
REPORT_BACK = SchemaForm("report_back", N_("会议结果"), ReportBack())

FORMS = {
    form.key: form
    for form in (REFERRED, CONVENE, REPORTS, MINUTES, ISSUE, MINUTES_SENT, MINUTES_RECEIPTS, FOLLOW, REPORT_BACK)
}
