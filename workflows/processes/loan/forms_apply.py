"""L-01 application and L-02 guarantors' pledge: the form `apply`, typed for the woman by her village chair.

Form errors are slips: a number that cannot be, two entries that contradict each other. Age, amount and the other conditions
of the loan are not slips; they are decided by D1 and D2 (`decisions.py`) and explained with their clause.
"""

# ruff: noqa: N815 - field names are the JSON contract of processes.md §1

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from engine.messages import N_, Message
from workflows import people
from workflows.form import SchemaForm
from workflows.form_fields import Choice, IdCard, LongText, Paper, PersonName, Phone, Text, Tick, UnitRef, YesNo
from workflows.form_measures import Day, Money, Whole
from workflows.form_schema import FormSchema, Group, Slots
from workflows.processes.loan import wording

if TYPE_CHECKING:
    from engine.process_type import Answers, Problems

_NATURAL = ("party", ("NATURAL",))
_PAID = ("kind", wording.PAID_KINDS)
_DEPOSIT = ("kind", ("TIME_DEPOSIT",))
_ELSEWHERE = ("hukou", (0,))


class Guarantor(FormSchema):
    """One guarantor (L-02). A unit is let through here and refused by D2 with the law's reason (民法典 683)."""

    party = Choice(N_("担保人是"), wording.PARTY, clause="CC683")
    name = Text(N_("姓名"), longest=60)
    idcard = IdCard(N_("身份证号码"), when=_NATURAL)
    phone = Phone(N_("联系电话"), when=_NATURAL)
    kind = Choice(N_("担保人类别"), wording.GUARANTOR_KIND, when=_NATURAL, clause="S001-53")
    employer = Text(N_("工作单位"), when=_PAID)
    monthlyPay = Money(N_("月工资"), when=_PAID, positive=True)
    bank = Text(N_("存款银行"), when=_DEPOSIT)
    depositAmount = Money(N_("存单金额"), when=_DEPOSIT, positive=True)
    depositMaturity = Day(N_("存单到期日"), when=_DEPOSIT, hint=N_("不得早于贷款到期日"))
    relation = Choice(N_("与申请人关系"), wording.RELATION, when=_NATURAL, personal=True)
    proof = Paper(N_("工资证明或存单复印件"), when=_NATURAL, clause="S001-53")
    signedPledge = Paper(
        N_("签名的承诺书（L-02）"),
        required=False,
        when=_NATURAL,
        hint=N_("可以稍后补交，盖章前必须上传"),
        clause="S001-55",
    )

    groups: ClassVar = (
        Group(
            N_("担保人"),
            (
                "party",
                "name",
                "idcard",
                "phone",
                "kind",
                "employer",
                "monthlyPay",
                "bank",
                "depositAmount",
                "depositMaturity",
                "relation",
                "proof",
                "signedPledge",
            ),
        ),
    )


