"""Moves between versions of a drawing in words: on the timeline of a case, and in the lists of a batch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from engine.events import Kind
from engine.messages import N_
from webui.language import gettext

if TYPE_CHECKING:
    from webui.timeline import Storyteller

#: what the history calls the moves
WHAT = {Kind.CASE_MIGRATED: N_("转到流程图另一版"), Kind.MIGRATION_UNDONE: N_("转回流程图原版")}

#: code of a reason → what it says; {step} is the name of the step
REASONS = {
    "missing": N_("新版中没有“{step}”这一环节，请指明对应的新环节"),
    "kind": N_("“{step}”在新版中是另一类环节"),
    "form": N_("“{step}”在新版中要填另一张表"),
    "loop": N_("“{step}”在新版中由几人办理、怎样会签有改动"),
    "called": N_("“{step}”在新版中调用另一个流程"),
    "join": N_("已到达汇合处“{step}”的分支，在新版中不从原路汇合"),
    "fired": N_("“{step}”的期限已到并引出了别的步骤，新版中没有这个期限"),
    "structure": N_("“{step}”分出的分支还在办理，新版中没有它"),
    "endless": N_("转过去之后从“{step}”起不能保证办结"),
    "ended": N_("本件已办结"),
    "skipped": N_("新增或有改动的“{step}”在本件已办过的环节之前，转过去就不会再办"),
    "suspended": N_("本件正挂起，“{step}”的期限无法重新起算"),
    "elsewhere": N_("本件已办结，或已不在原版上"),
    "busy": N_("本件一直有人在办，多次重试未成"),
    "fault": N_("系统出错，已记入日志，本件未动"),
    "acted": N_("转过来之后有人办过，不能撤销"),
}


def moved(teller: Storyteller, content: Mapping[str, Any]) -> Iterator[str]:
    """What the history of a case says of its move: the versions, and what was left out and why."""
    told = {"old": content.get("from", ""), "new": content.get("to", "")}
    yield gettext("流程图由第 {old} 版转到第 {new} 版").format(**told)
    for element, reason in (content.get("left_out") or {}).items():
        step = gettext(teller.sketch.name(element))
        yield gettext("不再补办“{step}”：{reason}").format(step=step, reason=reason)


TELL = {Kind.CASE_MIGRATED: moved, Kind.MIGRATION_UNDONE: moved}
