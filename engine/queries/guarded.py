"""What a list may hold of guarded cases: their tasks and rows are there only for whom the rules let in.

An ordinary task or case says of itself that it is not guarded, and nothing more is asked.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, exists, not_, or_

from engine.access import AccessRules, Actor
from engine.model import case_file, task


def shown(rules: AccessRules | None, actor: Actor) -> ColumnElement[bool]:
    """Over `task`: one that waits for her may be in her list. Without rules no guarded one is."""
    return _task_unless(None if rules is None else rules.workable_cases(actor))


def known(rules: AccessRules | None, actor: Actor) -> ColumnElement[bool]:
    """Over `task`: what she did stays in her list as long as she may read its case."""
    return _task_unless(None if rules is None else rules.visible_cases(actor))


def known_case(rules: AccessRules | None, actor: Actor) -> ColumnElement[bool]:
    """Over `case_file`, for lists that come from something of hers."""
    plain = not_(case_file.c.guarded)
    return plain if rules is None else or_(plain, rules.visible_cases(actor))


def _task_unless(cases: ColumnElement[bool] | None) -> ColumnElement[bool]:
    plain = not_(task.c.guarded)
    return plain if cases is None else or_(plain, exists().where(case_file.c.id == task.c.case_id, cases))
