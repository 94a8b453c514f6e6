"""The class of a case (密级): raised by whoever works on it, lowered by one person and confirmed by another (D2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, bindparam, insert, select, update

from engine.access import CLASSES, CONFIDENTIAL, Permission
from engine.commands.guarded_work import settle
from engine.commands.leading import able, tell_appointing, tell_leaders
from engine.commands.loading import subject_of
from engine.commands.membership import is_member, join
from engine.commands.offspring import opened_from
from engine.commands.signing import Reauthentication, confirmed
from engine.commands.teams import checked_reason, opened
from engine.commands.telling import tell_person
from engine.errors import Forbidden, InvalidAnswers, NotFound, NotNow
from engine.events import Event, Kind
from engine.guard import Role
from engine.messages import N_, Message
from engine.model import case_file
from engine.model_teams import class_change

if TYPE_CHECKING:
    from engine.commands.loading import CaseSubject
    from engine.unit_of_work import UnitOfWork

#: the class of which nobody outside the team knows
_SEALED = "C4"

_SET = update(case_file).where(case_file.c.id == bindparam("b_case")).values(confidentiality=bindparam("b_class"))
_ADD = insert(class_change)
_ASKED = select(class_change).where(class_change.c.case_id == bindparam("b_case"), class_change.c.state == "asked")
_ONE = select(class_change).where(class_change.c.id == bindparam("b_id"))
_DECIDE = (
    update(class_change)
    .where(class_change.c.id == bindparam("b_id"), class_change.c.state == "asked")
    .values(state=bindparam("b_state"), decided_by=bindparam("b_by"), decided_at=bindparam("b_now"))
)


def raise_class(uow: UnitOfWork, *, case_id: int, to: str, reason: str) -> dict[str, Any]:
    """Make a case more confidential, at once; ``{"case_id", "class", "returned": [task ids]}``.

    From C3 on it is its team's alone: whoever raises it joins, and what lay with others goes back to the pool of its post. A
    lowering that was asked for falls, and what was opened from the case becomes confidential with it. C4 is reached from C3
    alone, and never by one person alone (`_unsealable`). NotFound, Forbidden, InvalidAnswers ("class", "reason").
    """
    subject = opened(uow, case_id, Permission.RAISE_CLASS)
    problems: dict[str, list[Message]] = {}
    why = checked_reason(reason, problems)
    if to not in CLASSES or CLASSES.index(to) <= CLASSES.index(subject.confidentiality):
        problems["class"] = [_must_be("高于", subject.confidentiality, to)]
    elif to == _SEALED and (refusal := _unsealable(uow, subject)) is not None:
        problems["class"] = [refusal]
    if problems:
        raise InvalidAnswers(problems)
    return {"case_id": case_id, "class": to, "returned": _made(uow, subject, to, why)}


def make_confidential(uow: UnitOfWork, case_id: int, why: str) -> None:
    """Make a case C3 because of what it tells; who wrote it down stays until a manager is appointed. Asks no permission."""
    subject = subject_of(uow.connection, uow.fresh(case_id))
    if subject.confidentiality not in CONFIDENTIAL:
        _made(uow, subject, CONFIDENTIAL[0], why)


def _made(uow: UnitOfWork, subject: CaseSubject, to: str, why: str) -> list[int]:
    if to in CONFIDENTIAL and not is_member(uow, subject.guard):
        join(uow, subject.id, uow.actor.id, Role.INTAKE, why)
    returned = _raised(uow, subject, to, why)
    if to in CONFIDENTIAL:
        pass_on_class(uow, subject.id, why)
    return returned


def pass_on_class(uow: UnitOfWork, case_id: int, why: str) -> None:
    """Make whatever was opened from a confidential case confidential as well. Asks no permission."""
    for child in opened_from(uow.connection, case_id):
        subject = subject_of(uow.connection, uow.fresh(child))
        if subject.confidentiality not in CONFIDENTIAL:
            _raised(uow, subject, CONFIDENTIAL[0], why)
            pass_on_class(uow, child, why)


def _raised(uow: UnitOfWork, subject: CaseSubject, to: str, why: str) -> list[int]:
    """Write a higher class and tell whoever leads the case; the ids of the tasks that went back."""
    case_id = subject.id
    for asked in uow.connection.execute(_ASKED, {"b_case": case_id}).all():
        _close(uow, asked, "withdrawn")
    uow.change(case_id, _SET, {"b_case": case_id, "b_class": to})
    _write(uow, subject, to, why, "done")
    uow.record(Event(Kind.CLASS_RAISED, case_id, content={"old": subject.confidentiality, "new": to, "reason": why}))
    returned = settle(uow, case_id)
    now = subject_of(uow.connection, uow.fresh(case_id))
    tell_leaders(uow, now, "class.raised", but=uow.actor.id, tasks=returned)
    if subject.confidentiality not in CONFIDENTIAL and able(uow, now, manager=True):
        tell_appointing(uow, now, "class.raised", tasks=returned)
    return returned


def ask_lowering(
    uow: UnitOfWork, *, case_id: int, to: str, reason: str, proof: Reauthentication | None
) -> dict[str, Any]:
    """Ask that a case become less confidential; a second person decides. ``{"case_id", "change_id"}``.

    NotFound, Forbidden, NotNow while another request waits, InvalidAnswers ("class", "reason"), SignatureRequired without a
    fresh proof of who she is.
    """
    subject = opened(uow, case_id, Permission.LOWER_CLASS)
    _require_unbiased(uow, subject)
    problems: dict[str, list[Message]] = {}
    why = checked_reason(reason, problems)
    if to not in CLASSES or CLASSES.index(to) >= CLASSES.index(subject.confidentiality):
        problems["class"] = [_must_be("低于", subject.confidentiality, to)]
    if problems:
        raise InvalidAnswers(problems)
    if uow.connection.execute(_ASKED, {"b_case": case_id}).first() is not None:
        raise NotNow(why=Message(N_("已有一份降低密级的申请待确认")))
    confirmed(proof, uow.actor, uow.now)
    change_id = _write(uow, subject, to, why, "asked")
    content = {"change": change_id, "old": subject.confidentiality, "new": to, "reason": why}
    uow.record(Event(Kind.LOWERING_ASKED, case_id, content=content))
    tell_leaders(uow, subject, "class.lowering", but=uow.actor.id, by=uow.actor.id)
    return {"case_id": case_id, "change_id": change_id}


def decide_lowering(
    uow: UnitOfWork, *, case_id: int, change_id: int, agree: bool, proof: Reauthentication | None
) -> dict[str, Any]:
    """Confirm or refuse, as a second person, that a case becomes less confidential; ``{"case_id", "class"}``.

    NotFound, also for a request that is not the case's; Forbidden, for whoever asked as well; NotNow when it is decided;
    SignatureRequired without a fresh proof of who she is.
    """
    subject = opened(uow, case_id, Permission.CONFIRM_LOWERING)
    asked = uow.connection.execute(_ONE, {"b_id": change_id}).one_or_none()
    if asked is None or asked.case_id != case_id:
        raise NotFound(what=Message(N_("降低密级的申请 {id}"), {"id": change_id}))
    _require_unbiased(uow, subject, asked.asked_by)
    if asked.state != "asked" or asked.old != subject.confidentiality:
        raise NotNow(why=Message(N_("此申请已有决定或已失效，密级未作更改")))
    confirmed(proof, uow.actor, uow.now)
    _close(uow, asked, "done" if agree else "refused")
    content = {"change": asked.id, "old": asked.old, "new": asked.new, "agree": agree, "asked_by": asked.asked_by}
    uow.record(Event(Kind.LOWERING_DECIDED, asked.case_id, content=content))
    if agree:
        uow.change(asked.case_id, _SET, {"b_case": asked.case_id, "b_class": asked.new})
        settle(uow, asked.case_id)
    tell_person(uow, asked.case_id, asked.asked_by, "class.decided", agree=agree)
    return {"case_id": asked.case_id, "class": asked.new if agree else asked.old}


def _require_unbiased(uow: UnitOfWork, subject: CaseSubject, asked_by: int | None = None) -> None:
    refusal = uow.runtime.rules.lowering_refused(uow.connection, uow.actor, subject, asked_by)
    if refusal is not None:
        raise Forbidden(why=refusal)


def _write(uow: UnitOfWork, subject: CaseSubject, to: str, why: str, state: str) -> int:
    done = state == "done"
    row = {
        "case_id": subject.id,
        "old": subject.confidentiality,
        "new": to,
        "reason_sealed": uow.runtime.vault.seal(why.encode()),
        "asked_by": uow.actor.id,
        "asked_at": uow.now,
        "state": state,
        "decided_by": uow.actor.id if done else None,
        "decided_at": uow.now if done else None,
    }
    return uow.add(subject.id, _ADD, row)


def _close(uow: UnitOfWork, asked: Row[Any], state: str) -> None:
    decided = {"b_id": asked.id, "b_state": state, "b_by": uow.actor.id, "b_now": uow.now}
    if uow.change(asked.case_id, _DECIDE, decided).rowcount != 1:
        raise NotNow(why=Message(N_("此申请已有决定或已失效，密级未作更改")))


def _unsealable(uow: UnitOfWork, subject: CaseSubject) -> Message | None:
    """Why a case cannot become C4; None when it can. Whoever sealed one alone could hide it, and lose it for everybody."""
    if subject.confidentiality != "C3":
        text = N_("须先提高到 C3（权益部随即得知），再由团队提高到 C4；现在的密级是 {now}")
        return Message(text, {"now": subject.confidentiality})
    if not able(uow, subject, manager=True):
        return Message(N_("C4 只有团队成员能看到：请先由权益部指定在任的承办人"))
    if not set(able(uow, subject)) - {uow.actor.id}:
        return Message(N_("C4 只有团队成员能看到：团队中除您以外，须另有一名在任、可看全案的成员"))
    return None


def _must_be(relation: str, present: str, seen: str) -> Message:
    texts = {
        "高于": N_("新的密级须高于现在的 {present}（可选至 C4），收到的是“{seen}”"),
        "低于": N_("新的密级须低于现在的 {present}，收到的是“{seen}”"),
    }
    return Message(texts[relation], {"present": present, "seen": seen[:10]})
