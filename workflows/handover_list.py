"""The printed list of a handover (R-13): open matters, registers, seals, papers; fixed, signed by three, and kept."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, Row, bindparam, exists, insert, or_, select, update

from engine.access import Actor, Post
from engine.clock import due_day
from engine.commands.signing import Reauthentication, confirmed
from engine.errors import Forbidden, InvalidAnswers, NotFound, NotNow
from engine.fields import canonical
from engine.guarding import tokens_of
from engine.messages import N_, Message
from engine.model import case_file, task
from engine.model_teams import case_exclusion
from workflows import organisation, organisation_log
from workflows.chart import chart
from workflows.handover import ROLES, THINGS, found, is_of_chairs, signed, successor, supervised
from workflows.model_organisation import handover, handover_signature
from workflows.newcomers import KIN
from workflows.posts import POST_NAMES
from workflows.screening import screen
from workflows.terms import read_day

if TYPE_CHECKING:
    from engine.runtime import Runtime
    from engine.unit_of_work import UnitOfWork

#: what is listed; C3 and C4 move by the decision of whoever has the case in charge
_OPENLY: Final = ("C0", "C1", "C2")
MOST_MATTERS: Final = 2000
#: what a signature on a list vouches for
_BOUND: Final = ("handover_id", "role", "signer_id", "method", "digest", "signed_on")

_h = handover.c
_hers = (task.c.unit_id == bindparam("b_unit")) & (task.c.post == bindparam("b_post"))
_WAITS = exists().where(
    task.c.case_id == case_file.c.id,
    task.c.state.in_(("open", "waiting")),
    or_(_hers, task.c.assignee_id == bindparam("b_leaver"), task.c.acting_for == bindparam("b_post")),
)
_MATTERS = (
    select(case_file.c.id, case_file.c.number, case_file.c.kind, case_file.c.subject)
    .where(
        case_file.c.state == "open",
        case_file.c.confidentiality.in_(_OPENLY),
        case_file.c.path.like(bindparam("b_like")),
    )
    .order_by(case_file.c.number)
    .limit(MOST_MATTERS)
)
_STEPS = (
    select(task.c.case_id, task.c.name, task.c.due_at)
    .where(task.c.case_id.in_(bindparam("b_cases", expanding=True)), task.c.state.in_(("open", "waiting")))
    .order_by(task.c.rank_at, task.c.id)
)
_KEPT_FROM = select(case_exclusion.c.case_id).where(
    case_exclusion.c.token.in_(bindparam("b_tokens", expanding=True)), case_exclusion.c.ended_at.is_(None)
)
_ADD = insert(handover_signature)


def matters(runtime: Runtime, connection: Connection, actor: Actor, row: Row[Any], on: date) -> list[dict[str, Any]]:
    """The open matters that go with a post, as somebody sees them: number, kind, subject (masked), steps, first due day.

    What leaver or successor is kept from, or the successor is too close to, is not among them: it is with the level above (O02).
    """
    place = organisation.unit(connection, row.unit_id)
    asked = {"b_like": f"{place.path}%", "b_unit": row.unit_id, "b_post": row.post, "b_leaver": row.leaver_id}
    chosen = _MATTERS.where(runtime.rules.visible_cases(actor))
    if is_of_chairs(row.post):
        asked = {"b_like": asked["b_like"]}
    else:
        chosen = chosen.where(_WAITS)
    rows = connection.execute(chosen, asked).all()
    kept = _kept_from(runtime, connection, row, [each.id for each in rows], on)
    ids = [each.id for each in rows if each.id not in kept]
    steps: dict[int, list[Any]] = {}
    for step in connection.execute(_STEPS, {"b_cases": ids}):
        steps.setdefault(step.case_id, []).append(step)
    return [
        {
            "id": each.id,
            "number": each.number,
            "kind": runtime.catalogue[each.kind].title if each.kind in runtime.catalogue else each.kind,
            "subject": each.subject,
            "steps": [step.name for step in steps.get(each.id, ())],
            "due": next((due_day(s.due_at).isoformat() for s in steps.get(each.id, ()) if s.due_at is not None), ""),
        }
        for each in rows
        if each.id not in kept
    ]


def _kept_from(runtime: Runtime, connection: Connection, row: Row[Any], cases: list[int], on: date) -> set[int]:
    heir, place = successor(connection, row), organisation.unit(connection, row.unit_id)
    here = (Post(row.post, place.id, place.path),)
    both = [Actor(each, "", here) for each in (row.leaver_id, heir) if each is not None]
    tokens = {token for each in both for token in tokens_of(runtime.vault, each)}
    kept = set(connection.execute(_KEPT_FROM, {"b_tokens": sorted(tokens)}).scalars())
    for case_id in cases:
        if heir is not None and any(hit.kind in KIN for hit in screen(connection, case_id, on).hits(heir)):
            kept.add(case_id)
    return kept


def fix_list(uow: UnitOfWork, *, handover_id: int, seen_version: int) -> dict[str, Any]:
    """Fix the list as it stands, to be signed; ``{"handover_id", "digest"}``. Whoever fixes it supervises the handover.

    NotNow without a successor, before the last day, or when it was fixed or changed meanwhile.
    """
    row = supervised(uow, handover_id)
    heir = successor(uow.connection, row)
    if row.state != "open" or row.version != seen_version:
        raise NotNow(why=Message(N_("移交清单已确定或已被他人更新，请刷新后再改")))
    if heir is None:
        raise NotNow(why=Message(N_("还没有任命继任者，请先由安全管理员任命")))
    if uow.today < row.ended_on:
        raise NotNow(why=Message(N_("任期的最后一日（{day}）起才能确定移交清单"), {"day": row.ended_on.isoformat()}))
    content = _content(uow, row, heir)
    digest = hashlib.sha256(canonical(content)).hexdigest()
    new = {
        "state": "listed",
        "version": row.version + 1,
        "successor_id": heir,
        "supervisor_id": uow.actor.id,
        "list_sealed": uow.runtime.vault.seal_json(content),
        "list_digest": digest,
        "listed_at": uow.now,
    }
    uow.connection.execute(update(handover).where(_h.id == handover_id).values(new))
    organisation_log.write(uow, "handover.listed", handover=handover_id, digest=digest, matters=len(content["matters"]))
    return {"handover_id": handover_id, "digest": digest}


def _content(uow: UnitOfWork, row: Row[Any], heir: int) -> dict[str, Any]:
    people = chart(uow.connection).people
    things = things_of(uow.runtime, row)
    listed = matters(uow.runtime, uow.connection, uow.actor, row, uow.today)
    return {
        "number": row.number,
        "unit": organisation.unit(uow.connection, row.unit_id).name,
        "post": POST_NAMES[row.post],
        "leaver": people[row.leaver_id].name,
        "successor": people[heir].name,
        "supervisor": uow.actor.name,
        "ended_on": row.ended_on.isoformat(),
        "due_on": row.due_on.isoformat(),
        "listed_on": uow.today.isoformat(),
        "matters": [{k: v for k, v in each.items() if k != "id"} for each in listed],
        **things,
    }


def things_of(runtime: Runtime, row: Row[Any]) -> dict[str, Any]:
    """What was noted besides the open matters: registers, seals, papers (lists of lines) and a note."""
    empty: dict[str, Any] = {**{name: [] for name in THINGS}, "note": ""}
    return empty if row.things_sealed is None else {**empty, **runtime.vault.open_json(row.things_sealed)}


def sign_list(uow: UnitOfWork, *, handover_id: int, signature: Reauthentication | None = None) -> dict[str, Any]:
    """Sign the fixed list with one's own password, as leaver, successor or supervisor; ``{"handover_id", "role", "done"}``."""
    row = found(uow.connection, handover_id)
    role = role_of(row, uow.actor)
    if role is None:
        raise NotFound(what=Message(N_("移交 {id}"), {"id": handover_id}))
    confirmed(signature, uow.actor, uow.now)
    return _sign(uow, row, role, uow.actor.id, "SYSTEM", uow.today)


