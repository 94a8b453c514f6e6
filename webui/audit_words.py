"""The lines of the audit page in words: what was done, the auditor's own acts, and what a search was for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine import audit_log
from engine.journal import ADOPTED
from engine.messages import N_
from engine.queries.audit_search import Line
from webui.language import gettext
from webui.read_words import what_read
from webui.timeline_words import WHAT

TABS = {"acts": N_("办理记录"), "reads": N_("查阅记录"), "audits": N_("审计操作")}


def act_names(log: str) -> dict[str, str]:
    """What can be chosen among the acts of a log: stored value → words; nothing for readings, which are named one by one."""
    if log == "acts":
        return {str(kind): plain(gettext(words)) for kind, words in WHAT.items()}
    return {act: gettext(words) for act, words in audit_log.ACTS.items()} if log == "audits" else {}


def plain(words: str) -> str:
    """A timeline's words without the place where the step would stand."""
    return words.replace("{step}", "").rstrip(" ：:")


def said(log: str, line: Line, names: Mapping[str, str]) -> str:
    """What one line is about."""
    return what_read(line.act) if log == "reads" else names.get(line.act, line.act)


def told(line: Line) -> str:
    """What an audit's own entry says, in a few words."""
    content: Mapping[str, Any] = line.told
    if line.act in (audit_log.VERIFIED, audit_log.VERIFIED_ONE):
        counted = gettext("{cases} 件，{entries} 条").format(cases=content["cases"], entries=content["entries"])
        faults = content["faults"]
        return f"{counted}：" + (gettext("{count} 处不一致").format(count=faults) if faults else gettext("全部一致"))
    if line.act == audit_log.ANCHORED:
        return gettext("第 {seq} 号审计锚，锚值 {value}").format(seq=content["anchor"], value=content["value"][:16])
    if line.act == audit_log.EXPORTED:
        return gettext("{count} 条").format(count=content["rows"])
    if line.act == audit_log.PROVED:
        return gettext("案件 #{case} 第 {entry} 条").format(case=content["case"], entry=content["entry"])
    if line.act == ADOPTED:
        return gettext("{count} 件").format(count=content["cases"])
    return ""
