"""What a line of the read log says was read, in words (查阅记录, and the log auditor's page)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.messages import N_
from engine.queries import team
from webui.case_tabs import TABS
from webui.language import gettext

#: endpoint → its page
PAGES: Final[Mapping[str, str]] = {
    "cases.drawing": N_("流程图文件"),
    "cases.withdraw": N_("撤回申请页面"),
    "complaints.show": N_("登记投诉页面"),
    "escalations.sheet": N_("督办单"),
    "escalations.show": N_("督办页面"),
    "printing.choose": N_("打印页面"),
    "verbs.ask": N_("办理页面（更多操作）"),
}
#: what an auditor did within her engagement
AUDITS: Final[Mapping[str, str]] = {
    "list": N_("审计委托 {id}：列出案卷"),
    "view": N_("审计委托 {id}：打开案卷"),
    "print": N_("审计委托 {id}：打印案卷"),
    "file": N_("审计委托 {id}：取走打印文件"),
}
#: a list with the first words of the matter in it
BOOKS: Final[Mapping[str, str]] = {"P-13": N_("接待日登记簿"), "P-14": N_("来信来访记录本")}
OTHER: Final = N_("案件页面")
_TASK: Final = N_("办理页面")
_ALONE: Final[Mapping[str, str]] = {
    team.PURPOSE: N_("说明查阅用途"),
    "api": N_("程序接口读取案件概况"),
}


def what_read(text: str) -> str:
    """What was read, in words."""
    kind, _, rest = text.partition(" ")
    act, _, number = rest.partition(" ")
    if text.startswith("refused:"):
        return gettext("越权尝试，未获准")
    if kind == "book":
        return gettext(BOOKS.get(rest, OTHER))
    if kind == "paper":
        return gettext("材料 {id}").format(id=rest)
    if kind == "audit":
        return gettext(AUDITS.get(act, OTHER)).format(id=number)
    words = PAGES.get(rest) if kind == "page" else _TASK if kind == "task" else {**TABS, **_ALONE}.get(text)
    return gettext(words or OTHER)
