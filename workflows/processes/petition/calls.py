"""An item that began as a call to 12338: what comes over, who was asked first, and what has been done for her already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workflows.processes.hotline_call import register as hotline
from workflows.processes.petition.forms_register import CALLED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Row

    from engine.process_type import CaseView


def handed_over(call: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The hand-over sheet of a call: its form, and everything P-01 asks that was typed while she spoke."""
    told = [each for each in (call.get("earlierHandling"), call.get("advice")) if each]
    known = {name: call.get(name) for name in CALLED.schema.fields}
    known |= {"channel": "HOTLINE", "earlierHandling": "\n".join(told)}
    return CALLED.key, CALLED.dump(CALLED.restore(known))


def call_of(view: CaseView) -> Row[Any] | None:
    """The line of the call this item came from; None when it came another way."""
    came = next((each for each in view.linked(hotline.RELATION) if not each.later), None)
    return None if came is None else hotline.entry(view.connection, came.case_id)


def columns(view: CaseView) -> Mapping[str, Any]:
    """First asked is whoever answered the telephone (S002-10); nothing for an item that came another way."""
    call = call_of(view)
    if call is None:
        return {}
    answered = {"first_asked": call.agent_id, "first_post": call.agent_post, "first_unit_id": call.unit_id}
    return {**answered, "call_id": call.case_id}


def is_protected(view: CaseView) -> bool:
    """Whether protection was opened before it was registered (a call was answered, she was found in a sweep): once is enough."""
    call = call_of(view)
    return (call is not None and bool(call.harm)) or any(each.later for each in view.linked("protection"))
