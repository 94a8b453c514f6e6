"""Same person, same matter? Earlier items that may be the one that has come again; a person decides (processes.md §2 step 3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, exists, or_, select, update

from engine.access import CONFIDENTIAL
from engine.guarding import tokens_of
from engine.model import case_file
from engine.model_teams import case_exclusion
from workflows.processes.petition import moves, register, routing
from workflows.processes.petition.policy import policy_of
from workflows.processes.petition.register import petition_register

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from engine.process_type import CaseView

_line = petition_register.c
_KNOWN = (
    select(
        _line.case_id, case_file.c.number, case_file.c.confidentiality, _line.category, _line.received_on, _line.state,
        _line.unit_id, _line.closed_on, _line.delivered_on, _line.subject_hash,
    )
    .join(case_file, case_file.c.id == _line.case_id)
    .where(
        or_(
            _line.subject_hash == bindparam("b_subject"),
            (_line.phone_hash == bindparam("b_phone")) & (_line.category == bindparam("b_category")),
        ),
        _line.case_id != bindparam("b_case"),
        _line.received_on >= bindparam("b_since"),
        _line.state != "joined",
        case_file.c.confidentiality.not_in(CONFIDENTIAL),
        ~exists().where(
            case_exclusion.c.case_id == _line.case_id,
            case_exclusion.c.ended_at.is_(None),
            case_exclusion.c.token.in_(bindparam("b_tokens", expanding=True)),
        ),
    )
    .order_by(_line.received_on.desc(), _line.case_id.desc())
    .limit(20)
)  # fmt: skip

_COUNT = (
    update(petition_register).where(_line.case_id == bindparam("b_case")).values(repeat_count=_line.repeat_count + 1)
)


@dataclass(frozen=True)
class Candidate:
    """An earlier item that may be the same. `by`: "subject" (her ID number) or "phone" (with the category)."""

    case_id: int
    number: str
    confidentiality: str
    category: str
    received_on: date
    state: str
    unit_id: int
    delivered_on: date | None
    by: str

    @property
    def is_open(self) -> bool:
        """Whether it is still in hand."""
        return self.state in ("registered", "accepted", "guided")


def candidates(view: CaseView) -> Sequence[Candidate]:
    """Earlier items of the same person (keyed hash), or of the same telephone and category, the newest first.

    A confidential item is none of them, nor one that who asks is kept from: that it exists is for those who may see it.
    """
    line = register.standing(view)
    if not (line.subject_hash or line.phone_hash):
        return ()
    years = policy_of(view).parameters.integer("matchYears")
    asked: dict[str, Any] = {
        "b_subject": line.subject_hash or "-",
        "b_phone": line.phone_hash or "-",
        "b_category": line.category,
        "b_case": view.case.id,
        "b_tokens": sorted(tokens_of(view.vault, view.actor)),
        "b_since": line.received_on - timedelta(days=366 * years),
    }
    return [
        Candidate(
            row.case_id, row.number, row.confidentiality, row.category, row.received_on, row.state, row.unit_id,
            row.delivered_on, "subject" if line.subject_hash and row.subject_hash == line.subject_hash else "phone",
        )
        for row in view.connection.execute(_KNOWN, asked)
    ]  # fmt: skip


def join(view: CaseView) -> Mapping[str, Any]:
    """Add this item to the one in hand (条例 19): no second clock; that one's count rises and its holder is told."""
    other_id = int((view.form("match") or {})["caseId"])
    repeat_of(view, other_id, state="joined")
    other = register.entry(view.connection, other_id)
    assert other is not None  # noqa: S101 - `caseId` was checked against the candidates
    view.change(_COUNT, {"b_case": other_id})
    moves.tell(view, other.unit_id, "petition.joined", other=other_id)
    view.notify(other.first_post, other.first_unit_id, "petition.joined", other=other_id)
    return {}


def repeat_of(view: CaseView, other_id: int, **columns: Any) -> None:
    """Say that this item is another one come again."""
    other = register.entry(view.connection, other_id)
    count = (other.repeat_count if other is not None else 0) + 1
    register.set_columns(view, repeat_of=other_id, repeat_count=count, **columns)
    view.link(other_id, "repeat")


def review_until(view: CaseView, found: Candidate) -> date | None:
    """The last day on which she may ask for a review of an earlier item (条例 35); None when it was never delivered."""
    if found.delivered_on is None:
        return None
    period = policy_of(view).period("pet.review.ask")
    calendar = routing.calendar(view)
    return calendar.next_working(calendar.last_day(found.delivered_on, period.amount, period.unit))
