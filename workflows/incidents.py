"""Somebody calls or comes and asks for a woman (D4): neither confirmed nor denied; whoever is in charge is alerted.

Whoever takes the call need not know whether there is a case, and does not learn it: the answer is the same either way.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, insert, or_, select

from engine.access import SYSTEM, Permission
from engine.commands.leading import tell_leaders
from engine.commands.loading import subject_of
from engine.commands.teams import opened
from engine.errors import InvalidAnswers
from engine.events import Event, Kind
from engine.messages import N_, Message
from engine.model import case_file
from engine.model_contact import contact_incident
from workflows.model_conflict import party_of
from workflows.screening import marks_of

if TYPE_CHECKING:
    from engine.unit_of_work import UnitOfWork

KINDS: Final[Mapping[str, str]] = {
    "CALL": N_("来电"),
    "VISIT": N_("来访"),
    "LETTER": N_("来信"),
    "ONLINE": N_("网上留言"),
}
LONGEST: Final = 1000
_ASKED_FOR = (
    select(case_file.c.id)
    .where(
        or_(
            case_file.c.subject_hash.in_(bindparam("b_marks", expanding=True)),
            case_file.c.id.in_(
                select(party_of.c.case_id).where(
                    party_of.c.role == "APPLICANT", party_of.c.mark.in_(bindparam("b_marks", expanding=True))
                )
            ),
        )
    )
    .order_by(case_file.c.id)
)


def log_incident(
    uow: UnitOfWork,
    *,
    kind: str,
    asked_for: str,
    told: str,
    nothing_said: bool,
    idcard: str = "",
    case_id: int | None = None,
) -> dict[str, Any]:
    """Write down that somebody asked for a woman; ``{"incident": id}``, whether there is a case or not.

    `asked_for`: the name that was named; `told`: who asked, what he said, what was answered. `nothing_said`: that it was neither
    confirmed nor denied; without it nothing is kept, because then it has to be dealt with at once. `case_id` for who works on the
    case. Forbidden without a post; NotFound; InvalidAnswers by field.
    """
    uow.require(Permission.LOG_INCIDENT, None)
    problems = _problems(kind, asked_for, told, nothing_said=nothing_said)
    if problems:
        raise InvalidAnswers(problems)
    if case_id is not None:
        opened(uow, case_id, Permission.KEEP_CONTACT)
    content = {"asked_for": asked_for.strip(), "told": told.strip(), "idcard": idcard.strip()}
    row = {
        "at": uow.now,
        "by_id": uow.actor.id,
        "unit_id": uow.actor.posts[0].unit_id,
        "kind": kind,
        "told_sealed": uow.runtime.vault.seal_json(content),
        "nothing_said": nothing_said,
    }
    made = uow.connection.execute(insert(contact_incident).returning(contact_incident.c.id), row)
    incident = int(made.scalar_one())
    for each in _cases(uow, asked_for, idcard, case_id):
        entry = {"incident": incident, "kind": kind, "told": told.strip()}
        uow.record(Event(Kind.INCIDENT_LOGGED, each, content=entry))
        tell_leaders(uow, subject_of(uow.connection, uow.case(each)), "contact.incident", by=SYSTEM.id)
    return {"incident": incident}


def _cases(uow: UnitOfWork, asked_for: str, idcard: str, case_id: int | None) -> list[int]:
    """The cases of whoever was asked for."""
    if case_id is not None:
        return [case_id]
    known = marks_of(uow.runtime.vault, uow.connection, name=asked_for, idcard=idcard)
    return list(uow.connection.execute(_ASKED_FOR, {"b_marks": [mark for _, mark in known]}).scalars())


def _problems(kind: str, asked_for: str, told: str, *, nothing_said: bool) -> dict[str, list[Message]]:
    problems: dict[str, list[Message]] = {}
    if kind not in KINDS:
        problems["kind"] = [Message(N_("请选择来访、来电还是来信"))]
    if not 1 <= len(asked_for.strip()) <= 60:
        problems["asked_for"] = [Message(N_("请填写对方打听的人的姓名"))]
    if not 1 <= len(told.strip()) <= LONGEST:
        limit = {"limit": LONGEST, "seen": len(told.strip())}
        problems["told"] = [Message(N_("请写明对方是谁、说了什么、怎样答复，最多 {limit} 字（现为 {seen} 字）"), limit)]
    if not nothing_said:
        text = N_("请确认：既没有承认，也没有否认此人来过。如果已经说出，请立即告知承办人或权益部，再登记")
        problems["nothing_said"] = [Message(text)]
    return problems
