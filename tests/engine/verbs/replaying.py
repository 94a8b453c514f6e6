"""The open tasks of a case worked out from its history alone, to be compared with the task rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from engine.queries.opening import Entry


@dataclass(frozen=True)
class Stand:
    """What the history says of a task that has not been closed."""

    element: str
    state: str
    assignee: int
    owner: int | None = None
    suspended: bool = False


def replay(entries: Iterable[Entry]) -> dict[int, Stand]:
    """Task id → how it stands after the last entry."""
    tasks: dict[int, Stand] = {}
    for entry in entries:
        apply(tasks, entry.kind, entry.content, entry.task_id, entry.actor_id)
    return tasks


def apply(tasks: dict[int, Stand], kind: str, content: Mapping[str, Any], own: int | None, actor: int) -> None:
    """One entry more: `own` is its task, `actor` who acted."""
    for opened in (*content.get("opened", ()), *content.get("added", ())):
        tasks[opened["task"]] = Stand(opened["element"], opened.get("state", "open"), opened.get("assignee", 0))
    for turned in content.get("seats", ()) or ():
        if turned["task"] in tasks:
            tasks[turned["task"]] = replace(tasks[turned["task"]], state=turned["state"])
    if own is not None and own in tasks:
        tasks[own] = _own(tasks[own], kind, content, actor)
    if kind in ("task.suspended", "task.resumed"):
        for task_id in content["tasks"]:
            tasks[task_id] = replace(tasks[task_id], suspended=kind == "task.suspended")
    for closed in content.get("closed", ()):
        tasks.pop(closed, None)


def _own(stand: Stand, kind: str, content: Mapping[str, Any], actor: int) -> Stand:
    if kind == "case.started":
        return replace(stand, assignee=actor)
    if kind in ("task.claimed", "task.released", "task.transferred"):
        return replace(stand, assignee=content["new"])
    if kind == "task.delegated":
        return replace(stand, assignee=content["new"], owner=content["owner"])
    if kind == "task.handed_back":
        return replace(stand, assignee=content["new"], owner=None)
    if kind == "task.assigned":
        return replace(stand, assignee=content["assigned"], owner=None)
    if kind == "task.moved":
        return replace(stand, assignee=content["new"]["assignee"], owner=None)
    if kind == "signers.added":
        return replace(stand, assignee=content["assignee"])
    if kind == "task.completed" and content.get("seats"):
        return replace(stand, assignee=actor)
    return stand
