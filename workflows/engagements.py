"""Audit engagements (domain D1, CASE_AUDITOR): asked for, approved by somebody else, drawn, ended.

Nothing here is done by one person alone. The auditor may ask for herself, the head of a department for her; the county chair
decides, who is neither the auditor nor the one who asked. The sample is drawn at that moment and kept, so that nobody chooses
the cases she would like to look into.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, bindparam, func, insert, select, update

from engine.access import Permission
from engine.errors import EngineError, Forbidden, InvalidAnswers, NotFound
from engine.messages import N_, Message
from engine.model import case_file
from engine.unit_of_work import inserted_id
from workflows import grant_log, organisation
from workflows.chart import chart
from workflows.engaged import AUDITOR, scope_of, takes_part, within
from workflows.engagement_form import Asked, read
from workflows.model_engagement import engagement

if TYPE_CHECKING:
    from engine.unit_of_work import UnitOfWork

_LOAD = select(engagement).where(engagement.c.id == bindparam("b_id"))
_OF_COUNTY = select(func.count()).where(engagement.c.number.like(bindparam("b_like")))
_DECIDE = update(engagement).where(engagement.c.id == bindparam("b_id"), engagement.c.state == "asked")
_END = (
    update(engagement)
    .where(engagement.c.id == bindparam("b_id"), engagement.c.state == "approved")
    .values(state="ended", ended_by=bindparam("b_by"), ended_at=bindparam("b_at"))
)


class EngagementClosed(EngineError):
    """The engagement is not in a state for that."""

    text = N_("审计委托 {number} 不能{act}：{why}")


@dataclass(frozen=True)
class Place:
    """A unit as the rules ask about it."""

    unit_id: int
    path: str


def ask_engagement(
    uow: UnitOfWork,
    *,
    auditor_id: int,
    unit_id: int,
    kinds: Sequence[str],
    opened_since: str,
    opened_until: str,
    since: str,
    until: str,
    reason: str,
    confidential: bool = False,
    sample: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Ask that an auditor be let into the cases of a unit and those below it; returns ``{"engagement_id", "number"}``.

    `kinds` are process types; the cases were opened from one civil day to another ("2026-01-01", both included); the auditor
    looks from `since` to `until`, both included. `sample` is {"rule": "all"}, {"rule": "numbers", "numbers": […]}, {"rule":
    "nth", "n": 10} or {"rule": "random", "n": 20}. With `confidential`, C3 cases belong to it, redacted. Whether a number exists
    is not told. Forbidden; InvalidAnswers with every field that is wrong.
    """
    place = _place(uow, unit_id)
    asked = Asked(kinds, opened_since, opened_until, since, until, reason, sample or {"rule": "all"})
    row = {
        **_checked(uow, asked, auditor_id, place.path),
        **vars(place),
        "number": _number(uow, unit_id),
        "auditor_id": auditor_id,
        "confidential": confidential,
        "reason_sealed": uow.runtime.vault.seal(reason.strip().encode()),
        "state": "asked",
        "asked_by": uow.actor.id,
        "asked_at": uow.now,
    }
    written = grant_log.change(uow, "engagement.asked", insert(engagement), row)
    return {"engagement_id": inserted_id(written), "number": row["number"]}


def _checked(uow: UnitOfWork, asked: Asked, auditor_id: int, path: str) -> dict[str, Any]:
    """What was typed as columns; InvalidAnswers with every field that is wrong."""
    known, problems = read(asked, uow.runtime.catalogue, uow.today)
    refusal = _auditor_refused(uow, auditor_id, path)
    if refusal is not None:
        problems["auditor"] = [refusal]
    if problems:
        raise InvalidAnswers(problems)
    return known


def _place(uow: UnitOfWork, unit_id: int) -> Place:
    """The unit, for whoever may ask there; Forbidden, also for one that does not exist."""
    unit = chart(uow.connection).units.get(unit_id)
    place = None if unit is None else Place(unit.id, unit.path)
    if place is None or not uow.runtime.rules.permits(uow.actor, Permission.ASK_ENGAGEMENT, place):
        raise Forbidden(why=Message(N_("只有案卷审计员本人、权益部部长、发展部部长可以为本单位及下级单位申请审计委托")))
    return place


def approve_engagement(uow: UnitOfWork, *, engagement_id: int, note: str = "") -> dict[str, Any]:
    """Approve it and draw the sample; returns ``{"engagement_id", "cases", "population"}`` (cases None: all of the scope).

    NotFound, Forbidden for the auditor, for who asked and for whoever may not decide, EngagementClosed after its last day.
    """
    row = _to_decide(uow, engagement_id, N_("批准"))
    if row.until < uow.today:
        why = Message(N_("委托期间已于 {day} 结束，请重新申请"), {"day": row.until.isoformat()})
        raise EngagementClosed(number=row.number, act=Message(N_("批准")), why=why)
    refusal = _auditor_refused(uow, row.auditor_id, row.path)
    if refusal is not None:
        raise EngagementClosed(number=row.number, act=Message(N_("批准")), why=refusal)
    cases, population, sample = _drawn(uow, row)
    _decide(uow, row, note, state="approved", cases=cases, population=population, sample=sample)
    return {"engagement_id": row.id, "cases": None if cases is None else len(cases), "population": population}


def refuse_engagement(uow: UnitOfWork, *, engagement_id: int, note: str) -> dict[str, Any]:
    """Refuse it, saying why; returns ``{"engagement_id"}``. As `approve_engagement`; InvalidAnswers without a reason."""
    row = _to_decide(uow, engagement_id, N_("不批准"))
    if not note.strip():
        raise InvalidAnswers({"note": [Message(N_("请写明不批准的理由"))]})
    _decide(uow, row, note, state="refused")
    return {"engagement_id": row.id}


