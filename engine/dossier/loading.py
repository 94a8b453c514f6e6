"""Read one case for printing, and, for verification, as it stood at an earlier entry of its history."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, bindparam, select

from engine import blobs
from engine.access import SYSTEM, Actor, Permission
from engine.commands.discarding import DISCARDED
from engine.dossier.record import CaseRecord, Drawn, Entry, FormVersion, Names, Paper, Signed
from engine.errors import Forbidden, NotFound, RefusedDefinition
from engine.events import Kind
from engine.flow.diagram import draw
from engine.messages import N_, Message
from engine.model_filed import document
from engine.process_type import forms_of
from engine.queries import opening
from engine.queries.case_page import case_page, drawing_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from engine.dossier.book import Directory
    from engine.queries.case_page import CasePage
    from engine.runtime import Runtime

_BLOB = select(document.c.blob_id).where(document.c.id == bindparam("b_document"))


class Nameless:
    """A directory for a record that is only compared, never shown."""

    def units(self, connection: Connection) -> Mapping[int, str]:  # noqa: ARG002
        """No names."""
        return {}

    def people(self, connection: Connection, ids: Collection[int]) -> Mapping[int, str]:  # noqa: ARG002
        """No names."""
        return {}

    def posts(self) -> Mapping[str, str]:
        """No names."""
        return {}

    def periods(self) -> Mapping[str, str]:
        """None."""
        return {}

    def policy(self, connection: Connection, policy_id: int | None) -> str:  # noqa: ARG002
        """No label."""
        return ""


def load_record(
    runtime: Runtime,
    connection: Connection,
    actor: Actor,
    case_id: int,
    *,
    directory: Directory,
    through: Permission = Permission.READ_CASE,
) -> CaseRecord:
    """The case as it stands now. NotFound for whoever may not read it, Forbidden for whoever may not print it.

    With `through`, the permission by which she reads it and may print it too. Who sees a part of it gets that part.

    The bytes of the papers are opened later, each through a connection of its own: `connection` may be closed by then.
    """
    page = case_page(runtime, connection, actor, case_id, through=through)
    if through is Permission.READ_CASE and not page.may[str(Permission.PRINT_CASE)]:
        raise Forbidden(why=Message(N_("您的岗位没有打印本件的权限")))
    drawn = [runtime.definitions.get(process.definition_id).elements for process in page.processes]
    steps = {key: element.name for elements in drawn for key, element in elements.items()}
    record = read_record(runtime, connection, page.case, directory=directory)
    whole = replace(
        record,
        names=replace(record.names, steps=steps),
        drawings=tuple(_drawn(runtime, connection, page)),
        state=_standing(page, steps),
        waiting=frozenset(row.form for row in page.open_tasks),
    )
    return whole if page.part is None else whole.within(page.part)


def read_record(
    runtime: Runtime, connection: Connection, case: Row[Any], *, directory: Directory, upto: int | None = None
) -> CaseRecord:
    """A case row's record without its drawing; with `upto`, only what the history up to that entry knows of.

    Raises Unreadable when a sealed column does not open. Asks no permission.
    """
    process = runtime.catalogue[case.kind]
    reading = _Reading(runtime, connection, case.id, upto)
    names = Names(units=directory.units(connection), posts=directory.posts(), periods=directory.periods())
    people = {**directory.people(connection, reading.person_ids()), SYSTEM.id: SYSTEM.name}
    titles = {key: str(form.title) for key, form in forms_of(runtime.catalogue, case.kind).items()}
    return CaseRecord(
        case_id=case.id,
        number=case.number,
        kind=case.kind,
        title=str(process.title),
        confidentiality=case.confidentiality,
        units=tuple(names.units.get(int(part), "") for part in case.path.split(".") if part),
        unit_id=case.unit_id,
        applied_on=case.applied_on,
        opened_at=case.created_at,
        ended_at=case.ended_at,
        outcome=case.outcome,
        state="",
        policy=directory.policy(connection, case.policy_id),
        forms=tuple(reading.forms(people, titles)),
        signatures=tuple(reading.signatures(names)),
        papers=tuple(reading.papers(people)),
        entries=tuple(reading.history(people)),
        names=names,
        drawings=(),
    )


#: ends of a case that are in no drawing
_UNDRAWN = {DISCARDED: "已删除草稿"}


class _Reading:
    """The stored rows of one case, opened once, and those of them that a stretch of its history names."""

    def __init__(self, runtime: Runtime, connection: Connection, case_id: int, upto: int | None) -> None:
        vault = runtime.vault
        self._runtime = runtime
        opened = opening.entries(connection, vault, case_id)
        self._entries = [entry for entry in opened if upto is None or entry.seq <= upto]
        self._forms = [row for row in opening.forms(connection, vault, case_id) if row.id in self._named("forms")]
        rows = opening.signatures(connection, case_id, {})
        self._signatures = [row for row in rows if row.id in self._named("signatures")]
        gone = {entry.content.get("paper") for entry in self._entries if entry.kind == Kind.DOCUMENT_REMOVED}
        kept = self._named("papers") - gone
        self._papers = [row for row in opening.papers(connection, vault, case_id, removed=True) if row.id in kept]

    def _named(self, holding: str) -> set[Any]:
        return {item["id"] for entry in self._entries for item in entry.content.get(holding, ())}

    def _absent(self, holding: str, number: int) -> str | None:
        """The name of the person in whose place a form was submitted or signed; None in her own right."""
        for entry in self._entries:
            if any(item["id"] == number for item in entry.content.get(holding, ())):
                behalf = entry.content.get("on_behalf_of")
                return str(behalf["name"]) if behalf else None
        return None

    def _acting_reason(self, signature_id: int) -> str | None:
        """Why the task at which a form was signed lay with another post than its own, as the history told it last."""
        at: int | None = None
        why: dict[int, str | None] = {}
        for entry in self._entries:
            why |= {opened["task"]: opened.get("reason") for opened in entry.content.get("opened", ())}
            if entry.kind == Kind.TASK_MOVED and entry.task_id is not None:
                why[entry.task_id] = entry.content.get("reason")
            if any(item["id"] == signature_id for item in entry.content.get("signatures", ())):
                at = entry.task_id
                break
        return None if at is None else why.get(at)

    def _writer(self, form_version_id: int, name: str) -> str:
        absent = self._absent("forms", form_version_id)
        return name if absent is None else f"{name}（代{absent}）"

    def person_ids(self) -> set[int]:
        """Everybody whose name will be printed."""
        writers = {row.by_id for row in self._forms} | {row.by_id for row in self._papers}
        return writers | {entry.actor_id for entry in self._entries}

    def forms(self, people: Mapping[int, str], titles: Mapping[str, str]) -> Iterator[FormVersion]:
        """The form versions in the order they were written."""
        for row in self._forms:
            yield FormVersion(
                id=row.id,
                key=row.form,
                title=titles.get(row.form, row.form),
                number=row.number,
                at=row.at,
                by_id=row.by_id,
                by=self._writer(row.id, people.get(row.by_id, "")),
                answers=row.answers,
                digest=row.digest,
                masked_digest=self._runtime.vault.lookups("dossier", row.digest)[0],
            )

    def signatures(self, names: Names) -> Iterator[Signed]:
        """The sign-offs in order."""
        for row in self._signatures:
            yield Signed(
                id=row.id,
                form=row.form,
                form_version_id=row.form_version_id,
                signer_id=row.signer_id,
                signer=row.signer_name,
                post_code=row.post,
                post=names.posts.get(row.post, row.post),
                acting_for_code=row.acting_for,
                acting_for=names.posts.get(row.acting_for, row.acting_for) if row.acting_for else None,
                unit_id=row.unit_id,
                unit=names.units.get(row.unit_id, ""),
                at=row.signed_at,
                method=row.method,
                digest=row.digest,
                masked_digest=self._runtime.vault.lookups("dossier", row.digest)[0],
                on_behalf_of=self._absent("signatures", row.id),
                acting_reason=self._acting_reason(row.id) if row.acting_for else None,
            )

    def papers(self, people: Mapping[int, str]) -> Iterator[Paper]:
        """The papers that had not been taken away."""
        for row in self._papers:
            yield Paper(
                id=row.id,
                form=row.form,
                field=row.field,
                name=row.name,
                media_type=row.media_type,
                size=row.size,
                sha256=row.sha256,
                at=row.at,
                by_id=row.by_id,
                by=people.get(row.by_id, ""),
                load=partial(bytes_of, self._runtime, row.id),
            )

    def history(self, people: Mapping[int, str]) -> Iterator[Entry]:
        """The entries in order."""
        for row in self._entries:
            yield Entry(
                seq=row.seq,
                at=row.at,
                kind=row.kind,
                actor_id=row.actor_id,
                actor=people.get(row.actor_id, ""),
                post_code=row.post,
                element=row.element,
                content=row.content,
                hash=row.hash,
            )


def bytes_of(runtime: Runtime, document_id: int) -> bytes:
    """The plain bytes of a paper; NotFound, or Unreadable when they were altered."""
    with runtime.reading() as connection:
        blob_id = connection.execute(_BLOB, {"b_document": document_id}).scalar()
        if blob_id is None:
            raise NotFound(what=Message(N_("材料 {id}"), {"id": document_id}))
        return b"".join(blobs.plain(connection, runtime.vault, blob_id))


def _drawn(runtime: Runtime, connection: Connection, page: CasePage) -> Iterator[Drawn]:
    """The drawing of each process with where it stands; none for a file without a picture (it may be run all the same)."""
    for process in page.processes:
        elements = runtime.definitions.get(process.definition_id).elements
        at = process.current or {process.outcome or ""}
        state = "、".join(elements[each].name for each in sorted(at) if each in elements)
        try:
            svg = draw(drawing_of(connection, process.definition_id), done=process.done, current=process.current)
        except RefusedDefinition:
            continue
        yield Drawn(str(runtime.catalogue[process.kind].title), state, svg)


def _standing(page: CasePage, steps: Mapping[str, str]) -> str:
    """Where the case is: its outcome, or the steps it waits at."""
    if page.case.outcome:
        return steps.get(page.case.outcome) or _UNDRAWN.get(page.case.outcome) or str(page.case.outcome)
    return "、".join(dict.fromkeys(row.name for row in page.open_tasks))
