"""Open sealed things for a reader: forms, papers, signatures, history. The caller has asked for permission."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, bindparam, select

from engine.fields import Vault
from engine.model import history
from engine.model_filed import document, form_version, signature

if TYPE_CHECKING:
    from engine.need_to_know import Part

_BY_CASE = {
    table: select(table).where(table.c.case_id == bindparam("b_case")).order_by(table.c.id)
    for table in (document, form_version, signature)
}
_HISTORY = select(history).where(history.c.case_id == bindparam("b_case")).order_by(history.c.seq)


@dataclass(frozen=True)
class FormVersion:
    """One stored version of a form; `answers` is its JSON data."""

    id: int
    form: str
    number: int
    task_id: int
    by_id: int
    at: datetime
    answers: Mapping[str, Any]
    digest: str


@dataclass(frozen=True)
class PaperRow:
    """A paper without its bytes."""

    id: int
    form: str
    field: str
    name: str
    media_type: str
    size: int
    sha256: str
    by_id: int
    at: datetime
    removed_at: datetime | None


@dataclass(frozen=True)
class SignatureRow:
    """A personal sign-off. `counts` is True when it is on the newest version of its form."""

    id: int
    form: str
    form_version_id: int
    signer_id: int
    signer_name: str
    post: str
    acting_for: str | None
    unit_id: int
    signed_at: datetime
    method: str
    digest: str
    counts: bool


@dataclass(frozen=True)
class Entry:
    """One history entry, opened. `content` holds what the event said (field changes under "changes")."""

    seq: int
    kind: str
    at: datetime
    actor_id: int
    post: str | None
    task_id: int | None
    element: str | None
    content: Mapping[str, Any]
    hash: str


def forms(connection: Connection, vault: Vault, case_id: int) -> tuple[FormVersion, ...]:
    """Every version of every form of a case, in the order they were written."""
    return tuple(
        FormVersion(
            row.id,
            row.form,
            row.number,
            row.task_id,
            row.by_id,
            row.at,
            vault.open_json(row.answers_sealed),
            row.digest,
        )
        for row in connection.execute(_BY_CASE[form_version], {"b_case": case_id})
    )


def newest(versions: tuple[FormVersion, ...]) -> dict[str, FormVersion]:
    """Form key → its newest version."""
    return {version.form: version for version in versions}


def papers(connection: Connection, vault: Vault, case_id: int, *, removed: bool = False) -> tuple[PaperRow, ...]:
    """The papers of a case; those taken away only when `removed` is asked for."""
    return tuple(
        PaperRow(
            row.id,
            row.form,
            row.field,
            vault.open(row.name_sealed).decode(),
            row.media_type,
            row.size,
            row.sha256,
            row.by_id,
            row.at,
            row.removed_at,
        )
        for row in connection.execute(_BY_CASE[document], {"b_case": case_id})
        if removed or row.removed_at is None
    )


def signatures(connection: Connection, case_id: int, latest: Mapping[str, FormVersion]) -> tuple[SignatureRow, ...]:
    """The signatures of a case in order; `latest` tells which of them still count."""
    found = []
    for row in connection.execute(_BY_CASE[signature], {"b_case": case_id}).mappings():
        counts = row["form"] in latest and latest[row["form"]].id == row["form_version_id"]
        plain = {k: v for k, v in row.items() if k not in ("case_id", "task_id")}
        found.append(SignatureRow(**plain, counts=counts))
    return tuple(found)


def entries(connection: Connection, vault: Vault, case_id: int) -> tuple[Entry, ...]:
    """The history of a case, opened, in order."""
    return tuple(
        Entry(
            row.seq,
            row.kind,
            row.at,
            row.actor_id,
            row.post,
            row.task_id,
            row.element,
            {k: v for k, v in vault.open_json(row.content_sealed).items() if k != "salt"},
            row.hash,
        )
        for row in connection.execute(_HISTORY, {"b_case": case_id})
    )


def forms_in(part: Part | None, versions: tuple[FormVersion, ...]) -> tuple[FormVersion, ...]:
    """The versions a reader of a part sees, with the answers she sees."""
    if part is None:
        return versions
    return tuple(replace(v, answers=part.of(v.form, v.answers)) for v in versions if v.form in part.fields)


def papers_in(part: Part | None, rows: tuple[PaperRow, ...]) -> tuple[PaperRow, ...]:
    """The papers a reader of a part sees."""
    return rows if part is None else tuple(row for row in rows if part.shows(row.form, row.field))


def signatures_in(part: Part | None, rows: tuple[SignatureRow, ...]) -> tuple[SignatureRow, ...]:
    """The signatures on forms she sees."""
    return rows if part is None else tuple(row for row in rows if row.form in part.fields)