def end_engagement(uow: UnitOfWork, *, engagement_id: int) -> dict[str, Any]:
    """End it now: by the auditor, by who asked, or by whoever may decide; returns ``{"engagement_id"}``.

    NotFound for everybody else, EngagementClosed when it does not run any more.
    """
    row = load(uow, engagement_id)
    if uow.actor.id not in (row.auditor_id, row.asked_by) and not _may_decide(uow, row):
        raise NotFound(what=Message(N_("审计委托 {id}"), {"id": engagement_id}))
    ended = grant_log.change(uow, "engagement.ended", _END, {"b_id": row.id, "b_by": uow.actor.id, "b_at": uow.now})
    if ended.rowcount != 1 or row.until < uow.today:
        raise EngagementClosed(number=row.number, act=Message(N_("结束")), why=Message(N_("它没有在进行")))
    return {"engagement_id": row.id}


def load(uow: UnitOfWork, engagement_id: int) -> Row[Any]:
    """The engagement row; NotFound."""
    row: Row[Any] | None = uow.connection.execute(_LOAD, {"b_id": engagement_id}).one_or_none()
    if row is None:
        raise NotFound(what=Message(N_("审计委托 {id}"), {"id": engagement_id}))
    return row


def same_person(uow: UnitOfWork, one: int, other: int) -> bool:
    """Whether two accounts are one person's: the same account, or the same identity number."""
    if one == other:
        return True
    hashes = {organisation.account_id_hash(uow.connection, each) for each in (one, other)}
    return len(hashes) == 1 and None not in hashes


def _to_decide(uow: UnitOfWork, engagement_id: int, act: str) -> Row[Any]:
    row = load(uow, engagement_id)
    if not _may_decide(uow, row):
        if uow.actor.id not in (row.auditor_id, row.asked_by):
            raise NotFound(what=Message(N_("审计委托 {id}"), {"id": engagement_id}))
        uow.require(Permission.DECIDE_ENGAGEMENT, Place(row.unit_id, row.path))
    if any(same_person(uow, uow.actor.id, each) for each in (row.auditor_id, row.asked_by)):
        raise Forbidden(why=Message(N_("审计委托须由审计员本人和申请人以外的人决定")))
    if row.state != "asked":
        raise EngagementClosed(number=row.number, act=Message(act), why=Message(N_("已经有了决定")))
    return row


def _may_decide(uow: UnitOfWork, row: Row[Any]) -> bool:
    return uow.runtime.rules.permits(uow.actor, Permission.DECIDE_ENGAGEMENT, Place(row.unit_id, row.path))


def _decide(uow: UnitOfWork, row: Row[Any], note: str, **values: Any) -> None:
    answer = uow.runtime.vault.seal(note.strip().encode()) if note.strip() else None
    told = {**values, "decided_by": uow.actor.id, "decided_at": uow.now, "answer_sealed": answer}
    act = f"engagement.{values['state']}"
    if grant_log.change(uow, act, _DECIDE.values(**told), {"b_id": row.id}).rowcount != 1:
        raise EngagementClosed(number=row.number, act=Message(N_("决定")), why=Message(N_("已经有了决定")))


def _auditor_refused(uow: UnitOfWork, auditor_id: int, path: str) -> Message | None:
    """Why somebody may not audit the cases below a path: no auditor there, or she works in that county herself."""
    auditor = uow.runtime.rules.person(uow.connection, auditor_id, uow.today)
    posts = auditor.posts if auditor else ()
    if not any(post.code == AUDITOR and path.startswith(post.path) for post in posts):
        return Message(N_("请选择在此单位或其上级单位任职的案卷审计员"))
    if takes_part(posts, path):
        return Message(N_("该审计员在被审计的范围内另有岗位，不能审计自己参与的工作"))
    if not same_person(uow, uow.actor.id, auditor_id) and uow.actor.holds(AUDITOR) and uow.actor.id != auditor_id:
        return Message(N_("案卷审计员只能为本人申请"))
    return None


def _number(uow: UnitOfWork, unit_id: int) -> str:
    county = organisation.county_of(uow.connection, unit_id).code
    start = f"{county}-AU-{uow.today.year}-"
    count = int(uow.connection.execute(_OF_COUNTY, {"b_like": f"{start}%"}).scalar() or 0)
    return f"{start}{count + 1:03d}"


def _drawn(uow: UnitOfWork, row: Row[Any]) -> tuple[list[int] | None, int, dict[str, Any]]:
    """The ids drawn (None: all), out of how many, and the rule with the seed it was drawn by."""
    wanted = select(case_file.c.id, case_file.c.number).where(within(scope_of(row))).order_by(case_file.c.number)
    found = [(int(each.id), str(each.number)) for each in uow.connection.execute(wanted)]
    sample = dict(row.sample)
    if sample["rule"] == "random":
        sample["seed"] = secrets.token_hex(8)
    return draw(sample, found), len(found), sample


def draw(sample: Mapping[str, Any], found: Sequence[tuple[int, str]]) -> list[int] | None:
    """The cases of a sample among (id, number) in the order of their numbers; None for all of them.

    By "random", those `n` come whose SHA-256 of “seed:number” are the smallest: whoever has seed and numbers draws the same.
    """
    if sample["rule"] == "numbers":
        return [case_id for case_id, number in found if number in sample["numbers"]]
    if sample["rule"] == "nth":
        return [case_id for case_id, _ in found[sample["n"] - 1 :: sample["n"]]]
    if sample["rule"] == "random":
        ranked = sorted(found, key=lambda each: hashlib.sha256(f"{sample['seed']}:{each[1]}".encode()).hexdigest())
        return sorted(case_id for case_id, _ in ranked[: sample["n"]])
    return None
