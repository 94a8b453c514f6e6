"""Words of the loan process: codes and their Chinese names, refusal reasons, and where each clause comes from.

Codes are stored; names are msgids. A clause id ("S001-52") is a row of domain.md A; people read :func:`source`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.messages import N_, Message
from workflows import chains

if TYPE_CHECKING:
    from collections.abc import Iterable

SEX = (("F", N_("女")), ("M", N_("男")))
MARITAL = (
    ("UNMARRIED", N_("未婚")),
    ("MARRIED", N_("已婚")),
    ("DIVORCED", N_("离异")),
    ("WIDOWED", N_("丧偶")),
)
EDUCATION = (
    ("PRIMARY", N_("小学及以下")),
    ("JUNIOR", N_("初中")),
    ("SENIOR", N_("高中、中专")),
    ("COLLEGE", N_("大专")),
    ("BACHELOR", N_("本科及以上")),
)
#: G18: what proves that a farming woman has no employment
EVIDENCE = (
    ("REGISTRATION", N_("失业（就业失业）登记证")),
    ("VILLAGE_STATEMENT", N_("村委会“无工资性就业”证明")),
    ("FIRST_TIME", N_("首次创业证明")),
)
PROJECT = (
    ("PLANTING", N_("种植")),
    ("BREEDING", N_("养殖")),
    ("PROCESSING", N_("加工")),
    ("SERVICE", N_("服务")),
    ("OTHER", N_("其他")),
)
#: 民法典 683: organs and public-interest bodies cannot be guarantors, so a unit is asked for and then refused by name
PARTY = (("NATURAL", N_("自然人")), ("UNIT", N_("单位或组织")))
GUARANTOR_KIND = (
    ("FISCAL_PAYROLL", N_("财政拨款人员（在职在编）")),
    ("FISCAL_RETIRED", N_("财政供养退休人员")),
    ("FISCAL_CONTRACT", N_("财政供养单位合同制人员")),
    ("TIME_DEPOSIT", N_("有定期存款人员")),
    ("PRIVATE_EMPLOYEE", N_("企业或个体从业人员")),
    ("OTHER", N_("其他")),
)
PAID_KINDS = ("FISCAL_PAYROLL", "FISCAL_RETIRED", "FISCAL_CONTRACT", "PRIVATE_EMPLOYEE")
RELATION = (
    ("SPOUSE", N_("配偶")),
    ("PARENT_CHILD", N_("父母子女")),
    ("SIBLING", N_("兄弟姐妹")),
    ("OTHER_RELATIVE", N_("其他亲属")),
    ("NONE", N_("非亲属")),
)
OPINION = (
    ("RECOMMEND", N_("同意推荐")),
    ("RETURN", N_("退回补正")),
    ("REFUSE", N_("不予推荐")),
)
CREDIT_CHECK = (
    ("GOOD", N_("信用良好")),
    ("FAIR", N_("有轻微瑕疵，可以放贷")),
    ("BAD", N_("有不良记录")),
)
CREDIT_DECISION = (
    ("AGREE", N_("同意")),
    ("AGREE_LESS", N_("同意，减少金额")),
    ("RETURN", N_("退回补充")),
    ("REFUSE", N_("不同意")),
)
FINAL_DECISION = (
    ("APPROVE", N_("核准用印")),
    ("RETURN", N_("退回乡镇")),
    ("REFUSE", N_("不予推荐")),
)
LAPSE = (("LAPSE", N_("确认按撤回处理")), ("EXTEND", N_("再给一次补正期限")))
ASK_RESULT = (("WAITING", N_("仍在办理放款")), ("WITHDRAWN", N_("申请人放弃贷款")))
DELIVERY = (
    ("IN_PERSON", N_("当面送达")),
    ("MAIL", N_("邮寄")),
    ("PHONE", N_("电话告知并约定领取")),
    ("NOT_SENT", N_("按安全联系规定未送")),
)

#: what the applicant agrees to, word for word (个人信息保护法 23)
CONSENT_CREDIT = N_(
    "我同意妇联为办理本次贷款，将本申请表、担保人承诺书及所附证明材料提供给经办信用社，用于贷款审查、放款和贷后管理；"
    "我知道可以撤回同意，撤回后本次申请终止。"
)
SIGNING_MEANS = N_("签字意味着责任：我已按要求逐项核实，对以上意见的真实性负责。")
COMPLAINT_PATH = N_(
    "您对本告知有异议的，可以在收到之日起 15 日内向村妇联口头或书面提出，由乡镇妇联重新审核；"
    "也可以向县妇联或拨打 12338 反映。"
)

#: why somebody acts in place of a post (代办, D3.5)
ACTING_REASONS = {
    **chains.ACTING_REASONS,
    "PARTY": N_("本岗位人员是当事人或担保人，须回避"),
    "COUNTY_SIGNS": N_("担保人是签字人，由上一级签字"),
}
#: codes of the loan register: D1 and the steps that refuse (S001-47: statistics count by these)
REFUSAL_CODES = {
    "NOT_FEMALE": N_("不是妇女"),
    "AGE_RANGE": N_("年龄不符"),
    "EMPLOYED": N_("已就业"),
    "NO_EVIDENCE": N_("没有未就业证明"),
    "ALREADY_ENJOYED": N_("已享受过"),
    "DUPLICATE_OPEN": N_("另有在办申请"),
    "AMOUNT_RANGE": N_("金额不符"),
    "NOT_IN_AREA": N_("不在本县"),
    "PROJECT_EXCLUDED": N_("项目不予支持"),
    "GUARANTORS": N_("担保人不符"),
    "VILLAGE_REFUSED": N_("村级不予推荐"),
    "TOWN_REFUSED": N_("乡镇不予推荐"),
    "COUNTY_REFUSED": N_("县级不予推荐"),
    "CREDIT_REFUSED": N_("信用社不同意"),
}

#: kind of notice → what its receiver reads; content is ids and codes only
NOTICES = {
    "loan.duplicate": N_("同一人另有一件在办的贷款申请，请核对"),
    "loan.dossier": N_("有一件贷款材料送到信用社，请审批"),
    "loan.credit_refused": N_("信用社不同意这笔贷款，请把 L-05 上的理由告知申请人"),
    "loan.withdrawn": N_("申请人已撤回这笔贷款申请"),
    "loan.refused": N_("这笔贷款申请不予推荐，已办结"),
    "loan.stamped": N_("表册已盖章，请办理放款"),
    "loan.disbursed": N_("这笔贷款已经放款"),
}

_PLAN = N_("乡妇联工作计划 2014 第61条（小额担保贷款）")
#: clause id of domain.md → what people can look up; S001-46 to -55 are sentences of one paragraph
_SOURCES = {
    **{f"S001-{number}": _PLAN for number in range(46, 56)},
    "G1": N_("《民法典》第1259条，“以下”含本数"),
    "G2": N_("《民法典》第1259条，“以上”“以下”含本数"),
    "G3": N_("周岁按申请之日计算，满生日为满周岁"),
    "G4": N_("享受次数以放款为准"),
    "G11": N_("县妇联关于财政拨款人员范围的规定"),
    "G18": N_("县妇联关于未就业证明种类的规定"),
    "CC683": N_("《民法典》第683条"),
    "PIPL23": N_("《个人信息保护法》第23条"),
    "PIPL24": N_("《个人信息保护法》第24条"),
    "D3": N_("妇联工作人员回避规定"),
    "P1": N_("妇女小额担保贷款办理规程"),
    "D4": N_("安全联系规定"),
    "D9": N_("逾期分级表"),
    "CC692": N_("《民法典》第692条"),
    "CC695": N_("《民法典》第695条"),
    "B5": N_("财金〔2009〕72号"),
    "SEAL1999": N_("国发〔1999〕25号印章管理规定"),
}


def source(clause: str) -> Message:
    """A clause id, or several joined by "、", as people know them; what is no id is shown as it stands."""
    first, _, rest = clause.partition("、")
    known = _SOURCES.get(first)
    bare = known is not None and known.startswith("《")
    text = N_("{clause} {title}") if bare else N_("{clause}《{title}》")
    named = Message(text, {"clause": first, "title": Message(known)}) if known else Message(first)
    return Message(N_("{first}、{rest}"), {"first": named, "rest": source(rest)}) if rest else named


def label(choices: Iterable[tuple[str, str]], code: str | None) -> Message:
    """The name of a code out of one of the lists above."""
    return Message(dict(choices).get(code or "", N_("未填写")))


def listed(choices: Iterable[tuple[str, str]], codes: Iterable[str]) -> Message:
    """Several codes by name, joined by "、"; “无” when there are none."""
    names = [label(choices, code) for code in codes]
    if not names:
        return Message(N_("无"))
    joined = names[0]
    for name in names[1:]:
        joined = Message(N_("{first}、{rest}"), {"first": joined, "rest": name})
    return joined
