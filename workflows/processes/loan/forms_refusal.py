"""L-07, the refusal a person confirms and hands over (个人信息保护法 24), and the lapse a person confirms."""
# ruff: noqa: N815 - field names are the JSON contract of processes.md §1

from __future__ import annotations

from typing import ClassVar

from engine.messages import N_
from workflows.form import SchemaForm
from workflows.form_fields import Choice, LongText, Tick, YesNo
from workflows.form_measures import Day
from workflows.form_schema import FormSchema, Group
from workflows.processes.loan import wording


class ConfirmRefusal(FormSchema):
    """L-07 不予推荐告知书: reasons and complaint path start from what was decided; the township words and delivers them."""

    reasons = LongText(
        N_("不予推荐的理由"), shortest=6, hint=N_("逐条写明依据，可在系统给出的文字上补充"), clause="PIPL24"
    )
    confirmed = Tick(
        N_("本人已人工复核以上理由，不是仅由系统自动作出的决定"),
        must=N_("不予推荐必须由人复核确认（《个人信息保护法》第24条）"),
        clause="PIPL24",
    )
    complaintPath = LongText(N_("异议和申诉途径"), shortest=6)
    deliveredOn = Day(N_("告知日期"))
    deliveredHow = Choice(N_("告知方式"), wording.DELIVERY)
    applicantObjects = YesNo(N_("申请人提出异议"), hint=N_("提出异议的，由乡镇妇联重新审核"))
    objection = LongText(N_("申请人的异议"), when=("applicantObjects", (True,)))

    groups: ClassVar = (
        Group(N_("理由"), ("reasons", "confirmed", "complaintPath"), "L-07"),
        Group(N_("告知和异议"), ("deliveredOn", "deliveredHow", "applicantObjects", "objection"), "L-07"),
    )


class ConfirmLapse(FormSchema):
    """The correction period has run out; a timeout never closes a case by itself."""

    contactedOn = Day(N_("联系申请人的日期"))
    decision = Choice(N_("处理"), wording.LAPSE)
    reason = LongText(N_("情况说明"), shortest=4)

    groups: ClassVar = (Group(N_("补正逾期"), ("contactedOn", "decision", "reason")),)


CONFIRM_REFUSAL = SchemaForm("confirm_refusal", N_("不予推荐告知书"), ConfirmRefusal(), ("L-07",))
CONFIRM_LAPSE = SchemaForm("confirm_lapse", N_("补正逾期确认"), ConfirmLapse())
