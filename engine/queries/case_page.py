"""Everything the case page shows, read in one go for a person who may read the case."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, bindparam, select

from engine.access import Actor, Permission
from engine.commands.loading import CaseSubject, subject_of
from engine.errors import NotFound
from engine.guarding import as_if_there
from engine.messages import N_, Message
from engine.model import case_file, definition, instance, task
from engine.need_to_know import part_of
from engine.queries import opening

if TYPE_CHECKING:
    from engine.need_to_know import Part
    from engine.runtime import Runtime

_CASE = select(case_file).where(case_file.c.id == bindparam("b_id"))
_TASKS = select(task).where(task.c.case_id == bindparam("b_id")).order_by(task.c.id)
_PROCESSES = (
    select(
        instance.c.id,
        instance.c.definition_id,
        instance.c.status,
        instance.c.outcome,
        instance.c.started_at,
        instance.c.ended_at,
        definition.c.key,
        definition.c.version,
        definition.c.digest,
    )
    .join(definition, definition.c.id == instance.c.definition_id)
    .where(instance.c.case_id == bindparam("b_id"))
    .order_by(instance.c.id)
)
_ASKED = (Permission.READ_HISTORY, Permission.PRINT_CASE, Permission.WITHDRAW_CASE)
#: what nobody does who sees a part
_OF_THE_WHOLE = (Permission.READ_HISTORY, Permission.KEEP_CONTACT, Permission.READ_READERS)
_DRAWING = select(definition.c.bpmn).where(definition.c.id == bindparam("b_id"))


@dataclass(frozen=True)
class ProcessRow:
    """One process of a case on its own drawing: where it stands, or the end event it came to (`outcome`)."""

    id: int
    kind: str
    definition_id: int
    version: int
    digest: str
    status: str
    outcome: str | None
    started_at: datetime
    ended_at: datetime | None
    #: element ids passed so far, and those where it stands now
    done: frozenset[str]
    current: frozenset[str]


@dataclass(frozen=True)
class CasePage:
    """A case as its readers see it. `case` and `tasks` are rows of `model.case_file` and `model.task`."""

    case: Row[Any]
    tasks: tuple[Row[Any], ...]
    forms: tuple[opening.FormVersion, ...]
    papers: tuple[opening.PaperRow, ...]
    signatures: tuple[opening.SignatureRow, ...]
    history: tuple[opening.Entry, ...]
    #: the processes of the case in the order they were started; never empty
    processes: tuple[ProcessRow, ...]
    may: Mapping[str, bool]
    #: the case as the rules ask about it
    subject: CaseSubject
    #: what the reader sees of it; None for all
    part: Part | None = None

    @property
    def latest(self) -> ProcessRow:
        """The process the case is at, or ended with."""
        return self.processes[-1]

    @property
    def open_tasks(self) -> tuple[Row[Any], ...]:
        """The steps the case stands at."""
        return tuple(row for row in self.tasks if row.state == "open")

    @property
    def due_at(self) -> datetime | None:
        """The nearest due date of an open step."""
        return min((row.due_at for row in self.open_tasks if row.due_at), default=None)

    @property
    def newest(self) -> dict[str, opening.FormVersion]:
        """Form key → newest version."""
        return opening.newest(self.forms)


def case_page(
    runtime: Runtime,
    connection: Connection,
    actor: Actor,
    case_id: int,
    *,
    through: Permission = Permission.READ_CASE,
) -> CasePage:
    """Read a case. Whoever may not read it (`through` that permission) is told that it does not exist (NotFound).

    Who works on a part of it sees that part, and no history (`need_to_know`).
    """
    case = readable_case(runtime, connection, actor, case_id, through=through)
    part = part_of(runtime, connection, actor, case) if through is Permission.READ_CASE else None
    key = {"b_id": case_id}
    tasks = tuple(connection.execute(_TASKS, key).all())
    forms = opening.forms(connection, runtime.vault, case_id)
    history = opening.entries(connection, runtime.vault, case_id)
    subject = subject_of(connection, case)
    asked = (*_ASKED, Permission.COMMENT_CASE, Permission.READ_READERS, Permission.KEEP_CONTACT)
    may = {str(p): runtime.rules.permits(actor, p, subject) for p in asked}
    if part is not None:
        may |= dict.fromkeys(map(str, _OF_THE_WHOLE), False)
    return CasePage(
        case=case,
        tasks=tasks,
        forms=opening.forms_in(part, forms),
        papers=opening.papers_in(part, opening.papers(connection, runtime.vault, case_id)),
        signatures=opening.signatures_in(part, opening.signatures(connection, case_id, opening.newest(forms))),
        history=history if part is None else (),
        processes=tuple(_processes(connection.execute(_PROCESSES, key).all(), tasks, history)),
        may=may,
        subject=subject,
        part=part,
    )


def readable_case(
    runtime: Runtime,
    connection: Connection,
    actor: Actor,
    case_id: int,
    *,
    through: Permission = Permission.READ_CASE,
) -> Row[Any]:
    """The case row, or NotFound for everyone who may not read it: a closed door looks like no door."""
    case = connection.execute(_CASE, {"b_id": case_id}).one_or_none()
    if case is None or not runtime.rules.permits(actor, through, subject_of(connection, case)):
        as_if_there(connection, case)
        raise NotFound(what=Message(N_("案件 {id}"), {"id": case_id}))
    return case


def drawing_of(connection: Connection, definition_id: int) -> bytes:
    """The BPMN file of a definition."""
    return bytes(connection.execute(_DRAWING, {"b_id": definition_id}).scalar_one())


def _processes(
    rows: Sequence[Any], tasks: Sequence[Row[Any]], history: tuple[opening.Entry, ...]
) -> Iterator[ProcessRow]:
    for row in rows:
        current = frozenset(t.element for t in tasks if t.state == "open" and t.instance_id == row.id)
        done = _passed(history, row.id, rows[0].id) | {row.outcome or ""}
        yield ProcessRow(
            id=row.id,
            kind=row.key,
            definition_id=row.definition_id,
            version=row.version,
            digest=row.digest,
            status=row.status,
            outcome=row.outcome,
            started_at=row.started_at,
            ended_at=row.ended_at,
            done=done - current - {""},
            current=current,
        )


def _passed(history: tuple[opening.Entry, ...], instance_id: int, first: int) -> frozenset[str]:
    """What a process has passed; entries from before a case could hold several name none and belong to the first."""
    own = (entry.content for entry in history if entry.content.get("instance", first) == instance_id)
    return frozenset(element for content in own for element in content.get("passed", ()))
