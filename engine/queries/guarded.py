"""What a list may hold of guarded cases: their tasks and rows are there only for whom the rules let in.

An ordinary task or case says of itself that it is not guarded, and nothing more is asked; but for somebody of another body, who
sees of ordinary cases only those that are shown to her unit (`AccessRules.by_share_alone`).
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, exists, not_, or_

from engine.access import AccessRules, Actor
from engine.model import case_file, task


def shown(rules: AccessRules | None, actor: Actor) -> ColumnElement[bool]:
    """Over `task`: one that waits for her may be in her list. Without rules no guarded one is."""
    if rules is None:
        return not_(task.c.guarded)
    open_to_her = or_(not_(task.c.guarded), _of(rules.workable_cases(actor)))
    return and_(open_to_her, rules.handed_over(actor)) if rules.by_share_alone(actor) else open_to_her


def known(rules: AccessRules | None, actor: Actor) -> ColumnElement[bool]:
    """Over `task`: what she did stays in her list as long as she may read its case."""
    if rules is None:
        return not_(task.c.guarded)
    readable = _of(rules.visible_cases(actor))
    return readable if rules.by_share_alone(actor) else or_(not_(task.c.guarded), readable)


def known_case(rules: AccessRules | None, actor: Actor) -> ColumnElement[bool]:
    """Over `case_file`, for lists that come from something of hers."""
    if rules is None:
        return not_(case_file.c.guarded)
    readable = rules.visible_cases(actor)
    return readable if rules.by_share_alone(actor) else or_(not_(case_file.c.guarded), readable)


def _of(cases: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(case_file.c.id == task.c.case_id, cases)
