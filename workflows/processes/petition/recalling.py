"""A submission taken back: what it wrote into the register is taken out, and what has left the unit is not taken back at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from engine.messages import N_
from workflows.processes.petition import register
from workflows.processes.petition.wording import ruled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.messages import Message
    from engine.process_type import CaseView

_OUTCOME: Final = {"outcome": None, "concluded_on": None}
_NOTICE: Final = {"notice_on": None, "notice_kind": None}
#: form → the columns as they were before it
_BEFORE: Final[Mapping[str, Mapping[str, Any]]] = {
    "handle_now": {**_OUTCOME, **_NOTICE, "answered_on": None},
    "guide": {**_OUTCOME, **_NOTICE, "answered_on": None, "state": "registered"},
    "body_answer": {**_OUTCOME, "answered_on": None},
    "decide": _OUTCOME,
    "deliver": {"delivered_on": None, "answered_on": None},
    "answer": {"satisfaction": None},
}


def kept(view: CaseView, form: str) -> Message | None:
    """What was sent to another unit, or taken over from it, is there: the other side objects, or it stays."""
    line = register.entry(view.connection, view.case.id)
    if line is None:
        return None
    if form == "triage" and line.way in ("FORWARD", "ASSIGN"):
        return ruled(N_("已经转到其他单位，不能撤回：由对方接收，或者提出异议退回"), "条例23")
    if form == "receive" and line.sender_id is None:
        return ruled(N_("已经接收，不能撤回"), "条例23")
    return None


def recalled(view: CaseView, form: str) -> None:
    """The register says again what it said before; that she has her answer, too, when it was heard by the follow-up alone."""
    if form not in _BEFORE:
        return
    line, heard = register.standing(view), (view.form("answer") or {}).get("askedOn") if form == "answer" else None
    alone = line.delivered_on is None and view.form("deliver") is not None and str(line.answered_on) == heard
    register.set_columns(view, **_BEFORE[form], **({"answered_on": None} if alone else {}))
