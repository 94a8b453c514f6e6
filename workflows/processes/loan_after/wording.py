"""Words of the time after a loan: codes and their Chinese names. Codes are stored; names are msgids."""

from __future__ import annotations

from engine.messages import N_

BANDS = {
    "CURRENT": N_("正常"),
    "REMINDER": N_("提醒（逾期 1 至 14 天）"),
    "ATTENTION": N_("关注（逾期 15 至 59 天）"),
    "RISK": N_("风险（逾期 60 至 89 天）"),
    "DEFAULT": N_("违约（逾期 90 天及以上）"),
}
STATES = {"running": N_("还款中"), "settled": N_("已结清"), "defaulted": N_("已违约代偿")}
OCCASION = (("REGULAR", N_("定期走访")), ("OVERDUE", N_("逾期走访")))
PROJECT = (
    ("GOOD", N_("正常经营")),
    ("HARD", N_("经营有困难")),
    ("STOPPED", N_("已停办")),
    ("CHANGED", N_("改做其他项目")),
)
OUTLOOK = (
    ("ON_TIME", N_("能按期归还")),
    ("LATE", N_("要晚一些，能归还")),
    ("EXTEND", N_("想申请展期")),
    ("UNABLE", N_("目前无力归还")),
)
DELIVERY = (
    ("IN_PERSON", N_("当面交给本人")),
    ("BY_PHONE", N_("电话告知本人")),
    ("NOT_MET", N_("没有见到本人，未送达")),
    ("NOT_SENT", N_("按安全联系规定未送")),
)
NOTICE_TO_GUARANTOR = (
    ("IN_PERSON", N_("当面送达，签收回执")),
    ("MAIL", N_("挂号信或快递")),
    ("REFUSED", N_("拒收，已记录在场证人")),
    ("NOT_SENT", N_("按安全联系规定没有发出，见面时当面说明")),
)
APPROVE = (("APPROVE", N_("同意展期")), ("REFUSE", N_("不同意")))
DEFAULT = (("DEFAULT", N_("按违约处理，登记代偿")), ("WAIT", N_("继续催收，过一段时间再议")))

#: registers and steps, as the history tells them
REGISTERS = {
    "loan_book": N_("贷后台账"),
    "loan_repayment": N_("还款登记"),
    "loan_band": N_("逾期等级"),
    "loan_visit": N_("走访登记"),
    "letter_delivery": N_("送达登记"),
}
OPERATIONS = {
    "loan_after.open": N_("登记贷后管理"),
    "loan_after.repaid": N_("还款记入台账"),
    "loan_after.extended": N_("登记展期"),
    "loan_after.defaulted": N_("登记违约和代偿"),
}
NOTICES = {
    "loan_after.settled": N_("这笔贷款已经还清"),
    "loan_after.extended": N_("这笔贷款已批准展期"),
    "loan_after.defaulted": N_("这笔贷款已按违约登记代偿"),
    "loan_after.claimable": N_("这笔贷款逾期已满 90 天，银行可以申请代偿，自到期日起不贴息"),
}
