"""The joint conference on paper: the minutes V-09, and its words in the dossier (processes.md §0.5, §8)."""

from __future__ import annotations

from pathlib import Path

from engine.dossier.book import Book, Part, Sheet, Wording
from engine.messages import N_
from workflows.chains import ACTING_REASONS
from workflows.form_words import FormWords
from workflows.processes.joint_conference.forms import FORMS
from workflows.screening import passed_over

WORDS = FormWords(FORMS)
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
        Part(title="办理结果的证明材料", papers=(("follow", "papers"),)),
    ),
    ledgers=frozenset(("follow",)),
    retention="永久",
    applicant=("convene", "type"),
    wording=Wording(
        label=WORDS.label,
        word=WORDS.word,
        choices=WORDS.choices,
        clause=WORDS.clause,
        sections=WORDS.sections,
        personal=WORDS.personal,
        acting=ACTING_REASONS,
        barred=passed_over,
    ),
)
