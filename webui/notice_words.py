"""Notices carry codes and ids; here they become sentences."""

from __future__ import annotations

from collections.abc import Mapping

from engine.messages import N_
from engine.queries.notices import NoticeRow
from webui.language import gettext
from webui.runtime import house

KINDS = {
    "period.warn": N_("此件有环节将要到期，请提醒办理"),
    "period.red": N_("此件有环节临近期限，请督促办理"),
    "extension.asked": N_("有延期申请待您批准"),
    "extension.granted": N_("您申请的延期已获同意，到期日已调整"),
    "extension.refused": N_("您申请的延期未获同意，请按原期限办理"),
    "period.broken": N_("此件有环节超过期限，请督促办理"),
    "wait.passed": N_("此件有环节挂起等待材料，预计日期已过：材料到了请恢复办理，没有到请查明原因"),
    "task.urged": N_("此件被催办，请尽快办理"),
    "task.assigned": N_("有一件事项指派给您办理"),
    "case.copied": N_("此件抄送给您，请知悉"),
    "comment.mentioned": N_("有同事在此件的留言中提及您"),
    "escalation.climbed": N_("此件的督办下级未按时查阅，已上报给您"),
    "task.reassigned": N_("上级把此件的一个环节改派给您的岗位"),
    "order.issued": N_("上级下达了督办单，请按期答复"),
    "order.replied": N_("您下达的督办单已有答复"),
    "glass.opened": N_("此件经两人紧急开放给团队以外的人员查阅，请在“紧急查阅”中复核"),
    "team.added": N_("您已加入此件的案件团队"),
    "team.manager": N_("此件由您承办：请确认案件团队和各环节的办理人"),
    "class.raised": N_("此件已提高密级：请指定承办人，并确认案件团队和各环节的办理人"),
    "class.lowering": N_("有人申请降低此件密级，待第二人确认"),
    "class.decided": N_("您申请的降低密级已有决定"),
    "consent.withdrawn": N_("本人撤回了提供信息的同意：请按撤回申请办理，或另行取得同意"),
    "contact.incident": N_("有人来访或来电打听此件当事人：请查看，并考虑调整安全联系方式"),
    "order.missed": N_("督办单逾期没有答复，请督促"),
}
_UNKNOWN = N_("此件有新的情况，请查看")


def words(row: NoticeRow) -> str:
    """What a notice says: nothing about a person beyond what its line shows anyway."""
    return gettext(_all().get(row.kind, _UNKNOWN))


def _all() -> Mapping[str, str]:
    """The engine's kinds of notices and those of every process type."""
    known = dict(KINDS)
    for process in house().catalogue.values():
        known.update(process.notices)
    return known
