"""Which of the planned pieces of work are still open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, select

from engine.model import task

if TYPE_CHECKING:
    from engine.process_type import CaseView

WORK: Final = (
    "T_Investigate", "T_Mediation", "T_Legal", "T_Counsel", "T_Letter", "T_LetterAnswer", "T_Conference", "T_Aid",
)  # fmt: skip
_OPEN = (
    select(task.c.name)
    .where(task.c.case_id == bindparam("b_case"), task.c.state == "open", task.c.element.in_(WORK))
    .order_by(task.c.id)
)
_DECIDING = select(task.c.id).where(
    task.c.case_id == bindparam("b_case"), task.c.state == "open", task.c.element == "T_Decide"
)


def names(view: CaseView) -> list[str]:
    """Their names as the drawing has them, the oldest first."""
    return list(view.connection.execute(_OPEN, {"b_case": view.case.id}).scalars())


def deciding(view: CaseView) -> bool:
    """Whether the decision has still to be written, or is being written anew."""
    return view.connection.execute(_DECIDING, {"b_case": view.case.id}).first() is not None
