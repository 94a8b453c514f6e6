"""信访研判 on paper, and what its figures are called there and on the page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from engine.dossier import render
from engine.dossier.book import Book
from engine.messages import N_
from workflows.processes.petition import wording
from workflows.processes.petition.indicators import CATEGORY, CHANNEL, CODES, SATISFACTION, WHOLE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from workflows.petition_analysis import Analysis

#: the rates in the order of processes.md §2, and what each is called
RATES: Final[Mapping[str, str]] = {
    "HANDLED": N_("办结率"),
    "NOTICE_ON_TIME": N_("按期告知率"),
    "CONCLUDE_ON_TIME": N_("按期办结率"),
    "REPEAT": N_("重复信访率"),
    "SATISFIED": N_("满意率"),
}
#: what is counted besides, and what stands in the table of units: numbers, then rates
NUMBERS: Final = (
    "RECEIVED", "REPEAT", "JOINED", "COLLECTIVE", "MAJOR", "LEVEL_SKIPPING", "ANONYMOUS", "OVERDUE", "CLOSED",
)  # fmt: skip
COLUMNS: Final = ("RECEIVED", "REPEAT", "COLLECTIVE", "DUE", "HANDLED", "OVERDUE")
COLUMN_RATES: Final = ("HANDLED", "NOTICE_ON_TIME", "CONCLUDE_ON_TIME")
#: families of codes with the heading of each and the names of what is in it
FAMILIES: Final = (
    (CATEGORY, N_("类别"), dict(wording.CATEGORY)),
    (CHANNEL, N_("渠道"), dict(wording.CHANNEL)),
    (SATISFACTION, N_("满意度"), {**dict(wording.SATISFACTION), "NO_CONTACT": N_("没有回访到")}),
)
NAMES: Final[Mapping[str, str]] = {
    **CODES,
    **{prefix + code: name for prefix, _, names in FAMILIES for code, name in names.items()},
}
#: all that a template needs besides the figures
TERMS: Final[Mapping[str, object]] = {
    "rates": RATES, "numbers": NUMBERS, "columns": COLUMNS, "column_rates": COLUMN_RATES, "families": FAMILIES,
    "names": NAMES, "whole": WHOLE, "category": CATEGORY,
}  # fmt: skip
_BOOK = Book(
    kind="petition",
    title="信访研判",
    folder=Path(__file__).parent / "letters",
    sheets={},
    order=(),
    retention="",
    applicant=("", ""),
)


def render_analysis(
    made: Analysis, *, printed_by: str, printed_at: datetime, fixed: Mapping[str, object] | None = None, code: str = ""
) -> bytes:
    """The analysis as PDF pages, its figures as they are shown to whoever prints it.

    `fixed`: of a fixed version its number, measures, author and who signed it (`letters/analysis.html`); `code`: its check code.
    """
    title = f"信访研判 {made.top.name} {made.span}"
    names = {"made": made, "fixed": fixed, **TERMS}
    return render.render_table(
        _BOOK, "analysis.html", title, names, printed_by=printed_by, printed_at=printed_at, code=code
    )
