"""The record of the organisation: who created, moved, closed, appointed or trained whom, chained like the record of versions.

Each entry is bound to the one before it by SHA-256 and vouched for with the house's key, so that an entry that was edited, taken
out or put in is found. Contents are ids, codes and days; names stand in the tables alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from engine.journal import Journal
from engine.messages import N_
from workflows.model_organisation import organisation_log

if TYPE_CHECKING:
    from engine.unit_of_work import UnitOfWork

#: act → how it is told; stored and never renamed
ACTS: Final[Mapping[str, str]] = {
    "unit.created": N_("新设机构"),
    "unit.renamed": N_("机构更名"),
    "unit.moved": N_("机构划转"),
    "unit.closed": N_("机构撤并"),
    "unit.counted": N_("登记女职工人数"),
    "account.created": N_("建立账号"),
    "account.closed": N_("停用账号"),
    "account.opened": N_("恢复账号"),
    "account.linked": N_("关联单点登录身份"),
    "account.unlinked": N_("解除单点登录身份"),
    "factor.asked": N_("提出解除动态码"),
    "factor.granted": N_("批准解除动态码"),
    "factor.refused": N_("拒绝解除动态码"),
    "account.password": N_("重发初始密码"),
    "post.proposed": N_("提出任命"),
    "post.approved": N_("批准任命"),
    "post.refused": N_("不批准任命"),
    "post.withdrawn": N_("撤回任命"),
    "post.given": N_("任命"),
    "post.ended": N_("任期结束"),
    "training.recorded": N_("登记培训"),
    "training.struck": N_("划销培训记录"),
    "relatives.declared": N_("申报亲属关系"),
    "handover.opened": N_("开始移交"),
    "handover.noted": N_("登记移交物品"),
    "handover.listed": N_("确定移交清单"),
    "handover.signed": N_("移交清单签字"),
    "handover.printed": N_("打印移交清单"),
    "handover.late": N_("移交逾期上报"),
    "import.taken": N_("批量导入"),
}

JOURNAL: Final = Journal(
    "organisation",
    organisation_log,
    "organisation",
    N_("机构记录"),
)


def write(work: UnitOfWork, act: str, **content: Any) -> int:
    """Add one entry; returns its number. `act` is one of ACTS."""
    if act not in ACTS:
        raise KeyError(act)
    return JOURNAL.write(work, act, content)
