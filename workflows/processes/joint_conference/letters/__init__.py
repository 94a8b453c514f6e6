"""The joint conference on paper: the minutes V-09, and its words in the dossier (processes.md §0.5, §8)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.dossier.book import Book, Part, Sheet
from engine.events import Kind
from engine.messages import N_, Message
from workflows.form_words import FormWords
from workflows.processes.joint_conference import wording
from workflows.processes.joint_conference.forms import FORMS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

WORDS = FormWords(FORMS)


def tell(kind: str, content: Mapping[str, Any]) -> Sequence[Message]:
    """Lines for a history entry of a conference."""
    if kind == Kind.OPERATION_PERFORMED and content.get("operation") in wording.OPERATIONS:
        return [Message(wording.OPERATIONS[content["operation"]])]
    return []


SHEETS = (Sheet("V-09", N_("联席会议纪要"), "V-09.html", "minutes", also=("issue", "convene", "reports"), every=True),)

BOOK = Book(
    kind="joint_conference",
    title="联席会议",
    folder=Path(__file__).parent,
    sheets={sheet.code: sheet for sheet in SHEETS},
    order=(
        Part(title="保密承诺书", papers=(("convene", "pledges"),)),
        Part(title="各单位书面材料", papers=(("reports", "papers"),)),
        Part("V-09"),
        Part(title="纪要回执", papers=(("minutes_receipts", "scans"),)),
        Part(title="办理结果的证明材料", papers=(("follow", "papers"),)),
    ),
    ledgers=frozenset(("minutes_sent", "minutes_receipts", "follow")),
    retention="永久",
    applicant=("convene", "type"),
    wording=WORDS.wording(
        tell=tell,
    ),
)
