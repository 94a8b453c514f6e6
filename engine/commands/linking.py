"""Cases opened from a case, and cases that belong together (`model_links`).

What begins in a case and is somebody else's business – a mediation, a joint conference, the protection of a woman who came
about something else – is a case of its own, with its own team and class. It begins with a sheet on which the first case tells
it what it must know, and nothing besides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, insert, or_, select, update

from engine.access import CONFIDENTIAL
from engine.audit import ALL_CASES
from engine.commands.entering import began, enter, next_number
from engine.commands.membership import join, keep_out_too
from engine.commands.progress import begin
from engine.errors import NotFound
from engine.events import Event, Kind
from engine.fields import digest
from engine.guard import Role
from engine.messages import N_, Message
from engine.model import case_file, definition, instance
from engine.model_filed import form_version
from engine.model_links import case_link
from engine.process_type import Linked

if TYPE_CHECKING:
    from sqlalchemy import Row

    from engine.commands.context import CaseContext
    from engine.process_type import Answers, Start

_ADD = insert(case_link)
_ADD_FORM = insert(form_version)
_GUARD = update(case_file).where(case_file.c.id == bindparam("b_case")).values(guarded=True)
_BOTH = or_(
    (case_link.c.case_id == bindparam("b_case")) & (case_file.c.id == case_link.c.other_id),
    (case_link.c.other_id == bindparam("b_case")) & (case_file.c.id == case_link.c.case_id),
)
#: the newest process of a case that is of the case's own kind: what it was opened for, whatever follows from it (a sequel)
_own = instance.alias("own")
_OWN = (
    select(func.max(_own.c.id))
    .join(definition, definition.c.id == _own.c.definition_id)
    .where(_own.c.case_id == case_file.c.id, definition.c.key == case_file.c.kind)
    .correlate(case_file)
    .scalar_subquery()
)
_LINKED = (
    select(
        case_file.c.id,
        case_file.c.number,
        case_file.c.kind,
        instance.c.status,
        instance.c.outcome,
        instance.c.ended_at,
        (case_link.c.case_id == case_file.c.id).label("later"),
    )
    .join(case_link, _BOTH)
    .join(instance, instance.c.id == _OWN, isouter=True)
    .where(case_link.c.relation == bindparam("b_relation"))
    .order_by(case_link.c.id)
)


def linked(view: CaseContext, relation: str) -> Sequence[Linked]:
    """The cases to which this one is linked in that way, the earliest link first.

    A case counts as closed once what it was opened for has ended: nobody waits for a sequel that goes on in it.
    """
    rows = view.connection.execute(_LINKED, {"b_case": view.case.id, "b_relation": relation})
    return [
        Linked(
            r.id, r.number, r.kind, "closed" if r.status == "ended" else "open", r.outcome, r.ended_at, bool(r.later)
        )
        for r in rows
    ]


def link(view: CaseContext, other_id: int, relation: str) -> None:
    """Link this case, the later one, to another; nothing happens when it is already. NotFound."""
    if other_id == view.case.id:
        raise NotFound(what=Message(N_("另一件案件")))
    other = view.work.case(other_id)
    if any(each.case_id == other_id and not each.later for each in linked(view, relation)):
        return
    content = _linked(view, view.case.id, other_id, relation)
    view.work.record(Event(Kind.CASE_LINKED, view.case.id, content={**content, **_numbered(other)}))


def open_case(
    view: CaseContext,
    kind: str,
    where: Start,
    *,
    relation: str,
    form: str,
    answers: Mapping[str, Any],
    joins: bool = True,
) -> int:
    """Open a case of `kind` from this one; returns its id.

    `answers` (JSON data, as `Form.dump` gives it) become the first version of the new case's `form`, which stands on no step of
    its drawing: its hand-over sheet. What begins in a confidential case is as confidential as that. Whoever acts is of the team
    of a guarded case as the one who took the matter in, and whoever is kept from the first case is kept from the new one (D3.1).
    Neither history gives the number of a confidential case: their teams are not the same. NotFound for an unknown kind.
    """
    process = view.work.runtime.catalogue.get(kind)
    if process is None:
        raise NotFound(what=Message(N_("事项类型 {kind}"), {"kind": kind}))
    entered, number = enter(view.work, process, where, at_least=_passed_on(view.case))
    case, kept_out = _keep_out(view, entered)
    made = view.beside(case, process)
    if entered.guarded and view.actor.id and joins:
        join(view.work, case.id, view.actor.id, Role.INTAKE)
    content = _linked(view, case.id, view.case.id, relation)
    made.submitting(form, dict(answers))
    first = _begin(made)
    handed = _file(made, form, dict(answers), first)
    view.work.record(Event(Kind.CASE_LINKED, case.id, first, content={**content, **_numbered(view.case), **handed}))
    for exclusion_id in kept_out:
        view.work.record(Event(Kind.EXCLUSION_ADDED, case.id, first, content={"exclusion": exclusion_id}))
    if case.confidentiality not in CONFIDENTIAL:
        known = {"relation": relation, "other": case.id, "other_number": number, "opened_kind": kind}
        view.work.record(Event(Kind.CASE_LINKED, view.case.id, content=known))
    return int(case.id)


def _keep_out(view: CaseContext, case: Row[Any]) -> tuple[Row[Any], Sequence[int]]:
    """The new case with whoever is kept from the first one kept from it too, and the ids of these exclusions (D3.1)."""
    kept_out = keep_out_too(view.work, view.case.id, case.id) if view.case.guarded else []
    if not kept_out or case.guarded:
        return case, kept_out
    view.work.change(case.id, _GUARD, {"b_case": case.id})
    return view.work.fresh(case.id), kept_out


def _passed_on(case: Row[Any]) -> str:
    """The class that what begins in a case has at least."""
    return str(case.confidentiality) if case.confidentiality in CONFIDENTIAL else "C0"


def _begin(made: CaseContext) -> int:
    """The new case begins and is counted; the id of its first task."""
    progress, parsed = begin(made)
    next_number(made.work, ALL_CASES)
    first = int(progress.opened[0]["task"])
    started = {**began(made.case, parsed.digest), **progress.as_json()}
    made.work.record(Event(Kind.CASE_STARTED, made.case.id, first, content=started))
    return first


def _numbered(case: Row[Any]) -> dict[str, str]:
    """A case's number for the history of another, whose readers are others; none of one that has a team or keeps somebody out."""
    hidden = case.guarded or case.confidentiality in CONFIDENTIAL
    return {} if hidden else {"other_number": case.number}


def _linked(view: CaseContext, case_id: int, other_id: int, relation: str) -> dict[str, Any]:
    row = {"case_id": case_id, "other_id": other_id, "relation": relation, "at": view.now, "by_id": view.actor.id}
    return {"link": view.work.add(case_id, _ADD, row), "relation": relation, "other": other_id}


def _file(made: CaseContext, form: str, answers: Answers, task_id: int) -> dict[str, Any]:
    row = {
        "case_id": made.case.id,
        "form": form,
        "number": 1,
        "task_id": task_id,
        "by_id": made.actor.id,
        "at": made.now,
        "answers_sealed": made.vault.seal_json(answers),
        "digest": digest(answers),
    }
    version_id = made.work.add(made.case.id, _ADD_FORM, row)
    return {"forms": [{"id": version_id, "digest": row["digest"]}], "form": form, "number": 1}
