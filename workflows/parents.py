"""Telling those who work on the case from which another one was opened that this has come to its end (decision 41)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, select

from engine.access import CONFIDENTIAL
from engine.model import task

if TYPE_CHECKING:
    from engine.process_type import CaseView

_WAITING: Final = (
    select(task.c.post, task.c.unit_id).distinct().where(task.c.case_id == bindparam("b_case"), task.c.state == "open")
)


def tell_parents(view: CaseView, relation: str, kind: str, guarded: str) -> None:
    """Leave a notice of `kind` where the open steps of the parent wait; of a confidential case nothing but `guarded`."""
    told = guarded if view.case.confidentiality in CONFIDENTIAL else kind
    for parent in view.linked(relation):
        if not parent.later and parent.state == "open":
            for post, unit_id in view.connection.execute(_WAITING, {"b_case": parent.case_id}).all():
                view.notify(post, unit_id, told)
