"""The tabs of the case page."""

from __future__ import annotations

from engine.access import Permission
from engine.messages import N_

TABS = {
    "overview": N_("概览"),
    "timeline": N_("时间线"),
    "diagram": N_("流程图"),
    "forms": N_("表单"),
    "papers": N_("材料"),
    "signatures": N_("签字"),
    "team": N_("人员与关系"),
    "collab": N_("协作"),
    "contact": N_("联系与同意"),
    "reads": N_("查阅记录"),
}
#: tab → the permission without which it is not there
ONLY_WITH = {
    "timeline": str(Permission.READ_HISTORY),
    "team": str(Permission.READ_HISTORY),
    "collab": str(Permission.COMMENT_CASE),
    "contact": str(Permission.KEEP_CONTACT),
    "reads": str(Permission.READ_READERS),
}