class Apply(FormSchema):
    """The application (L-01) with its guarantors (L-02); fields of processes.md §1 step 2."""

    name = PersonName(N_("姓名"))
    idcard = IdCard(N_("身份证号码"), hint=N_("18 位；15 位旧号码自动换算"))
    sex = Choice(N_("性别"), wording.SEX, clause="S001-52", personal=True)
    birthDate = Day(N_("出生日期"), clause="S001-52", personal=True)
    ethnicity = Text(N_("民族"), required=False, longest=30)
    education = Choice(N_("文化程度"), wording.EDUCATION, required=False, personal=True)
    marital = Choice(N_("婚姻状况"), wording.MARITAL, personal=True)
    phone = Phone(N_("联系电话"))
    hukou = UnitRef(N_("户籍所在村（社区）"), options="villages", hint=N_("没有村妇联的选乡镇，不在本县的选“其他地方”"))
    hukouElsewhere = Text(N_("户籍所在地"), when=_ELSEWHERE)
    householdNo = Text(N_("户口簿户号"), required=False, longest=30, hint=N_("用于核对经办人是否须要回避"), clause="D3")
    residence = Text(N_("现居住地"), required=False, hint=N_("写到门牌号，如：三组27号"))
    idcardCopy = Paper(N_("身份证复印件"), required=False)

    unemployed = YesNo(N_("目前未就业"), clause="S001-52", hint=N_("没有工资性就业，也没有以职工身份缴纳社会保险"))
    evidenceKind = Choice(N_("未就业证明种类"), wording.EVIDENCE, when=("unemployed", (True,)))
    unemploymentEvidence = Paper(N_("未就业证明"), when=("unemployed", (True,)), clause="S001-52")
    priorLoanDeclared = YesNo(N_("以前享受过妇女小额担保贷款"), clause="S001-50", hint=N_("在任何地方已放款的都算"))
    priorLoanCount = Whole(N_("享受过几次"), when=("priorLoanDeclared", (True,)), required=False, least=1, most=20)

    project = Choice(N_("项目类别"), wording.PROJECT)
    projectName = Text(N_("项目名称"), required=False)
    projectPlace = Text(N_("项目地点"))
    jobsCreated = Whole(N_("带动就业人数"), required=False, unit=N_("人"))
    ownFunds = Money(N_("自有资金"), required=False)
    photos = Paper(N_("项目照片或证明"), required=False)

    amount = Money(N_("申请贷款金额"), positive=True, clause="S001-51")
    termMonths = Whole(N_("贷款期限"), least=1, most=600, unit=N_("个月"))
    purpose = LongText(N_("贷款用途"), shortest=20, hint=N_("至少 20 个字：买什么、做什么、怎样赚钱"))
    repaymentSource = LongText(N_("还款来源"))
    bankAccountName = PersonName(N_("收款账户户名"), hint=N_("必须是申请人本人"))

    guarantors = Slots(N_("担保人"), Guarantor, most=3, item=N_("担保人"), clause="S001-54")
    countySigns = Tick(
        N_("担保人是本村或本乡镇的签字人，由上一级妇联签字"),
        hint=N_("只在担保人恰好是要签字的妇联主席时勾选"),
        clause="D3",
    )
    countySignsReason = LongText(N_("由上一级签字的理由"), when=("countySigns", (True,)))

    consentCredit = Tick(
        wording.CONSENT_CREDIT, must=N_("没有申请人的单独同意，不能把材料提供给信用社，申请无法办理"), clause="PIPL23"
    )

    groups: ClassVar = (
        Group(
            N_("申请人"),
            (
                "name",
                "idcard",
                "sex",
                "birthDate",
                "ethnicity",
                "education",
                "marital",
                "phone",
                "hukou",
                "hukouElsewhere",
                "householdNo",
                "residence",
                "idcardCopy",
            ),
            "L-01",
        ),
        Group(
            N_("就业与贷款情况"),
            ("unemployed", "evidenceKind", "unemploymentEvidence", "priorLoanDeclared", "priorLoanCount"),
            "L-01",
        ),
        Group(N_("项目"), ("project", "projectName", "projectPlace", "jobsCreated", "ownFunds", "photos"), "L-01"),
        Group(N_("贷款"), ("amount", "termMonths", "purpose", "repaymentSource", "bankAccountName"), "L-01"),
        Group(N_("担保"), ("guarantors", "countySigns", "countySignsReason"), "L-02"),
        Group(N_("同意提供信息"), ("consentCredit",), "L-01"),
    )

    def rules(self, values: Answers) -> Problems:
        """The ID number tells sex and birth date; a contradiction is an error and is never changed silently (L14)."""
        problems: Problems = {}
        idcard = values["idcard"]
        if idcard and values["sex"] and people.sex_of(idcard) != values["sex"]:
            digit = {"digit": idcard[16], "sex": Message(dict(wording.SEX)[people.sex_of(idcard)])}
            text = N_("与身份证号码不符：号码第 17 位是 {digit}，性别应为{sex}。请核对证件，改正填错的一项")
            problems["sex"] = [Message(text, digit)]
        if idcard and values["birthDate"] and people.birth_date_of(idcard) != values["birthDate"]:
            dates = {"seen": values["birthDate"].isoformat(), "limit": people.birth_date_of(idcard).isoformat()}
            text = N_("填写的是 {seen}，与身份证号码第 7 至 14 位的出生日期 {limit} 不符。请核对证件，改正填错的一项")
            problems["birthDate"] = [Message(text, dates)]
        if values["name"] and values["bankAccountName"] and values["name"] != values["bankAccountName"]:
            names = {"seen": values["bankAccountName"], "limit": values["name"]}
            text = N_("填写的是“{seen}”，收款账户户名必须与申请人姓名“{limit}”一致")
            problems["bankAccountName"] = [Message(text, names)]
        return problems


APPLY = SchemaForm("apply", N_("妇女小额担保贷款申请表"), Apply(), sheets=("L-01", "L-02"))