def note_paper_signature(uow: UnitOfWork, *, handover_id: int, role: str, signed_on: str) -> dict[str, Any]:
    """Note that leaver or successor signed the print by hand before the supervisor's eyes; ``{"handover_id", "role", "done"}``.

    For the leaver above all, who cannot sign in any more. InvalidAnswers for a day before the list or after today.
    """
    row = supervised(uow, handover_id)
    if role not in ("LEAVER", "SUCCESSOR") or uow.actor.id != row.supervisor_id:
        raise Forbidden(why=Message(N_("只有监交人可以登记移交人、接收人的手写签字")))
    problems: dict[str, list[Message]] = {}
    day = read_day(signed_on, "signed_on", problems)
    if not problems and row.listed_at is not None and not due_day(row.listed_at) <= day <= uow.today:
        bounds = {"first": due_day(row.listed_at).isoformat(), "last": uow.today.isoformat(), "seen": day.isoformat()}
        problems["signed_on"] = [Message(N_("签字日期须在 {first} 至 {last} 之间，填写的是 {seen}"), bounds)]
    if problems:
        raise InvalidAnswers(problems)
    signer = row.leaver_id if role == "LEAVER" else row.successor_id
    return _sign(uow, row, role, signer, "PAPER", day)


def role_of(row: Row[Any], actor: Actor) -> str | None:
    """As what somebody signs a list; None when she is none of the three."""
    three = {row.supervisor_id: "SUPERVISOR", row.successor_id: "SUCCESSOR", row.leaver_id: "LEAVER"}
    return three.get(actor.id)


