"""The petition on paper: its sheets, the order of its dossier, and its words (processes.md §0.5, §2)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from engine.access import CONFIDENTIAL
from engine.dossier.book import Book, Part, Sheet
from engine.messages import N_
from workflows.form_words import FormWords
from workflows.processes.petition import wording
from workflows.processes.petition.forms import FORMS
from workflows.processes.petition.letters.telling import tell
from workflows.processes.petition.progress import code_in
from workflows.processes.petition_review import letters as review
from workflows.processes.petition_review.forms import FORMS as REVIEW_FORMS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.dossier.record import CaseRecord

WORDS = FormWords({**FORMS, **REVIEW_FORMS})


def figures(record: CaseRecord) -> Mapping[str, Any]:
    """What the papers say besides their forms: whether it is collective, who forwarded it, the code by which she asks for it."""
    told = [entry.content for entry in record.entries if entry.content.get("register") == "petition_register"]
    senders = [int(each["sender_id"]) for each in told if each.get("sender_id")]
    hidden = record.is_masked or record.confidentiality in CONFIDENTIAL
    return {
        "collective": any(each.get("collective") for each in told),
        "code": "" if hidden else next(filter(None, map(code_in, reversed(told))), ""),
        "sender": record.names.units.get(senders[-1], "") if senders else "",
    }


_SENT: Final = ("way", ("FORWARD", "ASSIGN"))
_DECIDED: Final = ("outcome", tuple(code for code, _ in wording.DECIDED if code != "WITHDRAWN"))
_URGED: Final = ("action", ("OPINION", "BOARD", "INSPECTION"))
SHEETS = (
    Sheet("P-01", N_("信访登记表"), "P-01.html", "register"),
    Sheet("P-01R", N_("信访登记回执"), "P-01R.html", "register", addressed="her"),
    Sheet("P-02", N_("信访事项受理告知书"), "P-02.html", "accept", ahead=True, addressed="her"),
    Sheet("P-03", N_("信访事项不予受理（引导）告知书"), "P-03.html", "guide", ahead=True, addressed="her"),
    Sheet("P-04", N_("信访事项转送（交办）函"), "P-04.html", "triage", every=True, addressed="body", when=_SENT),
    Sheet("P-04L", N_("致有关单位函"), "P-04L.html", "letter_body", every=True, addressed="body"),
    Sheet(
        "P-05",
        N_("信访事项转送异议函"),
        "P-05.html",
        "receive",
        also=("objection_reply",),
        every=True,
        addressed="body",
        when=("received", ("OBJECT",)),
    ),
    Sheet("P-07", N_("信访事项处理意见书"), "P-07.html", "decide", addressed="her", when=_DECIDED),
    Sheet("P-11", N_("督促处理意见书"), "P-11.html", "urge", every=True, when=_URGED),
    Sheet("P-12", N_("结案报告"), "P-12.html", "close"),
    *review.SHEETS,
)

BOOK = Book(
    kind="petition",
    title="妇女信访",
    folder=Path(__file__).parent,
    sheets={sheet.code: sheet for sheet in SHEETS},
    order=(
        Part("P-01"),
        Part(title="证据、来信", papers=(("register", "evidence"),)),
        Part("P-02", papers=(("accept", "receipt"),)),
        Part("P-03", papers=(("guide", "evidence"),)),
        Part("P-04"),
        Part("P-05"),
        Part(title="调查材料", papers=(("investigate", "papers"),)),
        Part("P-07", papers=(("deliver", "receipt"),)),
        *review.ORDER,
        Part("P-04L", papers=(("letter_answer", "paper"),)),
        Part(title="其他机关的答复", papers=(("body_answer", "paper"),)),
        Part("P-11"),
        Part("P-12"),
    ),
    ledgers=frozenset(("plan", "investigate", "legal", "counsel", "mediation_result", "conference_result", "aid")),
    more=(review.FOLDER,),
    retention="10 年，自结案之日起算；群体、重大信访 30 年",
    applicant=("register", "name"),
    wording=WORDS.wording(
        tell=tell,
        figures=figures,
        acting=wording.ACTING_REASONS,
        units=frozenset((("register", "place"), ("called", "place"), ("triage", "targetUnit"), ("dispute", "unit"))),
    ),
)
