"""Review and recheck on paper: P-08, its recheck, and the letter to who asked too late; parts of the petition's own dossier."""

from __future__ import annotations

from pathlib import Path

from engine.dossier.book import Part, Sheet
from engine.messages import N_
from workflows.processes.petition_review import wording

FOLDER = Path(__file__).parent
_DECIDED = ("result", tuple(code for code, _ in wording.RESULT))
SHEETS = (
    Sheet(
        "P-03L",
        N_("不再受理复查（复核）申请告知书"),
        "P-03L.html",
        "review_window",
        addressed="her",
        when=("asked", ("LATE",)),
    ),
    Sheet("P-08", N_("信访事项复查意见书"), "P-08.html", "review", addressed="her"),
    Sheet("P-08F", N_("信访事项复核意见书"), "P-08F.html", "recheck", addressed="her", when=_DECIDED),
)
#: after P-07 and its receipt (processes.md §2, dossier)
ORDER = (
    Part(title="复查申请书", papers=(("review_window", "request"),)),
    Part("P-03L"),
    Part("P-08", papers=(("review_outside", "letter"), ("review_delivered", "receipt"))),
    Part(title="复核申请书", papers=(("recheck_window", "request"),)),
    Part(title="听证笔录", papers=(("hearing", "minutes"),)),
    Part("P-08F", papers=(("recheck_outside", "letter"), ("recheck_delivered", "receipt"))),
)
