"""Same person, same matter? Earlier items that may be the one that has come again; a person decides (processes.md §2 step 3).

What she may read is shown with the reason why it is a candidate. Of what she may not read she learns only that there is something
to ask about, and of what she is kept from not even that (D3.1).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import and_, bindparam, not_, or_, select

from engine.access import CONFIDENTIAL
from engine.clock import due_day
from engine.model import case_file, task
from engine.model_search import search_text
from workflows.federation_rules import FederationRules
from workflows.processes.petition import register
from workflows.processes.petition.likeness import alike, searchable
from workflows.processes.petition.policy import policy_of
from workflows.processes.petition.register import petition_register

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from sqlalchemy import Row

    from engine.process_type import CaseView

#: of many only the newest are shown
MOST: Final = 20
#: steps of review and recheck that wait for her, and those in which a federation looks at the matter again
WINDOWS: Final = ("T_ReviewWindow", "T_RecheckWindow")
AGAIN: Final = (
    "T_Review", "T_ReviewOutside", "T_DeliverReview", "T_CarryOut",
    "T_Recheck", "T_RecheckOutside", "T_Hearing", "T_DeliverRecheck", "T_CarryOutRecheck",
)  # fmt: skip

_line = petition_register.c
_KNOWN = (
    select(
        _line.case_id, case_file.c.number, case_file.c.confidentiality, case_file.c.outcome, _line.category,
        _line.received_on, _line.state, _line.closed_on, _line.subject_hash, _line.phone_hash, _line.name_hash,
        _line.place_id, search_text.c.text_sealed,
    )
    .join(case_file, case_file.c.id == _line.case_id)
    .join(search_text, search_text.c.case_id == _line.case_id, isouter=True)
    .where(
        or_(
            _line.subject_hash == bindparam("b_subject"),
            _line.phone_hash == bindparam("b_phone"),
            and_(
                _line.name_hash == bindparam("b_name"),
                _line.county_id == bindparam("b_county"),
                or_(_line.category == bindparam("b_category"), _line.place_id == bindparam("b_place")),
            ),
        ),
        _line.case_id != bindparam("b_case"),
        or_(_line.received_on >= bindparam("b_since"), _line.closed_on.is_(None)),
        _line.state != "joined",
    )
    .order_by(_line.received_on.desc(), _line.case_id.desc())
    .limit(MOST)
)  # fmt: skip
_WAITING = select(task.c.case_id, task.c.element, task.c.due_at, task.c.post, task.c.unit_id).where(
    task.c.case_id.in_(bindparam("b_cases", expanding=True)),
    task.c.state == "open",
    task.c.element.in_((*WINDOWS, *AGAIN)),
)


@dataclass(frozen=True)
class Window:
    """That she may ask for a review or a recheck until a day, and the post that waits for it."""

    until: date
    post: str
    unit_id: int


@dataclass(frozen=True)
class Candidate:
    """An earlier item that may be the same.

    `why`: "subject" (her ID number), "phone" (with the category), "name" (with the category or the place: a weak hint), "text"
    (the matter reads alike: a hint). `stage`: "hand",
    "window" (decided; she may ask for a review or recheck), "again" (in review or recheck), "final" (rechecked), "over".
    """

    case_id: int
    number: str
    confidential: bool
    received_on: date
    state: str
    stage: str
    why: tuple[str, ...]
    window: Window | None = None


@dataclass(frozen=True)
class Found:
    """What was found for somebody: items she may read, and those of which she learns no more than that there is one."""

    shown: Sequence[Candidate]
    hidden: Sequence[Candidate]


def candidates(view: CaseView) -> Sequence[Candidate]:
    """Those the actor may read, the newest first."""
    return found(view).shown


def found(view: CaseView) -> Found:
    """Earlier items of the same person (keyed hash), or of the same telephone with the category or a matter that reads alike.

    Of the same name in the same county, too, with the category or the place: only among those she may read. That somebody of that
    name came before is told of no item that she may not know.
    """
    line = register.standing(view)
    if not (line.subject_hash or line.phone_hash or line.name_hash):
        return Found((), ())
    rules = FederationRules(view.vault)
    hers = rules.visible_cases(view.actor)
    asked = _KNOWN.where(not_(rules.shut_out(view.actor)))
    known = {
        "b_subject": line.subject_hash or "-",
        "b_phone": line.phone_hash or "-",
        "b_name": line.name_hash or "-",
        "b_county": line.county_id,
        "b_category": line.category,
        "b_place": line.place_id,
        "b_case": view.case.id,
        "b_since": _since(line.received_on, policy_of(view).parameters.integer("matchYears")),
    }
    shown = view.connection.execute(asked.where(hers), known).all()
    hidden = view.connection.execute(asked.where(not_(hers)), {**known, "b_name": "-"}).all()
    return Found(_made(view, line, shown), _made(view, line, hidden))


def chosen(view: CaseView, answers: Mapping[str, Any]) -> Candidate | None:
    """The item that was named: one of those shown, or by the number its holder told, which a confidential item has for nobody."""
    both = found(view)
    if answers.get("caseId"):
        return next((each for each in both.shown if each.case_id == int(answers["caseId"])), None)
    told = str(answers.get("toldNumber") or "").strip().upper()
    return next((each for each in both.hidden if each.number == told and not each.confidential), None)


def _since(day: date, years: int) -> date:
    """The same day so many years before."""
    day = day.replace(day=28) if (day.month, day.day) == (2, 29) else day
    return day.replace(year=day.year - years)


def _made(view: CaseView, line: Row[Any], rows: Sequence[Any]) -> list[Candidate]:
    words = searchable(view.form("register") or {})["words"]
    reasons = {row.case_id: _why(view, line, row, words) for row in rows}
    same = [row for row in rows if reasons[row.case_id]]
    over = [row.case_id for row in same if row.closed_on is not None]
    waiting: dict[int, Any] = {}
    if over:
        waiting = {row.case_id: row for row in view.connection.execute(_WAITING, {"b_cases": over})}
    return [
        Candidate(
            row.case_id, row.number, row.confidentiality in CONFIDENTIAL, row.received_on, row.state,
            _stage(row, waiting.get(row.case_id)), reasons[row.case_id], _window(waiting.get(row.case_id)),
        )
        for row in same
    ]  # fmt: skip


def _why(view: CaseView, line: Row[Any], row: Row[Any], words: str) -> tuple[str, ...]:
    """The reasons why an item of the same person or telephone is a candidate; none when it is not."""
    person = bool(line.subject_hash) and row.subject_hash == line.subject_hash
    phone = bool(line.phone_hash) and row.phone_hash == line.phone_hash
    name = _same_name(line, row)
    if not (person or phone or name):  # of that name, and somebody else by her number
        return ()
    told = view.vault.open_json(row.text_sealed).get("words", "") if row.text_sealed is not None else ""
    reasons = (
        (person, "subject"),
        (phone and row.category == line.category, "phone"),
        (name, "name"),
        (alike(words, told), "text"),
    )
    return tuple(code for holds, code in reasons if holds)


def _same_name(line: Row[Any], row: Row[Any]) -> bool:
    """Two of one name, unless their ID numbers say that they are two."""
    if not line.name_hash or row.name_hash != line.name_hash or (line.subject_hash and row.subject_hash):
        return False
    return bool(row.category == line.category or row.place_id == line.place_id)


def _stage(row: Row[Any], waiting: Row[Any] | None) -> str:
    if row.closed_on is None:
        return "hand"
    if waiting is not None:
        return "window" if waiting.element in WINDOWS else "again"
    return "final" if row.outcome == "final" else "over"


def _window(waiting: Row[Any] | None) -> Window | None:
    if waiting is None or waiting.element not in WINDOWS:
        return None
    return Window(due_day(waiting.due_at), waiting.post, waiting.unit_id)
