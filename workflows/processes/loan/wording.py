"""Words of the loan process: codes and their Chinese names, refusal reasons, and where each clause comes from.

Codes are stored; names are msgids. A clause id ("S001-52") is a row of domain.md A; people read :func:`source`.
"""

from __future__ import annotations

from engine.messages import N_, Message

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

_PLAN = N_("乡妇联工作计划 2014 第61条（小额担保贷款）")
_SOURCES = {
    "S001-46": _PLAN,
    "S001-47": _PLAN,
    "S001-48": _PLAN,
    "S001-49": _PLAN,
    "S001-50": _PLAN,
    "S001-51": _PLAN,
    "S001-52": _PLAN,
    "S001-53": _PLAN,
    "S001-54": _PLAN,
    "S001-55": _PLAN,
    "G1": N_("《民法典》第1259条（“以下”含本数）"),
    "G4": N_("享受次数以放款为准（G4）"),
    "G11": N_("县妇联关于财政拨款人员范围的规定（G11）"),
    "CC683": N_("《民法典》第683条"),
    "CC681": N_("《民法典》第681条"),
    "PIPL23": N_("《个人信息保护法》第23条"),
    "PIPL24": N_("《个人信息保护法》第24条"),
    "D3": N_("妇联工作人员回避规定（D3）"),
    "B5": N_("财金〔2009〕72号"),
    "SEAL1999": N_("国务院印章管理规定（国发〔1999〕25号）"),
}


def source(clause: str) -> Message:
    """The clause as people know it; an unknown id is shown as it is."""
    known = _SOURCES.get(clause)
    return Message(N_("{clause}《{title}》"), {"clause": clause, "title": Message(known)}) if known else Message(clause)
