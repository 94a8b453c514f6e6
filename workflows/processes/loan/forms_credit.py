"""L-05, the credit union's decision, what the applicant says to a smaller amount, and the supplement before the stamp."""
# ruff: noqa: N815 - field names are the JSON contract of processes.md §1

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from engine.messages import N_, Message
from workflows.form import SchemaForm
from workflows.form_fields import Choice, LongText, Paper, Text, Tick, YesNo
from workflows.form_measures import Day, Money, Rate, Whole
from workflows.form_schema import FormSchema, Group, Slots
from workflows.processes.loan import wording

if TYPE_CHECKING:
    from engine.process_type import Answers, Problems

_AGREED = ("decision", ("AGREE", "AGREE_LESS"))
_NOT_AGREED = ("decision", ("AGREE_LESS", "RETURN", "REFUSE"))
_RELEASED = ("released", ("1", "2", "3"))


class Credit(FormSchema):
    """L-05 信用社审批表. Amounts against the application: `examine`."""

    receivedOn = Day(N_("收到材料日期"))
    creditCheck = Choice(N_("信用状况"), wording.CREDIT_CHECK)
    onceCheck = YesNo(N_("经信用社查询，以前没有享受过妇女小额担保贷款或仍有次数"), clause="S001-50")
    conflictDeclared = Tick(
        N_("本人及近亲属与申请人、担保人没有亲属或利害关系"),
        must=N_("有亲属或利害关系的不能签字，请退出，由其他信贷员办理；没有的请勾选"),
        clause="D3",
    )
    decision = Choice(N_("审批决定"), wording.CREDIT_DECISION, clause="S001-55")
    approvedAmount = Money(N_("批准金额"), when=_AGREED, positive=True, clause="S001-51")
    rate = Rate(N_("利率"), when=_AGREED)
    termMonths = Whole(N_("批准期限"), when=_AGREED, least=1, most=600, unit=N_("个月"))
    decidedOn = Day(N_("审批日期"))
    officer = Text(N_("经办信贷员"), required=False, hint=N_("与签字人不同时填写"))
    reason = LongText(N_("减少、退回或不同意的理由"), when=_NOT_AGREED, hint=N_("将原样告知申请人"))

    groups: ClassVar = (
        Group(N_("受理和查询"), ("receivedOn", "creditCheck", "onceCheck"), "L-05"),
        Group(
            N_("审批决定"),
            ("conflictDeclared", "decision", "approvedAmount", "rate", "termMonths", "decidedOn", "officer", "reason"),
            "L-05",
            wording.SIGNING_MEANS,
        ),
    )

    def rules(self, values: Answers) -> Problems:
        """Agreeing needs a clean answer to “once”; nothing is decided before it was received."""
        problems: Problems = {}
        if values["decision"] in _AGREED[1] and values["onceCheck"] is False:
            text = N_("信用社查询到已享受过，不能同意——依据：{source}")
            problems["onceCheck"] = [Message(text, {"source": wording.source("S001-50")})]
        if values["receivedOn"] and values["decidedOn"] and values["decidedOn"] < values["receivedOn"]:
            problems["decidedOn"] = [Message(N_("审批日期不能早于收到材料日期"))]
        return problems


class AcceptLess(FormSchema):
    """The applicant's answer to AGREE_LESS, typed for her; a guarantor leaves only in writing (L31)."""

    accepts = YesNo(N_("申请人接受减少后的金额"), hint=N_("不接受的，本次申请按撤回处理，不占用享受次数"), clause="G4")
    confirmation = Paper(N_("申请人签名的确认书"), required=False)
    released = Choice(
        N_("书面解除担保的担保人"),
        (("1", N_("第 1 位担保人")), ("2", N_("第 2 位担保人")), ("3", N_("第 3 位担保人"))),
        required=False,
        when=("accepts", (True,)),
        hint=N_("没有书面解除的，所有担保人继续担保"),
        clause="S001-54",
    )
    releaseLetter = Paper(N_("解除担保的书面文件"), when=_RELEASED)
    note = LongText(N_("说明"), required=False)

    groups: ClassVar = (
        Group(N_("申请人意见"), ("accepts", "confirmation"), "L-05"),
        Group(N_("担保人"), ("released", "releaseLetter", "note"), "L-02"),
    )


class GuarantorPapers(FormSchema):
    """The papers of one guarantor."""

    proof = Paper(N_("工资证明或存单复印件"), required=False, clause="S001-53")
    signedPledge = Paper(N_("签名的承诺书（L-02）"), required=False, clause="S001-55")

    groups: ClassVar = (Group(N_("担保人"), ("proof", "signedPledge")),)


class Supplement(FormSchema):
    """What A_FormsComplete found missing is uploaded here, under the same names as in the application (S001-55)."""

    unemploymentEvidence = Paper(N_("未就业证明"), required=False, clause="S001-52")
    guarantors = Slots(N_("担保人材料"), GuarantorPapers, required=False, most=3, item=N_("担保人"))
    note = LongText(N_("补了什么"))

    groups: ClassVar = (
        Group(N_("补交材料"), ("unemploymentEvidence", "guarantors"), "L-02"),
        Group(N_("说明"), ("note",)),
    )


CREDIT = SchemaForm("credit", N_("信用社审批表"), Credit(), ("L-05",), signed=True)
ACCEPT_LESS = SchemaForm("accept_less", N_("减少金额确认"), AcceptLess(), ("L-05",))
SUPPLEMENT = SchemaForm("supplement", N_("补齐材料"), Supplement(), ("L-02",))
