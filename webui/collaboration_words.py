"""How the timeline tells of urging, priority, copies and comments."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from engine.commands.priorities import LEVELS
from engine.events import Kind
from webui.directory import post_name
from webui.language import gettext

if TYPE_CHECKING:
    from webui.timeline import Storyteller


def people_in(content: Mapping[str, Any]) -> set[int]:
    """Accounts an entry names besides its actor."""
    told = [*content.get("told", ()), *content.get("to", ())] if isinstance(content.get("to", ()), list) else []
    ids = {each.get("account_id") or each.get("assignee") or 0 for each in told if isinstance(each, Mapping)}
    return {*ids, *content.get("mentions", ()), int(content.get("assigned", 0))} - {0}


def units_in(content: Mapping[str, Any]) -> set[int]:
    """Units an entry names among its receivers."""
    to = content.get("to", ())
    return {each.get("unit_id", 0) for each in to if isinstance(each, Mapping)} if isinstance(to, list) else set()


def _urged(teller: Storyteller, content: Mapping[str, Any]) -> Iterator[str]:
    for each in content.get("told", ()):
        who = teller.people.get(each.get("assignee", 0), "") if each.get("assignee") else post_name(each.get("post"))
        yield gettext("通知：{who}").format(who=who)


def _prioritised(_teller: Storyteller, content: Mapping[str, Any]) -> Iterator[str]:
    old, new = (gettext(LEVELS.get(content.get(side, ""), "")) for side in ("old", "new"))
    yield f"{old} → {new}"


def _copied(teller: Storyteller, content: Mapping[str, Any]) -> Iterator[str]:
    for each in content.get("to", ()):
        if each["account_id"]:
            who = teller.people.get(each["account_id"], "")
        else:
            who = f"{teller.units.get(each['unit_id'], '')} {post_name(each['post'])}"
        yield gettext("抄送给：{who}").format(who=who)
    if content.get("note"):
        yield gettext("附言：{note}").format(note=content["note"])


def _commented(teller: Storyteller, content: Mapping[str, Any]) -> Iterator[str]:
    if content.get("in_file"):
        yield gettext("入卷说明：{text}").format(text=content.get("text", ""))
    else:
        yield gettext("工作留言，内容见“协作”，不入卷")
    for number in content.get("mentions", ()):
        yield gettext("提及：{who}").format(who=teller.people.get(number, ""))


TELL: Mapping[Kind, Callable[[Storyteller, Mapping[str, Any]], Iterator[str]]] = {
    Kind.TASK_URGED: _urged,
    Kind.PRIORITY_SET: _prioritised,
    Kind.CASE_COPIED: _copied,
    Kind.COMMENT_ADDED: _commented,
}
