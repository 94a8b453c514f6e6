"""A call on paper: its record is printed as it was typed; an item that came of it has the sheets of the petition."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from engine.dossier.book import Book
from engine.events import Kind
from engine.messages import Message
from workflows.form_words import FormWords
from workflows.processes.hotline_call import wording
from workflows.processes.hotline_call.forms import FORMS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: the guides: one of them was offered, that of the category; on paper stands what she was told
_GUIDES: Final = frozenset(name for name in FORMS["call"].schema.fields if name.startswith("told")) - {"toldViolence"}


class Words(FormWords):
    """The words of the record without the guides that were not offered."""

    def sections(self, form: str) -> Sequence[tuple[str, Sequence[tuple[str, str]]]]:
        """The groups of a form: title, and (path, label) of what is printed."""
        found = super().sections(form)
        return [(title, [field for field in fields if field[0] not in _GUIDES]) for title, fields in found]


WORDS = Words(FORMS)


def tell(kind: str, content: Mapping[str, Any]) -> Sequence[Message]:
    """Lines for a history entry of a call."""
    if kind == Kind.OPERATION_PERFORMED and content.get("operation") in wording.OPERATIONS:
        return [Message(wording.OPERATIONS[content["operation"]])]
    if kind == Kind.REGISTER_CHANGED and content.get("taken_at"):
        return [Message(wording.TAKEN)]
    return []


BOOK = Book(
    kind="hotline_call",
    title="12338 来电",
    folder=Path(__file__).parent,
    sheets={},
    order=(),
    retention="10 年",
    applicant=("call", "name"),
    ledgers=frozenset(("take_over",)),
    wording=WORDS.wording(
        tell=tell,
        units=frozenset({("call", "place"), ("call", "toUnit"), ("take_over", "toUnit")}),
    ),
)
