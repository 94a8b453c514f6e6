"""Words of the time after an agreement: codes and their Chinese names. Codes are stored; names are msgids."""

from __future__ import annotations

from engine.messages import N_

CONFIRM = (
    ("ASKED", N_("已共同申请司法确认")),
    ("NOT_WANTED", N_("双方不申请")),
    ("ONE_ONLY", N_("只有一方愿意，不能申请")),
    ("LAPSED", N_("三十日已过，没有申请")),
)
COURT = (("CONFIRMED", N_("裁定有效")), ("REJECTED", N_("驳回申请")))
FOUND = (("DONE", N_("已经履行")), ("PART", N_("部分履行")), ("BROKEN", N_("没有履行")))
TOLD = (
    ("SUIT", N_("向人民法院起诉")),
    ("ENFORCEMENT", N_("申请人民法院强制执行（已经司法确认）")),
)
#: state of the confirmation in the register → its name
CONFIRMATION = {
    "PENDING": N_("可以申请"),
    "ASKED": N_("已申请"),
    "CONFIRMED": N_("已确认"),
    "REJECTED": N_("被驳回"),
    "NOT_WANTED": N_("不申请"),
    "ONE_ONLY": N_("一方不愿申请"),
    "LAPSED": N_("逾期未申请"),
}
OPERATIONS = {
    "mediation_after.open": N_("开始跟踪协议"),
    "mediation_after.next": N_("找出下一个履行日"),
}
