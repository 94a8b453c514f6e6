"""The forms of the time after a loan: what the village, the township, the credit union and the county record."""
# ruff: noqa: N815 - field names are the JSON contract of processes.md §1

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from engine.messages import N_, Message
from workflows.form import SchemaForm
from workflows.form_fields import Choice, LongText, Paper, Text, Tick, YesNo
from workflows.form_measures import Day, Money, Whole
from workflows.form_schema import FormSchema, Group, Slots
from workflows.processes.loan.wording import SIGNING_MEANS
from workflows.processes.loan_after import wording

if TYPE_CHECKING:
    from engine.process_type import Answers, Problems

_MET = ("met", (True,))


class Visit(FormSchema):
    """L-09 贷后走访记录."""

    occasion = Choice(N_("走访类别"), wording.OCCASION, clause="P1")
    visitedOn = Day(N_("走访日期"))
    met = YesNo(N_("见到了借款人本人"))
    project = Choice(N_("项目情况"), wording.PROJECT)
    jobsNow = Whole(N_("现有用工人数"), least=0, most=9999, unit=N_("人"))
    outlook = Choice(N_("还款打算"), wording.OUTLOOK, when=_MET)
    difficulties = LongText(N_("困难"), required=False)
    needs = LongText(N_("需要的帮助"), required=False)
    note = LongText(N_("走访情况"), shortest=5)
    photos = Paper(N_("现场照片"), required=False)

    groups: ClassVar = (
        Group(N_("走访"), ("occasion", "visitedOn", "met", "project", "jobsNow", "outlook"), "L-09"),
        Group(N_("情况和需要"), ("difficulties", "needs", "note", "photos"), "L-09", SIGNING_MEANS),
    )


class Remind(FormSchema):
    """L-10: what became of the letter that was printed for her. Nothing is sent by itself (D4)."""

    method = Choice(N_("送达情况"), wording.DELIVERY, clause="D4")
    deliveredOn = Day(N_("日期"))
    answer = Choice(N_("还款打算"), wording.OUTLOOK, when=("method", ("IN_PERSON", "BY_PHONE")))
    note = LongText(N_("说明"), required=False)
    receipt = Paper(N_("签收的回执"), required=False)

    groups: ClassVar = (Group(N_("提醒"), ("method", "deliveredOn", "answer", "note", "receipt"), "L-10"),)


class Repayment(FormSchema):
    """One payment, as the credit union booked it."""

    paidOn = Day(N_("还款日期"))
    principal = Money(N_("本次归还本金"), clause="B5")
    interest = Money(N_("本次支付利息"), required=False)
    receiptNo = Text(N_("凭证号"), required=False, longest=60)
    note = LongText(N_("说明"), required=False)
    proof = Paper(N_("还款或结清凭证"), required=False)

    groups: ClassVar = (Group(N_("还款"), ("paidOn", "principal", "interest", "receiptNo", "note", "proof")),)

    def rules(self, values: Answers) -> Problems:
        """Something must have been paid."""
        if values["principal"] is not None and not values["principal"] and not values["interest"]:
            return {"principal": [Message(N_("本金和利息都是 0：没有还款不用登记"))]}
        return {}


class Extension(FormSchema):
    """The borrower asks for more time; the credit officer must agree before the county is asked."""

    askedOn = Day(N_("申请日期"))
    newDueOn = Day(N_("申请展期至"), clause="B5")
    reason = LongText(N_("申请理由"), shortest=5)
    creditAgrees = Tick(N_("信用社同意展期"), must=N_("信用社不同意展期的，不用报县妇联；同意的请勾选"), clause="B5")
    guarantorsAgree = YesNo(
        N_("担保人书面同意为展期后的贷款继续担保"),
        hint=N_("没有书面同意的，保证期间仍从原到期日算起"),
        clause="CC695",
    )
    consent = Paper(N_("担保人的书面同意"), when=("guarantorsAgree", (True,)))

    groups: ClassVar = (
        Group(N_("展期申请"), ("askedOn", "newDueOn", "reason", "creditAgrees", "guarantorsAgree", "consent")),
    )


