"""The permission matrix as a page, written from the rules themselves: docs/permissions.md is its output, and a test says so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.access import Actor, Permission
from engine.messages import Translate
from workflows.conditions import (
    KEPT_FROM_CASES,
    Clause,
    done_by_her,
    her_decision,
    her_task,
    manager,
    member,
    named_paper,
    superior,
)
from workflows.permission_names import PERMISSION_NAMES
from workflows.posts import POST_KIND, POST_NAMES
from workflows.rules import RULES
from workflows.supervision import ABOVE

#: posts that stand above another one
LIFTED_TO = frozenset(ABOVE.values())

#: conditions that ask for the case's own team
_TEAM = (member, manager, named_paper)


def posts_with(permission: Permission, case: Any) -> list[str]:
    """The posts, by name, that have a permission on a case, whoever holds them and wherever."""
    nobody = Actor(0, "")
    asked = [c for c in RULES[permission] if all(each(nobody, case) for each in c if each.post is None)]
    return [POST_NAMES[each.post] for clause in asked for each in clause if each.post is not None]


_HEAD = """# Who may do what

Written by `halfsky permissions` from `workflows/rules.py`; do not edit. A permission is granted when every condition of one of
its lines holds; what no line grants is nobody's. Posts are those held today. Conflicts of interest and the four-eyes rule come
on top (`ProcessType.may_work`), and whoever is excluded from a case (回避) has no right in it at all. ●: by the post itself,
within its place; ○: while a task waits for this post; △: for what was lifted to this post (督办); ◇: only for who is in the team
of the case, whatever her post.
"""


def page(translate: Translate = str) -> str:
    """The whole page in Markdown: posts by permissions, then each permission with its lines in words."""
    return "\n".join([_HEAD, *_by_post(translate), "", *_by_permission(translate), ""])


def mark(post: str, permission: Permission) -> str:
    """Give "●" when a line asks for this post or any, "○" for the post of a task, "△" where it is lifted to, "◇" by the team."""
    lines = RULES.get(permission, ())
    if any(her_task in clause or done_by_her in clause or her_decision in clause for clause in lines):
        return "" if post in KEPT_FROM_CASES else "○"
    if any(superior in clause for clause in lines):
        return "△" if post in LIFTED_TO else ""
    if any(_post_of(clause) in (post, None) and not _of_team(clause) for clause in lines):
        return "●"
    return "◇" if post not in KEPT_FROM_CASES and any(_of_team(clause) for clause in lines) else ""


def _of_team(clause: Clause) -> bool:
    return any(condition in _TEAM for condition in clause)


def _post_of(clause: Clause) -> str | None:
    return next((condition.post for condition in clause if condition.post), None)


def _by_post(translate: Translate) -> Iterator[str]:
    yield "| 岗位 | " + " | ".join(f"`{permission}`" for permission in Permission) + " |"
    yield "|---|" + "---|" * len(Permission)
    for post in POST_KIND:
        marks = (mark(post, permission) for permission in Permission)
        yield f"| {translate(POST_NAMES[post])} `{post}` | " + " | ".join(marks) + " |"


def _by_permission(translate: Translate) -> Iterator[str]:
    yield "| 权限 | 名称 | 条件（满足任意一行即可） |"
    yield "|---|---|---|"
    for permission in Permission:
        lines = ("；".join(c.says.render(translate) for c in clause) for clause in RULES.get(permission, ()))
        yield f"| `{permission}` | {translate(PERMISSION_NAMES[permission])} | {'<br>'.join(lines)} |"
