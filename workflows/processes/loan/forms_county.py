"""L-06: the county's final check, the stamp; then disbursement, and the question when it does not come."""
# ruff: noqa: N815 - field names are the JSON contract of processes.md §1

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from engine.messages import N_, Message, message
from workflows.form import SchemaForm
from workflows.form_fields import Choice, LongText, Paper, Text, Tick, YesNo
from workflows.form_measures import Day, Money, Rate, Whole
from workflows.form_schema import FormSchema, Group
from workflows.processes.loan import wording

if TYPE_CHECKING:
    from engine.process_type import Answers, Problems

_NOT_APPROVED = ("decision", ("RETURN", "REFUSE"))
_APPROVED = ("decision", ("APPROVE",))
_NO = N_("核准用印前必须核实属实（{clause}）；不属实的请选择退回或不予推荐")


class FinalCheck(FormSchema):
    """L-06 用印审批单. Eligibility and completeness are decided again by `examine`; both ages stand in its notes (L13)."""

    onceChecked = YesNo(N_("已再次查重，没有占用享受次数"), clause="S001-50")
    formsChecked = YesNo(N_("L-01 至 L-05 齐全，签字有效"), clause="S001-55")
    creditAgreed = YesNo(N_("信用社已同意，金额一致"), clause="S001-55")
    conflictDeclared = Tick(
        N_("本人及近亲属与申请人、担保人没有亲属或利害关系"),
        must=N_("有亲属或利害关系的不能签字，请退出，由系统转给他人办理；没有的请勾选"),
        clause="D3",
    )
    villageRiskApproved = Tick(
        N_("本村违约率超过上限，县妇联已专门研究，同意继续推荐"),
        hint=N_("只在提示本村违约率超过上限时勾选"),
        clause="P1",
    )
    decision = Choice(N_("终审意见"), wording.FINAL_DECISION, clause="S001-55")
    sealCopies = Whole(N_("核准用印份数"), when=_APPROVED, least=1, most=20, unit=N_("份"), clause="SEAL1999")
    reason = LongText(N_("退回或不予推荐的理由"), when=_NOT_APPROVED)

    groups: ClassVar = (
        Group(N_("复核"), ("onceChecked", "formsChecked", "creditAgreed"), "L-06"),
        Group(
            N_("审批用印"),
            ("conflictDeclared", "villageRiskApproved", "decision", "sealCopies", "reason"),
            "L-06",
            wording.SIGNING_MEANS,
        ),
    )

    def rules(self, values: Answers) -> Problems:
        """Approving needs every check answered with yes."""
        if values["decision"] != "APPROVE":
            return {}
        told = message(_NO, clause=wording.source("S001-55"))
        return {name: [told] for name in ("onceChecked", "formsChecked", "creditAgreed") if values[name] is False}


class Stamp(FormSchema):
    """L-06 盖章登记: the last step before release (S001-55)."""

    sealRegisterNo = Text(N_("用印登记号"), longest=40, clause="SEAL1999")
    copies = Whole(N_("盖章份数"), least=1, most=20, unit=N_("份"))
    stampedOn = Day(N_("盖章日期"), hint=N_("不得早于任何一个签字的日期"), clause="S001-55")
    scan = Paper(N_("盖章后的表册扫描件"), clause="S001-55")

    groups: ClassVar = (Group(N_("用印登记"), ("sealRegisterNo", "copies", "stampedOn", "scan"), "L-06"),)


class Disburse(FormSchema):
    """The credit union's report that the money was paid out; here the woman's right is consumed (G4)."""

    contractNo = Text(N_("借款合同号"), longest=60)
    disbursedOn = Day(N_("放款日期"))
    amount = Money(N_("放款金额"), positive=True, clause="S001-51")
    dueOn = Day(N_("到期日期"))
    rate = Rate(N_("利率"))
    subsidyRate = Rate(N_("财政贴息利率"), required=False, clause="B5")
    contract = Paper(N_("借款合同复印件"), required=False)

    groups: ClassVar = (
        Group(
            N_("放款情况"), ("contractNo", "disbursedOn", "amount", "dueOn", "rate", "subsidyRate", "contract"), "L-06"
        ),
    )

    def rules(self, values: Answers) -> Problems:
        """A loan falls due after it was paid out."""
        if values["dueOn"] and values["disbursedOn"] and values["dueOn"] <= values["disbursedOn"]:
            return {"dueOn": [Message(N_("到期日期必须晚于放款日期"))]}
        return {}


class AskDisbursement(FormSchema):
    """Thirty days without a disbursement: the loan worker asks (processes.md §1 step 12)."""

    contactedOn = Day(N_("联系日期"))
    result = Choice(N_("情况"), wording.ASK_RESULT, clause="G4")
    note = LongText(N_("信用社和申请人的说明"))

    groups: ClassVar = (Group(N_("未放款的原因"), ("contactedOn", "result", "note")),)


FINAL_CHECK = SchemaForm("final_check", N_("终审与用印审批单"), FinalCheck(), ("L-06",), signed=True)
STAMP = SchemaForm("stamp", N_("盖章登记"), Stamp(), ("L-06",))
DISBURSE = SchemaForm("disburse", N_("放款登记"), Disburse())
ASK_DISBURSEMENT = SchemaForm("ask_disbursement", N_("未放款情况"), AskDisbursement())
