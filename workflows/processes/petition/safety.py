"""The safe-contact block of the register form: checked as everywhere (D4), laid down with the registration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from engine.commands.contact import set_contact
from engine.commands.context import CaseContext
from engine.contact import Block, flaws, windows_of
from engine.messages import N_, Message

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.process_type import Answers, CaseView, Problems

#: field of the block → field of the form
_FIELDS: Final = {
    "channel": "safeChannel",
    "number": "safeNumber",
    "windows": "safeTimes",
    "may_leave_message": "mayLeaveMessage",
    "cover_story": "coverStory",
    "code_word": "codeWord",
    "unsafe_numbers": "unsafeNumbers",
    "shared_with_abuser": "phoneShared",
    "trusted_person": "trustedPerson",
}
#: what is handed to a protection case: the block and nothing else of the form
BLOCK_FIELDS: Final = tuple(_FIELDS.values())


def block_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed (values or stored answers), as `engine.commands.contact.set_contact` takes it."""
    return {name: values.get(field) or "" for name, field in _FIELDS.items()}


def problems(values: Answers, case_number: str) -> Problems:
    """What is wrong with the block, by field of the form; nothing while no channel has been chosen."""
    if values["safeChannel"] is None:
        return {}
    typed = block_of(values)
    windows = windows_of(str(typed["windows"]))
    found: Problems = {}
    if windows is None:
        text = N_("每行写一个时段：星期（1 是周一）和起止时间，如“1-5 09:00-11:30”；止须晚于起，跨夜的分两行写")
        found["safeTimes"] = [Message(text)]
    unsafe = str(typed["unsafe_numbers"]).replace("、", "\n").replace(",", "\n").split("\n")
    block = Block(
        channel=str(typed["channel"]),
        number=str(typed["number"]).strip(),
        windows=windows or (),
        may_leave_message=bool(typed["may_leave_message"]),
        cover_story=str(typed["cover_story"]).strip(),
        unsafe_numbers=tuple(filter(None, (number.strip() for number in unsafe))),
        shared_with_abuser=bool(typed["shared_with_abuser"]),
        trusted_person=str(typed["trusted_person"]).strip(),
    )
    for name, flaw in flaws(block, case_number).items():
        found.setdefault(_FIELDS[name], [flaw])
    return found


def lay_down(view: CaseView, values: Mapping[str, Any]) -> None:
    """Keep the block as the first version of how she may be reached."""
    assert isinstance(view, CaseContext)  # noqa: S101 - only a command lays anything down
    set_contact(view.work, case_id=view.case.id, block=block_of(values))