class ExtensionDecision(FormSchema):
    """The county decides on the extension; once for each loan, without subsidy."""

    decision = Choice(N_("审批意见"), wording.APPROVE, clause="B5")
    reason = LongText(N_("不同意的理由"), when=("decision", ("REFUSE",)))

    groups: ClassVar = (Group(N_("展期审批"), ("decision", "reason"), "", SIGNING_MEANS),)


class JointPlan(FormSchema):
    """County and credit union, sixty days overdue: why, and who does what."""

    metOn = Day(N_("会商日期"))
    cause = LongText(N_("逾期原因"), shortest=5)
    arrangement = LongText(N_("还款安排"), shortest=5)
    duties = LongText(N_("分工和时间"), shortest=5)

    groups: ClassVar = (Group(N_("联合清收方案"), ("metOn", "cause", "arrangement", "duties"), "", SIGNING_MEANS),)


class AgreePlan(FormSchema):
    """The credit union puts its hand to the plan."""

    agrees = Tick(N_("同意联合清收方案，按分工办理"), must=N_("请与县妇联商定方案后再会签；同意的请勾选"))
    remark = LongText(N_("会签意见"), required=False)

    groups: ClassVar = (Group(N_("会签"), ("agrees", "remark"), "", SIGNING_MEANS),)


class GuarantorNotice(FormSchema):
    """One guarantor who was told in writing."""

    name = Text(N_("担保人姓名"), longest=60)
    method = Choice(N_("送达方式"), wording.NOTICE_TO_GUARANTOR, clause="CC692")
    deliveredOn = Day(N_("送达日期"), clause="CC692")

    groups: ClassVar = (Group(N_("担保人"), ("name", "method", "deliveredOn")),)


class TellGuarantors(FormSchema):
    """L-10 to the guarantors: every one of them, in writing, within the guarantee period (民法典 692)."""

    notices = Slots(N_("担保人"), GuarantorNotice, most=2, item=N_("担保人"))
    lateReason = LongText(N_("超过保证期间才送达的原因"), required=False)
    receipts = Paper(N_("签收的回执"), required=False)

    groups: ClassVar = (Group(N_("书面通知"), ("notices", "lateReason", "receipts"), "L-10G"),)


class DefaultDecision(FormSchema):
    """Default is decided by a person, never by a clock; 代偿 is recorded with it."""

    decision = Choice(N_("决定"), wording.DEFAULT, clause="B5")
    compensatedOn = Day(N_("代偿日期"), when=("decision", ("DEFAULT",)))
    compensation = Money(N_("代偿金额"), positive=True, when=("decision", ("DEFAULT",)))
    reference = Text(N_("代偿凭证号"), required=False, when=("decision", ("DEFAULT",)), longest=60)
    reason = LongText(N_("理由"), shortest=5)

    groups: ClassVar = (
        Group(N_("违约处理"), ("decision", "compensatedOn", "compensation", "reference", "reason"), "", SIGNING_MEANS),
    )


VISIT = SchemaForm("visit", N_("贷后走访记录"), Visit(), ("L-09",), signed=True)
REMIND = SchemaForm("remind", N_("催收通知送达登记"), Remind(), ("L-10",))
REPAYMENT = SchemaForm("repayment", N_("还款登记"), Repayment())
EXTENSION = SchemaForm("extension", N_("展期申请"), Extension())
EXTENSION_DECISION = SchemaForm("extension_decision", N_("展期审批"), ExtensionDecision(), signed=True)
JOINT_PLAN = SchemaForm("joint_plan", N_("联合清收方案"), JointPlan(), signed=True)
AGREE_PLAN = SchemaForm("agree_plan", N_("联合清收方案会签"), AgreePlan(), signed=True)
TELL_GUARANTORS = SchemaForm("tell_guarantors", N_("担保人通知送达登记"), TellGuarantors(), ("L-10G",))
DEFAULT_DECISION = SchemaForm("default_decision", N_("违约处理决定"), DefaultDecision(), signed=True)

FORMS = {
    form.key: form
    for form in (
        VISIT,
        REMIND,
        REPAYMENT,
        EXTENSION,
        EXTENSION_DECISION,
        JOINT_PLAN,
        AGREE_PLAN,
        TELL_GUARANTORS,
        DEFAULT_DECISION,
    )
}
