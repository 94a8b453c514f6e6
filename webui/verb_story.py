"""How the timeline tells of the structural verbs: to whom, what was asked, what was answered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from engine.events import Kind
from webui.language import gettext

if TYPE_CHECKING:
    from webui.timeline import Storyteller


def people_named(content: Mapping[str, Any]) -> set[int]:
    """Accounts an entry of a structural verb names besides its actor."""
    new = content.get("new")
    ids = {each.get("assignee", 0) for each in content.get("added", ()) if isinstance(each, Mapping)}
    return (ids | ({new} if isinstance(new, int) else set())) - {0}


def _given(teller: Storyteller, content: Mapping[str, Any]) -> Iterator[str]:
    who = teller.people.get(content.get("new", 0), "") if content.get("new") else gettext("同岗位的人")
    yield gettext("交给：{who}").format(who=who)
    if content.get("note"):
        yield gettext("事由：{note}").format(note=content["note"])


def _asked(teller: Storyteller, content: Mapping[str, Any]) -> Iterator[str]:
    names = "、".join(teller.people.get(each["assignee"], "") for each in content.get("added", ()))
    told = (
        gettext("提交之前请她们签署：{names}")
        if content.get("place") == "before"
        else gettext("提交之后请她们签署：{names}")
    )
    yield told.format(names=names)
    if content.get("in_order") and len(content.get("added", ())) > 1:
        yield gettext("依次签署，以此为序")


def _opinion(_teller: Storyteller, content: Mapping[str, Any]) -> Iterator[str]:
    said = gettext("同意") if content.get("agrees") else gettext("不同意")
    yield gettext("{said}：{text}").format(said=said, text=content.get("opinion", ""))


def _waiting(_teller: Storyteller, content: Mapping[str, Any]) -> Iterator[str]:
    yield gettext("预计等到 {day}").format(day=content.get("until", ""))


def _passed(_teller: Storyteller, content: Mapping[str, Any]) -> Iterator[str]:
    yield gettext("预计 {day}，材料没有等到；已提醒挂起的人和上级").format(day=content.get("until", ""))


TELL: Mapping[Kind, Callable[[Any, Mapping[str, Any]], Iterator[str]]] = {
    Kind.TASK_TRANSFERRED: _given,
    Kind.TASK_DELEGATED: _given,
    Kind.TASK_HANDED_BACK: _given,
    Kind.SIGNERS_ADDED: _asked,
    Kind.OPINION_SIGNED: _opinion,
    Kind.TASK_SUSPENDED: _waiting,
    Kind.WAIT_PASSED: _passed,
}