def _sign(uow: UnitOfWork, row: Row[Any], role: str, signer: int, method: str, day: date) -> dict[str, Any]:
    if row.state != "listed":
        raise NotNow(why=Message(N_("移交清单尚未确定，或移交已经完成")))
    before = signed(uow.connection, row.id)
    if role in before:
        raise NotNow(why=Message(N_("{role}已签字"), {"role": Message(ROLES[role])}))
    given = {"handover_id": row.id, "role": role, "signer_id": signer, "method": method, "digest": row.list_digest}
    given |= {"signed_on": day, "recorded_by": uow.actor.id, "recorded_at": uow.now}
    given["mac"] = _vouched(uow.runtime, given)
    uow.connection.execute(_ADD, given)
    organisation_log.write(uow, "handover.signed", handover=row.id, role=role, signer=signer, method=method)
    done = len(before) + 1 == len(ROLES)
    if done:
        ended = update(handover).where(_h.id == row.id).values(state="done", done_at=uow.now)
        uow.connection.execute(ended)
    return {"handover_id": row.id, "role": role, "done": done}


def _vouched(runtime: Runtime, given: Mapping[str, Any]) -> str:
    return runtime.vault.vouch("handover", *(str(given[name]) for name in _BOUND))


def faults(runtime: Runtime, connection: Connection, row: Row[Any]) -> list[Message]:
    """What of a fixed list and its signatures is not as it was written; none when all is genuine."""
    found_faults = []
    if row.list_sealed is not None:
        content = runtime.vault.open_json(row.list_sealed)
        if hashlib.sha256(canonical(content)).hexdigest() != row.list_digest:
            found_faults.append(Message(N_("移交清单与确定时不符")))
    for role, each in signed(connection, row.id).items():
        genuine = runtime.vault.vouches(each.mac, "handover", *(str(getattr(each, name)) for name in _BOUND))
        if not genuine or each.digest != row.list_digest:
            found_faults.append(Message(N_("{role}的签字与签署时不符"), {"role": Message(ROLES[role])}))
    return found_faults
