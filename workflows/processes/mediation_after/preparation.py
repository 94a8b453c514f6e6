"""What a form opens with: until when the agreement can be confirmed, and what is due."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.messages import N_, Message
from engine.process_type import Prepared
from workflows.processes.mediation import register
from workflows.processes.mediation_after import effects
from workflows.safe_contact import in_person

if TYPE_CHECKING:
    from sqlalchemy import Row

    from engine.process_type import CaseView


def prepare(view: CaseView, form: str) -> Prepared:
    """The start of a form."""
    line = register.line(view.connection, view.case.id)
    if line is None or line.confirm_until is None:
        return Prepared()
    return _confirm(view, line) if form == "confirm" else _perform(view)


def _confirm(view: CaseView, line: Row[Any]) -> Prepared:
    shown = {"since": line.effective_on.isoformat(), "last": line.confirm_until.isoformat()}
    text = N_("协议自 {since} 生效，双方可以共同申请司法确认到 {last} 为止（依据：《人民调解法》第33条）")
    refusal = in_person(view)
    return Prepared({}, [Message(text, shown), *([] if refusal is None else [refusal])])


def _perform(view: CaseView) -> Prepared:
    terms = {item["slot"]: item for item in (view.form("agreement") or {}).get("items") or ()}
    due = effects.due_items(view)
    text = N_("第 {term} 项（{day} 到期）：{what}")
    notes = [
        Message(text, {"term": i.slot, "day": i.due_on.isoformat(), "what": terms.get(i.slot, {}).get("what", "")})
        for i in due
    ]
    results = [{"slot": place, "term": item.slot} for place, item in enumerate(due, 1)]
    return Prepared({"checkedDay": view.today.isoformat(), "results": results}, notes)
