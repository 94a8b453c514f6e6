"""What people call a time limit: a name for every key of the policies and of the drawings."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from engine.messages import N_

PERIOD_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "loan.village.review": N_("村妇联审核期限"),
        "loan.township.review": N_("乡镇妇联审核期限"),
        "loan.credit.decision": N_("信用社审批期限"),
        "loan.final": N_("县妇联终审期限"),
        "loan.stamp": N_("加盖公章期限"),
        "loan.correction": N_("申请人补正期限"),
        "loan.lapse": N_("逾期未补正的处理期限"),
        "loan.refusal": N_("不予推荐确认期限"),
        "loan.disburse": N_("信用社放款期限"),
        "loan_after.visit": N_("到放款后第一次走访的时间"),
        "loan_after.visit.do": N_("贷后走访办理期限"),
        "loan_after.before.first": N_("到期前第一次提醒的时间"),
        "loan_after.before.second": N_("到期前第二次提醒的时间"),
        "loan_after.remind": N_("还款提醒办理期限"),
        "loan_after.town_visit": N_("乡镇上门走访期限"),
        "loan_after.plan": N_("还款计划商定期限"),
        "loan_after.plan.agree": N_("还款计划同意期限"),
        "loan_after.guarantor": N_("通知担保人期限"),
        "loan_after.decide": N_("违约认定期限"),
        "loan_after.recheck": N_("再次核查期限"),
        "loan_after.extension": N_("展期审批期限"),
        "loan_after.extension.open": N_("可以申请展期的时间"),
        "loan_after.extension.ask": N_("申请展期的最后时间"),
        "loan_after.due": N_("还款到期日"),
        "loan_after.band.reminder": N_("逾期转为“提醒”的时间"),
        "loan_after.band.attention": N_("逾期转为“关注”的时间"),
        "loan_after.band.risk": N_("逾期转为“风险”的时间"),
        "loan_after.band.default": N_("逾期转为“违约”的时间"),
        "climb.warn": N_("提醒级督办的查阅期限"),
        "climb.red": N_("临期督办的查阅期限"),
        "climb.broken": N_("超期督办的查阅期限"),
        "climb.danger.warn": N_("涉及人身安全的提醒级督办查阅期限"),
        "climb.danger.red": N_("涉及人身安全的临期督办查阅期限"),
        "climb.danger.broken": N_("涉及人身安全的超期督办查阅期限"),
        "wait.overrun": N_("挂起超过预计日期的期限"),
        "pet.register": N_("信访事项登记期限"),
        "pet.notice": N_("信访受理告知期限"),
        "pet.objection": N_("信访转送异议期限"),
        "pet.conclude": N_("信访事项办结期限"),
        "pet.extend": N_("信访办结延长期限"),
        "pet.review.ask": N_("申请信访复查期限"),
        "pet.review.answer": N_("信访复查答复期限"),
        "pet.village.handle": N_("村级信访调处期限"),
        "hotline.handover": N_("热线来电转交期限"),
        "conf.convene": N_("联席会议召集期限"),
        "conf.reports": N_("各单位情况收齐期限"),
        "conf.minutes": N_("联席会议纪要期限"),
        "conf.issue": N_("联席会议纪要签发期限"),
        "conf.action": N_("议定事项完成期限"),
        "conf.report": N_("联席会议结果交回期限"),
        "conf.next": N_("下次联席会议日期"),
        "dv.screen": N_("家暴初筛期限"),
        "dv.risk.full": N_("家暴风险完整评估期限"),
        "dv.mandatoryReport": N_("侵害未成年人强制报告期限"),
        "dv.high.plan": N_("高风险家暴案件安全计划期限"),
        "dv.conference.high": N_("高风险家暴案件会商期限"),
        "dv.referral.reply.high": N_("高风险家暴案件转介回复期限"),
        "dv.referral.reply": N_("家暴案件转介回复期限"),
        "dv.followup.first": N_("家暴案件第一次回访期限"),
        "dv.followup.second": N_("家暴案件第二次回访期限"),
        "dv.followup.third": N_("家暴案件第三次回访期限"),
        "dv.followup.fourth": N_("家暴案件第四次回访期限"),
        "pso.court": N_("人身安全保护令法院裁定期限"),
        "pso.court.urgent": N_("紧急人身安全保护令法院裁定期限"),
        "pso.expiry.remind": N_("人身安全保护令到期提醒"),
        "warning.visit.first": N_("告诫书第一次回访期限"),
        "warning.visit.second": N_("告诫书第二次回访期限"),
        "warning.visit.third": N_("告诫书第三次回访期限"),
        "warning.visit.fourth": N_("告诫书第四次回访期限"),
        "med.duration": N_("调解期限"),
        "med.judicialConfirm": N_("申请司法确认期限"),
        "lab.mediation": N_("劳动争议调解期限"),
        "lab.limitation": N_("劳动仲裁时效"),
        "aid.publicNotice": N_("救助公示期"),
        "reg.collect": N_("年度登记收集期限"),
        "reg.complete": N_("年度登记完成期限"),
        "visit.first": N_("上半年走访期限"),
        "visit.year": N_("全年走访期限"),
    }
)


def period_name(key: str | None) -> str:
    """The name of a key as a msgid; the key itself where nobody has named it, "" for none."""
    return PERIOD_NAMES.get(key or "", key or "")
