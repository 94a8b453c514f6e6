"""A sweep on paper: its form, as it was reported."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.dossier.book import Book, Wording
from engine.events import Kind
from engine.messages import N_, Message
from workflows.chains import ACTING_REASONS
from workflows.form_words import FormWords
from workflows.processes.dispute_sweep.forms import FORMS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Words(FormWords):
    """Each family noted singly is read with the names of what was noted, in the order of the form."""

    def _item(self, form: str, path: str, item: Any) -> str:
        asked = [each for each in self.infos(form).values() if each.path.startswith(f"{path}.1.")]
        told = [(each.label, self.word(form, each.path, item.get(each.name))) for each in asked]
        return f"{item['slot']}. " + "，".join(f"{label}：{value}" for label, value in told)


WORDS = Words(FORMS)


def tell(kind: str, content: Mapping[str, Any]) -> Sequence[Message]:
    """Lines for a history entry of a sweep."""
    if kind == Kind.OPERATION_PERFORMED:
        return [Message(N_("登记排查结果；要办理的逐件转为信访件"))]
    if kind == Kind.REGISTER_CHANGED and content.get("reported_on"):
        return [Message(N_("已报告排查结果"))]
    return []


BOOK = Book(
    kind="dispute_sweep",
    title="矛盾纠纷排查",
    folder=Path(__file__).parent,
    sheets={},
    order=(),
    retention="10 年",
    applicant=("", ""),
    wording=Wording(
        label=WORDS.label,
        word=WORDS.word,
        choices=WORDS.choices,
        clause=WORDS.clause,
        sections=WORDS.sections,
        personal=WORDS.personal,
        tell=tell,
        acting=ACTING_REASONS,
    ),
)
